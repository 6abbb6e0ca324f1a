"""Tables and tasks of people have one meaning, or are refused with file, row and what to do."""

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plumbline.errors import PlumblineError
from plumbline.formats.imports.imported import Source
from plumbline.formats.imports.registry import import_tasks
from plumbline.formats.round_file import RoundFile, load, parse
from plumbline.formats.spreadsheet import guarded, to_csv
from plumbline.formats.table import TableError, read_table
from plumbline.formats.tasks import Columns, TaskList, task_list
from tests.paths import SHARED

OPTIONS = ("no", "yes")
KNOWN = {f"t{number}": OPTIONS[number % 2] for number in range(12)}


def table(tmp_path: Path, text: str, name: str = "t.csv", **more: Any) -> tuple[Any, Any]:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8", newline="")
    read = read_table(path, **more)
    return read.columns, [row.cells for row in read.rows]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_delimiter_is_seen(tmp_path: Path, mark: str) -> None:
    text = f'id{mark}text\na{mark}one\nb{mark}"{mark}"\n'
    rows = (("id", "text"), [("a", "one"), ("b", mark)])
    assert table(tmp_path, text) == table(tmp_path, text, delimiter=mark) == rows


def test_of_two_possible_delimiters_the_one_that_fits_all_rows_is_it(tmp_path: Path) -> None:
    text = 'id;text, of a message\na;"Hello; you"\nb;one, two, three\n'
    assert table(tmp_path, text)[0] == ("id", "text, of a message")
    with pytest.raises(TableError, match=r"t\.csv, line 1: cells may be separated by `,` or `;`"):
        table(tmp_path, "id;text, all\na;one, two\n")
    tabs = "id\ttext, all\na\tone, two\n"
    assert table(tmp_path, tabs, "t.tsv")[0] == ("id", "text, all")
    assert table(tmp_path, "id;text, all\na;one, two\n", delimiter=";")[1] == [("a", "one, two")]


def test_blanks_around_headers_and_empty_rows_and_columns_at_the_end_are_left_out(
    tmp_path: Path,
) -> None:
    text = "\ufeff id ,text,,\r\na, one,,\r\nb,two,,\r\n,,,\r\n\r\n"
    assert table(tmp_path, text) == (("id", "text"), [("a", " one"), ("b", "two")])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "t.csv is empty: its first line must name the columns"),
        ("id,text\na\n", "t.csv, line 2: 1 cells, and 2 columns are named"),
        ('id,text\na,"x\ny"\nb,one,two\n', "t.csv, line 4: 3 cells, and 2 columns are named"),
        ("id,text,text\n", "t.csv, line 1: columns 2 and 3 are both called 'text'"),
        ("id, text,text \n", "t.csv, line 1: columns 2 and 3 are both called 'text'"),
        (",id,text\n0,a,one\n", "t.csv, line 1: column 1 has no name: name or remove it"),
        ("id,te\u200bxt\n", "t.csv, line 1: the name of column 2, 'te\\u200bxt', has"),
        ("id,text\na,one\n\nb,two\n", "t.csv, line 3: an empty line: remove it, or fill it"),
        ("id,text\na,o\0ne\n", "t.csv, line 2: a NUL character"),
        ('id,text\na,"one\nb,two\n', "the row that begins in line 2: a quote that is never closed"),
        ('id,text\na,"one"x\nb,two\n', "the row that begins in line 2: not valid CSV"),
        (
            'id,text\na,one\nb,"' + "x\n" * 66_000 + '"\nc,three\n',
            "the row that begins in line 3: a cell of more than 131,072 characters",
        ),
    ],
)
def test_what_a_table_cannot_mean_is_refused_with_its_line(
    tmp_path: Path, text: str, reason: str
) -> None:
    with pytest.raises(TableError) as error:
        table(tmp_path, text)
    assert reason in str(error.value)


CELL = st.text(
    st.sampled_from("ab,;|\t\r\n\"'=+-@ \x85\u2028\x0b\x0c\x1c\ufeff")
    | st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    max_size=5,
)


@given(st.lists(st.tuples(CELL, CELL, st.integers(-9, 9)), min_size=1, max_size=5))
def test_a_table_that_is_written_is_read_alike(rows: list[tuple[str, str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        path.write_text(to_csv([("a", "b", "n"), *rows]), encoding="utf-8", newline="")
        read = [row.cells for row in read_table(path).rows]
    assert read == [(guarded(one), guarded(other), str(number)) for one, other, number in rows]


# ---------------------------------------------------------------- tasks


def tasks_of(tasks: object, folder: Path = Path(), **choice: Any) -> TaskList:
    return _read(tasks, folder, OPTIONS, Columns(**choice))


def _read(tasks: object, folder: Path, options: tuple[str, ...], columns: Columns) -> TaskList:
    source = Source(folder / tasks if isinstance(tasks, str) else folder)
    return task_list(import_tasks(tasks, source, None), options, columns)


def test_line_breaks_of_unicode_stand_in_texts_of_json_lines(tmp_path: Path) -> None:
    texts = [
        "one\u2028two",
        "three\u0085four",
        "five\u2029six",
        "seven\x0beight".replace("\x0b", " "),
    ]
    lines = [json.dumps({"text": text}, ensure_ascii=False) for text in texts]
    (tmp_path / "t.jsonl").write_text("\r\n".join(lines) + "\r\n\n", encoding="utf-8", newline="")
    assert tasks_of("t.jsonl", tmp_path).published == tuple({"text": text} for text in texts)


def test_ids_are_stripped_and_line_ends_are_those_of_any_checkout(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b'id,text\r\n a ,"one\r\ntwo"\r\nb,three\r\n')
    assert tasks_of("t.csv", tmp_path).published == (
        {"id": "a", "text": "one\ntwo"},
        {"id": "b", "text": "three"},
    )


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (["a,one", "b,two", "a,three"], "line 4: the id 'a' is that of another task"),
        (["a,one", ",two", "c,three"], "line 3: the task has no id"),
        (["a,one", "\u200b,two"], "line 3: the id '\\u200b' shows nothing"),
        (["a,one", "a ,two", "c,three"], "line 3: the id 'a' is that of another task"),
        (["7,one", "b,two", "007,three"], "line 4: the id '007' is that of another task, '7'"),
        (["caf\u00e9,one", "cafe\u0301,two"], "line 3: the id "),
        (['"a\nb",one', "c,two"], "line 2: the id 'a\\nb' has a line break"),
    ],
)
def test_an_id_that_is_not_a_tasks_own_is_refused_with_its_row(
    tmp_path: Path, rows: list[str], reason: str
) -> None:
    (tmp_path / "t.csv").write_text("id,text\n" + "\n".join(rows) + "\n", encoding="utf-8")
    with pytest.raises(PlumblineError) as error:
        tasks_of("t.csv", tmp_path)
    assert f"{tmp_path / 't.csv'}, {reason}" in str(error.value)


@pytest.mark.parametrize(
    ("tasks", "reason"),
    [
        ([{"id": "a"}, {"text": "b"}], "task 2: the task has no id"),
        ([{"id": "a"}, "b"], "task 2: the task has no id"),
        ([{"id": None}, {"id": "b"}], "task 1: the task has no id"),
        ([{"id": "a"}, {"id": "\u2060"}], "task 2: the id '\\u2060' shows nothing"),
        ([{"id": 1}, {"id": "1"}], "task 2: the id '1' is that of another task, 1 (task 1)"),
        ([{"id": True}, {"id": "b"}], "task 1: the id True is no text and no whole number"),
        ([{"id": 1.5}, {"id": "b"}], "task 1: the id 1.5 is no text and no whole number"),
        ([{"ID": "a", "text": "b"}], "tasks have no field id, but 'ID': if they are called by it"),
        ([{"task_id": "a", "text": "b"}], "tasks have no field id, but 'task_id'"),
        ([{"task": "a", "text": "b"}], "say `id: task`; if not, list the fields to be shown as"),
    ],
)
def test_ids_are_of_all_tasks_or_of_none(tasks: list[object], reason: str) -> None:
    with pytest.raises(PlumblineError) as error:
        tasks_of(tasks)
    assert reason in str(error.value)


def test_another_field_may_be_the_id() -> None:
    tasks = [{"task": "a", "text": "one"}, {"task": "b", "text": "two"}]
    named = ({"id": "a", "text": "one"}, {"id": "b", "text": "two"})
    assert tasks_of(tasks, name="task").published == named
    assert tasks_of(tasks, name="task", show=("text",)).published == named
    assert tasks_of(tasks, show=("task", "text")).published == tuple(tasks)
    assert tasks_of([{"task": "only this"}]).published == ({"task": "only this"},)


# ---------------------------------------------------------------- what labelers see


@pytest.mark.parametrize(
    "field",
    ["chosen", "rejected", "label", "answer", "gold", "target", "goldLabel", "is_correct"],
)
def test_a_field_that_looks_like_the_answer_is_not_published_unasked(field: str) -> None:
    tasks = [{"id": "a", "text": "one", field: "x"}, {"id": "b", "text": "two", field: "y"}]
    with pytest.raises(PlumblineError, match=r"would labelers see the answer.*`show: .text.`"):
        tasks_of(tasks)
    assert tasks_of(tasks, show=("text", field)).published == tuple(tasks)
    bare = ({"id": "a", "text": "one"}, {"id": "b", "text": "two"})
    assert tasks_of(tasks, show=("text",)).published == bare
    given = tasks_of(tasks, gold=field)
    assert (given.published, given.gold) == (bare, ("x", "y"))


@pytest.mark.parametrize(
    ("tasks", "field"),
    [
        ([{"text": "one", "spam": "Yes"}, {"text": "two", "spam": "no"}], "'spam', with nothing"),
        ([{"text": "one", "toxic": 1}, {"text": "two", "toxic": 0}], "'toxic', with nothing but"),
        ([{"text": "one", "data": {"label": 1}}, {"text": "two"}], "'data.label': would"),
        ([{"text": "one", "a": {"b": [{"label": 1}]}}, {"text": "two"}], "'a.b.label': would"),
        ([{"text": "one", "turns": [{"correct": "x"}]}, {"text": "2"}], "'turns.correct': would"),
    ],
)
def test_answers_are_found_by_what_they_say_and_how_deep_they_lie(
    tasks: list[object], field: str
) -> None:
    with pytest.raises(PlumblineError) as error:
        tasks_of(tasks)
    assert field in str(error.value)


def test_a_field_of_nothing_but_options_is_not_published_unasked() -> None:
    tasks = [{"text": "one", "kind": "Ham "}, {"text": "two", "kind": "spam"}, {"text": "three"}]
    with pytest.raises(PlumblineError, match="'kind', with nothing but answers in it"):
        _read(tasks, Path(), ("ham", "spam"), Columns())
    assert _read(tasks, Path(), ("ham", "eggs"), Columns()).published == tuple(tasks)


@pytest.mark.parametrize(
    ("choice", "reason"),
    [
        ({"show": ("texts",)}, "show: tasks have no field 'texts' (they have id, text, x)"),
        ({"show": ("text", "x"), "gold": "x"}, "show has x, which holds the gold answers"),
        ({"gold": "y"}, "gold: tasks have no field 'y'"),
        ({"gold": "id"}, "gold: id is what tasks are called by"),
        ({"name": "y"}, "id: tasks have no field 'y'"),
        ({"name": "x"}, "id is x, and tasks have a field id too"),
        ({"group": "y"}, "group: tasks have no field 'y'"),
        ({"group": "x", "gold": "x"}, "group: x holds the gold answers"),
        ({"keep": ("y",)}, "keep: tasks have no field 'y'"),
        ({"keep": ("id",)}, "keep: id is what tasks are called by"),
        ({"keep": ("x",), "show": ("text", "x")}, "show has x, which is never shown by keep"),
    ],
)
def test_fields_that_are_named_are_there(choice: dict[str, Any], reason: str) -> None:
    with pytest.raises(PlumblineError) as error:
        tasks_of([{"id": "a", "text": "one", "x": "?"}], **choice)
    assert reason in str(error.value)
    with pytest.raises(PlumblineError, match="tasks have no field"):
        tasks_of(["one", "two"], show=("text",))


def test_groups_and_what_is_kept_are_carried_along_and_not_published() -> None:
    tasks = [
        {"id": "a", "text": "one", "thread": 7, "label": "x", "more": [0.5]},
        {"id": "b", "text": "two", "thread": " ", "more": None},
        {"id": "c", "text": "three", "thread": " 7 "},
    ]
    found = tasks_of(tasks, group="thread", keep=("label", "more"))
    bare = tuple({"id": task["id"], "text": task["text"]} for task in tasks)
    assert found.published == bare
    assert found.groups == ("7", None, "7")
    assert found.kept == ({"label": "x", "more": [0.5]}, {"more": None}, {})
    shown = tasks_of(tasks, group="thread", show=("text", "thread")).published
    assert shown[0] == {"id": "a", "text": "one", "thread": 7}
    with pytest.raises(PlumblineError, match=r"task 1: the group 1\.5 is no text and no whole"):
        tasks_of([{"text": "one", "thread": 1.5}, {"text": "two"}], group="thread")


def test_a_task_of_which_nothing_is_shown_is_refused() -> None:
    tasks = [{"id": "a", "text": "one"}, {"id": "b", "other": "two"}]
    with pytest.raises(PlumblineError, match="task 2: nothing of the task is shown"):
        tasks_of(tasks, show=("text",))


# ---------------------------------------------------------------- a round of it


def rows(count: int = 48) -> list[dict[str, str]]:
    return [
        {"id": f"t{number}", "text": f"text {number}", "label": KNOWN.get(f"t{number}", "")}
        for number in range(count)
    ]


def round_of(tmp_path: Path, given: list[dict[str, str]], **changes: Any) -> RoundFile:
    columns = list(given[0])
    text = to_csv([columns, *([row[column] for column in columns] for row in given)])
    (tmp_path / "tasks.csv").write_text(text, encoding="utf-8")
    values = {"preset": "binary", "tasks": "tasks.csv", "price": "1 gwei", "stake": "1 gwei"}
    values |= {"gold": "label", **changes}
    return parse(values, tmp_path)


def test_a_column_of_gold_answers_is_used_and_never_published(tmp_path: Path) -> None:
    wanted = round_of(tmp_path, rows())
    assert wanted.gold == {number: number % 2 for number in range(12)}
    assert "label" not in json.dumps(wanted.manifest.to_json())
    assert round_of(tmp_path, rows(), gold=KNOWN, show=["text"]).gold == wanted.gold
    with pytest.raises(PlumblineError, match="tasks have a field 'label'"):
        round_of(tmp_path, rows(), gold=KNOWN)


def test_a_gold_answer_that_is_no_option_is_said_with_its_row(tmp_path: Path) -> None:
    given = rows()
    given[3]["label"] = "perhaps"
    with pytest.raises(PlumblineError, match=r"tasks\.csv, line 5, label: 'perhaps' is not an opt"):
        round_of(tmp_path, given)
    for row in given:
        row["label"] = ""
    with pytest.raises(PlumblineError, match="the field label is empty in all tasks"):
        round_of(tmp_path, given)


def test_one_repeated_or_missing_id_moves_no_gold_answer(tmp_path: Path) -> None:
    for wrong in ("t0", "", " t46", "T47"):
        given = rows()
        given[47]["id"] = wrong
        if wrong == "T47":
            assert round_of(tmp_path, given).manifest.names[47] == "T47"
            continue
        with pytest.raises(PlumblineError, match=r"tasks\.csv, line 49: the "):
            round_of(tmp_path, given)


def test_without_ids_gold_is_counted_from_one_as_labelers_see_it(tmp_path: Path) -> None:
    given = [{"text": row["text"]} for row in rows()]
    from_one = {number + 1: OPTIONS[number % 2] for number in range(12)}
    assert round_of(tmp_path, given, gold=from_one).gold == {n: n % 2 for n in range(12)}
    from_nought = {number: OPTIONS[number % 2] for number in range(12)}
    with pytest.raises(
        PlumblineError, match=r"gold has a task '0' .* from 1, as labelers see them"
    ):
        round_of(tmp_path, given, gold=from_nought)
    with pytest.raises(PlumblineError, match=r"gold has a task '1' .*called by their id, 't0' to"):
        round_of(tmp_path, rows(), gold=from_one, show=["text"])


def test_tasks_that_all_read_alike_are_refused_and_some_are_remarked_on(tmp_path: Path) -> None:
    same = [{**row, "text": "the same"} for row in rows()]
    with pytest.raises(PlumblineError, match="gold of tasks t0 and t1 differ, and the tasks read"):
        round_of(tmp_path, same)
    with pytest.raises(PlumblineError, match="all 48 tasks read alike"):
        round_of(tmp_path, same, gold=None, no_gold=True, show=["text"])
    given = rows()
    given[47]["text"] = given[46]["text"]
    advice = round_of(tmp_path, given).advice
    assert "1 tasks read like another one: labelers cannot tell them apart" in advice


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"show": "text"}, "show must be a list of fields"),
        ({"show": []}, "show must be a list of fields"),
        ({"show": [7]}, "show must be a list of fields"),
        ({"id": 7}, "id is 7: must be the name of a field"),
        ({"gold": "labels"}, "gold: tasks have no field 'labels'"),
        ({"delimiter": "x"}, "delimiter is 'x': give"),
        ({"delimiter": ";"}, "gold: tasks have no field 'label'"),
        ({"delimiter": ";", "tasks": ["a", "b"]}, "delimiter is for tasks in a .csv file"),
        ({"options": ["no", "n\u200bo"]}, "without marks that nobody sees"),
        ({"options": ["1", "1.0"]}, "options: '1' and '1.0' (numbers 1 and 2) are the same name"),
    ],
)
def test_keys_about_fields_are_refused_by_name(
    tmp_path: Path, changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(PlumblineError) as error:
        round_of(tmp_path, rows(), **changes)
    assert reason in str(error.value)


# ---------------------------------------------------------------- files of other programs


def refused(path: Path, **choice: Any) -> str:
    with pytest.raises(PlumblineError) as error:
        tasks_of(path.name, path.parent, **choice)
    return str(error.value)


needs_samples = pytest.mark.skipif(
    not (SHARED / "samples").exists(), reason="the exports of other programs are not here"
)
needs_data = pytest.mark.skipif(not (SHARED / "data").exists(), reason="no real answers here")


@needs_samples
@pytest.mark.parametrize(
    "name",
    [
        "choices/export.csv",
        "choices/export.tsv",
        "choices/export.json",
        "choices/export_min.json",
        "pairwise/export.csv",
        "rating/export.tsv",
        "ranker/export.csv",
    ],
)
def test_annotated_tasks_are_not_published_with_their_annotations(name: str) -> None:
    assert "name its labeling config" in refused(SHARED / "samples" / "label_studio" / name)


@needs_samples
def test_every_sample_is_tasks_or_is_refused_with_what_to_do() -> None:
    taken = 0
    for path in sorted((SHARED / "samples").rglob("*")):
        if path.suffix in (".csv", ".tsv", ".json", ".jsonl", ".parquet"):
            try:
                tasks_of(path.name, path.parent)
                taken += 1
            except PlumblineError as error:
                assert path.name in str(error) or "show" in str(error), error
    assert taken


@needs_data
def test_tasks_of_real_crowds_keep_their_names() -> None:
    for name in ("bluebirds", "chatbot_safety", "llm_preference"):
        path = SHARED / "data" / name / "tasks.csv"
        assert "say `id: task`" in refused(path)
        assert len(tasks_of(path.name, path.parent, name="task").published) > 100


# ---------------------------------------------------------------- anything at all

KEY = st.sampled_from(["id", "ID", "text", "label", "a"]) | CELL
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | CELL,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "ID", "text", "label", "a"]) | CELL, inner, max_size=3
        )
    ),
    max_leaves=6,
)
FIELD = st.none() | st.sampled_from(["id", "text", "label", "a", "zzz"])


@settings(deadline=None)
@given(st.lists(JSON, max_size=4), FIELD, FIELD, st.none() | st.lists(FIELD, max_size=2))
def test_any_json_is_tasks_or_is_refused(
    tasks: list[Any], name: Any, gold: Any, show: list[Any] | None
) -> None:
    values = {"preset": "binary", "tasks": tasks, "price": "1 gwei", "stake": "1 gwei"}
    values |= {"id": name, "gold": gold, "show": show, "no_gold": gold is None}
    try:
        parse(values, Path())
    except PlumblineError as error:
        assert str(error)


@settings(deadline=None)
@given(
    st.text(st.sampled_from("id,text;|\t\"'\n\r \0\ufeff\x85\u2028ab01=:{}[]-#&*!"), max_size=60)
    | st.binary(max_size=40),
    st.sampled_from([".csv", ".tsv", ".jsonl", ".json", ".yaml"]),
)
def test_any_file_is_read_or_refused_with_its_name(content: str | bytes, ending: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"t{ending}"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        try:
            if ending == ".yaml":
                load(path)
            else:
                tasks_of(path.name, path.parent)
        except PlumblineError as error:
            assert path.name in str(error) or "field" in str(error)
