"""How sure labels are: a column for each step of confidence, contested labels lighter on top."""

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup

from plumbline.report.plots.svg import Drawing

_WIDTH: Final = 560.0
_LEFT: Final = 62.0
_RIGHT: Final = 24.0
_TALL: Final = 220.0
_TOP: Final = 16.0
_STEPS: Final = 20


def confidence(labels: Sequence[tuple[float, bool]]) -> Markup:
    """Of the confidence of each label, 0..1, and whether it is contested."""
    low = min(0.5, *(int(sure * 10) / 10 for sure, _ in labels)) if labels else 0.5
    width = (1 - low) / _STEPS
    clear, contested = [0] * _STEPS, [0] * _STEPS
    for sure, is_contested in labels:
        step = max(0, min(_STEPS - 1, int((sure - low) / width)))
        (contested if is_contested else clear)[step] += 1
    most = max(map(sum, zip(clear, contested, strict=True)), default=0) or 1
    sure_ones = sum(sure >= 0.9 for sure, _ in labels)
    floor = _TOP + _TALL
    drawing = Drawing(
        "confidence",
        "How sure the labels are",
        f"{len(labels):,} labels by confidence, of which {sure_ones:,} are at least 90% sure and "
        f"{sum(contested):,} are contested. The highest column has {most:,}.",
        _WIDTH,
        floor + 34,
        "confidence",
    )
    pitch = (_WIDTH - _LEFT - _RIGHT) / _STEPS
    for count in sorted({0, most}):
        y = floor - count / most * _TALL
        drawing.line(_LEFT, y, _WIDTH - _RIGHT, y, "rule faint")
        drawing.text(_LEFT - 8, y + 5, f"{count:,}", "soft", "end")
    for step in range(_STEPS):
        x = _LEFT + step * pitch
        ends = f"{low + step * width:.1%} to {low + (step + 1) * width:.1%}"
        height = clear[step] / most * _TALL
        above = contested[step] / most * _TALL
        if clear[step]:
            tip = f"{ends} sure: {clear[step]:,} clear"
            drawing.rect(x, floor - height, pitch - 1.5, height, "column", tip)
        if contested[step]:
            tip = f"{ends} sure: {contested[step]:,} contested"
            top = floor - height - above
            drawing.rect(x, top, pitch - 1.5, above, "column contested", tip)
    drawing.line(_LEFT, floor, _WIDTH - _RIGHT, floor, "axis")
    for mark in (low, (low + 1) / 2, 1.0):
        x = _LEFT + (mark - low) / (1 - low) * (_WIDTH - _LEFT - _RIGHT)
        drawing.line(x, floor, x, floor + 5, "axis")
        drawing.text(x, floor + 26, f"{mark:.0%}", "soft", "middle")
    return drawing.markup()
