"""The command `campaign resume`: whatever is due, until all is done."""

from pathlib import Path

import click

from plumbline.cli.campaign.display import campaign_json, campaign_table
from plumbline.cli.campaign.steps import (
    CampaignRun,
    file_argument,
    keep_on,
    publish_option,
    say_held,
)
from plumbline.cli.command import Command, fail, sending_options
from plumbline.cli.output import console, note, print_json
from plumbline.cli.requester.gold import UNLOCK_LINE, stored_key_option
from plumbline.cli.stopping import StopOnSignal, interval_option
from plumbline.seating.draw import FEE_BPS


@click.command(cls=Command)
@file_argument
@click.option("--wait", is_flag=True, help="Go on until all rounds are closed, or Ctrl-C.")
@interval_option
@publish_option
@stored_key_option
@sending_options(account_required=False)
def resume(
    file: Path,
    wait: bool,
    interval: float,
    publish: Path | None,
    stored_key: bool,
    alias: str | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Go on with the campaign in FILE wherever it stands: close what is due, open what is left.

    After a crash at any point, on the same machine or on an empty one: what was done is read from
    the chain. With --wait it goes on by itself until the last round is closed, also when the node
    is away for a while.
    """
    run = CampaignRun.of(file, alias, yes, publish, stored_key)
    run.look_up_policies()
    stop = StopOnSignal() if wait else None
    if not run.standing.is_done:
        run.confirm(_lines(run, wait))
        # Once agreed to, it does not ask again.
        run.yes = True
    failed = _until_done(run, stop, interval) if stop is not None else run.step()
    say_held(run.opening_plan())
    if as_json:
        print_json(campaign_json(run.standing))
    else:
        console().print(campaign_table(run.standing))
        if run.standing.is_done:
            note("All rounds are closed.")
    if failed:
        fail(f"{failed} calls failed: see above, and run it again")


def _lines(run: CampaignRun, wait: bool) -> list[str]:
    """What will be signed, whatever is due when."""
    standing, unit = run.standing, run.market.unit
    left = standing.to_open
    when = "as soon as it is due, until all is done" if wait else "that is due now"
    lines = [f"Close rounds of {run.campaign.path}, and slash the silent, {when}."]
    if left:
        escrow = sum(each.round_file.escrow for each in left)
        spend = run.campaign.limits.spend
        limit = "no limit is set" if spend is None else f"spend is {unit.exact(spend)}"
        lines.append(
            f"Open what is left, {len(left)} of {len(run.campaign.rounds)} rounds, within the "
            f"limits: up to {unit.exact(escrow)} are deposited and go into escrow ({limit})."
        )
    if any(map(run.pools_of, run.standing.to_open)):
        lines.append(
            f"Draw the seats of the rounds that are opened, for {FEE_BPS / 100:g}% of their escrow"
            " each, and fix the seeds of these draws."
        )
    if any(each.round_file.gold for each in run.campaign.rounds):
        lines.insert(0, UNLOCK_LINE)
    return lines


def _until_done(run: CampaignRun, stop: StopOnSignal, interval: float) -> int:
    """Step after step, until all rounds are closed or it is stopped; how many calls failed last."""
    failed = 0

    def once() -> bool:
        nonlocal failed
        if not run.standing.is_done:
            run.refresh()
            failed = run.step()
        # Where all is spent and nothing runs, nothing will ever be opened any more.
        return run.standing.is_done or (not run.standing.running and run.opening_plan().is_spent)

    keep_on(once, stop, interval)
    return failed
