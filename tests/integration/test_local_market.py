"""`plumbline market`: a newcomer takes the last seat, and sees what came of it."""

import json
import subprocess
import threading
from collections.abc import Iterator
from queue import Queue
from typing import Any

import pytest
from eth_account import Account

from plumbline.lab.site.client import SheetToCommit, SiteClient
from tests.build import ROOT
from tests.integration.shell import Shell
from tests.waiting import wait_until

PATIENCE = 120.0  # seconds, on a busy machine


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SiteClient]:
    """A client of the site of a local market, on a chain of its own."""
    shell = Shell(tmp_path_factory.mktemp("market"), "")
    del shell.environment["APE_FOUNDRY_HOST"]
    process = subprocess.Popen(
        [shell.program("plumbline"), "market", "--port", "0", "--log", "json"],
        cwd=ROOT,  # where the contracts are compiled already
        env=shell.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    entries: Queue[dict[str, Any]] = Queue()
    assert process.stderr is not None
    lines = process.stderr

    def read() -> None:
        for line in lines:
            if line.startswith("{"):
                entries.put(json.loads(line))

    threading.Thread(target=read, daemon=True).start()
    try:
        entry: dict[str, Any] = {}
        while entry.get("event") != "site is open":
            entry = entries.get(timeout=PATIENCE)
        yield SiteClient(entry["url"])
    finally:
        process.terminate()
        assert process.wait(PATIENCE) == 0


def test_whoever_takes_the_last_seat_sees_what_it_earned_and_why(market: SiteClient) -> None:
    def both() -> Any:
        rounds = market.get("/api/rounds").json.get("rounds", [])
        ready = [each for each in rounds if each["question"] and each["committed"] == 4]
        return ready if len(ready) == 2 else None

    wait_until(both, PATIENCE)
    rounds = both()
    assert {each["kind"] for each in rounds} == {"nominal", "ordinal"}
    assert all(each["gold"] > 0 for each in rounds)
    told = rounds[0]
    key = Account.create()
    market.post("/api/faucet", json.dumps({"labeler": key.address}))
    manifest = market.get(f"/tasks/{told['tasks_root'][2:]}.json").json
    sheet = SheetToCommit.of(key, market.get("/api/site").json, told, [0] * len(manifest["tasks"]))
    seated = market.post("/api/commitments", sheet.consent(int(told["stake"])))
    assert seated.json["status"] == "seated", seated
    opened = market.post("/api/openings", sheet.opening())
    assert opened.status == 200, opened

    def settled() -> Any:
        path = f"/api/rounds/{told['round']}?labeler={sheet.labeler}"
        return market.get(path).json["you"]["seat"]["settled"]

    # The same answer to everything is a guess, and gold tasks tell.
    wait_until(settled, PATIENCE)
    outcome = settled()
    assert outcome["band"] == "outlier" and int(outcome["slash"]) > 0 and outcome["reason"]
    (ended,) = market.get(f"/api/labelers/{sheet.labeler}").json["rounds"]
    assert ended["slash"] == outcome["slash"] and ended["closed_at"] > 0
    # Another round of the kind is open in its place.
    wait_until(both, PATIENCE)
    assert [each["round"] for each in both()] != [each["round"] for each in rounds]


def test_the_page_is_offered_or_it_says_how_it_is_built(market: SiteClient) -> None:
    page = market.get("/")
    if page.status == 503:
        assert b"make web" in page.body
    else:
        assert page.status == 200 and b"<script" in page.body
