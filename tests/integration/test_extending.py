"""A campaign is extended: others are asked where its labels are not sure enough."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.integration.campaigning import People
from tests.integration.forking import ForkShell, Project
from tests.integration.paperwork import MESSAGES, write_campaign
from tests.integration.shell import Result

WHO = ("--account", "TEST::0")


@dataclass
class Played:
    """What each command came to."""

    results: dict[str, Result]
    shell: ForkShell

    def __getitem__(self, name: str) -> Any:
        return self.results[name].json


@pytest.fixture(scope="module")
def played(project: Project) -> Iterator[Played]:
    shell = project.shell
    write_campaign(shell.folder, batch=75)
    people = People(project.w3, project.deployment, shell.folder / "published", MESSAGES, 7, 0.8)
    seats = shell.folder / "seats"
    seats.mkdir()
    results: dict[str, Result] = {}

    def run(name: str, *arguments: str) -> None:
        results[name] = shell(*arguments[:2], "job.json", *arguments[2:], *WHO, "--json")
        assert results[name].code == 0, (name, results[name])

    def answer(labelers: tuple[int, ...]) -> None:
        for past in people.market.histories():
            if not past.is_over:
                people.answer(past, labelers, seats)
        keeper = ("keeper", "--once", "--delegated", "seats", "--steps", "reveal", "--yes")
        shell.good(*keeper, "--account", "TEST::9")

    extend = ("campaign", "extend", "--confidence", "0.9", "--yes")
    run("open", "campaign", "open", "--yes")
    results["early"] = shell("campaign", "extend", "job.json", *extend[2:], *WHO)
    answer((0, 1, 2))
    run("close", "campaign", "close", "--yes")
    run("before", "campaign", "labels")
    results["poor"] = shell(
        *("campaign", "extend", "job.json", *extend[2:], "--budget", "1 gwei", *WHO)
    )
    run("extend", *extend)
    run("again", *extend)
    answer((0, 3, 4))
    run("closed", "campaign", "close", "--yes")
    run("after", "campaign", "labels")
    run("next", *extend)
    yield Played(results, shell)


def test_see(played: Played) -> None:
    for name, result in played.results.items():
        print("=====", name, result.code, result.err)
        if name not in ("before", "after"):
            print(result.out[:3000])
    truth = {f"m{number}": answer for number, answer in enumerate(MESSAGES.values())}
    for name in ("before", "after"):
        print(name, sum(each["label"] == truth[each["item"]] for each in played[name]))
