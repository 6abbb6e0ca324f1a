"""Showing what will be signed, asking for consent, and sending it with a journal."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import click

from plumbline.chain.call import Call, Receipt
from plumbline.chain.node import Node
from plumbline.cli.accounts import UnlockableSigner, account_of
from plumbline.cli.asking import require_consent
from plumbline.cli.command import OUTBOXES, vault_root
from plumbline.cli.environment import integer_in, seconds_in
from plumbline.cli.output import note, plain, tx_line, warn
from plumbline.files.locations import chain_folder
from plumbline.transactions.delivery import Timeouts
from plumbline.transactions.journal import Journal
from plumbline.transactions.outbox import Outbox
from plumbline.transactions.senders import NamedSigner

_TIMEOUTS: Final = (("PLUMBLINE_TIMEOUT", 180.0), ("PLUMBLINE_BUMP_AFTER", 45.0))  # seconds


def outbox_of(node: Node, account: NamedSigner) -> Outbox:
    """The outbox of an account in this command, with its journal in the vault."""
    outboxes: dict[str, Outbox] = click.get_current_context().meta.setdefault(OUTBOXES, {})
    if account.address not in outboxes:
        folder = vault_root() / chain_folder(node.chain_id, node.genesis)
        timeouts = Timeouts(*(seconds_in(name, default) for name, default in _TIMEOUTS))
        journal = Journal.of(folder, account.address)
        cap = integer_in("PLUMBLINE_GAS_CAP")
        outboxes[account.address] = Outbox(node.w3, account, journal, timeouts, note, gas_cap=cap)
    return outboxes[account.address]


def sender_of(alias: str | None, node: Node, required: bool = False) -> UnlockableSigner:
    """The account that sends, once the transactions that earlier runs left behind are finished.

    Those are the ones that were interrupted, or taken back by the chain since.
    """
    account = account_of(alias, node, required)
    outbox = outbox_of(node, account)
    outbox.reopen()
    outbox.recover()
    return account


def send(node: Node, account: NamedSigner, call: Call) -> Receipt:
    """Sign, send, wait and show the result. Errors distinguish reverted from not landed."""
    receipt = outbox_of(node, account).send(call)
    # At once, whatever happens to the command afterwards: it is in a block.
    note(tx_line(receipt))
    return receipt


def send_all(node: Node, account: NamedSigner, calls: Sequence[Call]) -> list[Receipt]:
    """Send one after the other, each when the one before is in a block."""
    return [send(node, account, call) for call in calls]


def leave_unacknowledged() -> None:
    """Leave what this command has sent to its next run, which finds it done."""
    click.get_current_context().meta.pop(OUTBOXES, None)


@contextmanager
def left_to_next_run() -> Iterator[None]:
    """If it ends half-way, what was sent is what the next run goes on from: where nothing on the
    chain tells what it was sent for."""
    try:
        yield
    except BaseException:
        leave_unacknowledged()
        raise


def confirm(
    yes: bool, node: Node, account: NamedSigner, lines: Sequence[str], sends: bool = True
) -> None:
    """Show what will be signed, and ask unless `yes`. On stderr: stdout is for results."""
    where = f"chain {node.chain_id}" + (" (local)" if node.is_local else "")
    click.echo(f"{account.name} ({account.address}) will sign, on {where}:", err=True)
    for line in lines:
        click.echo(f"  - {line}", err=True)
    if yes:
        return
    nothing = "nothing was sent" if sends else "nothing was signed"
    require_consent("Sign and send?" if sends else "Sign?", nothing)


def confirm_doubt(yes: bool, doubt: str) -> None:
    """Ask whether something odd is meant, unless `yes`: before anything is signed."""
    warn(plain(doubt))
    if not yes:
        require_consent("Is that meant?", "nothing was signed")
