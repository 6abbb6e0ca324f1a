"""A round in tokens through the command lines: an ERC-20 of the old kind, in units of its own."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from web3 import Web3

from plumbline.chain.deployment import load
from tests.build import Compiled
from tests.integration.conftest import create
from tests.integration.forking import ForkShell, Zygote
from tests.integration.paperwork import SEATS, write_answers, write_round
from tests.integration.playbook import Playbook
from tests.integration.rpc import rpc
from tests.integration.shell import import_account, manifest_of, pass_time

LABELERS = range(1, SEATS + 1)
WHOLE = 10**6  # units of the token
HELD = 100 * WHOLE
MUTE = bytes.fromhex("60016000f3")  # deploys a contract that answers everything with nothing


@dataclass(kw_only=True)
class TokenPlay(Playbook):
    """A round in a token."""

    w3: Web3
    token: Any
    rounds: str = ""

    def balance(self, address: str) -> int:
        return int(self.token.functions.balanceOf(address).call())


@pytest.fixture(scope="module")
def played(
    tmp_path_factory: pytest.TempPathFactory,
    anvil: str,
    w3: Web3,
    zygote: Zygote,
    compiled: Compiled,
) -> Iterator[TokenPlay]:
    token = create(w3, compiled["QuietToken"])
    for number in range(SEATS + 1):
        token.functions.mint(w3.eth.accounts[number], HELD).transact()
    shell = ForkShell(tmp_path_factory.mktemp("project"), anvil, zygote)
    play = TokenPlay(shell, w3=w3, token=token)
    folder = play.shell.folder
    write_round(folder, price="1.5 QUIET", stake="2.000001 quiet")
    write_round(folder, "ether.json", price="0.01 ether", stake="2 QUIET")
    answers = write_answers(folder)

    mute = create(w3, {"abi": [], "bytecode": MUTE})
    play.run("nobody", "deploy", "--asset", w3.eth.accounts[9], "--yes")
    play.run("mute", "deploy", "--asset", mute.address, "--yes")
    founder = import_account(play.shell, w3, "founder")
    play.good("deploy", "deploy", "--asset", token.address, "--account", "founder", "--yes")
    assert w3.eth.get_transaction_count(founder) == 3
    play.run("ether", "requester", "open", "ether.json", "--yes")
    play.good("open", "requester", "open", "round.json", "--yes", "--json")
    play.rounds = load(manifest_of(play.shell, w3)).address
    token.functions.approve(play.rounds, 5).transact({"from": w3.eth.accounts[1]})
    play.run("too much", "labeler", "deposit", "100.000001 QUIET", "--account", "TEST::1", "--yes")
    for number in LABELERS:
        who = ("--account", f"TEST::{number}", "--yes")
        play.good(f"deposit {number}", "labeler", "deposit", "3 QUIET", *who)
        play.good("commit", "labeler", "commit", answers.name, "--tasks", "round.tasks.json", *who)
    for number in LABELERS:
        play.good("reveal", "labeler", "reveal", "--account", f"TEST::{number}", "--yes")
    play.good("preview", "rewards", "preview", "1", "--gold", "--json")
    play.good("close", "requester", "close", "--yes", "--json")
    play.good("rounds", "requester", "status")
    play.good("status", "labeler", "status", "--account", "TEST::1")
    play.good("withdraw", "labeler", "withdraw", "--account", "TEST::1", "--yes", "--json")
    play.good("withdraw some", "labeler", "withdraw", "1 QUIET", "--account", "TEST::2", "--yes")
    signing = ("2 QUIET", "--fee", "0.25 QUIET", "--sign", "signed.json")
    play.good("sign", "labeler", "withdraw", *signing, "--account", "TEST::4", "--yes")
    relayer = ("--account", "TEST::9", "--yes")
    play.good("relay", "requester", "relay-withdrawals", "signed.json", *relayer)
    play.good("relayer", "labeler", "status", "--account", "TEST::9", "--json")
    play.good("audit", "audit", "--json")
    play.good("audit table", "audit")
    yield play


def test_only_an_erc20_can_be_the_asset(played: TokenPlay) -> None:
    assert "is not a contract on chain" in played["nobody"].error
    assert "is it an ERC-20" in played["mute"].error
    assert str(played.token.address) in played["deploy"].said


def test_amounts_in_another_unit_are_refused(played: TokenPlay) -> None:
    assert "price is in ether: write it like 2.5 QUIET" in played["ether"].error


def test_terms_are_kept_to_the_last_unit(played: TokenPlay) -> None:
    terms = played["close"].json["terms"]
    assert (terms["price"], terms["stake"]) == ("1500000", "2000001")


def test_what_is_missing_is_told_to_the_last_unit(played: TokenPlay) -> None:
    assert "100.000001 QUIET are needed: 0.000001 QUIET are missing" in played["too much"].error


def test_an_allowance_is_for_what_is_paid_in_and_no_more(played: TokenPlay) -> None:
    """And one that was left over goes to zero first, as such tokens ask for."""
    allowed = {
        name: re.findall(r"to take ([\d.]+) QUIET", played[name].said)
        for name in ("open", "deposit 1", "deposit 2")
    }
    assert allowed == {
        "open": ["7.5"],
        "deposit 1": ["0", "3"],
        "deposit 2": ["3"],
    }
    for number in range(SEATS + 1):
        owner = played.w3.eth.accounts[number]
        assert played.token.functions.allowance(owner, played.rounds).call() == 0


def test_labelers_are_paid_in_the_token(played: TokenPlay) -> None:
    """Each is near: the price for each, no slash, and the stake free again."""
    assert [one["pay"] for one in played["preview"].json["labelers"]] == ["1500000"] * SEATS
    assert played["close"].json["paid"] == "7500000"
    assert "paid 1.5 QUIET" in played["status"].said
    assert "4.5 QUIET" in played["status"].said
    assert "QUIET" in played["rounds"].said and "ETH" not in played["rounds"].out


def test_tokens_go_to_their_owners(played: TokenPlay) -> None:
    assert played["withdraw"].json["amount"] == "4500000"
    assert "3.5 QUIET free" in played["withdraw some"].said
    held = [played.balance(played.w3.eth.accounts[number]) for number in range(4)]
    assert held == [HELD - 7_500_000, HELD + 1_500_000, HELD - 2_000_000, HELD - 3_000_000]


def test_a_signed_withdrawal_is_relayed_for_a_fee_in_the_token(played: TokenPlay) -> None:
    assert played.balance(played.w3.eth.accounts[4]) == HELD - 3_000_000 + 1_750_000
    assert played["relayer"].json["free"] == "250000"
    assert "0.25 QUIET" in played["relay"].said


def test_what_was_slashed_is_swept_though_the_token_logs_too(played: TokenPlay) -> None:
    snapshot = rpc(played.w3, "evm_snapshot")
    good = played.shell.good
    thief, leaky = (("--account", f"TEST::{number}", "--yes") for number in (4, 5))
    good("requester", "open", "round.json", "--again", "--yes")
    good("labeler", "commit", "answers.csv", "2", "--tasks", "round.tasks.json", *leaky)
    good("labeler", "reveal", "2", "--export", "leaked.json", *leaky)
    leak = good("labeler", "report-leak", "leaked.json", *thief, "--json").json
    swept = good("requester", "sweep", *thief, "--json").json
    assert (leak["slash"], leak["bounty"], swept["amount"]) == ("1000000", "100000", "900000")
    assert played.balance(swept["sink"]) == 900_000
    assert rpc(played.w3, "evm_revert", snapshot)


def test_bonds_and_the_fee_of_a_draw_are_in_the_token(played: TokenPlay) -> None:
    snapshot = rpc(played.w3, "evm_snapshot")
    good, balance = played.shell.good, played.balance
    requester, member = (("--account", f"TEST::{number}", "--yes") for number in (0, 3))
    bounds = ("--bond", "0.5 QUIET", "--most-stake", "3 QUIET", "--least-price", "0.000001 QUIET")
    pool = good("pool", "create", *bounds, *requester, "--json").json["pool"]
    joined = good("pool", "join", pool, "--units", "2", *member)
    assert re.findall(r"to take ([\d.]+) QUIET", joined.said) == ["1"]
    good("pool", "join", pool, "--units", "7", *requester)
    pass_time(played.w3, 2 * 86_400)
    write_round(
        *(played.shell.folder, "drawn.json"),
        **{"price": "1.5 QUIET", "stake": "2 QUIET", "seats": 3, "commit": "1d"},
        admission={"draw": pool},
    )
    good("requester", "open", "drawn.json", *requester)
    drawn = good("requester", "draw", "drawn.json", *requester)
    assert re.findall(r"to take ([\d.]+) QUIET", drawn.said) == ["0.045"]
    assert balance(pool) == 9 * 500_000 + 45_000
    for number in (0, 3):
        owner = played.w3.eth.accounts[number]
        assert played.token.functions.allowance(owner, pool).call() == 0
    assert good("pool", "sweep", pool, *member, "--json").json["amount"] == "45000"
    assert rpc(played.w3, "evm_revert", snapshot)


def test_the_audit_agrees_with_what_the_token_says(played: TokenPlay) -> None:
    report = played["audit"].json
    assert report["is_clean"]
    held = played.balance(played.rounds)
    assert {report["totals"]["books"], report["totals"]["held"]} == {str(held)}
    assert held == 5 * 4_500_000 - 4_500_000 - 1_000_000 - 1_750_000
    assert "amounts in QUIET" in played["audit table"].said
