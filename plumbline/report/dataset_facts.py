"""All that the page of a dataset says, as numbers and words: nothing here knows of HTML."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from plumbline.aggregation.choice import ADVISED
from plumbline.dataset.groups import NO_GROUPS, LabelerGroups
from plumbline.dataset.held_out import HeldOutTask, held_out
from plumbline.dataset.records import Dataset, DatasetRound, LabeledItem, LabeledTask, Reliability
from plumbline.formats.task_text import Section
from plumbline.planning.intervals import Share
from plumbline.questions.question import Question
from plumbline.report.agreement import Agreement, Compared, agreement
from plumbline.report.items import choice_text, in_words, shown
from plumbline.report.readings import RoundReadings, readings
from plumbline.settlement.consensus import Row
from plumbline.settlement.terms import Kind

_TO_READ: Final = 40  # items
_PARTS: Final = 6  # tasks of an item to read
_THING: Final = 40  # letters of a thing that was ranked, beside its number
_APART: Final = 12  # tasks on which groups differ
_GROUPS: Final = 30  # of items, in a table
_COMPARED: Final = 150  # labelers, in the picture of who agrees with whom
_EDGES: Final = (0.6, 0.7, 0.8, 0.9, 0.95, 0.98)  # of levels of confidence, for calibration
_LEVEL: Final = 8  # gold tasks in one of them, at least

HEARD, PARTLY, UNHEARD = "heard", "partly", "unheard"


@dataclass(frozen=True, slots=True)
class Level:
    """Gold tasks that were held out, of about the same confidence; `confidence` is their mean."""

    low: float
    high: float
    confidence: float
    right: Share


@dataclass(frozen=True, slots=True)
class OptionBar:
    """What is said of an option of a task: how likely it is, its votes, and by group of labelers
    how likely, None where nobody of the group answered."""

    name: str
    likely: float
    votes: int
    is_label: bool
    groups: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class TaskBars:
    """A task of an item; `about` says which of its choices it is about, empty if about all."""

    about: str
    bars: tuple[OptionBar, ...]
    votes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemToRead:
    """An item whose label is in doubt.

    left_out   how many of its tasks are surer, and not shown
    """

    name: str
    group: str
    shown: tuple[Section, ...]
    label: str
    confidence: float | None
    is_contested: bool
    tasks: tuple[TaskBars, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class GroupsApart:
    """A task that groups of labelers see in different ways.

    distance   of the two that are furthest apart, 0..1: the share of the likelihood that would have
               to be moved for them to agree, on a scale weighted by how far
    groups     who answered it, with how many answers
    """

    item: ItemToRead
    distance: float
    groups: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class ReliabilityRow:
    """Reliability of all, of a group of items, or of a group of labelers."""

    what: str
    name: str
    figures: Reliability


@dataclass(frozen=True, slots=True)
class RoundRow:
    """A round; `right` on its gold tasks, held out; `price` of a label that was not known before,
    smallest unit, None if there is none."""

    figures: DatasetRound
    right: Share | None
    price: int | None


@dataclass(frozen=True, slots=True)
class LabelerRow:
    """A labeler over the rounds of a dataset.

    number     from 1, who gave most answers first
    rounds     (round, band), in their order
    heard      how many of the `answers` count
    gold       right on gold tasks; None if none was answered
    agrees     as the labels of other tasks say; None as gold
    """

    number: int
    address: str
    group: str
    rounds: tuple[tuple[int, str], ...]
    answers: int
    heard: int
    gold: Share | None
    agrees: Share | None

    @property
    def state(self) -> str:
        """Whether all of the answers count, some, or none."""
        if not self.heard:
            return UNHEARD
        return HEARD if self.heard == self.answers else PARTLY


@dataclass(frozen=True, slots=True)
class DatasetFacts:
    """What a page says of a dataset.

    labeled      items with a label
    known        of these, gold items: their label was known before
    confidences  of the labels of other items, and whether each is contested
    right        labels of gold tasks that were held out; None without
    claimed      their mean confidence
    levels       the same by confidence, lowest first; empty if there are too few
    spent        pay, and what went to the sink; smallest unit
    to_read      contested items and then others, the least sure first
    doubtful     how many are contested
    apart        where groups of labelers differ most
    readings     rounds whose labelers seem to read the question in more than one way
    compared     in the order of the rows of `agreement`: who gave most answers
    """

    dataset: Dataset
    items: int
    labeled: int
    known: int
    answers: int
    heard: int
    confidences: tuple[tuple[float, bool], ...]
    held_out: tuple[HeldOutTask, ...]
    levels: tuple[Level, ...]
    spent: int
    reliability: tuple[ReliabilityRow, ...]
    groups_left_out: int
    rounds: tuple[RoundRow, ...]
    doubtful: int
    to_read: tuple[ItemToRead, ...]
    apart: tuple[GroupsApart, ...]
    readings: tuple[RoundReadings, ...]
    labelers: tuple[LabelerRow, ...]
    agreement: Agreement
    compared: tuple[Compared, ...] = field(default=())

    @property
    def right(self) -> Share | None:
        """How many labels of gold tasks were right, had these been held out."""
        return _share(task.is_right for task in self.held_out)

    @property
    def claimed(self) -> float:
        """The mean confidence of the same."""
        return float(np.mean([task.confidence for task in self.held_out]))

    @property
    def confidence(self) -> float | None:
        """The mean of all labels that were not known before."""
        said = [confidence for confidence, _ in self.confidences]
        return float(np.mean(said)) if said else None

    @property
    def price(self) -> int | None:
        """What a label that was not known before cost, smallest unit, rounded up."""
        return _price(self.spent, self.labeled - self.known)


def dataset_facts(dataset: Dataset, groups: LabelerGroups = NO_GROUPS) -> DatasetFacts:
    """The facts of a dataset; `groups` are those of its labelers, as it was made with."""
    items = dataset.items
    labeled = [item for item in items if item.label is not None]
    tested = tuple(held_out(dataset, groups))
    labelers = _labelers(dataset, groups)
    compared = labelers[:_COMPARED]
    reliability, left_out = _reliability(dataset)
    return DatasetFacts(
        dataset=dataset,
        items=len(items),
        labeled=len(labeled),
        known=sum(item.is_gold for item in labeled),
        answers=sum(labeler.answers for labeler in labelers),
        heard=sum(labeler.heard for labeler in labelers),
        confidences=tuple(
            (item.confidence, item.is_contested)
            for item in labeled
            if item.confidence is not None and not item.is_gold
        ),
        held_out=tested,
        levels=_levels(tested) if len(tested) >= ADVISED else (),
        spent=sum(each.spent for each in dataset.rounds),
        reliability=reliability,
        groups_left_out=left_out,
        rounds=tuple(_round(each, tested) for each in dataset.rounds),
        doubtful=sum(item.is_contested and not item.is_gold for item in items),
        to_read=_to_read(dataset),
        apart=_apart(dataset),
        readings=readings(dataset),
        labelers=labelers,
        agreement=_agreement(dataset, compared),
        compared=tuple(Compared(one.number, one.address, one.state) for one in compared),
    )


# ---------------------------------------------------------------- how sure


def _share(hits: Iterator[bool]) -> Share | None:
    found = list(hits)
    return Share(sum(found), len(found)) if found else None


def _levels(tested: Sequence[HeldOutTask]) -> tuple[Level, ...]:
    """Between the edges of `_EDGES`, neighbours together until there are enough tasks."""
    ordered = sorted(tested, key=lambda task: task.confidence)
    parts: list[list[HeldOutTask]] = [[]]
    edge = 0
    for task in ordered:
        reached = bisect_right(_EDGES, task.confidence)
        if reached > edge and len(parts[-1]) >= _LEVEL:
            parts.append([])
        edge = reached
        parts[-1].append(task)
    if len(parts) > 1 and len(parts[-1]) < _LEVEL:
        last = parts.pop()
        parts[-1].extend(last)
    return tuple(_level(part) for part in parts)


def _level(tasks: Sequence[HeldOutTask]) -> Level:
    said = [task.confidence for task in tasks]
    right = Share(sum(task.is_right for task in tasks), len(tasks))
    return Level(said[0], said[-1], float(np.mean(said)), right)


def _price(spent: int, labels: int) -> int | None:
    return -(-spent // labels) if labels > 0 else None


def _round(figures: DatasetRound, tested: Sequence[HeldOutTask]) -> RoundRow:
    own = [
        task
        for task in tested
        if any(place.round_id == figures.round_id for place in task.task.places)
    ]
    return RoundRow(
        figures,
        _share(task.is_right for task in own),
        _price(figures.spent, figures.tasks - figures.gold_tasks),
    )


def _reliability(dataset: Dataset) -> tuple[tuple[ReliabilityRow, ...], int]:
    """All, groups of items (the largest, by name) and of labelers; and how many are left out."""
    by_size = sorted(dataset.by_group, key=lambda name: -dataset.by_group[name].answers)
    chosen = sorted(by_size[:_GROUPS])
    rows = [
        ReliabilityRow("all", "", dataset.reliability),
        *(ReliabilityRow("items", name, dataset.by_group[name]) for name in chosen),
        *(ReliabilityRow("labelers", *each) for each in dataset.by_labelers.items()),
    ]
    return tuple(rows), len(by_size) - len(chosen)


# ---------------------------------------------------------------- items to read


def _to_read(dataset: Dataset) -> tuple[ItemToRead, ...]:
    open_items = [item for item in dataset.items if not item.is_gold and item.label is not None]
    open_items.sort(key=lambda item: (not item.is_contested, item.confidence))
    return tuple(_item(dataset.question, item) for item in open_items[:_TO_READ])


def _item(
    question: Question,
    item: LabeledItem,
    only: LabeledTask | None = None,
    groups: Sequence[str] = (),
) -> ItemToRead:
    chosen = item.tasks
    if only is not None:
        chosen = (only,)
    elif len(chosen) > _PARTS:
        least_sure = sorted(chosen, key=lambda task: task.confidence or 0)[:_PARTS]
        chosen = tuple(task for task in chosen if task in least_sure)
    numbers = {task.name: number for number, task in enumerate(item.tasks)}
    return ItemToRead(
        name=item.name,
        group=item.group or "",
        shown=shown(question, item.item),
        label=in_words(question, item.label),
        confidence=item.confidence,
        is_contested=item.is_contested,
        tasks=tuple(_bars(question, item, numbers[task.name], task, groups) for task in chosen),
        left_out=0 if only is not None else len(item.tasks) - len(chosen),
    )


def _bars(
    question: Question, item: LabeledItem, number: int, task: LabeledTask, groups: Sequence[str]
) -> TaskBars:
    about = item.item.about[number] if item.item.about else ()
    names = question.options
    if len(about) == 2:  # a pair: its sides are what the options stand for
        names = tuple(
            f"[{choice + 1}] {choice_text(item.item.choices[choice], _THING)}" for choice in about
        )
        words = " or ".join(f"[{choice + 1}]" for choice in about)
    else:
        words = " / ".join(choice_text(item.item.choices[choice]) for choice in about)
    said = [task.groups.get(group) for group in groups]
    return TaskBars(
        words,
        tuple(
            OptionBar(
                name,
                task.distribution[option],
                task.votes[option],
                option == task.label,
                tuple(None if one is None else one.distribution[option] for one in said),
            )
            for option, name in enumerate(names)
        ),
        task.votes,
    )


def _apart(dataset: Dataset) -> tuple[GroupsApart, ...]:
    """The tasks, gold tasks aside, on which two groups are furthest apart."""
    is_ordinal = dataset.question.kind is Kind.ORDINAL
    found = [
        (_distance([share.distribution for share in task.groups.values()], is_ordinal), item, task)
        for item in dataset.items
        for task in item.tasks
        if len(task.groups) > 1 and task.gold is None and task.label is not None
    ]
    found.sort(key=lambda each: -each[0])
    return tuple(
        GroupsApart(
            _item(dataset.question, item, task, tuple(task.groups)),
            distance,
            tuple((name, sum(share.votes)) for name, share in task.groups.items()),
        )
        for distance, item, task in found[:_APART]
        if distance > 0
    )


def _distance(distributions: Sequence[Sequence[float]], is_ordinal: bool) -> float:
    """Of the two furthest apart: the earth mover's distance, 1 from one end to the other, or where
    options have no order the total variation."""
    stacked = np.array(distributions)
    if is_ordinal:
        stacked = stacked.cumsum(axis=1)[:, :-1]
    gaps = np.abs(stacked[:, None] - stacked[None, :])
    return float((gaps.mean(axis=2) if is_ordinal else gaps.sum(axis=2) / 2).max())


# ---------------------------------------------------------------- labelers


@dataclass(slots=True)
class _GoldTally:
    rounds: dict[int, str] = field(default_factory=dict)
    answers: int = 0
    heard: int = 0
    gold: Counter[bool] = field(default_factory=Counter)
    agrees: Counter[bool] = field(default_factory=Counter)


def _labelers(dataset: Dataset, groups: LabelerGroups) -> tuple[LabelerRow, ...]:
    tallies: dict[str, _GoldTally] = {}
    for task in _tasks(dataset):
        for answer in task.answers:
            tally = tallies.setdefault(answer.labeler, _GoldTally())
            tally.rounds[answer.place.round_id] = answer.band.label
            tally.answers += 1
            tally.heard += answer.is_heard
            if task.gold is not None:
                tally.gold[answer.option == task.gold] += 1
            elif task.label is not None:
                tally.agrees[answer.option == task.label] += 1
    ordered = sorted(tallies.items(), key=lambda pair: (-pair[1].answers, pair[0]))
    return tuple(
        LabelerRow(
            number,
            address,
            groups.of.get(address, ""),
            tuple(sorted(tally.rounds.items())),
            tally.answers,
            tally.heard,
            _counted(tally.gold),
            _counted(tally.agrees),
        )
        for number, (address, tally) in enumerate(ordered, start=1)
    )


def _counted(counts: Mapping[bool, int]) -> Share | None:
    total = counts[True] + counts[False]
    return Share(counts[True], total) if total else None


def _agreement(dataset: Dataset, compared: Sequence[LabelerRow]) -> Agreement:
    """Of the first answer of each to every task."""
    tasks = list(_tasks(dataset))
    rows: dict[str, list[int | None]] = {one.address: [None] * len(tasks) for one in compared}
    for number, task in enumerate(tasks):
        for answer in reversed(task.answers):
            if answer.labeler in rows:
                rows[answer.labeler][number] = answer.option
    given: list[Row] = list(rows.values())
    return agreement(len(dataset.question.options), dataset.question.width, given)


def _tasks(dataset: Dataset) -> Iterator[LabeledTask]:
    return (task for item in dataset.items for task in item.tasks)
