"""How firmly the crowd decided each task: one column each, the firmest first."""

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup

from plumbline.report.facts import firmness
from plumbline.report.plots.svg import Drawing
from plumbline.settlement.labels import Label

_WIDTH: Final = 720.0
_EDGE: Final = 44.0
_TALL: Final = 150.0
_TOP: Final = 12.0


def skyline(labels: Sequence[Label]) -> Markup:
    """The share of the votes that each task's most chosen option has."""
    shares = sorted(
        ((firmness(label), label) for label in labels),
        key=lambda pair: (-pair[0], pair[1].task),
    )
    contested = sum(label.contested for label in labels)
    floor = _TOP + _TALL
    drawing = Drawing(
        "skyline",
        "How firmly the crowd decided each task",
        f"{len(labels)} tasks, ordered by the share of votes that the most chosen option has, "
        f"from {shares[0][0]:.0%} down to {shares[-1][0]:.0%}. {contested} are contested.",
        _WIDTH,
        floor + 34,
        "sky",
    )
    step = (_WIDTH - 2 * _EDGE) / len(shares)
    for level in (0, 0.5, 1):
        y = floor - level * _TALL
        drawing.line(_EDGE, y, _WIDTH - _EDGE, y, "rule faint")
        drawing.text(_EDGE - 8, y + 5, f"{level:.0%}", "soft", "end")
    for place, (share, label) in enumerate(shares):
        x = _EDGE + place * step
        style = "column contested" if label.contested else "column"
        votes = " : ".join(str(count) for count in label.votes)
        tip = f"task {label.task + 1}: votes {votes}{', contested' if label.contested else ''}"
        drawing.rect(x, floor - share * _TALL, max(0.8, step - 0.6), share * _TALL, style, tip)
        if label.gold is not None:
            drawing.mark(
                "far", x + step / 2, floor + 12, 3.2, f"task {label.task + 1} is a gold task"
            )
    return drawing.markup()
