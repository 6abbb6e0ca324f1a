"""How a labeler stands in a round, and what is to be done about it."""

from dataclasses import dataclass
from enum import StrEnum

from plumbline.chain.records import Phase
from plumbline.files.private import StorageError
from plumbline.history.market import Market, Survey
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

    phase         of the round
    words         the state in a sentence for its labeler
    is_awaited    whether the commitment is neither revealed nor gone
    is_kept       whether what reveals it is in the vault
    secret        the same, only if it may be shown now
    outcome       of the labeler, once the round is closed
    """

    history: RoundHistory
    phase: Phase
    state: SeatState
    words: str
    is_awaited: bool
    is_kept: bool
    secret: Secret | None = None
    outcome: Outcome | None = None


def seat_status(market: Market, vault: Vault, history: RoundHistory, labeler: str) -> SeatStatus:
    """How a labeler stands in a round."""
    phase, seconds = market.time_left(history)
    kept = kept_secret(vault, history, labeler)
    is_awaited = labeler in history.awaited
    if is_awaited:
        state, words = _before_reveal(market, vault, history, kept, phase, seconds)
    else:
        state, words = _not_awaited(history, labeler)
    return SeatStatus(
        history=history,
        phase=phase,
        state=state,
        words=words,
        is_awaited=is_awaited,
        is_kept=kept is not None,
        secret=kept if state is SeatState.READY else None,
        outcome=next((each for each in history.outcomes if each.labeler == labeler), None),
    )


def _not_awaited(history: RoundHistory, labeler: str) -> tuple[SeatState, str]:
    for event in history.reveals:
        if event.labeler == labeler:
            return SeatState.REVEALED, f"revealed already, in block {event.block}"
    for gone in (*history.forfeits, *history.leaks):
        if gone.labeler == labeler:
            return SeatState.LOST, f"slashed as silent or leaked, in block {gone.block}"
    return (
        SeatState.NOT_COMMITTED,
        "not committed: run `plumbline labeler commit` again if the phase is not over",
    )


def _before_reveal(
    market: Market,
    vault: Vault,
    history: RoundHistory,
    kept: Secret | None,
    phase: Phase,
    seconds: int,
) -> tuple[SeatState, str]:
    secrecy = market.secrecy(history)
    if secrecy is not None and secrecy.until is not None:
        return (
            SeatState.COMMIT_PHASE,
            f"others may commit for {format_duration(seconds)} yet: whoever reveals now gives "
            "the answers away",
        )
    if phase is not Phase.REVEAL:
        ended = format_time(history.deadlines.reveal)
        return SeatState.TOO_LATE, f"too late, reveals ended at {ended}"
    if secrecy is not None:
        return (
            SeatState.UNCONFIRMED,
            "all seats are taken, but a reorganisation could reopen the commit phase: wait "
            f"{secrecy.blocks} more blocks",
        )
    if kept is None:
        return (
            SeatState.NOT_KEPT,
            f"the answers are not kept in {vault.folder}: `plumbline labeler restore` gets them "
            "from the chain",
        )
    return SeatState.READY, f"to be revealed, {format_duration(seconds)} left"


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
    return survey_of(market, vault, labeler).histories


def survey_of(market: Market, vault: Vault, labeler: str) -> Survey:
    """The same with remarks on them, and on those that cannot be told, which may be theirs."""
    answered = set(vault.rounds_answered(labeler))
    return market.survey(
        lambda history: history.commitment_of(labeler) is not None or history.round_id in answered
    )
