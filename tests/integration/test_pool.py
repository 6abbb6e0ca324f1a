"""Seats by lot through the commands: a pool, two rounds that are drawn, and who is seated."""

import json
from typing import Any

import pytest
from web3 import Web3

from plumbline.seating.draw import EPOCH
from tests.integration.forking import Project
from tests.integration.paperwork import write_answers, write_campaign, write_round
from tests.integration.rpc import rpc
from tests.integration.shell import Result, pass_time

DAY = 86_400
REQUESTER = 0
MEMBERS = range(1, 10)
TWICE, PAID_FOR = 1, 9  # has two units; somebody else paid
SEATS = 3


class Drawn:
    """A pool of ten units of nine members, and two rounds that are drawn from it."""

    def __init__(self, project: Project) -> None:
        self.shell, self.w3 = project.shell, project.w3
        self.accounts: list[str] = list(project.w3.eth.accounts)
        write_answers(self.shell.folder)
        terms = ("--bond", "0.001 ether", "--most-stake", "0.05 ether", "--least-price", "1 gwei")
        self.pool = str(self.good(REQUESTER, "pool", "create", *terms)["pool"])
        self.too_early = self.open("early.json")
        for member in MEMBERS:
            if member != PAID_FOR:
                units = "2" if member == TWICE else "1"
                self.good(member, "pool", "join", self.pool, "--units", units)
        paid = ("--for", self.accounts[PAID_FOR])
        self.good(TWICE, "pool", "join", self.pool, *paid)
        self.young = self.run(TWICE, "pool", "leave", self.pool)
        pass_time(self.w3, 2 * DAY)

    def open(self, name: str, **changes: Any) -> Result:
        """Open a round that is drawn from the pool."""
        given = {"seats": SEATS, "commit": "1d", "admission": {"draw": self.pool}, **changes}
        write_round(self.shell.folder, name, **given)
        return self.run(REQUESTER, "requester", "open", name)

    def run(self, who: int, *arguments: str) -> Result:
        yes = () if arguments[:2] in (("labeler", "rounds"), ("pool", "status")) else ("--yes",)
        return self.shell(*arguments, "--account", f"TEST::{who}", *yes)

    def good(self, who: int, *arguments: str) -> Any:
        result = self.run(who, *arguments, "--json")
        assert result.code == 0, result
        return result.json

    def status(self, who: int = REQUESTER) -> Any:
        return self.good(who, "pool", "status", self.pool)

    def places(self, round_id: int) -> dict[int, dict[str, Any]]:
        """What `labeler rounds` tells each member of a round."""
        found = {}
        for member in MEMBERS:
            rows = self.good(member, "labeler", "rounds")
            found[member] = next(row for row in rows if row["round"] == round_id)
        return found

    def commit(self, who: int, round_id: int = 1) -> Result:
        tasks = ("--tasks", "drawn.tasks.json", str(round_id))
        return self.run(who, "labeler", "commit", "answers.csv", *tasks)

    def sent(self, who: int = REQUESTER) -> int:
        return self.w3.eth.get_transaction_count(Web3.to_checksum_address(self.accounts[who]))


@pytest.fixture(scope="module")
def pool(project: Project) -> Drawn:
    return Drawn(project)


def test_a_round_that_would_not_be_drawn_is_not_opened(pool: Drawn) -> None:
    """What the pool, or its clock, would refuse is said before there is money in the round."""
    assert "9 units, and 0 can be drawn" in pool.too_early.error
    before = pool.sent()
    assert "1d is usual" in pool.open("hasty.json", commit="6h").error
    assert "it allows 0.05 ETH" in pool.open("dear.json", stake="0.06 ether").error
    assert "it asks for" in pool.open("cheap.json", price="1 gwei", stake="1 gwei").error
    assert "4 seats need 12 units, and 10 can be drawn" in pool.open("large.json", seats=4).error
    stranger = {"draw": pool.accounts[3]}
    assert "is not a contract" in pool.open("wrong.json", admission=stranger).error
    assert pool.sent() == before


def test_members_are_told_how_they_stand(pool: Drawn) -> None:
    assert "joined too late to leave now" in pool.young.error
    status = pool.status(TWICE)
    assert (status["drawable"], status["holes"], status["accounts"]) == (10, 0, 9)
    assert (status["most_of_one_account"], status["most_of_one_funder"]) == (2, 3)
    assert len(status["own_units"]) == 2 and status["credit"] == "0"
    for unit in status["own_units"]:
        assert unit["drawn_from"] == (unit["joined_epoch"] + 2) * EPOCH
        assert (unit["strikes"], unit["bond"], unit["back_from"]) == (0, str(10**15), None)
    assert len(pool.status(PAID_FOR)["own_units"]) == 1
    shown = pool.run(TWICE, "pool", "status", pool.pool)
    assert "10 units of 9 accounts" in shown.said and "in every draw" in shown.said


def test_two_rounds_are_drawn_and_their_seats_go_to_whom_the_lot_falls(pool: Drawn) -> None:
    opened = pool.open("drawn.json")
    assert opened.code == 0, opened
    assert "Draw its seats by" in opened.said and "requester draw 1" in opened.said
    assert "3 of several accounts: 0.9 of 3 seats on average" in opened.said
    assert "are not drawn yet" in pool.good(2, "labeler", "rounds")[0]["refused"]
    assert pool.open("second.json", price="0.02 ether").code == 0

    both = ("requester", "draw", "1", "2")
    assert "load of 2 would do" in pool.run(REQUESTER, *both, "--load", "1").error
    looked = pool.shell(*both, "--account", f"TEST::{REQUESTER}")
    assert "0.0009 ETH" in looked.said and "in 2 of these rounds at most" in looked.said
    (draw,) = pool.good(REQUESTER, *both)["draws"]
    assert (draw["rounds"], draw["load"], draw["drawn_from"]) == ([1, 2], 2, 10)
    before = pool.sent()
    again = pool.run(REQUESTER, "requester", "draw", "drawn.json")
    assert again.code == 0 and "nothing was sent for them" in again.said
    assert pool.sent() == before

    assert "run it again then" in pool.run(2, "pool", "capture", pool.pool, "1").error
    assert "is not captured yet" in pool.commit(2).error
    rpc(pool.w3, "anvil_mine", hex(97), hex(1))
    assert int(pool.good(2, "pool", "capture", pool.pool, "1")["seed"], 16) > 0
    assert pool.good(3, "pool", "capture", pool.pool, "1")["transactions"] == []

    places = pool.places(1)
    positions = {who: row["drawn"][0]["position"] for who, row in places.items()}
    first = sorted(positions, key=lambda who: positions[who])
    # Two of the first positions may be of one account.
    *seated, last = [who for who in first if positions[who] <= SEATS]
    waiting = first[len(seated) + 1]
    for who, row in places.items():
        assert (row["refused"] is None) == (positions[who] <= SEATS)
    assert f"stands by at position {positions[waiting]}" in places[waiting]["refused"]
    for who in (*seated, waiting):
        pool.good(who, "labeler", "deposit", "0.02 ether")
    # Nobody needs a file, and nobody is seated out of turn.
    assert f"position {positions[waiting]}" in pool.commit(waiting).error
    for who in seated:
        assert pool.commit(who).code == 0
    labeler = ("1", "--labeler", pool.accounts[last])
    word = pool.shell("policy", "prove", pool.pool, *labeler)
    shown = pool.shell.good("policy", "show", pool.pool, *labeler, "--json").json
    assert shown["admitted"] and shown["terms"]["bond"] == str(10**15)
    assert json.loads(word.out) == [f"0x{1:032x}{places[last]['drawn'][0]['unit']:032x}"]
    opens = places[waiting]["drawn"][0]["admitted_from"]
    pass_time(pool.w3, opens - pool.w3.eth.get_block("latest")["timestamp"])
    assert pool.commit(waiting).code == 0


def test_a_campaign_draws_for_what_it_opens_and_captures_the_seed(pool: Drawn) -> None:
    terms = {"admission": {"draw": pool.pool}, "commit": "1d"}
    write_campaign(pool.shell.folder, batch=75, open_at_once=1, **terms)
    looked = pool.shell("campaign", "open", "job.json", "--account", f"TEST::{REQUESTER}")
    assert "for a fee of 0.00006 ETH more" in looked.said
    opened = pool.run(REQUESTER, "campaign", "open", "job.json")
    assert opened.code == 0 and "draw 2 gets its seed from block" in opened.said
    draws = pool.status()["draws"]
    assert (draws[-1]["rounds"], draws[-1]["captured_at"]) == ([3], None)
    # Nobody was there while the chain knew the hash of that block: another is named.
    rpc(pool.w3, "anvil_mine", hex(97 + 256), hex(1))
    assert pool.run(REQUESTER, "campaign", "resume", "job.json").code == 0
    again = pool.status()["draws"][-1]
    assert again["seed_block"] > draws[-1]["seed_block"] and again["seed"] is None
    rpc(pool.w3, "anvil_mine", hex(97), hex(1))
    resumed = pool.run(REQUESTER, "campaign", "resume", "job.json")
    assert resumed.code == 0, resumed
    assert pool.status()["draws"][-1]["captured_at"] is not None
    before = pool.sent()
    assert pool.run(REQUESTER, "campaign", "resume", "job.json").code == 0
    assert pool.sent() == before


def test_who_leaves_gets_the_bond_back_two_weeks_later(pool: Drawn) -> None:
    assert "`plumbline pool leave" in pool.run(TWICE, "pool", "withdraw", pool.pool).error
    assert "is not" in pool.run(2, "pool", "leave", pool.pool, "--unit", "0").error
    left = pool.good(TWICE, "pool", "leave", pool.pool)
    assert len(left["units"]) == 2
    assert pool.good(TWICE, "pool", "leave", pool.pool)["transactions"] == []
    assert "can be had back before" in pool.run(TWICE, "pool", "withdraw", pool.pool).error
    assert pool.status()["holes"] == 2
    pass_time(pool.w3, left["back_from"] - pool.w3.eth.get_block("latest")["timestamp"])
    to = "0x" + "5a" * 20
    paid = pool.good(TWICE, "pool", "withdraw", pool.pool, "--to", to)
    assert paid["amount"] == str(2 * 10**15)
    assert pool.w3.eth.get_balance(Web3.to_checksum_address(to)) == 2 * 10**15
    assert "has nothing in the pool" in pool.run(TWICE, "pool", "withdraw", pool.pool).error
    swept = pool.good(2, "pool", "sweep", pool.pool)
    assert swept["amount"] == str(9 * 10**14 + 6 * 10**13)


def test_a_gate_at_the_door_asks_whoever_joins(pool: Drawn) -> None:
    """A list of two at the door of another pool: one has a proof in a file, the other none."""
    known, other, stranger = 3, 4, 5
    folder = pool.shell.folder
    names = [f"{pool.accounts[each]},{name}" for each, name in ((known, "Ada"), (other, "Bob"))]
    (folder / "people.csv").write_text("\n".join(("account,name", *names, "")))
    (folder / "door.json").write_text(json.dumps({"list": "people.csv"}))
    terms = ("--bond", "0.001 ether", "--most-stake", "0.05 ether", "--least-price", "1 gwei")
    made = pool.good(REQUESTER, "pool", "create", *terms, "--gate", "door.json")
    listed = pool.shell.good("policy", "list", "people.csv", "--proofs", "proofs", "--json").json
    gate = pool.shell.good("policy", "show", made["gate"], "--json").json
    assert (listed["accounts"], gate["kind"]) == (2, "MerkleAllowList")
    assert listed["root"] in gate["admits"]
    assert len(made["transactions"]) == 2
    assert pool.good(REQUESTER, "pool", "status", made["pool"])["gate"] == made["gate"]

    join = ("pool", "join", made["pool"])
    proof = ("--evidence", f"proofs/{pool.accounts[known]}.json")
    before = [pool.sent(each) for each in (known, stranger)]
    assert "would not admit" in pool.run(known, *join).error
    assert "does not show that" in pool.run(stranger, *join, *proof).error
    assert (
        "leave out --for or --evidence"
        in pool.run(stranger, *join, *proof, "--for", pool.accounts[known]).error
    )
    assert (
        "has to join for itself" in pool.run(stranger, *join, "--for", pool.accounts[known]).error
    )
    assert [pool.sent(each) for each in (known, stranger)] == before
    assert pool.good(known, *join, *proof)["units"] == [0]
    shown = ("--labeler", pool.accounts[other], "--list", "people.csv", "--output", "other.json")
    pool.shell.good("policy", "prove", made["gate"], *shown)
    assert pool.good(other, *join, "--evidence", "other.json", "--units", "2")["units"] == [1, 2]
    assert pool.good(known, "pool", "status", made["pool"])["own_units"][0]["bond"] == str(10**15)
