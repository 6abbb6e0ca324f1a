"""`plumbline site` as its operator starts it: labelers come by HTTP, and it may be killed."""

import contextlib
import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from plumbline.chain.events import Committed, fetch
from plumbline.formats.admission_terms import read_accounts
from plumbline.lab.site.client import SheetToCommit, SiteAway
from plumbline.labeler.withdrawals import to_json
from plumbline.protocol.commitment import compact
from plumbline.protocol.withdrawal import SignedWithdrawal, Withdrawal
from plumbline.seating.merkle_list import MerkleList
from tests.integration.forking import Project
from tests.integration.paperwork import STAKE, TRUTH, write_round
from tests.integration.rpc import rpc
from tests.integration.sites import RunningSite, running_site
from tests.waiting import wait_until

PEOPLE = [Account.from_key(keccak(text=f"somebody {number}")) for number in range(12)]
RELAYER = 9  # of the test accounts
ANSWERS = [0 if answer == "no" else 1 for answer in TRUTH]


@dataclass
class Offered:
    """Rounds that a site is to offer, and the folder in which it keeps what it was handed."""

    project: Project
    kept: Path

    def start(self) -> Any:
        return running_site(self.project.shell, "--folder", str(self.kept))

    def open(self, name: str, **changes: Any) -> int:
        """Open a round that is closed with gold by whoever has this folder."""
        shell = self.project.shell
        file = write_round(shell.folder, f"{name}.json", seats=3, **changes)
        by = ("--account", "TEST::1", "--yes", "--json")
        opened = shell.good("requester", "open", file.name, "--publish", "published", *by).json
        where = ("--to", str(self.kept / "openings"), "--account", "TEST::1")
        shell.good("requester", "delegate", str(opened["round"]), *where)
        return int(opened["round"])

    def seats(self, round_id: int) -> list[str]:
        events = fetch(self.project.w3, self.project.deployment, round_id=round_id)
        return [each.labeler for each in events if isinstance(each, Committed)]

    def sent(self) -> int:
        w3 = self.project.w3
        return w3.eth.get_transaction_count(w3.eth.accounts[RELAYER])


@pytest.fixture(scope="module")
def offered(project: Project) -> Offered:
    (project.shell.folder / "published").mkdir()
    return Offered(project, project.shell.folder / "kept")


def told_of(site: RunningSite, number: int, labeler: str = "") -> Any:
    query = f"?labeler={labeler}" if labeler else ""
    reply = site.client.get(f"/api/rounds/{number}{query}")
    return reply.json if reply.status == 200 else None


def join(site: RunningSite, number: int, who: LocalAccount) -> SheetToCommit:
    """Somebody without ether who has answered all tasks of a round."""
    wait_until(lambda: told_of(site, number))
    assert site.client.post("/api/faucet", json.dumps({"labeler": who.address})).status == 200
    about = site.client.get("/api/site").json
    return SheetToCommit.of(who, about, told_of(site, number), ANSWERS)


def seat(site: RunningSite, sheet: SheetToCommit, evidence: Sequence[bytes] = ()) -> Any:
    return site.client.post("/api/commitments", sheet.consent(STAKE, evidence))


def test_labelers_without_ether_answer_reveal_and_are_paid_out(offered: Offered) -> None:
    number = offered.open("plain")
    with offered.start() as site:
        sheets = [join(site, number, who) for who in PEOPLE[:3]]
        early = site.client.post("/api/openings", sheets[0].opening())
        assert early.status == 409 and "must not be shown yet" in early.json["error"]
        for sheet in sheets:
            assert seat(site, sheet).json["status"] == "seated"
        assert seat(site, sheets[0]).json["status"] == "seated"  # the same again
        for sheet in sheets:
            assert site.client.post("/api/openings", sheet.opening()).json["status"] == "revealed"
        who = sheets[0].labeler

        def settled() -> Any:
            return told_of(site, number, who)["you"]["seat"]["settled"]

        wait_until(settled)
        assert settled()["band"] == "near" and int(settled()["pay"]) > 0
        account = site.client.get(f"/api/labelers/{who}").json
        assert account["locked"] == "0" and int(account["free"]) > STAKE
        assert account["rounds"][0]["pay"] == settled()["pay"]
        manifest = site.client.get(f"/tasks/{told_of(site, number)['tasks_root'][2:]}.json")
        assert len(manifest.json["tasks"]) == len(TRUTH)

        free, nonce = int(account["free"]), account["nonce"]
        w3, deployed = offered.project.w3, offered.project.deployment.deployed
        deadline = w3.eth.get_block("latest")["timestamp"] + 3_600
        asked = Withdrawal(who, free, who, free // 100, deadline, nonce)
        r, vs = compact(bytes(PEOPLE[0].sign_message(asked.message(deployed)).signature))
        text = to_json(SignedWithdrawal(asked, r + vs.to_bytes(32, "big")), deployed)
        paid = site.client.post("/api/withdrawals", text)
        assert paid.status == 200 and paid.json["fee"] == str(free // 100)
        assert w3.eth.get_balance(PEOPLE[0].address) == free - free // 100
        assert "was relayed already" in site.client.post("/api/withdrawals", text).json["error"]
        sent = offered.sent()
        assert site.stop() == 0
        log = "".join(site.lines)
        assert "relayed" in log and all(sheet.salt.hex() not in log for sheet in sheets)
        assert "127.0.0.1" not in log.replace(site.url, "")
    assert offered.sent() == sent


def test_what_is_held_is_held_after_a_kill_and_seated_once_it_may_be(offered: Offered) -> None:
    people = offered.project.shell.folder / "people.txt"
    people.write_text("".join(f"{who.address}\n" for who in PEOPLE), encoding="utf-8")
    number = offered.open(
        "listed", admission={"list": "people.txt"}, tasks=[f"card {task}" for task in range(48)]
    )
    with offered.start() as site:
        sheet = join(site, number, PEOPLE[4])
        wait_until(lambda: told_of(site, number)["admission"]["words"])
        held = seat(site, sheet)
        assert held.status == 202 and held.json["status"] == "held"
        assert told_of(site, number, sheet.labeler)["you"]["refusal"] is not None
        site.kill()
    with offered.start() as site:
        wait_until(lambda: told_of(site, number, sheet.labeler))
        wait_until(lambda: "list" in told_of(site, number, sheet.labeler)["you"]["held"]["reason"])
        proof = MerkleList(read_accounts(people)).proof(sheet.labeler)
        assert seat(site, sheet, proof).json["status"] == "seated"
        assert told_of(site, number, sheet.labeler)["you"]["held"] is None
    assert offered.seats(number) == [sheet.labeler]


def test_killed_before_its_transaction_is_in_a_block_it_sends_no_other(offered: Offered) -> None:
    number = offered.open("killed", tasks=[f"letter {task}" for task in range(48)])
    w3 = offered.project.w3
    with offered.start() as site:
        sheet = join(site, number, PEOPLE[5])
        before = offered.sent()
        rpc(w3, "evm_setAutomine", False)

        def hand_in() -> None:
            with contextlib.suppress(SiteAway):
                seat(site, sheet)

        browser = threading.Thread(target=hand_in)
        browser.start()
        wait_until(lambda: int(rpc(w3, "txpool_status")["pending"], 16) == 1)
        site.kill()
        browser.join()
    with offered.start() as site:
        site.wait_for("waiting for a transaction")
        rpc(w3, "evm_setAutomine", True)
        rpc(w3, "evm_mine")
        wait_until(lambda: offered.seats(number) == [sheet.labeler])
        wait_until(lambda: told_of(site, number))
        assert seat(site, sheet).json["status"] == "seated"
    assert offered.sent() == before + 1


def test_a_round_whose_tasks_cannot_be_had_hides_no_other(offered: Offered) -> None:
    shell = offered.project.shell
    good = offered.open("good", tasks=[f"note {task}" for task in range(48)])
    tasks = [f"remark {task}" for task in range(48)]
    uri = "http://127.0.0.1:9/tasks.json"
    file = write_round(shell.folder, "bad.json", uri=uri, tasks=tasks)
    shell.good("requester", "open", file.name, "--account", "TEST::2", "--yes")
    with offered.start() as site:

        def told() -> Any:
            rounds = site.client.get("/api/rounds").json.get("rounds", [])
            known = [each for each in rounds if each["question"] or each["tasks_flaw"]]
            return {each["round"]: each for each in known}

        wait_until(lambda: {good, good + 1} <= told().keys())
        assert told()[good]["question"] and told()[good]["tasks_flaw"] is None
        assert "cannot be had" in told()[good + 1]["tasks_flaw"]


def test_what_is_asked_wrongly_is_said_before_anything_is_signed(offered: Offered) -> None:
    shell = offered.project.shell

    def error(*options: str) -> str:
        return shell("site", "--account", "TEST::9", "--yes", *options).error

    assert "write it like https://label.example" in error("--public-url", "label.example")
    assert "write it like https://label.example" in error("--public-url", "https://x.example/a")
    assert "--public-url" in error("--host", "0.0.0.0")
    assert "named by its address" in error("--proxy", "proxy.example")
    assert "--withdrawal-fee" in error("--withdrawal-fee", "much")
