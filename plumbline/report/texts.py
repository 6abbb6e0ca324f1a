"""Numbers, times and strangers' texts in the form a page shows them."""

from collections.abc import Iterable, Set
from datetime import UTC, datetime
from typing import Final

from markupsafe import Markup, escape

from plumbline.formats.task_text import Section, excerpt
from plumbline.harmless import harmless
from plumbline.units import format_duration

_LONGEST_TASK: Final = 600  # letters shown of a task
_LONGEST_GIST: Final = 140  # letters of a task in a table
_NEVER: Final = 32_503_680_000  # unix seconds of the year 3000: no time of any round


def cut(whole: Iterable[Section]) -> list[Section]:
    """A task as labelers were shown it, field by field, cut off where it is long."""
    shown, room = [], _LONGEST_TASK
    for section in whole:
        body = section.body
        if len(body) > room:
            shown.append(Section(section.name, harmless(body[:room], "\n") + " ..."))
            break
        shown.append(section)
        room -= len(body)
    return shown


def gist(task: object, hidden: Set[str] = frozenset()) -> str:
    """The beginning of a task in one line, for a table."""
    text = excerpt(task, 2 * _LONGEST_GIST, hidden)
    if len(text) <= _LONGEST_GIST:
        return text
    cut = text[:_LONGEST_GIST]
    word = cut.rfind(" ")  # not all scripts have spaces
    return harmless(cut[:word] if word > _LONGEST_GIST // 2 else cut) + " ..."


def utc(timestamp: int | None) -> Markup:
    """A time in unix seconds, as a `time` element; a dash for None."""
    if timestamp is None:
        return Markup('<span class="none">-</span>')
    if not 0 <= timestamp < _NEVER:
        return escape(f"{timestamp} seconds")
    moment = datetime.fromtimestamp(timestamp, UTC)
    return Markup('<time datetime="{}">{}</time>').format(
        moment.strftime("%Y-%m-%dT%H:%M:%SZ"), moment.strftime("%Y-%m-%d %H:%M:%S")
    )


def since(timestamp: int | None, start: int | None) -> str:
    """How long after `start`: `+1h 30m`; a dash if either is not known."""
    if timestamp is None or start is None:
        return "-"
    sign = "+" if timestamp >= start else "-"
    return f"{sign}{format_duration(abs(timestamp - start))}"


def address(value: str) -> Markup:
    """An address whose middle is out of sight but there: for copying, print and reading out."""
    text = harmless(value)
    return Markup('<code class="address">{}<span class="middle">{}</span>{}</code>').format(
        text[:6], text[6:-4], text[-4:]
    )


def kappa(value: float | None) -> str:
    """Two places; a dash for None."""
    return "-" if value is None else f"{value:.2f}"


def share(bps: int) -> str:
    """A share in bps as percent: `25%`, `2.5%`."""
    return f"{bps / 100:g}%"
