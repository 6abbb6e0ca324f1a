"""Where each labeler stands on the scale of kappa, below zero too, and why a round is void."""

from collections.abc import Mapping, Sequence

from plumbline.settlement import Mode, Settlement
from plumbline.settlement.consensus import Row, references, tally
from plumbline.settlement.crowd_kappa import measure
from plumbline.settlement.kappa import score
from plumbline.settlement.settle import MIN_CROWD_PPM
from plumbline.settlement.terms import MIN_TASKS, ScoringTerms


def signed_kappas(
    terms: ScoringTerms, rows: Sequence[Row], gold: Mapping[int, int], settlement: Settlement
) -> list[float | None]:
    """G / Gmax of each row, -1 to 1, by the references that the round was judged by.

    The contract says 0 for whoever is not above chance; this tells a guesser from a contrarian.
    None where nobody is scored, or for a labeler whose tasks do not tell.
    """
    if settlement.mode is Mode.VOID:
        return [None] * len(rows)
    if settlement.mode is Mode.GOLD:
        usable = {task: gold[task] for task in settlement.usable_gold}
        pairs = [[(row[task], truth) for task, truth in usable.items()] for row in rows]
    else:
        votes = tally(terms, rows)
        tables = {
            task: references(terms, votes[task]) for task in range(terms.tasks) if task not in gold
        }
        pairs = [
            [
                (row[task], ref)
                for task, table in tables.items()
                if (ref := table[row[task]]) is not None
            ]
            for row in rows
        ]
    kappas: list[float | None] = []
    for own in pairs:
        found = score(terms.options, terms.width, own)
        few = settlement.mode is Mode.PEER and found.tasks < MIN_TASKS
        tells = not few and not found.one_sided(terms.width)
        kappas.append(found.gain / found.best if tells else None)
    return kappas


def why_void(terms: ScoringTerms, rows: Sequence[Row], gold: Mapping[int, int]) -> str:
    """Why nobody could be scored, in the order of the rule (M1 of the specification)."""
    if len(rows) < terms.r_min:
        return f"only {len(rows)} revealed, and the terms ask for {terms.r_min}"
    votes = tally(terms, rows)
    crowd = measure(terms, [votes[task] for task in range(terms.tasks) if task not in gold])
    if crowd.tasks < MIN_TASKS:
        return f"only {crowd.tasks} tasks count, and scores need {MIN_TASKS}"
    if crowd.one_sided(terms.width):
        return "the crowd's answers are too one-sided to tell skill from a constant answer"
    return (
        f"the crowd hardly agrees with itself: kappa {crowd.kappa_ppm / 1e6:.2f}, "
        f"below {MIN_CROWD_PPM / 1e6:.2f}"
    )
