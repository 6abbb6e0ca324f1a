"""Which signed commitments can be relayed to a round now, and why not the others.

Looked up before anything is sent, so that nobody pays for relaying what no longer applies. The
contract skips what was overtaken in the meantime; a relayer can delay, but never alter.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from plumbline.chain import wallets
from plumbline.chain.call import Call
from plumbline.chain.contract import LabelRounds
from plumbline.chain.deployment import Deployment
from plumbline.chain.events import CommitRefused, logged_in, of_round
from plumbline.chain.records import Phase
from plumbline.errors import PlumblineError
from plumbline.history.market import Market
from plumbline.history.rounds import RoundHistory
from plumbline.labeler.consents import Consent
from plumbline.protocol.commitment import is_signed
from plumbline.protocol.limits import MAX_RELAYED
from plumbline.transactions.together import (
    Candidate,
    Carried,
    estimated,
    groups,
    room_together,
)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A commitment that is not relayed; `is_done` if it is on chain already."""

    consent: Consent
    reason: str
    is_done: bool = False


@dataclass(frozen=True, slots=True)
class RelayBatch:
    """What one call relays to a round."""

    call: Call
    consents: tuple[Consent, ...]


@dataclass(frozen=True, slots=True)
class RelayPlan:
    """The calls for each round, and what is left out."""

    batches: tuple[RelayBatch, ...]
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True, slots=True)
class RelayOutcome:
    """The outcome for one commitment, and its share of the transaction it went into.

    refused    why it got no seat, None if it did; gas_used in gas, fee in wei
    """

    consent: Consent
    refused: str | None
    gas_used: int = 0
    fee: int = 0


def plan_relay(market: Market, consents: Iterable[Consent]) -> RelayPlan:
    """Everything of these that applies now, in as few calls as take them."""
    by_round: dict[int, list[Consent]] = {}
    for consent in consents:
        by_round.setdefault(consent.round_id, []).append(consent)
    histories = {history.round_id: history for history in market.histories()}
    planned: list[RelayBatch] = []
    skipped: list[Skipped] = []
    locked: Counter[str] = Counter()
    for number, given in sorted(by_round.items()):
        if number not in histories:
            skipped += [Skipped(consent, f"there is no round {number}") for consent in given]
            continue
        history, now = histories[number], market.node.now
        good, others = applicable(market.contract, history, now, given, locked)
        planned.extend(batches(market.contract, number, good))
        skipped.extend(others)
    return RelayPlan(tuple(planned), tuple(skipped))


def applicable(
    contract: LabelRounds,
    history: RoundHistory,
    now: int,
    consents: Sequence[Consent],
    locked: Counter[str],
) -> tuple[list[Consent], list[Skipped]]:
    """Those that apply to a round at `now` (unix seconds), in order, and the others with why.

    `locked` is what the same relay has locked of each labeler for other rounds, wei; it is added
    to.
    """
    good: list[Consent] = []
    skipped: list[Skipped] = []
    seated = {event.labeler: event for event in reversed(history.commitments)}
    taken: set[str] = set()
    for consent in consents:
        landed = seated.get(consent.labeler)
        if landed is not None and landed.commitment == consent.commitment:
            skipped.append(Skipped(consent, f"landed already, in block {landed.block}", True))
            continue
        seats_left = history.rules.seats - len(history.commitments) - len(good)
        if consent.labeler in taken:
            reason: str | None = "this labeler is listed twice"
        elif landed is not None:
            reason = "the seat is taken, by another commitment of this labeler"
        else:
            reason = _refusal(contract, history, now, consent, seats_left, locked)
        if reason is None:
            good.append(consent)
            taken.add(consent.labeler)
            locked[consent.labeler] += consent.stake
        else:
            skipped.append(Skipped(consent, reason))
    return good, skipped


def batches(
    contract: LabelRounds, round_id: int, consents: Sequence[Consent]
) -> Iterator[RelayBatch]:
    """The calls that relay them: as many in each as fit, wallet contracts one by one."""
    plain = [consent for consent in consents if not consent.is_wallet]
    for start in range(0, len(plain), MAX_RELAYED):
        batch = plain[start : start + MAX_RELAYED]
        yield RelayBatch(
            contract.commit_signed(round_id, [consent.signed for consent in batch]), tuple(batch)
        )
    for consent in consents:
        if consent.is_wallet:
            call = contract.commit_for_wallet(
                round_id,
                consent.labeler,
                consent.commitment,
                consent.signature,
                consent.sealed,
                consent.evidence,
            )
            yield RelayBatch(call, (consent,))


def grouped(
    market: Market, sender: str, batches: Sequence[RelayBatch], gas_cap: int | None
) -> list[tuple[Candidate[RelayBatch], ...]]:
    """Which of them go together into one transaction of that sender.

    `gas_cap` is the most gas of a transaction, None for what the chain allows. Raises what asking
    a node raises.
    """
    w3 = market.contract.w3
    may_share = market.deployment.has_multicall and len(batches) > 1
    candidates = [
        Candidate(
            batch,
            batch.call,
            frozenset(consent.labeler for consent in batch.consents),
            estimated(w3, sender, batch.call) if may_share else None,
        )
        for batch in batches
    ]
    return groups(candidates, room_together(w3, gas_cap)) if candidates else []


def outcomes(carried: Carried[RelayBatch], deployment: Deployment) -> list[RelayOutcome]:
    """The outcome for each commitment of a batch that was sent."""
    batch = carried.candidate.key
    refused: dict[str, str] = {}
    if carried.receipt is not None:
        (round_id,) = {consent.round_id for consent in batch.consents}
        events = of_round(logged_in(carried.receipt, deployment), round_id)
        refused = {each.labeler: each.reason for each in events if isinstance(each, CommitRefused)}
    why = None if carried.error is None else str(carried.error)
    share = len(batch.consents)
    return [
        RelayOutcome(
            consent,
            why or refused.get(consent.labeler),
            carried.gas_used // share,
            carried.fee // share,
        )
        for consent in batch.consents
    ]


def _refusal(
    contract: LabelRounds,
    history: RoundHistory,
    now: int,
    consent: Consent,
    seats_left: int,
    locked: Counter[str],
) -> str | None:
    if history.phase_at(now) is not Phase.COMMIT:
        return "the commit phase is over"
    if consent.stake != history.rules.stake:
        return "signed for another stake"
    if not is_signed_by_labeler(contract, consent):
        return "invalid signature"
    free = contract.account(consent.labeler).free - locked[consent.labeler]
    missing = consent.stake - free
    if missing > 0:
        return f"stake not covered: {contract.in_words(missing)} are missing"
    if seats_left < 1:
        return "no seat is left"
    return None


def is_signed_by_labeler(contract: LabelRounds, consent: Consent) -> bool:
    """Whether a labeler signed this commitment; a wallet contract is asked."""
    if consent.is_wallet:
        return wallets.accepts(contract.w3, consent.labeler, consent.digest, consent.signature)
    try:
        return is_signed(consent.deployed, consent.round_id, consent.stake, consent.signed)
    except PlumblineError:
        return False
