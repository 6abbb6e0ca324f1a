"""In how many ways the labelers of a dataset seem to read its question: about the question, and
naming nobody."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from plumbline.dataset.records import Dataset
from plumbline.forensics import readings_of

_ROUNDS: Final = 20  # that are looked at, those of most labelers
_TASKS: Final = 12  # that split them, by name


@dataclass(frozen=True, slots=True)
class RoundReadings:
    """A round whose labelers seem to read the question in more than one way.

    sizes   labelers who share each reading, the largest first
    tasks   names of some tasks on which the readings clearly differ
    split   how many there are
    """

    round_id: int
    sizes: tuple[int, ...]
    tasks: tuple[str, ...]
    split: int


def readings(dataset: Dataset) -> tuple[RoundReadings, ...]:
    """The rounds in which there is more than one reading, of the largest, in their order."""
    by_size = sorted(dataset.rounds, key=lambda each: (-each.labelers, each.round_id))
    asked: dict[int, list[tuple[str, dict[str, int]]]] = {
        number: [] for number in sorted(each.round_id for each in by_size[:_ROUNDS])
    }
    for item in dataset.items:
        for task in item.tasks:
            said: dict[int, dict[str, int]] = {}
            for answer in task.answers:
                said.setdefault(answer.place.round_id, {})[answer.labeler] = answer.option
            for number in said.keys() & asked.keys():
                asked[number].append((task.name, said[number]))
    options = len(dataset.question.options)
    return tuple(
        found for number, answers in asked.items() for found in _of_round(number, answers, options)
    )


def _of_round(
    number: int, answers: Sequence[tuple[str, Mapping[str, int]]], options: int
) -> Iterator[RoundReadings]:
    labelers = sorted({labeler for _, said in answers for labeler in said})
    rows = [[said.get(labeler) for _, said in answers] for labeler in labelers]
    found = readings_of(rows, options)
    if found is not None and len(found.sizes) > 1:
        split = [answers[task][0] for task in found.split]
        yield RoundReadings(number, found.sizes, tuple(split[:_TASKS]), len(split))
