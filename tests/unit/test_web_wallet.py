"""What the page does with wallets that decline, change, lie, or are no accounts with a key.

`web/tests/wallets.ts` plays them; each test says what must come of it.
"""

import json
from typing import Any, Final

import pytest
from eth_account import Account

from plumbline.protocol.commitment import compact
from plumbline.protocol.master_key import from_signature, message
from plumbline.protocol.typed_data import Deployed
from tests.unit.page_code import needs_node, run_page_code

DEPLOYED: Final = Deployed(31337, "0x5FbDB2315678afecb367f032d93F642f64180aa3")
ACCOUNT: Final = Account.from_key("0x" + "11" * 32)
OTHER: Final = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"

# What comes of it, and a part of the sentence that says what to do.
FAULTS: Final = {
    "shows_no_account": ("locked", "unlock it, and connect again"),
    "answers_nonsense": ("offline", "restart it, or use another"),
    "declines_to_connect": ("declined", "nothing was sent"),
    "asks_already": ("busy", "answer there, and try again"),
    "stays_on_another_chain": ("chain", "is on chain 1, and this market is on chain 31337"),
    "cannot_switch": ("chain", "switch to it, and try again"),
    "declines_to_switch": ("declined", "nothing was sent"),
    "declines_to_sign": ("declined", "nothing was sent"),
    "declines_in_a_wrapper": ("declined", "nothing was sent"),
    "declines_in_words": ("declined", "nothing was sent"),
    "is_locked_meanwhile": ("locked", "unlock it"),
    "is_on_another_account": ("account", f"has changed to {OTHER}"),
    "cannot_sign_typed_data": ("unsupported", "use another"),
    "signs_with_another_key": ("signature", "nothing was sent"),
    "signs_another_message": ("signature", "nothing was sent"),
    "signs_nothing": ("signature", "nothing was sent"),
    "is_a_contract": ("contract", "from the command line with --wallet"),
    "is_a_delegated_account": ("signature", "nothing was sent"),
    "says_something_else": ("failed", f"The wallet says: {'x' * 160}. Nothing"),
    "signs_differently_each_time": ("fickle", "Use another wallet, or the command line"),
    "signs_differently_later": ("fickle", "Use another wallet, or the command line"),
    "is_poor": ("funds", "too little for the fee"),
    "sends_nonsense": ("offline", "look there for the outcome"),
    "lands_and_fails": ("reverted", "reload the page"),
    "burns_nothing": ("unsupported", "use another"),
}

pytestmark = needs_node


@pytest.fixture(scope="module")
def came(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What came of each scenario."""
    found: dict[str, Any] = json.loads(
        run_page_code("wallets.ts", "", tmp_path_factory.mktemp("wallets"))
    )
    return found


@pytest.mark.parametrize("scenario", FAULTS)
def test_what_goes_wrong_is_said_with_what_to_do(came: dict[str, Any], scenario: str) -> None:
    fault, words = FAULTS[scenario]
    assert came[scenario]["fault"] == fault
    assert words in came[scenario]["message"]


def test_every_scenario_of_a_fault_is_looked_at(came: dict[str, Any]) -> None:
    faults = {name for name, found in came.items() if isinstance(found, dict) and "fault" in found}
    assert faults == FAULTS.keys()


def test_a_wallet_is_connected_and_switched_to_the_chain(came: dict[str, Any]) -> None:
    assert came["connects"] == ACCOUNT.address
    assert came["switches_the_chain"] == "fine"


def test_a_wallet_that_knows_the_page_is_not_asked_anything(came: dict[str, Any]) -> None:
    found, asked = came["reconnects_without_a_question"]
    assert found == [ACCOUNT.address, None]
    assert asked == [["eth_accounts"]] * 2


def test_a_throw_away_key_signs_as_any_wallet_does(came: dict[str, Any]) -> None:
    signature = ACCOUNT.sign_message(message(DEPLOYED, ACCOUNT.address, 3)).signature
    r, vs = compact(bytes(signature))
    assert came["signs"] == "0x" + (r + vs.to_bytes(32, "big")).hex()


def test_a_wallet_is_asked_for_the_key_twice_at_first_and_then_once(came: dict[str, Any]) -> None:
    made = came["makes_the_same_key"]
    assert made["asked"] == [2, 3, 4]
    prints = []
    for epoch in (0, 0, 1):
        signature = ACCOUNT.sign_message(message(DEPLOYED, ACCOUNT.address, epoch)).signature
        key = from_signature(DEPLOYED, ACCOUNT.address, epoch, bytes(signature))
        prints.append("0x" + key.fingerprint.hex())
    assert (made["prints"], made["epochs"]) == (prints, [0, 1])


def test_a_key_is_not_in_what_is_written_of_it(came: dict[str, Any]) -> None:
    assert json.loads(came["makes_the_same_key"]["json"]) == {"epoch": 0}


def test_a_transaction_goes_out_as_it_is(came: dict[str, Any]) -> None:
    value = hex(10**18)
    sent = {"from": ACCOUNT.address, "to": DEPLOYED.address, "data": "0x", "value": value}
    assert came["sends"] == ["0x" + "ab" * 32, [sent]]


def test_a_transaction_that_would_fail_is_not_sent(came: dict[str, Any]) -> None:
    told, was_sent = came["would_fail"]
    assert told["fault"] == "reverted" and "commit: round is full" in told["message"]
    assert not was_sent


def test_a_transaction_is_waited_for_but_not_for_ever(came: dict[str, Any]) -> None:
    assert (came["lands"], came["never_lands"]) == (16, None)


def test_changes_in_the_wallet_are_told_until_nobody_listens(came: dict[str, Any]) -> None:
    assert came["tells_of_changes"] == 3


def test_of_what_wallets_say_of_themselves_only_harmless_things_are_shown(
    came: dict[str, Any],
) -> None:
    told, wallets = came["announces_itself"]
    assert told == 3, "neither what is no wallet, nor what comes too late"
    assert wallets == [["1", len("One again"), None], ["2", 40, None]]
    assert came["is_only_injected"] == ["window.ethereum"]


def test_the_key_of_a_tab_survives_a_reload_and_a_broken_one_is_replaced(
    came: dict[str, Any],
) -> None:
    assert came["keeps_the_key_of_the_tab"] == [True, True, True]
