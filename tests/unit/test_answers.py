"""Answers are read as meant or refused with the line; nothing is guessed."""

import contextlib
import csv
import io
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plumbline.errors import PlumblineError
from plumbline.formats.answers import AnswersError, read_answers, template
from plumbline.formats.names import Names, NamesError, look_of
from plumbline.formats.spreadsheet import to_csv, unguarded
from plumbline.questions.checklist import Checklist
from plumbline.questions.choice import Choice
from plumbline.questions.lots import Lots
from plumbline.questions.question import Item, Question
from plumbline.questions.ranking import Ranking

OPTIONS = ("no", "yes", "not sure")
TASKS = ("t0", "t1", "t2")


def read(tmp_path: Path, text: str, name: str = "answers.csv") -> list[int | None]:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read_answers(path, Choice(OPTIONS), TASKS)


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
    assert read_answers(path, Choice(OPTIONS), ("1", "2")) == [0, 1]
    path.write_text("task,answer\n0,no\n1,yes\n")
    with pytest.raises(AnswersError, match=r"line 2: there is no task '0'.* counted from 1, as on"):
        read_answers(path, Choice(OPTIONS), ("1", "2"))


def test_tasks_that_look_alike_are_answered_on_the_screen(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("task,answer\n1,no\n1.0,yes\n")
    with pytest.raises(AnswersError, match=r"'1' and '1\.0' .* `plumbline labeler answer`"):
        read_answers(path, Choice(OPTIONS), ("1", "1.0"))


def test_options_by_number_are_counted_as_on_the_screen(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("task,answer\n1,1\n2,3.0\n")
    assert read_answers(path, Choice(("bad", "so so", "good")), ("1", "2")) == [0, 2]
    path.write_text("task,answer\n1,1\n2,0\n")
    with pytest.raises(AnswersError, match=r"line 3: '0' is not an option: .* 1 to 3 as on the"):
        read_answers(path, Choice(("bad", "so so", "good")), ("1", "2"))


def test_a_byte_in_another_encoding_is_said_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("task,answer\nt0,yes\nt1,caf\u00e9\n".encode("latin-1"))
    with pytest.raises(PlumblineError, match=r"a\.csv, line 3: not text in UTF-8 .*iconv -f WIN"):
        read_answers(path, Choice(OPTIONS), TASKS)
    path.write_bytes("task,answer\n".encode("utf-16"))
    with pytest.raises(PlumblineError, match=r"a\.csv is text in UTF-16, .*iconv -f UTF-16 "):
        read_answers(path, Choice(OPTIONS), TASKS)
    path.write_bytes("task,answer\n".encode("utf-16-le"))
    with pytest.raises(PlumblineError, match=r"a\.csv, line 1: a NUL character"):
        read_answers(path, Choice(OPTIONS), TASKS)


def test_an_option_called_skip_is_an_option(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("skip\n-\n", encoding="utf-8")
    assert read_answers(path, Choice(("skip", "keep")), ("0", "1")) == [0, None]


def test_a_missing_or_binary_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(PlumblineError, match="is not there"):
        read_answers(tmp_path / "none.csv", Choice(OPTIONS), TASKS)
    (tmp_path / "x.csv").write_bytes(b"\xff\xff\x00")
    with pytest.raises(PlumblineError, match="not text in UTF-8"):
        read_answers(tmp_path / "x.csv", Choice(OPTIONS), TASKS)


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


def filled(form: str, answers: Sequence[str]) -> str:
    """A template with answers, as a spreadsheet writes it."""
    head, *rows = csv.reader(io.StringIO(form, newline=""))
    place = head.index("answer")
    for row, answer in zip(rows, answers, strict=True):
        row[place] = answer
    return to_csv([head, *([unguarded(cell) for cell in row] for row in rows)])


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
        asked = Choice(tuple(options))
        given = ["skip" if answer is None else options[answer] for answer in answers]
        text = filled(template(asked, asked.items([""] * len(tasks), tasks)), given)
        path.write_text(text, encoding="utf-8", newline="")
        assert read_answers(path, asked, tasks) == answers


@given(
    st.text(st.sampled_from("task,answer;t012\n\r\"'-skipyesno|\t \0\ufeff[]{}:")), st.booleans()
)
def test_any_text_is_read_or_refused_with_its_place(text: str, is_json: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("a.json" if is_json else "a.csv")
        path.write_text(text, encoding="utf-8", newline="")
        try:
            answers = read_answers(path, Choice(OPTIONS), TASKS)
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
                read_answers(path, Choice(OPTIONS), TASKS)


# ---------------------------------------------------------------- items of several tasks

PLACES = Ranking.of(None)
FLAGS = Checklist.of(("toxic", "insult", "skip"))


def round_of(asked: Question, items: dict[str, object]) -> tuple[list[str], list[Item]]:
    """The names of the tasks, and the items that they make."""
    tasks = [
        part.task for name, item in items.items() for part in asked.parts(item, name, Lots(b"x"))
    ]
    names = [str(task["id"]) for task in tasks if isinstance(task, dict)]
    return names, asked.items(tasks, names)


PLACED, RANKED = round_of(PLACES, {f"q{n}": {"text": "x", "items": list("abc")} for n in (1, 2)})
FLAGGED, FLAG_ITEMS = round_of(FLAGS, {f"m{n}": f"text {n}" for n in (1, 2)})


def read_items(
    folder: Path, text: str, asked: Question = PLACES, name: str = "answers.csv"
) -> list[int | None]:
    path = folder / name
    path.write_text(text, encoding="utf-8", newline="")
    names, items = (PLACED, RANKED) if asked is PLACES else (FLAGGED, FLAG_ITEMS)
    return read_answers(path, asked, names, items)


def sides(*orders: Sequence[int]) -> list[int | None]:
    """The answers to the pairs of items whose things are put in these orders."""
    return [
        answer
        for item, order in zip(RANKED, orders, strict=True)
        for answer in PLACES.answers(item, order).values()
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "task,answer\nq1,2 > 1 > 3\nq2,3>2>1\n"),
        ("a.csv", 'answer,task\n"3,2,1",q2\n"2, 1, 3",q1\n'),
        ("a.csv", "2 > 1 > 3\n3 > 2 > 1\n"),
        ("a.json", '["2 > 1 > 3", [3, 2, 1]]'),
        ("a.json", '{"q2": [3, 2, 1], "q1": "2 > 1 > 3"}'),
    ],
)
def test_an_answer_to_an_item_is_one_to_each_of_its_tasks(
    tmp_path: Path, name: str, text: str
) -> None:
    assert read_items(tmp_path, text, name=name) == sides((1, 0, 2), (2, 1, 0))


def test_labels_that_apply_are_listed_and_none_is_said(tmp_path: Path) -> None:
    said = "task,answer\nm1,insult; toxic\nm2,none\n"
    assert read_items(tmp_path, said, FLAGS) == [1, 1, 0, 0, 0, 0]
    assert read_items(tmp_path, "task,answer\nm1,\nm2,-\n", FLAGS) == [None] * 6
    # A label of such a name is meant as the label.
    assert read_items(tmp_path, '{"m1": "skip", "m2": []}', FLAGS, "a.json")[:3] == [0, 0, 1]


def test_tasks_of_an_item_go_by_their_names_too(tmp_path: Path) -> None:
    one_by_one = "".join(f"{name},{side}\n" for name, side in zip(PLACED[:3], "ABB", strict=True))
    read_one = read_items(tmp_path, f"task,answer\nq2,1 > 2 > 3\n{one_by_one}")
    assert read_one == [0, 1, 1, *sides((0, 1, 2), (0, 1, 2))[3:]]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ("q1,2>1>3\nq1/{0},A\n", "line 3: task 'q1/{0}' was answered in line 2"),
        ("q1/{0},A\nq1,2>1>3\n", "line 3: task 'q1/{0}' of item 'q1' was answered in line 2"),
        ("q1,2>1>3\nq1,2>1>3\n", "line 3: item 'q1' was answered in line 2"),
        ("q1,2>1>3\n", "3 of 6 tasks have no answer (task 'q2/"),
        ("q1,2>1\n", "line 2: '2>1' is no ranking: give the numbers 1 to 3"),
        ("q3,2>1>3\n", "line 2: there is no task 'q3'"),
    ],
)
def test_an_item_is_answered_once_and_whole(tmp_path: Path, rows: str, reason: str) -> None:
    pair = PLACED[0].removeprefix("q1/")
    with pytest.raises(AnswersError) as error:
        read_items(tmp_path, "task,answer\n" + rows.format(pair))
    assert reason.format(pair) in str(error.value)


def test_a_name_of_both_a_task_and_an_item_has_no_sure_meaning(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("task,answer\nq1,2 > 1 > 3\n")
    with pytest.raises(AnswersError, match="both an item and a task are called 'q1'"):
        read_answers(path, PLACES, ["q1", *PLACED[1:]], RANKED)


def test_a_template_is_filled_in_and_read(tmp_path: Path) -> None:
    form = template(PLACES, RANKED)
    (first, _) = csv.DictReader(io.StringIO(form))
    things = [str(thing) for thing in RANKED[0].choices]
    assert first["task"] == "q1"
    assert first["text"] == "x\n\n" + "\n\n".join(f"[{n}] {t}" for n, t in enumerate(things, 1))
    assert read_items(tmp_path, form) == [None] * 6
    assert (
        read_items(tmp_path, filled(form, ["2 > 1 > 3", "-"]))[:3]
        == sides((1, 0, 2), (0, 1, 2))[:3]
    )
    said = filled(template(FLAGS, FLAG_ITEMS), ["toxic", "none"])
    assert read_items(tmp_path, said, FLAGS) == [1, 0, 0, 0, 0, 0]


def test_a_text_that_no_cell_holds_is_cut_off_and_says_so(tmp_path: Path) -> None:
    asked = Choice(OPTIONS)
    form = template(asked, asked.items(["y" * 200_000], ["t0"]))
    assert "200,000 characters, see the task file" in form
    path = tmp_path / "a.csv"
    path.write_text(filled(form, ["yes"]))
    assert read_answers(path, asked, ["t0"]) == [1]
