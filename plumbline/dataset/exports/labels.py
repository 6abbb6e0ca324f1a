"""The labels, a row an item, and the answers that they were made from, a row an answer."""

from collections.abc import Iterator, Sequence
from typing import Final

import pyarrow as pa

from plumbline.dataset.comparing import compares_pairs, strengths_of
from plumbline.dataset.exports.export import Column, DatasetExport, DatasetTable
from plumbline.dataset.exports.own_fields import OwnFields, as_text
from plumbline.dataset.records import Dataset, GivenAnswer, LabeledItem, LabeledTask
from plumbline.dataset.split import Row, SplitDataset
from plumbline.protocol.media import media_in
from plumbline.questions.question import Layout, Question
from plumbline.settlement.labels import Label
from plumbline.settlement.results import Band

_DIGITS: Final = 6  # of a probability: more would be the noise of another machine
_BANDS: Final = {band: band.label for band in Band}


class Labels(DatasetExport):
    """The tables `labels` and `answers`."""

    def tables(self, source: SplitDataset) -> Sequence[DatasetTable]:
        return labels_table(source), _answers_table(source)

    def notes(self, source: SplitDataset) -> Sequence[str]:
        splits = {source.split_of(item) for item in source.dataset.items}
        if len(splits) > 1 or not source.test_percent:
            return ()
        (split,) = splits
        return (
            f"all items are in the split {split.value}: there are few, or they are of one group, "
            "which is not torn apart",
        )


def labels_table(source: SplitDataset) -> DatasetTable:
    """A row for each item."""
    items = LabelRows(source)
    return DatasetTable(
        "labels",
        "an item with its label",
        items.columns,
        source.rows(lambda item: [items.row(item)]),
        _categories(source.dataset),
    )


def _categories(dataset: Dataset) -> tuple[str, ...]:
    """What labels are for, in the words of the Hub."""
    shown = media_in([item.item.shown for item in dataset.items])
    kinds = {str(media.type).partition("/")[0] for media in shown}
    if dataset.question.has_own_choices:
        return () if kinds else ("text-ranking",)
    what = next((kind for kind in ("image", "audio") if kind in kinds), "text")
    return (f"{what}-classification",)


def rounded(values: Sequence[float]) -> list[float]:
    """Probabilities as they are written."""
    return [round(value, _DIGITS) for value in values]


class LabelRows:
    """The columns of labels, and how an item fills them."""

    def __init__(self, source: SplitDataset) -> None:
        dataset = source.dataset
        self._source = source
        self._question = dataset.question
        self._has_item_groups = bool(dataset.by_group)
        self._has_labeler_groups = bool(dataset.by_labelers)
        first, *rest = self._fixed_columns()
        taken = [name for column in (first, *rest) for name in (column.name, *column.headings)]
        self._own = OwnFields.of(dataset.items, dataset.question, taken)
        self.columns = (first, *self._own.columns, *rest)

    def _fixed_columns(self) -> tuple[Column, ...]:
        question = self._question
        kind, classes = _label_type(question)
        parts = question.has_parts
        counts, chances = pa.list_(pa.int64()), pa.list_(pa.float64())
        each = ", of each of its tasks" if parts else ""
        entries = () if parts else question.options
        columns = [Column("id", pa.string(), "what its requester calls the item")]
        if question.has_own_choices:
            columns.append(
                Column("choices", pa.list_(pa.string()), "the things, as they were shown")
            )
        if self._has_item_groups:
            columns.append(Column("group", pa.string(), "what the item belongs together with"))
        columns += [
            Column("label", kind, _label_meaning(question), classes),
            Column("confidence", pa.float64(), "how likely the label is right as a whole"),
            Column(
                "distribution",
                pa.list_(chances) if parts else chances,
                f"how likely each option is, in their order{each}",
                entries=entries,
            ),
            Column(
                "votes",
                pa.list_(counts) if parts else counts,
                f"answers that are heard for each option{each}",
                entries=entries,
            ),
        ]
        if question.has_own_choices:
            columns.append(Column("strengths", chances, "of the things; they sum to 1"))
        columns += [
            Column(
                "is_contested", pa.bool_(), "whether a vote was too close to count for everyone"
            ),
            Column("is_gold", pa.bool_(), "whether the requester knew an answer, as a gold task"),
            Column("gold", kind, "the gold answer, where all of it was known", classes),
            Column("method", pa.string(), "how the label was made"),
        ]
        if self._has_labeler_groups:
            share = [
                ("group", pa.string()),
                ("task", pa.string()),
                ("votes", counts),
                ("distribution", chances),
            ]
            columns.append(
                Column("groups", pa.list_(pa.struct(share)), "what each group of labelers says")
            )
        place = pa.struct([("round", pa.int64()), ("task", pa.int64())])
        about = [("choices", counts)] if parts else []
        task = [("name", pa.string()), *about, ("places", pa.list_(place))]
        answer = [
            ("labeler", pa.string()),
            ("answer", kind if question.layout is Layout.NUMBER else pa.string()),
            ("is_heard", pa.bool_()),
            ("band", pa.string()),
            ("round", pa.int64()),
            ("task", pa.int64()),
        ]
        columns += [
            Column("answers", pa.list_(pa.struct(answer)), "who answered what, heard or not"),
            Column("tasks", pa.list_(pa.struct(task)), _tasks_meaning(question)),
            Column("split", pa.string(), "train or test"),
        ]
        return tuple(columns)

    def row(self, item: LabeledItem) -> Row:
        """An item, by the names of the columns."""
        question = self._question
        single = not question.has_parts
        distributions = [rounded(task.distribution) for task in item.tasks]
        votes = [list(task.votes) for task in item.tasks]
        row: dict[str, object] = {
            "id": item.name,
            **self._own.row(item),
            "group": item.group,
            "label": _as_label(question, item.label),
            "confidence": None if item.confidence is None else round(item.confidence, _DIGITS),
            "distribution": (distributions[0] or None) if single else distributions,
            "votes": votes[0] if single else votes,
            "is_contested": item.is_contested,
            "is_gold": item.is_gold,
            "gold": _as_label(question, _gold(question, item)),
            "method": self._source.dataset.how.method,
            "answers": [
                {
                    "labeler": answer.labeler,
                    "answer": _as_answer(question, answer.option),
                    "is_heard": answer.is_heard,
                    "band": _BANDS[answer.band],
                    "round": answer.place.round_id,
                    "task": answer.place.task,
                }
                for task in item.tasks
                for answer in task.answers
            ],
            "tasks": [
                {
                    "name": task.name,
                    **({} if single else {"choices": list(about)}),
                    "places": [
                        {"round": place.round_id, "task": place.task} for place in task.places
                    ],
                }
                for task, about in zip(item.tasks, _about(item), strict=True)
            ],
            "split": self._source.split_of(item).value,
        }
        if question.has_own_choices:
            row["choices"] = [as_text(thing) for thing in item.item.choices]
            row["strengths"] = (
                rounded(strengths_of(item.item, [task.distribution for task in item.tasks]))
                if item.label is not None and compares_pairs(item.item)
                else None
            )
        if self._has_labeler_groups:
            row["groups"] = [
                {
                    "group": name,
                    "task": task.name,
                    "votes": list(share.votes),
                    "distribution": rounded(share.distribution),
                }
                for task in item.tasks
                for name, share in task.groups.items()
            ]
        return row


def _answers_table(source: SplitDataset) -> DatasetTable:
    question = source.dataset.question
    kind = pa.int64() if question.layout is Layout.NUMBER else pa.string()
    classes = () if question.layout is Layout.NUMBER else question.options
    columns = (
        Column("id", pa.string(), "of the item"),
        Column("name", pa.string(), "of the task in its round"),
        Column("round", pa.int64(), "the round"),
        Column("task", pa.int64(), "the number of the task in it, from 0"),
        Column("labeler", pa.string(), "an address"),
        Column("answer", kind, "what they said", classes),
        Column("label", kind, "the label of the task", classes),
        Column("is_heard", pa.bool_(), "whether the answer counts"),
        Column("band", pa.string(), "where the labeler stands in the round"),
    )

    def rows_of(item: LabeledItem) -> Iterator[Row]:
        for task in item.tasks:
            for answer in task.answers:
                yield _answer_row(question, item, task, answer)

    return DatasetTable("answers", "what somebody said to a task", columns, source.rows(rows_of))


def _answer_row(
    question: Question, item: LabeledItem, task: LabeledTask, answer: GivenAnswer
) -> Row:
    return {
        "id": item.name,
        "name": task.name,
        "round": answer.place.round_id,
        "task": answer.place.task,
        "labeler": answer.labeler,
        "answer": _as_answer(question, answer.option),
        "label": None if task.label is None else _as_answer(question, task.label),
        "is_heard": answer.is_heard,
        "band": _BANDS[answer.band],
    }


# ---------------------------------------------------------------- labels by kind of question


def _label_type(question: Question) -> tuple[pa.DataType, tuple[str, ...]]:
    """The type of a label, and the names of its classes."""
    if question.has_own_choices:
        return pa.list_(pa.string()), ()
    if question.has_parts:
        return pa.list_(pa.string()), question.choices
    if question.layout is Layout.NUMBER:
        return pa.int64(), ()
    return pa.string(), question.options


def _label_meaning(question: Question) -> str:
    if question.has_own_choices:
        return "the things, best first"
    return "those that apply" if question.has_parts else "the answer that is most likely right"


def _tasks_meaning(question: Question) -> str:
    about = ", the choices that each is about (by number, from 0)" if question.has_parts else ""
    return f"its tasks{about}, and where they are on the chain"


def _as_label(question: Question, label: object) -> object:
    if question.has_own_choices and isinstance(label, list):
        return [as_text(thing) for thing in label]
    return label


def _as_answer(question: Question, option: int) -> object:
    name = question.options[option]
    return int(name) if question.layout is Layout.NUMBER else name


def _gold(question: Question, item: LabeledItem) -> object:
    """What the gold answers of an item say; None unless all of its tasks are gold tasks."""
    known = [
        Label(number, task.gold, task.votes, (), task.is_contested, task.gold)
        for number, task in enumerate(item.tasks)
    ]
    return question.combined(item.item, known)


def _about(item: LabeledItem) -> Sequence[Sequence[int]]:
    """For each task, the choices that it is about: none if it is about all."""
    return item.item.about or [()] * len(item.tasks)
