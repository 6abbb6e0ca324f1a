"""The labels of a round: what the crowd says about each task, and how firmly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plumbline.settlement.consensus import (
    MIN_ORDINAL_VOTES,
    Row,
    crowd_answer,
    reference,
    tally,
)
from plumbline.settlement.terms import Kind, ScoringTerms


@dataclass(frozen=True, slots=True)
class Label:
    """The crowd's answer to one task.

    consensus   an option, None where nobody voted
    votes       for each option
    contested   whether the crowd is of no clear mind: nominal, no margin that counts; ordinal,
                too few votes, or fewer than half of them within half the width
    gold        the requester's own answer, None if the task is no (opened) gold
    """

    task: int
    consensus: int | None
    votes: tuple[int, ...]
    contested: bool
    gold: int | None


def labels(terms: ScoringTerms, rows: Sequence[Row], gold: Mapping[int, int]) -> list[Label]:
    """The labels of all T tasks, from all revealed rows and the golds opened."""
    made = []
    for task, votes in enumerate(tally(terms, rows)):
        consensus = crowd_answer(terms, votes)
        contested = _is_contested(terms, votes, consensus)
        made.append(Label(task, consensus, tuple(votes), contested, gold.get(task)))
    return made


def _is_contested(terms: ScoringTerms, votes: Sequence[int], consensus: int | None) -> bool:
    if consensus is None:
        return True
    if terms.kind is Kind.NOMINAL:
        return reference(terms, votes, None) is None
    near = sum(
        count for option, count in enumerate(votes) if abs(option - consensus) <= terms.width // 2
    )
    return sum(votes) < MIN_ORDINAL_VOTES or near * 2 < sum(votes)
