"""Deposits and withdrawals, which requesters and labelers share."""

import click

from plumbline.chain.call import Receipt
from plumbline.chain.events import Withdrawn, decode
from plumbline.cli.command import Command, fail, sending_options
from plumbline.cli.market import open_market
from plumbline.cli.output import print_json, say, tx_json
from plumbline.cli.sending import confirm, outbox_of, send, send_all, sender_of
from plumbline.history.market import Market
from plumbline.transactions.funding import funded, withdrawable
from plumbline.transactions.senders import NamedSigner


@click.command(cls=Command)
@click.argument("amount")
@click.option(
    "--for",
    "owner",
    metavar="ADDRESS",
    help="Whose balance it is added to: a labeler without ether, a wallet contract. "
    "[default: the account's]",
)
@sending_options(account_required=True)
def deposit(amount: str, owner: str | None, alias: str, yes: bool, as_json: bool) -> None:
    """Add AMOUNT, like `0.05 ether`, to the free balance, of which stakes are locked."""
    market = open_market()
    node, contract = market.node, market.contract
    account = sender_of(alias, node, required=True)
    wei = market.unit.parse(amount)
    if wei == 0:
        fail("amount is 0: give what to deposit, like 0.05 ether")
    call = contract.deposit_for(owner, wei) if owner else contract.deposit(wei)
    earlier = outbox_of(node, account).take(call)
    if earlier is None:
        calls = funded(contract, account.address, account.name, wei, call)
        confirm(yes, node, account, [each.description for each in calls])
        receipts = send_all(node, account, calls)
    else:
        receipts = [earlier]
    _report(market, owner or account.address, account.name, receipts, "deposited", wei, as_json)


def _withdraw_command(required: bool) -> click.Command:
    """The command `withdraw`; `required` if an account has to be named even on a local chain."""

    @click.command(name="withdraw", cls=Command)
    @click.argument("amount", default="all")
    @click.option("--to", help="Who gets it. [default: the account itself]")
    @sending_options(account_required=required)
    def withdraw(amount: str, to: str | None, alias: str | None, yes: bool, as_json: bool) -> None:
        """Pay out AMOUNT (like `0.05 ether`, or all) of the free balance."""
        market = open_market()
        node, contract = market.node, market.contract
        account = sender_of(alias, node, required)
        earlier = _earlier_withdrawal(market, account, amount, to)
        if earlier is not None:
            receipt, wei = earlier
        else:
            wei = withdrawable(contract, account.address, account.name, amount)
            call = contract.withdraw(wei, to or account.address)
            confirm(yes, node, account, [call.description])
            receipt = send(node, account, call)
        _report(market, account.address, account.name, [receipt], "withdrew", wei, as_json)

    return withdraw


labeler_withdraw = _withdraw_command(required=True)
requester_withdraw = _withdraw_command(required=False)


def _earlier_withdrawal(
    market: Market, account: NamedSigner, amount: str, to: str | None
) -> tuple[Receipt, int] | None:
    """What an earlier run of the same command has paid out, if it was interrupted."""
    receiver = to or account.address
    wei = None if amount == "all" else market.unit.parse(amount)
    # Of `all` the amount is not known any more, only to whom it went.
    receipt = outbox_of(market.node, account).take_if(
        lambda call: market.contract.is_withdrawal(call, wei, receiver)
    )
    if receipt is None:
        return None
    (event,) = (
        event
        for event in decode(receipt.logs, market.deployment.abi)
        if isinstance(event, Withdrawn)
    )
    return receipt, event.amount


def _report(
    market: Market,
    owner: str,
    name: str,
    receipts: list[Receipt],
    did: str,
    wei: int,
    as_json: bool,
) -> None:
    books = market.contract.account(owner)
    if as_json:
        print_json(
            {
                "account": owner,
                "amount": str(wei),
                "free": str(books.free),
                "locked": str(books.locked),
                "transactions": [tx_json(receipt) for receipt in receipts],
            }
        )
        return
    unit = market.unit
    say(
        f"{name} {did} {unit.short(wei)}: {unit.short(books.free)} free, "
        f"{unit.short(books.locked)} locked"
    )
