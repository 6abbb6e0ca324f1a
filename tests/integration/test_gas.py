"""The gas command on a real Anvil, and the fee schedule that floors are made of."""

from typing import Any

import pytest
from web3 import Web3

from plumbline.lab.gas import floor
from tests.integration.forking import ForkShell, Zygote

TINY = "nominal K=2 T=64 N=10"
LIFE = ("open", "relayed", "reveal", "close")


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory, anvil: str, zygote: Zygote) -> ForkShell:
    return ForkShell(tmp_path_factory.mktemp("gas"), anvil, zygote)


# --------------------------------------------------------------------- the command


def test_a_round_is_played_and_no_step_is_below_its_floor(shell: ForkShell) -> None:
    result = shell("gas", "--only", TINY, "--json")
    assert result.code == 0, result
    measured = result.json
    steps = [(item["step"], item["labelers"]) for item in measured["transactions"]]
    assert steps == [
        ("deposit", 1),
        ("withdraw", 1),
        ("open", 10),
        ("commit", 1),
        ("relayed", 9),
        ("reveal", 10),
        ("close", 10),
    ]
    for item in measured["transactions"]:
        assert item["floor"] <= item["gas"], item
        assert item["eip_7623"] <= item["gas"], item
        if item["labelers"] > 1:  # a transaction of a few bytes may grow
            assert item["brotli"] < item["raw"] and item["fastlz"] < item["raw"], item
    life = [item for item in measured["transactions"] if item["step"] in LIFE]
    a_label = {key: sum(x[key] / x["labelers"] for x in life) / 64 for key in ("floor", "gas")}
    assert a_label["floor"] < a_label["gas"] < 3_000
    names = {item["name"] for item in measured["contracts"]}
    assert names == {"Judge", "LabelRounds", "Multicall"}
    assert all(item["size"] <= 24_576 for item in measured["contracts"])


def test_what_a_step_spends_is_what_it_used(shell: ForkShell) -> None:
    result = shell("gas", "--only", TINY, "--trace", "--json")
    assert result.code == 0, result
    measured = result.json
    used = {item["step"]: item["gas"] for item in measured["transactions"]}
    assert [item["step"] for item in measured["traced"]] == ["reveal", "close"]
    for item in measured["traced"]:
        parts = {name: gas for name, gas in item.items() if name not in ("round", "step")}
        assert sum(parts.values()) - 2 * parts["refund"] == used[item["step"]]
        assert all(parts[name] > 0 for name in parts.keys() - {"calls", "refund"}), item
    reveal, close = measured["traced"]
    assert (reveal["calls"], close["refund"]) == (0, 0)
    assert reveal["refund"] > 0 and close["calls"] > 2_600


def test_what_rarely_happens_is_measured_and_not_below_its_floor(
    shell: ForkShell, w3: Web3
) -> None:
    name = "nominal K=4 T=256 N=100"
    before = w3.eth.get_block("latest")["timestamp"]
    transactions = shell("gas", "--only", name, "--json").json["transactions"]
    # Others may use the node: the weeks until a round expires have not passed for them.
    assert w3.eth.get_block("latest")["timestamp"] - before < 3_600
    rounds = {
        course: {item["step"]: item for item in transactions if item["round"] == f"{name}{course}"}
        for course in ("", " with gold tasks", " silent", " expired")
    }
    assert {step: item["labelers"] for step, item in rounds[" silent"].items()} == {
        "report_leak": 1,
        "forfeit": 99,
    }
    assert {step: item["labelers"] for step, item in rounds[" expired"].items()} == {"expire": 100}
    rare = [*rounds[" silent"].values(), *rounds[" expired"].values()]
    for item in (*rare, rounds[" with gold tasks"]["open"]):
        assert item["floor"] <= item["gas"] <= item["floor"] * 3 // 2, item
    usual, golden = (rounds[course]["close"] for course in ("", " with gold tasks"))
    assert 0 < golden["floor"] - usual["floor"] < golden["gas"] - usual["gas"]


def test_fees_are_those_that_were_given(shell: ForkShell) -> None:
    fees = ("--base-fee", "2 gwei", "--l2-fee", "0.5 gwei", "--eth-price", "1999.99")
    result = shell("gas", "--only", TINY, *fees, "--scalars", "2269", "1055762")
    assert result.code == 0, result
    assert (
        "At a base fee of 2 gwei, a blob fee of 0.125 gwei, 0.5 gwei on the rollup, and 2,000"
        in result.said
    )
    assert "scalars of the OP stack 2,269 and 1,055,762" in result.said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--only", "K=3"), "no round has 'K=3' in its name: they are like 'nominal K=2"),
        (("--only", TINY, "--check"), "--only plays some rounds: leave it out"),
        (("--check",), "there is no .gas-snapshot: write one with `plumbline gas --write`"),
        (("--base-fee", "much"), "--base-fee is 'much': write it like"),
    ],
)
def test_what_cannot_be_measured_is_said_in_a_line(
    shell: ForkShell, arguments: tuple[str, ...], words: str
) -> None:
    assert words in shell("gas", *arguments).error


def test_a_page_without_marks_is_refused_before_anything_is_played(
    tmp_path_factory: pytest.TempPathFactory, anvil: str, zygote: Zygote, w3: Web3
) -> None:
    shell = ForkShell(tmp_path_factory.mktemp("page"), anvil, zygote)
    (shell.folder / "docs").unlink()
    (shell.folder / "docs").mkdir()
    (shell.folder / "docs/gas.md").write_text("# Gas\n")
    before = w3.eth.block_number
    assert "docs/gas.md has marks for nothing" in shell("gas", "--write").error
    assert w3.eth.block_number == before


# -------------------------------------------------------------------- the schedule

CALLDATA_TO_SLOT = "5f355f55"  # sstore(0, calldataload(0))
CALLDATA_TO_SLOT_GAS = 2 + 3 + 2  # PUSH0 CALLDATALOAD PUSH0, without the write
READ = "5f5450"  # sload(0) and drop it
READ_GAS = 2 + 2  # PUSH0 POP
WORD = bytes(31) + b"\x01"
OTHER = bytes(31) + b"\x02"


class Machine:
    """Bits of code on a chain, and what calling them uses."""

    def __init__(self, w3: Web3) -> None:
        self._w3 = w3
        self._sender = w3.eth.accounts[0]

    def deploy(self, code: str) -> Any:
        """A contract with that code."""
        size = f"{len(code) // 2:02x}"
        head = f"60{size}600b5f3960{size}5ff3"  # copy what follows, return it
        data = "0x" + head.ljust(22, "0") + code
        receipt = self._send({"data": data})
        return receipt["contractAddress"]

    def gas(self, to: Any, data: bytes = b"") -> int:
        """What a call uses."""
        return int(self._send({"to": to, "data": data})["gasUsed"])

    def _send(self, fields: dict[str, Any]) -> Any:
        sent = self._w3.eth.send_transaction({"from": self._sender, "gas": 2_000_000, **fields})
        receipt = self._w3.eth.wait_for_transaction_receipt(sent)
        assert receipt["status"] == 1
        return receipt


@pytest.fixture(scope="module")
def machine(w3: Web3) -> Machine:
    return Machine(w3)


def _of_call(data: bytes) -> int:
    return floor.TRANSACTION + floor.calldata(data)


def test_slots_cost_what_floors_say(machine: Machine) -> None:
    slot = machine.deploy(CALLDATA_TO_SLOT)
    new, changed = machine.gas(slot, WORD), machine.gas(slot, OTHER)
    assert new == _of_call(WORD) + CALLDATA_TO_SLOT_GAS + floor.SLOT_NEW
    assert changed == _of_call(OTHER) + CALLDATA_TO_SLOT_GAS + floor.SLOT_CHANGED
    spent = _of_call(bytes(32)) + CALLDATA_TO_SLOT_GAS + floor.SLOT_CHANGED
    assert machine.gas(slot, bytes(32)) == spent - min(floor.REFUND, spent // floor.REFUND_SHARE)
    assert machine.gas(machine.deploy(READ)) == _of_call(b"") + READ_GAS + floor.SLOT_READ


def test_a_refund_is_a_fifth_at_most(machine: Machine) -> None:
    clear_two = "5f355f55" + "5f3560015500"  # the word into slots 0 and 1
    slots = machine.deploy(clear_two)
    machine.gas(slots, WORD)
    spent = _of_call(bytes(32)) + 2 * CALLDATA_TO_SLOT_GAS + 1 + 2 * floor.SLOT_CHANGED
    assert spent // floor.REFUND_SHARE < 2 * floor.REFUND
    assert machine.gas(slots, bytes(32)) == spent - spent // floor.REFUND_SHARE


def test_logs_cost_what_floors_say(machine: Machine) -> None:
    log = "5f5f5f60205fa3"  # log3 of a word of memory
    memory = 3
    pushes = 2 * 4 + 3
    used = machine.gas(machine.deploy(log))
    assert used == _of_call(b"") + pushes + memory + 4 * floor.LOG + 32 * floor.LOG_BYTE


def test_recovering_a_signature_costs_what_floors_say(machine: Machine) -> None:
    ask = "5f5f5f5f60015afa50"  # staticcall(gas, 1, 0, 0, 0, 0): a precompile is always warm
    pushes = 2 * 4 + 3 + 2 + 100 + 2
    used = machine.gas(machine.deploy(ask))
    assert used == _of_call(b"") + pushes + floor.ECRECOVER


def test_calldata_alone_costs_the_least_there_is(machine: Machine, w3: Web3) -> None:
    data = bytes(100) + b"\x01" * 900
    assert machine.gas(w3.eth.accounts[1], data) == floor.least(data)
