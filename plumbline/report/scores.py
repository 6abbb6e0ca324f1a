"""Where each labeler stands on the scale of kappa, below zero too, and why a round is void."""

from plumbline.settlement import WorkedSettlement
from plumbline.settlement.reference import MIN_CROWD_PPM
from plumbline.settlement.terms import MIN_TASKS


def signed_kappas(settlement: WorkedSettlement) -> list[float | None]:
    """G / Gmax of each row, -1 to 1, by what judged it; None for whoever is not scored.

    The contract says 0 for whoever is not above chance; this tells a guesser from a contrarian.
    """
    return [
        None if judged is None else judged.score.gain / judged.score.best
        for judged in settlement.working.scores
    ]


def gold_kappas(settlement: WorkedSettlement) -> list[float | None]:
    """The same against the gold answers; None for the unrevealed, and without credible ones."""
    return [
        None if score is None else score.gain / score.best
        for score in settlement.working.gold_scores
    ]


def why_void(settlement: WorkedSettlement) -> str:
    """Why nobody could be scored, in the order of the rule (M1 of the specification)."""
    terms, crowd = settlement.working.terms, settlement.working.crowd
    revealed = sum(row is not None for row in settlement.working.answers)
    if revealed == 0:
        return "nobody revealed"
    if revealed < terms.r_min:
        return f"only {revealed} revealed, and the terms ask for {terms.r_min}"
    if crowd.tasks < MIN_TASKS:
        return f"only {crowd.tasks} tasks count, and scores need {MIN_TASKS}"
    if crowd.one_sided(terms.width):
        return "the crowd's answers are too one-sided to tell skill from a constant answer"
    return (
        f"the crowd hardly agrees with itself: kappa {crowd.kappa_ppm / 1e6:.2f}, "
        f"below {MIN_CROWD_PPM / 1e6:.2f}"
    )
