"""The command `keeper`."""

from pathlib import Path
from typing import Final

import click
from prometheus_client import disable_created_metrics, start_http_server

from plumbline.cli.accounts import account_of
from plumbline.cli.command import Command, fail, sending_options
from plumbline.cli.environment import integer_in
from plumbline.cli.keeper.display import show, terms, to_json
from plumbline.cli.keeper.log import StructuredLog
from plumbline.cli.keeper.options import (
    confirmations_option,
    log_options,
    max_fee_of,
    max_fee_option,
)
from plumbline.cli.market import open_market, vault_of
from plumbline.cli.output import print_json
from plumbline.cli.requester.gold import gold_store
from plumbline.cli.sending import confirm, outbox_of
from plumbline.cli.stopping import StopOnSignal, interval_option
from plumbline.errors import PlumblineError
from plumbline.keeper import KeeperSettings
from plumbline.keeper.decisions import Step, StepsError, parse_steps
from plumbline.keeper.metrics import Metrics
from plumbline.keeper.service_loop import RunOnce, ServiceLoop

_STEPS: Final = ",".join(Step)


@click.command(cls=Command)
@click.option("--once", is_flag=True, help="Do all that is due now and end (for cron).")
@interval_option
@click.option(
    "--delegated",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of answers to reveal and gold answers to open for others; it may grow while the "
    "keeper runs.",
)
@click.option(
    "--relay",
    "signed",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of commitments that labelers signed (`labeler sign`), to relay each once the "
    "round admits it; it may grow while the keeper runs.",
)
@click.option("--steps", default=_STEPS, show_default=True, help="What to do, by commas.")
@confirmations_option("answers or gold answers are shown")
@max_fee_option
@click.option(
    "--metrics-port",
    type=click.IntRange(0, 65_535),
    help="Serve figures for Prometheus there, like 9464; 0 for any free port. [default: none]",
)
@click.option("--metrics-host", default="127.0.0.1", show_default=True, help="Where to serve them.")
@log_options
@click.option("--dry-run", is_flag=True, help="Say what would be sent, and send nothing.")
@sending_options(account_required=False)
def cli(
    once: bool,
    interval: float,
    delegated: Path | None,
    signed: Path | None,
    steps: str,
    confirmations: int | None,
    max_fee: str | None,
    metrics_port: int | None,
    metrics_host: str,
    log_format: str,
    debug: bool,
    dry_run: bool,
    alias: str | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Watch all rounds and do for them whatever is due, until stopped (Ctrl-C).

    Reveals the answers in the --delegated folder, once nobody can commit any more; closes rounds,
    those with gold only if the gold answers are there too, or in the --vault and this account's
    own; slashes whoever stayed silent;
    unwinds rounds that could not be closed for 30 days. Where seats are drawn, fixes the seed of
    each draw, reports who was drawn and stays away, and relays the commitments in the --relay
    folder as soon as each is admitted. Anyone can run one, and several do no harm. With --dry-run
    no account is needed.
    """

    if as_json and not once:
        fail("--json prints what --once did: add --once, or use --log json")
    if once and metrics_port is not None:
        fail("--metrics-port is for a keeper that goes on: leave out --once")
    try:
        chosen = parse_steps(steps)
    except StepsError as error:
        fail(f"--steps: {error}")
    if delegated is not None and not delegated.is_dir():
        fail(f"there is no folder {delegated}: create it, or name another with --delegated")
    if signed is not None and not signed.is_dir():
        fail(f"there is no folder {signed}: create it, or name another with --relay")
    market = open_market()
    node = market.node
    settings = KeeperSettings(
        steps=chosen,
        confirmations=node.confirmations if confirmations is None else confirmations,
        max_fee=max_fee_of(max_fee),
        is_local=node.is_local,
        is_rehearsal=dry_run,
        gas_cap=integer_in("PLUMBLINE_GAS_CAP"),
    )
    account = None if dry_run and alias is None else account_of(alias, node)
    stop = StopOnSignal()
    outbox = None
    if account is not None and not dry_run:
        confirm(yes, node, account, terms(market, settings, delegated, signed, once))
        # Ask now, not when the first round is due at night.
        account.unlock()
        outbox = outbox_of(node, account)
    # What a single look did is printed at its end, if people are to read it.
    log = StructuredLog(log_format, debug, is_quiet=once and log_format == "text")
    vault = vault_of(market)
    store = None if account is None else gold_store(market, account, {})
    if store is not None:
        store.unlock()
    gold = (lambda history: None) if store is None else store.of
    loop = ServiceLoop(market, vault, outbox, settings, delegated, signed, gold, log, stop)
    if once:
        run = loop.run_once()
        if as_json:
            print_json(to_json(None if account is None else account.address, run))
        else:
            show(run, dry_run)
        _require_all(run)
        return
    if metrics_port is not None:
        log("info", "serving metrics", url=_serve(loop.metrics, metrics_port, metrics_host))
    try:
        loop.run(interval)
    except PlumblineError:
        raise click.exceptions.Exit(1) from None  # the log has it


def _serve(metrics: Metrics, port: int, host: str) -> str:
    """Serve figures for Prometheus: their URL."""
    # A second series for every counter, of when it began: nobody asks.
    disable_created_metrics()  # type: ignore[no-untyped-call]
    try:
        server, _ = start_http_server(port, host, metrics.registry)
    except OSError as error:
        fail(f"metrics cannot be served at {host}:{port} ({error.strerror}): name another port")
    return f"http://{host}:{server.server_address[1]}/metrics"


def _require_all(run: RunOnce) -> None:
    """Exit with 1 if something that is due could not be done."""
    if run.tick.held is not None:
        fail(f"something is due, but nothing can be sent now: {run.tick.held}")
    if run.failed:
        rest = f" (and {len(run.failed) - 1} more)" if len(run.failed) > 1 else ""
        first = run.failed[0]
        fail(f"round {first.round_id}: {first.kind} failed{rest}: {first.reason}")
    if run.away is not None:
        fail(f"{run.away} Not all that is due was done: run it again")
