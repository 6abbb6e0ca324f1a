"""The money as a river: escrow and stakes on the left, where they went on the right."""

from typing import Final

from markupsafe import Markup

from plumbline.history.round_money import RoundMoney
from plumbline.report.amounts import ShownMoney
from plumbline.report.plots.svg import Drawing, in_order, num
from plumbline.units import Unit

_WIDTH: Final = 720.0
_LEFT: Final = 158.0
_RIGHT: Final = 446.0
_NODE: Final = 12.0
_TALL: Final = 250.0  # all the money, in units of height
_PITCH: Final = 54.0  # room for the two lines of a label
_THIN: Final = 1.5  # what is too little to be seen is drawn so wide

# Field of RoundMoney, name, source, and the style of its river; from top to bottom.
_TARGETS: Final = (
    ("paid", "Paid to labelers", "pay"),
    ("refund", "Refund to requester", "refund"),
    ("in_escrow", "Still in escrow", "held"),
    ("to_sink", "To the sink", "sink"),
    ("bounties", "Leak bounties", "bounty"),
    ("returned", "Stakes returned", "stake"),
    ("locked", "Stakes still locked", "held"),
)
_OF_ESCROW: Final = {
    "paid": "paid",
    "refund": "refund",
    "in_escrow": "in_escrow",
    "to_sink": "forfeit",
}
_OF_STAKES: Final = {
    "to_sink": "slashed",
    "bounties": "bounties",
    "returned": "returned",
    "locked": "locked",
}


def flow(money: RoundMoney, shown: ShownMoney, unit: Unit, name: str = "flow") -> Markup:
    """The picture of where the money went; `shown` is the same money as the page shows it."""
    targets = [target for target in _TARGETS if getattr(money, target[0])]
    scale = _TALL / max(1, money.total_in)
    heights = [max(_THIN, getattr(money, key) * scale) for key, _, _ in targets]
    pitches = [max(_PITCH, height + 18) for height in heights]
    tall = max(sum(pitches), 2 * _PITCH)
    words = in_order([f"{label} {shown.text(key)}" for key, label, _ in targets])
    drawing = Drawing(
        name,
        "Where the money went",
        f"From escrow of {shown.text('escrow')} and stakes of {shown.text('stakes')}: "
        f"{words}. The table below has the exact amounts.",
        _WIDTH,
        tall + 16,
        "flow",
    )
    sources = [("Escrow", money.escrow, _OF_ESCROW), ("Stakes", money.stakes, _OF_STAKES)]
    sources = [source for source in sources if source[1]]
    spare = (tall - sum(amount * scale for _, amount, _ in sources)) / (len(sources) + 1)
    tops = {}
    y = 8.0
    for (key, _, _), height, pitch in zip(targets, heights, pitches, strict=True):
        tops[key] = y + (pitch - height) / 2
        y += pitch
    filled = dict.fromkeys(tops, 0.0)
    y = 8.0 + spare
    for label, amount, parts in sources:
        height = amount * scale
        drawing.rect(_LEFT, y, _NODE, max(_THIN, height), "node", f"{label} {unit.exact(amount)}")
        _label(drawing, _LEFT - 12, y + height / 2, label, shown.text(label.lower()), "end")
        start = y
        for key, _, style in targets:
            part = getattr(money, parts[key]) if key in parts else 0
            if part:
                thick = max(_THIN, part * scale)
                to = tops[key] + filled[key]
                drawing.path(
                    _river(start, to, thick),
                    f"river {style}",
                    f"{label} to {key.replace('_', ' ')}: {unit.exact(part)}",
                )
                start += part * scale
                filled[key] += thick
        y += height + spare
    for (key, label, style), height in zip(targets, heights, strict=True):
        amount = getattr(money, key)
        drawing.rect(_RIGHT, tops[key], _NODE, height, f"node {style}", unit.exact(amount))
        middle = tops[key] + height / 2
        _label(drawing, _RIGHT + _NODE + 12, middle, label, shown.text(key), "start")
    return drawing.markup()


def _label(drawing: Drawing, x: float, y: float, name: str, amount: str, anchor: str) -> None:
    drawing.text(x, y - 4, name, "strong", anchor)
    drawing.text(x, y + 18, amount, "soft", anchor)


def _river(start: float, end: float, thick: float) -> str:
    left, right = _LEFT + _NODE, _RIGHT
    middle = (left + right) / 2
    return (
        f"M{num(left)} {num(start)}C{num(middle)} {num(start)} {num(middle)} {num(end)} "
        f"{num(right)} {num(end)}V{num(end + thick)}C{num(middle)} {num(end + thick)} "
        f"{num(middle)} {num(start + thick)} {num(left)} {num(start + thick)}Z"
    )
