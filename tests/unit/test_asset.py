"""A token that answers otherwise than an ERC-20 is told from a node that does not answer."""

from collections.abc import Callable
from typing import Any

import pytest
from eth_abi.abi import encode
from requests.exceptions import ConnectionError as NoConnection
from web3 import Web3
from web3.exceptions import ContractLogicError, Web3RPCError
from web3.providers import BaseProvider
from web3.types import RPCEndpoint, RPCResponse

from plumbline.chain.asset import Asset, AssetError, NotATokenError
from plumbline.protocol.addresses import ZERO
from plumbline.units import Unit

TOKEN = Web3.to_checksum_address("0x" + "77" * 20)
DECIMALS = "0x" + encode(["uint8"], [6]).hex()


class Node(BaseProvider):
    """A node that answers the selector of every call with what it is told to."""

    def __init__(self, reply: Callable[[str], str], code: str = "0xfe") -> None:
        super().__init__()
        self.reply = reply
        self.code = code

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        if method in ("eth_chainId", "eth_getCode"):
            result = "0x1" if method == "eth_chainId" else self.code
        else:
            result = self.reply(params[0]["data"][:10])
        return {"jsonrpc": "2.0", "id": 1, "result": result}


def token(symbol: str | Exception) -> Asset:
    """A token of six decimals and a symbol, or a failure in its place."""

    def reply(selector: str) -> str:
        if selector == "0x313ce567":  # decimals()
            return DECIMALS
        if isinstance(symbol, Exception):
            raise symbol
        return symbol

    return Asset(Web3(Node(reply)), TOKEN)


def text(symbol: str) -> str:
    return "0x" + encode(["string"], [symbol]).hex()


def test_a_word_is_the_unit() -> None:
    assert token(text("USDC")).unit == Unit("USDC", 6, TOKEN)


@pytest.mark.parametrize("symbol", ["", "U SD", "\x1b[31m", "[red]", "ETHΞ", "A" * 99])
def test_what_is_no_word_is_not_shown(symbol: str) -> None:
    assert token(text(symbol)).unit == Unit("token", 6, TOKEN)


@pytest.mark.parametrize(
    "symbol", ["0x", "0x" + b"MKR".ljust(32, b"\0").hex(), ContractLogicError("execution reverted")]
)
def test_a_token_may_have_no_symbol(symbol: str | Exception) -> None:
    assert token(symbol).unit == Unit("token", 6, TOKEN)
    with pytest.raises(NotATokenError, match="is it an ERC-20"):
        token(symbol).symbol()


def test_without_decimals_amounts_are_in_the_smallest_unit() -> None:
    mute = Asset(Web3(Node(lambda selector: "0x")), TOKEN)
    assert mute.unit == Unit("token", 0, TOKEN)


@pytest.mark.parametrize(
    "failure",
    [NoConnection("('Connection aborted.')"), TimeoutError(), Web3RPCError("service unavailable")],
)
def test_a_node_that_fails_does_not_change_the_unit(failure: Exception) -> None:
    with pytest.raises(AssetError, match="the node does not answer") as raised:
        _ = token(failure).unit
    assert not isinstance(raised.value, NotATokenError)


def test_people_are_told_what_they_pay_in() -> None:
    assert token(text("USDC")).description == f"USDC (ERC-20 {TOKEN}, 6 decimals)"
    assert Asset(Web3(Node(lambda selector: "0x")), ZERO).description == "ether"


def test_what_can_be_paid_in_is_ether_or_a_contract_with_balances() -> None:
    amount = "0x" + encode(["uint256"], [5]).hex()
    Asset(Web3(Node(lambda selector: amount)), TOKEN).require_contract()
    Asset(Web3(Node(lambda selector: "0x")), ZERO).require_contract()
    with pytest.raises(NotATokenError, match="is not a contract on chain 1"):
        Asset(Web3(Node(lambda selector: amount, code="0x")), TOKEN).require_contract()
    with pytest.raises(NotATokenError, match="is it an ERC-20"):
        Asset(Web3(Node(lambda selector: "0x")), TOKEN).require_contract()
