"""What a node is told from what it says of itself, and what time it is there."""

import time
from typing import Any

import pytest
from web3 import HTTPProvider, Web3
from web3.exceptions import Web3RPCError
from web3.middleware import ExtraDataToPOAMiddleware
from web3.providers import BaseProvider
from web3.types import RPCEndpoint, RPCResponse

from plumbline.chain.node import CONFIRMATIONS, Node


class Answers(BaseProvider):
    """A node with these answers; `client` None is one that does not say what it is."""

    def __init__(self, chain_id: int, client: str | None, latest: int = 0, pending: int = 0):
        super().__init__()
        self.chain_id, self.client = chain_id, client
        self.times = {"latest": latest, "pending": pending}

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        if method == "web3_clientVersion" and self.client is None:
            raise Web3RPCError("the method web3_clientVersion does not exist")
        result: Any = {
            "eth_chainId": lambda: hex(self.chain_id),
            "web3_clientVersion": lambda: self.client,
            "eth_blockNumber": lambda: "0x11",
            "eth_getBlockByNumber": lambda: {
                "timestamp": hex(self.times.get(params[0], 0)),
                "hash": "0x" + "09" * 32,
            },
        }[method]()
        return {"jsonrpc": "2.0", "id": 1, "result": result}


def node(chain_id: int, client: str | None, latest: int = 0, pending: int = 0) -> Node:
    return Node.of(Web3(Answers(chain_id, client, latest, pending)))


@pytest.mark.parametrize(
    ("chain_id", "client", "is_local"),
    [
        (31337, "Geth/v1", True),
        (1337, None, True),
        (5, "anvil/v1.7.1", True),
        (5, "EthereumJS TestRPC/v7.9.2/ethereum-js", True),
        (5, "HardhatNetwork/2", True),
        (5, "EthereumTester/0.13", True),
        (1, "Geth/v1.14", False),
        (11155111, "erigon/not-anvil", False),
        (1, None, False),
    ],
)
def test_a_development_chain_is_known_by_its_number_or_its_program(
    chain_id: int, client: str | None, is_local: bool
) -> None:
    """Test accounts, whose keys everybody knows, sign there only."""
    found = node(chain_id, client)
    assert found.is_local is is_local
    assert (found.chain_id, found.head, found.genesis) == (chain_id, 17, b"\x09" * 32)


def test_reorganisations_are_expected_on_public_chains_only() -> None:
    assert node(1, "Geth/v1").confirmations == CONFIRMATIONS > 0
    assert node(31337, "anvil/v1").confirmations == 0


def test_blocks_of_chains_with_signed_headers_can_be_read() -> None:
    """Their extra data is longer than web3 takes; it is asked for once."""
    public = node(1, "Geth/v1")
    again = Node.of(public.w3)
    assert list(again.w3.middleware_onion).count(ExtraDataToPOAMiddleware) <= 1
    assert ExtraDataToPOAMiddleware in again.w3.middleware_onion
    assert ExtraDataToPOAMiddleware not in node(1337, "anvil/v1").w3.middleware_onion


def test_on_a_public_chain_it_is_as_late_as_its_latest_block() -> None:
    assert node(1, "Geth/v1", latest=100, pending=10**11).now == 100


def test_a_local_chain_that_tells_the_time_is_believed() -> None:
    """It stands still between transactions, and may be ahead of this computer, or behind."""
    assert node(31337, "anvil/v1", latest=100, pending=250).now == 250
    assert node(31337, "anvil/v1", latest=300, pending=250).now == 300


def test_another_local_chain_goes_by_the_clock_or_is_ahead_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(time, "time", lambda: 200.7)
    assert node(1337, "Ganache/v7", latest=100).now == 200
    assert node(1337, "Ganache/v7", latest=300).now == 300


@pytest.mark.parametrize(
    ("url", "chain_id", "here"),
    [
        ("http://127.0.0.1:8545", 31337, True),
        ("http://localhost:8545", 31337, True),
        ("http://[::1]:8545", 31337, True),
        ("http://192.168.1.7:8545", 31337, True),
        ("http://1.1.1.1:8545", 31337, False),
        ("http://anvil.example.org/key", 31337, False),
        ("http://127.0.0.1:8545", 1, False),
    ],
)
def test_private_addresses_are_those_of_a_development_chain_nearby(
    url: str, chain_id: int, here: bool
) -> None:
    assert Node(Web3(HTTPProvider(url)), chain_id, is_local=chain_id == 31337).is_here is here
    assert Node(Web3(Answers(chain_id, None)), chain_id, is_local=True).is_here
