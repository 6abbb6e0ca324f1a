"""A settlement together with how it came about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from plumbline.settlement.consensus import Row
from plumbline.settlement.crowd_kappa import CrowdScore
from plumbline.settlement.gold import GoldAnswers
from plumbline.settlement.kappa import Score
from plumbline.settlement.results import Settlement
from plumbline.settlement.terms import ScoringTerms


@dataclass(frozen=True, slots=True)
class Working:
    """What the reference implementation was given, and what it counted on the way.

    terms       of the round
    answers     as they were handed in: a row per labeler, None for one who did not reveal
    tallies     for each of the T tasks, K counts of votes
    gold        the gold answers opened, and which of them are usable
    crowd       the crowd's score, from the tasks that are no gold
    references  for each task that is no gold: what the others say, by one's own answer
    scores      one per row, against peers or gold as the mode has it; None for whoever is not
                scored: the unrevealed, everyone in a void round, the void alone
    """

    terms: ScoringTerms
    answers: Sequence[Row | None]
    tallies: Sequence[Sequence[int]]
    gold: GoldAnswers
    crowd: CrowdScore
    references: Mapping[int, Mapping[int | None, int | None]]
    scores: tuple[Score | None, ...]


@dataclass(frozen=True, slots=True, eq=False)
class WorkedSettlement(Settlement):
    """A settlement with its working; two of them are equal if their results are."""

    working: Working

    def without_working(self) -> Settlement:
        """The result alone, to be compared with one that was computed otherwise."""
        return Settlement(**{part.name: getattr(self, part.name) for part in fields(Settlement)})
