"""Saying what will be signed, asking, and sending it with a journal.

Ape imports every script for any `ape run`, so nothing heavy is imported up here.
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from scripts._accounts import account_of
from scripts._command import OUTBOXES, fail, vault_root
from scripts._output import note, tx_line

if TYPE_CHECKING:
    from plumbline.chain.call import Call, Receipt
    from plumbline.transactions.outbox import Outbox
    from scripts._node import Chain

_PATIENCE = (("PLUMBLINE_PATIENCE", 180.0), ("PLUMBLINE_BUMP_AFTER", 45.0))  # seconds


def outbox(chain: Chain, account: Any) -> Outbox:
    """What this account sends in this command, with its journal in the vault."""
    from plumbline.files.locations import chain_folder
    from plumbline.transactions.journal import Journal
    from plumbline.transactions.outbox import Outbox, Patience

    made: dict[str, Outbox] = click.get_current_context().meta.setdefault(OUTBOXES, {})
    if account.address not in made:
        folder = vault_root() / chain_folder(chain.chain_id, chain.genesis)
        patience = Patience(*(_seconds(name, default) for name, default in _PATIENCE))
        made[account.address] = Outbox(
            chain.w3, account, Journal.of(folder, account.address), patience, note
        )
    return made[account.address]


def sender_of(alias: str | None, chain: Chain, needed: bool = False) -> Any:
    """The account that sends, after what earlier runs of it have left behind is finished.

    That is what was interrupted, and what the chain has taken back since.
    """
    account = account_of(alias, chain, needed)
    sends = outbox(chain, account)
    sends.reopen()
    sends.recover()
    return account


def send(chain: Chain, account: Any, call: Call) -> Receipt:
    """Sign, send and wait, and say what it came to. Errors tell reverted from not landed."""
    receipt = outbox(chain, account).send(call)
    # At once, whatever happens to the command afterwards: it is in a block.
    note(tx_line(receipt))
    return receipt


def leave_untold() -> None:
    """What this command has sent is of use only to its next run, which finds it done."""
    click.get_current_context().meta.pop(OUTBOXES, None)


def _seconds(name: str, default: float) -> float:
    given = os.environ.get(name)
    try:
        seconds = default if given is None else float(given)
    except ValueError:
        seconds = -1
    if not 0 <= seconds < math.inf:
        fail(f"{name}={given} is no number of seconds")
    return seconds


def confirm(
    yes: bool, chain: Chain, account: Any, lines: Sequence[str], sends: bool = True
) -> None:
    """Say what will be signed, and ask unless told not to. On stderr: stdout is for results."""
    where = f"chain {chain.chain_id}" + (" (local)" if chain.is_local else "")
    click.echo(f"{account.name} ({account.address}) will sign, on {where}:", err=True)
    for line in lines:
        click.echo(f"  - {line}", err=True)
    if yes:
        return
    nothing = "nothing was sent" if sends else "nothing was signed"
    if not sys.stdin.isatty():
        fail(f"{nothing}: without a terminal add --yes to agree")
    if not click.confirm("Sign and send?" if sends else "Sign?", err=True):
        fail(nothing)
