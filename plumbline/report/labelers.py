"""Each seat of a round: its outcome, and why."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from plumbline.chain.events import Committed, Deposited
from plumbline.history.rounds import RoundHistory
from plumbline.report.scores import gold_kappas, signed_kappas
from plumbline.settlement import Band, LabelerOutcome, WorkedSettlement
from plumbline.settlement.reasons import reasons

AWAITED: Final = "awaited"
RELEASED: Final = "released"
# In the order in which a legend names them.
BANDS: Final = tuple(
    band.label for band in (Band.NEAR, Band.FAR, Band.OUTLIER, Band.UNREVEALED, Band.VOID)
)
STATES: Final = (*BANDS, AWAITED, RELEASED)


@dataclass(frozen=True, slots=True)
class LabelerFacts:
    """One seat that was taken, in order of commitment; amounts in wei, times in unix seconds.

    number      from 1
    band        near, far, outlier, unrevealed or void; `awaited` while not revealed, `released`
                in a round that expired
    is_final    False where it is what it would be if the round were closed now
    kappa_ppm   as settled, None where nobody is scored
    score       G / Gmax of what the labeler was judged by, below 0 for who contradicts it; None
                as kappa
    gold_score  the same against the gold answers; None if no credible ones were
                opened, or nothing was revealed
    passed      whether that is enough to be counted and paid; None as gold_score
    answered    how many tasks, None if nothing was revealed
    back        what came back of the stake, None while it is locked
    deposited   the last deposit before the commitment, None if it is not known
    committed, revealed   times; None if it has not happened or the time is not known
    """

    number: int
    address: str
    band: str
    is_final: bool
    reason: str
    kappa_ppm: int | None = None
    score: float | None = None
    gold_score: float | None = None
    passed: bool | None = None
    answered: int | None = None
    pay: int = 0
    slash: int = 0
    back: int | None = None
    deposited: int | None = None
    committed: int | None = None
    revealed: int | None = None


def labelers_of(
    history: RoundHistory,
    settlement: WorkedSettlement | None,
    times: Mapping[int, int],
    deposits: Sequence[Deposited],
) -> tuple[LabelerFacts, ...]:
    """One for each commitment, in order.

    `settlement` is that of all that was revealed, in the order of the roll, or None if answers
    are none of this round; `times` are of blocks by number; `deposits` in the order of the chain.
    """
    seats = _Seats(history, settlement, times, deposits)
    return tuple(seats.facts(*seat) for seat in enumerate(history.commitments, 1))


@dataclass(frozen=True, slots=True)
class _Settled:
    """What the reference implementation makes of one row of answers."""

    outcome: LabelerOutcome
    score: float | None
    reason: str
    answered: int
    gold_score: float | None
    passed: bool | None


def _settled(settlement: WorkedSettlement) -> list[_Settled]:
    rows = [row for row in settlement.working.answers if row is not None]
    return [
        _Settled(
            outcome,
            score,
            reason,
            answered=sum(answer is not None for answer in row),
            gold_score=gold_score,
            passed=None if gold_score is None else passed,
        )
        for row, outcome, score, gold_score, passed, reason in zip(
            rows,
            settlement.labelers,
            signed_kappas(settlement),
            gold_kappas(settlement),
            settlement.passed,
            reasons(settlement),
            strict=True,
        )
    ]


class _Seats:
    """Looks up the events and the settlement of each seat."""

    def __init__(
        self,
        history: RoundHistory,
        settlement: WorkedSettlement | None,
        times: Mapping[int, int],
        deposits: Sequence[Deposited],
    ) -> None:
        self._history = history
        self._times = times
        self._judged = {event.labeler: event for event in history.outcomes}
        self._released = {event.labeler: event for event in history.released}
        # What those lost who were never judged.
        self._lost = {event.labeler: event.slash for event in history.leaks}
        self._lost |= {event.labeler: event.slash for event in history.forfeits}
        self._leaked = {event.labeler for event in history.leaks}
        self._revealed = {event.labeler: event for event in history.reveals}
        self._deposits: dict[str, list[tuple[int, int]]] = {}
        for event in deposits:
            self._deposits.setdefault(event.account, []).append((event.block, event.log_index))
        self._settled: dict[str, _Settled] = {}
        if settlement is not None:
            labelers = (event.labeler for event in history.reveals)
            self._settled = dict(zip(labelers, _settled(settlement), strict=True))

    def facts(self, number: int, event: Committed) -> LabelerFacts:
        """Of one seat, with what was answered and when."""
        labeler = event.labeler
        settled, revealed = self._settled.get(labeler), self._revealed.get(labeler)
        return replace(
            self._outcome(number, labeler),
            gold_score=settled.gold_score if settled else None,
            passed=settled.passed if settled else None,
            answered=settled.answered if settled else None,
            deposited=self._deposited(event),
            committed=self._times.get(event.block),
            revealed=self._times.get(revealed.block) if revealed else None,
        )

    def _outcome(self, number: int, labeler: str) -> LabelerFacts:
        """The outcome of a seat, as the events have it."""
        stake = self._history.rules.stake
        if labeler in self._judged:
            return self._as_judged(number, labeler)
        if labeler in self._released:
            back = self._released[labeler].stake
            return LabelerFacts(
                number, labeler, RELEASED, True, "the round expired: stake back", back=back
            )
        if labeler in self._lost:
            slash = self._lost[labeler]
            reason = (
                "answers were shown before the deadline"
                if labeler in self._leaked
                else "never revealed"
            )
            return LabelerFacts(
                number,
                labeler,
                Band.UNREVEALED.label,
                True,
                reason,
                slash=slash,
                back=stake - slash,
            )
        if labeler not in self._revealed:
            if self._history.is_over:
                reason = "never revealed, not slashed yet"
                return LabelerFacts(number, labeler, Band.UNREVEALED.label, False, reason)
            return LabelerFacts(number, labeler, AWAITED, False, "has not revealed yet")
        return self._previewed(number, labeler)

    def _as_judged(self, number: int, labeler: str) -> LabelerFacts:
        outcome, settled = self._judged[labeler], self._settled.get(labeler)
        if settled is None:
            reason = "answers cannot be read: see the audit"
        elif settled.outcome != LabelerOutcome(
            outcome.band, outcome.pay, outcome.slash, outcome.kappa
        ):
            reason = "not what the rules give: see the audit"
        else:
            reason = settled.reason
        return LabelerFacts(
            number,
            labeler,
            outcome.band.label,
            True,
            reason,
            kappa_ppm=None if outcome.band is Band.VOID else outcome.kappa,
            score=settled.score if settled else None,
            pay=outcome.pay,
            slash=outcome.slash,
            back=self._history.rules.stake - outcome.slash,
        )

    def _previewed(self, number: int, labeler: str) -> LabelerFacts:
        """Of a round that is not closed, and of one whose closing says nothing of a labeler."""
        settled = self._settled.get(labeler)
        if settled is None or self._history.is_over:
            return LabelerFacts(number, labeler, AWAITED, False, "not settled: see the audit")
        outcome = settled.outcome
        return LabelerFacts(
            number,
            labeler,
            outcome.band.label,
            False,
            settled.reason,
            kappa_ppm=None if outcome.band is Band.VOID else outcome.kappa_ppm,
            score=settled.score,
            pay=outcome.pay,
            slash=outcome.slash,
        )

    def _deposited(self, event: Committed) -> int | None:
        """When the labeler last paid in before committing."""
        known = self._deposits.get(event.labeler, [])
        before = bisect_left(known, (event.block, event.log_index))
        return self._times.get(known[before - 1][0]) if before else None
