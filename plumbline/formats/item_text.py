"""An item in plain text, for files and where there is no screen for it."""

from plumbline.formats.task_text import readable, task_text
from plumbline.questions.question import Item, Layout, Question


def item_blocks(question: Question, item: Item) -> list[str]:
    """Its fields one after the other, then the things to be ranked with their numbers."""
    blocks = [
        f"{section.name}\n{section.shown}" if section.name else section.shown
        for section in task_text(item.shown, question.hidden).sections
    ]
    if question.layout is Layout.RANKING:
        blocks += [f"[{n}] {readable(thing)}" for n, thing in enumerate(item.choices, start=1)]
    return blocks
