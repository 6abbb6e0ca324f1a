"""What every command is: options, errors in one line, and the end of what it sent.

Ape imports every script for any `ape run`, so nothing heavy is imported up here.
"""

from __future__ import annotations

import os
import socket
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import click
from ape.cli.commands import ConnectedProviderCommand

OUTBOXES = "plumbline.outboxes"
_VAULT = "plumbline.labeler.vault"


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


def _remember_vault(ctx: click.Context, _: click.Parameter, given: Path | None) -> None:
    ctx.meta[_VAULT] = given


vault_option = click.option(
    "--vault",
    "vault_root",
    type=click.Path(file_okay=False, path_type=Path),
    expose_value=False,
    callback=_remember_vault,
    help="Folder of secrets, and of the journal of what was sent. "
    "[default: $PLUMBLINE_VAULT or ~/.plumbline]",
)


def vault_root() -> Path:
    """Where secrets and journals of this user are, on all chains."""
    given = click.get_current_context().meta.get(_VAULT)
    root = given or Path(os.environ.get("PLUMBLINE_VAULT", "~/.plumbline"))
    return root.expanduser()


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
    for made in ctx.meta.get(OUTBOXES, {}).values():
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
    from scripts._output import printable

    line = printable(" ".join(reason.split()))
    click.echo(click.style("Error: ", fg="red", bold=True) + line, err=True)
    raise click.exceptions.Exit(1)


def _known(error: Exception) -> str | None:
    from ape.exceptions import ApeException

    from plumbline.chain.nodes import NODE_ERRORS, TRANSPORT_ERRORS, silence
    from plumbline.chain.reverts import revert_reason

    if isinstance(error, TRANSPORT_ERRORS):
        is_local = isinstance(error, OSError) and error.filename is not None
        if is_local or isinstance(error, BrokenPipeError):
            return str(error)
        return silence(error)
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
