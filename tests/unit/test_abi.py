"""A view is asked as the ABI has it, and a chain for its number once."""

import json
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_abi.exceptions import DecodingError, EncodingError
from eth_utils.crypto import keccak
from web3 import HTTPProvider, Web3
from web3.types import RPCEndpoint

from plumbline.chain.abi import view_functions
from plumbline.chain.node import ask_for_chain_once

ABI: list[dict[str, Any]] = [
    {
        "type": "function",
        "name": "pair",
        "stateMutability": "view",
        "inputs": [
            {"name": "number", "type": "uint256"},
            {
                "name": "point",
                "type": "tuple",
                "components": [
                    {"name": "x", "type": "uint256[2]"},
                    {"name": "who", "type": "address"},
                ],
            },
        ],
        "outputs": [{"name": "", "type": "address"}, {"name": "", "type": "bool"}],
    },
    {
        "type": "function",
        "name": "count",
        "stateMutability": "pure",
        "inputs": [],
        "outputs": [{"name": "", "type": "uint256"}],
    },
    {
        "type": "function",
        "name": "pay",
        "stateMutability": "payable",
        "inputs": [],
        "outputs": [],
    },
    {"type": "event", "name": "Paid", "inputs": [], "anonymous": False},
]
WHO = "0x" + "ab" * 20


def test_a_view_is_called_by_its_selector_with_its_arguments() -> None:
    view = view_functions(ABI)["pair"]
    selector = keccak(text="pair(uint256,(uint256[2],address))")[:4]
    values = encode(["uint256", "(uint256[2],address)"], [7, ([1, 2], WHO)])
    assert view.encode_call((7, ([1, 2], WHO))) == selector + values
    with pytest.raises(EncodingError):
        view.encode_call((-1, ([1, 2], WHO)))


def test_one_value_comes_alone_and_more_as_a_tuple() -> None:
    views = view_functions(ABI)
    assert views["count"].decode_result(encode(["uint256"], [5])) == 5
    assert views["pair"].decode_result(encode(["address", "bool"], [WHO, True])) == (WHO, True)
    with pytest.raises(DecodingError):
        views["count"].decode_result(b"")


def test_only_views_are_asked() -> None:
    assert set(view_functions(ABI)) == {"pair", "count"}


class Node(HTTPProvider):
    """Says that it is chain 5, and block 9."""

    def __init__(self) -> None:
        super().__init__("http://nowhere.invalid")
        self.asked: list[str] = []

    def _make_request(self, method: RPCEndpoint, request_data: bytes) -> bytes:
        self.asked.append(method)
        result = {"eth_chainId": "0x5", "eth_blockNumber": "0x9"}[method]
        return json.dumps({"jsonrpc": "2.0", "id": 1, "result": result}).encode()


def test_a_chain_is_asked_for_its_number_once_and_for_all_else_each_time() -> None:
    node = Node()
    w3 = Web3(node)
    ask_for_chain_once(w3)
    assert w3.eth.chain_id == 5
    node.asked.clear()
    assert [w3.eth.chain_id for _ in range(3)] == [5, 5, 5]
    assert [w3.eth.block_number for _ in range(2)] == [9, 9]
    assert node.asked == ["eth_blockNumber", "eth_blockNumber"]
