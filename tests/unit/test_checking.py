"""A round file is checked without a chain: it is read as it would be opened, with its costs."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plumbline.campaign.checking import check_any
from plumbline.cli.requester.check import check
from plumbline.errors import PlumblineError
from plumbline.formats.round_file import NoGoldError, load, load_questionnaire
from plumbline.requester.checking import check_file

VALUES = {"preset": "binary", "price": "0.01 ether", "stake": "0.02 ether", "tasks": "t.jsonl"}


def a_file(folder: Path, tasks: int = 96, known: int = 24, **values: Any) -> Path:
    rows = [
        {
            "id": f"t{number}",
            "text": f"text {number}",
            "label": ("no", "yes")[number % 2] if number < known else None,
            "from": f"user {number}",
            "secret": number,
        }
        for number in range(tasks)
    ]
    (folder / "t.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    path = folder / "r.json"
    given = {**VALUES, "show": ["text"], "gold": "label", "keep": ["from"], **values}
    path.write_text(json.dumps({key: value for key, value in given.items() if value is not None}))
    return path


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """The command: its exit code, stdout and stderr."""

    def run_check(path: Path, *options: str) -> tuple[int, str, str]:
        code = check.main([str(path), *options], standalone_mode=False)
        return (code or 0, *capsys.readouterr())

    return run_check


def test_a_file_is_checked_as_it_would_be_opened(tmp_path: Path) -> None:
    path = a_file(tmp_path)
    found = check_file(path)
    assert found.round_file == load(path)
    assert found.rounds == (load(path).rules,)
    assert found.cost.escrow == load(path).escrow
    assert load_questionnaire(path).pool == found.asked.pool


def test_what_came_in_and_what_it_costs_is_said(tmp_path: Path, run: Run) -> None:
    code, out, err = run(a_file(tmp_path))
    assert code == 0
    shown = dict(
        line.strip().split("  ", 1) for line in out.partition("Task 1")[0].splitlines() if "  " in
        line.strip()
    )  # fmt: skip
    shown = {name: value.strip() for name, value in shown.items()}
    assert shown["read"] == "jsonl: 96 rows, 96 items"
    assert (shown["id"], shown["shown"], shown["gold answers"]) == ("id", "text", "label")
    assert (shown["kept"], shown["left out"]) == ("from", "secret")
    assert shown["options"] == "no / yes"
    assert shown["gold tasks"] == "12 no, 12 yes are known"
    assert shown["escrow"] == "0.09 ETH, 9 seats at 0.01 ETH"
    assert shown["stake"] == "0.02 ETH of each labeler"
    assert "Task 1 of 96 as labelers see it, t0:" in out and "    text 0\n" in out
    assert "Gold task t0 (text 0): the answer is no" in err
    assert "no uri: hand the tasks to labelers" in err


def test_json_says_the_same_with_amounts_as_text(tmp_path: Path, run: Run) -> None:
    code, out, _ = run(a_file(tmp_path), "--json")
    shown = json.loads(out)
    assert code == 0
    assert (shown["rows"], shown["items"], shown["tasks"], shown["rounds"]) == (96, 96, 96, 1)
    assert shown["fields"]["left_out"] == ["secret"]
    assert (shown["known"], shown["gold"]) == ({"no": 12, "yes": 12}, {"no": 12, "yes": 12})
    assert (shown["escrow"], shown["stake"]) == (str(9 * 10**16), str(2 * 10**16))
    assert int(shown["never_refunded"]) < int(shown["expected_spent"]) < int(shown["escrow"])
    assert shown["tasks_root"] == "0x" + load(tmp_path / "r.json").manifest.root.hex()
    assert "gas_price" not in shown


@pytest.mark.parametrize(("tasks", "rounds"), [(256, 1), (257, 2), (1_000, 4)])
def test_of_more_tasks_than_a_round_has_the_rounds_are_told(
    tmp_path: Path, tasks: int, rounds: int, run: Run
) -> None:
    path = a_file(tmp_path, tasks, known=tasks // 4 if rounds > 1 else 24)
    found = check_file(path)
    sizes = [terms.tasks for terms in found.rounds]
    assert len(sizes) == rounds and sum(sizes) == tasks and max(sizes) - min(sizes) <= 1
    assert (found.round_file is None) == (rounds > 1)
    assert found.cost.escrow == rounds * 9 * 10**16
    code, out, err = run(path)
    assert code == 0 and f"Task 1 of {tasks} as labelers" in out
    assert (f"a campaign takes {rounds} rounds or more" in err) == (rounds > 1)
    shown = json.loads(run(path, "--json")[1])
    assert shown["rounds"] == rounds
    assert (shown["tasks_root"] is None) == (shown["gold"] is None) == (rounds > 1)


def test_a_campaign_file_is_checked_with_all_its_rounds(tmp_path: Path, run: Run) -> None:
    path = a_file(tmp_path, 400, known=100, batch=100, labels=5)
    found = check_any(path)
    assert found.is_campaign and found.round_file is None
    assert [terms.tasks for terms in found.rounds] == [100] * 4
    assert {terms.seats for terms in found.rounds} == {5}
    code, out, err = run(path)
    assert code == 0 and "0.2 ETH, 5 seats in 4 rounds at 0.01 ETH" in out
    assert "`plumbline campaign plan` says what to expect of its 4 rounds" in err
    path = a_file(tmp_path, 40, known=10, batch=100)
    assert run(path)[2].count("r.json: 40 tasks are one small round, not a campaign") == 1


def test_gold_answers_that_are_too_few_for_all_rounds_are_told_with_numbers(tmp_path: Path) -> None:
    with pytest.raises(
        PlumblineError, match="gold has 30 answers, too few for 4 rounds, of which each takes 12"
    ):
        check_file(a_file(tmp_path, 1_000, known=30))
    assert len(check_file(a_file(tmp_path, 1_000, gold=None, no_gold=True)).rounds) == 4


def test_of_more_answers_than_can_be_gold_it_is_asked_how_many(tmp_path: Path, run: Run) -> None:
    path = a_file(tmp_path, 96, known=96)
    with pytest.raises(PlumblineError, match=r"24 of 96 tasks can be .*`gold_count: 24`"):
        check_file(path)
    drawn = check_file(a_file(tmp_path, 96, known=96, gold_count=24))
    assert drawn.round_file is not None and len(drawn.round_file.gold) == 24
    assert "12 no, 12 yes, drawn; 48 no, 48 yes are known" in run(tmp_path / "r.json")[1]


def test_what_open_refuses_is_refused_in_one_line(tmp_path: Path, run: Run) -> None:
    path = a_file(tmp_path, gold=None)
    with pytest.raises(NoGoldError):
        check_file(path)
    code, out, err = run(path)
    assert (code, out) == (1, "")
    assert err.count("\n") == 1 and "no gold answers: add them, or say no_gold there" in err
    assert run(path, "--no-gold")[0] == 0
    path = a_file(tmp_path, shows=["text"])
    assert "r.json: shows is not a key of a round: do you mean show?" in run(path)[2]
    a_file(tmp_path, known=24)
    lines = (tmp_path / "t.jsonl").read_text().splitlines()
    lines[16] = lines[16].replace('"no"', '"nope"')
    (tmp_path / "t.jsonl").write_text("\n".join(lines))
    assert (
        "t.jsonl, line 17, label: 'nope' is not an option: give one of no, yes"
        in run(tmp_path / "r.json")[2]
    )


def test_what_a_file_says_has_no_power_over_the_terminal(tmp_path: Path, run: Run) -> None:
    rows = [{"text": f"t{n}", "\x1b[31m[red]": "\u202e"} for n in range(48)]
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, rows)))
    values = {**VALUES, "options": ["[no]", "yes"], "no_gold": True}
    (tmp_path / "r.json").write_text(json.dumps(values))
    code, out, err = run(tmp_path / "r.json")
    assert code == 0
    assert "\x1b" not in out + err and "\u202e" not in out + err
    assert "[no] / yes" in out and "[red]" in out
