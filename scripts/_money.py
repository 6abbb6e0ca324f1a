"""Money in and out, the same for requesters and labelers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scripts._command import fail
from scripts._node import Market, market
from scripts._output import console, print_json, tx_json
from scripts._sending import confirm, outbox, send, sender_of

if TYPE_CHECKING:
    from plumbline.chain.call import Call, Receipt


def paid_calls(here: Market, account: Any, amount: int, call: Call) -> list[Call]:
    """What it takes for a deposit; an error if the account does not have as much."""
    money = here.rounds.money
    held = money.balance(account.address)
    if held < amount:
        fail(
            f"{account.name} has {here.unit.short(held)} and {here.unit.exact(amount)} are needed: "
            f"{here.unit.exact(amount - held)} are missing"
        )
    if money.is_ether:
        return [call]
    allowed = money.allowance(account.address, here.rounds.address)
    if allowed >= amount:
        return [call]
    # Some tokens change an allowance only from or to zero.
    amounts = [0, amount] if allowed else [amount]
    return [*map(here.rounds.approve, amounts), call]


def send_all(here: Market, account: Any, calls: list[Call]) -> list[Receipt]:
    """Send one after the other, each when the one before is in a block."""
    receipts = []
    for call in calls:
        receipts.append(send(here.chain, account, call))
    return receipts


def deposit(amount: str, owner: str | None, alias: str, yes: bool, as_json: bool) -> None:
    """The command `deposit`."""
    here = market()
    account = sender_of(alias, here.chain, needed=True)
    wei = here.unit.parse(amount)
    if wei == 0:
        fail("amount is 0: give what to deposit, like 0.05 ether")
    rounds = here.rounds
    call = rounds.deposit_for(owner, wei) if owner else rounds.deposit(wei)
    earlier = outbox(here.chain, account).take(call)
    if earlier is None:
        calls = paid_calls(here, account, wei, call)
        confirm(yes, here.chain, account, [each.description for each in calls])
        receipts = send_all(here, account, calls)
    else:
        receipts = [earlier]
    _report(here, owner or account.address, account.name, receipts, "deposited", wei, as_json)


def withdraw(
    amount: str, to: str | None, alias: str | None, yes: bool, as_json: bool, needed: bool
) -> None:
    """The command `withdraw`."""
    here = market()
    account = sender_of(alias, here.chain, needed)
    earlier = _earlier_withdrawal(here, account, amount, to)
    if earlier is not None:
        receipt, wei = earlier
    else:
        wei = _withdrawable(here, account, amount)
        call = here.rounds.withdraw(wei, to or account.address)
        confirm(yes, here.chain, account, [call.description])
        receipt = send(here.chain, account, call)
    _report(here, account.address, account.name, [receipt], "withdrew", wei, as_json)


def _earlier_withdrawal(
    here: Market, account: Any, amount: str, to: str | None
) -> tuple[Receipt, int] | None:
    """What an earlier run of the same command has paid out, if it was interrupted."""
    from plumbline.chain.events import Withdrawn, decode

    receiver = to or account.address
    wei = None if amount == "all" else here.unit.parse(amount)
    # Of `all` the amount is not known any more, only to whom it went.
    receipt = outbox(here.chain, account).take_if(
        lambda call: here.rounds.is_withdrawal(call, wei, receiver)
    )
    if receipt is None:
        return None
    (event,) = (
        each for each in decode(receipt.logs, here.deployment.abi) if isinstance(each, Withdrawn)
    )
    return receipt, event.amount


def _withdrawable(here: Market, account: Any, amount: str) -> int:
    books = here.rounds.account(account.address)
    wei = books.free if amount == "all" else here.unit.parse(amount)
    if books.free == 0 or wei == 0:
        tied = f"; {here.unit.short(books.locked)} are locked in seats" if books.locked else ""
        fail(f"{account.name} has nothing to withdraw{tied}")
    if wei > books.free:
        fail(
            f"{account.name} has {here.unit.exact(books.free)} free and asks for "
            f"{here.unit.exact(wei)}: ask for less, or for `all`"
        )
    return wei


def _report(
    here: Market,
    owner: str,
    name: str,
    receipts: list[Receipt],
    did: str,
    wei: int,
    as_json: bool,
) -> None:
    books = here.rounds.account(owner)
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
    console().print(
        f"{name} {did} {here.unit.short(wei)}: {here.unit.short(books.free)} free, "
        f"{here.unit.short(books.locked)} locked",
        soft_wrap=True,
    )
