"""The command `campaign delegate`: gold answers for a keeper."""

from pathlib import Path

import click

from plumbline.campaign.rounds import load
from plumbline.cli.accounts import account_of
from plumbline.cli.campaign.steps import file_argument, standing_of
from plumbline.cli.command import Command, account_option, json_option, vault_option
from plumbline.cli.market import open_market
from plumbline.cli.requester.delegate import folder_option, show_delegated
from plumbline.cli.requester.gold import gold_store
from plumbline.requester.delegating import delegate as delegate_gold


@click.command(cls=Command)
@file_argument
@folder_option
@account_option(required=False)
@vault_option
@json_option
def delegate(file: Path, folder: Path, alias: str | None, as_json: bool) -> None:
    """Write the gold answers of all open rounds of the campaign in FILE for a keeper.

    It then closes them in your place. Whoever has such a file knows which tasks are gold tasks:
    hand it to nobody but the keeper. Its `--delegated` folder takes it. Nothing is sent.
    """
    market = open_market()
    campaign = load(file, market.unit)
    account = account_of(alias, market.node)
    standing = standing_of(market, campaign, account.address)
    store = gold_store(market, account, campaign.files)
    show_delegated(delegate_gold(store, standing.running, folder), folder, as_json)
