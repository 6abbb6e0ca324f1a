"""The command `campaign close`: all rounds that are due."""

from pathlib import Path

import click

from plumbline.chain.call import Receipt
from plumbline.cli.campaign.display import campaign_json, campaign_table
from plumbline.cli.campaign.steps import CampaignRun, file_argument
from plumbline.cli.command import Command, fail, sending_options
from plumbline.cli.output import advise, console, note, plain, print_json, tx_json


@click.command(cls=Command)
@file_argument
@sending_options(account_required=False)
def close(file: Path, alias: str | None, yes: bool, as_json: bool) -> None:
    """Judge and pay all rounds of the campaign in FILE that are due, and slash the silent.

    The gold answers are those of FILE, or of the vault: an empty machine with FILE and the account
    closes as well. Rounds that are not due are left open, and it is said until when.
    """
    run = CampaignRun.of(file, alias, yes)
    plan = run.closing_plan()
    for round_id in plan.late:
        advise(f"round {round_id}: the gold deadline is over, what is not earned goes to the sink")
    failed = 0
    receipts: list[Receipt] = []
    if plan.calls:
        run.confirm([call.description for call in plan.calls.values()])
        receipts, failed = run.close(plan)
    else:
        run.refresh()
    for reason in plan.waiting.values():
        note(plain(reason))
    if as_json:
        print_json(
            campaign_json(run.standing) | {"transactions": [tx_json(each) for each in receipts]}
        )
    else:
        console().print(campaign_table(run.standing))
    if failed:
        fail(f"{failed} of {len(plan.calls)} calls failed: see above, and run it again")
