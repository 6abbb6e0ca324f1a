"""The commands on the page for requesters run as they stand: a campaign from plan to withdrawal."""

import csv
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from plumbline.chain.deployment import path_of, save
from tests.build import ROOT
from tests.integration.campaigning import People
from tests.integration.forking import ForkShell, Project, Zygote
from tests.integration.shell import LINKS, Result

PAGE = (ROOT / "docs" / "requester.md").read_text(encoding="utf-8")


def commands_below(heading: str) -> list[list[str]]:
    """The words of each line of the first block below a heading."""
    section = PAGE.partition(f"# {heading}\n")[2].partition("\n## ")[0]
    block = re.findall(r"(?ms)^```\n(plumbline.*?)^```$", section)[0]
    return [shlex.split(line, comments=True) for line in block.splitlines()]


COMMANDS = [words[1:] for words in commands_below("A job of any size")]
TO_DATASET = commands_below("From the CSV to a loaded dataset")


@pytest.fixture(scope="module")
def results(
    tmp_path_factory: pytest.TempPathFactory, anvil: str, zygote: Zygote, project: Project
) -> dict[str, Result]:
    folder = tmp_path_factory.mktemp("page")
    shell = ForkShell(folder, anvil, zygote, [name for name in LINKS if name != "docs"])
    save(folder / path_of(project.deployment.chain_id), project.deployment)
    shutil.copytree(ROOT / "docs" / "examples", folder / "docs" / "examples")
    examples = folder / "docs" / "examples"
    truth = truth_of(examples / "tickets.csv")
    people = People(project.w3, project.deployment, examples / "published", truth, 10, skill=0.8)
    delegated = folder / "delegated"
    delegated.mkdir()
    answered: set[int] = set()

    def answer() -> None:
        """Everybody answers what is open, and a keeper reveals it."""
        for past in people.market.histories():
            if past.round_id not in answered:
                answered.add(past.round_id)
                first = 5 * (past.round_id % 2)
                people.answer(past, range(first, first + 5), delegated)
        keeper = ("keeper", "--once", "--delegated", "delegated", "--steps", "reveal")
        shell.good(*keeper, "--account", "TEST::9", "--yes")

    found = {}
    before = [words[1:] for words in TO_DATASET[: TO_DATASET.index(["plumbline", *COMMANDS[0]])]]
    after = [words[1:] for words in TO_DATASET if words[2] in ("dataset", "verify")]
    for command in [*before, *COMMANDS, *after]:
        if command[1] in ("resume", "close"):
            answer()
        sends = command[1] in ("open", "resume", "close", "withdraw")
        words = [word if word != "me" else "TEST::0" for word in command]
        found[command[1]] = shell(*words, *(["--yes"] if sends else []))
    done = subprocess.run(
        [sys.executable, *TO_DATASET[-1][1:]],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    found["load"] = Result(done.returncode, done.stdout, done.stderr)
    return found


def truth_of(path: Path) -> dict[str, str]:
    """The right answer by text: what the tickets say tells it."""
    words = {
        "billing": ("charged", "invoice", "money", "costs"),
        "technical": ("log in", "freeze", "error", "blank"),
    }
    with path.open() as file:
        texts = [row["text"] for row in csv.DictReader(file)]
    return {
        text: next(
            (name for name, marks in words.items() if any(m in text for m in marks)), "other"
        )
        for text in texts
    }


def test_it_takes_at_most_eight_commands_to_the_close() -> None:
    names = [command[1] for command in COMMANDS]
    assert names.index("close") < 8
    assert set(names) >= {"plan", "open", "status", "resume", "close", "labels", "withdraw"}


def test_every_command_of_the_page_ends_well(results: dict[str, Result]) -> None:
    assert {name: each.err for name, each in results.items() if each.code != 0} == {}
    assert "3 of 3 rounds closed" in results["close"].out
    assert "2 of 3 rounds closed" in results["resume"].out


def test_the_plan_says_what_the_page_is_about(results: dict[str, Result]) -> None:
    said = results["plan"].said
    for words in ("3 of 80 tasks", "12 in each round", "your gas", "a label", "an hour"):
        assert words in said
    assert "Which team should answer this ticket?" in said


def test_from_the_csv_to_a_loaded_dataset_it_takes_at_most_twelve_commands(
    results: dict[str, Result],
) -> None:
    assert len(TO_DATASET) <= 12
    assert TO_DATASET[-1][0] == "python"
    # Each of them was run above.
    assert all(words[1:] in COMMANDS or words[2] in results for words in TO_DATASET[:-1])
    assert "files" in results["dataset"].out
    loaded = results["load"].out
    assert re.search(r"\[2\d\d rows x \d+ columns\]", loaded), loaded


def test_the_labels_are_in_the_file(results: dict[str, Result]) -> None:
    assert "the labels of 240 items are in labels.csv" in results["labels"].err
