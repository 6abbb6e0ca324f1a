"""The command `pool sweep`: what was lost, and the fees, to where they go."""

import click

from plumbline.cli.command import Command, fail, sending_options
from plumbline.cli.market import open_market
from plumbline.cli.output import print_json, say, tx_json
from plumbline.cli.sending import confirm, outbox_of, send, sender_of
from plumbline.seating.events import PoolSwept, logged_in
from plumbline.seating.seat_draw import pool_at


@click.command(cls=Command)
@click.argument("address", metavar="POOL")
@sending_options(account_required=False)
def sweep(address: str, alias: str | None, yes: bool, as_json: bool) -> None:
    """Pay out to the sink what members of the pool at POOL lost, and the fees of draws.

    Anyone may; the receiver is the deployment's.
    """
    market = open_market()
    node, unit, sink = market.node, market.unit, market.deployment.sink
    account = sender_of(alias, node)
    pool = pool_at(market.contract, address)
    call = pool.sweep()
    receipt = outbox_of(node, account).take(call)
    if receipt is None:
        held = pool.sink_balance()
        if held == 0:
            fail("nothing came in since it was last paid out: nothing was sent")
        confirm(yes, node, account, [call.description, f"These are {unit.exact(held)}."])
        receipt = send(node, account, call)
    events = logged_in(receipt, pool.address)
    amount = sum(event.amount for event in events if isinstance(event, PoolSwept))
    if as_json:
        print_json({"sink": sink, "amount": str(amount), "transactions": [tx_json(receipt)]})
    else:
        say(f"paid out {unit.short(amount)} to the sink {sink}")
