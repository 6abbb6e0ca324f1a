"""What goes together into a transaction, and what comes of it."""

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak
from hypothesis import given
from hypothesis import strategies as st
from web3 import Web3

from plumbline.chain import multicall
from plumbline.chain.call import Call, Receipt
from plumbline.chain.contract import CallError, LabelRounds
from plumbline.files.private import StorageError
from plumbline.protocol.limits import MAX_CALL_BYTES, MAX_CALLS
from plumbline.transactions.senders import NotLanded, Refused, Reverted
from plumbline.transactions.together import Candidate, Carried, carry, groups
from tests.build import CONTRACTS, compiled_contracts
from tests.unit.builders import deployment, person

DEPLOYMENT = deployment()
ROOM = 16_777_216
TRANSACTION = "0x" + "22" * 32


def candidate(
    key: int, labelers: Sequence[str] = (), gas: int | None = 400_000, size: int = 2_000
) -> Candidate[int]:
    call = Call(DEPLOYMENT.address, bytes(size), 0, f"call {key}")
    return Candidate(key, call, frozenset(labelers), gas)


def keys(found: Sequence[Sequence[Candidate[int]]]) -> list[list[int]]:
    return [[each.key for each in group] for group in found]


# ------------------------------------------------------------------ what goes together


def test_all_that_fits_goes_together_in_the_order_given() -> None:
    assert keys(groups([candidate(n) for n in range(8)], ROOM)) == [list(range(8))]
    assert groups([], ROOM) == []


def test_the_first_that_is_left_begins_and_who_shares_labelers_joins() -> None:
    """Two campaigns whose rounds were opened in turns."""
    rounds = [candidate(n, "abc" if n % 2 else "xyz", gas=1_000_000) for n in range(8)]
    room = 5_000_000  # of four, with their margins
    assert keys(groups(rounds, room)) == [[0, 2, 4, 6], [1, 3, 5, 7]]


@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.integers(21_000, 9_000_000)),
            st.integers(4, 40_000),
            st.frozensets(st.sampled_from("abcdefgh")),
        ),
        max_size=90,
    )
)
def test_no_transaction_is_above_its_bounds_and_each_call_is_in_one(
    drawn: list[tuple[int | None, int, frozenset[str]]],
) -> None:
    given = [
        candidate(n, sorted(labelers), gas, size) for n, (gas, size, labelers) in enumerate(drawn)
    ]
    found = groups(given, ROOM)
    assert sorted(key for group in keys(found) for key in group) == list(range(len(given)))
    assert [group[0] for group in keys(found)] == sorted(group[0] for group in keys(found))
    for group in found:
        if len(group) > 1:
            assert len(group) <= MAX_CALLS
            assert sum(len(each.call.data) for each in group) <= MAX_CALL_BYTES
            # With a margin of 15% for each, but what all transactions take.
            least = sum((each.gas or ROOM) - 21_000 - 16 * len(each.call.data) for each in group)
            assert 21_000 + least * 115 // 100 < ROOM


def test_what_nobody_knows_the_gas_of_goes_alone() -> None:
    given = [candidate(0), candidate(1, gas=None), candidate(2), candidate(3, gas=ROOM)]
    assert keys(groups(given, ROOM)) == [[0, 2], [1], [3]]


# ---------------------------------------------------------------------- what is sent


def rounds(reasons: Sequence[str] = ()) -> Any:
    """A contract whose node says these reasons of calls that failed, one after the other."""
    said = list(reasons)

    def call(params: Any, block: int) -> bytes:
        assert block == 6  # before the block that it failed in
        raise ValueError(f"execution reverted: {said.pop(0)}")

    receipt = {
        "transactionHash": bytes.fromhex(TRANSACTION[2:]),
        "blockNumber": 7,
        "gasUsed": 1_000,
        "effectiveGasPrice": 3,
        "logs": [],
    }
    eth = SimpleNamespace(call=call, get_transaction_receipt=lambda hashed: receipt)
    return SimpleNamespace(
        w3=SimpleNamespace(eth=eth),
        deployment=DEPLOYMENT,
        together=lambda calls, gas: Call(
            DEPLOYMENT.multicall, b"", 0, " + ".join(call.description for call in calls)
        ),
    )


def failure(position: int, address: str = DEPLOYMENT.multicall) -> dict[str, Any]:
    topics = [keccak(text="CallFailed(uint256)"), position.to_bytes(32)]
    return {"address": address, "topics": topics, "data": b""}


def sent(
    group: Sequence[Candidate[int]],
    answer: Callable[[Call], Receipt],
    market: Any = None,
) -> tuple[list[Carried[int]], list[str]]:
    """The outcomes, and what was sent."""
    descriptions: list[str] = []

    def send(call: Call) -> Receipt:
        descriptions.append(call.description)
        return answer(call)

    return list(carry(market or rounds(), group, send)), descriptions


def receipt(*logs: dict[str, Any]) -> Receipt:
    return Receipt(TRANSACTION, 7, 1_000, 3_001, logs)


FOUR = [candidate(n, gas=100_000 * (n + 1)) for n in range(4)]


def test_calls_share_what_their_transaction_cost_by_what_each_takes_and_to_the_wei() -> None:
    outcomes, said = sent(FOUR, lambda call: receipt())
    assert said == ["call 0 + call 1 + call 2 + call 3"]
    assert [each.gas_used for each in outcomes] == [100, 200, 300, 400]
    assert sum(each.fee for each in outcomes) == 3_001
    assert {each.sharing for each in outcomes} == {4}
    (alone,), said = sent(FOUR[:1], lambda call: receipt())
    assert (alone.gas_used, alone.fee, alone.sharing, said) == (1_000, 3_001, 1, ["call 0"])


def test_a_call_that_fails_among_others_is_told_with_the_contracts_reason() -> None:
    """By the log of the multicall, not by that of just any contract."""
    logs = (failure(0, DEPLOYMENT.address), failure(2))
    outcomes, _ = sent(FOUR, lambda call: receipt(*logs), rounds(["round: closed"]))
    assert [each.error is None for each in outcomes] == [True, True, False, True]
    error = outcomes[2].error
    assert isinstance(error, Reverted)
    assert str(error) == f"a call in transaction {TRANSACTION} failed: round: closed"
    assert outcomes[2].gas_used == 300


def test_what_is_refused_is_divided_until_what_can_be_sent_is_sent() -> None:
    def answer(call: Call) -> Receipt:
        if "call 2" in call.description:
            raise Refused("nothing was sent: out of luck")
        return receipt()

    outcomes, said = sent(FOUR, answer)
    assert said == [
        "call 0 + call 1 + call 2 + call 3",
        "call 0 + call 1",
        "call 2 + call 3",
        "call 2",
        "call 3",
    ]
    assert [str(each.error or "") for each in outcomes] == [
        *("", "", "nothing was sent: out of luck", "")
    ]


@pytest.mark.parametrize(
    "error", [NotLanded("in no block", TRANSACTION), StorageError("the disk is full")]
)
def test_nothing_is_sent_after_one_that_is_in_no_block_or_a_journal_that_is_full(
    error: Exception,
) -> None:
    def answer(call: Call) -> Receipt:
        if " + call 3" in call.description:
            raise Refused("too large")
        raise error

    outcomes, said = sent(FOUR, answer)
    assert said == ["call 0 + call 1 + call 2 + call 3", "call 0 + call 1"]
    assert [(each.candidate.key, each.error) for each in outcomes] == [(0, error), (1, error)]


def test_a_transaction_that_fails_as_a_whole_is_paid_for_and_not_divided() -> None:
    def answer(call: Call) -> Receipt:
        raise Reverted("multicall: every call failed", TRANSACTION)

    outcomes, said = sent(FOUR, answer)
    assert len(said) == 1
    assert {str(each.error) for each in outcomes} == {"multicall: every call failed"}
    assert sum(each.gas_used for each in outcomes) == 1_000
    assert sum(each.fee for each in outcomes) == 3_000


def test_what_a_node_raises_is_an_outcome_too() -> None:
    def answer(call: Call) -> Receipt:
        raise ValueError("bad gateway")

    outcomes, _ = sent(FOUR[:1], answer)
    assert str(outcomes[0].error) == "bad gateway"


# ------------------------------------------------------------------------- the contract


@pytest.fixture(scope="module")
def client(pytestconfig: pytest.Config) -> LabelRounds:
    abi = compiled_contracts(pytestconfig)["LabelRounds"]["abi"]
    values = {name: getattr(DEPLOYMENT, name) for name in DEPLOYMENT.__slots__}
    return LabelRounds(Web3(), type(DEPLOYMENT)(**values | {"abi": abi}))


def forfeit(client: LabelRounds, round_id: int) -> Call:
    return client.forfeit(round_id, [person("labeler")])


def test_what_is_sent_is_what_the_contract_takes(
    client: LabelRounds, pytestconfig: pytest.Config
) -> None:
    abi = compiled_contracts(pytestconfig)["Multicall"]["abi"]
    calls = [forfeit(client, 1), forfeit(client, 2)]
    made = client.together(calls, [70_000, 80_000])
    contract = Web3().eth.contract(abi=abi)
    parts = [(len(call.data), gas) for call, gas in zip(calls, (70_000, 80_000), strict=True)]
    data = contract.encode_abi("multicall", args=[parts, b"".join(call.data for call in calls)])
    assert made.data.hex() == data[2:]
    assert (made.to, made.value) == (client.deployment.multicall, 0)
    assert all(call.description in made.description for call in calls)
    assert multicall.calls_in(client.deployment, made) == tuple(call.data for call in calls)
    assert client.is_ending(made)
    topic = contract.events.CallFailed().topic
    assert "0x" + failure(0)["topics"][0].hex() == topic


def test_its_bounds_are_those_of_the_contract(client: LabelRounds) -> None:
    source = (CONTRACTS / "Multicall.vy").read_text()
    assert f"\nSIZE: constant(uint256) = {MAX_CALL_BYTES:_}\n" in source
    assert f"\nCALLS: constant(uint256) = {MAX_CALLS}\n" in source
    one = forfeit(client, 1)
    client.together([one] * MAX_CALLS, [1] * MAX_CALLS)
    for calls in ([], [one] * (MAX_CALLS + 1)):
        with pytest.raises(CallError, match=f"a multicall carries {MAX_CALLS}"):
            client.together(calls, [1] * len(calls))
    long = Call(one.to, one.data.ljust(MAX_CALL_BYTES, b"\0"), 0, "")
    client.together([long], [1])
    with pytest.raises(CallError, match=f"and {MAX_CALL_BYTES} bytes"):
        client.together([long, one], [1, 1])


def test_nothing_that_depends_on_its_sender_goes_through_it(client: LabelRounds) -> None:
    """What is credited to the multicall belongs to whoever comes first."""
    for call in (client.withdraw(1, person("receiver")), client.deposit_for(person("a"), 1)):
        with pytest.raises(CallError, match="depends on who sends it"):
            client.together([forfeit(client, 1), call], [1, 1])
    other = Call(person("token"), forfeit(client, 1).data, 0, "")
    with pytest.raises(CallError, match="only calls of LabelRounds"):
        client.together([other], [1])
    with pytest.raises(CallError, match="without ether"):
        client.together([Call(client.address, forfeit(client, 1).data, 1, "")], [1])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x01\x02\x03\x04",
        multicall._FUNCTION,
        multicall._FUNCTION + b"\xff" * 64,
        multicall._FUNCTION + encode(["(uint256,uint256)[]", "bytes"], [[(9, 1)], b""])[:-32],
    ],
)
def test_crooked_calldata_carries_nothing(client: LabelRounds, data: bytes) -> None:
    crooked = Call(client.deployment.multicall, data, 0, "")
    assert multicall.calls_in(client.deployment, crooked) == ()
    assert not client.is_ending(crooked)
    assert multicall.calls_in(client.deployment, Call(None, data, 0, "")) == ()


def test_sizes_beyond_the_data_carry_what_is_there(client: LabelRounds) -> None:
    one = forfeit(client, 1).data
    data = multicall._FUNCTION + encode(
        ["(uint256,uint256)[]", "bytes"], [[(2**255, 1), (2**255, 1)], one]
    )
    crooked = Call(client.deployment.multicall, data, 0, "")
    assert multicall.calls_in(client.deployment, crooked) == (one, b"")
