"""The command `report-leak`: somebody's answers, shown while others still commit."""

from pathlib import Path

import click

from plumbline.chain.events import LeakReported, logged_in
from plumbline.cli.command import Command, fail, sending_options
from plumbline.cli.market import open_market
from plumbline.cli.output import note, print_json, say, tx_json
from plumbline.cli.sending import confirm, send, sender_of
from plumbline.labeler.delegated_reveals import read
from plumbline.labeler.leaks import plan_leak


@click.command(name="report-leak", cls=Command)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@sending_options(account_required=True)
def report_leak(file: Path, alias: str, yes: bool, as_json: bool) -> None:
    """Show the contract somebody's answers and salt, from a FILE of `labeler reveal --export`.

    Only while others still commit: the labeler is out and slashed, and you get 5% of the stake.
    Whoever sees your transaction before it is in a block can report the same and be faster.
    """
    market = open_market()
    node, unit = market.node, market.unit
    account = sender_of(alias, node, required=True)
    leaked = read(file, market.deployment.deployed, node.genesis)
    plan = plan_leak(market, account.address, leaked)
    event, transactions = plan.done, []
    if plan.call is not None:
        costs = f"You get {unit.exact(plan.bounty)}; that labeler loses {unit.exact(plan.slash)}."
        confirm(yes, node, account, [plan.call.description, costs])
        receipt = send(node, account, plan.call)
        transactions = [tx_json(receipt)]
        logs = logged_in(receipt, market.deployment)
        event = next((each for each in logs if isinstance(each, LeakReported)), None)
    else:
        note("You have reported that already: nothing was sent.")
    if event is None:
        fail("the report left no event: see `plumbline audit`")
    if as_json:
        print_json(
            {
                "round": event.round_id,
                "labeler": event.labeler,
                "bounty": str(event.bounty),
                "slash": str(event.slash),
                "block": event.block,
                "transactions": transactions,
            }
        )
        return
    say(
        f"{event.labeler} is out of round {event.round_id} and loses {unit.short(event.slash)}: "
        f"{unit.short(event.bounty)} of it are credited to {account.name}"
    )
