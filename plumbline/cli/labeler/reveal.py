"""The commands that open commitments: `reveal`, and `restore` on an empty machine."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import click

from plumbline.chain.call import Receipt
from plumbline.cli.asking import require_consent
from plumbline.cli.command import Command, fail, round_argument, sending_options
from plumbline.cli.labeler.options import UNLOCK_LINE, labeler_of, wallet_option
from plumbline.cli.market import open_market, vault_of
from plumbline.cli.output import note, print_json, say, tx_json, warn
from plumbline.cli.sending import confirm, send
from plumbline.history.market import Market
from plumbline.labeler.delegated_reveals import write
from plumbline.labeler.identity import Labeler
from plumbline.labeler.reveal_flow import (
    plan_handover,
    plan_reveals,
    restore_seats,
    seats_to_reveal,
)
from plumbline.labeler.status import SeatStatus, rounds_of, seat_status
from plumbline.transactions.independent import send_each
from plumbline.units import format_time

_LEAK_WARNING: Final = (
    "others may still commit: whoever has this file until then can take 5% of the stake with it, "
    "and the labeler is slashed"
)


@click.command(cls=Command)
@round_argument
@click.option(
    "--export",
    "target",
    type=click.Path(path_type=Path),
    help="Send nothing: write what a keeper needs to reveal in your place to this file, or into "
    "this folder.",
)
@wallet_option
@sending_options(account_required=True)
def reveal(
    number: int | None,
    target: Path | None,
    wallet: str | None,
    alias: str,
    yes: bool,
    as_json: bool,
) -> None:
    """Open the commitment in ROUND, or in all rounds where it is time.

    To be run again after any crash: what is revealed already is said and left alone. With
    --export somebody else can do it; until the commit phase is over, whoever has that file can
    take 5% of the stake with it and have you slashed.
    """
    market = open_market()
    if target is not None:
        _export(market, labeler_of(market, alias, wallet, sends=False), number, target, yes)
        return
    labeler = labeler_of(market, alias, wallet, sends=True)
    seats = seats_to_reveal(market, vault_of(market), labeler.address, labeler.name, number)
    if number is None:
        for seat in seats:
            if seat.secret is None and not seat.history.is_over:
                note(f"round {seat.history.round_id}: {seat.words}")
    sent = _reveal(market, labeler, seats, yes)
    if as_json:
        print_json(
            {
                "labeler": labeler.address,
                "rounds": [{"round": seat.history.round_id, "state": seat.words} for seat in seats],
                **sent.json,
            }
        )
    elif any(seat.secret for seat in seats):
        sent.show(labeler)
    else:
        say(f"{labeler.name}: nothing to reveal now")
        if number is not None:
            say(f"round {number}: {seats[0].words}")
    sent.require_all()


@click.command(cls=Command)
@click.option("--no-reveal", is_flag=True, help="Only restore, reveal nothing.")
@wallet_option
@sending_options(account_required=True)
def restore(no_reveal: bool, wallet: str | None, alias: str, yes: bool, as_json: bool) -> None:
    """Get answers and salts of all open rounds back from the chain, with the wallet alone.

    For a new or an empty machine. What was committed with sealed answers is decrypted from the
    events, checked against the commitment and kept; what can be revealed by now is revealed.
    """
    market = open_market()
    vault = vault_of(market)
    labeler = labeler_of(market, alias, wallet, sends=not no_reveal)
    address = labeler.address
    awaited = [each for each in rounds_of(market, vault, address) if address in each.awaited]
    failures: dict[int, str] = {}
    if awaited:
        confirm(yes, market.node, labeler.account, [UNLOCK_LINE], sends=False)
        failures = restore_seats(vault, labeler.keyring(market, vault), awaited, address)
    seats = [
        seat_status(market, vault, history, address)
        for history in awaited
        if history.round_id not in failures
    ]
    if not as_json:
        if not awaited:
            say(f"{labeler.name} has no seat that is still to be revealed")
        for seat in seats:
            say(
                f"round {seat.history.round_id}: answers and salt are in {vault.folder}; "
                f"{seat.words}"
            )
    sent = _reveal(market, labeler, [] if no_reveal else seats, yes)
    if as_json:
        print_json(
            {
                "labeler": address,
                "restored": [seat.history.round_id for seat in seats],
                "failed": [{"round": number, "why": why} for number, why in failures.items()],
                **sent.json,
            }
        )
    else:
        sent.show(labeler)
    for number, why in failures.items():
        click.echo(f"round {number}: {why}", err=True)
    if failures:
        fail(f"{len(failures)} of {len(awaited)} seats could not be restored: see above")
    sent.require_all()


@dataclass(frozen=True)
class _Reveals:
    """The outcome of revealing in several rounds, by their numbers."""

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

    def show(self, labeler: Labeler) -> None:
        """For people."""
        for number in self.receipts:
            say(f"{labeler.name} revealed in round {number}")

    def require_all(self) -> None:
        """An error if one of them failed."""
        for number, why in self.failures.items():
            click.echo(f"round {number}: {why}", err=True)
        if self.failures:
            done, all_ = len(self.receipts), len(self.receipts) + len(self.failures)
            fail(f"revealed in {done} of {all_} rounds: see above, and run it again")


def _reveal(market: Market, labeler: Labeler, seats: list[SeatStatus], yes: bool) -> _Reveals:
    """One transaction for each round: one that fails does not stop the others."""
    plan = plan_reveals(market, seats, labeler.address)
    if plan.calls:
        lines = [call.description for call in plan.calls.values()]
        confirm(yes, market.node, labeler.account, lines)
    receipts, failures = send_each(plan.calls, partial(send, market.node, labeler.account))
    return _Reveals(receipts, plan.failures | failures)


def _export(market: Market, labeler: Labeler, number: int | None, target: Path, yes: bool) -> None:
    """Write what somebody else needs to reveal in the labeler's place."""
    handovers, missing = plan_handover(
        market, vault_of(market), labeler.address, labeler.name, number, target
    )
    for round_id in missing:
        note(f"round {round_id}: the answers are not here")
    early = [handover.history.round_id for handover in handovers if handover.is_early]
    if early and not yes:
        click.echo(f"Round {', '.join(map(str, early))}: {_LEAK_WARNING}.", err=True)
        require_consent(
            "Write it all the same?",
            "nothing was written",
            unasked="export after the commit phase, or add --yes to agree",
        )
    for handover in handovers:
        write(handover.path, handover.reveal)
        say(
            f"{handover.path} opens the seat of {labeler.name} in round "
            f"{handover.history.round_id}: hand it to a keeper before "
            f"{format_time(handover.history.deadlines.reveal)}"
        )
    if early:
        warn(_LEAK_WARNING)
