"""Rounds whose openings hold bytes that no encoder of ours makes: nobody else notices.

A stranger opens them with raw calldata, on a real Anvil, in the middle of other people's round.
Every command works for these others, and those that show the stranger's round say what is wrong.
"""

from dataclasses import dataclass

import pytest

from plumbline.chain.call import Call
from plumbline.chain.events import RoundOpened, fetch
from plumbline.chain.records import Deadlines
from plumbline.transactions.outbox import send
from tests.integration.forking import Project
from tests.integration.market import Market, terms
from tests.integration.paperwork import SEATS, write_round
from tests.integration.playbook import Playbook
from tests.integration.shell import vault_of

STRANGER = "stranger"
BROKEN = {
    "no UTF-8": b"\xff",
    "cut off within a character": b"https://example.org/\xe2\x82",
    "a surrogate": b"\xed\xa0\x80",
    "NUL": b"tasks\x00.json",
    "orders to a terminal": b"\x1b[2J\x1b[1;1H\x1b]0;owned\x07",
    "orders of C1": "\x9b2J".encode(),
    "direction turned": "\u202egro.elpmaxe\u2066".encode(),
    "a line of its own": b"ipfs://x\r\nround 1 is closed\n",
    "no address": b"http://[",
    "the longest": b"\xff" * 256,
}
MARKUP = b"[bold red]ALERT[/] <script>alert(1)</script>"
LABELERS = tuple(f"TEST::{number}" for number in range(1, SEATS + 1))
EVERY = range(2, len(BROKEN) + 3)  # the numbers of the stranger's rounds


def open_at(market: Market, uri: bytes) -> None:
    """A stranger opens a round whose tasks are at these bytes."""
    rules = terms(price=1, stake=10_000, seats=3)
    stranger = market.actor(STRANGER)
    market.send(STRANGER, market.rounds.deposit(rules.price * rules.seats))
    start = market.now() + 7_000
    deadlines = Deadlines(start, start + 3_600, 0)
    stand_in = b"#" * len(uri)
    call = market.rounds.open(rules, deadlines, b"\x01" * 32, uri=stand_in.decode())
    assert call.data.count(stand_in) == 1
    raw = Call(call.to, call.data.replace(stand_in, uri), 0, "open a round")
    send(market.w3, stranger, raw)


@dataclass(kw_only=True)
class Played(Playbook):
    """All that happened."""

    market: Market


@pytest.fixture(scope="module")
def played(project: Project) -> Played:
    """An honest round from its opening to its end, with a stranger's rounds all around it."""
    market = Market(project.w3, project.deployment)
    play = Played(project.shell, market=market)
    run, shell = play.run, project.shell
    write_round(shell.folder)
    (shell.folder / "delegated").mkdir()
    run("open", "requester", "open", "round.json", "--yes")
    for uri in (*BROKEN.values(), MARKUP):
        open_at(market, uri)
    tasks = ("--tasks", "round.tasks.json", "--round", "1")
    for labeler in LABELERS:
        who = ("--account", labeler, "--yes")
        run(f"deposit {labeler}", "labeler", "deposit", "0.02 ether", *who)
        run(f"commit {labeler}", "labeler", "commit", "answers.csv", *who, *tasks)
    one = ("--account", LABELERS[0])
    run("status", "labeler", "status", *one)
    run("status json", "labeler", "status", "--json", *one)
    labeler = project.w3.eth.accounts[1]
    vault_of(shell, project.w3).answers_path(1, labeler).unlink()
    run("restore", "labeler", "restore", "--yes", *one)
    run("reveal", "labeler", "reveal", "--yes", *one)
    for other in LABELERS[1:]:
        given = ("--export", "delegated/", "--account", other)
        run(f"export {other}", "labeler", "reveal", "--round", "1", "--yes", *given)
    run("rounds", "requester", "status")
    run("rounds json", "requester", "status", "--json")
    for number in EVERY:
        run(f"round {number}", "requester", "status", str(number))
        run(f"audit {number}", "audit", str(number), "--no-cache")
    run("take a bad seat", "labeler", "commit", "answers.csv", "--round", "2", "--yes", *one)
    run("preview", "rewards", "preview", "1", "--gold")
    run("rehearsal", "keeper", "--once", "--dry-run", "--delegated", "delegated")
    run("keeper", "keeper", "--once", "--yes", "--account", "TEST::9", "--delegated", "delegated")
    run("labels", "requester", "labels", "1")
    run("audit", "audit")
    run("audit json", "audit", "--json")
    run("watch", "audit", "watch", "--once")
    run("watch json", "audit", "watch", "--once", "--json")
    run("report", "audit", "report", "1", "-o", "report.html")
    run("report of all", "audit", "report", "--rounds", f"1-{EVERY[-1]}", "-o", "all.html")
    run("report of the markup", "audit", "report", str(EVERY[-1]), "-o", "markup.html")
    run("tables", "audit", "export", "tables")
    run("forensics", "audit", "forensics", "1")
    run("join", "join", project.deployment.address)
    return play


def test_every_command_works_for_everybody_else(played: Played) -> None:
    failed = {name: one.err for name, one in played.results.items() if one.code}
    assert set(failed) <= {"take a bad seat"}, failed


def test_the_keeper_serves_the_other_round_to_its_end(played: Played) -> None:
    assert "1 close 5 done" in played["keeper"].said, played["keeper"].said
    assert "task,label" in played["labels"].out or "message" in played["labels"].out


def test_no_command_lets_a_uri_write_on_the_screen(played: Played) -> None:
    """No orders to the terminal, no lines of its own, and nothing that turns a line round."""
    for name, one in played.results.items():
        text = one.out + one.err
        for letter in ("\x1b[2J", "\x1b]0", "\x9b", "\x00", "\x07", "\u202e", "\u2066", "\r"):
            assert letter not in text, (name, letter)
        assert "\nround 1 is closed" not in text, name
