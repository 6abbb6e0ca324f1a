"""Answers are read as meant or refused with the line; nothing is guessed."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plumbline.errors import PlumblineError
from plumbline.formats.answers import AnswersError, option_number, read_answers, write_answers

OPTIONS = ("no", "yes", "not sure")
TASKS = ("t0", "t1", "t2")


def read(tmp_path: Path, text: str, name: str = "answers.csv") -> list[int | None]:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read_answers(path, OPTIONS, TASKS)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "task,answer\nt0,yes\nt1,\nt2,no\n"),
        ("a.csv", "\ufefftask,answer\r\nt0,YES\r\nt1,-\r\nt2,0\r\n"),
        ("a.csv", "answer,worker,task\nno,me,t2\n1,me,t0\nskip,me,t1\n\n"),
        ("a.csv", "yes\n-\nno\n"),
        ("a.csv", "yes\n\nno\n"),
        ("a.json", '["yes", null, "no"]'),
        ("a.json", '[1, "skip", 0]'),
        ("a.json", '{"t2": "no", "t0": 1, "t1": null}'),
    ],
)
def test_all_forms_say_the_same(tmp_path: Path, name: str, text: str) -> None:
    assert read(tmp_path, text, name) == [1, None, 0]


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("a.csv", "task,answer\nt0,yes\nt1,maybe\nt2,no\n", "line 3: 'maybe' is not an option"),
        ("a.csv", "task,answer\nt0,yes\nt9,no\n", "line 3: there is no task 't9'"),
        ("a.csv", "task,answer\nt0,yes\nt1,no\nt0,no\n", "line 4: task t0 was answered in line 2"),
        ("a.csv", "task,answer\nt0,yes\nt1,no\n", "1 of 3 tasks have no answer"),
        ("a.csv", "task,answer\nt0,yes\nt1\n", "line 3: a column is missing"),
        ("a.csv", "task,label\nt0,yes\n", "line 1: the header"),
        ("a.csv", "yes\nno\nno\nyes\n", "line 4: one answer too many"),
        ("a.csv", "yes\nno,x\nno\n", "line 2: 2 columns and no header"),
        ("a.csv", "task,answer\nt0,3\n", "line 2: '3' is not an option"),
        ("a.csv", "", "3 of 3 tasks have no answer"),
        ("a.json", '[\n "yes",\n "perhaps",\n null]', "line 3: 'perhaps' is not an option"),
        ("a.json", '{"t0": 1,\n "t1": 2,\n "t9": 0}', "line 3: there is no task 't9'"),
        ("a.json", '["yes", true, null]', "line 1: True is not an option"),
        ("a.json", '["yes", ["no"], null]', "is not an option"),
        ("a.json", '{"t0": 1, "t0": 2}', "t0 comes twice"),
        ("a.json", '"yes"', "must hold a list"),
        ("a.json", "[1, 2", "line 1: not valid JSON"),
    ],
)
def test_errors_name_the_line(tmp_path: Path, name: str, text: str, reason: str) -> None:
    with pytest.raises(PlumblineError) as error:
        read(tmp_path, text, name)
    assert reason in str(error.value)
    assert name in str(error.value)


def test_names_go_before_numbers() -> None:
    assert option_number("1", ("1", "2", "3")) == 0
    assert option_number(3, ("1", "2", "3")) == 2
    assert option_number("0", ("a", "b")) == 0
    with pytest.raises(AnswersError, match="not an option"):
        option_number("0", ("1", "2", "3"))


def test_an_option_called_skip_is_an_option(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("skip\n-\n", encoding="utf-8")
    assert read_answers(path, ("skip", "keep"), ("0", "1")) == [0, None]


def test_a_missing_or_binary_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(PlumblineError, match="is not there"):
        read_answers(tmp_path / "none.csv", OPTIONS, TASKS)
    (tmp_path / "x.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PlumblineError, match="not text"):
        read_answers(tmp_path / "x.csv", OPTIONS, TASKS)


@given(st.lists(st.none() | st.integers(0, 2), min_size=3, max_size=3))
def test_what_is_written_is_read_alike(answers: list[int | None]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        write_answers(path, answers, OPTIONS, TASKS)
        assert read_answers(path, OPTIONS, TASKS) == answers
