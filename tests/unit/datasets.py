"""Made-up datasets, whose distributions are as a test wants them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import prod

from plumbline.aggregation.choice import MethodScore
from plumbline.dataset.comparing import compares_pairs, order_of, strengths_of
from plumbline.dataset.records import (
    Dataset,
    GivenAnswer,
    HowLabeled,
    LabeledItem,
    LabeledTask,
    Reliability,
    TaskPlace,
)
from plumbline.dataset.split import Split, SplitDataset
from plumbline.questions.lots import Lots
from plumbline.questions.question import Item, Question
from plumbline.settlement.labels import Label
from plumbline.settlement.results import Band
from tests.unit.builders import labeler

ROUND = 7
LABELERS = 10
_NOTHING = Reliability(None, 0, 0, 0, 0, None)


def dataset(
    question: Question,
    tasks: Sequence[object],
    distributions: Sequence[Sequence[Sequence[float]]],
    gold: Mapping[int, Sequence[int]] | None = None,
    kept: Mapping[str, object] | None = None,
) -> Dataset:
    """Items of these tasks, as a file has them: of each, how likely the options of its tasks are.

    Ten labelers answered, in shares as likely as that. `gold` has the answers of gold items, by
    number.
    """
    lots = Lots(b"seed")
    parts = [
        part.task
        for number, task in enumerate(tasks)
        for part in question.parts(task, _name(task, number), lots)
    ]
    names = [_name(task, number) for number, task in enumerate(parts)]
    items = question.items(parts, names)
    found = [
        labeled(question, item, distributions[number], (gold or {}).get(number), kept)
        for number, item in enumerate(items)
    ]
    return Dataset(
        question,
        "Which is it?",
        tuple(found),
        rounds=(),
        how=HowLabeled("average", "it does best", dict[str, MethodScore](), {}),
        reliability=_NOTHING,
        by_group={},
        by_labelers={},
    )


def labeled(
    question: Question,
    item: Item,
    distributions: Sequence[Sequence[float]],
    gold: Sequence[int] | None = None,
    kept: Mapping[str, object] | None = None,
) -> LabeledItem:
    tasks = [
        _task(item, number, distribution, None if gold is None else gold[number])
        for number, distribution in enumerate(distributions)
    ]
    label: object = None
    confidence: float | None = None
    if all(distributions):
        votes = [Label(0, task.label, task.votes, (), False, task.gold) for task in tasks]
        label, confidence = (
            question.combined(item, votes),
            prod(task.confidence or 0 for task in tasks),
        )
        if compares_pairs(item):
            order = order_of(strengths_of(item, distributions))
            label = [item.choices[choice] for choice in order]
    return LabeledItem(item.name, item, None, kept or {}, tuple(tasks), label, confidence)


def _task(item: Item, number: int, distribution: Sequence[float], gold: int | None) -> LabeledTask:
    place = TaskPlace(ROUND, item.tasks[number])
    votes = tuple(round(LABELERS * likely) for likely in distribution)
    options = [option for option, count in enumerate(votes) for _ in range(count)]
    answers = [
        GivenAnswer(labeler(n), option, place, Band.NEAR, is_heard=True)
        for n, option in enumerate(options)
    ]
    return LabeledTask(
        f"{item.name}/{number}",
        (place,),
        label=distribution.index(max(distribution)) if distribution else None,
        distribution=tuple(distribution),
        votes=votes,
        is_contested=False,
        gold=gold,
        answers=tuple(answers),
    )


def for_training(found: Dataset, desirable: tuple[str, ...] = ()) -> SplitDataset:
    """All of it to train on."""
    return SplitDataset(found, 0, desirable)


def renamed(found: Dataset, group: str) -> Dataset:
    """The same with all items in a group."""
    return replace(found, items=tuple(replace(item, group=group) for item in found.items))


def all_rows(rows: Mapping[Split, Sequence[Mapping[str, object]]]) -> list[Mapping[str, object]]:
    return [row for split in Split for row in rows[split]]


def _name(task: object, number: int) -> str:
    return str(task["id"]) if isinstance(task, Mapping) and "id" in task else str(number + 1)
