"""Which of the tasks with known answers are gold tasks: as many of each option as can be."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence


def evenly(truth: Sequence[int] | Mapping[int, int], order: Iterable[int]) -> list[int]:
    """The tasks of a random `order`, dealt out option by option: take the first so many."""
    turns: dict[int, int] = {}
    dealt: list[tuple[int, int]] = []
    for task in order:
        option = int(truth[task])
        turns[option] = turns.get(option, 0) + 1
        dealt.append((turns[option], int(task)))
    return [task for _, task in sorted(dealt, key=lambda pair: pair[0])]


def draw(known: Mapping[int, int], count: int, tasks: bytes) -> dict[int, int]:
    """`count` of the known answers (task -> option), evenly over the options, by task number.

    What is drawn depends on the known answers, all of them, and on `tasks`, the root of the
    manifest, and on nothing else: a file that is read again means the same round, and who does not
    know all the answers cannot tell which are drawn.
    """
    answers = ",".join(f"{task}:{option}" for task, option in sorted(known.items()))
    seed = hashlib.sha256(tasks + answers.encode()).digest()

    def lot(task: int) -> bytes:
        return hashlib.sha256(seed + str(task).encode()).digest()

    drawn = evenly(known, sorted(known, key=lot))[:count]
    return {task: known[task] for task in sorted(drawn)}
