"""How much gas a transaction asks for, and what it has cost."""

from types import SimpleNamespace
from typing import Any

import pytest

from plumbline.chain.call import Call
from plumbline.transactions.senders import GAS_CAP, Refused, gas_limit, to_receipt

SENDER = "0x" + "11" * 20
CALL = Call(SENDER, b"", 0, "")
BLOCK = 30_000_000
ARBITRUM = 1 << 50


def node_of(estimate: int, block: int = BLOCK) -> Any:
    eth = SimpleNamespace(
        get_block=lambda number: {"gasLimit": block},
        get_balance=lambda owner: 0,
        estimate_gas=lambda params: estimate,
    )
    return SimpleNamespace(eth=eth)


@pytest.mark.parametrize(
    ("estimate", "block", "limit"),
    [
        (1_000_000, BLOCK, 1_150_000),
        # Closing 255 seats fits under Ethereum's cap, but not with the margin.
        (15_100_000, BLOCK, GAS_CAP),
        (GAS_CAP, BLOCK, GAS_CAP),
        # A rollup whose estimates hold the layer 1 part has no such cap.
        (20_000_000, BLOCK, 23_000_000),
        (28_000_000, BLOCK, BLOCK),
        (40_000_000, ARBITRUM, 46_000_000),
        (1_000_000, 1_100_000, 1_100_000),
    ],
)
def test_the_chain_says_how_much_a_transaction_may_ask_for(
    estimate: int, block: int, limit: int
) -> None:
    assert gas_limit(node_of(estimate, block), SENDER, CALL) == limit


def test_what_no_block_holds_is_refused() -> None:
    with pytest.raises(Refused, match="30,000,001 gas is above the cap of 30,000,000"):
        gas_limit(node_of(BLOCK + 1), SENDER, CALL)


def test_a_cap_that_somebody_names_is_the_only_one() -> None:
    assert gas_limit(node_of(16_000_000), SENDER, CALL, cap=25_000_000) == 18_400_000
    assert gas_limit(node_of(16_000_000), SENDER, CALL, cap=17_000_000) == 17_000_000
    with pytest.raises(Refused, match="PLUMBLINE_GAS_CAP"):
        gas_limit(node_of(16_000_000), SENDER, CALL, cap=15_000_000)


@pytest.mark.parametrize(
    ("more", "fee"),
    [({}, 6_000), ({"l1Fee": "0x1f4"}, 6_500), ({"l1Fee": 500}, 6_500), ({"l1Fee": None}, 6_000)],
)
def test_a_fee_includes_what_a_rollup_takes_for_layer_1(more: dict[str, Any], fee: int) -> None:
    given = {
        "transactionHash": bytes(32),
        "blockNumber": 7,
        "gasUsed": 2_000,
        "effectiveGasPrice": 3,
        "logs": [],
    }
    assert to_receipt(given | more).fee == fee
