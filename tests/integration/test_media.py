"""A round with images and long texts, published, handed out, and checked by who answers."""

import json
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from tests.integration.forking import Project, Running
from tests.integration.paperwork import GOLD, write_round
from tests.integration.shell import Result
from tests.terminal import Terminal
from tests.waiting import wait_until

PNG = b"\x89PNG\r\n\x1a\n"
TASKS = 48
WHO = ("--account", "TEST::1")


@dataclass(frozen=True)
class Market:
    """A round that is opened, and the server of its tasks."""

    project: Project
    server: Running
    url: str
    opened: Result

    @property
    def published(self) -> Path:
        return self.project.shell.folder / "published"

    @property
    def manifest(self) -> Path:
        (path,) = self.published.glob("*.json")
        return path

    def task(self, number: int) -> dict[str, dict[str, str]]:
        task = json.loads(self.manifest.read_bytes())["tasks"][number]
        assert isinstance(task, dict)
        return task

    def answering(self, vault: str, *more: str) -> Terminal:
        shell = self.project.shell
        command = [shell.program("plumbline"), "labeler", "answer", "1", *more, *WHO]
        return Terminal([*command, "--vault", vault], shell.folder, shell.environment)


@pytest.fixture(scope="module")
def market(project: Project) -> Iterator[Market]:
    shell = project.shell
    files, published = shell.folder / "files", shell.folder / "published"
    files.mkdir()
    published.mkdir()
    rows = ["id,picture,note"]
    for number in range(TASKS):
        (files / f"{number}.png").write_bytes(PNG + bytes([number]))
        (files / f"{number}.txt").write_text(f"The story of picture {number}.\n" * 40)
        rows.append(f"m{number + 1},{number}.png,{number}.txt")
    (files / "tasks.csv").write_text("\n".join(rows))
    server = shell.start("requester", "serve", "--port", "0", "--json")
    said = server.papers / "out"
    wait_until(lambda: "\n" in said.read_text())
    url = json.loads(said.read_text().splitlines()[0])["url"]
    wanted = write_round(
        shell.folder,
        tasks="files/tasks.csv",
        media=["picture", "note"],
        gold={f"m{number}": answer for number, answer in GOLD.items()},
        uri=url,
    )
    opened = shell.good("requester", "open", str(wanted), "--publish", "published", "--yes")
    shell.good("labeler", "deposit", "0.02 ether", *WHO, "--yes")
    yield Market(project, server, url, opened)
    server.sweep()


def test_the_first_task_and_what_is_published_are_shown_before_there_is_money_in_it(
    market: Market,
) -> None:
    said = market.opened.said
    assert "image/png, 9 bytes" in said and "The story of picture 0." in said
    assert "published with 96 files" in said
    assert str(market.manifest.relative_to(market.project.shell.folder)) in said


def test_tasks_go_by_their_root_at_the_address_of_the_round(market: Market) -> None:
    (round_,) = market.project.shell.good("requester", "status", "1", "--json").json
    assert round_["uri"] == f"{market.url}{round_['tasks_root'][2:]}.json"
    assert requests.get(round_["uri"], timeout=10).content == market.manifest.read_bytes()
    audited = market.project.shell.good("audit", "--fetch")
    assert "were not to be had" not in audited.said


def test_what_tasks_refer_to_is_fetched_and_shown_if_it_has_its_hash(market: Market) -> None:
    first = market.answering("fetched", "--fetch")
    first.wait_for("The story of picture 0.")
    first.wait_for("press o to open it")
    first.kill()
    copies = market.project.shell.folder / "fetched" / "cache" / "media"
    assert len(list(copies.glob("*.png"))) == len(list(copies.glob("*.txt"))) == TASKS


def test_without_fetch_it_is_said_what_is_missing(market: Market) -> None:
    shell = market.project.shell
    alone = shell.folder / "alone.json"
    alone.write_bytes(market.manifest.read_bytes())
    result = shell("labeler", "answer", "1", "--tasks", "alone.json", *WHO, "--vault", "none")
    src = market.task(0)["picture"]["src"]
    assert f"96 files of these tasks: {src} is not here" in result.error
    assert result.error.endswith(": --fetch gets it")


def test_a_changed_byte_is_told_loudly_and_not_shown(market: Market) -> None:
    away = market.published / "away"
    picture, note = (market.published / market.task(0)[name]["src"] for name in ("picture", "note"))
    before = note.read_bytes()
    note.write_bytes(before.replace(b"story", b"glory", 1))
    tasks = str(market.manifest)
    try:
        beside = market.answering("beside", "--tasks", tasks)
        beside.wait_for("Part of this is NOT what the round was opened with")
        beside.wait_for("!! NOT SHOWN")
        assert f"task m1: what is at {market.task(0)['note']['src']}" in beside.seen
        assert "glory of picture 0" not in beside.seen
        beside.kill()
        picture.rename(away)
        fetched = market.answering("away", "--fetch")
        fetched.wait_for("cannot be had (HTTP 404)")
        fetched.wait_for("!! NOT SHOWN")
        fetched.kill()
    finally:
        note.write_bytes(before)
        if away.exists():
            away.rename(picture)


def test_the_server_stops_when_it_is_told_to(market: Market) -> None:
    os.kill(market.server.process, signal.SIGTERM)
    result = market.server.result(20)
    lines = [json.loads(line) for line in result.out.splitlines()]
    assert (result.code, lines[-1], result.err) == (0, {"event": "stopped"}, "")
    statuses = {line["status"] for line in lines if line["event"] == "request"}
    assert statuses == {200, 404}
