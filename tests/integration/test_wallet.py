"""A labeler needs the wallet and a node, nothing else: not the disk, not ether, not the time."""

import json
import shutil
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from web3 import Web3

from plumbline.chain.events import fetch
from plumbline.history.rounds import RoundHistory, history
from plumbline.labeler import delegated_reveals
from plumbline.protocol.sealing import epoch_of
from tests.build import Compiled
from tests.integration.conftest import create
from tests.integration.forking import Project
from tests.integration.paperwork import TRUTH, write_answers, write_round
from tests.integration.rpc import rpc
from tests.integration.shell import PASSPHRASE, Result, pass_time, vault_of
from tests.terminal import Terminal

STAKE = 2 * 10**16
SEATS = 3


class Place(Project):
    """A folder with a shell, on a chain with a market of its own."""

    def open(self, seats: int = SEATS) -> int:
        """A round without gold: its number."""
        file = write_round(self.shell.folder, gold=None, seats=seats, gold_window=None)
        more = ("--again", "--yes", "--json")
        return int(self.good("requester", "open", str(file), *more).json["round"])

    def good(self, *arguments: str) -> Result:
        return self.shell.good(*arguments)

    def seat(self, number: int, who: str, *more: str, command: str = "commit") -> Result:
        """Commit, or sign, with the answers of `paperwork`."""
        tasks = (str(number), "--tasks", "round.tasks.json")
        return self.shell(
            "labeler", command, "answers.csv", *tasks, "--account", who, "--yes", *more
        )

    def fund(self, who: str, *more: str) -> None:
        self.good("labeler", "deposit", "0.02 ether", "--account", who, "--yes", *more)

    def told(self, number: int) -> RoundHistory:
        """What the chain says of a round."""
        return history(fetch(self.w3, self.deployment))[number]

    def wait_until(self, timestamp: int) -> None:
        """Chains that were put back are behind the clock on the wall, by as long as tests take."""
        pass_time(self.w3, timestamp - self.w3.eth.get_block("latest")["timestamp"])

    def address(self, who: str) -> str:
        return str(self.w3.eth.accounts[int(who.removeprefix("TEST::"))])

    def lose_everything(self) -> None:
        """The disk breaks."""
        shutil.rmtree(self.shell.vault)


@pytest.fixture(scope="module")
def place(project: Project) -> Place:
    return Place(project.shell, project.w3, project.deployment)


@pytest.fixture
def number(place: Place, w3: Web3) -> Iterator[int]:
    """A new round; chain and clock are put back afterwards."""
    before = rpc(w3, "evm_snapshot")
    yield place.open()
    shutil.rmtree(place.shell.vault, ignore_errors=True)
    rpc(w3, "evm_revert", before)


# ------------------------------------------------------------------------- restore


def test_a_lost_disk_between_commit_and_reveal_costs_nothing(place: Place, number: int) -> None:
    """Journal, secrets and all: the wallet and the chain give everything back."""
    for who in ("TEST::1", "TEST::2", "TEST::3"):
        place.fund(who)
    assert place.seat(number, "TEST::1").code == 0
    landed = place.told(number).commitments[0]
    assert len(landed.sealed) > 16

    place.lose_everything()
    restored = place.good("labeler", "restore", "--account", "TEST::1", "--yes", "--json").json
    assert (restored["restored"], restored["revealed"]) == ([number], [])  # others may commit
    secret = vault_of(place.shell, place.w3).answers(number, place.address("TEST::1"))
    assert secret is not None and secret.digest == landed.commitment
    assert secret.answers == [int(answer == "yes") for answer in TRUTH]

    place.lose_everything()
    for who in ("TEST::2", "TEST::3"):
        assert place.seat(number, who).code == 0
    place.lose_everything()
    lost = place.shell("labeler", "reveal", str(number), "--account", "TEST::1", "--yes")
    assert "`plumbline labeler restore` gets them from the chain" in lost.error
    found = place.good("labeler", "restore", "--account", "TEST::1", "--yes")
    assert "revealed in round" in found.out
    assert "will sign" in found.err and "unlocks your secret answers" in found.err
    assert [event.labeler for event in place.told(number).reveals] == [place.address("TEST::1")]
    again = place.good("labeler", "restore", "--account", "TEST::1", "--yes")
    assert "no seat that is still to be revealed" in again.out
    for who in ("TEST::2", "TEST::3"):
        place.good("labeler", "restore", "--account", who, "--yes")
    closed = place.good("requester", "close", str(number), "--yes", "--json").json
    assert closed["revealed"] == 3 and closed["gone"] == 0


def test_after_a_new_key_earlier_rounds_are_still_restored(place: Place, number: int) -> None:
    """And an empty machine goes on in the epoch that its last commitment was made in."""
    me = ("--account", "TEST::1", "--yes")
    place.good("labeler", "deposit", "0.06 ether", *me)
    assert place.seat(number, "TEST::1").code == 0
    assert place.good("labeler", "rotate-key", *me, "--json").json["epoch"] == 1
    second = place.open()
    assert place.seat(second, "TEST::1").code == 0

    place.lose_everything()
    third = place.open()
    assert place.seat(third, "TEST::1").code == 0
    rounds = (number, second, third)
    sealed = [place.told(each).commitments[0].sealed for each in rounds]
    assert list(map(epoch_of, sealed)) == [0, 1, 1]
    restored = place.good("labeler", "restore", "--no-reveal", *me, "--json").json
    assert restored["restored"] == [number, second, third]
    status = place.good("labeler", "status", *me[:2], "--json").json
    assert status["key_epoch"] == 1
    assert all(entry["kept"] for entry in status["rounds"])
    back = place.shell("labeler", "rotate-key", "--epoch", "0", *me)
    assert "epoch 0 is over, the account is in epoch 1" in back.error


def test_a_damaged_file_is_no_worse_than_a_lost_one(place: Place, number: int) -> None:
    place.fund("TEST::1")
    assert place.seat(number, "TEST::1").code == 0
    path = vault_of(place.shell, place.w3).answers_path(number, place.address("TEST::1"))
    path.write_text(path.read_text()[:40])
    status = place.good("labeler", "status", "--account", "TEST::1", "--json").json
    assert status["rounds"][0]["kept"] is False
    place.good("labeler", "restore", "--account", "TEST::1", "--yes", "--no-reveal")
    secret = vault_of(place.shell, place.w3).answers(number, place.address("TEST::1"))
    assert secret is not None
    assert len(list(path.parent.glob("*.discarded-*"))) == 1


def test_unsealed_answers_come_back_from_the_answers_file(place: Place, number: int) -> None:
    place.fund("TEST::1")
    assert place.seat(number, "TEST::1", "--unsealed").code == 0
    assert place.told(number).commitments[0].sealed == b""
    place.lose_everything()
    lost = place.shell("labeler", "restore", "--account", "TEST::1", "--yes")
    assert "commit again with the same answers file" in " ".join(lost.err.split())
    assert lost.error == "1 of 1 seats could not be restored: see above"
    other = write_answers(place.shell.folder, "other.csv", _8="yes")
    wrong = place.shell(
        *("labeler", "commit", str(other), str(number), "--yes"),
        *("--tasks", "round.tasks.json", "--account", "TEST::1"),
    )
    assert "to answers that are not kept here" in wrong.error
    found = place.seat(number, "TEST::1", "--json")
    assert found.json["already"] is True
    secret = vault_of(place.shell, place.w3).answers(number, place.address("TEST::1"))
    assert secret is not None
    assert len(place.told(number).commitments) == 1


# --------------------------------------------------------------------- sign, relay


@pytest.fixture(scope="module")
def poor(place: Place) -> list[str]:
    """Labelers in ape's keystore without a wei."""
    folder = place.shell.folder / "ape" / "accounts"
    folder.mkdir(parents=True, exist_ok=True)
    names = ["poor1", "poor2", "poor3", "poor4"]
    for name in names:
        key = Account.create().key
        text = json.dumps(Account.encrypt(key, PASSPHRASE, iterations=1_024))
        (folder / f"{name}.json").write_text(text)
        place.shell.environment[f"APE_ACCOUNTS_{name}_PASSPHRASE"] = PASSPHRASE
    return names


def owner_of(place: Place, name: str) -> str:
    keyfile = place.shell.folder / "ape" / "accounts" / f"{name}.json"
    return Web3.to_checksum_address("0x" + json.loads(keyfile.read_text())["address"])


def signed(place: Place, number: int, name: str, *more: str) -> Path:
    file = place.shell.folder / f"{name}-{number}.json"
    result = place.seat(number, name, *more, command="sign")
    assert result.code == 0, result
    file.write_text(result.out)
    return file


def test_labelers_without_ether_are_relayed_together(
    place: Place, number: int, poor: list[str]
) -> None:
    files = []
    for name in poor[:3]:
        place.good(
            *("labeler", "deposit", "0.02 ether", "--for", owner_of(place, name)),
            *("--account", "TEST::9", "--yes"),
        )
        files.append(str(signed(place, number, name)))
    result = place.good("requester", "relay", *files, "--account", "TEST::9", "--yes")
    assert result.out.count("seated") == 3
    told = place.told(number)
    assert [event.labeler for event in told.commitments] == [owner_of(place, n) for n in poor[:3]]
    assert len({event.transaction for event in told.commitments}) == 1
    assert all(event.sealed for event in told.commitments)
    again = place.good("requester", "relay", *files, "--account", "TEST::9", "--yes")
    assert "on chain already: nothing was sent" in again.out
    assert place.w3.eth.get_balance(Web3.to_checksum_address(owner_of(place, poor[0]))) == 0


def test_one_that_does_not_apply_does_not_stop_the_others(
    place: Place, number: int, poor: list[str]
) -> None:
    for name in poor[:3]:
        place.good(
            *("labeler", "deposit", "0.02 ether", "--for", owner_of(place, name)),
            *("--account", "TEST::9", "--yes"),
        )
    good, forged, uncovered = (signed(place, number, poor[place_]) for place_ in (0, 1, 3))
    values = json.loads(forged.read_text())
    forged.write_text(json.dumps(values | {"commitment": "0x" + "77" * 32}))
    result = place.good(
        *("requester", "relay", str(good), str(good), str(forged), str(uncovered)),
        *("--account", "TEST::9", "--yes", "--json"),
    )
    assert [one["labeler"] for one in result.json["relayed"]] == [owner_of(place, poor[0])]
    assert [one["reason"] for one in result.json["left_out"]] == [
        "this labeler is listed twice",
        "invalid signature",
        "stake not covered: 0.02 ETH are missing",
    ]
    assert result.json["relayed"][0]["gas"] > 0
    only = place.shell("requester", "relay", str(uncovered), "--account", "TEST::9", "--yes")
    assert only.error == "none of these can be relayed: nothing was sent"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"chain_id": 1}, "is for chain 1, and this is 31337"),
        ({"contract": "0x" + "11" * 20}, "is for the contract 0x1111"),
        ({"stake": "-5"}, "is damaged: have it signed again"),
        ({"version": 2}, "is not a signed commitment of this version"),
        ({"round": 99}, "none of these can be relayed"),
        ({"evidence": ["0x00"]}, "is damaged: have it signed again"),
        ({"stake": 5}, "is damaged: have it signed again"),
    ],
)
def test_a_file_from_elsewhere_is_refused_by_what_is_wrong(
    place: Place, number: int, changes: dict[str, Any], reason: str
) -> None:
    file = signed(place, number, "TEST::1")
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))
    result = place.shell("requester", "relay", str(file), "--account", "TEST::9", "--yes")
    assert reason in result.error


def test_what_was_signed_can_be_sent_alone_and_is_not_relayed_then(
    place: Place, number: int
) -> None:
    place.fund("TEST::1")
    file = signed(place, number, "TEST::1")
    assert place.seat(number, "TEST::1").code == 0
    result = place.good("requester", "relay", str(file), "--account", "TEST::9", "--yes")
    assert "landed already, in block" in result.err
    assert len(place.told(number).commitments) == 1


# ------------------------------------------------------------------ wallet contracts


@pytest.fixture(scope="module")
def wallet(place: Place, compiled: Compiled) -> str:
    """A contract that signs by EIP-1271, owned by TEST::4."""
    return str(create(place.w3, compiled["Wallet"], place.address("TEST::4")).address)


def test_a_wallet_contract_takes_part_like_anyone(place: Place, number: int, wallet: str) -> None:
    of_wallet = ("--wallet", wallet)
    poor = place.seat(number, "TEST::4", *of_wallet)
    assert f'deposit "0.02 ETH" --account TEST::4 --for {wallet}`' in poor.error
    place.fund("TEST::4", "--for", wallet)
    stranger = place.seat(number, "TEST::5", *of_wallet)
    assert "invalid signature for the wallet" in stranger.error
    assert place.seat(number, "TEST::4", *of_wallet).code == 0
    assert [event.labeler for event in place.told(number).commitments] == [wallet]
    place.lose_everything()
    for who in ("TEST::1", "TEST::2"):
        place.fund(who)
        assert place.seat(number, who).code == 0
    place.good("labeler", "restore", *of_wallet, "--account", "TEST::4", "--yes")
    assert [event.labeler for event in place.told(number).reveals] == [wallet]
    status = place.good("labeler", "status", *of_wallet, "--account", "TEST::4", "--json").json
    assert status["labeler"] == wallet and status["locked"] == str(STAKE)


def test_a_wallet_contract_is_relayed_with_a_signature_from_elsewhere(
    place: Place, number: int, wallet: str
) -> None:
    """As of a wallet whose owners sign in another program."""
    place.fund("TEST::4", "--for", wallet)
    of_wallet = ("--wallet", wallet)
    data = place.seat(number, "TEST::4", *of_wallet, "--typed-data", command="sign").json
    key = Account.from_key("0x47e179ec197488593b187f80a00eb0da91f1b9d0b13f8733639f19c30a34926a")
    assert key.address == place.address("TEST::4")
    signature = Account.sign_typed_data(key.key, full_message=data).signature.hex()
    file = place.shell.folder / "wallet.json"
    result = place.seat(
        number,
        "TEST::4",
        *of_wallet,
        "--signature",
        signature,
        "--output",
        str(file),
        command="sign",
    )
    assert result.code == 0, result
    relayed = place.good("requester", "relay", str(file), "--account", "TEST::9", "--yes", "--json")
    assert [one["refused"] for one in relayed.json["relayed"]] == [None]
    assert [event.labeler for event in place.told(number).commitments] == [wallet]


def test_an_account_is_no_wallet_contract(place: Place, number: int) -> None:
    result = place.seat(number, "TEST::4", "--wallet", place.address("TEST::5"))
    assert "is not a contract on chain 31337: leave out --wallet" in result.error


# -------------------------------------------------------------------------- export


def test_who_hands_over_the_answers_early_is_told_what_that_means(
    place: Place, number: int
) -> None:
    place.fund("TEST::1")
    assert place.seat(number, "TEST::1").code == 0
    target = place.shell.folder / "for-keeper.json"
    command = ("labeler", "reveal", "--export", str(target), "--account", "TEST::1")
    refused = place.shell(*command)
    assert "export after the commit phase" in refused.error
    assert "take 5% of the stake" in refused.err
    assert not target.exists()
    place.good(*command, "--yes")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    genesis = bytes(place.w3.eth.get_block(0)["hash"])
    opened = delegated_reveals.read(target, place.deployment.deployed, genesis)
    assert opened.labeler == place.address("TEST::1")
    assert opened.commitment == place.told(number).commitments[0].commitment


# ---------------------------------------------------------------- at once, and in vain


def test_several_commands_of_one_account_at_once_do_not_collide(place: Place, number: int) -> None:
    before = place.w3.eth.get_transaction_count(place.w3.eth.accounts[6])
    amounts = range(1, 7)
    running = [
        place.shell.start("labeler", "deposit", f"{n} gwei", "--account", "TEST::6", "--yes")
        for n in amounts
    ]
    assert [one.result().code for one in running] == [0] * len(running)
    free = place.good("labeler", "status", "--account", "TEST::6", "--json").json["free"]
    assert int(free) == sum(amounts) * 10**9
    count = place.w3.eth.get_transaction_count(place.w3.eth.accounts[6])
    assert count - before == len(running)


def test_what_cannot_be_paid_is_refused_with_what_is_missing(place: Place, number: int) -> None:
    result = place.shell("labeler", "deposit", "20000 ether", "--account", "TEST::7", "--yes")
    assert "20000 ETH are needed" in result.error and "are missing" in result.error


def test_a_phase_that_is_over_is_named_with_its_time(place: Place, number: int) -> None:
    place.fund("TEST::1")
    assert place.seat(number, "TEST::1").code == 0
    early = place.shell("labeler", "reveal", str(number), "--account", "TEST::1", "-y")
    assert "others may commit for" in early.error
    ends = place.told(number).deadlines
    place.wait_until(ends.commit)
    late = place.seat(number, "TEST::2")
    assert "is over, it ended at" in late.error
    late = place.seat(number, "TEST::2", command="sign")
    assert "is over, it ended at" in late.error
    place.wait_until(ends.reveal)
    silent = place.shell("labeler", "reveal", str(number), "--account", "TEST::1", "-y")
    assert "too late, reveals ended at" in silent.error


# -------------------------------------------------------------------------- answer


def test_answering_on_the_screen_ends_in_a_commitment(place: Place, number: int) -> None:
    """Killed in between, it goes on where it was; before it signs, it says what is at stake."""
    place.fund("TEST::1")
    command = [
        *(place.shell.program("plumbline"), "labeler", "answer", str(number)),
        *("--tasks", "round.tasks.json", "--account", "TEST::1"),
    ]
    with Terminal(command, place.shell.folder, place.shell.environment) as first:
        first.wait_for("message 0")
        first.type("y")
        first.wait_for("message 1")
        first.type("n")
        first.wait_for("message 2")
    with Terminal(command, place.shell.folder, place.shell.environment) as second:
        second.wait_for("message 2")
        for task in range(2, len(TRUTH)):
            second.type({"yes": "y", "no": "n"}[TRUTH[task]])
            second.wait_for("Review" if task == len(TRUTH) - 1 else f"message {task + 1}")
            _pause()
        second.type("c")
        second.wait_for("Sign and send?")
        for words in (
            "lock 0.02 ETH",
            "A seat can lose 0.01 ETH",
            "Gold tasks: none",
            "1 round opened",
            "unlocks your secret answers",
        ):
            assert words in " ".join(second.seen.split())
        second.type("y\n")
        second.wait_for("is seated in round")
        assert second.process.wait(30) == 0
    secret = vault_of(place.shell, place.w3).answers(number, place.address("TEST::1"))
    assert secret is not None
    assert secret.answers == [int(answer == "yes") for answer in TRUTH]
    assert place.told(number).commitments[0].commitment == secret.digest
    assert not list(place.shell.vault.rglob("*.draft.json"))


def _pause() -> None:
    """The same key again at once would be taken for one that is held down."""
    time.sleep(0.1)


def test_who_stops_answering_is_told_the_very_command_that_goes_on(
    place: Place, number: int
) -> None:
    place.fund("TEST::1")
    program = place.shell.program("plumbline")
    more = ["--tasks", "./round.tasks.json", "--unsealed", "--account", "TEST::1"]
    with Terminal(
        [program, "labeler", "answer", *more, str(number)],
        place.shell.folder,
        place.shell.environment,
    ) as first:
        first.wait_for("message 0")
        first.type("y")
        first.wait_for("message 1")
        first.type("q")
        first.wait_for("Stop for now?")
        first.type("q")
        first.wait_for("for later: `")
        first.wait_for(f"{number}`")
        said = "".join(first.seen.partition("for later: `")[2].partition("`")[0].split("\r\n"))
    path, *typed = said.split()
    assert Path(path).name == "plumbline"
    assert typed == ["labeler", "answer", *more, str(number)]
    with Terminal(
        ["/bin/sh", "-c", said],
        place.shell.folder,
        place.shell.environment,
    ) as again:
        again.wait_for("message 1")


# ------------------------------------------------------------------------ consent


def test_lines_pasted_behind_a_command_that_asks_are_no_answer_and_not_swallowed(
    place: Place,
) -> None:
    """Not even one that says yes."""
    environment = place.shell.environment | {"PS1": "> "}
    command = f"{place.shell.program('plumbline')} labeler deposit '0.5 ether' --account TEST::7"
    before = place.good("labeler", "status", "--account", "TEST::7", "--json").json["free"]
    with Terminal(["bash", "--norc", "-i"], place.shell.folder, environment) as shell:
        shell.type(f"{command}\necho $((6 * 7)) first\n{command}\ny\necho $((6 * 7)) last\n")
        shell.wait_for("42 last")
        assert shell.seen.count("is no answer to it") == 2
        assert "42 first" in shell.seen
        assert "[y/N]" not in shell.seen
        shell.type(f"{command}\n")
        shell.wait_for("[y/N]")
        shell.type("y\n")
        shell.wait_for("0.5 ETH free")
    after = place.good("labeler", "status", "--account", "TEST::7", "--json").json["free"]
    assert int(after) - int(before) == 5 * 10**17
