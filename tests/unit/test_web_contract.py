"""The page calls the contract, and reads what it answers, as the library does."""

import json
import random
from typing import Any, Final

import pytest
from eth_abi.abi import encode
from eth_account import Account
from eth_utils.abi import event_abi_to_log_topic
from web3 import Web3

from plumbline.chain.builds import rounds_abi
from plumbline.chain.packing import ACCOUNT, STATUS, account_from, round_from, word_of
from plumbline.chain.records import RoundState
from plumbline.protocol.addresses import ZERO, checksum
from plumbline.settlement.terms import Kind
from tests.unit.page_code import needs_node, run_page_code

COUNT: Final = 40
ROUND: Final = ["uint256", "uint256", "address", "bytes32", "bytes32", "address"]

pytestmark = needs_node


def calls(dice: random.Random) -> list[dict[str, Any]]:
    return [
        {
            "round": dice.choice([1, 2**32 - 1]),
            "who": Account.from_key(dice.randbytes(32)).address,
            "words": ["0x" + dice.randbytes(32).hex() for _ in range(1 + nth % 4)],
            "amount": str(dice.choice([0, 1, 2**88 - 1])),
            "sealed": "0x" + dice.randbytes(dice.choice([0, 1, 31, 32, 33, 69, 192])).hex(),
            "sheet": [str(dice.getrandbits(256)) for _ in range(5)],
        }
        for nth in range(COUNT)
    ]


def rounds(dice: random.Random) -> list[dict[str, Any]]:
    """Words as a chain may have them, and a round that there is not."""
    answers = []
    for nth in range(COUNT):
        fields = {name: dice.getrandbits(bits) for name, bits in STATUS.items()}
        fields |= {name: 1000 + dice.randrange(300) for name in ("commit", "reveal", "gold")}
        fields["seats"] = dice.randint(1, 5)
        fields["committed"] = dice.randint(0, fields["seats"])
        fields["revealed"] = dice.randint(0, fields["committed"])
        fields["gone"] = dice.randint(0, fields["committed"] - fields["revealed"])
        fields["is_closed"] = int(nth % 4 == 0)
        status = word_of(fields, STATUS)
        who = checksum("0x" + dice.randbytes(20).hex())
        policy = ZERO if nth % 2 else checksum("0x" + dice.randbytes(20).hex())
        values = [
            status,
            dice.getrandbits(241),
            who,
            dice.randbytes(32),
            dice.randbytes(32),
            policy,
        ]
        times = [dice.randrange(950, 1350) for _ in range(20)]
        answers.append({"values": values, "times": times})
    absent = [0, 0, ZERO, bytes(32), bytes(32), ZERO]
    return [*answers, {"values": absent, "times": []}]


def event_data(call: dict[str, Any]) -> str:
    """The data of `Committed` with the commitment and sealed answers of a call."""
    values = [bytes.fromhex(each[2:]) for each in (call["words"][0], call["sealed"])]
    return "0x" + encode(["bytes32", "bytes"], values).hex()


@pytest.fixture(scope="module")
def given() -> dict[str, Any]:
    dice = random.Random(11)
    accounts = [dice.getrandbits(sum(ACCOUNT.values())) for _ in range(COUNT)]
    return {"calls": calls(dice), "rounds": rounds(dice), "accounts": accounts}


@pytest.fixture(scope="module")
def made(given: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the page's code makes of it."""
    handed = {
        "calls": given["calls"],
        "rounds": [
            {"answer": "0x" + encode(ROUND, each["values"]).hex(), "times": each["times"]}
            for each in given["rounds"]
        ],
        "accounts": [f"0x{word:064x}" for word in given["accounts"]],
        "committed": [event_data(each) for each in given["calls"]],
    }
    folder = tmp_path_factory.mktemp("contract")
    found: dict[str, Any] = json.loads(run_page_code("contract.ts", json.dumps(handed), folder))
    return found


def test_the_data_of_calls_is_that_of_the_abi(given: dict[str, Any], made: dict[str, Any]) -> None:
    contract = Web3().eth.contract(abi=rounds_abi())
    for call, found in zip(given["calls"], made["calls"], strict=True):
        number, who, amount = call["round"], call["who"], int(call["amount"])
        word, *evidence = [bytes.fromhex(each[2:]) for each in call["words"]]
        sealed, sheet = bytes.fromhex(call["sealed"][2:]), list(map(int, call["sheet"]))
        arguments: dict[str, list[Any]] = {
            "round_count": [],
            "seat": [number, who],
            "commit": [number, word, amount, sealed, evidence],
            "reveal": [number, [who], [sheet], [word]],
        }
        ours = {name: contract.encode_abi(name, args=args) for name, args in arguments.items()}
        assert found == ours


def test_rounds_and_their_phases_are_read_as_the_library_reads_them(
    given: dict[str, Any], made: dict[str, Any]
) -> None:
    phases = set()
    for each, found in zip(given["rounds"], made["rounds"], strict=True):
        state = round_from(each["values"])
        if state is None:
            assert found == {"round": None, "phases": None}
            continue
        assert found["round"].items() >= told(state).items()
        assert found["phases"] == [state.phase_at(now).label for now in each["times"]]
        phases |= set(found["phases"])
    assert phases == {"commit", "reveal", "gold", "due", "closed"}
    assert made["rounds"][-1]["round"] is None


def told(state: RoundState) -> dict[str, Any]:
    """As the page has it."""
    rules, deadlines = state.rules, state.deadlines
    return {
        "stake": str(rules.stake),
        "price": str(rules.price),
        "commitDeadline": deadlines.commit,
        "revealDeadline": deadlines.reveal,
        "goldDeadline": deadlines.gold,
        "seats": rules.seats,
        "committed": state.committed,
        "revealed": state.revealed,
        "gone": state.gone,
        "options": rules.options,
        "tasks": rules.tasks,
        "isOrdinal": rules.kind is Kind.ORDINAL,
        "gold": rules.gold_count,
        "slashMaxBps": rules.slash_max_bps,
        "isClosed": state.is_closed,
        "roll": "0x" + state.roll.hex(),
    }


def test_balances_are_read_as_the_library_reads_them(
    given: dict[str, Any], made: dict[str, Any]
) -> None:
    for word, found in zip(given["accounts"], made["accounts"], strict=True):
        account = account_from(word)
        assert found == {"free": str(account.free), "locked": str(account.locked)}


def test_commitments_are_read_from_their_events(
    given: dict[str, Any], made: dict[str, Any]
) -> None:
    (event,) = (entry for entry in rounds_abi() if entry.get("name") == "Committed")
    assert made["topic"] == "0x" + event_abi_to_log_topic(event).hex()  # type: ignore[arg-type]
    for call, found in zip(given["calls"], made["committed"], strict=True):
        assert found == {"commitment": call["words"][0], "sealed": call["sealed"]}
