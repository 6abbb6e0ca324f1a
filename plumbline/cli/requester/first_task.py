"""A task as labelers see it, for whoever is about to pay for it."""

from collections.abc import Mapping
from functools import partial

from plumbline.files.media import TEXT
from plumbline.files.text import read_text
from plumbline.formats.item_text import item_blocks
from plumbline.formats.media_files import MediaFile
from plumbline.formats.round_file import RoundFile
from plumbline.formats.task_text import described, excerpt, readable
from plumbline.protocol.manifest import Manifest
from plumbline.protocol.media import Media
from plumbline.questions.question import NONE, Question

_LINES = 40  # of a field: enough to see that it is the right one
_EXCERPT = 60  # characters of a gold task


def first_task(manifest: Manifest, question: Question, files: Mapping[str, MediaFile]) -> list[str]:
    """The first task or item: where it is, what is asked, its text, and its choices with keys.

    `files` are those that tasks refer to, by hash.
    """
    items = question.items(manifest.tasks, manifest.names)
    first = items[0]
    noun = "Item" if question.has_parts else "Task"
    name = f", {readable(first.name)}" if first.name != "1" else ""
    tasks = f", {len(first.tasks)} tasks of {len(manifest.tasks)}" if question.has_parts else ""
    lines = [f"{noun} 1 of {len(items)} as labelers see it{name}{tasks}:"]
    blocks = [readable(manifest.instructions).strip()]
    blocks += item_blocks(question, first, partial(_content, files))
    if not question.has_own_choices:  # which are among the blocks
        choices = zip(question.hotkeys(), first.choices, strict=True)
        blocks.append("   ".join(f"[{own[0]}] {readable(choice)}" for own, choice in choices))
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
    """One gold task with its answer, or an item of them: whoever counts in another way sees it."""
    manifest, question = wanted.manifest, wanted.question
    for item in question.items(manifest.tasks, manifest.names):
        known = [wanted.gold[task] for task in item.tasks if task in wanted.gold]
        chosen = question.chosen(item, known) if len(known) == len(item.tasks) else None
        if chosen is not None:
            noun = "item" if question.has_parts else "task"
            said = excerpt(item.shown or list(item.choices), _EXCERPT, question.hidden)
            answer = question.joint.join(excerpt(item.choices[n], _EXCERPT) for n in chosen)
            return f"Gold {noun} {readable(item.name)} ({said}): the answer is {answer or NONE}"
    task, option = next(iter(wanted.gold.items()))
    said = excerpt(manifest.tasks[task], _EXCERPT, question.hidden)
    answer = readable(manifest.options[option])
    return f"Gold task {readable(manifest.names[task])} ({said}): the answer is {answer}"
