"""An item and the answer to it in plain text, for files, tables and pages."""

from collections.abc import Callable

from plumbline.formats.task_text import ShowMedia, described, readable, task_text
from plumbline.questions.question import NONE, Item, Question


def item_blocks(question: Question, item: Item, show: ShowMedia = described) -> list[str]:
    """Its fields one after the other, then the things to be ranked with their numbers.

    `show` reads what it refers to.
    """
    blocks = [
        f"{section.name}\n{section.shown}" if section.name else section.shown
        for section in task_text(item.shown, question.hidden, show).sections
    ]
    if question.has_own_choices:
        blocks += [
            f"[{n}] {readable(thing, show)}" for n, thing in enumerate(item.choices, start=1)
        ]
    return blocks


def answer_text(question: Question, combined: object, say: Callable[[object], str]) -> str:
    """What `combined` says of an item, in one text: empty if nothing. `say` has words for a
    choice."""
    if combined is None:
        return ""
    chosen = combined if isinstance(combined, list) else [combined]
    return question.joint.join(map(say, chosen)) or NONE
