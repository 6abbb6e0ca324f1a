"""The command `status` of a requester."""

import click

from plumbline.cli.accounts import account_of
from plumbline.cli.command import Command, account_option, json_option, round_argument
from plumbline.cli.market import open_market
from plumbline.cli.output import console, plain, print_json, warn
from plumbline.cli.requester.display import round_table, rounds_json, rounds_table
from plumbline.history.remarks import remarks


@click.command(cls=Command)
@round_argument
@account_option(required=False)
@json_option
def status(number: int | None, alias: str | None, as_json: bool) -> None:
    """Show phase and time left, seats, reveals and escrow of ROUND, or of all rounds.

    With --account only the rounds of that requester are listed.
    """
    market = open_market()
    if number is not None:
        histories = [market.history(market.require_round(number))]
        odd = remarks(histories, {})
    else:
        survey = market.survey()
        histories, odd = survey.histories, survey.remarks
        if alias:
            owner = account_of(alias, market.node).address
            histories = [history for history in histories if history.requester == owner]
    for remark in odd:
        warn(plain(remark))
    if as_json:
        print_json(rounds_json(market, histories))
    elif number is not None:
        console().print(round_table(market, histories[0]))
    elif histories:
        console().print(rounds_table(market, histories))
    else:
        console().print("no rounds yet: `plumbline requester open FILE` opens one")
