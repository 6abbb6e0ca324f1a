"""Keep rounds going: reveal what was entrusted, close, slash the silent."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from scripts._accounts import account_of
from scripts._command import Command, account_option, fail, json_option, vault_option, yes_option
from scripts._node import CONFIRMATIONS, market
from scripts._sending import confirm

if TYPE_CHECKING:
    from plumbline.keeper import Step

_STEPS = "reveal,close,forfeit,expire"


@click.command(cls=Command)
@click.option("--once", is_flag=True, help="Do all that is due now and end (for cron).")
@click.option(
    "--interval",
    type=click.FloatRange(0.1, 3_600),
    default=5,
    show_default=True,
    help="Seconds between two looks at the chain.",
)
@click.option(
    "--entrusted",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of answers to reveal for others; it may grow while the keeper runs.",
)
@click.option("--steps", default=_STEPS, show_default=True, help="What to do, by commas.")
@click.option(
    "--confirmations",
    type=click.IntRange(0),
    help="Blocks that must stand on the last commitment before answers or golds are shown, "
    f"where the commit phase ended early. [default: {CONFIRMATIONS}; 0 on a local chain]",
)
@click.option("--max-fee", help='Most to pay for a unit of gas, like "50 gwei". [default: any]')
@click.option(
    "--metrics-port",
    type=click.IntRange(0, 65_535),
    help="Serve figures for Prometheus there, like 9464; 0 for any free port. [default: none]",
)
@click.option("--metrics-host", default="127.0.0.1", show_default=True, help="Where to serve them.")
@click.option(
    "--log",
    "log_format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to log, on stderr.",
)
@click.option("--debug", is_flag=True, help="Log more.")
@click.option("--dry-run", is_flag=True, help="Say what would be sent, and send nothing.")
@account_option(needed=False)
@vault_option
@yes_option
@json_option
def cli(
    once: bool,
    interval: float,
    entrusted: Path | None,
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
    """Watch all rounds and do for them whatever is due, until told to stop (Ctrl-C).

    Reveals the answers in the --entrusted folder, once nobody can commit any more; closes rounds,
    those with golds only if these are in the --vault; slashes whoever stayed silent; unwinds
    rounds that could not be closed for 30 days. Anyone can run one, and several do no harm.
    With --dry-run no account is needed.
    """
    from plumbline.keeper import Settings
    from plumbline.units import ETHER
    from scripts import _keeping

    if as_json and not once:
        fail("--json prints what --once did: add --once, or use --log json")
    if once and metrics_port is not None:
        fail("--metrics-port is for a keeper that goes on: leave out --once")
    wanted = _steps(steps)
    if entrusted is not None and not entrusted.is_dir():
        fail(f"there is no folder {entrusted}: create it, or name another with --entrusted")
    here = market()
    settings = Settings(
        steps=wanted,
        confirmations=here.chain.confirmations if confirmations is None else confirmations,
        max_fee=None if max_fee is None else ETHER.parse(max_fee, "--max-fee"),
        is_local=here.chain.is_local,
        is_rehearsal=dry_run,
    )
    account = None if dry_run and alias is None else account_of(alias, here.chain)
    stop = _keeping.Stop()
    if account is not None and not dry_run:
        confirm(yes, here.chain, account, _keeping.terms(here, settings, entrusted, once))
        _keeping.unlock(account)
    # What a single look did is printed at its end, if people are to read it.
    told = _keeping.Log(log_format, debug, only_troubles=once and log_format == "text")
    work = _keeping.Work(here, account, settings, entrusted, told, stop)
    if once:
        work.once(as_json)
    else:
        work.until_stopped(interval, metrics_port, metrics_host)


def _steps(text: str) -> frozenset[Step]:
    from plumbline.keeper import Step

    known = {step.value: step for step in Step}
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in known:
            fail(f"--steps: {name!r} is none of {', '.join(known)}")
    if not names:
        fail(f"--steps is empty: name some of {', '.join(known)}")
    found = frozenset(known[name] for name in names)
    if Step.EXPIRE in found and Step.CLOSE not in found:
        # Expiring takes from labelers what a closing would have paid them.
        fail("--steps: expire needs close, which is always tried first")
    return found
