"""Opening commitments: revealing, handing the answers to a keeper, getting them back."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from plumbline.chain.call import Call
from plumbline.errors import PlumblineError
from plumbline.history.market import Market
from plumbline.history.rounds import RoundHistory
from plumbline.labeler.delegated_reveals import DelegatedReveal, file_in
from plumbline.labeler.seats import restore as restore_seat
from plumbline.labeler.status import (
    SeatState,
    SeatStatus,
    kept_secret,
    rounds_of,
    seat_status,
)
from plumbline.labeler.unlocking import Keyring
from plumbline.labeler.vault import Vault
from plumbline.protocol.commitment import Opening


class RevealError(PlumblineError):
    """Nothing that can be revealed, or handed over."""


@dataclass(frozen=True, slots=True)
class RevealPlan:
    """What to send, by round, and what cannot be, with the reason."""

    seats: tuple[SeatStatus, ...]
    calls: dict[int, Call]
    failures: dict[int, str]


@dataclass(frozen=True, slots=True)
class Handover:
    """A delegated reveal and the file it goes into; `is_early` while others may still commit."""

    history: RoundHistory
    reveal: DelegatedReveal
    path: Path
    is_early: bool


def seats_to_reveal(
    market: Market, vault: Vault, labeler: str, name: str, number: int | None
) -> list[SeatStatus]:
    """How a labeler stands in one round, or in all rounds.

    `name` is what errors call the labeler. Raises RevealError if there is no seat, or the one
    that is meant is neither ready nor revealed.
    """
    if number is not None:
        history = market.history(market.require_round(number))
        seat = seat_status(market, vault, history, labeler)
        if seat.state not in (SeatState.READY, SeatState.REVEALED):
            raise RevealError(f"round {number}: {seat.words}")
        return [seat]
    rounds = rounds_of(market, vault, labeler)
    if not rounds:
        raise RevealError(f"{name} has taken no seat: `plumbline labeler commit` first")
    return [seat_status(market, vault, history, labeler) for history in rounds]


def plan_reveals(market: Market, seats: Iterable[SeatStatus], labeler: str) -> RevealPlan:
    """One transaction for each seat that is ready: one that cannot be does not stop the others."""
    seats = tuple(seats)
    calls: dict[int, Call] = {}
    failures: dict[int, str] = {}
    for seat in seats:
        if seat.secret is None:
            continue
        number = seat.history.round_id
        opening = Opening(labeler, seat.secret.sheet, seat.secret.salt)
        try:
            calls[number] = market.contract.reveal(number, [opening])
        except PlumblineError as error:
            failures[number] = str(error)
    return RevealPlan(seats, calls, failures)


def plan_handover(
    market: Market, vault: Vault, labeler: str, name: str, number: int | None, target: Path
) -> tuple[list[Handover], list[int]]:
    """The files that let somebody else reveal, and the rounds whose answers are not here.

    Into `target` for one round; into the folder `target` for all that are not revealed yet.
    Raises RevealError if there is nothing to hand over.
    """
    histories = (
        [market.history(market.require_round(number))]
        if number is not None
        else rounds_of(market, vault, labeler)
    )
    awaited = [history for history in histories if labeler in history.awaited]
    if not awaited:
        raise RevealError(
            f"{name} has nothing to reveal" + (f" in round {number}" if number else "")
        )
    if len(awaited) > 1 and not target.is_dir():
        raise RevealError(f"{len(awaited)} rounds are to be revealed: name a folder, or the round")
    handovers: list[Handover] = []
    missing: list[int] = []
    for history in awaited:
        secret = kept_secret(vault, history, labeler)
        if secret is None:
            missing.append(history.round_id)
            continue
        reveal = DelegatedReveal.of(
            secret, vault.deployed, vault.genesis, history.round_id, labeler
        )
        path = file_in(target, reveal) if target.is_dir() else target
        is_early = market.secrecy(history) is not None
        handovers.append(Handover(history, reveal, path, is_early))
    if not handovers:
        raise RevealError(
            "nothing was written: the answers are not here, `plumbline labeler restore` first"
        )
    return handovers, missing


def restore_seats(
    vault: Vault, keyring: Keyring, histories: Iterable[RoundHistory], labeler: str
) -> dict[int, str]:
    """Keep the secret of every seat: why not, by round, for those where that cannot be."""
    failures: dict[int, str] = {}
    for history in histories:
        landed = history.commitment_of(labeler)
        if landed is None or kept_secret(vault, history, labeler):
            continue
        try:
            restore_seat(vault, keyring, landed, history.rules)
        except PlumblineError as error:
            failures[history.round_id] = str(error)
    return failures
