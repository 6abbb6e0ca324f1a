"""Paying in: what it takes besides the deposit itself."""

from plumbline.chain.call import Call
from plumbline.chain.contract import LabelRounds
from plumbline.errors import PlumblineError


class FundingError(PlumblineError):
    """An account that does not hold what it is to pay."""


def funded(
    contract: LabelRounds,
    account: str,
    name: str,
    amount: int,
    call: Call,
    spender: str | None = None,
) -> list[Call]:
    """A payment of `amount`, smallest unit, preceded by the allowances that it needs.

    `name` is what errors call the account, `spender` who takes the money; None for the contract
    itself. Raises FundingError if the account does not hold as much.
    """
    taken_by = spender or contract.address
    money = contract.money
    held = money.balance(account)
    if held < amount:
        unit = money.unit
        raise FundingError(
            f"{name} has {unit.short(held)} and {unit.exact(amount)} are needed: "
            f"{unit.exact(amount - held)} are missing"
        )
    if money.is_ether:
        return [call]
    allowed = money.allowance(account, taken_by)
    if allowed >= amount:
        return [call]
    # Some tokens change an allowance only from or to zero.
    amounts = [0, amount] if allowed else [amount]
    return [*(money.approve(taken_by, each) for each in amounts), call]


def withdrawable(contract: LabelRounds, account: str, name: str, amount: str) -> int:
    """What `amount` (as people write it, or `all`) is of an account's free balance.

    Raises FundingError if there is nothing, or not as much.
    """
    books, unit = contract.account(account), contract.money.unit
    wanted = books.free if amount == "all" else unit.parse(amount)
    if books.free == 0 or wanted == 0:
        tied = f"; {unit.short(books.locked)} are locked in seats" if books.locked else ""
        raise FundingError(f"{name} has nothing to withdraw{tied}")
    if wanted > books.free:
        raise FundingError(
            f"{name} has {unit.exact(books.free)} free and asks for {unit.exact(wanted)}: ask for "
            "less, or for `all`"
        )
    return wanted
