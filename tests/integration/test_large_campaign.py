"""A job of 10,000 tasks with 7 labels each, from its table to the last withdrawal.

Every command is a process of its own, and what each step took is printed (`make large`). Labelers
are played in this process, which relays for them and hands their answers to a keeper.
"""

import csv
import json
import resource
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import pytest
from web3 import HTTPProvider, Web3

from plumbline.chain.deployment import path_of, save
from plumbline.chain.node import ask_for_chain_once
from plumbline.protocol.addresses import ZERO
from tests.build import Compiled
from tests.integration.campaigning import People
from tests.integration.conftest import deploy
from tests.integration.nodes import Node
from tests.integration.shell import PATIENCE, Shell
from tests.sampling import ALL

T = TypeVar("T")

pytestmark = pytest.mark.skipif(not ALL, reason="takes minutes: make large, make test-all")

TASKS, KNOWN, LABELERS = 10_000, 1_400, 60
LABELS = 7
MOST_SECONDS, MOST_BYTES = 300, 10**9


@dataclass
class Run:
    """What each step took, seconds, and the most memory of each process, bytes."""

    seconds: dict[str, float] = field(default_factory=dict)
    memory: dict[str, int] = field(default_factory=dict)
    results: dict[str, Any] = field(default_factory=dict)
    started: float = field(default_factory=time.monotonic)
    total: float = 0.0

    def timed(self, step: str, work: Callable[[], T]) -> T:
        began = time.monotonic()
        done = work()
        self.seconds[step] = self.seconds.get(step, 0) + time.monotonic() - began
        return done

    def report(self) -> str:
        lines = [f"{step:<28}{seconds:8.1f} s" for step, seconds in self.seconds.items()]
        lines.append(f"{'all of it':<28}{self.total:8.1f} s")
        lines += [f"{name:<28}{most / 10**6:8.0f} MB" for name, most in self.memory.items()]
        return "\n".join(lines)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, node: Node, compiled: Compiled) -> Iterator[Run]:
    folder = tmp_path_factory.mktemp("job")
    shell, w3 = Shell(folder, node.url), Web3(HTTPProvider(node.url))
    shell.environment["PLUMBLINE_NODE"] = node.url
    ask_for_chain_once(w3)
    deployment = deploy(w3, compiled, ZERO)
    save(folder / path_of(deployment.chain_id), deployment)
    truth = write_job(folder)
    people = People(w3, deployment, folder / "published", truth, LABELERS, skill=0.85)
    made = Run()

    def command(*arguments: str, who: int = 0) -> Any:
        account = () if arguments[1] == "plan" else ("--account", f"TEST::{who}")
        line = [shell.program("plumbline"), *arguments, *account, "--json"]
        environment = {**shell.environment, "PYTHONFAULTHANDLER": "1"}
        done = subprocess.run(
            line,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, (arguments, done.stderr[-2_000:])
        return json.loads(done.stdout)

    def campaign(step: str, *more: str) -> None:
        name = f"campaign {step}"
        arguments = ("campaign", step, "job.json", *more)
        made.results[step] = made.timed(name, lambda: command(*arguments))

    delegated = folder / "delegated"
    delegated.mkdir()
    campaign("plan")
    campaign("open", "--yes")
    made.timed("labelers, relayed", lambda: answer_all(people, delegated))
    campaign("delegate", "--to", "delegated")
    keeper = ("keeper", "--once", "--delegated", "delegated", "--yes")
    made.results["keeper"] = made.timed("keeper", lambda: command(*keeper, who=9))
    campaign("close", "--yes")
    campaign("status")
    campaign("labels")
    paid_out = made.timed("labelers' withdrawals", people.withdraw)
    campaign("withdraw", "--yes")
    made.total = time.monotonic() - made.started
    made.results["paid out"] = paid_out
    made.results["truth"] = truth
    made.results["left"] = w3.eth.get_balance(deployment.address)
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    made.memory["largest command"] = children * 1024
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    made.memory["this process"] = own * 1024
    made.memory["anvil"] = node.most_memory()
    print(f"\n{TASKS:,} tasks, {LABELS} labels each\n{made.report()}")
    yield made


def write_job(folder: Path) -> dict[str, str]:
    """The table and the campaign file; the right answer by the text of a task."""
    dice = Random(1)
    truth = {
        f"message {number:,} of the job": dice.choice(["no", "yes"]) for number in range(TASKS)
    }
    known = set(dice.sample(range(TASKS), KNOWN))
    with (folder / "messages.csv").open("w", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "text", "answer"])
        for number, (text, answer) in enumerate(truth.items()):
            rows.writerow([f"m{number}", text, answer if number in known else ""])
    values = {
        "preset": "binary",
        "tasks": "messages.csv",
        "gold": "answer",
        "labels": LABELS,
        "price": "0.01 ether",
        "stake": "0.02 ether",
        "spend": "10 ether",
        "open_at_once": 100,
        "commit": "1d",
        "reveal": "1d",
        "gold_window": "1d",
    }
    (folder / "job.json").write_text(json.dumps(values))
    return truth


def answer_all(people: People, folder: Path) -> None:
    """All seats of all rounds, dealt in turn."""
    seat = 0
    for past in people.market.histories():
        people.answer(past, [(seat + each) % LABELERS for each in range(LABELS)], folder)
        seat += LABELS


def test_every_task_has_a_label_that_is_mostly_right(run: Run) -> None:
    labels, truth = run.results["labels"], list(run.results["truth"].values())
    assert [each["id"] for each in labels] == [f"m{number}" for number in range(TASKS)]
    right = sum(each["label"] == answer for each, answer in zip(labels, truth, strict=True))
    assert right > TASKS * 0.93


def test_all_rounds_were_closed_by_the_keeper_with_gold(run: Run) -> None:
    status = run.results["status"]
    assert status["is_done"]
    assert {each["mode"] for each in status["rounds"]} == {"peer"}
    assert run.results["close"]["transactions"] == []
    kinds = {each["action"] for each in run.results["keeper"]["done"]}
    assert kinds == {"conclude"}


def test_all_money_is_out(run: Run) -> None:
    status = run.results["status"]
    assert run.results["left"] == int(status["to_sink"])
    stakes = sum(each["committed"] for each in status["rounds"]) * 2 * 10**16
    assert run.results["paid out"] == int(status["paid"]) + stakes
    assert run.results["withdraw"]["amount"] == status["refunded"]
    assert int(run.results["plan"]["escrow"]) == (
        int(status["paid"]) + int(status["to_sink"]) + int(status["refunded"])
    )


def test_it_took_minutes_and_little_memory(run: Run) -> None:
    assert run.total < MOST_SECONDS, run.report()
    assert {name: most for name, most in run.memory.items() if most >= MOST_BYTES} == {}
