"""From closed rounds to labels.

All answers of a job are one table, so that what is known of a labeler in one round counts in all.
Who failed the gold tasks of a round is not heard in it, and nobody is heard twice on a task.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod

import numpy as np
import numpy.typing as npt

from plumbline.aggregation.choice import choose
from plumbline.aggregation.estimate import Estimate
from plumbline.aggregation.majority import majority
from plumbline.aggregation.reliability import krippendorff_alpha
from plumbline.aggregation.table import UNKNOWN, AnswerTable, Integers, gold_of
from plumbline.dataset.comparing import chance_of_order, compares_pairs, order_of, strengths_of
from plumbline.dataset.groups import NO_GROUPS, GroupEstimate, LabelerGroups, by_group, weighted
from plumbline.dataset.records import (
    Dataset,
    DatasetRound,
    GivenAnswer,
    GroupShare,
    HowLabeled,
    LabeledItem,
    LabeledTask,
    Reliability,
    TaskPlace,
)
from plumbline.dataset.sources import ItemSource, SourceError, SourceRound
from plumbline.formats.campaign_file import ASKED_OF
from plumbline.history.round_money import money_of
from plumbline.questions.question import Item, Question
from plumbline.settlement.labels import Label, labels
from plumbline.settlement.terms import Kind
from plumbline.settlement.working import WorkedSettlement


@dataclass(slots=True)
class AskedTask:
    """A task as it was asked, in one round or several, with everybody's answers."""

    name: str
    places: list[TaskPlace]
    answers: list[GivenAnswer]
    gold: int | None = None
    is_contested: bool = False


@dataclass(frozen=True, slots=True)
class CollectedItem:
    """An item, what its requester says of it, and the names of its tasks in their order."""

    item: Item
    source: ItemSource
    tasks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CollectedAnswers:
    """All answers of a job.

    table      those that are heard; tasks and labelers by their number here
    gold       an option for each task that was an opened gold task, else UNKNOWN
    labelers   addresses
    """

    question: Question
    instructions: str
    tasks: tuple[AskedTask, ...]
    items: tuple[CollectedItem, ...]
    table: AnswerTable
    gold: Integers
    labelers: tuple[str, ...]
    settlements: tuple[WorkedSettlement, ...]


def _asked(source: SourceRound) -> dict[str, object]:
    """What all tasks of a round have in common, of whomever it asks."""
    return {name: held for name, held in source.manifest.head.items() if name != ASKED_OF}


def collect(rounds: Sequence[SourceRound]) -> CollectedAnswers:
    """All answers of the rounds of one job, in their order.

    A task that several rounds ask is one task. Raises SourceError if there are no rounds, or if
    they ask different questions; SheetError or SettlementError if answers do not fit.
    """
    if not rounds:
        raise SourceError("no round is closed yet: there are no labels")
    first = rounds[0]
    tasks: dict[str, AskedTask] = {}
    items: dict[str, CollectedItem] = {}
    heard: set[tuple[str, str]] = set()
    settlements = []
    for source in rounds:
        if (source.asked.question, _asked(source)) != (first.asked.question, _asked(first)):
            raise SourceError(
                f"rounds {first.history.round_id} and {source.history.round_id} do not ask the "
                "same: make a dataset of each"
            )
        settlement = source.history.settlement()
        settlements.append(settlement)
        _add(tasks, heard, source, settlement)
        names = source.manifest.names
        for item in source.asked.items:
            own = tuple(names[task] for task in item.tasks)
            items.setdefault(item.name, CollectedItem(item, source.items[item.name], own))
    labelers = dict.fromkeys(answer.labeler for task in tasks.values() for answer in task.answers)
    places = {labeler: number for number, labeler in enumerate(labelers)}
    rows = [
        (number, places[answer.labeler], answer.option)
        for number, task in enumerate(tasks.values())
        for answer in task.answers
        if answer.is_heard
    ]
    question = first.asked.question
    return CollectedAnswers(
        question=question,
        instructions=first.manifest.instructions,
        tasks=tuple(tasks.values()),
        items=tuple(items.values()),
        table=AnswerTable.of(
            rows,
            tasks=len(tasks),
            labelers=len(labelers),
            options=len(question.options),
            is_ordinal=question.kind is Kind.ORDINAL,
        ),
        gold=gold_of(each.gold for each in tasks.values()),
        labelers=tuple(labelers),
        settlements=tuple(settlements),
    )


def label(
    rounds: Sequence[SourceRound],
    method: str | None = None,
    groups: LabelerGroups = NO_GROUPS,
) -> Dataset:
    """The dataset of closed rounds of one job; items in the order of the rounds.

    method   by name; None for the average of all, by what the gold answers say of them

    Raises SourceError as `collect`, GroupsError as `groups.by_group`, KeyError for a method that
    is not known.
    """
    collected = collect(rounds)
    table, gold = collected.table, collected.gold
    groups = groups.among(set(collected.labelers))
    choice = choose(table, gold, method)
    said = by_group(table, gold, collected.labelers, groups, choice.method)
    estimate = choice.estimate
    if groups.weights:
        estimate = weighted(said, groups.weights, estimate, gold)
    tasks = {task.name: task for task in _labeled(collected, estimate, said)}
    items = tuple(
        _item(collected.question, each, [tasks[name] for name in each.tasks])
        for each in collected.items
    )
    return Dataset(
        question=collected.question,
        instructions=collected.instructions,
        items=items,
        rounds=tuple(map(_round, rounds, collected.settlements)),
        how=HowLabeled(choice.method, choice.reason, choice.scores, dict(groups.weights)),
        reliability=_reliability(collected, table, np.ones(table.tasks, dtype=np.bool_)),
        by_group=_by_item_group(collected),
        by_labelers={
            name: _reliability(collected, group.table, group.table.votes().sum(axis=1) > 0)
            for name, group in said.items()
        },
    )


# ---------------------------------------------------------------- answers


def _add(
    tasks: dict[str, AskedTask],
    heard: set[tuple[str, str]],
    source: SourceRound,
    settlement: WorkedSettlement,
) -> None:
    history = source.history
    rows = history.answers()
    voted = labels(settlement)
    for number, name in enumerate(source.manifest.names):
        place = TaskPlace(history.round_id, number)
        asked = tasks.setdefault(name, AskedTask(name, [], []))
        asked.places.append(place)
        asked.is_contested = voted[number].contested
        if voted[number].gold is not None:
            asked.gold = voted[number].gold
        for reveal, row, has_passed, outcome in zip(
            history.reveals, rows, settlement.passed, settlement.labelers, strict=True
        ):
            option = row[number]
            if option is None:
                continue
            key = (name, reveal.labeler)
            counts = (has_passed or not settlement.usable_gold) and key not in heard
            if counts:
                heard.add(key)
            asked.answers.append(
                GivenAnswer(reveal.labeler, option, place, outcome.band, is_heard=counts)
            )


# ---------------------------------------------------------------- labels


def _labeled(
    collected: CollectedAnswers, estimate: Estimate, said: Mapping[str, GroupEstimate]
) -> list[LabeledTask]:
    votes = collected.table.votes()
    group_votes = {name: group.table.votes() for name, group in said.items()}
    found = []
    for number, task in enumerate(collected.tasks):
        has_label = task.gold is not None or votes[number].any()
        found.append(
            LabeledTask(
                name=task.name,
                places=tuple(task.places),
                label=int(estimate.labels[number]) if has_label else None,
                distribution=tuple(map(float, estimate.distribution[number])) if has_label else (),
                votes=tuple(map(int, votes[number])),
                is_contested=task.is_contested,
                gold=task.gold,
                answers=tuple(task.answers),
                groups={
                    name: GroupShare(
                        tuple(map(int, group_votes[name][number])),
                        tuple(map(float, group.estimate.distribution[number])),
                    )
                    for name, group in said.items()
                    if group_votes[name][number].any()
                },
            )
        )
    return found


def _item(
    question: Question, collected: CollectedItem, tasks: Sequence[LabeledTask]
) -> LabeledItem:
    item, source = collected.item, collected.source
    label: object = None
    confidence: float | None = None
    if all(task.label is not None for task in tasks):
        distributions = [task.distribution for task in tasks]
        if compares_pairs(item):
            order = order_of(strengths_of(item, distributions))
            label = [item.choices[choice] for choice in order]
            confidence = chance_of_order(item, distributions, order)
        else:
            label = question.combined(item, [_as_label(task) for task in tasks])
            confidence = prod(task.confidence or 0.0 for task in tasks)
    return LabeledItem(
        source.name, item, source.group, source.kept, tuple(tasks), label, confidence
    )


def _as_label(task: LabeledTask) -> Label:
    return Label(0, task.label, task.votes, (), task.is_contested, task.gold)


# ---------------------------------------------------------------- of rounds and groups


def _round(source: SourceRound, settlement: WorkedSettlement) -> DatasetRound:
    history = source.history
    assert history.closed is not None  # SourceRound.of
    money = money_of(history)
    heard = sum(settlement.passed) if settlement.usable_gold else len(history.reveals)
    return DatasetRound(
        round_id=history.round_id,
        tasks_root=history.opened.tasks_root,
        tasks=history.rules.tasks,
        gold_tasks=len(history.gold_answers()),
        mode=settlement.mode,
        opened=history.opened.transaction,
        closed=history.closed.transaction,
        closed_at=history.closed.block,
        labelers=len(history.reveals),
        passed=heard,
        crowd_kappa=settlement.crowd_kappa_ppm,
        contested=len(settlement.contested),
        spent=money.paid + money.forfeit,
    )


def _by_item_group(collected: CollectedAnswers) -> dict[str, Reliability]:
    groups: dict[str, set[str]] = {}
    for each in collected.items:
        if each.source.group is not None:
            groups.setdefault(each.source.group, set()).update(each.tasks)
    found = {}
    for name, tasks in sorted(groups.items()):
        chosen = np.array([task.name in tasks for task in collected.tasks], dtype=np.bool_)
        own = collected.table.only(chosen[collected.table.task])
        found[name] = _reliability(collected, own, chosen)
    return found


def _reliability(
    collected: CollectedAnswers, table: AnswerTable, tasks: npt.NDArray[np.bool_]
) -> Reliability:
    """Of some answers, to some tasks."""
    has_answers = table.votes().sum(axis=1) > 0
    known = np.flatnonzero((collected.gold != UNKNOWN) & has_answers & tasks)
    nothing = np.full(table.tasks, UNKNOWN, dtype=np.int64)
    said = majority(table, nothing).labels
    contested = sum(
        task.is_contested for task, chosen in zip(collected.tasks, tasks, strict=True) if chosen
    )
    return Reliability(
        alpha=krippendorff_alpha(table),
        tasks=int((has_answers & tasks).sum()),
        answers=len(table.task),
        contested=contested,
        gold_tasks=len(known),
        accuracy=float((said[known] == collected.gold[known]).mean()) if len(known) else None,
    )


def in_file_order(dataset: Dataset, names: Sequence[str]) -> Dataset:
    """The same with items in the order of these names."""
    places = {name: place for place, name in enumerate(names)}
    return replace(dataset, items=tuple(sorted(dataset.items, key=lambda item: places[item.name])))
