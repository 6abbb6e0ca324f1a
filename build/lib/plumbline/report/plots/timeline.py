"""When everybody committed and revealed, against the deadlines.

Rounds last hours or weeks, and what happens in them may take seconds. So each stretch between
two moments is as wide as the logarithm of its length; the moments have letters, which a table
gives exactly.
"""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from markupsafe import Markup

from plumbline.report.facts import RoundFacts
from plumbline.report.plots.svg import Drawing

_WIDTH: Final = 720.0
_EDGE: Final = 26.0
_TOP: Final = 34.0
_NARROW: Final = 30.0  # a stretch has room for its letter
_ROOM: Final = 96.0  # wide enough for the name of a phase
_DEADLINES: Final = frozenset({"commit deadline", "reveal deadline", "gold deadline"})


@dataclass(frozen=True, slots=True)
class Moment:
    """A time in unix seconds with a name, and the letter it has in the picture."""

    letter: str
    time: int
    name: str

    @property
    def is_deadline(self) -> bool:
        """Whether the terms set it."""
        return any(part in _DEADLINES for part in self.name.split(" / "))


def moments(facts: RoundFacts) -> tuple[Moment, ...]:
    """What happened and what was due, in order; empty if the time of the opening is not known."""
    if facts.opened_at is None:
        return ()
    ends = facts.told.deadlines
    commits = [one.committed for one in facts.labelers if one.committed is not None]
    reveals = [one.revealed for one in facts.labelers if one.revealed is not None]
    named = [
        ("opened", facts.opened_at),
        *(
            (("first commitment", min(commits)), ("last commitment", max(commits)))
            if commits
            else ()
        ),
        *((("first reveal", min(reveals)), ("last reveal", max(reveals))) if reveals else ()),
        ("commit deadline", ends.commit),
        ("reveal deadline", ends.reveal),
        *((("gold deadline", ends.gold),) if ends.gold else ()),
        *(((facts.state, facts.ended_at),) if facts.ended_at is not None else ()),
    ]
    by_time: dict[int, list[str]] = {}
    for name, time in named:
        by_time.setdefault(time, []).append(name)
    return tuple(
        Moment(chr(ord("A") + place), time, " / ".join(names))
        for place, (time, names) in enumerate(sorted(by_time.items()))
    )


def timeline(facts: RoundFacts) -> Markup:
    """The picture; empty if times are not known."""
    found = moments(facts)
    if not found:
        return Markup("")
    people = sorted(facts.labelers, key=lambda one: (one.committed or 0, one.number))
    pitch = max(3.0, min(11.0, 330 / max(1, len(people))))
    floor = _TOP + max(40.0, len(people) * pitch + 10)
    places = _places(found)
    late = sum(1 for one in facts.labelers if one.revealed is None)
    drawing = Drawing(
        "timeline",
        "When labelers committed and revealed",
        f"{len(facts.labelers)} labelers committed, {len(facts.labelers) - late} revealed. "
        + "; ".join(f"{moment.letter}: {moment.name}" for moment in found)
        + ". The table below has the times.",
        _WIDTH,
        floor + 12,
        "time",
    )

    def at(time: int) -> float:
        later = next((i for i, moment in enumerate(found) if moment.time >= time), len(found) - 1)
        if found[later].time <= time or later == 0:
            return places[later]
        before = found[later - 1]
        share = (time - before.time) / (found[later].time - before.time)
        return places[later - 1] + share * (places[later] - places[later - 1])

    ends = facts.told.deadlines
    start = _EDGE
    for phase, end in (("commit", ends.commit), ("reveal", ends.reveal), ("gold", ends.gold)):
        if end:
            drawing.rect(start, _TOP, at(end) - start, floor - _TOP, f"phase {phase}")
            if at(end) - start > _ROOM:
                drawing.text(at(end) - 8, floor - 8, phase, "soft", "end")
            start = at(end)
    for moment, x in zip(found, places, strict=True):
        style = "rule deadline" if moment.is_deadline else "rule faint"
        drawing.line(x, _TOP - 6, x, floor, style)
        drawing.text(x, _TOP - 14, moment.letter, "strong", "middle")
    for place, one in enumerate(people):
        if one.committed is None:
            continue
        y = _TOP + 5 + (place + 0.5) * pitch
        radius = max(1.3, min(3.6, pitch * 0.36))
        x = at(one.committed)
        if one.revealed is not None:
            drawing.line(x, y, at(one.revealed), y, f"thread {one.band}")
            drawing.mark(one.band, at(one.revealed), y, radius, f"labeler {one.number} reveals")
        drawing.circle(x, y, radius, "mark open", f"labeler {one.number} commits")
    drawing.line(_EDGE, floor, _WIDTH - _EDGE, floor, "axis")
    return drawing.markup()


def _places(found: tuple[Moment, ...]) -> list[float]:
    """Where each moment is drawn."""
    logs = [math.log1p(later.time - sooner.time) for sooner, later in pairwise(found)]
    spare = _WIDTH - 2 * _EDGE - _NARROW * len(logs)
    scale = spare / sum(logs) if logs else 0.0
    places = [_EDGE]
    for log in logs:
        places.append(places[-1] + _NARROW + log * scale)
    return places
