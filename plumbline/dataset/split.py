"""Items for training, and items to test on."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from plumbline.dataset.records import Dataset, LabeledItem

Row = Mapping[str, object]
"""Plain data by the name of its column; a column that is left out is null."""

_DRAWS: Final = 2**64


class Split(StrEnum):
    """What an item is for."""

    TRAIN = "train"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class SplitDataset:
    """A dataset whose items are divided; `test_percent` of them are to test on, about.

    desirable    the options that make a completion one that a model should give, by name; none if
                 nobody says

    An item is never cut, and items of one group stay together. Where an item goes follows from its
    name, or that of its group, and from nothing else: more items move none of the others.
    """

    dataset: Dataset
    test_percent: int
    desirable: tuple[str, ...] = ()

    def split_of(self, item: LabeledItem) -> Split:
        """Whether an item is to train or to test on."""
        kind, name = ("item", item.name) if item.group is None else ("group", item.group)
        digest = hashlib.sha256(f"{kind} {name}".encode()).digest()
        draw = int.from_bytes(digest[:8], "big")
        return Split.TEST if draw * 100 < self.test_percent * _DRAWS else Split.TRAIN

    def rows(self, rows_of: Callable[[LabeledItem], Iterable[Row]]) -> dict[Split, list[Row]]:
        """The rows that each item gives, by its split, in the order of the items."""
        found: dict[Split, list[Row]] = {split: [] for split in Split}
        for item in self.dataset.items:
            found[self.split_of(item)].extend(rows_of(item))
        return found
