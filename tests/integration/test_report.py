"""Reports of rounds that were played on a chain, through the library and as a command."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from web3 import HTTPProvider, Web3

from plumbline.audit import AuditReport, audit, audit_events
from plumbline.chain.blocks import BlockError
from plumbline.chain.deployment import save
from plumbline.chain.log_cache import LogCache
from plumbline.chain.logs import Log, read_logs
from plumbline.chain.records import Deadlines
from plumbline.history.rounds import EXPIRY
from plumbline.protocol.commitment import EMPTY_HASH
from plumbline.protocol.manifest import Manifest
from plumbline.report import ReportError, facts_of, render_round, render_rounds
from plumbline.report.gather import Gathered, gather
from plumbline.transactions.outbox import send
from tests.integration.forking import ForkShell, Zygote
from tests.integration.market import TASKS_ROOT, WINDOW, Batch, Market, terms
from tests.integration.rpc import rpc
from tests.unit.pages import Page

GOOD = (0.95, 0.9, 0.9, 0.95, 0.0)
TASKS = Manifest(("no", "yes"), tuple(f"message {task}" for task in range(48)), "Is it spam?")


# Until the report is a command of a group: a script of the test's own, beside the real ones.
@pytest.fixture(scope="module")
def rounds(market: Market) -> dict[str, int]:
    """Rounds in several states; their numbers."""
    plays = {
        "expired": _expired,
        "gold": _gold,
        "leak": _leak,
        "revealing": _revealing,
        "published": _published,
    }
    return {name: play(market) for name, play in plays.items()}


def _gold(market: Market) -> int:
    batch = market.open(terms(gold_count=12), gold_tasks=range(12))
    market.commit(batch, GOOD)
    market.reveal(batch, list(batch.openings))
    market.close(batch)
    return batch.round_id


def _leak(market: Market) -> int:
    batch = market.open(terms(seats=6))
    market.commit(batch, GOOD)
    market.report_leak(batch)
    market.wait_until(batch.deadlines.commit)
    market.reveal(batch, list(batch.openings)[1:4])
    market.wait_until(batch.deadlines.reveal)
    market.close(batch)
    return batch.round_id


def _expired(market: Market) -> int:
    batch = market.open(terms())
    market.commit(batch, GOOD)
    market.reveal(batch, list(batch.openings)[:4])
    market.wait_until(batch.deadlines.last + EXPIRY)
    market.send("stranger", market.rounds.expire(batch.round_id, TASKS_ROOT, batch.entries()))
    return batch.round_id


def _revealing(market: Market) -> int:
    batch = market.open(terms())
    market.commit(batch, GOOD)
    market.reveal(batch, list(batch.openings)[:3])
    return batch.round_id


def _published(market: Market) -> int:
    """With tasks that are known, and nobody there yet."""
    rules = terms()
    market.send("requester", market.rounds.deposit(rules.price * rules.seats))
    now = market.now()
    ends = Deadlines(now + WINDOW, now + 2 * WINDOW, 0)
    send(
        market.w3,
        market.actor("requester"),
        market.rounds.open(rules, ends, TASKS.root, EMPTY_HASH),
    )
    return Batch(market.rounds.round_count(), rules, ends, []).round_id


def _page(market: Market, found: Gathered, number: int) -> str:
    return render_round(
        market.deployment,
        found.rounds[number],
        found.report,
        now=found.now,
        times=found.times,
        deposits=found.deposits,
    )


def test_pages_of_played_rounds_are_sound(market: Market, rounds: dict[str, int]) -> None:
    for name, number in rounds.items():
        found = gather(market.w3, market.deployment, [number])
        page = Page(_page(market, found, number))
        assert page.faults == [], name
        assert "Audited: agrees to the wei" in page.text
        assert "not a wei is missing" in page.text


def test_facts_of_played_rounds_are_what_the_audit_counts(
    market: Market, rounds: dict[str, int]
) -> None:
    lines = {line.round_id: line for line in audit(market.w3, market.deployment).rounds}
    for number in rounds.values():
        found = gather(market.w3, market.deployment, [number])
        money = facts_of(found.rounds[number], found.now, found.times).money
        line = lines[number]
        assert (money.paid, money.refund, money.bounties, money.in_escrow) == (
            line.paid,
            line.refund,
            line.bounties,
            line.escrow,
        )
        assert (money.slashed + money.bounties, money.to_sink) == (line.slashed, line.to_sink)
        assert money.missing == 0


def test_times_and_deposits_are_the_chains(market: Market, rounds: dict[str, int]) -> None:
    found = gather(market.w3, market.deployment, [rounds["gold"]])
    past = found.rounds[rounds["gold"]]
    lines = facts_of(past, found.now, found.times, found.deposits).labelers
    for one, event in zip(lines, past.commitments, strict=True):
        assert one.committed == market.w3.eth.get_block(event.block)["timestamp"]
        assert one.deposited is not None and one.revealed is not None
        assert one.deposited <= one.committed <= one.revealed


def test_a_page_of_the_past_stays_the_same(market: Market, rounds: dict[str, int]) -> None:
    block = market.w3.eth.block_number
    number = rounds["revealing"]
    before = gather(market.w3, market.deployment, [number], block)
    page = _page(market, before, number)
    market.send("stranger", market.rounds.deposit(1))
    again = gather(market.w3, market.deployment, [number], block)
    assert _page(market, again, number) == page
    now = gather(market.w3, market.deployment, [number])
    assert _page(market, now, number) != page


def test_progress_is_told_and_an_unknown_round_refused(
    market: Market, rounds: dict[str, int]
) -> None:
    steps: list[tuple[str, int, int]] = []

    def tell(what: str, done: int, total: int) -> None:
        steps.append((what, done, total))

    gather(market.w3, market.deployment, [rounds["gold"]], progress=tell)
    done = [now for what, now, _ in steps if what == "reading the times of blocks"]
    assert done == list(range(len(done))) and len(done) > 5
    with pytest.raises(ReportError, match=r"there is no round 99 by block \d+: 1 to \d exist"):
        gather(market.w3, market.deployment, [99])


def test_a_node_that_is_away_is_said_to_be(market: Market) -> None:
    nobody = Web3(HTTPProvider("http://127.0.0.1:1"))
    with pytest.raises(BlockError, match="the node cannot be asked for its blocks"):
        gather(nobody, market.deployment, [1])


def test_a_chain_that_changes_meanwhile_is_no_ground_for_a_report(
    market: Market, rounds: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def audit_of_another(*args: Any, **more: Any) -> AuditReport:
        return replace(audit_events(*args, **more), block_hash="0x" + "00" * 32)

    monkeypatch.setattr("plumbline.report.gather.audit_events", audit_of_another)
    with pytest.raises(ReportError, match="reorganised"):
        gather(market.w3, market.deployment, [rounds["gold"]])


def test_the_chain_is_read_once(
    market: Market, rounds: dict[str, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, int]] = []

    def counted(w3: Web3, address: str, first: int, last: int, **more: Any) -> list[Log]:
        asked.append((first, last))
        return read_logs(w3, address, first, last, **more)

    monkeypatch.setattr("plumbline.chain.feed.read_logs", counted)

    def gathered(**more: Any) -> Gathered:
        numbers = sorted(rounds.values())
        return gather(market.w3, market.deployment, numbers, books=True, **more)

    before = gathered()
    blocks = [block for first, last in asked for block in range(first, last + 1)]
    assert len(blocks) == len(set(blocks))
    with closing(LogCache(tmp_path, market.deployment.deployed)) as cache:
        assert gathered(cache=cache) == before
    asked.clear()
    with closing(LogCache(tmp_path, market.deployment.deployed)) as cache:
        assert gathered(cache=cache) == before
    assert not asked


def test_the_summary_has_all_books(market: Market, rounds: dict[str, int]) -> None:
    found = gather(market.w3, market.deployment, sorted(rounds.values()), books=True)
    assert found.report.totals is not None
    source = render_rounds(
        market.deployment,
        list(found.rounds.values()),
        found.report,
        now=found.now,
        times=found.times,
        accounts=found.accounts,
    )
    page = Page(source)
    assert page.faults == []
    assert "and all balances" in page.text


# --------------------------------------------------------------------- the command


@pytest.fixture(scope="module")
def shell(
    tmp_path_factory: pytest.TempPathFactory,
    anvil: str,
    zygote: Zygote,
    market: Market,
    rounds: dict[str, int],
) -> Iterator[ForkShell]:
    folder = tmp_path_factory.mktemp("report")
    made = ForkShell(folder, anvil, zygote)
    save(folder / "deployments" / f"{market.deployment.chain_id}.json", market.deployment)
    yield made


def test_the_command_writes_a_page_and_says_where(shell: ForkShell, rounds: dict[str, int]) -> None:
    result = shell("audit", "report", str(rounds["gold"]), "-o", "gold.html")
    assert result.code == 0, result
    path = shell.folder / "gold.html"
    assert Page(path.read_text()).faults == []
    assert f"gold.html: {path.stat().st_size / 1_000:,.0f} kB" in result.said
    assert "agrees to the wei" in result.said


def test_the_command_makes_a_page_of_many_rounds_and_json(
    shell: ForkShell, rounds: dict[str, int]
) -> None:
    result = shell("audit", "report", "--rounds", "2-3,5", "-o", "many.html", "--json")
    assert result.code == 0, result
    assert result.json["rounds"] == [2, 3, 5]
    assert result.json["is_clean"] is True
    path = shell.folder / result.json["file"]
    assert result.json["bytes"] == path.stat().st_size
    assert "Rounds 2-3, 5" in Page(path.read_text()).text


def test_the_command_shows_tasks_that_are_those_of_the_round(
    shell: ForkShell, rounds: dict[str, int], tmp_path: Path
) -> None:
    tasks = tmp_path / "tasks.json"
    tasks.write_text(json.dumps(TASKS.to_json()))
    number = str(rounds["published"])
    assert shell("audit", "report", number, "--tasks", str(tasks), "-o", "tasks.html").code == 0
    assert "Is it spam?" in Page((shell.folder / "tasks.html").read_text()).text
    wrong = replace(TASKS, instructions="Is it ham?")
    tasks.write_text(json.dumps(wrong.to_json()))
    result = shell("audit", "report", number, "--tasks", str(tasks), "-o", "wrong.html")
    assert "these are not the tasks of the round" in result.error
    assert not (shell.folder / "wrong.html").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("99",), "there is no round 99"),
        ((), "say which round"),
        (("--rounds", "1-99"), "beyond the rounds there are"),
        (("--rounds", "x"), "write them like 3-18"),
        (("1", "--rounds", "1-2"), "leave out ROUND"),
        (("1", "-o", "missing/report.html"), "cannot be written"),
    ],
)
def test_what_cannot_be_reported_is_said_in_a_line(
    shell: ForkShell, arguments: tuple[str, ...], words: str
) -> None:
    assert words in shell("audit", "report", *arguments).error


def test_a_round_that_is_not_what_it_should_be_is_an_error_and_a_page(
    shell: ForkShell, market: Market, rounds: dict[str, int], w3: Web3
) -> None:
    """The contract holds less than its books."""
    address = market.deployment.address
    held = w3.eth.get_balance(address)  # type: ignore[arg-type]

    def hold(amount: int) -> None:
        rpc(w3, "anvil_setBalance", address, hex(amount))
        rpc(w3, "evm_mine")

    try:
        hold(held - 1)
        result = shell("audit", "report", "--rounds", "1-2", "-o", "short.html")
        assert result.error == "the audit found 1 difference, see short.html"
        page = Page((shell.folder / "short.html").read_text())
        assert "holdings of the contract" in page.text
    finally:
        hold(held)
