"""The command `campaign withdraw`: what came back and is not needed any more."""

from pathlib import Path

import click

from plumbline.campaign.openings import withdrawable_now
from plumbline.cli.campaign.steps import CampaignRun, file_argument
from plumbline.cli.command import Command, fail, sending_options
from plumbline.cli.money import earlier_withdrawal, show_withdrawn
from plumbline.cli.sending import send


@click.command(cls=Command)
@file_argument
@click.option("--to", help="Who gets it. [default: the account itself]")
@sending_options(account_required=False)
def withdraw(file: Path, to: str | None, alias: str | None, yes: bool, as_json: bool) -> None:
    """Pay out the free balance, but for what the rounds still to be opened need.

    `plumbline requester withdraw all` pays out all of it.
    """
    run = CampaignRun.of(file, alias, yes)
    market, account = run.market, run.account
    earlier = earlier_withdrawal(market, account, "all", to)
    if earlier is not None:
        receipt, amount = earlier
    else:
        free = market.contract.account(account.address).free
        amount = withdrawable_now(run.standing, free)
        if amount == 0:
            left = len(run.standing.to_open)
            kept = f"; {market.unit.short(free)} are kept for {left} more rounds" if free else ""
            fail(f"there is nothing to withdraw{kept}")
        call = market.contract.withdraw(amount, to or account.address)
        run.confirm([call.description])
        receipt = send(market.node, account, call)
    show_withdrawn(market, account.address, account.name, receipt, amount, as_json)
