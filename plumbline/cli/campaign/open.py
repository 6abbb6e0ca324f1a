"""The command `campaign open`: as many rounds as the limits allow."""

from pathlib import Path

import click

from plumbline.cli.campaign.display import campaign_json, campaign_table
from plumbline.cli.campaign.steps import CampaignRun, file_argument, publish_option, say_held
from plumbline.cli.command import Command, fail, sending_options
from plumbline.cli.output import advise, console, note, print_json, say, tx_json
from plumbline.cli.requester.drawing import drawing_calls, drawing_lines
from plumbline.cli.requester.gold import stored_key_option


@click.command(name="open", cls=Command)
@file_argument
@publish_option
@stored_key_option
@sending_options(account_required=False)
def open_rounds(
    file: Path,
    publish: Path | None,
    stored_key: bool,
    alias: str | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Open rounds of the campaign in FILE, as many at once as it says.

    One deposit pays in what is missing of their escrow. Tasks are published as files named by
    their root; gold answers are kept encrypted before anything is sent. Interrupted at any point
    it goes on when it is run again, and opens no round twice: what was opened is read from the
    chain. Run it again when rounds are closed, or let `resume` do both.
    """
    run = CampaignRun.of(file, alias, yes, publish, stored_key)
    run.look_up_policies()
    run.require_alone()
    plan = run.opening_plan(is_strict=True)
    receipts = []
    if plan.rounds:
        calls = run.opening_calls(plan)
        for advice in (*run.campaign.advice, *run.probation_advice(plan)):
            advise(advice)
        run.advise_on_admission(plan)
        run.show_first_task()
        run.confirm(run.opening_lines(plan, calls))
        receipts = run.open(plan, calls)
    elif (drawing := run.drawing_plan()).to_make:
        calls_to_draw = drawing_calls(run.market, run.account, drawing)
        run.confirm(drawing_lines(run.market, drawing, calls_to_draw))
        receipts = run.draw()
    elif plan.is_spent and not run.standing.running:
        fail(f"nothing was opened: {plan.held}; raise spend, or lower price or labels")
    else:
        run.refresh()
        note("Nothing is left to open." if plan.held is None else "Nothing is opened now.")
    say_held(plan)
    if as_json:
        print_json(
            campaign_json(run.standing) | {"transactions": [tx_json(each) for each in receipts]}
        )
        return
    console().print(campaign_table(run.standing))
    if receipts:
        say(f"Hand the files in [bold]{run.folder}[/] to the labelers.")
