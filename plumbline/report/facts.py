"""All that a report says of one round, as numbers and words: nothing here knows of HTML.

The outcomes of labelers and of money are those of the events. What explains them (reasons, scores
below zero, gold tasks, contested tasks) is from the reference implementation. Where the two differ,
the audit says so, and so does the reason of the labeler concerned.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plumbline.chain.events import Deposited
from plumbline.chain.records import Phase
from plumbline.errors import PlumblineError
from plumbline.history.round_money import RoundMoney, money_of
from plumbline.history.rounds import RoundHistory
from plumbline.protocol.manifest import Manifest
from plumbline.report.agreement import Agreement, Compared, agreement
from plumbline.report.labelers import STATES, LabelerFacts, labelers_of
from plumbline.report.scores import why_void
from plumbline.settlement import Mode, SettlementError, WorkedSettlement, settle
from plumbline.settlement.labels import Label, labels
from plumbline.settlement.sheet import SheetError
from plumbline.settlement.terms import BPS, ScoringTerms


class ReportError(PlumblineError):
    """A report that cannot be made."""


@dataclass(frozen=True, slots=True)
class GoldFacts:
    """One gold task whose answer was opened.

    status   `agrees` or `missed` by those who count, `tied` if the right answer is one of several
             between which they do not decide
    right    how many labelers answered it right
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
    settlement   by the reference implementation, with one outcome for each reveal; None if
                 answers do not fit
    why_void     empty unless the mode is void
    labels       of all tasks
    gold_state   none, sealed (not opened yet), opened, not credible (not as many as
                 promised, or too one-sided) or withheld
    opened_at, ended_at   unix seconds, None if not known or not over
    """

    history: RoundHistory
    state: str
    mode: str
    settlement: WorkedSettlement | None
    why_void: str
    money: RoundMoney
    labelers: tuple[LabelerFacts, ...]
    labels: tuple[Label, ...]
    gold_tasks: tuple[GoldFacts, ...]
    gold_state: str
    agreement: Agreement
    roll: tuple[LabelerFacts, ...]
    opened_at: int | None
    ended_at: int | None

    @property
    def rules(self) -> ScoringTerms:
        """The terms."""
        return self.history.rules

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
        bands = Counter(labeler.band for labeler in self.labelers)
        return {state: bands[state] for state in STATES if bands[state]}

    @property
    def compared(self) -> tuple[Compared, ...]:
        """Who revealed, in the order of the reveals, as `agreement` has them."""
        return tuple(Compared(one.number, one.address, one.band) for one in self.roll)

    @property
    def passed(self) -> int:
        """How many labelers passed credible gold answers."""
        return sum(labeler.passed is True for labeler in self.labelers)

    @property
    def contested(self) -> tuple[Label, ...]:
        """The contested tasks, the closest first."""
        contested = (label for label in self.labels if label.contested)
        return tuple(sorted(contested, key=lambda label: (firmness(label), label.task)))


def firmness(label: Label) -> float:
    """Share of the votes on a task that the most chosen option has, 0 without votes."""
    total = sum(label.votes)
    return max(label.votes) / total if total else 0.0


def facts_of(
    history: RoundHistory,
    now: int,
    times: Mapping[int, int],
    deposits: Sequence[Deposited] = (),
) -> RoundFacts:
    """The facts of a round as of `now` (unix seconds).

    `times` are the times of blocks by number, as far as they are known; `deposits` all deposits
    since the deployment, as far as anyone wants to see them.
    """
    settlement, gold = _settled(history)
    # Of a round whose answers do not fit, the facts are those of one that nobody answered.
    basis = settlement or settle(history.rules, [], gold if history.rules.has_gold else {})
    all_labels = tuple(labels(basis))
    labelers = labelers_of(history, settlement, times, deposits)
    by_address = {labeler.address: labeler for labeler in labelers}
    roll = tuple(
        by_address[event.labeler] for event in history.reveals if event.labeler in by_address
    )
    rows = [row for row in basis.working.answers if row is not None]
    mode = _mode(history, settlement)
    ending = history.closed or history.expired
    return RoundFacts(
        history=history,
        state=_state(history, now),
        mode=mode,
        settlement=settlement,
        why_void=why_void(basis) if mode == Mode.VOID.label else "",
        money=money_of(history),
        labelers=labelers,
        labels=all_labels,
        gold_tasks=_gold_tasks(all_labels, basis),
        gold_state=_gold_state(history, basis),
        agreement=agreement(
            history.rules.options, history.rules.width, rows if len(roll) == len(rows) else []
        ),
        roll=roll,
        opened_at=times.get(history.opened.block),
        ended_at=times.get(ending.block) if ending else None,
    )


def _settled(history: RoundHistory) -> tuple[WorkedSettlement | None, dict[int, int]]:
    """The settlement, None if answers are none of this round; and the gold answers opened."""
    gold: dict[int, int] = {}
    try:
        gold = history.gold_answers()
        return history.settlement(), gold
    except (SheetError, SettlementError):
        return None, gold


def _state(history: RoundHistory, now: int) -> str:
    if history.closed:
        return "closed"
    return "expired" if history.expired else Phase(history.phase_at(now)).label


def _mode(history: RoundHistory, settlement: WorkedSettlement | None) -> str:
    if history.closed is not None:
        return history.closed.verdict.mode_label
    if history.expired is not None or settlement is None:
        return ""
    return settlement.mode.label


def _gold_state(history: RoundHistory, settlement: WorkedSettlement) -> str:
    if not history.has_gold:
        return "none"
    if settlement.working.gold.opened:
        return "opened" if settlement.working.gold.credible else "not credible"
    return "withheld" if history.closed else "sealed"


def _gold_tasks(all_labels: Sequence[Label], settlement: WorkedSettlement) -> tuple[GoldFacts, ...]:
    working = settlement.working
    facts = []
    for label in all_labels:
        truth = label.gold
        if truth is None:
            continue
        status = "missed" if truth not in label.leaders else "agrees"
        if status == "agrees" and len(label.leaders) > 1:
            status = "tied"
        right = sum(row[label.task] == truth for row in working.answers if row is not None)
        facts.append(GoldFacts(label, truth, status, right))
    return tuple(facts)


def option_names(rules: ScoringTerms, manifest: Manifest | None) -> tuple[str, ...]:
    """What options are called: as in the manifest, or by number from 1, as on the answer screen."""
    if manifest is not None and len(manifest.options) == rules.options:
        return manifest.options
    return tuple(str(number) for number in range(1, rules.options + 1))
