"""The requester's gold answers: which of them hold, and what they say about the crowd."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from plumbline.settlement.consensus import Row, crowd_answer, plurality
from plumbline.settlement.terms import BPS, Kind, ScoringTerms

MIN_USABLE: Final = 6
OVERRULED_BPS: Final = 6_667  # votes on another option that show a gold answer to be wrong
OVERRULED_AT_MOST: Final = 4  # more than one in so many overruled: rather the crowd is wrong
CAPTURED_BPS: Final = 8_000  # a crowd that matches fewer of the usable ones is not to be trusted


@dataclass(frozen=True, slots=True)
class GoldAnswers:
    """The gold answers of a round.

    opened    task -> answer, as the requester opened them
    usable    the same without the overruled, tasks ascending
    counts    whether the usable are enough to be used at all; if not, gold is ignored
    captured  whether the crowd fails them (False if gold is ignored)
    """

    opened: Mapping[int, int]
    usable: Mapping[int, int]
    counts: bool
    captured: bool

    def matches(self, terms: ScoringTerms, answers: Row) -> int:
        """How many usable ones a sheet of T answers agrees with; a skip matches nothing."""
        return sum(is_match(terms, answers[task], truth) for task, truth in self.usable.items())

    def passed(self, terms: ScoringTerms, answers: Row) -> bool:
        """Whether a labeler may be paid, as far as gold goes."""
        if not self.counts:
            return True
        return self.matches(terms, answers) * BPS >= terms.gold_pass_bps * len(self.usable)

    def failed(self, terms: ScoringTerms, answers: Row) -> bool:
        """Whether gold alone gets a labeler slashed."""
        if not self.counts:
            return False
        return self.matches(terms, answers) * BPS <= terms.gold_slash_bps * len(self.usable)


def examine(
    terms: ScoringTerms, opened: Mapping[int, int], tallies: Sequence[Sequence[int]]
) -> GoldAnswers:
    """Hold the gold answers opened (task -> answer) against the votes of all T tasks."""
    usable = _usable(terms, opened, tallies)
    counts = len(usable) >= MIN_USABLE
    gold = GoldAnswers(opened, usable, counts, captured=False)
    if not counts:
        return gold
    crowd = [crowd_answer(terms, votes) for votes in tallies]
    captured = gold.matches(terms, crowd) * BPS < CAPTURED_BPS * len(usable)
    return GoldAnswers(opened, usable, counts, captured)


def is_match(terms: ScoringTerms, answer: int | None, truth: int) -> bool:
    """Whether an answer agrees with a gold answer; a skip does not."""
    if answer is None:
        return False
    # Half the width, that is: as far as an answer still earns half of the credit. A nominal
    # width of 1 makes this an exact match.
    return abs(answer - truth) <= terms.width // 2


def _usable(
    terms: ScoringTerms, opened: Mapping[int, int], tallies: Sequence[Sequence[int]]
) -> dict[int, int]:
    ascending = dict(sorted(opened.items()))
    if terms.kind is Kind.ORDINAL:
        return ascending
    kept = {
        task: truth for task, truth in ascending.items() if not _overruled(tallies[task], truth)
    }
    overruled = len(ascending) - len(kept)
    return ascending if overruled * OVERRULED_AT_MOST > len(ascending) else kept


def _overruled(votes: Sequence[int], truth: int) -> bool:
    total = sum(votes)
    leader = plurality(votes)
    return total > 0 and leader != truth and votes[leader] * BPS >= OVERRULED_BPS * total
