"""Several calls in one transaction: each for itself, and with gas of its own."""

import pytest
from web3.logs import DISCARD

from tests.functional.chain import MOST_GAS
from tests.functional.market import refused

GAS = 300_000


@pytest.fixture(scope="session")
def multicall(deploy_multicall, market):
    return deploy_multicall(market.address)


@pytest.fixture
def calls(market, revealing, labelers, chain):
    """Forfeits of three labelers, and in the middle one that is refused."""
    chain.wait_until(revealing.deadlines.reveal)
    given = [[labelers[0]], [labelers[1]], [], [labelers[2]]]
    encode = market.rounds.encode_abi
    return [
        bytes.fromhex(encode("forfeit", args=[revealing.round_id, silent])[2:]) for silent in given
    ]


def together(chain, sender, multicall, calls, gas=GAS, value=0, change=0):
    """The receipt; `change` is to the size that is named for the last call."""
    parts = [[len(call), gas] for call in calls]
    if change:
        parts[-1][0] += change
    data = multicall.encode_abi("multicall", args=[parts, b"".join(calls)])
    return chain.send(sender, multicall.address, data, value)


def test_a_call_that_fails_is_told_by_its_place_and_stops_no_other(
    market, chain, multicall, calls, revealing, stranger
):
    # B1.1, B1.2
    receipt = together(chain, stranger, multicall, calls)
    (failed,) = multicall.events.CallFailed().process_receipt(receipt, errors=DISCARD)
    assert failed["args"]["position"] == 2
    assert market.round(revealing.round_id).gone == 3
    with refused("multicall: every call failed"):
        together(chain, stranger, multicall, calls)
    with refused("multicall: every call failed"):
        together(chain, stranger, multicall, [])


def test_all_of_the_gas_must_be_there_at_the_beginning(chain, multicall, calls, stranger):  # B1.3
    with refused("multicall: not enough gas"):
        together(chain, stranger, multicall, calls, gas=MOST_GAS // 4)


def test_sizes_must_be_those_of_the_calls(chain, multicall, calls, stranger):  # B1.4
    for change, reason in ((-1, "multicall: sizes do not add up"), (1, "")):
        with refused(reason):
            together(chain, stranger, multicall, calls, change=change)


def test_what_is_called_is_fixed_and_has_code(
    market, multicall, deploy_multicall, stranger
):  # B1.1
    assert multicall.functions.LABEL_ROUNDS().call() == market.address
    with refused("deploy: label rounds has no code"):
        deploy_multicall(stranger)


def test_nothing_is_kept_and_no_ether_is_taken(chain, multicall, calls, stranger):  # B1.5
    with refused(""):
        together(chain, stranger, multicall, calls, value=1)
    assert chain.w3.eth.get_balance(multicall.address) == 0
