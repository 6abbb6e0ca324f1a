"""A small pen for SVG: whatever text it is given is escaped, and every drawing says what it is."""

from collections.abc import Mapping, Sequence
from typing import Final

from markupsafe import Markup, escape

# How each band is told apart without colour, in a box from -1 to 1; near is a disc.
SHAPES: Final[Mapping[str, tuple[tuple[float, float], ...]]] = {
    "far": ((0, -1.25), (1.25, 0), (0, 1.25), (-1.25, 0)),
    "outlier": ((0, -1.15), (1.15, 0.95), (-1.15, 0.95)),
    "unrevealed": (
        *((-0.55, -1.1), (0, -0.5), (0.55, -1.1), (1.1, -0.55), (0.5, 0), (1.1, 0.55)),
        *((0.55, 1.1), (0, 0.5), (-0.55, 1.1), (-1.1, 0.55), (-0.5, 0), (-1.1, -0.55)),
    ),
    "void": ((-0.95, -0.95), (0.95, -0.95), (0.95, 0.95), (-0.95, 0.95)),
}


class Drawing:
    """An SVG that grows piece by piece; coordinates from the top left, in user units.

    `name` must be unique in the page; `title` is what a screen reader says, `description` what
    one would see.
    """

    def __init__(
        self, name: str, title: str, description: str, width: float, height: float, kind: str = ""
    ) -> None:
        self._head = (
            f'<svg class="plot {_safe(kind)}" role="img" viewBox="0 0 {num(width)} {num(height)}"'
            f' aria-labelledby="{_safe(name)}-title {_safe(name)}-desc">'
            f'<title id="{_safe(name)}-title">{escape(title)}</title>'
            f'<desc id="{_safe(name)}-desc">{escape(description)}</desc>'
        )
        self._parts: list[str] = []

    def rect(
        self, x: float, y: float, width: float, height: float, style: str, tip: str = ""
    ) -> None:
        """A rectangle."""
        self._add(
            f'<rect x="{num(x)}" y="{num(y)}" width="{num(max(width, 0))}"'
            f' height="{num(max(height, 0))}" class="{_safe(style)}"',
            "rect",
            tip,
        )

    def line(self, x1: float, y1: float, x2: float, y2: float, style: str) -> None:
        """A straight line."""
        self._add(
            f'<line x1="{num(x1)}" y1="{num(y1)}" x2="{num(x2)}" y2="{num(y2)}"'
            f' class="{_safe(style)}"',
            "line",
        )

    def path(self, commands: str, style: str, tip: str = "") -> None:
        """A path; `commands` are the program's own, never anybody's text."""
        self._add(f'<path d="{commands}" class="{_safe(style)}"', "path", tip)

    def circle(self, x: float, y: float, radius: float, style: str, tip: str = "") -> None:
        """A disc."""
        self._add(
            f'<circle cx="{num(x)}" cy="{num(y)}" r="{num(radius)}" class="{_safe(style)}"',
            "circle",
            tip,
        )

    def mark(self, band: str, x: float, y: float, radius: float, tip: str = "") -> None:
        """The sign of a band: each has a shape of its own, not only a colour."""
        shape = SHAPES.get(band)
        if shape is None:
            self.circle(x, y, radius, f"mark {band}", tip)
            return
        points = " ".join(f"{num(x + dx * radius)},{num(y + dy * radius)}" for dx, dy in shape)
        self.path(f"M{points}Z", f"mark {band}", tip)

    def text(self, x: float, y: float, words: str, style: str = "", anchor: str = "start") -> None:
        """One line of text."""
        self._parts.append(
            f'<text x="{num(x)}" y="{num(y)}" class="{_safe(style)}" text-anchor="{_safe(anchor)}">'
            f"{escape(words)}</text>"
        )

    def image(self, x: float, y: float, width: float, height: float, png: str) -> None:
        """Pixels, as a data URI of the program's own making."""
        self._parts.append(
            f'<image x="{num(x)}" y="{num(y)}" width="{num(width)}" height="{num(height)}"'
            f' class="pixels" preserveAspectRatio="none" href="{escape(png)}"/>'
        )

    def markup(self) -> Markup:
        """The drawing."""
        return Markup(self._head + "".join(self._parts) + "</svg>")  # all of it escaped above

    def _add(self, start: str, element: str, tip: str = "") -> None:
        end = f"><title>{escape(tip)}</title></{element}>" if tip else "/>"
        self._parts.append(start + end)


def num(value: float) -> str:
    """A number in as few digits as a picture needs."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def in_order(words: Sequence[str]) -> str:
    """`a, b and c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def _safe(text: str) -> str:
    return str(escape(text))
