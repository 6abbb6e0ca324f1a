"""Nobody pays in what is not held, or lets a token be taken beyond what is paid in."""

from typing import Any

import pytest

from plumbline.chain.call import Call
from plumbline.chain.records import Account
from plumbline.transactions.funding import FundingError, funded, withdrawable
from plumbline.units import ETHER, Unit

OWNER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
CONTRACT = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
COIN = Unit("COIN", 2, CONTRACT)
DEPOSIT = Call(CONTRACT, b"\x01", 0, "Deposit.")


class Money:
    """An asset that the owner holds so much of, and has allowed the contract to take so much."""

    def __init__(self, held: int, allowed: int | None) -> None:
        self.held, self.allowed = held, allowed
        self.is_ether = allowed is None
        self.unit = ETHER if self.is_ether else COIN

    def balance(self, owner: str) -> int:
        return self.held

    def allowance(self, owner: str, spender: str) -> int:
        assert spender == CONTRACT
        assert self.allowed is not None
        return self.allowed

    def approve(self, spender: str, amount: int) -> Call:
        assert spender == CONTRACT
        return Call(CONTRACT, b"", 0, f"approve {amount}")


class Rounds:
    """The contract, with the owner's account in it."""

    address = CONTRACT

    def __init__(self, money: Money, free: int = 0, locked: int = 0) -> None:
        self.money = money
        self.books = Account(free=free, locked=locked)

    def account(self, owner: str) -> Account:
        return self.books


def steps(amount: int, held: int, allowed: int | None = None) -> list[str]:
    rounds: Any = Rounds(Money(held, allowed))
    return [call.description for call in funded(rounds, OWNER, "me", amount, DEPOSIT)]


def test_ether_goes_along_with_the_deposit() -> None:
    assert steps(7, held=7) == ["Deposit."]


def test_what_is_not_held_is_refused_with_what_is_missing() -> None:
    with pytest.raises(FundingError, match=r"0\.0{17}1 ETH are missing"):
        steps(7, held=6)
    with pytest.raises(FundingError, match=r"me has 0\.06 COIN .* 0\.01 COIN are missing"):
        steps(7, held=6, allowed=100)


@pytest.mark.parametrize(
    ("allowed", "expected"),
    [
        (0, ["approve 7", "Deposit."]),
        (7, ["Deposit."]),
        (8, ["Deposit."]),
        # Some tokens change an allowance only from or to zero.
        (6, ["approve 0", "approve 7", "Deposit."]),
    ],
)
def test_a_token_is_allowed_for_the_deposit_and_no_more(allowed: int, expected: list[str]) -> None:
    assert steps(7, held=7, allowed=allowed) == expected


def withdrawn(amount: str, free: int, locked: int = 0) -> int:
    rounds: Any = Rounds(Money(0, 0), free, locked)
    return withdrawable(rounds, OWNER, "me", amount)


def test_all_is_what_is_free() -> None:
    assert withdrawn("all", free=123, locked=5) == 123


def test_an_amount_is_in_the_units_of_the_asset_and_at_most_what_is_free() -> None:
    assert withdrawn("1.23 COIN", free=123) == 123
    with pytest.raises(FundingError, match=r"me has 1\.22 COIN free and asks for 1\.23 COIN"):
        withdrawn("1.23 COIN", free=122)


@pytest.mark.parametrize("amount", ["all", "1 COIN"])
def test_where_nothing_is_free_it_is_said_what_is_locked(amount: str) -> None:
    with pytest.raises(FundingError, match=r"nothing to withdraw; 0\.05 COIN are locked in seats"):
        withdrawn(amount, free=0, locked=5)
    with pytest.raises(FundingError, match=r"nothing to withdraw$"):
        withdrawn(amount, free=0)


def test_nothing_is_not_withdrawn() -> None:
    with pytest.raises(FundingError, match="nothing to withdraw"):
        withdrawn("0 COIN", free=5)
