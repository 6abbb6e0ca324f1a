"""A task as a labeler reads it.

A task is any JSON that some stranger wrote. It is shown in full and in its own order, but has
no power over the terminal: what cannot be printed is shown as its code point, since a text that
hides something should not look as if it did not, and nothing is read as markup. A requester is
shown the first task by the same functions, before there is any money in it.
"""

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass

from plumbline.harmless import harmless
from plumbline.protocol.media import Media, beside

_LONGEST_DATA = 80  # characters of a picture in base64: nobody reads more
# Names that say nothing where there is only one field.
_BARE = frozenset({"text", "task", "content", "message", "prompt", "question"})
_PAIRS = (("a", "b"), ("1", "2"), ("left", "right"), ("first", "second"))

ShowMedia = Callable[[Media], str]
"""What is read where a task refers to content: as it is, for it is shown as harmless text."""


def described(media: Media) -> str:
    """What a task refers to, where it is not looked at."""
    at = "" if media.src.endswith(media.sha256) else f", at {media.place}"
    return f"({media.type or 'content'}, SHA-256 {media.sha256}{at})"


@dataclass(frozen=True, slots=True)
class Section:
    """One field of a task; the name is empty if the task is not an object."""

    name: str
    body: str

    @property
    def shown(self) -> str:
        """The text, or that there is none."""
        return self.body or "(empty)"


@dataclass(frozen=True, slots=True)
class TaskText:
    """A task in the order it is read; `pair` stands side by side where there is room."""

    before: tuple[Section, ...]
    pair: tuple[Section, Section] | None
    after: tuple[Section, ...]

    @property
    def sections(self) -> tuple[Section, ...]:
        """All fields, one after the other."""
        return (*self.before, *(self.pair or ()), *self.after)


def task_text(
    task: object, hidden: Set[str] = frozenset(), show: ShowMedia = described
) -> TaskText:
    """How to show a task, but for its `id`, which is shown elsewhere, and what is `hidden`.

    `show` reads what it refers to.
    """
    if not isinstance(task, Mapping):
        return TaskText((Section("", readable(task, show)),), None, ())
    left_out = {"id", *hidden} if len(task) > 1 else hidden
    fields = [(key, value) for key, value in task.items() if key not in left_out]
    if len(fields) == 1 and fields[0][0] in _BARE:
        return TaskText((Section("", readable(fields[0][1], show)),), None, ())
    sections = tuple(Section(harmless(key), readable(value, show)) for key, value in fields)
    for place in range(len(sections) - 1):
        first, second = sections[place : place + 2]
        if is_pair(first.name, second.name):
            return TaskText(sections[:place], (first, second), sections[place + 2 :])
    return TaskText(sections, None, ())


def excerpt(task: object, length: int, hidden: Set[str] = frozenset()) -> str:
    """The beginning of a task, or of a thing in it, in one line."""
    refers = Media.of(task) is not None
    sections = (Section("", readable(task)),) if refers else task_text(task, hidden).sections
    whole = " | ".join(" ".join(section.body[:length].split()) for section in sections)
    return harmless(whole[:length])  # again, as what ends a line that runs backwards may be gone


def readable(value: object, show: ShowMedia = described, indent: str = "") -> str:
    """Any JSON as people would write it down."""
    if isinstance(value, str):
        return harmless(_short_data(value), "\n").replace("\n", "\n" + indent)
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "(nothing)"}[value]
    if isinstance(value, Mapping):
        media = Media.of(value)
        if media is not None:
            said = [harmless(show(media), "\n").replace("\n", "\n" + indent)]
            said += [readable(beside(value), show, indent)] if beside(value) else []
            return f"\n{indent}".join(said)
        if set(value) == {"role", "content"}:  # a turn of a conversation
            value = {str(value["role"]): value["content"]}
        return f"\n{indent}".join(
            f"{harmless(str(key))}:{_below(item, show, indent)}" for key, item in value.items()
        )
    if isinstance(value, (list, tuple)):
        return f"\n{indent}".join(f"- {readable(item, show, indent + '  ')}" for item in value)
    return str(value)


def _below(value: object, show: ShowMedia, indent: str) -> str:
    text = readable(value, show, indent + "  ")
    many = isinstance(value, (Mapping, list, tuple)) and value and Media.of(value) is None
    return f"\n{indent}  {text}" if many or "\n" in text else f" {text}"


def _short_data(text: str) -> str:
    if not text.startswith("data:") or len(text) <= _LONGEST_DATA:
        return text
    return f"{text[:_LONGEST_DATA]}.. ({len(text):,} characters, see the task file)"


def is_pair(first: str, second: str) -> bool:
    """Whether two fields are the two sides of a comparison: a and b, reply_1 and reply_2."""
    first, second = first.lower(), second.lower()
    for end, other in _PAIRS:
        head = first.removesuffix(end)
        if first.endswith(end) and second == head + other and not head[-1:].isalnum():
            return True
    return False
