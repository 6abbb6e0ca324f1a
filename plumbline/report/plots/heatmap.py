"""Who says the same as whom: a square of labelers, ordered so that groups show."""

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup

from plumbline.report.agreement import Agreement, Compared
from plumbline.report.plots.png import Colour, data_uri
from plumbline.report.plots.svg import Drawing

_SIDE: Final = 560.0
_EDGE: Final = 62.0
_NAMED: Final = 45  # labelers, up to which each row has room for a number
_NOTHING: Final = 255  # index of the colour of pairs that nothing can be said of
_ALIKE: Final = (38, 116, 190)
_CONTRARY: Final = (208, 84, 24)


def heatmap(agreement: Agreement, roll: Sequence[Compared]) -> Markup:
    """The picture of the agreement of each two labelers; `roll` is in the order of the rows that
    were compared."""
    people = [roll[place] for place in agreement.order]
    count = len(people)
    cell = _SIDE / max(1, count)
    drawing = Drawing(
        "heatmap",
        "Agreement of each two labelers",
        f"A square of {count} by {count} labelers, ordered so that those who agree stand "
        "together. Blue is agreement beyond chance, orange contradiction, blank is chance. "
        "The closest pairs are in the table below.",
        _EDGE + _SIDE + 8,
        _SIDE + 16,
        "heat",
    )
    rows = [bytes(_index(value) for value in row) for row in agreement.values]
    drawing.image(_EDGE, 8, _SIDE, _SIDE, data_uri(rows, _palette()))
    drawing.rect(_EDGE, 8, _SIDE, _SIDE, "frame")
    for place, labeler in enumerate(people):
        y = 8 + place * cell
        drawing.rect(
            _EDGE - 14,
            y,
            10,
            cell,
            f"fill {labeler.state}",
            f"labeler {labeler.number}: {labeler.state}",
        )
        if count <= _NAMED:
            drawing.text(_EDGE - 20, y + cell / 2 + 4, str(labeler.number), "fine", "end")
    return drawing.markup()


def _index(value: float | None) -> int:
    return _NOTHING if value is None else round((value + 1) * 127)


def _palette() -> list[Colour]:
    """Chance is see-through, so that the square suits a light page and a dark one."""
    colours: list[Colour] = []
    for index in range(_NOTHING):
        value = index / 127 - 1
        red, green, blue = _ALIKE if value > 0 else _CONTRARY
        colours.append((red, green, blue, round(abs(value) * 255)))
    return [*colours, (0, 0, 0, 0)]
