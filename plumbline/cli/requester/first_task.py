"""A task as labelers see it, for whoever is about to pay for it."""

from plumbline.formats.round_file import RoundFile
from plumbline.formats.task_text import excerpt, readable, task_text
from plumbline.protocol.manifest import Manifest
from plumbline.questions.question import Layout, Question

_LINES = 40  # of a field: enough to see that it is the right one
_EXCERPT = 60  # characters of a gold task


def first_task(manifest: Manifest, question: Question) -> list[str]:
    """The first task: where it is, what is asked, its text, and the options with their keys; the
    first item with its choices, if items take several tasks."""
    items = question.items(manifest.tasks, manifest.names)
    item = items[0]
    name = f", {readable(item.name)}" if manifest.has_ids else ""
    what = "Item" if question.has_parts else "Task"
    lines = [f"{what} 1 of {len(items)} as labelers see it{name}:"]
    blocks = [readable(manifest.instructions).strip()]
    for section in task_text(item.shown, question.hidden).sections:
        blocks.append(f"{section.name}\n{section.shown}" if section.name else section.shown)
    keys = zip(question.hotkeys(), item.choices, strict=False)  # there may be fewer things
    choices = [f"[{own[0]}] {readable(choice, ' ' * 4)}" for own, choice in keys]
    blocks.append(("\n" if question.layout is Layout.RANKING else "   ").join(choices))
    for block in blocks:
        if block:
            shown = block.split("\n")
            more = len(shown) - _LINES
            shown[_LINES:] = [f".. and {more} more lines"] if more > 0 else []
            lines += ["", *(f"    {line}".rstrip() for line in shown)]
    return [*lines, ""]


def first_gold(wanted: RoundFile) -> str:
    """One gold task with its answer: whoever counts tasks in another way sees it here."""
    task, option = next(iter(wanted.gold.items()))
    manifest = wanted.manifest
    said = excerpt(manifest.tasks[task], _EXCERPT, wanted.question.hidden)
    answer = readable(manifest.options[option])
    return f"Gold task {readable(manifest.names[task])} ({said}): the answer is {answer}"
