"""Rounds whose openings hold bytes that no encoder of ours makes: nobody else notices.

A stranger opens them with raw calldata, on a real Anvil, in the middle of other people's round.
Every command works for these others, and those that show the stranger's round say what is wrong.
"""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from plumbline.chain.call import Call
from plumbline.chain.records import Deadlines
from plumbline.transactions.outbox import send
from tests.integration.forking import Project
from tests.integration.market import Market, terms
from tests.integration.moody import MoodyNode
from tests.integration.paperwork import SEATS, TASKS, write_round
from tests.integration.playbook import Playbook
from tests.integration.shell import vault_of
from tests.sampling import ALL
from tests.serving import served

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
    "the longest": b"\xff" * 256,
}
# Addresses that are none, or lead nowhere.
ODD = {
    "no host": b"http://[",
    "a file": b"file:///etc/passwd",
    "the longest name": b"a" * 256,
    "markup": b"[red]ALERT[/]<script>",
}
LABELERS = tuple(f"TEST::{number}" for number in range(1, SEATS + 1))
EVERY = range(2, len(BROKEN) + len(ODD) + 3)  # the numbers of the stranger's rounds
LOOKED_AT = EVERY if ALL else (2, 3, 6, 9, 13, 15)  # one by one; some of each sort


def open_at(market: Market, uri: bytes, is_padded: bool = False) -> None:
    """A stranger opens a round whose tasks are at these bytes, followed by others."""
    rules = terms(price=1, stake=10_000, seats=3)
    stranger = market.actor(STRANGER)
    market.send(STRANGER, market.rounds.deposit(rules.price * rules.seats))
    start = market.now() + 7_000
    deadlines = Deadlines(start, start + 3_600, 0)
    stand_in = b"#" * len(uri)
    call = market.rounds.open(rules, deadlines, b"\x01" * 32, uri=stand_in.decode())
    assert call.data.count(stand_in) == 1
    data = call.data.replace(stand_in, uri)
    if is_padded:
        # What fills up the last word is not looked at by anybody.
        data = data[: -(-len(uri) % 32)] + b"\xff" * (-len(uri) % 32)
        assert len(data) == len(call.data)
    send(market.w3, stranger, Call(call.to, data, 0, "open a round"))


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
    for uri in (*BROKEN.values(), *ODD.values()):
        open_at(market, uri)
    open_at(market, b"ipfs://tasks", is_padded=True)
    tasks = ("--tasks", "round.tasks.json", "1")
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
        run(f"export {other}", "labeler", "reveal", "1", "--yes", *given)
    run("rounds", "requester", "status")
    run("rounds json", "requester", "status", "--json")
    commit = ("labeler", "commit", "answers.csv")
    for number in LOOKED_AT:
        run(f"round {number}", "requester", "status", str(number))
        run(f"audit {number}", "audit", str(number), "--no-cache")
        run(f"answer {number}", *commit, str(number), "--fetch", "--yes", *one)
    run("preview", "rewards", "preview", "1", "--gold")
    run("delegate", "requester", "delegate", "1", "--to", "delegated")
    run("rehearsal", "keeper", "--once", "--dry-run", "--delegated", "delegated")
    run("keeper", "keeper", "--once", "--yes", "--account", "TEST::9", "--delegated", "delegated")
    run("labels", "requester", "labels", "1")
    run("audit", "audit")
    run("audit json", "audit", "--json")
    run("audit and fetch", "audit", "--fetch")
    run("watch", "audit", "watch", "--once")
    run("watch json", "audit", "watch", "--once", "--json")
    run("report", "audit", "report", "1", "-o", "report.html")
    run("report of all", "audit", "report", "--rounds", f"1-{EVERY[-1]}", "-o", "all.html")
    for number in LOOKED_AT:
        run(f"report {number}", "audit", "report", str(number), "-o", f"{number}.html")
    run("tables", "audit", "export", "tables")
    run("forensics", "audit", "forensics", "1")
    run("join", "join", project.deployment.address)
    return play


def test_every_command_works_for_everybody_else(played: Played) -> None:
    failed = {name: one.err for name, one in played.results.items() if one.code}
    assert set(failed) == {f"answer {number}" for number in LOOKED_AT}, failed


def test_whoever_wants_a_seat_in_a_strangers_round_is_told_why_not(played: Played) -> None:
    for number in LOOKED_AT:
        assert "with --tasks FILE" in played[f"answer {number}"].error


def test_it_is_said_which_rounds_are_odd_and_why(played: Played) -> None:
    no_text = "the uri of rounds 2, 3, 4, 10 is not text in UTF-8"
    no_address = "the uri of rounds 5, 6, 7, 8, 9 holds what no address holds"
    for name in ("rounds", "rounds json", "audit", "keeper", "rehearsal"):
        for words in (no_text, no_address):
            assert words in played[name].said, (name, words)
    assert "the uri of round 2 is not text" in played["round 2"].said
    assert "the uri of round 9 holds" in played["audit 9"].said
    assert "uri" not in played["status"].said


def test_the_keeper_serves_the_other_round_to_its_end(played: Played) -> None:
    assert "1 close 5 done" in played["keeper"].said, played["keeper"].said
    assert "48 labels" in played["labels"].said


def _report_of(number: int) -> tuple[str, ...]:
    return ("audit", "report", str(number), "--no-cache", "-o", "page.html")


def test_logs_that_no_contract_writes_cost_their_round_alone(
    played: Played, moody: MoodyNode
) -> None:
    """Those of round 2 end in the middle of a word, as a node has them."""
    wanted = f"0x{2:064x}"

    def cut(method: str, result: Any) -> Any:
        if method != "eth_getLogs":
            return result
        return [
            {**log, "data": log["data"][:-20]} if log["topics"][1:2] == [wanted] else log
            for log in result
        ]

    moody.change = cut
    shell, there = played.shell, ("--network", moody.url)
    why = "round 2 cannot be told and is left out: log 0 of block"
    for command in (
        ("requester", "status"),
        ("labeler", "status", "--account", LABELERS[0]),
        ("keeper", "--once", "--dry-run"),
    ):
        done = shell(*command, *there)
        assert done.code == 0 and why in done.said, (command, done)
    for command in (("requester", "status", "2"), _report_of(2)):
        assert "round 2 cannot be told: log 0 of" in shell(*command, *there).error, command
    shell.good("requester", "status", "1", *there)
    shell.good("requester", "labels", "1", *there)
    shell.good("audit", "1", "--no-cache", *there)
    shell.good(*_report_of(1), *there)
    audited = shell("audit", "--no-cache", *there)
    assert "round 2: bytes of an event: expected a RoundOpened, found" in audited.err
    assert "round 3" not in audited.err
    assert "of round 2, is not a RoundOpened" in shell("audit", "export", "no", *there).error


def test_tasks_are_fetched_from_where_they_are_said_to_be_if_asked_for(played: Played) -> None:
    shell, who = played.shell, ("--account", "TEST::6", "--yes")
    published = {"options": ["no", "yes"], "tasks": TASKS, "question": {"kind": "binary"}}
    with served(json.dumps(published).encode()) as url:
        write_round(shell.folder, "served.json", uri=url)
        shell.good("requester", "open", "served.json", "--yes", "--account", "TEST::6")
        shell.good("labeler", "deposit", "0.02 ether", *who)
        number = str(played.market.rounds.round_count())
        commit = ("labeler", "commit", "answers.csv", number, *who)
        assert f"are said to be at {url}: --fetch gets them" in shell(*commit).error
        shell.good(*commit, "--fetch")
        assert "not to be had" not in shell.good("audit", number, "--fetch").said


def test_numbers_of_thousands_of_digits_get_a_line(played: Played) -> None:
    shell, digits = played.shell, "9" * 5_000
    values = json.loads((shell.folder / "round.json").read_text())
    text = json.dumps({**values, "price": 0}).replace('"price": 0', f'"price": {digits}')
    (shell.folder / "digits.json").write_text(text)
    (shell.folder / "deep.json").write_text("[" * 200_000)
    who = ("--account", LABELERS[0], "--yes")
    assert "amount has 5,000 digits" in shell("labeler", "deposit", digits, *who).error
    for file, words in (("digits.json", "5,000 digits"), ("deep.json", "nested too deeply")):
        for command in (
            ("requester", "open", file, "--yes"),
            ("rewards", "split", file),
            ("audit", "--tasks", file),
            ("labeler", "commit", "answers.csv", "2", "--tasks", file, *who),
            ("requester", "labels", "1", "--tasks", file),
        ):
            assert words in shell(*command).error, command


@pytest.mark.parametrize(
    ("body", "words"),
    [(b"[" * 200_000, "nested too deeply"), (b"9" * 5_000, "5,000 digits is too large")],
    ids=["brackets", "digits"],
)
def test_what_is_at_an_address_is_read_with_care(played: Played, body: bytes, words: str) -> None:
    """In a process where a library has raised the limit that Python has of its own."""
    with served(body) as url:
        open_at(played.market, url.encode())
        number = str(played.market.rounds.round_count())
        assert "were not to be had" in played.shell("audit", number).said
        fetched = played.shell("audit", number, "--fetch")
        assert fetched.error == "the audit found 1 difference, see above"
        assert words in fetched.err and f"round {number}: tasks at the round's uri" in fetched.err


def test_no_command_lets_a_uri_write_on_the_screen(played: Played) -> None:
    """No orders to the terminal, no lines of its own, and nothing that turns a line round."""
    for name, one in played.results.items():
        text = one.out + one.err
        for letter in ("\x1b[2J", "\x1b]0", "\x9b", "\x00", "\x07", "\u202e", "\u2066", "\r"):
            assert letter not in text, (name, letter)
        assert "\nround 1 is closed" not in text, name
