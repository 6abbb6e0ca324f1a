"""Opening commitments: revealing, handing the answers to a keeper, getting them back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from scripts._command import fail
from scripts._labelers import UNLOCK_LINE
from scripts._output import console, note, print_json, tx_json, when
from scripts._sending import send

if TYPE_CHECKING:
    from pathlib import Path

    from plumbline.chain.call import Call, Receipt
    from plumbline.history.rounds import RoundHistory
    from plumbline.labeler.vault import Secret
    from scripts._labelers import Labeler
    from scripts._node import Market

LEAK_WARNING = (
    "others may still commit: whoever has this file until then can take 5% of the stake with it, "
    "and the labeler is slashed"
)


@dataclass(frozen=True)
class Seat:
    """How a labeler stands in a round; `secret` if it can be revealed now."""

    one: RoundHistory
    secret: Secret | None
    state: str
    is_done: bool = False


def seat_of(here: Market, one: RoundHistory, labeler: str) -> Seat:
    """How a labeler stands in a round, in words."""
    from plumbline.chain.records import Phase
    from plumbline.units import format_duration

    landed = one.commitment_of(labeler)
    if landed is None:
        return Seat(
            one, None, "not committed: run `ape run labeler commit` again if the phase is not over"
        )
    for event in one.reveals:
        if event.labeler == labeler:
            return Seat(one, None, f"revealed already, in block {event.block}", is_done=True)
    for gone in (*one.forfeits, *one.leaks):
        if gone.labeler == labeler:
            return Seat(one, None, f"slashed as silent or leaked, in block {gone.block}")
    phase, seconds = here.time_left(one)
    if phase is Phase.COMMIT:
        return Seat(
            one,
            None,
            f"others may commit for {format_duration(seconds)} yet: whoever reveals now gives "
            "the answers away",
        )
    if phase is not Phase.REVEAL:
        return Seat(one, None, f"too late, reveals ended at {when(one.deadlines.reveal)}")
    blocks = one.blocks_until_final(here.chain.now, here.chain.head, here.chain.confirmations)
    if blocks:
        return Seat(
            one,
            None,
            f"all seats are taken, but a reorganisation could reopen the commit phase: wait "
            f"{blocks} more blocks",
        )
    secret = kept_secret(here, one, labeler)
    if secret is None:
        return Seat(
            one,
            None,
            f"the answers are not kept in {here.vault.folder}: `ape run labeler restore` gets "
            "them from the chain",
        )
    return Seat(one, secret, f"to be revealed, {format_duration(seconds)} left")


def kept_secret(here: Market, one: RoundHistory, labeler: str) -> Secret | None:
    """What opens the seat, if it is in the vault; a damaged file is as good as none."""
    from plumbline.files.private import StorageError

    landed = one.commitment_of(labeler)
    try:
        secret = here.vault.answers(one.round_id, labeler)
    except StorageError:
        return None
    is_it = secret is not None and landed is not None and secret.digest == landed.commitment
    return secret if is_it else None


def committed_rounds(here: Market, labeler: str) -> list[RoundHistory]:
    """All rounds that a labeler has taken a seat in, or is about to."""
    from plumbline.history.rounds import history

    answered = set(here.vault.rounds_answered(labeler))
    return [
        one
        for one in history(here.events()).values()
        if one.commitment_of(labeler) is not None or one.round_id in answered
    ]


def reveal(here: Market, who: Labeler, number: int | None, yes: bool, as_json: bool) -> None:
    """Reveal in one round, or wherever it is time."""
    if number is not None:
        rounds = [here.history(here.round_number(number))]
    else:
        rounds = committed_rounds(here, who.address)
        if not rounds:
            fail(f"{who.name} has taken no seat: `ape run labeler commit` first")
    seats = [seat_of(here, one, who.address) for one in rounds]
    ready = [seat for seat in seats if seat.secret is not None]
    if number is None:
        for seat in seats:
            if seat.secret is None and not seat.one.is_over:
                note(f"round {seat.one.round_id}: {seat.state}")
    elif not ready and not seats[0].is_done:
        fail(f"round {number}: {seats[0].state}")
    sent = _send_reveals(here, who, ready, yes)
    if as_json:
        print_json(
            {
                "labeler": who.address,
                "rounds": [{"round": seat.one.round_id, "state": seat.state} for seat in seats],
                **sent.json,
            }
        )
    elif not ready:
        console().print(f"{who.name}: nothing to reveal now", soft_wrap=True)
        if number is not None:
            console().print(f"round {number}: {seats[0].state}", soft_wrap=True)
    else:
        sent.show(who)
    sent.require_all()


@dataclass(frozen=True)
class Reveals:
    """What came of revealing in several rounds, by their numbers."""

    receipts: dict[int, Receipt]
    failures: dict[int, str]

    @property
    def json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "revealed": list(self.receipts),
            "transactions": [tx_json(receipt) for receipt in self.receipts.values()],
            "failures": [{"round": number, "why": why} for number, why in self.failures.items()],
        }

    def show(self, who: Labeler) -> None:
        """For people."""
        for number in self.receipts:
            console().print(f"{who.name} revealed in round {number}", soft_wrap=True)

    def require_all(self) -> None:
        """An error if one of them failed."""
        for number, why in self.failures.items():
            click.echo(f"round {number}: {why}", err=True)
        if self.failures:
            done, all_ = len(self.receipts), len(self.receipts) + len(self.failures)
            fail(f"revealed in {done} of {all_} rounds: see above, and run it again")


def _send_reveals(here: Market, who: Labeler, ready: list[Seat], yes: bool) -> Reveals:
    """One transaction for each round: one that fails does not stop the others."""
    from plumbline.errors import PlumblineError
    from plumbline.transactions.senders import NotLanded

    calls: dict[int, Call] = {}
    receipts: dict[int, Receipt] = {}
    failures: dict[int, str] = {}
    for seat in ready:
        number = seat.one.round_id
        try:
            calls[number] = here.rounds.reveal(number, [_opening(who, seat)])
        except PlumblineError as error:
            failures[number] = str(error)
    if calls:
        who.confirm(yes, [call.description for call in calls.values()])
    for number, call in calls.items():
        try:
            receipts[number] = send(here.chain, who.account, call)
        except NotLanded:
            raise  # the next one would wait behind it
        except PlumblineError as error:
            failures[number] = str(error)
    return Reveals(receipts, failures)


def _opening(who: Labeler, seat: Seat) -> Any:
    from plumbline.chain.contract import Opening

    assert seat.secret is not None
    return Opening(who.address, seat.secret.sheet, seat.secret.salt)


def export(here: Market, who: Labeler, number: int | None, target: Path, yes: bool) -> None:
    """Write what somebody else needs to reveal in the labeler's place.

    Into a file for one round; into a folder for all that are not revealed yet.
    """
    from plumbline.chain.records import Phase
    from plumbline.labeler import delegated_reveals as entrusted

    told = (
        [here.history(here.round_number(number))]
        if number is not None
        else committed_rounds(here, who.address)
    )
    open_seats = [one for one in told if who.address in one.awaited]
    if not open_seats:
        fail(f"{who.name} has nothing to reveal" + (f" in round {number}" if number else ""))
    if len(open_seats) > 1 and not target.is_dir():
        fail(f"{len(open_seats)} rounds are to be revealed: name a folder, or a --round")
    files = []
    for one in open_seats:
        secret = kept_secret(here, one, who.address)
        if secret is None:
            note(f"round {one.round_id}: the answers are not here")
            continue
        made = entrusted.Entrusted.of(
            secret, here.deployment.deployed, here.chain.genesis, one.round_id, who.address
        )
        files.append((one, made, entrusted.file_in(target, made) if target.is_dir() else target))
    if not files:
        fail("nothing was written: the answers are not here, `ape run labeler restore` first")
    chain = here.chain
    early = [
        one.round_id
        for one, *_ in files
        if here.time_left(one)[0] is Phase.COMMIT
        or one.blocks_until_final(chain.now, chain.head, chain.confirmations)
    ]
    if early and not yes:
        click.echo(f"Round {', '.join(map(str, early))}: {LEAK_WARNING}.", err=True)
        if not click.get_text_stream("stdin").isatty():
            fail("nothing was written: export after the commit phase, or add --yes to agree")
        if not click.confirm("Write it all the same?", err=True):
            fail("nothing was written")
    for one, made, path in files:
        entrusted.write(path, made)
        console().print(
            f"{path} opens the seat of {who.name} in round {one.round_id}: hand it to a keeper "
            f"before {when(one.deadlines.reveal)}",
            soft_wrap=True,
        )
    if early:
        note(f"[yellow]Warning:[/] {LEAK_WARNING}")


def restore(here: Market, who: Labeler, and_reveal: bool, yes: bool, as_json: bool) -> None:
    """Get the answers of all open rounds back from the chain, and reveal where it is time."""
    told = [one for one in committed_rounds(here, who.address) if who.address in one.awaited]
    failures: dict[int, str] = {}
    if told:
        who.confirm(yes, [UNLOCK_LINE], sends=False)
        failures = _restore_each(here, who, told)
    seats = [seat_of(here, one, who.address) for one in told if one.round_id not in failures]
    if not as_json:
        if not told:
            console().print(f"{who.name} has no seat that is still to be revealed")
        for seat in seats:
            console().print(
                f"round {seat.one.round_id}: answers and salt are in {here.vault.folder}; "
                f"{seat.state}",
                soft_wrap=True,
            )
    ready = [seat for seat in seats if seat.secret is not None and and_reveal]
    sent = _send_reveals(here, who, ready, yes)
    if as_json:
        print_json(
            {
                "labeler": who.address,
                "restored": [seat.one.round_id for seat in seats],
                "failed": [{"round": number, "why": why} for number, why in failures.items()],
                **sent.json,
            }
        )
    else:
        sent.show(who)
    for number, why in failures.items():
        click.echo(f"round {number}: {why}", err=True)
    if failures:
        fail(f"{len(failures)} of {len(told)} seats could not be restored: see above")
    sent.require_all()


def _restore_each(here: Market, who: Labeler, told: list[RoundHistory]) -> dict[int, str]:
    """Keep the secret of every seat; why not, for those where that cannot be."""
    from plumbline.errors import PlumblineError
    from plumbline.labeler.seats import restore as restore_seat

    keys = who.earlier_keys(here.vault)
    failures = {}
    for one in told:
        landed = one.commitment_of(who.address)
        if landed is None or kept_secret(here, one, who.address):
            continue
        try:
            restore_seat(here.vault, keys, landed, one.rules)
        except PlumblineError as error:
            failures[one.round_id] = str(error)
    return failures
