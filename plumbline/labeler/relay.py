"""Which signed commitments can be carried to a round now, and why not the others.

Looked up before anything is sent, so that nobody pays for carrying what no longer applies. The
contract skips what was overtaken in the meantime; a relayer can delay, but never alter.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from plumbline.chain import wallets
from plumbline.chain.call import Call
from plumbline.chain.contract import MAX_CARRIED, LabelRounds
from plumbline.chain.records import Phase
from plumbline.errors import PlumblineError
from plumbline.history.rounds import RoundHistory
from plumbline.labeler.consents import Consent
from plumbline.protocol.commitment import is_signed


@dataclass(frozen=True, slots=True)
class Skipped:
    """One that is not carried; `is_done` if it is on chain already."""

    consent: Consent
    reason: str
    is_done: bool = False


@dataclass(frozen=True, slots=True)
class Load:
    """What one transaction carries."""

    call: Call
    consents: tuple[Consent, ...]


def sort_out(
    rounds: LabelRounds,
    one: RoundHistory,
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
    seated = {event.labeler: event for event in reversed(one.commitments)}
    taken: set[str] = set()
    for consent in consents:
        landed = seated.get(consent.labeler)
        if landed is not None and landed.commitment == consent.commitment:
            skipped.append(Skipped(consent, f"landed already, in block {landed.block}", True))
            continue
        seats_left = one.rules.seats - len(one.commitments) - len(good)
        if consent.labeler in taken:
            reason: str | None = "this labeler is here twice"
        elif landed is not None:
            reason = "the seat is taken, by another commitment of this labeler"
        else:
            reason = _refusal(rounds, one, now, consent, seats_left, locked)
        if reason is None:
            good.append(consent)
            taken.add(consent.labeler)
            locked[consent.labeler] += consent.stake
        else:
            skipped.append(Skipped(consent, reason))
    return good, skipped


def loads(rounds: LabelRounds, round_id: int, consents: Sequence[Consent]) -> Iterator[Load]:
    """The transactions that carry them: as many in each as fit, wallet contracts one by one."""
    plain = [one for one in consents if not one.is_wallet]
    for start in range(0, len(plain), MAX_CARRIED):
        batch = plain[start : start + MAX_CARRIED]
        yield Load(rounds.commit_signed(round_id, [one.signed for one in batch]), tuple(batch))
    for one in consents:
        if one.is_wallet:
            call = rounds.commit_for_wallet(
                round_id, one.labeler, one.commitment, one.signature, one.sealed, one.evidence
            )
            yield Load(call, (one,))


def _refusal(
    rounds: LabelRounds,
    one: RoundHistory,
    now: int,
    consent: Consent,
    seats_left: int,
    locked: Counter[str],
) -> str | None:
    if one.phase_at(now) is not Phase.COMMIT:
        return "the commit phase is over"
    if consent.stake != one.rules.stake:
        return "signed for another stake"
    if not _is_signed(rounds, consent):
        return "not signed by this labeler"
    free = rounds.account(consent.labeler).free - locked[consent.labeler]
    missing = consent.stake - free
    if missing > 0:
        return f"stake not covered: {rounds.in_words(missing)} are missing"
    if seats_left < 1:
        return "no seat is left"
    return None


def _is_signed(rounds: LabelRounds, consent: Consent) -> bool:
    if consent.is_wallet:
        return wallets.accepts(rounds.w3, consent.labeler, consent.digest, consent.signature)
    try:
        return is_signed(consent.deployed, consent.round_id, consent.stake, consent.signed)
    except PlumblineError:
        return False
