"""The command `sweep`: what was slashed, to where it goes."""

import click

from plumbline.chain.events import Swept, logged_in
from plumbline.cli.command import Command, fail, sending_options
from plumbline.cli.market import open_market
from plumbline.cli.output import print_json, say, tx_json
from plumbline.cli.sending import confirm, outbox_of, send, sender_of


@click.command(cls=Command)
@sending_options(account_required=False)
def sweep(alias: str | None, yes: bool, as_json: bool) -> None:
    """Pay out to the sink what was slashed. Anyone may; the receiver was fixed by `deploy`."""
    market = open_market()
    node, contract, unit = market.node, market.contract, market.unit
    account = sender_of(alias, node)
    call, sink = contract.sweep(), market.deployment.sink
    receipt = outbox_of(node, account).take(call)
    if receipt is None:
        held = contract.sink_balance()
        if held == 0:
            fail("nothing was slashed since it was last paid out: nothing was sent")
        confirm(yes, node, account, [call.description, f"These are {unit.exact(held)}."])
        receipt = send(node, account, call)
    events = logged_in(receipt, market.deployment)
    amount = sum(event.amount for event in events if isinstance(event, Swept))
    if as_json:
        print_json({"sink": sink, "amount": str(amount), "transactions": [tx_json(receipt)]})
    else:
        say(f"paid out {unit.short(amount)} to the sink {sink}")
