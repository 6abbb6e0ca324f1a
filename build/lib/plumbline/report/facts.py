"""All that a report says of one round, as numbers and words: nothing here knows of HTML.

What became of labelers and money is what the events say happened. What explains it (reasons,
scores below zero, golds, contested tasks) is worked out again by the Python twin. Where the two
differ, the audit says so, and so does the reason of the labeler concerned.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plumbline.chain.events import Deposited
from plumbline.chain.records import Phase
from plumbline.errors import PlumblineError
from plumbline.history.rounds import RoundHistory
from plumbline.protocol.manifest import Manifest
from plumbline.report.agreement import Agreement, agreement
from plumbline.report.lines import STATES, Clerk, LabelerFacts
from plumbline.report.money import Money, money_of
from plumbline.report.scores import why_void
from plumbline.settlement import Mode, Settlement, SettlementError
from plumbline.settlement.consensus import Row, tally
from plumbline.settlement.gold import Gold, examine
from plumbline.settlement.labels import Label, labels
from plumbline.settlement.sheet import SheetError, unpack
from plumbline.settlement.terms import BPS, Kind, ScoringTerms


class ReportError(PlumblineError):
    """A report that cannot be made."""


@dataclass(frozen=True, slots=True)
class GoldFacts:
    """One gold that was opened.

    status   `agrees` or `missed` by the crowd, `overruled` by it
    right    how many labelers match it
    """

    label: Label
    truth: int
    status: str
    right: int


@dataclass(frozen=True, slots=True)
class RoundFacts:
    """One round.

    state        closed, expired, or the phase: commit, reveal, gold, due
    mode         void, peer or gold as closed; what it would be for a round under way; empty if
                 it expired or nothing can be said
    settlement   by the twin, with one outcome for each reveal; None if answers do not fit
    why_void     empty unless the mode is void
    labels       of all tasks
    gold_state   none, sealed (not opened yet), opened, ignored (too few) or withheld
    opened_at, ended_at   unix seconds, None if not known or not over
    """

    told: RoundHistory
    state: str
    mode: str
    settlement: Settlement | None
    why_void: str
    money: Money
    labelers: tuple[LabelerFacts, ...]
    labels: tuple[Label, ...]
    golds: tuple[GoldFacts, ...]
    gold_state: str
    agreement: Agreement
    roll: tuple[LabelerFacts, ...]
    opened_at: int | None
    ended_at: int | None

    @property
    def rules(self) -> ScoringTerms:
        """The terms."""
        return self.told.rules

    @property
    def bar(self) -> float:
        """Kappa that earns the full price, 0..1."""
        return self.settlement.bar_ppm / 1e6 if self.settlement else 0.0

    @property
    def near_from(self) -> float:
        """Kappa from which on anything is paid, 0..1."""
        return self.bar * self.rules.rho_bps / BPS

    @property
    def crowd(self) -> float:
        """The crowd's own kappa, 0..1."""
        return self.settlement.crowd_kappa_ppm / 1e6 if self.settlement else 0.0

    @property
    def counts(self) -> dict[str, int]:
        """How many labelers stand where; only what occurs."""
        found = {
            state: len([one for one in self.labelers if one.band == state]) for state in STATES
        }
        return {state: count for state, count in found.items() if count}

    @property
    def contested(self) -> tuple[Label, ...]:
        """Tasks with votes on which the crowd is of no clear mind, the closest first."""
        found = [label for label in self.labels if label.contested and any(label.votes)]
        return tuple(sorted(found, key=lambda label: (firmness(label), label.task)))


def firmness(label: Label) -> float:
    """Share of the votes on a task that the most chosen option has, 0 without votes."""
    total = sum(label.votes)
    return max(label.votes) / total if total else 0.0


def facts_of(
    told: RoundHistory,
    now: int,
    times: Mapping[int, int],
    deposits: Sequence[Deposited] = (),
) -> RoundFacts:
    """The facts of a round as of `now` (unix seconds).

    `times` are the times of blocks by number, as far as they are known; `deposits` all deposits
    since the deployment, as far as anyone wants to see them.
    """
    rules = told.rules
    rows = _rows(told)
    gold: dict[int, int] = {}
    settlement: Settlement | None = None
    if rows is not None:
        try:
            gold = told.gold_answers()
            settlement = told.settlement()
        except (SheetError, SettlementError):
            rows = None
    readable = rows or []
    votes = tally(rules, readable)
    golds = examine(rules, gold, votes)
    made = tuple(labels(rules, readable, gold))
    labelers = Clerk(told, readable, gold, golds, settlement, times, deposits).lines()
    place = {one.address: one for one in labelers}
    roll = tuple(place[event.labeler] for event in told.reveals if event.labeler in place)
    mode = _mode(told, settlement)
    over = told.closed or told.expired
    return RoundFacts(
        told=told,
        state="closed" if told.closed else "expired" if told.expired else _phase(told, now),
        mode=mode,
        settlement=settlement,
        why_void=why_void(rules, readable, gold) if mode == "void" else "",
        money=money_of(told),
        labelers=labelers,
        labels=made,
        golds=_golds(rules, made, golds, readable),
        gold_state=_gold_state(told, gold, golds),
        agreement=agreement(rules, readable if len(roll) == len(readable) else []),
        roll=roll,
        opened_at=times.get(told.opened.block),
        ended_at=times.get(over.block) if over else None,
    )


def _phase(told: RoundHistory, now: int) -> str:
    return Phase(told.phase_at(now)).label


def _rows(told: RoundHistory) -> list[Row] | None:
    """The answers revealed; None if any of them are no answers of this round."""
    try:
        return [unpack(e.sheet, told.rules.options, told.rules.tasks) for e in told.reveals]
    except SheetError:
        return None


def _mode(told: RoundHistory, settlement: Settlement | None) -> str:
    if told.closed is not None:
        number = told.closed.verdict.mode
        return next((mode.label for mode in Mode if mode == number), str(number))
    if told.expired is not None or settlement is None:
        return ""
    return settlement.mode.label


def _gold_state(told: RoundHistory, gold: Mapping[int, int], golds: Gold) -> str:
    if not told.has_gold:
        return "none"
    if gold:
        return "opened" if golds.counts else "ignored"
    return "withheld" if told.closed else "sealed"


def _golds(
    rules: ScoringTerms, made: Sequence[Label], golds: Gold, rows: Sequence[Row]
) -> tuple[GoldFacts, ...]:
    reach = rules.width // 2  # as far as an answer matches (G3.1)
    found = []
    for label in made:
        truth = label.gold
        if truth is None:
            continue
        matches = label.consensus is not None and abs(label.consensus - truth) <= reach
        status = "agrees" if matches else "missed"
        right = sum(
            (answer := row[label.task]) is not None and abs(answer - truth) <= reach for row in rows
        )
        found.append(
            GoldFacts(label, truth, status if label.task in golds.usable else "overruled", right)
        )
    return tuple(found)


def option_names(rules: ScoringTerms, manifest: Manifest | None) -> tuple[str, ...]:
    """What options are called: as in the manifest, or their numbers."""
    if manifest is not None and len(manifest.options) == rules.options:
        return manifest.options
    return tuple(str(option) for option in range(rules.options))


def kind_in_words(rules: ScoringTerms) -> str:
    """What the options are to each other."""
    return "options on a scale" if rules.kind is Kind.ORDINAL else "options in no order"
