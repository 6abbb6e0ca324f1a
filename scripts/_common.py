"""What the commands share: the node, the account, questions, tables and errors.

Ape imports every script for any `ape run`, so nothing heavy is imported up here.
"""

from __future__ import annotations

import functools
import json
import os
import socket
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

import click
from ape.cli.commands import ConnectedProviderCommand

if TYPE_CHECKING:
    from eth_account.messages import SignableMessage
    from rich.console import Console
    from rich.table import Table
    from web3 import Web3

    from plumbline.call import Call, Receipt
    from plumbline.contract import LabelRounds
    from plumbline.deployment import Deployment
    from plumbline.events import Event
    from plumbline.outbox import Outbox
    from plumbline.rounds import RoundHistory
    from plumbline.units import Unit
    from plumbline.vault import Vault
    from plumbline.views import Phase

_LOCAL_CHAINS = frozenset({1337, 31337})
_LOCAL_CLIENTS = ("anvil", "ganache", "hardhat", "eth-tester", "ethereumjs testrpc")
_VAULT = "plumbline.vault"
_OUTBOXES = "plumbline.outboxes"
_PATIENCE = (("PLUMBLINE_PATIENCE", 180.0), ("PLUMBLINE_BUMP_AFTER", 45.0))  # seconds
_TEST_PREFIX = "TEST::"
_LONGEST_SYMBOL = 11
CONFIRMATIONS = 5
_SOON = 3_600  # seconds before a deadline from which on it is shown in bold


# ------------------------------------------------------------------------ commands


class Command(ConnectedProviderCommand):
    """A command with a node, which ends with one line and exit code 1 if it fails."""

    def invoke(self, ctx: click.Context) -> Any:
        _find_library()
        _quieten()
        _untrace()
        with _all_told(ctx), errors_as_one_line():
            _require_host(ctx)
            return super().invoke(ctx)


class OfflineCommand(click.Command):
    """A command without a node."""

    def invoke(self, ctx: click.Context) -> Any:
        _find_library()
        _quieten()
        with errors_as_one_line():
            return super().invoke(ctx)


class DefaultGroup(click.Group):
    """A group that runs the command `default` if none is named."""

    default = "new"

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in ("-h", "--help")):
            args = [self.default, *args]
        return super().parse_args(ctx, args)


json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON on stdout, with amounts in wei as text."
)

yes_option = click.option("--yes", "-y", is_flag=True, help="Do not ask before signing.")


def account_option(needed: bool) -> Callable[..., Any]:
    """Which account signs; `needed` if there is no default even on a local chain."""
    default = "" if needed else " [default there: TEST::0]"
    return click.option(
        "--account",
        "alias",
        metavar="ALIAS",
        required=needed,
        help=f"Ape account that signs, see `ape accounts list`; TEST::0, TEST::1, .. on a local "
        f"chain.{default}",
    )


@contextmanager
def _all_told(ctx: click.Context) -> Iterator[None]:
    """A command that ends by itself has told what became of all it sent, a failed one too."""
    try:
        yield
    except click.exceptions.Exit:
        _tell_outboxes(ctx)
        raise
    _tell_outboxes(ctx)


def _tell_outboxes(ctx: click.Context) -> None:
    sys.stdout.flush()
    for made in ctx.meta.get(_OUTBOXES, {}).values():
        made.told()


@contextmanager
def errors_as_one_line() -> Iterator[None]:
    """Turn every error that a user can cause into a line on stderr and exit code 1."""
    from plumbline.errors import PlumblineError

    try:
        yield
    except PlumblineError as error:
        fail(str(error))
    except (click.ClickException, click.exceptions.Exit, click.Abort):
        raise
    except Exception as error:
        reason = _known(error)
        if reason is None or os.environ.get("PLUMBLINE_DEBUG"):
            raise
        fail(reason)


def fail(reason: str) -> NoReturn:
    """One line on stderr, exit code 1."""
    line = _printable(" ".join(reason.split()))
    click.echo(click.style("Error: ", fg="red", bold=True) + line, err=True)
    raise click.exceptions.Exit(1)


def _known(error: Exception) -> str | None:
    from ape.exceptions import ApeException

    from plumbline.nodes import NODE_ERRORS, TRANSPORT_ERRORS
    from plumbline.reverts import revert_reason

    if isinstance(error, TRANSPORT_ERRORS):
        return f"the node does not answer: is it running? ({type(error).__name__})"
    if isinstance(error, ApeException) or (
        # ValueError is as often a mistake in here, which should be seen as one.
        isinstance(error, NODE_ERRORS) and type(error) is not ValueError
    ):
        return revert_reason(error)
    return None


def _find_library() -> None:
    """Ape takes the project off the path again before it runs a command."""
    root = str(Path(__file__).resolve().parents[1])
    if root not in sys.path:
        sys.path.append(root)


def _quieten() -> None:
    """Ape's notes on its own doings are for who asks for them with -v."""
    from ape.logging import LogLevel, logger

    if "-v" not in sys.argv and "--verbosity" not in sys.argv:
        logger.set_level(LogLevel.ERROR)
        warnings.filterwarnings("ignore", module="pydantic_settings")


def _untrace() -> None:
    """Ape has Anvil record every step of every transaction: nobody looks, and it takes seconds."""
    from ape_foundry.provider import FoundryProvider

    command = FoundryProvider.build_command
    FoundryProvider.build_command = lambda self: [
        part for part in command(self) if part != "--steps-tracing"
    ]


def _require_host(ctx: click.Context) -> None:
    """Where APE_FOUNDRY_HOST does not answer, ape would start a node and stop it afterwards."""
    host = os.environ.get("APE_FOUNDRY_HOST")
    provider = ctx.params.get("network")
    if not host or getattr(provider, "name", "foundry") != "foundry":
        return
    url = urlsplit(host)
    try:
        with socket.create_connection((url.hostname or "localhost", url.port or 8545), timeout=3):
            return
    except OSError:
        fail(f"nothing answers at APE_FOUNDRY_HOST={host}: start `anvil --accounts 40` there")


# ---------------------------------------------------------------------------- node


@dataclass(frozen=True)
class Chain:
    """The node a command talks to."""

    w3: Web3
    chain_id: int
    is_local: bool

    @property
    def now(self) -> int:
        """Time of the next block at the earliest, unix seconds."""
        times = [int(self.w3.eth.get_block("latest")["timestamp"])]
        if self.is_local:
            # A local chain stands still between transactions, and may have been sent ahead.
            times.append(int(time.time()))
        return max(times)

    @property
    def head(self) -> int:
        """Number of the latest block."""
        return int(self.w3.eth.block_number)

    @functools.cached_property
    def genesis(self) -> bytes:
        """Hash of block 0."""
        return bytes(self.w3.eth.get_block(0)["hash"])

    @property
    def confirmations(self) -> int:
        """Blocks after which no reorganisation is expected."""
        return 0 if self.is_local else CONFIRMATIONS


def connect() -> Chain:
    """The node that ape is connected to."""
    from ape import networks
    from web3.middleware import ExtraDataToPOAMiddleware

    from plumbline.nodes import NODE_ERRORS

    provider = networks.provider
    w3 = provider.web3
    chain_id = int(w3.eth.chain_id)
    try:
        client = w3.client_version.lower()
    except NODE_ERRORS:
        client = ""
    is_local = chain_id in _LOCAL_CHAINS or client.startswith(_LOCAL_CLIENTS)
    if not is_local and ExtraDataToPOAMiddleware not in w3.middleware_onion:
        w3.middleware_onion.inject(ExtraDataToPOAMiddleware, layer=0)
    return Chain(w3, chain_id, is_local)


@dataclass(frozen=True)
class Market:
    """A deployment, and the node it is read through."""

    chain: Chain
    deployment: Deployment
    rounds: LabelRounds
    unit: Unit

    def history(self, round_id: int) -> RoundHistory:
        """All that happened in a round."""
        from plumbline.rounds import history

        return history(self.events(round_id))[round_id]

    def time_left(self, told: RoundHistory) -> tuple[Phase, int]:
        """The phase of a round as of now, and the seconds until it ends at the latest.

        Not asked of the node, which answers as of its latest block: on a local chain that may
        have been long ago.
        """
        from plumbline.views import Phase

        now, ends = self.chain.now, told.deadlines
        phase = told.phase_at(now)
        end = {Phase.COMMIT: ends.commit, Phase.REVEAL: ends.reveal, Phase.GOLD: ends.gold}
        return phase, max(0, end.get(phase, now) - now)

    def round_number(self, given: int | None) -> int:
        """The round that was named, or the only one there is."""
        count = self.rounds.round_count()
        if given is not None:
            if not 1 <= given <= count:
                fail(
                    f"there is no round {given}: " + (f"1 to {count} exist" if count else "none is")
                )
            return given
        if count == 0:
            fail("there is no round yet: `ape run requester open FILE` opens one")
        if count > 1:
            fail(f"say which round: 1 to {count} exist, see `ape run requester status`")
        return 1

    def events(self, round_id: int | None = None) -> list[Event]:
        """All events so far, or those of a round."""
        from plumbline.events import fetch

        return fetch(self.chain.w3, self.deployment, round_id=round_id)

    @property
    def vault(self) -> Vault:
        """The secrets of this user here."""
        from plumbline.vault import Vault

        return Vault(vault_root(), self.deployment.deployed, self.chain.genesis)


vault_option = click.option(
    "--vault",
    "vault_root",
    type=click.Path(file_okay=False, path_type=Path),
    expose_value=False,
    callback=lambda ctx, _, value: ctx.meta.__setitem__(_VAULT, value),
    help="Folder of secrets, and of the journal of what was sent. "
    "[default: $PLUMBLINE_VAULT or ~/.plumbline]",
)


def vault_root() -> Path:
    """Where secrets and journals of this user are, on all chains."""
    given = click.get_current_context().meta.get(_VAULT)
    root = given or Path(os.environ.get("PLUMBLINE_VAULT", "~/.plumbline"))
    return root.expanduser()


def market() -> Market:
    """The deployment on this chain, from its manifest; an error if it is not there."""
    from plumbline.contract import LabelRounds
    from plumbline.deployment import DeploymentError, load, path_of

    chain = connect()
    path = path_of(chain.chain_id)
    if not path.exists():
        raise DeploymentError(
            f"Plumbline is not deployed on chain {chain.chain_id} ({path} is not there): "
            "run `ape run deploy`"
        )
    deployment = load(path)
    if not chain.w3.eth.get_code(chain.w3.to_checksum_address(deployment.address)):
        raise DeploymentError(
            f"the deployment in {path} is not on this chain: was the node started anew? "
            "Move the file away and run `ape run deploy`"
        )
    unit = unit_of(chain, deployment.asset)
    return Market(chain, deployment, LabelRounds(chain.w3, deployment), unit)


def unit_of(chain: Chain, asset: str) -> Unit:
    """What amounts of a deployment are in: ether, or the ERC-20 at an address."""
    from plumbline.addresses import ZERO
    from plumbline.asset import Asset, AssetError
    from plumbline.units import ETHER, Unit

    if asset == ZERO:
        return ETHER
    token = Asset(chain.w3, asset)
    try:
        symbol, decimals = token.symbol(), token.decimals()
    except AssetError:
        # The standard leaves both out: amounts are then in the smallest unit.
        return Unit("token", 0, asset)
    # Tokens name themselves: what is no plain word could pass for something else.
    is_word = symbol.isascii() and symbol.isalnum() and len(symbol) <= _LONGEST_SYMBOL
    return Unit(symbol if is_word else "token", decimals, asset)


# ------------------------------------------------------------------------ accounts


class ApeSigner:
    """An ape account in the manner of eth_account, unlocked when it first signs."""

    def __init__(self, account: Any, name: str) -> None:
        self._account = account
        self.name = name
        self.address = str(account.address)

    def sign_transaction(self, fields: dict[str, Any]) -> Any:
        """Sign what `senders` prepared."""
        from ape import networks
        from eth_account.datastructures import SignedTransaction
        from eth_utils.crypto import keccak
        from hexbytes import HexBytes

        known = dict(fields)
        sender = known.pop("from", self.address)
        txn = networks.provider.network.ecosystem.create_transaction(**known)
        txn.sender = sender
        self._unlock()
        signed = self._account.sign_transaction(txn)
        if signed is None or signed.signature is None:
            fail("nothing was sent: the account did not sign")
        raw = HexBytes(signed.serialize_transaction())
        v, r, s = signed.signature.v, signed.signature.r, signed.signature.s
        return SignedTransaction(
            raw, HexBytes(keccak(raw)), int.from_bytes(r, "big"), int.from_bytes(s, "big"), v
        )

    def sign_message(self, message: SignableMessage) -> bytes | None:
        """Sign typed data, 65 bytes; None if the account cannot."""
        from ape.exceptions import AccountsError

        self._unlock()
        try:
            signature = self._account.sign_message(message)
        except (AccountsError, NotImplementedError):
            return None
        return None if signature is None else bytes(signature.encode_rsv())

    def _unlock(self) -> None:
        if not hasattr(self._account, "set_autosign") or not getattr(
            self._account, "locked", False
        ):
            return
        from ape.logging import logger

        variable = f"APE_ACCOUNTS_{self.name}_PASSPHRASE"
        if variable not in os.environ and not sys.stdin.isatty():
            fail(f"nothing was sent: without a terminal the passphrase goes into {variable}")
        with logger.at_level(logger.DISABLE_LEVEL):
            # The transaction was shown and agreed to already.
            self._account.set_autosign(True)


def account_of(alias: str | None, chain: Chain, needed: bool = False) -> Any:
    """The account that signs; `needed` if there is no default even on a local chain."""
    from ape import accounts
    from eth_account import Account

    if alias is None:
        if needed or not chain.is_local:
            fail("say which account signs: --account ALIAS, see `ape accounts list`")
        alias = f"{_TEST_PREFIX}0"
    if alias.startswith(_TEST_PREFIX):
        number = alias.removeprefix(_TEST_PREFIX)
        if not chain.is_local:
            fail(f"{alias} is a key that everybody knows: use it on a local chain only")
        if not number.isdigit():
            fail(f"{alias} is no test account: they are {_TEST_PREFIX}0, {_TEST_PREFIX}1, ..")
        key = test_keys(1, int(number))[0]
        account = Account.from_key(key)
        return _Named(account, alias)
    if alias not in accounts.aliases:
        known = ", ".join(accounts.aliases) or "none; import one with `ape accounts import`"
        fail(f"there is no account {alias!r}: known are {known}")
    return ApeSigner(accounts.load(alias), alias)


class _Named:
    """A local key with the alias it is known by."""

    def __init__(self, account: Any, name: str) -> None:
        self.name = name
        self.address = account.address
        self.sign_transaction = account.sign_transaction
        self._account = account

    def sign_message(self, message: SignableMessage) -> bytes:
        """Sign typed data, 65 bytes."""
        return bytes(self._account.sign_message(message).signature)


def test_keys(count: int, start: int = 0) -> list[str]:
    """Private keys of ape's test accounts, which everybody knows."""
    from ape import accounts
    from ape.utils.testing import generate_dev_accounts

    container = accounts.test_accounts
    made = generate_dev_accounts(
        container.mnemonic, count, hd_path=container.hd_path, start_index=start
    )
    return [account.private_key for account in made]


# --------------------------------------------------------------------- send and ask


def outbox(chain: Chain, account: Any) -> Outbox:
    """What this account sends in this command, with its journal in the vault."""
    from plumbline.journal import Journal
    from plumbline.outbox import Outbox, Patience
    from plumbline.vault import chain_folder

    made: dict[str, Outbox] = click.get_current_context().meta.setdefault(_OUTBOXES, {})
    if account.address not in made:
        folder = vault_root() / chain_folder(chain.chain_id, chain.genesis)
        patience = Patience(*(_seconds(name, default) for name, default in _PATIENCE))
        made[account.address] = Outbox(
            chain.w3, account, Journal.of(folder, account.address), patience, note
        )
    return made[account.address]


def sender_of(alias: str | None, chain: Chain, needed: bool = False) -> Any:
    """The account that sends, after what an earlier run of it has left behind is finished."""
    account = account_of(alias, chain, needed)
    outbox(chain, account).recover()
    return account


def send(chain: Chain, account: Any, call: Call) -> Receipt:
    """Sign, send and wait. Errors tell reverted from not landed."""
    return outbox(chain, account).send(call)


def _seconds(name: str, default: float) -> float:
    given = os.environ.get(name)
    try:
        return default if given is None else float(given)
    except ValueError:
        fail(f"{name}={given} is no number of seconds")


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


# -------------------------------------------------------------------------- output


@functools.cache
def console() -> Console:
    """Where tables go: stdout."""
    from rich.console import Console

    return Console(highlight=False, width=None if sys.stdout.isatty() else 100)


@functools.cache
def notes() -> Console:
    """Where notes and progress go: stderr."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


def table(title: str | None, *columns: str, caption: str | None = None) -> Table:
    """A table; a column that begins with `>` is right-aligned, one with `=` never wraps."""
    from rich import box
    from rich.table import Table

    made = Table(
        title=title,
        caption=caption,
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        title_style="bold",
        title_justify="left",
        caption_justify="left",
        caption_style="dim",
    )
    for column in columns:
        if column.startswith(">"):
            made.add_column(column[1:], justify="right", no_wrap=True)
        elif column.startswith("="):
            made.add_column(column[1:], no_wrap=True)
        else:
            made.add_column(column)
    return made


def plain(text: str) -> str:
    """Text from a stranger's file, without power over the terminal or the table."""
    from rich.markup import escape

    return escape(_printable(text))


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def pairs(title: str | None) -> Table:
    """A table of names and values without a heading."""
    made = table(title, "=name", "value")
    made.show_header = False
    return made


def print_json(value: Any) -> None:
    """Pure JSON on stdout."""
    click.echo(json.dumps(value, indent=2))


def note(text: str) -> None:
    """A remark on stderr."""
    notes().print(text, soft_wrap=True)


def tx_line(receipt: Receipt) -> str:
    """What a transaction came to."""
    from plumbline.units import ETHER

    return (
        f"[green]done[/] in block {receipt.block}: {receipt.gas_used:,} gas, "
        f"fee {ETHER.short(receipt.fee)}, transaction {receipt.transaction}"
    )


def tx_json(receipt: Receipt) -> dict[str, Any]:
    """What a transaction came to, for machines."""
    return {
        "transaction": receipt.transaction,
        "block": receipt.block,
        "gas_used": receipt.gas_used,
        "fee": str(receipt.fee),
    }


def left(seconds: int) -> str:
    """Time left, in bold if soon over."""
    from plumbline.units import format_duration

    if seconds <= 0:
        return "-"
    text = format_duration(seconds)
    return f"[bold red]{text}[/]" if seconds < _SOON else text


def when(timestamp: int) -> str:
    """A time in unix seconds, for people."""
    return datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def short(address: str) -> str:
    """An address that fits into a table."""
    return f"{address[:8]}..{address[-4:]}"
