"""What labels would have been of gold tasks whose answers were kept from the method.

Labels of gold tasks are the requester's own, so they say nothing of a method. Here a part of the
gold tasks at a time is taken for tasks like any other: choice of the method, its temperature and
weights of labelers know only the rest. So accuracy and confidence on these are what to expect of
tasks that are no gold tasks. A little remains: who is heard follows from all gold tasks.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from plumbline.aggregation.choice import choose, folds
from plumbline.aggregation.table import UNKNOWN, AnswerTable, Integers, gold_of
from plumbline.dataset.groups import NO_GROUPS, LabelerGroups, by_group, weighted
from plumbline.dataset.records import Dataset, LabeledTask
from plumbline.settlement.terms import Kind


@dataclass(frozen=True, slots=True)
class HeldOutTask:
    """A gold task with the label that it would have had.

    label        an option by number
    confidence   how likely that was said to be right
    """

    task: LabeledTask
    label: int
    confidence: float

    @property
    def is_right(self) -> bool:
        """Whether that is the requester's answer."""
        return self.label == self.task.gold


@dataclass(frozen=True, slots=True)
class HeardAnswers:
    """The answers of a dataset that are heard; tasks and labelers by their number here."""

    table: AnswerTable
    gold: Integers
    tasks: tuple[LabeledTask, ...]
    labelers: tuple[str, ...]


def heard_answers(dataset: Dataset) -> HeardAnswers:
    """The table that labels were made from."""
    tasks = [task for item in dataset.items for task in item.tasks]
    names: dict[str, int] = {}
    rows = [
        (number, names.setdefault(answer.labeler, len(names)), answer.option)
        for number, task in enumerate(tasks)
        for answer in task.answers
        if answer.is_heard
    ]
    return HeardAnswers(
        table=AnswerTable.of(
            rows,
            tasks=len(tasks),
            labelers=len(names),
            options=len(dataset.question.options),
            is_ordinal=dataset.question.kind is Kind.ORDINAL,
        ),
        gold=gold_of(each.gold for each in tasks),
        tasks=tuple(tasks),
        labelers=tuple(names),
    )


def held_out(dataset: Dataset, groups: LabelerGroups = NO_GROUPS) -> Sequence[HeldOutTask]:
    """Every gold task that somebody answered, in the order of the dataset; none if there are too
    few to keep some back. `groups` are those of the dataset's labelers.
    """
    answers = heard_answers(dataset)
    found = {}
    for part in folds(answers.gold):
        rest = answers.gold.copy()
        rest[part] = UNKNOWN
        choice = choose(answers.table, rest, dataset.how.method)
        estimate = choice.estimate
        if groups.weights:
            said = by_group(answers.table, rest, answers.labelers, groups, choice.method)
            estimate = weighted(said, groups.weights, estimate, rest)
        for number in part:
            task = answers.tasks[number]
            if any(task.votes):
                label = int(estimate.labels[number])
                found[number] = HeldOutTask(task, label, float(estimate.confidence[number]))
    return [found[number] for number in sorted(found)]
