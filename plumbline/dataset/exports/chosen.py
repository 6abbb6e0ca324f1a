"""What was chosen of the choices of an item: by number from 0, as its label and by each labeler.

Programs in which an item is one question, and not several tasks, want it so.
"""

from collections.abc import Iterator

from plumbline.dataset.records import LabeledItem
from plumbline.questions.question import Question


def labeled_choices(question: Question, item: LabeledItem) -> tuple[int, ...] | None:
    """What its label says; None if it has none."""
    if item.label is None:
        return None
    if question.has_own_choices and isinstance(item.label, list):
        return tuple(item.item.choices.index(thing) for thing in item.label)
    return question.chosen(item.item, [task.label for task in item.tasks if task.label is not None])


def gold_choices(question: Question, item: LabeledItem) -> tuple[int, ...] | None:
    """What its requester knew; None unless all of its tasks were gold tasks."""
    known = [task.gold for task in item.tasks if task.gold is not None]
    return question.chosen(item.item, known) if len(known) == len(item.tasks) else None


def choices_of_labelers(
    question: Question, item: LabeledItem
) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Who answered what, of those who are heard.

    Left out are people who did not answer all of its tasks, or who contradict themselves, such as
    by an order of things that goes round.
    """
    given: dict[str, dict[int, int]] = {}
    for number, task in enumerate(item.tasks):
        for answer in task.answers:
            if answer.is_heard:
                given.setdefault(answer.labeler, {})[number] = answer.option
    for labeler, answers in given.items():
        if len(answers) == len(item.tasks):
            chosen = question.chosen(item.item, [answers[n] for n in range(len(item.tasks))])
            if chosen is not None:
                yield labeler, chosen
