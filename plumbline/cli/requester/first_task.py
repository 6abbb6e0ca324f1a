"""A task as labelers see it, for whoever is about to pay for it."""

from collections.abc import Mapping
from functools import partial

from plumbline.files.media import TEXT
from plumbline.files.text import read_text
from plumbline.formats.media_files import MediaFile
from plumbline.formats.round_file import RoundFile
from plumbline.formats.task_text import described, excerpt, readable, task_text
from plumbline.protocol.manifest import Manifest
from plumbline.protocol.media import Media
from plumbline.questions.question import Layout, Question

_LINES = 40  # of a field: enough to see that it is the right one
_EXCERPT = 60  # characters of a gold task


def first_task(manifest: Manifest, question: Question, files: Mapping[str, MediaFile]) -> list[str]:
    """The first task: where it is, what is asked, its text, and the options with their keys; the
    first item with its choices, if items take several tasks. `files` are those that tasks refer to,
    by hash."""
    items = question.items(manifest.tasks, manifest.names)
    item = items[0]
    name = f", {readable(item.name)}" if manifest.has_ids else ""
    what = "Item" if question.has_parts else "Task"
    lines = [f"{what} 1 of {len(items)} as labelers see it{name}:"]
    blocks = [readable(manifest.instructions).strip()]
    show = partial(_content, files)
    for section in task_text(item.shown, question.hidden, show).sections:
        blocks.append(f"{section.name}\n{section.shown}" if section.name else section.shown)
    keys = zip(question.hotkeys(), item.choices, strict=False)  # there may be fewer things
    choices = [f"[{own[0]}] {readable(choice, show, ' ' * 4)}" for own, choice in keys]
    blocks.append(("\n" if question.layout is Layout.RANKING else "   ").join(choices))
    for block in blocks:
        if block:
            shown = block.split("\n")
            more = len(shown) - _LINES
            shown[_LINES:] = [f".. and {more} more lines"] if more > 0 else []
            lines += ["", *(f"    {line}".rstrip() for line in shown)]
    return [*lines, ""]


def _content(files: Mapping[str, MediaFile], media: Media) -> str:
    """A text as it is, and of other content where it is."""
    file = files.get(media.sha256)
    if file is None:
        return described(media)
    if media.type == TEXT:
        return read_text(file.path)
    return f"{media.type}, {file.size:,} bytes\n{file.path}"


def first_gold(wanted: RoundFile) -> str:
    """One gold task with its answer: whoever counts tasks in another way sees it here."""
    task, option = next(iter(wanted.gold.items()))
    manifest = wanted.manifest
    said = excerpt(manifest.tasks[task], _EXCERPT, wanted.question.hidden)
    answer = readable(manifest.options[option])
    return f"Gold task {readable(manifest.names[task])} ({said}): the answer is {answer}"
