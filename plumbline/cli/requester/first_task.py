"""A task as labelers see it, for whoever is about to pay for it."""

from collections.abc import Mapping
from functools import partial

from plumbline.files.media import TEXT
from plumbline.files.text import read_text
from plumbline.formats.media_files import MediaFile
from plumbline.formats.round_file import RoundFile
from plumbline.formats.task_text import described, excerpt, readable, task_text
from plumbline.protocol.media import Media

_LINES = 40  # of a field: enough to see that it is the right one
_EXCERPT = 60  # characters of a gold task


def first_task(wanted: RoundFile) -> list[str]:
    """The first task: where it is, what is asked, its text, and the options with their keys."""
    manifest = wanted.manifest
    name = f", {readable(manifest.names[0])}" if manifest.has_ids else ""
    lines = [f"Task 1 of {len(manifest.tasks)} as labelers see it{name}:"]
    blocks = [readable(manifest.instructions).strip()]
    text = task_text(manifest.tasks[0], wanted.question.hidden, partial(_content, wanted.files))
    for section in text.sections:
        blocks.append(f"{section.name}\n{section.shown}" if section.name else section.shown)
    keys = wanted.question.hotkeys()
    options = [
        f"[{own[0]}] {readable(option)}" for own, option in zip(keys, manifest.options, strict=True)
    ]
    blocks.append("   ".join(options))
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
