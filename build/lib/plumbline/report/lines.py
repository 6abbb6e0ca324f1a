"""Each seat of a round: what became of it, and why."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from plumbline.chain.events import Committed, Deposited
from plumbline.history.rounds import RoundHistory
from plumbline.report.scores import signed_kappas
from plumbline.settlement import Band, LabelerOutcome, Settlement
from plumbline.settlement.consensus import Row
from plumbline.settlement.gold import Gold
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
    score       G / Gmax, below 0 for who contradicts the others; None as kappa, or if too few
                tasks count
    golds_right of the usable golds, None if none were opened or nothing was revealed
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
    golds_right: int | None = None
    answered: int | None = None
    pay: int = 0
    slash: int = 0
    back: int | None = None
    deposited: int | None = None
    committed: int | None = None
    revealed: int | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    """What the twin makes of one row of answers."""

    row: Row
    outcome: LabelerOutcome
    score: float | None
    reason: str


class Clerk:
    """Writes the lines of a round.

    `settlement` is that of the `rows` revealed, in the order of the roll, or None if they are no
    answers of this round; `times` are of blocks by number; `deposits` in the order of the chain.
    """

    def __init__(
        self,
        told: RoundHistory,
        rows: Sequence[Row],
        gold: Mapping[int, int],
        golds: Gold,
        settlement: Settlement | None,
        times: Mapping[int, int],
        deposits: Sequence[Deposited],
    ) -> None:
        self._told = told
        self._golds = golds if gold else None
        self._times = times
        self._settled = {event.labeler: event for event in told.outcomes}
        self._released = {event.labeler: event for event in told.released}
        # What those lost who were never judged.
        self._gone = {event.labeler: event.slash for event in told.leaks}
        self._gone |= {event.labeler: event.slash for event in told.forfeits}
        self._leaked = {event.labeler for event in told.leaks}
        self._revealed = {event.labeler: event for event in told.reveals}
        self._deposits: dict[str, list[tuple[int, int]]] = {}
        for event in deposits:
            self._deposits.setdefault(event.account, []).append((event.block, event.log_index))
        self._found: dict[str, _Found] = {}
        if settlement is not None:
            words = reasons(told.rules, rows, gold, settlement)
            scores = signed_kappas(told.rules, rows, gold, settlement)
            found = zip(rows, settlement.labelers, scores, words, strict=True)
            self._found = {
                event.labeler: _Found(*parts)
                for event, parts in zip(told.reveals, found, strict=True)
            }

    def lines(self) -> tuple[LabelerFacts, ...]:
        """One for each commitment, in order."""
        return tuple(
            self._with_answers(self._line(number, event.labeler), event)
            for number, event in enumerate(self._told.commitments, 1)
        )

    def _line(self, number: int, who: str) -> LabelerFacts:
        """What became of a seat, as the events have it."""
        stake = self._told.rules.stake
        if who in self._settled:
            return self._judged(number, who)
        if who in self._released:
            back = self._released[who].stake
            return LabelerFacts(
                number, who, RELEASED, True, "the round expired: stake back", back=back
            )
        if who in self._gone:
            slash = self._gone[who]
            reason = (
                "answers were shown before the deadline"
                if who in self._leaked
                else "never revealed"
            )
            return LabelerFacts(
                number, who, Band.UNREVEALED.label, True, reason, slash=slash, back=stake - slash
            )
        if who not in self._revealed:
            if self._told.is_over:
                reason = "never revealed, not slashed yet"
                return LabelerFacts(number, who, Band.UNREVEALED.label, False, reason)
            return LabelerFacts(number, who, AWAITED, False, "has not revealed yet")
        return self._previewed(number, who)

    def _judged(self, number: int, who: str) -> LabelerFacts:
        line, found = self._settled[who], self._found.get(who)
        if found is None:
            reason = "answers cannot be read: see the audit"
        elif found.outcome != LabelerOutcome(line.band, line.pay, line.slash, line.kappa):
            reason = "not what the rules give: see the audit"
        else:
            reason = found.reason
        return LabelerFacts(
            number,
            who,
            line.band.label,
            True,
            reason,
            kappa_ppm=None if line.band is Band.VOID else line.kappa,
            score=found.score if found else None,
            pay=line.pay,
            slash=line.slash,
            back=self._told.rules.stake - line.slash,
        )

    def _previewed(self, number: int, who: str) -> LabelerFacts:
        """Of a round that is not closed, and of one whose closing tells nothing of a labeler."""
        found = self._found.get(who)
        if found is None or self._told.is_over:
            return LabelerFacts(number, who, AWAITED, False, "not settled: see the audit")
        outcome = found.outcome
        return LabelerFacts(
            number,
            who,
            outcome.band.label,
            False,
            found.reason,
            kappa_ppm=None if outcome.band is Band.VOID else outcome.kappa_ppm,
            score=found.score,
            pay=outcome.pay,
            slash=outcome.slash,
        )

    def _with_answers(self, line: LabelerFacts, event: Committed) -> LabelerFacts:
        """The same with what was answered, and when."""
        who = event.labeler
        found, revealed = self._found.get(who), self._revealed.get(who)
        matches = None
        if found is not None and self._golds is not None:
            matches = self._golds.matches(self._told.rules, found.row)
        return replace(
            line,
            golds_right=matches,
            answered=sum(a is not None for a in found.row) if found else None,
            deposited=self._deposited(event),
            committed=self._times.get(event.block),
            revealed=self._times.get(revealed.block) if revealed else None,
        )

    def _deposited(self, event: Committed) -> int | None:
        """When the labeler last paid in before committing."""
        known = self._deposits.get(event.labeler, [])
        before = bisect_left(known, (event.block, event.log_index))
        return self._times.get(known[before - 1][0]) if before else None
