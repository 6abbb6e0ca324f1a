"""How a newcomer comes to a seat: probation round, record in a book, and a gate that reads it."""

import json
from typing import Any

import pytest
from hexbytes import HexBytes
from web3 import Web3
from web3.types import TxParams, TxReceipt, Wei

from plumbline.chain.call import Call
from plumbline.chain.contract import LabelRounds
from plumbline.chain.events import Committed, fetch
from plumbline.chain.records import Deadlines
from plumbline.protocol.commitment import EMPTY_HASH
from plumbline.seating.gates import RecordGate
from plumbline.seating.policies import create_policy
from tests.integration.forking import Project
from tests.integration.market import terms
from tests.integration.paperwork import write_campaign, write_round
from tests.integration.shell import Result, pass_time
from tests.world.adapter import TASKS_ROOT

REQUESTER, NEWCOMER, STRANGER = 0, 1, 5
LABELERS = range(1, 4)
OPTIONS = ("angry", "calm", "glad")
TRUTH = [OPTIONS[number % 3] for number in range(48)]
ROUND = {
    "preset": "choice",
    "options": list(OPTIONS),
    "gold": {number + 1: TRUTH[number] for number in range(12)},
    "gold_window": "2h",
    "r_min": None,
}
OPENING = ("campaign", "open", "job.json")
LITTLE = {"price": "0.002 ether", "stake": "0.004 ether", "seats": None}


class Earned:
    """A book that vouches for the requester, and a probation round that three have answered."""

    def __init__(self, project: Project) -> None:
        self.project, self.shell, self.w3 = project, project.shell, project.w3
        self.accounts: list[str] = list(project.w3.eth.accounts)
        rows = "".join(f"{task},{answer}\n" for task, answer in enumerate(TRUTH, start=1))
        (self.shell.folder / "answers.csv").write_text("task,answer\n" + rows)
        self.book = str(self.good(REQUESTER, "book", "create")["book"])

    def run(self, who: int, *arguments: str) -> Result:
        reads = arguments[:2] in (("labeler", "rounds"), ("labeler", "record"))
        yes = () if reads else ("--yes",)
        return self.shell(*arguments, "--account", f"TEST::{who}", *yes)

    def good(self, who: int, *arguments: str) -> Any:
        result = self.run(who, *arguments, "--json")
        assert result.code == 0, result
        return result.json

    def open(self, name: str, who: int = REQUESTER, **changes: Any) -> Result:
        write_round(self.shell.folder, f"{name}.json", **{**ROUND, **changes})
        return self.run(who, "requester", "open", f"{name}.json")

    def probation(self, name: str, who: int = REQUESTER, **changes: Any) -> Result:
        return self.open(name, who, **{**LITTLE, "probation": self.book, **changes})

    def commit(self, who: int, name: str, number: int) -> Result:
        tasks = ("--tasks", f"{name}.tasks.json", str(number))
        return self.run(who, "labeler", "commit", "answers.csv", *tasks)

    def send(self, call: Call) -> TxReceipt:
        """From a stranger, by no command of ours."""
        sender = Web3.to_checksum_address(self.accounts[STRANGER])
        values: TxParams = {"from": sender, "data": HexBytes(call.data), "value": Wei(call.value)}
        if call.to is not None:
            values["to"] = Web3.to_checksum_address(call.to)
        sent = self.w3.eth.send_transaction(values)
        return self.w3.eth.wait_for_transaction_receipt(sent)

    def shown(self) -> Any:
        return self.shell.good("book", "show", self.book, "--json").json


@pytest.fixture(scope="module")
def earned(project: Project) -> Earned:
    made = Earned(project)
    made.probation("first", price="0.02 ether", stake="0.04 ether")
    for who in (*LABELERS, STRANGER):
        made.good(who, "labeler", "deposit", "0.1 ether")
    for who in LABELERS:
        assert made.commit(who, "first", 1).code == 0
    pass_time(made.w3, 3_700)
    for who in LABELERS:
        assert made.run(who, "labeler", "reveal").code == 0
    pass_time(made.w3, 3_700)
    return made


def test_only_rounds_in_which_a_record_is_earned_pass_as_probation_rounds(earned: Earned) -> None:
    """What is refused is refused before anything is sent."""
    before = [earned.w3.eth.get_transaction_count(earned.accounts[each]) for each in (0, STRANGER)]  # type: ignore[arg-type]
    refused = earned.probation("foreign", STRANGER)
    assert f"does not vouch for {earned.accounts[STRANGER]}" in refused.error
    assert "leave out admission" in earned.probation("gated", admission=earned.book).error
    few = {number: answer for number, answer in ROUND["gold"].items() if number < 12}  # type: ignore[attr-defined]
    assert "12 gold tasks or more" in earned.probation("easy", gold=few).error
    assert "20 seats or more, not 19" in earned.probation("small", seats=19).error
    assert "guesses would pass" in earned.probation("low", gold_pass_bps=2_499).error
    assert "is no book of records" in earned.probation(
        "odd", probation=earned.accounts[3]
    ).error + (earned.probation("none", probation=str(earned.project.deployment.judge)).error)
    after = [earned.w3.eth.get_transaction_count(earned.accounts[each]) for each in (0, STRANGER)]  # type: ignore[arg-type]
    assert before == after


def test_a_closed_round_is_entered_once_by_anybody(earned: Earned) -> None:
    assert (earned.shown()["not_closed"], earned.shown()["to_enter"]) == ([1], [])
    assert "is not closed" in earned.run(STRANGER, "book", "enter", earned.book, "1").error
    assert earned.run(REQUESTER, "requester", "close", "1").code == 0
    assert earned.shown()["to_enter"] == [1]
    entered = earned.good(STRANGER, "book", "enter", earned.book)
    assert (entered["entered"], len(entered["transactions"])) == ([1], 1)
    assert earned.good(STRANGER, "book", "enter", earned.book, "1")["transactions"] == []
    shown = earned.shown()
    assert (shown["entered"], shown["to_enter"]) == ([1], [])
    assert shown["vouched"] == [earned.accounts[REQUESTER]]
    words = earned.shell.good("book", "show", earned.book).out
    assert "rounds that this requester opens" in words and "entered" in words


def test_a_record_admits_where_a_gate_reads_the_book(earned: Earned) -> None:
    of_book = ("labeler", "record", "--book", earned.book)
    record = earned.good(NEWCOMER, *of_book)
    # An eighth of a perfect round: the average begins at 0.
    assert (record["rounds"], record["near"], record["kappa_bps"]) == (1, 1, 1_250)
    assert earned.good(STRANGER, *of_book)["rounds"] == 0

    asked = {"record": {"rounds": 1, "kappa": 0.1, "book": earned.book}}
    opened = earned.open("usual", admission=asked, price="0.01 ether", stake="0.02 ether")
    assert opened.code == 0, opened
    assert "of 3 labelers seen here, 3 would be admitted" in opened.said
    # Beside the usual round the next one may pay a fifth.
    dear = earned.probation("dear", price="0.00201 ether")
    assert "0.002 ETH at most" in dear.error
    assert earned.probation("second").code == 0

    usual, second = earned.good(STRANGER, "labeler", "rounds")
    if usual["round"] == 3:
        usual, second = second, usual
    assert usual["refused"] == "0 rounds that count here, needs 1" and not usual["probation"]
    assert second["refused"] is None and second["probation"]
    (gate,) = second["counts_for"]
    assert gate["book"] == earned.book and not gate["suffices"]
    lacking = {each["name"]: each["remedy"] for each in gate["asks"] if not each["met"]}
    assert lacking.keys() == {"rounds", "kappa"} and lacking["rounds"] == "take part in 1 more"
    words = earned.run(STRANGER, "labeler", "rounds").said
    assert "a probation round" in words and "take part in 1 more" in words

    policy = ("labeler", "record", "--policy", usual["policy"])
    assert [each["suffices"] for each in earned.good(NEWCOMER, *policy)["gates"]] == [True]
    assert "nothing" in earned.run(NEWCOMER, *policy).said
    assert "would not admit" in earned.commit(STRANGER, "usual", 2).error
    assert earned.commit(NEWCOMER, "usual", 2).code == 0
    seated = [
        event.labeler
        for event in fetch(earned.w3, earned.project.deployment)
        if isinstance(event, Committed) and event.round_id == 2
    ]
    assert seated == [earned.accounts[NEWCOMER]]


def test_a_record_opens_the_door_of_a_pool(earned: Earned) -> None:
    asked = {"record": {"rounds": 1, "kappa": 0.1, "book": earned.book}}
    (earned.shell.folder / "door.json").write_text(json.dumps(asked))
    amounts = ("--bond", "0.001 ether", "--most-stake", "1 ether", "--least-price", "1 gwei")
    made = earned.good(REQUESTER, "pool", "create", *amounts, "--gate", "door.json")
    # The usual round has named that gate.
    assert len(made["transactions"]) == 1
    record = ("labeler", "record", "--policy", made["pool"])
    for who, suffices in ((NEWCOMER, True), (STRANGER, False)):
        (gate,) = earned.good(who, *record)["gates"]
        assert (gate["policy"], gate["suffices"]) == (made["gate"], suffices)
    assert earned.good(NEWCOMER, "pool", "join", made["pool"])["units"] == [0]
    refused = earned.run(STRANGER, "pool", "join", made["pool"])
    assert "0 rounds that count here, needs 1: take part in 1 more" in refused.error


def test_a_campaign_of_probation_rounds_is_opened_by_whom_the_book_vouches_for(
    earned: Earned,
) -> None:
    job = {"probation": earned.book, "labels": 20, "batch": 150, "price": "0.001 ether"}
    write_campaign(earned.shell.folder, **job, stake="0.002 ether")
    assert "one in 5 tasks: not 24 of 150" in earned.run(REQUESTER, *OPENING).error
    job["gold_count"] = 30
    write_campaign(earned.shell.folder, **job, stake="0.002 ether")
    assert "does not vouch for" in earned.run(STRANGER, *OPENING).error
    write_campaign(earned.shell.folder, "dear.json", **job, stake="0.9 ether")
    assert "probation: stake is 0.9 ETH" in earned.run(REQUESTER, *OPENING[:2], "dear.json").error
    opened = earned.run(REQUESTER, *OPENING)
    assert opened.code == 0, opened
    assert "30 tasks of each are gold tasks" in opened.said
    rows = {row["round"]: row for row in earned.good(STRANGER, "labeler", "rounds")}
    assert rows[max(rows)]["tasks"] == 150 and rows[max(rows)]["probation"]
    assert earned.shown()["not_closed"][-1] == max(rows)


def test_a_strangers_gate_that_reads_no_book_is_in_nobodys_way(earned: Earned) -> None:
    judge = str(earned.project.deployment.judge)
    rounds = LabelRounds(earned.w3, earned.project.deployment)
    gate = RecordGate(rounds.address, judge, 1, 0, 10_000, 10_000)
    address = earned.send(create_policy(gate, "cancun"))["contractAddress"]
    rules, commit = terms(seats=3), earned.w3.eth.get_block("latest")["timestamp"] + 3_600
    earned.send(rounds.deposit(rules.price * rules.seats))
    deadlines = Deadlines(commit, commit + 3_600, 0)
    earned.send(rounds.open(rules, deadlines, TASKS_ROOT, EMPTY_HASH, address))
    rows = {row["round"]: row for row in earned.good(NEWCOMER, "labeler", "rounds")}
    odd = rows.pop(max(rows))
    assert odd["policy"] == address and odd["refused"] is not None
    for row in rows.values():
        assert [gate["book"] for gate in row["counts_for"]] == [earned.book]


def test_terms_that_read_all_rounds_or_no_book_are_told_so(earned: Earned) -> None:
    asked = {"record": {"rounds": 1}}
    opened = earned.open("bought", admission=asked, price="0.03 ether")
    assert "can be bought for gas" in opened.said
    write_campaign(earned.shell.folder, "asking.json", admission=asked)
    looked = earned.shell("campaign", "open", "asking.json", "--account", "TEST::0")
    assert "of 3 labelers seen here, 3 would be admitted" in looked.said
    assert "can be bought for gas" in looked.said
    no_book = {"record": {"rounds": 2, "book": str(earned.project.deployment.judge)}}
    assert (
        "is no book of records"
        in earned.open("bookless", admission=no_book, price="0.04 ether").error
    )
    record = earned.run(NEWCOMER, "labeler", "record", "--policy", earned.book)
    assert "asks for no record" in record.error
