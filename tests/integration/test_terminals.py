"""Terminals that know few letters: what people write is shown as well as they can, or in a file."""

import csv
from collections.abc import Iterator

import pytest
from web3 import Web3

from tests.build import Compiled
from tests.integration.conftest import deploy_for
from tests.integration.forking import ForkShell, Zygote
from tests.integration.paperwork import write_round
from tests.integration.shell import Result, pass_time

OPTIONS = ["はい", "нет"]
TASKS_FILE = ("--tasks", "round.tasks.json")
TASKS = [f"质量 {number} ≥ 3…" for number in range(24)]


class OldTerminal:
    """Runs commands as on a terminal of Windows: in processes of their own."""

    def __init__(self, shell: ForkShell) -> None:
        self.shell = shell

    def __call__(self, *arguments: str) -> Result:
        result = self.shell.run("plumbline", *arguments, PYTHONIOENCODING="cp1252", PYTHONUTF8="0")
        assert "Traceback" not in result.err and "codec" not in result.err, result
        return result


@pytest.fixture(scope="module")
def terminal(
    tmp_path_factory: pytest.TempPathFactory,
    anvil: str,
    w3: Web3,
    compiled: Compiled,
    zygote: Zygote,
) -> Iterator[OldTerminal]:
    """With a round of three labelers that is closed."""
    shell = ForkShell(tmp_path_factory.mktemp("項目"), anvil, zygote)
    deploy_for(shell, w3, compiled)
    write_round(
        shell.folder,
        preset="choice",
        options=OPTIONS,
        tasks=TASKS,
        gold=None,
        gold_window=None,
        seats=3,
    )
    lines = [f"{number + 1},{OPTIONS[number % 2]}" for number in range(len(TASKS))]
    (shell.folder / "ответы.csv").write_text("task,answer\n" + "\n".join(lines), encoding="utf-8")
    shell.good("requester", "open", "round.json", "--yes")
    seat = ("labeler", "commit", "ответы.csv", "--tasks", "round.tasks.json")
    for number in (1, 2, 3):
        who = ("--account", f"TEST::{number}", "--yes")
        shell.good("labeler", "deposit", "0.02 ether", *who)
        shell.good(*seat, *who)
    for number in (1, 2, 3):
        shell.good("labeler", "reveal", "--account", f"TEST::{number}", "--yes")
    pass_time(w3, 7_300)
    shell.good("requester", "close", "--yes")
    yield OldTerminal(shell)


@pytest.mark.parametrize(
    "command",
    [
        ("requester", "status"),
        ("requester", "labels", "--tasks", "round.tasks.json"),
        ("labeler", "status", "--account", "TEST::1"),
        ("audit", "--tasks", "round.tasks.json"),
        ("deploy", "--help"),
    ],
    ids=" ".join,
)
def test_a_terminal_that_lacks_letters_ends_no_command(
    terminal: OldTerminal, command: tuple[str, ...]
) -> None:
    result = terminal(*command)
    assert result.code == 0, result


def test_an_error_is_told_there_as_well(terminal: OldTerminal) -> None:
    result = terminal(
        "labeler", "commit", "ответ.csv", *TASKS_FILE, "--account", "TEST::1", "--yes"
    )
    assert r"\u043e\u0442\u0432\u0435\u0442.csv" in result.error


def test_labels_for_machines_are_whole_or_refused(terminal: OldTerminal) -> None:
    """Never with other letters in their place: a name that changed would be another option."""
    labels = ("requester", "labels", "--tasks", "round.tasks.json", "--format", "csv")
    result = terminal(*labels)
    assert "stdout is cp1252" in result.error and "--output" in result.error
    assert result.out == ""
    assert terminal(*labels, "--output", "labels.csv").code == 0
    with (terminal.shell.folder / "labels.csv").open(encoding="utf-8") as file:
        assert {row["label"] for row in csv.DictReader(file)} == set(OPTIONS)
