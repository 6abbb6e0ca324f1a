"""Whether labels are as sure as they should be: what is claimed across, what is right upwards."""

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup

from plumbline.report.dataset_facts import Level
from plumbline.report.plots.svg import Drawing

_WIDTH: Final = 560.0
_LEFT: Final = 62.0
_RIGHT: Final = 24.0
_TALL: Final = 220.0
_TOP: Final = 16.0
_CAP: Final = 5.0  # half of what ends an interval


def calibration(levels: Sequence[Level]) -> Markup:
    """A disc for each level of confidence, with its interval; on the line all is as claimed."""
    least = min(min(level.confidence, level.right.interval[0]) for level in levels)
    low = min(0.5, int(least * 10) / 10)
    floor = _TOP + _TALL
    said = "; ".join(
        f"{level.confidence:.0%} claimed, {level.right.value:.0%} right" for level in levels
    )
    drawing = Drawing(
        "calibration",
        "Confidence against gold answers that were held out",
        f"{len(levels)} levels of confidence: {said}. The table below has the figures.",
        _WIDTH,
        floor + 34,
        "calibration",
    )

    def across(value: float) -> float:
        return _LEFT + (max(value, low) - low) / (1 - low) * (_WIDTH - _LEFT - _RIGHT)

    def up(value: float) -> float:
        return floor - (max(value, low) - low) / (1 - low) * _TALL

    for mark in (low, (low + 1) / 2, 1.0):
        drawing.line(_LEFT, up(mark), _WIDTH - _RIGHT, up(mark), "rule faint")
        drawing.text(_LEFT - 8, up(mark) + 5, f"{mark:.0%}", "soft", "end")
        drawing.line(across(mark), floor, across(mark), floor + 5, "axis")
        drawing.text(across(mark), floor + 26, f"{mark:.0%}", "soft", "middle")
    drawing.line(across(low), up(low), across(1.0), up(1.0), "rule as-claimed")
    for level in levels:
        x = across(level.confidence)
        bottom, top = level.right.interval
        drawing.line(x, up(bottom), x, up(top), "interval")
        for end in (bottom, top):
            drawing.line(x - _CAP, up(end), x + _CAP, up(end), "interval")
        tip = (
            f"claimed {level.confidence:.1%}; {level.right.hits} of {level.right.rounds} are right"
        )
        drawing.circle(x, up(level.right.value), 5.5, "level", tip)
    drawing.line(_LEFT, floor, _WIDTH - _RIGHT, floor, "axis")
    return drawing.markup()
