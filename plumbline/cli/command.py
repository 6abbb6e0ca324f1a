"""What commands have in common: options, errors in one line, the outcome of what they sent."""

import os
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NoReturn

import click

from plumbline.chain.node_errors import NODE_ERRORS, TRANSPORT_ERRORS, no_answer
from plumbline.chain.reverts import revert_reason
from plumbline.errors import PlumblineError
from plumbline.harmless import harmless

OUTBOXES: Final = "plumbline.outboxes"
NETWORK: Final = "plumbline.network"
DEPLOYMENT: Final = "plumbline.deployment"
_VAULT: Final = "plumbline.vault"
_TYPED: Final = "plumbline.typed"


class OfflineCommand(click.Command):
    """A command without a node, which ends with one line and exit code 1 if it fails."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run it."""
        with _errors_as_one_line():
            return super().invoke(ctx)


class NodeCommand(click.Command):
    """A command with a node: it shows the outcome of all it sent, however it ends."""

    default_network = "127.0.0.1:8545"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.extend(self.node_options())

    def node_options(self) -> list[click.Parameter]:
        """What names the node, and what is on it."""
        return [_network_option(f"$PLUMBLINE_NODE, or {self.default_network}")]

    def invoke(self, ctx: click.Context) -> Any:
        """Run it."""
        with _outcomes_acknowledged(ctx), _errors_as_one_line():
            return super().invoke(ctx)


class Command(NodeCommand):
    """A command about a deployment."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments, and keep them as they were typed."""
        ctx.meta[_TYPED] = tuple(args)
        return super().parse_args(ctx, args)

    def node_options(self) -> list[click.Parameter]:
        """What names the node, and the deployment."""
        return [*super().node_options(), _deployment_option()]


class OptionalNodeCommand(Command):
    """A command that needs no node, and says more with one."""

    def node_options(self) -> list[click.Parameter]:
        """What may name the node, and the deployment."""
        return [
            _network_option("none: without one amounts are in ether"),
            _deployment_option(),
        ]


class LabCommand(NodeCommand):
    """A command that measures, on a chain of its own if no other is named."""

    default_network = "an Anvil that ends with the command"


def _remember(key: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def callback(ctx: click.Context, _: click.Parameter, given: Any) -> None:
        ctx.meta[key] = given

    return callback


def _network_option(default: str) -> click.Option:
    return click.Option(
        ["--network"],
        metavar="URL",
        expose_value=False,
        callback=_remember(NETWORK),
        help=f"The node, or a network of ape like ethereum:local:test. [default: {default}]",
    )


def _deployment_option() -> click.Option:
    return click.Option(
        ["--deployment"],
        metavar="WHERE",
        expose_value=False,
        envvar="PLUMBLINE_DEPLOYMENT",
        callback=_remember(DEPLOYMENT),
        help="The deployment: a manifest file, the URL of one, or an address. [default: "
        "$PLUMBLINE_DEPLOYMENT, deployments/<chain id>.json, or what `plumbline join` wrote]",
    )


json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON on stdout, with amounts in wei as text."
)

round_argument = click.argument("number", metavar="[ROUND]", type=int, required=False)
"""How every command about one round names it; left out, it is the only one that can be meant."""

yes_option = click.option("--yes", "-y", is_flag=True, help="Do not ask before signing.")


def account_option(required: bool) -> Callable[..., Any]:
    """Which account signs; `required` if there is no default even on a local chain."""
    default = "" if required else " [default there: TEST::0]"
    return click.option(
        "--account",
        "alias",
        metavar="ALIAS",
        required=required,
        help=f"Account that signs, see `ape accounts list`; TEST::0, TEST::1, .. on a local "
        f"chain.{default}",
    )


def this_command() -> str:
    """What starts this command in the user's shell, which may not know the paths of `make`."""
    path, program = click.get_current_context().command_path, Path(sys.argv[0])
    if program.name != "plumbline":
        return path
    near = program.relative_to(Path.cwd()) if program.is_relative_to(Path.cwd()) else program
    return shlex.join((str(near), *path.split()[1:]))


def same_command(number: int) -> str:
    """The command as it was typed, to be run again, with its round if that was left out."""
    ctx = click.get_current_context()
    typed = ctx.meta[_TYPED]
    named = () if ctx.params["number"] is not None else (str(number),)
    return f"{this_command()} {shlex.join((*typed, *named))}"


vault_option = click.option(
    "--vault",
    "vault_root",
    type=click.Path(file_okay=False, path_type=Path),
    expose_value=False,
    callback=_remember(_VAULT),
    help="Folder of secrets, and of the journal of what was sent. "
    "[default: $PLUMBLINE_VAULT or ~/.plumbline]",
)


def sending_options(account_required: bool) -> Callable[[Any], Any]:
    """The options of every command that sends: --account, --vault, --yes and --json."""

    def decorate(command: Any) -> Any:
        for option in (json_option, yes_option, vault_option, account_option(account_required)):
            command = option(command)
        return command

    return decorate


def vault_root() -> Path:
    """Where secrets and journals of this user are, on all chains."""
    given: Path | None = click.get_current_context().meta.get(_VAULT)
    root = given or Path(os.environ.get("PLUMBLINE_VAULT", "~/.plumbline"))
    return root.expanduser()


@contextmanager
def _outcomes_acknowledged(ctx: click.Context) -> Iterator[None]:
    """A command that ends by itself has shown the outcome of all it sent, a failed one too."""
    try:
        yield
    except click.exceptions.Exit:
        _acknowledge_outboxes(ctx)
        raise
    _acknowledge_outboxes(ctx)


def _acknowledge_outboxes(ctx: click.Context) -> None:
    sys.stdout.flush()
    for outbox in ctx.meta.get(OUTBOXES, {}).values():
        outbox.acknowledge()


@contextmanager
def _errors_as_one_line() -> Iterator[None]:
    """Turn every error that a user can cause into a line on stderr and exit code 1."""
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
    line = harmless(" ".join(reason.split()))
    click.echo(click.style("Error: ", fg="red", bold=True) + line, err=True)
    raise click.exceptions.Exit(1)


def _known(error: Exception) -> str | None:
    if isinstance(error, TRANSPORT_ERRORS):
        is_local = isinstance(error, OSError) and error.filename is not None
        if is_local or isinstance(error, BrokenPipeError):
            return str(error)
        return no_answer(error)
    # Ape's errors can only come where it was imported.
    ape = sys.modules.get("ape.exceptions")
    if (ape is not None and isinstance(error, ape.ApeException)) or (
        # A ValueError is as often a mistake in this program, which should be seen as such.
        isinstance(error, NODE_ERRORS) and type(error) is not ValueError
    ):
        return revert_reason(error)
    return None
