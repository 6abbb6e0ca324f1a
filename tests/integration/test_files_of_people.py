"""Spreadsheets through a whole round: gold answers beside the tasks, answers in three spellings."""

import csv
import io
import json
from pathlib import Path

import pytest

from tests.integration.forking import Project
from tests.integration.playbook import Playbook

OPTIONS = ("bad", "so so", "=good")
TASKS = 48
TRUTH = [OPTIONS[number % 3] for number in range(TASKS)]
LABELERS = ("TEST::1", "TEST::2", "TEST::3")
ROUND = f"""\
preset: choice
options: {json.dumps(OPTIONS)}
instructions: How good is the reply?
tasks: replies.csv
id: nr
group: Thread
keep: [Source]
price: 0.01 ether
stake: 0.02 ether
seats: 3
commit: 1h
reveal: 1h
"""


def write(folder: Path, name: str, rows: list[str], encoding: str = "utf-8-sig") -> str:
    path = folder / name
    path.write_text("\r\n".join(rows) + "\r\n", encoding=encoding, newline="")
    return str(path)


@pytest.fixture(scope="module")
def played(project: Project) -> Playbook:
    """One round, with slips on the way that cost nothing."""
    shell = project.shell
    play = Playbook(shell)
    folder = shell.folder
    rows = [
        f'-r{n};"reply {n}; sent";{TRUTH[n] if n < 12 else ""};t{n // 4};model {n % 2}'
        for n in range(TASKS)
    ]
    write(folder, "replies.csv", [" nr ;text;Label;Thread;Source", *rows, ";;;;"])
    (folder / "open.yaml").write_text(ROUND + "no_gold: true\n")
    (folder / "round.yaml").write_text(ROUND + "gold: Label\n")

    play.good("check", "requester", "check", "round.yaml")
    with_node = ("--network", shell.environment["APE_FOUNDRY_HOST"], "--json")
    play.good("check, with fees", "requester", "check", "round.yaml", *with_node)
    play.run("open with labels in sight", "requester", "open", "open.yaml", "--yes")
    (folder / "round.tasks.json").write_text('["my own work"]')
    play.run("open over another file", "requester", "open", "round.yaml", "--yes")
    (folder / "round.tasks.json").unlink()
    play.run("open, asked", "requester", "open", "round.yaml")
    play.good("open", "requester", "open", "round.yaml", "--yes", "--json")

    answers = [f"'-r{n};{'TRUE' if n == 40 else TRUTH[n]}" for n in range(TASKS)]
    write(folder, "slip.csv", ["Task;Answer", *answers])
    write(folder, "latin.csv", ["Task;Answer", *answers, "-r\u00e9;bad"], "latin-1")
    write(folder, "a.csv", ["Task;Answer", *(f"'-r{n};{TRUTH[n]} " for n in range(TASKS)), ";"])
    write(folder, "b.csv", [f"{1 + OPTIONS.index(truth)}.0" for truth in TRUTH])
    (folder / "c.json").write_text(json.dumps({f"-r{n}": TRUTH[n] for n in range(TASKS)}))
    files = ("a.csv", "b.csv", "c.json")
    for name, labeler in zip(files, LABELERS, strict=True):
        shell.good("labeler", "deposit", "0.02 ether", "--account", labeler, "--yes")
        sheet = ("--tasks", "round.tasks.json", "--account", labeler, "--yes")
        play.run(f"slip of {labeler}", "labeler", "commit", "slip.csv", *sheet)
        play.run(f"latin of {labeler}", "labeler", "commit", "latin.csv", *sheet)
        play.good(f"commit {name}", "labeler", "commit", name, *sheet)
    for labeler in LABELERS:
        play.good(f"reveal {labeler}", "labeler", "reveal", "--account", labeler, "--yes")
    play.good("close", "requester", "close", "--yes", "--json")
    labels = ("requester", "labels", "--format", "csv")
    play.good("labels", *labels, "--tasks", "round.tasks.json")
    play.good("labels with the file", *labels, "--file", "round.yaml")
    play.run("labels twice", *labels, "--file", "round.yaml", "--tasks", "round.tasks.json")
    return play


def test_labels_among_the_tasks_are_not_published_unasked(played: Playbook) -> None:
    refused = played["open with labels in sight"].error
    assert "tasks have a field 'Label': would labelers see the answer?" in refused
    assert "`show: [text]`" in refused and "`gold: Label`" in refused
    assert not (played.shell.folder / "open.tasks.json").exists()


def test_a_file_is_checked_without_a_node_and_with_one_gas_has_its_price(played: Playbook) -> None:
    said = played["check"].out
    assert "csv: 48 rows, 48 items" in said and "Task 1 of 48 as labelers see it, -r0:" in said
    assert "0.03 ETH, 3 seats at 0.01 ETH" in said and " now)" not in said
    checked = played["check, with fees"].json
    assert checked["fields"]["kept"] == ["Source"] and int(checked["gas_price"]) > 0
    opened = played["open"].json
    assert (checked["escrow"], checked["tasks_root"]) == (opened["escrow"], opened["tasks_root"])


def test_only_published_tasks_are_overwritten(played: Playbook) -> None:
    assert "does not hold published tasks: move it" in played["open over another file"].error


def test_open_shows_the_first_task_as_labelers_see_it_before_it_asks(played: Playbook) -> None:
    for name in ("open", "open, asked"):
        shown, _, asked = played[name].err.partition("will sign")
        assert "Task 1 of 48 as labelers see it, -r0:" in shown
        for line in ("How good is the reply?", "reply 0; sent", "[1] bad   [2] so so   [3] =good"):
            assert f"    {line}\n" in shown
        assert asked
    assert "Gold task -r0 (reply 0; sent): the answer is bad" in played["open, asked"].err
    assert "the answer is" not in played["open"].err


def test_gold_answers_are_not_among_the_published_tasks(played: Playbook) -> None:
    published = json.loads((played.shell.folder / "round.tasks.json").read_text())
    assert published["tasks"][:2] == [
        {"id": "-r0", "text": "reply 0; sent"},
        {"id": "-r1", "text": "reply 1; sent"},
    ]
    assert len(published["tasks"]) == TASKS


def test_a_slip_in_an_answer_is_said_with_its_line(played: Playbook) -> None:
    slip = played["slip of TEST::1"].error
    assert "slip.csv, line 42: 'TRUE' is not an option: give one of bad, so so, =good" in slip
    assert "latin.csv, line 50: not text in UTF-8" in played["latin of TEST::1"].error


def test_groups_and_kept_fields_stand_beside_the_labels_and_nowhere_else(played: Playbook) -> None:
    published = (played.shell.folder / "round.tasks.json").read_text()
    assert "model" not in published and "t11" not in published
    rows = list(csv.DictReader(io.StringIO(played["labels with the file"].out)))
    plain = list(csv.DictReader(io.StringIO(played["labels"].out)))
    assert [row.pop("group") for row in rows] == [f"t{n // 4}" for n in range(TASKS)]
    assert [row.pop("kept Source") for row in rows] == [f"model {n % 2}" for n in range(TASKS)]
    assert rows == plain
    assert "--file has the tasks too: leave out --tasks" in played["labels twice"].error


def test_all_spellings_say_the_same(played: Playbook) -> None:
    rows = list(csv.DictReader(io.StringIO(played["labels"].out)))
    assert [row["task"] for row in rows] == [f"'-r{n}" for n in range(TASKS)]
    assert [row["label"] for row in rows] == [truth.replace("=", "'=") for truth in TRUTH]
    assert {max(row["votes bad"], row["votes so so"], row["votes =good"]) for row in rows} == {"3"}
    assert [row["gold"] for row in rows] == [row["label"] for row in rows[:12]] + [""] * 36
