"""How a labeler stands in a round, and what is to be done about it."""

from dataclasses import dataclass
from enum import StrEnum

from plumbline.chain.records import Phase
from plumbline.files.private import StorageError
from plumbline.history.market import Market
from plumbline.history.rounds import RoundHistory
from plumbline.labeler.vault import Secret, Vault
from plumbline.protocol.outcomes import Outcome
from plumbline.units import format_duration, format_time


class SeatState(StrEnum):
    """What can be done with a seat."""

    NOT_COMMITTED = "not committed"
    REVEALED = "revealed"
    LOST = "lost"  # forfeited, or leaked
    COMMIT_PHASE = "commit phase"
    UNCONFIRMED = "unconfirmed"
    READY = "ready"
    NOT_KEPT = "not kept"  # here; the chain may give it back
    TOO_LATE = "too late"


@dataclass(frozen=True, slots=True)
class SeatStatus:
    """A seat as of now.

    words      the state in a sentence for its labeler
    secret     what reveals it, only if it may be shown now
    outcome    what the closing said of it
    """

    history: RoundHistory
    state: SeatState
    words: str
    secret: Secret | None = None
    outcome: Outcome | None = None


def seat_status(market: Market, vault: Vault, history: RoundHistory, labeler: str) -> SeatStatus:
    """How a labeler stands in a round."""
    landed = history.commitment_of(labeler)
    if landed is None:
        return SeatStatus(
            history,
            SeatState.NOT_COMMITTED,
            "not committed: run `plumbline labeler commit` again if the phase is not over",
        )
    for event in history.reveals:
        if event.labeler == labeler:
            outcomes = (each for each in history.outcomes if each.labeler == labeler)
            words = f"revealed already, in block {event.block}"
            return SeatStatus(history, SeatState.REVEALED, words, outcome=next(outcomes, None))
    for gone in (*history.forfeits, *history.leaks):
        if gone.labeler == labeler:
            words = f"slashed as silent or leaked, in block {gone.block}"
            return SeatStatus(history, SeatState.LOST, words)
    return _to_reveal(market, vault, history, labeler)


def _to_reveal(market: Market, vault: Vault, history: RoundHistory, labeler: str) -> SeatStatus:
    phase, seconds = market.time_left(history)
    secrecy = market.secrecy(history)
    if secrecy is not None and secrecy.until is not None:
        return SeatStatus(
            history,
            SeatState.COMMIT_PHASE,
            f"others may commit for {format_duration(seconds)} yet: whoever reveals now gives "
            "the answers away",
        )
    if phase is not Phase.REVEAL:
        ended = format_time(history.deadlines.reveal)
        return SeatStatus(history, SeatState.TOO_LATE, f"too late, reveals ended at {ended}")
    if secrecy is not None:
        return SeatStatus(
            history,
            SeatState.UNCONFIRMED,
            "all seats are taken, but a reorganisation could reopen the commit phase: wait "
            f"{secrecy.blocks} more blocks",
        )
    secret = kept_secret(vault, history, labeler)
    if secret is None:
        return SeatStatus(
            history,
            SeatState.NOT_KEPT,
            f"the answers are not kept in {vault.folder}: `plumbline labeler restore` gets them "
            "from the chain",
        )
    words = f"to be revealed, {format_duration(seconds)} left"
    return SeatStatus(history, SeatState.READY, words, secret)


def kept_secret(vault: Vault, history: RoundHistory, labeler: str) -> Secret | None:
    """What opens the seat, if it is in the vault; a damaged file is as good as none."""
    landed = history.commitment_of(labeler)
    try:
        secret = vault.answers(history.round_id, labeler)
    except StorageError:
        return None
    is_it = secret is not None and landed is not None and secret.digest == landed.commitment
    return secret if is_it else None


def rounds_of(market: Market, vault: Vault, labeler: str) -> list[RoundHistory]:
    """All rounds that a labeler has taken a seat in, or is about to."""
    answered = set(vault.rounds_answered(labeler))
    return [
        history
        for history in market.histories()
        if history.commitment_of(labeler) is not None or history.round_id in answered
    ]
