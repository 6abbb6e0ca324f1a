"""The options of a round with their keys, drawn as well as there is room."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from textual.content import Content

from plumbline.harmless import harmless

_GAP = 1  # columns between two options
_TALL = 3  # rows of an option in a frame
_THIN, _HEAVY, _DOUBLE = tuple("╭─╮│╰╯"), tuple("┏━┓┃┗┛"), tuple("╔═╗║╚╝")
_KEY_STYLE = "bold reverse"


def draw_options(
    options: Sequence[str],
    keys: Sequence[tuple[str, ...]],
    width: int,
    rows: int,
    given: Collection[int],
    cursor: int | None,
) -> tuple[Content, bool]:
    """The options in that room, and whether a name had to be cut.

    In frames next to each other if they fit, else as a list in columns. What is `given` has
    a tick and a heavy frame, the cursor a triangle and a double one: nothing hangs on colour.
    """
    width = max(width, 1)
    frames = [
        _Frame(harmless(name), own, place in given, place == cursor)
        for place, (name, own) in enumerate(zip(options, keys, strict=True))
    ]
    gaps = _GAP * (len(frames) - 1)
    wide = max(frame.width for frame in frames)
    if rows >= _TALL and sum(frame.width for frame in frames) + gaps <= width:
        # All of one width are a calmer sight, if there is room for it.
        even = wide if wide * len(frames) + gaps <= width else 0
        drawn = [frame.draw(max(even, frame.width)) for frame in frames]
        lines = [Content(" " * _GAP).join(line) for line in zip(*drawn, strict=True)]
        return Content("\n").join(lines), False
    wide = max(frame.in_line(frames).cell_length for frame in frames)
    across = max(1, (width + _GAP) // (wide + _GAP))
    if -(-len(frames) // across) > rows:
        across = -(-len(frames) // max(rows, 1))
    column = min(wide, max(1, (width + _GAP) // across - _GAP))
    if column < wide:
        # One key is enough where names are cut.
        frames = [replace(frame, keys=frame.keys[:1]) for frame in frames]
    cells = [frame.in_line(frames) for frame in frames]
    return _columns(cells, across, column), column < wide


@dataclass(frozen=True, slots=True)
class _Frame:
    """An option with its keys."""

    name: str
    keys: tuple[str, ...]
    answered: bool
    cursor: bool

    @property
    def width(self) -> int:
        """Columns that it takes in a frame."""
        return max(Content(self.name).cell_length + 4, len(self.badge) + 7)

    @property
    def badge(self) -> str:
        """Its keys."""
        return " ".join(["", *self.keys, ""])

    @property
    def _name_style(self) -> str:
        return "bold" if self.answered or self.cursor else ""

    def draw(self, width: int) -> tuple[Content, Content, Content]:
        """Three lines: keys and tick in the upper edge, the name in the middle."""
        corners, style = (
            (_DOUBLE, "bold $accent")
            if self.cursor
            else (_HEAVY, "bold $success")
            if self.answered
            else (_THIN, "dim")
        )
        top_left, edge, top_right, side, left, right = corners
        tick = " ✓ " if self.answered else edge * 3
        name = Content(f"{'▸' if self.cursor else ' '}{self.name}")
        return (
            Content.assemble(
                (top_left + edge, style),
                (self.badge, _KEY_STYLE),
                (edge * (width - len(self.badge) - 6) + tick + top_right, style),
            ),
            Content.assemble(
                (side, style),
                name.pad_right(width - 2 - name.cell_length).stylize(self._name_style),
                (side, style),
            ),
            Content.styled(left + edge * (width - 2) + right, style),
        )

    def in_line(self, among: "Sequence[_Frame]") -> Content:
        """All in one line, what matters most in front, in case the end is cut off."""
        badges = max(len(frame.badge) for frame in among)
        # A scale of 1 to 5 need not say each step twice.
        name = "" if self.name.strip().lower() == self.keys[0] else f" {self.name}"
        return Content.assemble(
            ("▸" if self.cursor else " ", "bold $accent"),
            ("✓" if self.answered else " ", "bold $success"),
            (self.badge, _KEY_STYLE),
            " " * (badges - len(self.badge)),
            (name, self._name_style),
        )


def _columns(cells: list[Content], across: int, column: int) -> Content:
    """Down the first column, then down the next: lowest first."""
    rows = -(-len(cells) // across)
    fitted = [cell.truncate(column, ellipsis=True, pad=True) for cell in cells]
    return Content("\n").join([Content(" " * _GAP).join(fitted[row::rows]) for row in range(rows)])
