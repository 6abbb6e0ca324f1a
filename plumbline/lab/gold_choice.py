"""Which tasks a requester takes for gold tasks: as many of each option as can be."""

from collections.abc import Iterable, Sequence


def evenly(truth: Sequence[int], order: Iterable[int]) -> list[int]:
    """The tasks of a random `order`, dealt out option by option: the first few make good golds."""
    turns: dict[int, int] = {}
    dealt: list[tuple[int, int]] = []
    for task in order:
        option = int(truth[task])
        turns[option] = turns.get(option, 0) + 1
        dealt.append((turns[option], int(task)))
    return [task for _, task in sorted(dealt, key=lambda pair: pair[0])]
