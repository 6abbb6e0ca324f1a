"""Whether a signed commitment is relayed now, later, or never. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from plumbline.chain.records import Phase
from plumbline.history.rounds import RoundHistory
from plumbline.keeper.decisions import Relay
from plumbline.labeler.consents import Consent
from plumbline.protocol.limits import MAX_RELAYED
from plumbline.seating.draw import DrawRefusal, RefusalReason

MOST_ATTEMPTS: Final = 3
"""Transactions that are paid for in vain for one commitment; a policy may lie to who asks."""

_NEVER: Final = {
    RefusalReason.OTHER_ROUNDS: "the draw that it names is for other rounds",
    RefusalReason.NOT_OWNER: "the unit that it names is not the labeler's",
    RefusalReason.TOO_YOUNG: "the unit joined too late for this draw",
    RefusalReason.HAD_LEFT: "the unit had left before the draw",
    RefusalReason.NOT_LISTED: "the unit is not listed for this round",
    RefusalReason.TOO_FAR_BACK: "the unit ranks behind all who stand by",
}
_LATER: Final = {
    RefusalReason.NOT_COMMITTING: "the round takes no commitments yet, as the node knows it",
    RefusalReason.NO_DRAW: "there is no such draw yet",
    RefusalReason.NO_SEED: "the draw has no seed yet",
    RefusalReason.STANDING_BY: "the unit stands by, and its turn is to come",
}


@dataclass(frozen=True, slots=True)
class HeldCommitment:
    """Why a commitment is not relayed now.

    until      when that ends, unix seconds, if known
    is_final   it never ends: the commitment is dropped
    is_done    it is on the chain
    """

    consent: Consent
    reason: str
    until: int | None = None
    is_final: bool = False
    is_done: bool = False

    @property
    def is_held(self) -> bool:
        """Whether it may be relayed later."""
        return not self.is_final and not self.is_done


def by_round(
    consent: Consent, history: RoundHistory | None, now: int, attempts: int
) -> HeldCommitment | None:
    """Why the round alone says that it is not relayed; None if the round takes it.

    `attempts` counts transactions that were paid for in vain.
    """

    def never(reason: str) -> HeldCommitment:
        return HeldCommitment(consent, reason, is_final=True)

    if history is None:
        return HeldCommitment(consent, f"there is no round {consent.round_id}, or not yet")
    landed = history.commitment_of(consent.labeler)
    if landed is not None and landed.commitment == consent.commitment:
        return HeldCommitment(consent, f"it is in block {landed.block}", is_done=True)
    if landed is not None:
        return never("the seat is taken, by another commitment of this labeler")
    if history.phase_at(now) is not Phase.COMMIT:
        return never("the commit phase is over")
    if consent.stake != history.rules.stake:
        return never("it is signed for another stake")
    if attempts >= MOST_ATTEMPTS:
        return never(f"the round refused it {attempts} times, though it said it would not")
    return None


def by_draw(
    consent: Consent, refusal: DrawRefusal, shown: Sequence[bytes]
) -> HeldCommitment | None:
    """Why a pool refuses who shows this, and whether it ever will not; None if it admits."""
    reason = refusal.reason
    if reason is RefusalReason.ADMITTED:
        return None
    if reason is RefusalReason.NO_DRAW and len(shown) != 1:
        return HeldCommitment(consent, "it names no draw and no unit", is_final=True)
    if reason in _NEVER:
        return HeldCommitment(consent, _NEVER[reason], is_final=True)
    return HeldCommitment(consent, _LATER[reason], refusal.until)


def relays(round_id: int, consents: Sequence[Consent]) -> Iterator[Relay]:
    """As many in each as a call takes, wallet contracts one by one."""
    plain = [each for each in consents if not each.is_wallet]
    several = [plain[at : at + MAX_RELAYED] for at in range(0, len(plain), MAX_RELAYED)]
    for group in [*several, *([each] for each in consents if each.is_wallet)]:
        yield Relay(round_id, "they are admitted now, and stakes are covered", tuple(group))
