"""The requester's golds: which of them hold, and what they say about the crowd."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plumbline.settlement.consensus import Row, crowd_answer, plurality
from plumbline.settlement.terms import BPS, Kind, ScoringTerms

MIN_USABLE = 6
OVERRULED_BPS = 6_667  # votes on another option that show a gold to be wrong
OVERRULED_AT_MOST = 4  # more than one in so many overruled: rather the crowd is wrong
CAPTURED_BPS = 8_000  # a crowd that matches fewer of the usable golds is not to be trusted


@dataclass(frozen=True, slots=True)
class Gold:
    """The golds of a round.

    usable    task -> answer, tasks ascending, without the overruled
    counts    whether they are enough to be used at all; if not, gold is ignored
    captured  whether the crowd fails them (False if gold is ignored)
    """

    usable: Mapping[int, int]
    counts: bool
    captured: bool

    def matches(self, terms: ScoringTerms, answers: Row) -> int:
        """How many usable golds a sheet of T answers agrees with; a skip matches nothing."""
        return sum(_match(terms, answers[task], truth) for task, truth in self.usable.items())

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
) -> Gold:
    """Hold the golds opened (task -> answer) against the votes of all T tasks."""
    usable = _usable(terms, opened, tallies)
    counts = len(usable) >= MIN_USABLE
    gold = Gold(usable, counts, captured=False)
    if not counts:
        return gold
    crowd = [crowd_answer(terms, votes) for votes in tallies]
    captured = gold.matches(terms, crowd) * BPS < CAPTURED_BPS * len(usable)
    return Gold(usable, counts, captured)


def _usable(
    terms: ScoringTerms, opened: Mapping[int, int], tallies: Sequence[Sequence[int]]
) -> dict[int, int]:
    golds = dict(sorted(opened.items()))
    if terms.kind is Kind.ORDINAL:
        return golds
    kept = {task: truth for task, truth in golds.items() if not _overruled(tallies[task], truth)}
    overruled = len(golds) - len(kept)
    return golds if overruled * OVERRULED_AT_MOST > len(golds) else kept


def _overruled(votes: Sequence[int], truth: int) -> bool:
    total = sum(votes)
    leader = plurality(votes)
    return total > 0 and leader != truth and votes[leader] * BPS >= OVERRULED_BPS * total


def _match(terms: ScoringTerms, answer: int | None, truth: int) -> bool:
    if answer is None:
        return False
    # Half the width, that is: as far as an answer still earns half of the credit. A nominal
    # width of 1 makes this an exact match.
    return abs(answer - truth) <= terms.width // 2
