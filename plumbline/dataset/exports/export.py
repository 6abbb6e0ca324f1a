"""What all that a dataset can be written as has in common.

A table has rows for training and for testing. It is written as Parquet under `data/`, is described
in the card, and is loaded under its name by `datasets.load_dataset(FOLDER, NAME)`. Whatever else a
program wants goes into files of its own.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from plumbline.dataset.split import Row, Split, SplitDataset
from plumbline.questions.question import Question


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    type      of Arrow: what Parquet holds
    meaning   in a few words, for the card
    classes   if its texts are names of classes: all of them, in order
    entries   if it is a list of numbers: what each of them is about, in order
    """

    name: str
    type: pa.DataType
    meaning: str
    classes: tuple[str, ...] = ()
    entries: tuple[str, ...] = ()

    @property
    def headings(self) -> list[str]:
        """What it is called where a cell holds one number: each of its entries apart."""
        return [f"{self.name} {entry}" for entry in self.entries] or [self.name]


@dataclass(frozen=True, slots=True)
class DatasetTable:
    """Rows that are loaded under a name.

    meaning   what a row is, in a few words, for the card
    rows      by split; each has no other keys than the names of the columns
    tasks     what it is for, in the words of the Hub, like `text-classification`
    """

    name: str
    meaning: str
    columns: tuple[Column, ...]
    rows: Mapping[Split, Sequence[Row]]
    tasks: tuple[str, ...] = ()

    @property
    def schema(self) -> pa.Schema:
        """Its columns, for Arrow."""
        return pa.schema([(column.name, column.type) for column in self.columns])


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file of the folder; `path` is from the folder, with `/` between its parts."""

    path: str
    content: bytes


class DatasetExport:
    """What a program, or a kind of training, takes."""

    def suits(self, question: Question) -> bool:
        """Whether labels of that question make anything that it takes."""
        del question
        return True

    def tables(self, source: SplitDataset) -> Sequence[DatasetTable]:
        """Tables for `datasets`, each under a name of its own."""
        del source
        return ()

    def files(self, source: SplitDataset) -> Iterator[ExportedFile]:
        """Files besides."""
        del source
        yield from ()

    def notes(self, source: SplitDataset) -> Sequence[str]:
        """What a requester should know of it: what is left out, and why. A sentence each."""
        del source
        return ()
