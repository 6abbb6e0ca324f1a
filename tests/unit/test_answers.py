"""Answers are read as meant or refused with the line; nothing is guessed."""

import contextlib
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plumbline.errors import PlumblineError
from plumbline.formats.answers import AnswersError, read_answers, write_answers
from plumbline.formats.names import Names, NamesError, look_of

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
        ("a.csv", "\ufefftask,answer\r\nt0,YES\r\nt1,-\r\nt2,No\r\n"),
        ("a.csv", "answer,worker,task\nno,me,t2\nyes,me,t0\nskip,me,t1\n\n"),
        ("a.csv", "Task;Answer\nt0; yes \n t1 ;\nt2;no\n;\n"),
        ("a.csv", "task\tanswer\nt0\tyes\nt1\t\nt2\tno\n"),
        ("a.tsv", "task\tanswer\nt0\tyes\nt1\t\nt2\tno\n"),
        ("a.csv", "task|answer|note\nt0|yes|a, b\nt1||\nt2|no|\n"),
        ("a.csv", "yes\n-\nno\n"),
        ("a.csv", "yes\r-\rno\r\r"),
        ("a.json", '["yes", null, "no"]'),
        ("a.json", '{"t2": "no", "t0": "Yes ", "t1": null}'),
    ],
)
def test_all_forms_say_the_same(tmp_path: Path, name: str, text: str) -> None:
    assert read(tmp_path, text, name) == [1, None, 0]


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("a.csv", "task,answer\nt0,yes\nt1,maybe\nt2,no\n", "line 3: 'maybe' is not an option"),
        ("a.csv", "task,answer\nt0,yes\nt9,no\n", "line 3: there is no task 't9'"),
        (
            "a.csv",
            "task,answer\nt0,yes\nt1,no\nt0,no\n",
            "line 4: task 't0' was answered in line 2",
        ),
        ("a.csv", "task,answer\nt0,yes\nt1,no\n", "1 of 3 tasks have no answer"),
        ("a.csv", "task,answer\nt0,yes\nt1\n", "line 3: 1 cells, and 2 columns"),
        ("a.csv", "task,label\nt0,yes\n", "line 1: there is no column answer"),
        ("a.csv", "task,answer,Answer\nt0,yes,no\n", "line 1: two columns are called answer"),
        ("a.csv", "task,answer,answer\nt0,yes,no\n", "columns 2 and 3 are both called 'answer'"),
        ("a.csv", "yes\n\nno\n", "line 2: an empty line"),
        ("a.csv", "task,answer\nt0,yes\n,\nt1,no\n", "line 3: an empty line"),
        ("a.csv", 'task,answer\nt0,yes\nt1,no\nt2,"no\n', "begins in line 4: a quote that is"),
        ("a.csv", "task,answer\nT0,yes\n", "line 2: there is no task 'T0'"),
        ("a.csv", "yes\nno\nno\nyes\n", "line 4: one answer too many"),
        ("a.csv", "yes\nno,x\nno\n", "line 2: 2 columns and no header"),
        ("a.csv", "task,answer\nt0,1\n", "line 2: '1' is not an option"),
        ("a.csv", "", "3 of 3 tasks have no answer"),
        ("a.json", '[\n "yes",\n "perhaps",\n null]', "line 3: 'perhaps' is not an option"),
        ("a.json", '{"t0": "no",\n "t1": "no",\n "t9": 0}', "line 3: there is no task 't9'"),
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


def test_tasks_without_ids_are_counted_from_one(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("task,answer\n1,no\n2.0,yes\n")
    assert read_answers(path, OPTIONS, ("1", "2")) == [0, 1]
    path.write_text("task,answer\n0,no\n1,yes\n")
    with pytest.raises(AnswersError, match=r"line 2: there is no task '0'.* counted from 1, as on"):
        read_answers(path, OPTIONS, ("1", "2"))


def test_tasks_that_look_alike_are_answered_on_the_screen(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("task,answer\n1,no\n1.0,yes\n")
    with pytest.raises(AnswersError, match=r"'1' and '1\.0' .* `plumbline labeler answer`"):
        read_answers(path, OPTIONS, ("1", "1.0"))


def test_options_by_number_are_counted_as_on_the_screen(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("task,answer\n1,1\n2,3.0\n")
    assert read_answers(path, ("bad", "so so", "good"), ("1", "2")) == [0, 2]
    path.write_text("task,answer\n1,1\n2,0\n")
    with pytest.raises(AnswersError, match=r"line 3: '0' is not an option: .* 1 to 3 as on the"):
        read_answers(path, ("bad", "so so", "good"), ("1", "2"))


def test_a_byte_in_another_encoding_is_said_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("task,answer\nt0,yes\nt1,caf\u00e9\n".encode("latin-1"))
    with pytest.raises(PlumblineError, match=r"a\.csv, line 3: not text in UTF-8 .*iconv -f WIN"):
        read_answers(path, OPTIONS, TASKS)
    path.write_bytes("task,answer\n".encode("utf-16"))
    with pytest.raises(PlumblineError, match=r"a\.csv is text in UTF-16, .*iconv -f UTF-16 "):
        read_answers(path, OPTIONS, TASKS)
    path.write_bytes("task,answer\n".encode("utf-16-le"))
    with pytest.raises(PlumblineError, match=r"a\.csv, line 1: a NUL character"):
        read_answers(path, OPTIONS, TASKS)


def test_an_option_called_skip_is_an_option(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("skip\n-\n", encoding="utf-8")
    assert read_answers(path, ("skip", "keep"), ("0", "1")) == [0, None]


def test_a_missing_or_binary_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(PlumblineError, match="is not there"):
        read_answers(tmp_path / "none.csv", OPTIONS, TASKS)
    (tmp_path / "x.csv").write_bytes(b"\xff\xff\x00")
    with pytest.raises(PlumblineError, match="not text in UTF-8"):
        read_answers(tmp_path / "x.csv", OPTIONS, TASKS)


ODD = st.text(
    st.sampled_from("ab1-=+@'\",;|\t\r\n \u00e9e\u0301\u200b\u2028\x85\uff1d")
    | st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    max_size=6,
)


def unlike(names: list[str]) -> bool:
    try:
        return bool(Names.of(names, has_case=False))
    except NamesError:
        return False


@given(st.data())
def test_what_is_written_is_read_alike(data: st.DataObject) -> None:
    """Whatever options and tasks are called, if their names differ."""
    options = data.draw(st.lists(ODD, min_size=2, max_size=4).filter(unlike))
    tasks = data.draw(st.lists(ODD, min_size=1, max_size=4).filter(unlike))
    one = st.none() | st.integers(0, len(options) - 1)
    answers = data.draw(st.lists(one, min_size=len(tasks), max_size=len(tasks)))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        if "skip" in {look_of(name, has_case=False) for name in options}:
            answers = [answer or 0 for answer in answers]
        write_answers(path, answers, options, tasks)
        assert read_answers(path, options, tasks) == answers


@given(
    st.text(st.sampled_from("task,answer;t012\n\r\"'-skipyesno|\t \0\ufeff[]{}:")), st.booleans()
)
def test_any_text_is_read_or_refused_with_its_place(text: str, is_json: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("a.json" if is_json else "a.csv")
        path.write_text(text, encoding="utf-8", newline="")
        try:
            answers = read_answers(path, OPTIONS, TASKS)
        except PlumblineError as error:
            assert str(path) in str(error)
        else:
            assert len(answers) == len(TASKS)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused_with_their_place(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name in ("a.csv", "a.json"):
            path = Path(folder) / name
            path.write_bytes(content)
            with contextlib.suppress(PlumblineError):
                read_answers(path, OPTIONS, TASKS)
