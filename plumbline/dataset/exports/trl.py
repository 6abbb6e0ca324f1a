"""What the trainers of TRL take: pairs for DPO and reward models, completions for KTO and SFT.

Text is written as it was shown, for models that go on with a text, and once more as turns of a
conversation, for models that chat; what was shown as turns is written as turns only. Trainers
ignore all other columns, so what they tell of a row is there to choose rows by.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import pyarrow as pa

from plumbline.dataset.conversations import ASSISTANT, USER, Content, turns_of
from plumbline.dataset.exports.export import Column, DatasetExport, DatasetTable, ExportedFile
from plumbline.dataset.exports.json_lines import to_json
from plumbline.dataset.exports.labels import rounded
from plumbline.dataset.exports.parquet import splits_of
from plumbline.dataset.records import LabeledItem
from plumbline.dataset.split import Row, SplitDataset
from plumbline.dataset.training import (
    Comparison,
    Evidence,
    JudgedCompletion,
    Lessons,
    prompted,
    teaching,
)
from plumbline.questions.checklist import Checklist
from plumbline.questions.question import Question

CONVERSATIONAL: Final = "_conversational"
"""The end of the name of a table whose texts are turns."""

_TURNS: Final = pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))
_ROLES: Final = {
    "prompt": USER,
    "chosen": ASSISTANT,
    "rejected": ASSISTANT,
    "completion": ASSISTANT,
}
_MEANINGS: Final = {
    "prompt": "what is replied to",
    "chosen": "the better of two",
    "rejected": "the other",
    "margin": "by how much it is better: the logarithm of the odds that it is preferred",
    "completion": "what a model may reply",
    "label": "whether it should",
}
_ABOUT: Final = (
    Column("id", pa.string(), "of the item"),
    Column("confidence", pa.float64(), "how likely the row is right"),
    Column("votes_for", pa.int64(), "answers that are heard and say what the row says"),
    Column("votes_against", pa.int64(), "answers that are heard and say something else"),
    Column("rounds", pa.list_(pa.int64()), "where the answers are on the chain"),
)
_TASKS: Final = ("reinforcement-learning", "text-generation")


class Trl(DatasetExport):
    """A table for each trainer that the labels teach something, and the same as JSON Lines."""

    def suits(self, question: Question) -> bool:
        return not isinstance(question, Checklist)

    def tables(self, source: SplitDataset) -> Sequence[DatasetTable]:
        return [table for trainer in _trainers(source) for table in trainer.tables(source)]

    def files(self, source: SplitDataset) -> Iterator[ExportedFile]:
        for table in self.tables(source):
            for split in splits_of(table):
                lines = "".join(f"{to_json(table.columns, row)}\n" for row in table.rows[split])
                yield ExportedFile(f"trl/{table.name}-{split.value}.jsonl", lines.encode())

    def notes(self, source: SplitDataset) -> Sequence[str]:
        noted: dict[str, list[str]] = {}
        for trainer in _trainers(source):
            for note in _notes(trainer.lessons):
                noted.setdefault(note, []).append(trainer.name)
        return [f"{note} ({', '.join(names)})" for note, names in noted.items()]


_Value = Content | float | bool
_Lesson = TypeVar("_Lesson", Comparison, JudgedCompletion)


@dataclass(frozen=True, slots=True)
class _Example:
    """A row: its fields for the trainer, and how sure it is."""

    fields: Mapping[str, _Value]
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class _Trainer:
    """A trainer, and what it is taught; `meaning` is what a row is."""

    name: str
    meaning: str
    lessons: Lessons[_Example]

    def tables(self, source: SplitDataset) -> Iterator[DatasetTable]:
        """Its rows as they were shown, if that is all text, and as turns."""
        examples = self.lessons.all
        if not examples:
            return
        contents = [example.fields.get(name, "") for example in examples for name in _ROLES]
        is_text = all(isinstance(content, str) for content in contents)
        if is_text:
            yield self._table(source, self.name, pa.string(), lambda content, role: content)
        # A conversation begins with what somebody asks.
        if "prompt" in examples[0].fields or not is_text:
            yield self._table(source, self.name + CONVERSATIONAL, _TURNS, turns_of)

    def _table(
        self,
        source: SplitDataset,
        name: str,
        content_type: pa.DataType,
        written: Callable[[Content, str], object],
    ) -> DatasetTable:
        types = {"margin": pa.float64(), "label": pa.bool_()}
        columns = tuple(
            Column(field, types.get(field, content_type), _MEANINGS[field])
            for field in self.lessons.all[0].fields
        )

        def rows_of(item: LabeledItem) -> Iterator[Row]:
            for example in self.lessons.of_item.get(item.name, ()):
                evidence = example.evidence
                yield {
                    **{
                        field: value
                        if isinstance(value, (bool, float))
                        else written(value, _ROLES[field])
                        for field, value in example.fields.items()
                    },
                    "id": item.name,
                    "confidence": rounded([evidence.confidence])[0],
                    "votes_for": evidence.votes_for,
                    "votes_against": evidence.votes_against,
                    "rounds": list(evidence.rounds),
                }

        return DatasetTable(name, self.meaning, (*columns, *_ABOUT), source.rows(rows_of), _TASKS)


def _trainers(source: SplitDataset) -> list[_Trainer]:
    """All trainers, whether the labels teach them something or not."""
    found = teaching(source.dataset, source.desirable)
    with_prompt = prompted(found.pairs)
    return [
        _Trainer("dpo", "a pair for DPO", _examples(with_prompt, _pair)),
        _Trainer("reward", "a pair for a reward model", _examples(found.pairs, _pair_with_margin)),
        _Trainer("kto", "a completion for KTO, good or not", _examples(found.judged, _judged)),
        _Trainer("sft", "a completion to learn from", _examples(found.good, _completion)),
    ]


def _notes(lessons: Lessons[_Example]) -> Iterator[str]:
    """What is left out, and why."""
    if lessons.missing is not None:
        yield f"no rows for training: {lessons.missing}"
        return
    if lessons.left_out:
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in lessons.left_out.items())
        yield f"left out: {reasons}"
    if lessons.unused:
        yield f"shown, and in no row: {', '.join(lessons.unused)}"


def _examples(
    lessons: Lessons[_Lesson], fields: Callable[[_Lesson], dict[str, _Value]]
) -> Lessons[_Example]:
    rows = {
        name: [_Example(fields(lesson), lesson.evidence) for lesson in each]
        for name, each in lessons.of_item.items()
    }
    return Lessons(rows, lessons.left_out, lessons.missing, lessons.unused)


def _pair(pair: Comparison) -> dict[str, _Value]:
    head: dict[str, _Value] = {} if pair.prompt is None else {"prompt": pair.prompt}
    return {**head, "chosen": pair.chosen, "rejected": pair.rejected}


def _pair_with_margin(pair: Comparison) -> dict[str, _Value]:
    return {**_pair(pair), "margin": rounded([pair.margin])[0]}


def _completion(judged: JudgedCompletion) -> dict[str, _Value]:
    return {"prompt": judged.prompt, "completion": judged.completion}


def _judged(judged: JudgedCompletion) -> dict[str, _Value]:
    return {**_completion(judged), "label": judged.is_good}
