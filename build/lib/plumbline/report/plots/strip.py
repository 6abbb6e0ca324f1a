"""Everybody on the scale of kappa, piled up, with the thresholds that decide about money."""

from typing import Final

from markupsafe import Markup

from plumbline.report.facts import RoundFacts
from plumbline.report.plots.svg import Drawing

_WIDTH: Final = 720.0
_EDGE: Final = 24.0
_TOP: Final = 60.0
_ROOM: Final = 190.0  # for the highest pile
_HIGH: Final = 12  # labelers in a pile
_PILES: Final = 64  # on the whole axis from -1 to 1


def strip(facts: RoundFacts) -> Markup:
    """One sign for each labeler who is scored; nothing is drawn beyond what is in the table."""
    scored = [one for one in facts.labelers if one.score is not None]
    scores = [one.score for one in scored if one.score is not None]
    low = -1.0 if min(scores, default=0.0) < -0.5 else -0.5
    step = 2 / _PILES
    piles: dict[int, int] = {}
    places = []
    for one, score in sorted(zip(scored, scores, strict=True), key=lambda pair: pair[1]):
        pile = round((score + 1) / step)
        places.append((one, score, pile, piles.get(pile, 0)))
        piles[pile] = piles.get(pile, 0) + 1
    highest = max(piles.values(), default=1)
    pitch = min(15.0, _ROOM / highest)
    radius = max(1.6, min(6.4, pitch * 0.46))
    floor = _TOP + max(120.0, highest * pitch + 16)

    def at(kappa: float) -> float:
        return _EDGE + (kappa - low) / (1 - low) * (_WIDTH - 2 * _EDGE)

    bands = [f"{count} {band}" for band, count in facts.counts.items()]
    drawing = Drawing(
        "strip",
        "How far each labeler agrees with the others",
        f"Scale of kappa from {low:g} to 1. Stakes are slashed at 0 and below, pay begins at "
        f"{facts.near_from:.3f} and is full from {facts.bar:.3f} on. "
        f"Labelers: {', '.join(bands) or 'none'}.",
        _WIDTH,
        floor + 40,
        "strip",
    )
    edges = (low, 0.0, min(1.0, facts.near_from), min(1.0, facts.bar), 1.0)
    zones = ("outlier", "far", "part", "near")
    for zone, left, right in zip(zones, edges, edges[1:], strict=False):
        drawing.rect(at(left), _TOP, at(right) - at(left), floor - _TOP, f"zone {zone}")
    for level, (kappa, words) in enumerate(
        ((0.0, "0: chance"), (facts.near_from, "near from"), (facts.bar, "full pay from"))
    ):
        y = 14.0 + level * 20
        x = at(min(1.0, kappa))
        drawing.line(x, y + 4, x, floor, f"rule rule{level}")
        label = words if level == 0 else f"{words} {kappa:.2f}"
        drawing.text(x - 6, y + 4, label, "soft halo", "end")
    for one, score, pile, height in places:
        # A high pile would lean if everyone stood exactly where they belong.
        where = pile * step - 1 if highest > _HIGH else score
        tip = f"labeler {one.number}: {one.band}, kappa {score:.3f}"
        drawing.mark(one.band, at(where), floor - 10 - height * pitch, radius, tip)
    drawing.line(at(low), floor, at(1.0), floor, "axis")
    tick = low
    while tick <= 1.001:
        drawing.line(at(tick), floor, at(tick), floor + 5, "axis")
        drawing.text(at(tick), floor + 24, f"{tick:g}", "soft", "middle")
        tick += 0.5
    return drawing.markup()
