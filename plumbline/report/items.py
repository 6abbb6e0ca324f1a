"""What a round asks, for a page: the question in words, its items, and what is said of each."""

from dataclasses import dataclass, replace
from typing import Final

from plumbline.formats.asked import asked_in
from plumbline.formats.item_text import answer_text
from plumbline.formats.task_text import Section, excerpt, readable, task_text
from plumbline.harmless import harmless
from plumbline.protocol.manifest import Manifest
from plumbline.questions.question import Item, Question, QuestionError
from plumbline.questions.registry import question_of
from plumbline.report.facts import RoundFacts
from plumbline.report.texts import cut

_CHOICE: Final = 80  # letters of a thing that was ranked, in an answer


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """An item as shown, and what its labels say together.

    answer     in words; empty if one of its tasks has no votes
    standing   `contested`, `clear` or `no votes`
    """

    name: str
    shown: tuple[Section, ...]
    answer: str
    standing: str


@dataclass(frozen=True, slots=True)
class AskedFacts:
    """What was asked.

    wording   the question in words
    choices   what answers are made of; nothing where each item has its own
    items     where there is a task file whose question fits; else nothing
    several   whether an item takes several tasks
    hidden    fields of a task that are not for people
    flaw      why the task file makes no question; empty if it does, or there is none
    """

    wording: str
    choices: tuple[str, ...]
    items: tuple[ItemFacts, ...] = ()
    several: bool = False
    hidden: frozenset[str] = frozenset()
    flaw: str = ""


def items_of(facts: RoundFacts, options: tuple[str, ...], manifest: Manifest | None) -> AskedFacts:
    """What a round asks; `options` as they are called on the page. A stranger's task file that
    makes no question of this round is no error: its flaw is told, and tasks stay tasks."""
    plain = AskedFacts(question_of(facts.rules.kind, options).wording, options)
    if manifest is None:
        return plain
    tasks = zip(manifest.names, manifest.tasks, strict=True)
    by_task = replace(plain, items=tuple(_task(name, task) for name, task in tasks))
    if len(manifest.options) != facts.rules.options:
        return by_task
    try:
        asked = asked_in(facts.rules.kind, manifest)
    except QuestionError as error:
        return replace(by_task, flaw=str(error))
    question = asked.question
    choices = () if question.has_own_choices else asked.items[0].choices
    return AskedFacts(
        question.wording,
        tuple(harmless(str(choice)) for choice in choices),
        tuple(_item(facts, question, item) for item in asked.items),
        question.has_parts,
        question.hidden,
    )


def _task(name: str, task: object) -> ItemFacts:
    return ItemFacts(name, tuple(cut(task_text(task).sections)), "", "")


def _item(facts: RoundFacts, question: Question, item: Item) -> ItemFacts:
    labels = [facts.labels[task] for task in item.tasks]
    combined = question.combined(item, labels)
    contested = any(label.contested for label in labels)
    return ItemFacts(
        name=item.name,
        shown=shown(question, item),
        answer=in_words(question, combined),
        standing="no votes" if combined is None else "contested" if contested else "clear",
    )


def shown(question: Question, item: Item) -> tuple[Section, ...]:
    """What people see of an item, things to be ranked included, cut off where it is long."""
    sections = list(task_text(item.shown, question.hidden).sections)
    if question.has_own_choices:
        sections += [
            Section(f"[{number}]", readable(thing))
            for number, thing in enumerate(item.choices, start=1)
        ]
    return tuple(cut(sections))


def in_words(question: Question, combined: object) -> str:
    """A label of an item; empty if there is none."""
    return answer_text(question, combined, choice_text)


def choice_text(choice: object, longest: int = _CHOICE) -> str:
    """A choice of an item in one line, cut off where it is long."""
    text = excerpt(choice, longest + 1)
    return text if len(text) <= longest else f"{excerpt(choice, longest)} ..."
