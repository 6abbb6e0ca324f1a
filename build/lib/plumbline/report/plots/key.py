"""The sign of a band, alone, before its name."""

from markupsafe import Markup, escape

from plumbline.report.plots.svg import SHAPES, num


def key(band: str) -> Markup:
    """A small picture; the name that stands beside it is its alternative text."""
    shape = SHAPES.get(band)
    if shape is None and band != "near":
        body = '<circle r="0.8" class="mark open"/>'
    elif shape is None:
        body = f'<circle r="1" class="mark {escape(band)}"/>'
    else:
        points = " ".join(f"{num(x)},{num(y)}" for x, y in shape)
        body = f'<path d="M{points}Z" class="mark {escape(band)}"/>'
    return Markup(
        f'<svg class="key" role="img" aria-label="{escape(band)}" viewBox="-1.4 -1.4 2.8 2.8">'
        f"{body}</svg>"
    )
