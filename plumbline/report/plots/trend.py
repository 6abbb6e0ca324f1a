"""Rounds side by side: a bar of bands for a row of a table, and all scores by round."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from markupsafe import Markup

from plumbline.report.facts import RoundFacts
from plumbline.report.plots.svg import Drawing, in_order

_WIDTH: Final = 720.0
_EDGE: Final = 44.0
_TALL: Final = 250.0
_TOP: Final = 10.0
_BINS: Final = 60


def band_bar(name: str, counts: Mapping[str, int], seats: int) -> Markup:
    """Seats of a round by band, as a bar 120 by 14; free seats are blank."""
    words = in_order([f"{count} {band}" for band, count in counts.items()]) or "nobody"
    drawing = Drawing(name, "Labelers by band", f"Of {seats} seats: {words}.", 120, 14, "spark")
    drawing.rect(0.5, 0.5, 119, 13, "frame")
    x = 0.0
    for band, count in counts.items():
        width = 120 * count / seats
        drawing.rect(x, 0, max(0.6, width - 0.6), 14, f"fill {band}", f"{count} {band}")
        x += width
    return drawing.markup()


def by_round(rounds: Sequence[RoundFacts]) -> Markup:
    """Every labeler's kappa, round by round, with the thresholds of each."""
    floor = _TOP + _TALL
    scores = [
        labeler.score for facts in rounds for labeler in facts.labelers if labeler.score is not None
    ]
    low = -1.0 if min(scores, default=0.0) < -0.5 else -0.5
    drawing = Drawing(
        "by-round",
        "Kappa of all labelers, round by round",
        f"{len(scores)} scores in {len(rounds)} rounds. In each column the upper line is full pay, "
        "the lower one where pay begins; below 0 the stake is slashed.",
        _WIDTH,
        floor + 34,
        "trend",
    )

    def at(kappa: float) -> float:
        return floor - (kappa - low) / (1 - low) * _TALL

    drawing.rect(_EDGE, at(0), _WIDTH - 2 * _EDGE, floor - at(0), "zone outlier")
    for tick in (-1.0, -0.5, 0.0, 0.5, 1.0):
        if tick >= low:
            drawing.line(_EDGE, at(tick), _WIDTH - _EDGE, at(tick), "rule faint")
            drawing.text(_EDGE - 8, at(tick) + 5, f"{tick:g}", "soft", "end")
    step = (_WIDTH - 2 * _EDGE) / max(1, len(rounds))
    every = max(1, -(-len(rounds) // 24))  # so many labels have room
    for place, facts in enumerate(rounds):
        middle = _EDGE + (place + 0.5) * step
        if place % every == 0:
            drawing.text(middle, floor + 24, str(facts.history.round_id), "soft", "middle")
        _column(drawing, facts, middle, step, at)
    return drawing.markup()


def _column(
    drawing: Drawing, facts: RoundFacts, middle: float, step: float, at: Callable[[float], float]
) -> None:
    scores = [(labeler.score, labeler) for labeler in facts.labelers if labeler.score is not None]
    if not scores:
        return
    half = min(60.0, step * 0.42)
    for kappa in (facts.bar, facts.near_from):
        drawing.line(middle - half, at(kappa), middle + half, at(kappa), "rule threshold")
    bins: dict[int, int] = {}
    radius = max(1.4, min(3.6, half / 5))
    for score, labeler in sorted(scores, key=lambda pair: (pair[0], pair[1].number)):
        near_by = bins.get(int(score * _BINS), 0)
        bins[int(score * _BINS)] = near_by + 1
        # To the right, to the left, further to the right: a swarm about the middle.
        aside = (near_by + 1) // 2 * (1 if near_by % 2 else -1) * radius * 2.1
        aside = max(-half, min(half, aside))
        who = f"round {facts.history.round_id}, labeler {labeler.number}"
        tip = f"{who}: {labeler.band}, kappa {score:.3f}"
        drawing.mark(labeler.band, middle + aside, at(score), radius, tip)
