"""The requester's gold answers: whether they are credible, and what they say about a sheet."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from plumbline.settlement.consensus import Row
from plumbline.settlement.kappa import Score, score
from plumbline.settlement.terms import BPS, ScoringTerms

CAPTURED_BPS: Final = 5_000  # a crowd with less gold kappa is not to be trusted
# Credible gold answers have a Gmax of at least 5/16 of min(w, K-1)*g^2: with two options at least a
# fifth of them is of either.
BALANCE_NUMERATOR: Final = 5
BALANCE_DENOMINATOR: Final = 16


@dataclass(frozen=True, slots=True)
class GoldAnswers:
    """The gold answers of a round.

    promised  how many the terms promise; 0 in a round without gold
    opened    task -> answer, as the requester opened them; empty if nothing was opened
    usable    the same, tasks ascending, if they are credible; else empty
    """

    promised: int
    opened: Mapping[int, int]
    usable: Mapping[int, int]

    @property
    def credible(self) -> bool:
        """Whether sheets are held against them."""
        return bool(self.usable)

    @property
    def withheld(self) -> bool:
        """Whether gold answers were promised, and no credible ones were opened."""
        return self.promised > 0 and not self.credible

    def score(self, terms: ScoringTerms, answers: Row) -> Score:
        """The score of T answers against the usable gold answers, all of which count."""
        pairs = [(answers[task], truth) for task, truth in self.usable.items()]
        return score(terms.options, terms.width, pairs)


def examine(terms: ScoringTerms, opened: Mapping[int, int]) -> GoldAnswers:
    """Tell whether the gold answers opened (task -> answer) are credible."""
    ascending = dict(sorted(opened.items()))
    usable = ascending if is_credible(terms, ascending) else {}
    return GoldAnswers(terms.gold_count, ascending, usable)


def is_credible(terms: ScoringTerms, opened: Mapping[int, int]) -> bool:
    """Whether gold answers (task -> answer) are as promised, and varied enough to judge by."""
    if not terms.has_gold or len(opened) != terms.gold_count:
        return False
    for task, truth in opened.items():
        if not 0 <= task < terms.tasks or not 0 <= truth < terms.options:
            return False
    # Gmax is the same for every sheet: an empty one will do.
    best = score(terms.options, terms.width, [(None, truth) for truth in opened.values()]).best
    bound = min(terms.width, terms.options - 1) * terms.gold_count**2
    return best * BALANCE_DENOMINATOR >= BALANCE_NUMERATOR * bound


def passed(terms: ScoringTerms, gold_score: Score) -> bool:
    """Whether a sheet of that score against the gold answers is counted, and may be paid."""
    if gold_score.gain <= 0:
        return False
    return gold_score.gain * BPS >= terms.gold_pass_bps * gold_score.best


def failed(terms: ScoringTerms, gold_score: Score) -> bool:
    """Whether a sheet of that score against the gold answers is slashed whatever the others say."""
    if gold_score.gain >= 0:
        return False
    return -gold_score.gain * BPS >= terms.gold_slash_bps * gold_score.best


def found_nothing(gold_score: Score) -> bool:
    """Whether the gold answers show no knowledge at all, so that the others are believed."""
    return gold_score.gain <= 0


def captured(gold_score: Score) -> bool:
    """Whether a crowd with that score against the gold answers is not to be trusted."""
    return gold_score.gain <= 0 or gold_score.gain * BPS < CAPTURED_BPS * gold_score.best
