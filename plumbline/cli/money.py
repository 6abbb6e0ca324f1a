"""Deposits and withdrawals, which requesters and labelers share."""

from functools import partial
from pathlib import Path

import click

from plumbline.chain.call import Receipt
from plumbline.chain.events import Withdrawn, logged_in
from plumbline.cli.command import Command, fail, sending_options
from plumbline.cli.labeler.options import labeler_of, signature_from, wallet_option
from plumbline.cli.market import open_market
from plumbline.cli.output import print_json, say, tx_json, write_text
from plumbline.cli.sending import confirm, outbox_of, send, send_all, sender_of
from plumbline.history.market import Market
from plumbline.labeler.withdrawals import (
    next_withdrawal,
    plan_withdrawals,
    read,
    sign_withdrawal,
    to_json,
)
from plumbline.protocol.addresses import checksum
from plumbline.transactions.funding import funded, withdrawable
from plumbline.transactions.independent import send_each
from plumbline.transactions.senders import NamedSigner
from plumbline.units import format_time, parse_duration


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


_to_option = click.option("--to", help="Who gets it. [default: the account itself]")


@click.command(name="withdraw", cls=Command)
@click.argument("amount", default="all")
@_to_option
@sending_options(account_required=False)
def requester_withdraw(
    amount: str, to: str | None, alias: str | None, yes: bool, as_json: bool
) -> None:
    """Pay out AMOUNT (like `0.05 ether`, or all) of the free balance."""
    _withdraw(amount, to, alias, yes, as_json, required=False)


@click.command(name="withdraw", cls=Command)
@click.argument("amount", default="all")
@_to_option
@click.option(
    "--sign",
    "target",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Send nothing: write a signed withdrawal to this file, for whoever relays it. It takes "
    "no ether for gas.",
)
@click.option("--fee", default="0", help="With --sign: what the relayer gets of it.")
@click.option("--within", default="7d", show_default=True, help="With --sign: how long it is good.")
@click.option(
    "--until", type=int, help="With --sign: until when it is good, unix seconds, instead of that."
)
@wallet_option
@click.option("--typed-data", is_flag=True, help="Print what is to be signed, for other wallets.")
@click.option(
    "--signature",
    help="With --sign, --wallet and the --until of the typed data: what its owners signed "
    "elsewhere.",
)
@sending_options(account_required=True)
def labeler_withdraw(
    amount: str,
    to: str | None,
    target: Path | None,
    fee: str,
    within: str,
    until: int | None,
    wallet: str | None,
    typed_data: bool,
    signature: str | None,
    alias: str,
    yes: bool,
    as_json: bool,
) -> None:
    """Pay out AMOUNT (like `0.05 ether`, or all) of the free balance.

    Without ether for gas, --sign writes a file that anybody can relay (`plumbline requester
    relay-withdrawals FILE`) for a fee out of the amount: they can delay it, but change nothing.
    """
    if target is None and not typed_data:
        if wallet is not None:
            fail("a wallet contract withdraws by itself, or with --sign for others to relay")
        _withdraw(amount, to, alias, yes, as_json, required=True)
        return
    market = open_market()
    node, contract, unit = market.node, market.contract, market.unit
    if signature is not None and until is None:
        fail("a signature is for one deadline: give that of the typed data as --until")
    owner = labeler_of(market, alias, wallet, sends=False)
    wei = withdrawable(contract, owner.address, owner.name, amount)
    paid = unit.parse(fee, "--fee")
    deadline = until if until is not None else node.now + parse_duration(within, "--within")
    if deadline <= node.now:
        fail(f"--until is over: {format_time(deadline)}")
    receiver = checksum(to) if to else owner.address
    withdrawal = next_withdrawal(contract, owner.address, wei, receiver, paid, deadline)
    if target is None:
        print_json(withdrawal.typed_data(market.deployment.deployed))
        return
    line = (
        f"Withdraw {unit.exact(wei)} of {owner.address} from {contract.address} to {receiver}, "
        f"less a fee of {unit.exact(paid)} for whoever relays it before {format_time(deadline)}."
    )
    confirm(yes, node, owner.account, [line], sends=False)
    given = signature_from(signature)
    signed = sign_withdrawal(contract, owner, withdrawal, given)
    write_text(target, to_json(signed, market.deployment.deployed))
    if as_json:
        print_json({"file": str(target), "nonce": signed.withdrawal.nonce, "deadline": deadline})
    else:
        say(f"{target}: hand it to whoever relays it before {format_time(deadline)}")


@click.command(name="relay-withdrawals", cls=Command)
@click.argument("files", nargs=-1, required=True, type=click.Path(dir_okay=False, path_type=Path))
@sending_options(account_required=False)
def relay_withdrawals(files: tuple[Path, ...], alias: str | None, yes: bool, as_json: bool) -> None:
    """Relay withdrawals that their owners signed: FILES are from `labeler withdraw --sign`.

    You pay the gas, and the fee of each is credited to your account. One that is too late, or not
    covered, stops no other, and whoever runs this again relays nothing twice.
    """
    market = open_market()
    node = market.node
    account = sender_of(alias, node)
    deployed = market.deployment.deployed
    plan = plan_withdrawals(market, {file: read(file, deployed) for file in files})
    if plan.calls:
        confirm(yes, node, account, [call.description for call in plan.calls.values()])
    receipts, refused = send_each(plan.calls, partial(send, node, account))
    failures = {**plan.failures, **refused}
    if as_json:
        print_json(
            {
                "relayed": {str(file): tx_json(receipt) for file, receipt in receipts.items()},
                "done_before": [str(file) for file in plan.done],
                "failures": {str(file): why for file, why in failures.items()},
            }
        )
    else:
        for file in receipts:
            say(f"{file}: paid out")
        for file in plan.done:
            say(f"{file}: was relayed already, nothing was sent")
    for file, why in failures.items():
        click.echo(f"{file}: {why}", err=True)
    if failures:
        fail(f"{len(failures)} of {len(files)} withdrawals were not relayed: see above")


def _withdraw(
    amount: str, to: str | None, alias: str | None, yes: bool, as_json: bool, required: bool
) -> None:
    """Pay out, once; `required` if an account has to be named even on a local chain."""
    market = open_market()
    node, contract = market.node, market.contract
    account = sender_of(alias, node, required)
    earlier = earlier_withdrawal(market, account, amount, to)
    if earlier is not None:
        receipt, wei = earlier
    else:
        wei = withdrawable(contract, account.address, account.name, amount)
        call = contract.withdraw(wei, to or account.address)
        confirm(yes, node, account, [call.description])
        receipt = send(node, account, call)
    show_withdrawn(market, account.address, account.name, receipt, wei, as_json)


def show_withdrawn(
    market: Market, owner: str, name: str, receipt: Receipt, wei: int, as_json: bool
) -> None:
    """What was paid out, and what is left."""
    _report(market, owner, name, [receipt], "withdrew", wei, as_json)


def earlier_withdrawal(
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
        event for event in logged_in(receipt, market.deployment) if isinstance(event, Withdrawn)
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
