"""The command `campaign status`."""

from pathlib import Path

import click

from plumbline.campaign.rounds import load
from plumbline.cli.accounts import account_of
from plumbline.cli.campaign.display import (
    campaign_json,
    campaign_table,
    load_table,
    rounds_of,
)
from plumbline.cli.campaign.steps import file_argument, standing_of
from plumbline.cli.command import Command, account_option, json_option
from plumbline.cli.market import open_market
from plumbline.cli.output import console, print_json


@click.command(cls=Command)
@file_argument
@click.option("--rounds", "each", is_flag=True, help="List its rounds as well, a line each.")
@account_option(required=False)
@json_option
def status(file: Path, each: bool, alias: str | None, as_json: bool) -> None:
    """Show how far the campaign in FILE is: progress, money, silent seats, the crowd's kappa.

    All of it is read from the chain. Labelers with more rounds than `load` says are listed: no
    contract can hold them back, an admission policy can.
    """
    market = open_market()
    campaign = load(file, market.unit)
    standing = standing_of(market, campaign, account_of(alias, market.node).address)
    if as_json:
        print_json(campaign_json(standing))
        return
    console().print(campaign_table(standing))
    if standing.overloaded:
        console().print(load_table(standing))
    if each and standing.histories:
        console().print(rounds_of(standing))
