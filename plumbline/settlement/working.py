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
class Verification:
    """What credible gold answers say about the crowd; both False without.

    few       fewer than a third of those who revealed passed
    captured  the consensus of those who passed fails the gold tasks itself
    """

    few: bool
    captured: bool


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What one labeler was judged by: a score, and the kappa (ppm) that earns full pay.

    by_gold  whether the score is that against the gold answers, and not against peers
    """

    score: Score
    bar_ppm: int
    by_gold: bool


@dataclass(frozen=True, slots=True)
class Working:
    """What the reference implementation was given, and what it counted on the way.

    terms         of the round
    answers       as they were handed in: a row per labeler, None for one who did not reveal
    tallies       for each of the T tasks, K counts of the votes that count
    gold          the gold answers opened, and whether they are credible
    verification  what the gold answers say about the crowd
    crowd         the crowd's score, from the tasks that are no credible gold
    references    for each task that is no credible gold: what the others say, by one's own
                  vote (None for a skip, and for whoever does not count)
    gold_scores   one per row, against the gold answers; None for the unrevealed, and without
                  credible gold answers
    scores        one per row: what the labeler was judged by; None for whoever was not
                  scored: the unrevealed, and whoever is void
    """

    terms: ScoringTerms
    answers: Sequence[Row | None]
    tallies: Sequence[Sequence[int]]
    gold: GoldAnswers
    verification: Verification
    crowd: CrowdScore
    references: Mapping[int, Mapping[int | None, int | None]]
    gold_scores: tuple[Score | None, ...]
    scores: tuple[Yardstick | None, ...]


@dataclass(frozen=True, slots=True, eq=False)
class WorkedSettlement(Settlement):
    """A settlement with its working; two of them are equal if their results are."""

    working: Working

    def without_working(self) -> Settlement:
        """The result alone, to be compared with one that was computed otherwise."""
        return Settlement(**{part.name: getattr(self, part.name) for part in fields(Settlement)})
