"""Money in and out, the same for requesters and labelers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scripts._common import (
    Market,
    account_of,
    confirm,
    console,
    fail,
    market,
    print_json,
    send,
    tx_json,
    tx_line,
)

if TYPE_CHECKING:
    from plumbline.call import Call, Receipt


def deposit_calls(here: Market, account: Any, amount: int) -> list[Call]:
    """What it takes to add to a free balance; an error if the account does not have as much."""
    money = here.rounds.money
    held = money.balance(account.address)
    if held < amount:
        fail(
            f"{account.name} has {here.unit.short(held)} and {here.unit.short(amount)} are needed: "
            f"{here.unit.exact(amount - held)} are missing"
        )
    calls = []
    if not money.is_ether and money.allowance(account.address, here.rounds.address) < amount:
        calls.append(here.rounds.approve(amount))
    return [*calls, here.rounds.deposit(amount)]


def send_all(here: Market, account: Any, calls: list[Call]) -> list[Receipt]:
    """Send one after the other, each when the one before is in a block."""
    receipts = []
    for call in calls:
        receipts.append(send(here.chain, account, call))
    return receipts


def deposit(amount: str, alias: str | None, yes: bool, as_json: bool, needed: bool) -> None:
    """The command `deposit`."""
    here = market()
    account = account_of(alias, here.chain, needed)
    wei = here.unit.parse(amount)
    if wei == 0:
        fail("amount is 0: give what to deposit, like 0.05 ether")
    calls = deposit_calls(here, account, wei)
    confirm(yes, here.chain, account, [call.description for call in calls])
    receipts = send_all(here, account, calls)
    _report(here, account, receipts, f"deposited {here.unit.short(wei)}", wei, as_json)


def withdraw(
    amount: str, to: str | None, alias: str | None, yes: bool, as_json: bool, needed: bool
) -> None:
    """The command `withdraw`."""
    here = market()
    account = account_of(alias, here.chain, needed)
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
    call = here.rounds.withdraw(wei, to or account.address)
    confirm(yes, here.chain, account, [call.description])
    receipts = send_all(here, account, [call])
    _report(here, account, receipts, f"withdrew {here.unit.short(wei)}", wei, as_json)


def _report(
    here: Market, account: Any, receipts: list[Receipt], what: str, wei: int, as_json: bool
) -> None:
    books = here.rounds.account(account.address)
    if as_json:
        print_json(
            {
                "account": account.address,
                "amount": str(wei),
                "free": str(books.free),
                "locked": str(books.locked),
                "transactions": [tx_json(receipt) for receipt in receipts],
            }
        )
        return
    for receipt in receipts:
        console().print(tx_line(receipt), soft_wrap=True)
    console().print(
        f"{account.name} {what}: {here.unit.short(books.free)} free, "
        f"{here.unit.short(books.locked)} locked",
        soft_wrap=True,
    )
