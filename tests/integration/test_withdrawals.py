"""Who has no ether is paid out too: signed withdrawals, by the real command lines."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from eth_utils.crypto import keccak
from web3 import Web3

from plumbline.chain.deployment import Deployment
from plumbline.chain.events import Withdrawn, fetch
from tests.build import Compiled
from tests.integration.conftest import create
from tests.integration.forking import ForkShell, Project
from tests.integration.market import ETHER
from tests.integration.shell import Result, import_account, pass_time

HELD = ETHER // 50  # what owners have in the contract
RELAYER = ("--account", "TEST::9", "--yes")
# TEST::4 as every development chain has it.
OWNER = Account.from_key("0x47e179ec197488593b187f80a00eb0da91f1b9d0b13f8733639f19c30a34926a")


@dataclass
class Place:
    """A folder with a shell, on a chain with a market of its own."""

    shell: ForkShell
    w3: Web3
    deployment: Deployment
    heirs: int = field(default=0)

    def heir(self) -> str:
        """An address that has nothing so far."""
        self.heirs += 1
        return str(Account.from_key(keccak(text=f"heir {self.heirs}")).address)

    def fund(self, owner: str) -> None:
        amount = ("0.02 ether", "--for", owner)
        self.shell.good("labeler", "deposit", *amount, "--account", "TEST::8", "--yes")

    def sign(self, who: str, *more: str, name: str = "withdrawal.json") -> Path:
        """Have all of a balance signed for."""
        path = self.shell.folder / name
        self.shell.good(
            *("labeler", "withdraw", "all", "--sign", str(path), "--account", who, "--yes", *more)
        )
        return path

    def relay(self, *files: Path) -> Result:
        return self.shell("requester", "relay-withdrawals", *map(str, files), *RELAYER)

    def free(self, who: str) -> int:
        status = self.shell.good("labeler", "status", "--account", who, "--json").json
        return int(status["free"])

    def ether(self, owner: str) -> int:
        return self.w3.eth.get_balance(Web3.to_checksum_address(owner))

    def sent(self) -> int:
        """How many transactions the relayer has in blocks."""
        return self.w3.eth.get_transaction_count(self.w3.eth.accounts[9])

    def last(self) -> Withdrawn:
        events = fetch(self.w3, self.deployment)
        return [event for event in events if isinstance(event, Withdrawn)][-1]


@pytest.fixture(scope="module")
def place(project: Project) -> Place:
    return Place(project.shell, project.w3, project.deployment)


@pytest.fixture(scope="module")
def poor(place: Place) -> str:
    """An account in ape's keystore without a wei: its address."""
    return import_account(place.shell, place.w3, "poor", ether=0)


@pytest.fixture(scope="module")
def wallet(place: Place, compiled: Compiled) -> str:
    """A contract that signs by EIP-1271, owned by TEST::4."""
    return str(create(place.w3, compiled["Wallet"], OWNER.address).address)


def test_an_account_without_ether_is_paid_out_less_a_fee(place: Place, poor: str) -> None:
    place.fund(poor)
    heir, before = place.heir(), place.free("TEST::9")
    file = place.sign("poor", "--to", heir, "--fee", "0.001 ether")
    assert place.relay(file).code == 0
    fee = ETHER // 1_000
    assert (place.ether(heir), place.ether(poor)) == (HELD - fee, 0)
    assert (place.free("poor"), place.free("TEST::9") - before) == (0, fee)
    last = place.last()
    assert (last.account, last.receiver, last.amount) == (poor, heir, HELD)
    assert (last.fee, last.relayer) == (fee, place.w3.eth.accounts[9])
    place.shell.good("audit")


def test_it_is_shown_before_it_is_signed(place: Place, poor: str) -> None:
    place.fund(poor)
    path = place.shell.folder / "unsigned.json"
    result = place.shell("labeler", "withdraw", "--sign", str(path), "--account", "poor")
    assert "nothing was signed" in result.error
    assert f"Withdraw 0.02 ETH of {poor}" in result.said
    assert "less a fee of 0 ETH for whoever relays it before" in result.said
    assert not path.exists()


def test_relayed_again_nothing_is_sent(place: Place, poor: str) -> None:
    place.fund(poor)
    file = place.sign("poor")
    assert place.relay(file).code == 0
    sent = place.sent()
    again = place.relay(file)
    assert again.code == 0
    assert "was relayed already, nothing was sent" in again.said
    assert place.sent() == sent


def test_of_two_with_one_nonce_one_is_relayed(place: Place, poor: str) -> None:
    """Side by side, and one after the other."""
    place.fund(poor)
    first = place.sign("poor", "--to", place.heir(), name="first.json")
    second = place.sign("poor", "--to", place.heir(), name="second.json")
    both = place.relay(first, second)
    assert both.error == "1 of 2 withdrawals were not relayed: see above"
    assert "another of these has its nonce" in both.said
    place.fund(poor)
    sent = place.sent()
    late = place.relay(second)
    assert "it was relayed already, or another one was" in late.said and late.code == 1
    assert place.sent() == sent
    place.sign("poor")  # with the next nonce
    assert place.relay(place.shell.folder / "withdrawal.json").code == 0


def test_one_that_is_too_late_stops_no_other(place: Place, poor: str, wallet: str) -> None:
    place.fund(poor)
    place.fund(wallet)
    late = place.sign("poor", "--within", "1h", name="late.json")
    good = place.sign("TEST::4", "--wallet", wallet, "--to", place.heir(), name="good.json")
    pass_time(place.w3, 3_600)
    result = place.relay(late, good)
    assert result.error == "1 of 2 withdrawals were not relayed: see above"
    assert "too late: it was good until" in result.said
    assert (place.free("poor"), place.last().account) == (HELD, wallet)
    assert place.relay(place.sign("poor", "--to", place.heir())).code == 0


def test_a_receiver_that_refuses_stops_no_other(place: Place, poor: str, wallet: str) -> None:
    place.fund(poor)
    place.fund(wallet)
    refused = place.sign("poor", "--to", place.deployment.judge, name="refused.json")
    good = place.sign("TEST::4", "--wallet", wallet, "--to", place.heir(), name="good.json")
    result = place.relay(refused, good)
    assert result.error == "1 of 2 withdrawals were not relayed: see above"
    assert "receiver refused" in result.said
    assert place.last().account == wallet
    assert place.relay(place.sign("poor", "--to", place.heir())).code == 0


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"amount": str(HELD - 1)}, "invalid signature"),
        ({"fee": "5"}, "invalid signature"),
        ({"receiver": OWNER.address}, "invalid signature"),
        ({"amount": str(HELD + 1)}, "has 0.02 ETH free and signed for 0.020000000000000001 ETH"),
        ({"nonce": 10_000}, "signed with nonce 10000 and"),
        ({"chain_id": 1}, "on chain 1, not"),
        ({"contract": OWNER.address}, f"is for the contract {OWNER.address}"),
        ({"version": 2}, "is not a signed withdrawal of this version"),
        ({"amount": 5}, "is damaged: have it signed again"),
        ({"signature": "0x"}, "is damaged: have it signed again"),
    ],
)
def test_what_was_not_signed_is_not_paid(
    place: Place, poor: str, changes: dict[str, Any], reason: str
) -> None:
    if not place.free("poor"):
        place.fund(poor)
    file = place.sign("poor")
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))
    result = place.relay(file)
    assert reason in result.said and result.code == 1
    assert place.free("poor") == HELD


def test_a_fee_that_takes_it_all_is_not_signed(place: Place, poor: str) -> None:
    if not place.free("poor"):
        place.fund(poor)
    result = place.shell(
        *("labeler", "withdraw", "0.01 ether", "--sign", "all.json", "--fee", "0.01 ether"),
        *("--account", "poor", "--yes"),
    )
    assert result.error == "the fee of 0.01 ETH leaves nothing of 0.01 ETH"


# ------------------------------------------------------------------ wallet contracts


def test_a_wallet_contract_is_paid_out_by_its_owner(place: Place, wallet: str) -> None:
    place.fund(wallet)
    alone = place.shell("labeler", "withdraw", "--wallet", wallet, "--account", "TEST::4", "--yes")
    assert "withdraws by itself, or with --sign" in alone.error
    stranger = place.shell(
        *("labeler", "withdraw", "--sign", "stolen.json", "--wallet", wallet),
        *("--account", "TEST::5", "--yes"),
    )
    assert "invalid signature for the wallet" in stranger.error
    before = place.ether(wallet)
    assert place.relay(place.sign("TEST::4", "--wallet", wallet)).code == 0
    assert place.ether(wallet) - before == HELD


def test_a_wallet_contract_is_paid_out_with_a_signature_from_elsewhere(
    place: Place, wallet: str
) -> None:
    place.fund(wallet)
    heir = place.heir()
    command = ("labeler", "withdraw", "--wallet", wallet, "--to", heir, "--account", "TEST::4")
    data = place.shell.good(*command, "--typed-data").json
    signature = Account.sign_typed_data(OWNER.key, full_message=data).signature.hex()
    given = ("--signature", signature, "--sign", "given.json", "--yes")
    assert "give that of the typed data as --until" in place.shell(*command, *given).error
    until = str(data["message"]["deadline"])
    place.shell.good(*command, *given, "--until", until)
    assert place.relay(place.shell.folder / "given.json").code == 0
    assert place.ether(heir) == HELD
