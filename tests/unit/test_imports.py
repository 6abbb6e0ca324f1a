"""Files of other programs come in as they were meant, or are refused with file, row and remedy."""

import json
import math
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from plumbline.errors import PlumblineError
from plumbline.formats.imports.imported import Imported, Source
from plumbline.formats.imports.registry import FORMATS, import_tasks
from plumbline.formats.round_file import Questionnaire, questionnaire_in
from plumbline.formats.spreadsheet import to_csv
from plumbline.formats.tasks import Columns, TaskList, task_list
from plumbline.protocol.manifest import canonical
from plumbline.requester.checking import check_file
from tests.paths import SHARED

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = SHARED / "samples"
needs_samples = pytest.mark.skipif(
    not SAMPLES.exists(), reason="the exports of other programs are not here"
)

CHOICES = (
    '<View><Header value="Is it safe?"/><Text name="text" value="$text"/>'
    '<Choices name="safety" toName="text"><Choice value="Yes"/><Choice value="No"/>'
    '<Choice value="Unsure" alias="dunno"/></Choices></View>'
)


def asks(folder: Path, tasks: object, **values: Any) -> Questionnaire:
    return questionnaire_in({"tasks": tasks, **values}, folder, no_gold="gold" not in values)


def refused(folder: Path, tasks: object, **values: Any) -> str:
    with pytest.raises(PlumblineError) as error:
        asks(folder, tasks, **values)
    return str(error.value)


def written(path: Path, content: object) -> str:
    text = content if isinstance(content, str) else json.dumps(content)
    path.write_text(text, encoding="utf-8")
    return path.name


def config(folder: Path, text: str) -> str:
    return written(folder / "config.xml", text)


def published(asked: Questionnaire) -> list[dict[str, object]]:
    """The tasks without their ids."""
    found = []
    for task in asked.pool.tasks:
        assert isinstance(task, Mapping)
        found.append({key: value for key, value in task.items() if key not in ("id", "part")})
    return found


def known(asked: Questionnaire) -> dict[int, str]:
    return {task: asked.pool.question.options[own] for task, own in asked.pool.known.items()}


# ---------------------------------------------------------------- samples of real programs


def imported(path: Path, **source: Any) -> Imported:
    return import_tasks(path.name, Source(path, **source), None)


def as_published(path: Path, **source: Any) -> TaskList:
    found = imported(path, **source)
    options = next(iter(found.question.presets.values())) if found.question else None
    return task_list(found, options or ("A", "B"), Columns())


def in_label_studio(kind: str, task: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What is to be published of a task that was put into Label Studio."""
    if kind == "pairwise":
        return [{"prompt": task["prompt"], "A": task["answer_a"], "B": task["answer_b"]}]
    shown = {key: value for key, value in task.items() if key != "plumbline_task"}
    if not kind.startswith("ranker"):
        return [shown]
    items = [{key: value for key, value in thing.items() if key != "id"} for thing in task["items"]]
    each = items if kind == "ranker_buckets" else [items]
    return [{**shown, "items": own} for own in each]


def label_studio_files() -> list[tuple[str, Path, Path]]:
    """Kind, labeling config and file of every sample of tasks that can be asked."""
    found = []
    for path in sorted((SAMPLES / "label_studio").glob("*/*")):
        if path.suffix != ".xml" and path.stem != "import_reply":
            found.append((path.parent.name, path.parent / "label_config.xml", path))
    for path in sorted((SAMPLES / "label_studio_ui").iterdir()):
        if path.suffix != ".xml":
            kind = path.stem.removesuffix("_2")
            found.append((kind, path.with_name(f"{kind}.xml"), path))
    return [entry for entry in found if entry[0] != "textarea"]


@needs_samples
@pytest.mark.parametrize(
    ("kind", "labeling", "path"),
    [pytest.param(*entry, id="/".join(entry[2].parts[-2:])) for entry in label_studio_files()]
    if SAMPLES.exists()
    else [],
)
def test_every_export_of_label_studio_is_the_tasks_that_were_put_in(
    kind: str, labeling: Path, path: Path
) -> None:
    put_in = json.loads((SAMPLES / "label_studio" / kind / "import_tasks.json").read_text())
    expected = [task for own in put_in for task in in_label_studio(kind, own)]
    if path.stem in ("import_with_predictions_and_gold", "export_after_reimport"):
        tasks_of = json.loads(path.read_text())
        expected = [{"text": task["data"]["text"]} for task in tasks_of]
    tasks = as_published(path, config=labeling)
    found = []
    for task in tasks.published:
        assert isinstance(task, Mapping)
        found.append({key: value for key, value in task.items() if key != "id"})
    if path.parent.name == "label_studio_ui":
        expected = expected[: len(found)]  # of each kind one task was annotated there
    assert [task for task in found if task in expected] == found != []
    assert [task for task in expected if task not in found] == []
    assert {"annotations", "predictions", "ground_truth", "annotator"}.isdisjoint(tasks.uses.shown)


@needs_samples
def test_what_asks_for_text_is_refused_with_what_can_be_asked() -> None:
    folder = SAMPLES / "label_studio" / "textarea"
    said = refused(folder, "export.json", config="label_config.xml")
    assert "asks for TextArea, which cannot be settled: it can for Choices, Rating" in said


@needs_samples
@pytest.mark.parametrize(
    "name",
    [
        "on_disk",
        "records.json",
        "records_flat.json",
        "server_records.json",
        "server_records.jsonl",
        "server_records.csv",
        "server_records.parquet",
    ],
)
def test_every_file_of_argilla_is_the_fields_of_its_records(name: str) -> None:
    folder = SAMPLES / "argilla"
    settings = folder / "on_disk" / ".argilla" / "settings.json"
    found = imported(folder / name, config=settings, question="label")
    tasks = task_list(found, ("yes", "no", "unsure"), Columns(keep=("margin",)))
    chat = [{"role": "user", "content": "hi"}]
    assert tasks.published == tuple(
        {"id": f"task-{number}", "prompt": f"P{number}", "chat": chat} for number in range(3)
    )
    assert [str(kept["margin"]) for kept in tasks.kept] == ["0.5"] * 3
    assert tasks.uses.kept == ("margin",)
    assert "label.responses" in tasks.uses.left_out


@needs_samples
@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
@pytest.mark.parametrize(
    "name",
    [
        "dpo_standard",
        "dpo_conversational",
        "reward_margin",
        "reward_implicit_prompt",
        "ranking_all_pairs",
    ],
)
def test_rows_of_trainers_come_in_under_names_that_tell_nothing(name: str, ending: str) -> None:
    path = SAMPLES / "trl" / f"{name}.{ending}"
    rows = [json.loads(line) for line in path.with_suffix(".jsonl").read_text().splitlines()]
    tasks = task_list(imported(path), ("A", "tie", "B"), Columns(gold="chosen"))
    assert tasks.gold is not None and len(tasks.published) == len(rows)
    for row, task, answer in zip(rows, tasks.published, tasks.gold, strict=True):
        assert isinstance(task, Mapping) and set(task) == {"prompt", "A", "B"}
        chosen, rejected = (task[str(answer)], task["B" if answer == "A" else "A"])
        head = [] if "prompt" in row else task["prompt"]
        assert (head + chosen if head else chosen) == row["chosen"]
        assert (head + rejected if head else rejected) == row["rejected"]
    rest = set(rows[0]) - {"prompt", "chosen", "rejected"}
    assert set(tasks.uses.kept) == rest == set(tasks.kept[0])


# ---------------------------------------------------------------- Label Studio


def annotated(
    data: Mapping[str, object], *values: object, truths: tuple[object, ...] = (), **more: object
) -> dict[str, object]:
    """A task with annotations of the control `safety`."""
    both = [(value, False) for value in values] + [(value, True) for value in truths]
    return {
        "id": more.pop("id", 1),
        "data": data,
        "annotations": [
            {
                "ground_truth": is_truth,
                "was_cancelled": value is None,
                "result": [{"from_name": "safety", "type": "x", "value": value}] if value else [],
            }
            for value, is_truth in both
        ],
        "predictions": [{"result": [], "score": 0.5}],
        **more,
    }


def chosen(*names: str) -> dict[str, object]:
    return {"choices": list(names)}


def test_ground_truths_are_gold_answers_by_name_or_alias(tmp_path: Path) -> None:
    tasks = [
        annotated({"text": "one"}, chosen("Yes"), truths=(chosen("No"),), id=7),
        annotated({"text": "two"}, chosen("dunno"), None, chosen("dunno"), id=8),
        annotated({"text": "three"}, chosen("Yes"), chosen("No"), id=9),
        annotated({"text": "four"}, truths=(chosen("Unsure"), chosen("dunno")), id=10),
    ]
    written(tmp_path / "t.json", tasks)
    asked = asks(tmp_path, "t.json", config=config(tmp_path, CHOICES), gold="ground_truth")
    assert published(asked) == [{"text": text} for text in ("one", "two", "three", "four")]
    assert asked.instructions == "Is it safe?"
    assert asked.pool.question.options == ("Yes", "No", "Unsure")
    assert known(asked) == {0: "No", 3: "Unsure"}
    agreed = asks(tmp_path, "t.json", config="config.xml", gold="safety", keep=["annotations"])
    assert known(agreed) == {1: "Unsure", 3: "Unsure"}
    assert len(list(agreed.pool.items[0].kept["annotations"])) == 2  # type: ignore[call-overload]
    assert b"ground_truth" not in canonical(agreed.manifest.to_json())
    said = refused(tmp_path, "t.json", config="config.xml", show=["text", "annotations"])
    assert "show has annotations, which holds what others answered" in said
    said = refused(tmp_path, "t.json", config="config.xml", id="safety")
    assert "id is safety, which holds what others answered: ids are seen" in said


def test_what_an_annotator_skipped_is_no_answer(tmp_path: Path) -> None:
    task = annotated({"text": "one"}, chosen("Yes"), chosen("No"))
    annotations = task["annotations"]
    assert isinstance(annotations, list)
    annotations[1]["was_cancelled"] = True
    written(tmp_path / "t.json", [task])
    assert known(asks(tmp_path, "t.json", config=config(tmp_path, CHOICES), gold="safety")) == {
        0: "Yes"
    }


def test_a_labeling_config_is_utf_8_whatever_it_says(tmp_path: Path) -> None:
    text = '<?xml version="1.0" encoding="ISO-8859-1"?>' + CHOICES.replace(
        "Unsure", "peut-\u00eatre"
    )
    written(tmp_path / "t.json", [{"text": "a"}])
    asked = asks(tmp_path, "t.json", config=config(tmp_path, text))
    assert asked.pool.question.options[2] == "peut-\u00eatre"


def test_ground_truths_that_differ_are_refused_where_they_are_used(tmp_path: Path) -> None:
    tasks = [annotated({"text": "one"}, truths=(chosen("No"), chosen("Yes")))]
    written(tmp_path / "t.json", tasks)
    assert published(asks(tmp_path, "t.json", config=config(tmp_path, CHOICES)))
    said = refused(tmp_path, "t.json", config="config.xml", gold="ground_truth")
    assert "t.json, task 1: ground_truth is two ground truths that differ" in said
    tasks = [annotated({"text": "one"}, truths=(chosen("Perhaps"),))]
    written(tmp_path / "t.json", tasks)
    said = refused(tmp_path, "t.json", config="config.xml", gold="ground_truth")
    assert "task 1: ground_truth is 'Perhaps', which is no choice of the config" in said


SEVERAL = CHOICES.replace('toName="text">', 'toName="text" choice="multiple">')
RATING = '<View><Text name="t" value="$text"/><Rating name="safety" toName="t"/></View>'
PAIRWISE = (
    '<View><Text name="x" value="$one"/><Text name="y" value="$two"/>'
    '<Pairwise name="safety" toName="x,y"/></View>'
)
RANKER = (
    '<View><List name="l" value="$replies"/><Ranker name="safety" toName="l">%s</Ranker></View>'
)
THINGS = [{"id": "x", "body": "first"}, {"id": "y", "body": "second"}, {"id": "z", "body": "last"}]


@pytest.mark.parametrize(
    ("labeling", "data", "value", "kind", "answers"),
    [
        (SEVERAL, {"text": "a"}, chosen("dunno", "No"), "labels", ["no", "yes", "yes"]),
        (RATING, {"text": "a"}, {"rating": 4}, "scale", ["4"]),
        (PAIRWISE, {"one": "a", "two": "b"}, {"selected": "right"}, "binary", ["right"]),
    ],
)
@pytest.mark.parametrize("form", ["nested", "min", "csv"])
def test_every_control_is_asked_and_its_answers_are_read(
    tmp_path: Path,
    labeling: str,
    data: dict[str, object],
    value: dict[str, object],
    kind: str,
    answers: list[str],
    form: str,
) -> None:
    row = {"id": 1, **data, "safety": value, "annotation_id": 1, "annotator": 2, "lead_time": 1.5}
    if form == "nested":
        name = written(tmp_path / "t.json", [annotated(data, value)])
    elif form == "min":
        shape = value if "choices" in value else [value]
        name = written(tmp_path / "t.json", [{**row, "safety": shape}])
    else:
        cells = [json.dumps(cell) if isinstance(cell, dict) else cell for cell in row.values()]
        name = written(tmp_path / "t.csv", to_csv([list(row), cells]))
    asked = asks(tmp_path, name, config=config(tmp_path, labeling), gold="safety")
    assert asked.pool.question.name == kind
    assert list(known(asked).values()) == answers


def test_the_sides_of_a_pair_are_called_as_they_are_answered(tmp_path: Path) -> None:
    written(tmp_path / "t.json", [{"one": "a", "two": "b", "left": "c"}])
    said = refused(tmp_path, "t.json", config=config(tmp_path, PAIRWISE))
    assert "t.json, task 1: the field 'left' is called like a side of safety: rename it" in said
    named = PAIRWISE.replace("<Pairwise", '<Pairwise leftClass="A" rightClass="B"')
    asked = asks(tmp_path, "t.json", config=config(tmp_path, named))
    assert published(asked) == [{"A": "a", "B": "b"}]
    assert asked.pool.question.options == ("A", "B")


def test_a_ranker_is_a_ranking_without_the_ids_of_its_things(tmp_path: Path) -> None:
    value = {"ranker": {"safety": ["z", "x", "y"]}}
    written(tmp_path / "t.json", [annotated({"replies": THINGS}, value)])
    asked = asks(tmp_path, "t.json", config=config(tmp_path, RANKER % ""), gold="safety")
    question, tasks = asked.pool.question, asked.pool.tasks
    (item,) = question.items(tasks, asked.manifest.names)
    assert sorted(map(str, item.choices)) == ["first", "last", "second"]
    best = {"last": 0, "first": 1, "second": 2}
    for number, side in known(asked).items():
        task = tasks[number]
        assert isinstance(task, Mapping)
        assert side == ("A" if best[task["A"]] < best[task["B"]] else "B")


def test_a_thing_of_more_than_a_body_keeps_its_fields(tmp_path: Path) -> None:
    things = [{"title": "one", **THINGS[0]}, {"rank": 2, **THINGS[1]}]
    written(tmp_path / "t.json", [{"data": {"replies": things}}])
    asked = asks(tmp_path, "t.json", config=config(tmp_path, RANKER % ""))
    (item,) = asked.pool.question.items(asked.pool.tasks, asked.manifest.names)
    assert sorted(item.choices, key=str) == [
        {"rank": 2, "body": "second"},
        {"title": "one", "body": "first"},
    ]


def test_of_buckets_it_is_asked_for_each_thing_in_which_it_belongs(tmp_path: Path) -> None:
    value = {"ranker": {"_": ["z"], "good": ["y"], "bad": ["x"]}}
    labeling = RANKER % '<Bucket name="good" title="Good"/><Bucket name="bad"/>'
    written(tmp_path / "t.json", [annotated({"replies": THINGS}, value)])
    asked = asks(tmp_path, "t.json", config=config(tmp_path, labeling), gold="safety")
    assert [item.name for item in asked.pool.items] == ["1/x", "1/y", "1/z"]
    assert published(asked)[1] == {"replies": "second"}
    assert {item.group for item in asked.pool.items} == {"1"}
    assert known(asked) == {0: "bad", 1: "Good"}
    assert any("not in what order" in note for note in asked.imported.notes)


def test_rows_of_one_task_must_agree_in_its_fields(tmp_path: Path) -> None:
    rows = [
        {"id": 1, "text": text, "safety": "No", "annotation_id": 1, "annotator": 2, "lead_time": 1}
        for text in ("one", "two")
    ]
    written(tmp_path / "t.json", rows)
    said = refused(tmp_path, "t.json", config=config(tmp_path, CHOICES))
    assert "t.json, task 2: the same id as in" in said
    said = refused(tmp_path, "t.json")
    assert said.startswith("config: ") and "(in its project: Settings, Labeling Interface" in said


def test_a_field_that_the_config_shows_must_be_there(tmp_path: Path) -> None:
    written(tmp_path / "t.json", [{"text": "a"}, {"texts": "b"}])
    said = refused(tmp_path, "t.json", config=config(tmp_path, CHOICES))
    assert "t.json, task 2: the task has no field 'text', which " in said


LAUGHS = (
    '<!DOCTYPE v [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><View><Header value="&c;"/></View>'
)
OUTSIDE = '<!DOCTYPE v [<!ENTITY x SYSTEM "file:///etc/passwd">]><View>&x;</View>'
ELSEWHERE = '<!DOCTYPE v SYSTEM "http://127.0.0.1:9/v.dtd"><View/>'


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (LAUGHS, "line 1: a document type (<!DOCTYPE>), which is not read"),
        (OUTSIDE, "line 1: a document type"),
        (ELSEWHERE, "line 1: a document type"),
        ("<View>&x;</View>", "not valid XML, undefined entity"),
        ("<View><Text></View>", "line 1: not valid XML, mismatched tag"),
        ("", "not valid XML, no element found"),
        ("<View>" * 100_000, "line 1: nested too deeply"),
        ("<View>" + " " * 2**20 + "</View>", "larger than 1 MiB"),
        ("<View/>", "asks for nothing, which cannot be settled"),
        (CHOICES.replace('name="safety" ', ""), "line 1: <Choices> has no name"),
        (CHOICES.replace('<Choice value="No"/>', '<Choice value="$x"/>'), "does not say what it"),
        (CHOICES.replace('<Choice value="No"/>', "<Choice/>"), "a Choice that does not say what"),
        (
            CHOICES.replace(
                '<Choice value="No"/>', '<Choice value="N"><Choice value="O"/></Choice>'
            ),
            "has Choice within Choice, a tree",
        ),
        (CHOICES.replace("<Choices ", '<Choices perRegion="true" '), "only now and then (perReg"),
        (
            CHOICES.replace("<Choices ", '<View visibleWhen="x"><Choices ').replace(
                "</Choices>", "</Choices></View>"
            ),
            "only now and then (visibleWhen)",
        ),
        (CHOICES.replace("Unsure", "YES"), "options of config.xml: 'Yes' and 'YES'"),
        (CHOICES.replace("Unsure", "Un\u200bsure"), "without marks that nobody sees"),
        (CHOICES.replace('"dunno"', '"Yes"'), "has two of Choice that are written as 'Yes'"),
        (
            CHOICES.replace("</View>", RATING[6:].replace("safety", "rate")),
            "say which is asked, like `question: safety`",
        ),
        (RATING.replace("<Rating ", '<Rating maxRating="all" '), "has maxRating 'all'"),
        (RATING.replace("<Rating ", '<Rating maxRating="20" '), "options are 20: there must be 2"),
        (PAIRWISE.replace("x,y", "x,x"), "must be toName two elements"),
        ((RANKER % "").replace('toName="l"', 'toName="m"'), "must be toName a List"),
    ],
)
def test_a_labeling_config_that_cannot_be_asked_is_refused(
    tmp_path: Path, text: str, reason: str
) -> None:
    written(tmp_path / "t.json", [{"text": "a", "one": "a", "two": "b", "replies": THINGS}])
    said = refused(tmp_path, "t.json", config=config(tmp_path, text))
    assert reason in said
    assert "config.xml" in said


def test_of_several_controls_one_is_asked(tmp_path: Path) -> None:
    both = CHOICES.replace(
        "</View>", '<TextArea name="why" toName="text"/><Rating name="q" toName="text"/></View>'
    )
    written(tmp_path / "t.json", [{"text": "a"}])
    asked = asks(tmp_path, "t.json", config=config(tmp_path, both), question="q")
    assert asked.pool.question.name == "scale"
    assert "not asked: safety (Choices), why (TextArea)" in asked.imported.notes
    said = refused(tmp_path, "t.json", config="config.xml", question="why")
    assert "<TextArea> 'why' cannot be settled: it can for Choices" in said
    said = refused(tmp_path, "t.json", config="config.xml", question="x")
    assert "question is 'x', and" in said and "asks for safety, why, q" in said


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"preset": "labels"}, "preset is labels, and config.xml asks for choice or scale"),
        ({"preset": "binary"}, "preset is binary, and config.xml asks for"),
        ({"options": ["Yes", "No"]}, "options are not those of config.xml, Yes, No, Unsure"),
        ({"preset": "scale"}, "options are not those of config.xml"),
        ({"preset": "range"}, "options: name those of config.xml in their order"),
        ({"instructions": "Else?"}, "instructions are not those of config.xml"),
    ],
)
def test_who_says_something_else_than_the_file_is_refused(
    tmp_path: Path, values: dict[str, object], reason: str
) -> None:
    written(tmp_path / "t.json", [{"text": "a"}])
    assert reason in refused(tmp_path, "t.json", config=config(tmp_path, CHOICES), **values)


def test_who_says_the_same_as_the_file_or_what_it_leaves_open_is_heard(tmp_path: Path) -> None:
    written(tmp_path / "t.json", [{"text": "a"}])
    given = {"instructions": "Is it safe? ", "preset": "choice", "options": ["No", "unsure", "yes"]}
    asked = asks(tmp_path, "t.json", config=config(tmp_path, CHOICES), **given)
    assert asked.pool.question.options == ("No", "unsure", "yes")
    ordered = {"preset": "scale", "options": ["No", "Unsure", "Yes"]}
    assert asks(tmp_path, "t.json", config="config.xml", **ordered).pool.question.name == "scale"
    ties = CHOICES.replace('"Yes"', '"A"').replace('"No"', '"B"').replace('"Unsure"', '"tie"')
    asked = asks(tmp_path, "t.json", config=config(tmp_path, ties), preset="preference")
    assert asked.pool.question.options == ("A", "tie", "B")


# ---------------------------------------------------------------- Argilla

SETTINGS = {
    "guidelines": "Be kind.",
    "fields": [
        {"name": "prompt", "settings": {"type": "text"}},
        {"name": "chat", "settings": {"type": "chat"}},
    ],
    "questions": [
        {
            "name": "label",
            "title": "Is it safe?",
            "description": None,
            "settings": {
                "type": "label_selection",
                "options": [{"value": "y", "text": "yes"}, {"value": "n", "text": "no"}],
            },
        },
        {
            "name": "order",
            "title": "order",
            "settings": {
                "type": "ranking",
                "options": [{"value": "a", "text": "First"}, {"value": "b", "text": "Second"}],
            },
        },
        {"name": "why", "settings": {"type": "text"}},
    ],
}


def record(number: int, *responses: object, question: str = "label", **more: Any) -> dict[str, Any]:
    return {
        "id": f"r{number}",
        "fields": {"prompt": f"P{number}", "chat": []},
        "metadata": {"margin": 0.5},
        "suggestions": {question: {"value": "y", "score": 0.9, "agent": "m"}},
        "responses": {question: [{"value": value, "user_id": "u"} for value in responses]},
        "vectors": {"v": [0.1]},
        **more,
    }


def test_records_of_argilla_ask_what_their_settings_ask(tmp_path: Path) -> None:
    written(tmp_path / "r.json", [record(0, "y", "y"), record(1, "y", "n"), record(2)])
    written(tmp_path / "settings.json", SETTINGS)
    given = {"config": "settings.json", "question": "label"}
    asked = asks(tmp_path, "r.json", **given, gold="label", keep=["margin", "v", "label.responses"])
    assert asked.pool.question.name == "binary"
    assert asked.pool.question.options == ("yes", "no")
    assert asked.instructions == "Be kind.\n\nIs it safe?"
    assert known(asked) == {0: "yes"}
    kept = {"margin": 0.5, "v": [0.1], "label.responses": ["y", "n"]}
    assert asked.pool.items[1].kept == kept
    assert b"margin" not in canonical(asked.manifest.to_json())
    for field in ("label", "label.responses", "label.suggestion"):
        said = refused(tmp_path, "r.json", **given, show=["prompt", field])
        assert f"show has {field}, which holds what others answered" in said
    assert "which cannot be settled" in refused(
        tmp_path, "r.json", config="settings.json", question="why"
    )
    assert "like `question: label`" in refused(tmp_path, "r.json", config="settings.json")


def test_a_ranking_of_argilla_ranks_the_fields_that_its_options_name(tmp_path: Path) -> None:
    records = [record(0, ["b", "a"], question="order"), record(1, ["b"], question="order")]
    written(tmp_path / "r.json", records)
    written(tmp_path / "settings.json", SETTINGS)
    given = {"config": "settings.json", "question": "order"}
    (one, _) = published(asks(tmp_path, "r.json", **given))
    assert {one["A"], one["B"]} == {"First", "Second"}
    said = refused(tmp_path, "r.json", **given, gold="order")
    assert "r.json, task 2: order is ['b'], which does not rank all options" in said
    older = [{"value": "b", "rank": 1}, {"value": "a", "rank": 2}]
    written(tmp_path / "r.json", [record(0, older, question="order")])
    assert len(known(asks(tmp_path, "r.json", **given, gold="order"))) == 1
    older[1]["rank"] = 1
    written(tmp_path / "r.json", [record(0, older, question="order")])
    assert "ranks two options alike" in refused(tmp_path, "r.json", **given, gold="order")
    fields = {"a": "this", "b": "that"}
    own = [{"name": name, "settings": {"type": "text"}} for name in fields]
    written(tmp_path / "settings.json", {**SETTINGS, "fields": own})
    written(tmp_path / "r.json", [record(0, ["b", "a"], question="order", fields=fields)])
    asked = asks(tmp_path, "r.json", **given, gold="order")
    (task,) = published(asked)
    assert set(task) == {"A", "B"}
    assert task[known(asked)[0]] == "that"


def test_drafts_are_no_answers_where_records_tell_them(tmp_path: Path) -> None:
    flat = {
        "id": "r", "status": "pending", "_server_id": None, "prompt": "P", "chat": [],
        "label.responses": ["y", "n"], "label.responses.users": ["u", "w"],
        "label.responses.status": ["submitted", "draft"],
    }  # fmt: skip
    written(tmp_path / "r.jsonl", json.dumps(flat))
    written(tmp_path / "settings.json", SETTINGS)
    given = {"config": "settings.json", "question": "label"}
    asked = asks(tmp_path, "r.jsonl", **given, gold="label", keep=["label.draft"])
    assert known(asked) == {0: "yes"}
    assert asked.pool.items[0].kept == {"label.draft": ["n"]}
    said = refused(tmp_path, "r.jsonl", preset="binary")
    assert "show: which fields labelers see is not said in these records" in said
    assert published(asks(tmp_path, "r.jsonl", preset="binary", show=["prompt"])) == [
        {"prompt": "P"}
    ]


@pytest.mark.parametrize(
    "cell",
    ["[array(['a'], dtype=object)]", "[" * 5_000, "[x for x in y]", "[1,", "['a' * 9999999999]"],
)
def test_a_list_as_python_writes_it_is_no_answer(tmp_path: Path, cell: str) -> None:
    header = ["id", "status", "_server_id", "prompt", "chat", "label.responses"]
    written(tmp_path / "r.csv", to_csv([header, ["r", "s", "t", "P", "[]", cell]]))
    written(tmp_path / "settings.json", SETTINGS)
    given = {"config": "settings.json", "question": "label"}
    assert published(asks(tmp_path, "r.csv", **given)) == [{"prompt": "P", "chat": []}]
    said = refused(tmp_path, "r.csv", **given, gold="label")
    assert "r.csv, line 2: label is a list as Python writes it: export records as JSON" in said


def test_a_list_as_python_writes_it_has_an_end(tmp_path: Path) -> None:
    flat = {"id": "r", "status": "pending", "_server_id": None, "prompt": "P", "chat": "[]"}
    written(tmp_path / "settings.json", SETTINGS)
    for count, reason in ((5, None), (50_000, "is a list as Python writes it")):
        written(tmp_path / "r.json", [{**flat, "label.responses": str(["y"] * count)}])
        given = {"config": "settings.json", "question": "label", "gold": "label"}
        if reason is None:
            assert known(asks(tmp_path, "r.json", **given)) == {0: "yes"}
        else:
            assert reason in refused(tmp_path, "r.json", **given)


@pytest.mark.parametrize("settings", ["[]", "{}", '{"fields": [1], "questions": []}', '{"fields":'])
def test_settings_that_are_none_are_refused(tmp_path: Path, settings: str) -> None:
    written(tmp_path / "r.json", [record(0)])
    written(tmp_path / "settings.json", settings)
    assert "settings.json" in refused(tmp_path, "r.json", config="settings.json")


# ---------------------------------------------------------------- preferences


def pairs(count: int) -> list[dict[str, object]]:
    return [
        {"prompt": f"q{number}", "chosen": f"good {number}", "rejected": f"bad {number}",
         "margin": 0.5}
        for number in range(count)
    ]  # fmt: skip


def sides(folder: Path, **values: Any) -> dict[int, str]:
    return known(asks(folder, "p.json", gold="chosen", **values))


def test_sides_are_drawn_from_the_seed_and_the_file(tmp_path: Path) -> None:
    written(tmp_path / "p.json", pairs(400))
    drawn = sides(tmp_path)
    assert drawn == sides(tmp_path)
    counts = Counter(drawn.values())
    assert set(counts) == {"A", "B"} and min(counts.values()) > 150
    assert sides(tmp_path, seed="x") != drawn
    rows = pairs(400)
    rows[399]["margin"] = 0.25  # who does not know all of the file draws something else
    written(tmp_path / "p.json", rows)
    assert sides(tmp_path) != drawn
    assert sides(tmp_path, seed="x") != drawn


def test_nothing_published_tells_which_side_was_chosen(tmp_path: Path) -> None:
    written(tmp_path / "p.json", pairs(12))
    asked = asks(tmp_path, "p.json", gold="chosen")
    text = canonical(asked.manifest.to_json()).decode()
    assert not any(word in text for word in ("chosen", "rejected", "margin"))
    for task, answer in zip(published(asked), known(asked).values(), strict=True):
        assert str(task[answer]).startswith("good")
    assert asked.pool.items[0].kept == {"margin": 0.5}
    assert asks(tmp_path, "p.json", preset="binary").pool.question.options == ("A", "B")
    assert "show has chosen, which holds what others answered" in refused(
        tmp_path, "p.json", show=["prompt", "chosen"]
    )
    bare = asks(tmp_path, "p.json", show=["A", "B"])
    assert (set(published(bare)[0]), bare.uses.kept) == ({"A", "B"}, ())
    assert bare.uses.left_out == ("prompt", "margin", "chosen")
    assert asks(tmp_path, "p.json", show=["A", "B"], keep=["margin"]).uses.kept == ("margin",)
    plain = asks(tmp_path, "p.json", format="json", preset="binary", show=["prompt", "chosen"])
    assert set(published(plain)[0]) == {"prompt", "chosen"}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"chosen": "a", "rejected": "a"}, "p.json, task 2: chosen and rejected are the same"),
        (
            {"chosen": "a", "rejected": [{"role": "user"}]},
            "p.json, task 2: chosen and rejected must",
        ),
        ({"chosen": "a", "rejected": "b", "A": 1}, "p.json, task 2: the field A is taken"),
    ],
)
def test_a_row_without_a_preference_is_refused(
    tmp_path: Path, row: dict[str, object], reason: str
) -> None:
    written(tmp_path / "p.json", [*pairs(1), row])
    said = refused(tmp_path, "p.json", format="preferences")
    assert reason in said


def test_a_seed_that_is_guessed_shuffles_no_ranking_back(tmp_path: Path) -> None:
    tasks = [{"q": n, "items": ["a", "b", "c"]} for n in range(40)]

    def drawn(*more: object) -> list[object]:
        asked = asks(tmp_path, [*tasks, *more], preset="ranking", seed="guessed")
        return list(asked.pool.tasks[:120])

    assert drawn() == drawn()
    assert drawn() != drawn({"q": 40, "items": ["a", "b", "c"]})


# ---------------------------------------------------------------- Parquet


def of_parquet(folder: Path, columns: Mapping[str, Any], **values: Any) -> Questionnaire:
    parquet.write_table(pa.table(columns), folder / "t.parquet")
    return asks(folder, "t.parquet", preset="binary", **values)


def test_columns_of_parquet_are_json(tmp_path: Path) -> None:
    columns = {
        "text": ["a", None],
        "whole": [1, 2**40],
        "fraction": [0.1, 1.0],
        "single": pa.array([0.1, 1.0], pa.float32()),
        "money": [Decimal("1.50"), Decimal("2.00")],
        "day": [date(2026, 1, 2), None],
        "kind": pa.array(["x", "y"]).dictionary_encode(),
        "turns": [[{"role": "user", "content": "hi"}], []],
    }
    one, other = published(of_parquet(tmp_path, columns, show=list(columns)))
    assert one == {
        "text": "a", "whole": 1, "fraction": "0.1", "single": "0.1", "money": "1.50",
        "day": "2026-01-02", "kind": "x", "turns": [{"role": "user", "content": "hi"}],
    }  # fmt: skip
    assert (other["text"], other["whole"], other["day"], other["turns"]) == (None, 2**40, None, [])


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        ([b"a", b"b"], "row 1: odd holds bytes, which are no JSON"),
        ([{"bytes": b"a"}, {"bytes": b"b"}], "row 1: odd holds bytes"),
        ([0.5, math.inf], "row 2: odd is inf, which is not a number"),
        (pa.array([1, 2], pa.duration("s")), "row 1: odd holds a timedelta, which is not JSON"),
    ],
)
def test_what_json_has_not_is_refused_where_it_is_used(
    tmp_path: Path, column: Any, reason: str
) -> None:
    columns = {"text": ["a", "b"], "odd": column}
    assert published(of_parquet(tmp_path, columns, show=["text"])) == [{"text": "a"}, {"text": "b"}]
    for key, value in (("show", ["text", "odd"]), ("keep", ["odd"])):
        with pytest.raises(PlumblineError) as error:
            of_parquet(tmp_path, columns, **{"show": ["text"], key: value})
        assert f"t.parquet, {reason}" in str(error.value)


def test_bytes_beside_preferences_are_left_out_unless_they_are_asked_for(tmp_path: Path) -> None:
    columns = {"prompt": ["q"], "chosen": ["a"], "rejected": ["b"], "image": [b"x"], "margin": [1]}
    parquet.write_table(pa.table(columns), tmp_path / "t.parquet")
    assert asks(tmp_path, "t.parquet").uses.kept == ("margin",)
    assert "image holds bytes" in refused(tmp_path, "t.parquet", keep=["image"])


@pytest.mark.parametrize("features", ["{}", "[]", '{"info": {"features": {"label": 1}}}', "{"])
def test_numbers_with_names_are_their_names(tmp_path: Path, features: str) -> None:
    columns = pa.table({"text": ["a", "b", "c"], "label": [0, 1, -1]})
    named = {"label": {"names": ["no", "yes"], "_type": "ClassLabel"}}
    told = json.dumps({"info": {"features": named}})
    path = tmp_path / "t.parquet"
    parquet.write_table(columns.replace_schema_metadata({"huggingface": told}), path)
    asked = asks(tmp_path, "t.parquet", preset="binary", gold="label")
    assert known(asked) == {0: "no", 1: "yes"}
    parquet.write_table(columns.replace_schema_metadata({"huggingface": features}), path)
    assert "label: 0 is not an option" in refused(
        tmp_path, "t.parquet", preset="binary", gold="label"
    )


def test_a_file_that_is_no_parquet_is_refused(tmp_path: Path) -> None:
    written(tmp_path / "t.parquet", "PAR1 not at all")
    assert "t.parquet is no Parquet file that can be read" in refused(tmp_path, "t.parquet")
    assert "u.parquet is not there" in refused(tmp_path, "u.parquet")


def test_a_table_that_unpacks_without_end_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = {"text": [f"{number} " * 50 for number in range(3_000)]}
    assert len(of_parquet(tmp_path, rows).pool.items) == 3_000
    monkeypatch.setattr("plumbline.formats.imports.parquet._MOST_BYTES", 200_000)
    assert "more than 512 MiB once it is unpacked" in refused(tmp_path, "t.parquet")


def test_without_its_package_parquet_is_refused_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "plumbline.formats.imports.parquet", raising=False)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    written(tmp_path / "t.jsonl", '{"text": "a"}')
    assert published(asks(tmp_path, "t.jsonl", preset="binary"))
    said = refused(tmp_path, "t.parquet", preset="binary")
    assert said == "tasks: parquet takes the package pyarrow: pip install 'plumbline[report]'"


# ---------------------------------------------------------------- which format


def test_what_could_be_of_two_programs_is_refused_with_their_names(tmp_path: Path) -> None:
    row = {"_server_id": None, "status": "pending", "chosen": "a", "rejected": "b", "prompt": "q"}
    written(tmp_path / "t.json", [row])
    said = refused(tmp_path, "t.json")
    assert "t.json may be of argilla or preferences: say which, like `format: argilla`" in said
    assert asks(tmp_path, "t.json", format="preferences").imported.format == "preferences"


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"format": "xls"}, "format is 'xls': give one of (csv: a table"),
        ({"format": 7}, "format is 7: must be the name of a format"),
        ({"config": "c.yaml"}, "config is 'c.yaml': must end in .xml (label-studio) or .json (arg"),
        ({"format": "json", "config": "c.xml"}, "config is for tasks of a program"),
        ({"question": "q"}, "question is for tasks of a program"),
        ({"format": "jsonl"}, "not valid JSON"),
        ({"format": "argilla"}, "holds no records of Argilla"),
        ({"delimiter": ";"}, "delimiter is for tasks in a .csv file"),
    ],
)
def test_a_format_that_is_none_of_the_file_is_refused(
    tmp_path: Path, values: dict[str, object], reason: str
) -> None:
    written(tmp_path / "t.json", '[{"text": "a"},\n{"text": "b"}]')
    assert reason in refused(tmp_path, "t.json", preset="binary", **values)


def test_a_format_is_said_where_the_ending_does_not_tell(tmp_path: Path) -> None:
    written(tmp_path / "t.txt", "id;text\na;one\nb;two\n")
    assert "t.txt must end in .csv, .tsv, .jsonl, .json, .parquet" in refused(
        tmp_path, "t.txt", preset="binary"
    )
    assert len(asks(tmp_path, "t.txt", preset="binary", format="csv").pool.items) == 2
    for key, value in (("format", "csv"), ("config", "c.xml"), ("question", "q")):
        said = refused(tmp_path, ["a", "b"], preset="binary", **{key: value})
        assert said == f"{key} is for tasks in a file: leave it out"


@pytest.mark.parametrize(
    ("name", "text"), [("t.json", "[]"), ("t.jsonl", "\n"), ("t.csv", "id,text\n")]
)
def test_a_file_without_tasks_is_refused(tmp_path: Path, name: str, text: str) -> None:
    written(tmp_path / name, text)
    assert f"{name} has no tasks in it" in refused(tmp_path, name, preset="binary")


def test_a_folder_is_of_a_program_or_refused(tmp_path: Path) -> None:
    said = refused(tmp_path.parent, tmp_path.name, preset="binary")
    assert "is a folder, and none that a program writes its tasks to" in said


def test_progress_is_told_row_by_row_and_may_stop_the_reading(tmp_path: Path) -> None:
    written(tmp_path / "t.jsonl", "\n".join(json.dumps({"text": str(n)}) for n in range(100)))

    def stop(what: str, done: int, total: int) -> None:
        if done == 50:
            raise KeyboardInterrupt

    seen: list[tuple[str, int, int]] = []
    source = Source(tmp_path / "t.jsonl", progress=lambda *told: seen.append(told))
    import_tasks("t.jsonl", source, None)
    assert seen[-1] == ("reading lines", 100, 100)
    with pytest.raises(KeyboardInterrupt):
        import_tasks("t.jsonl", Source(tmp_path / "t.jsonl", progress=stop), None)


def test_developers_are_shown_an_importer_as_it_is() -> None:
    folder = Path(import_tasks.__code__.co_filename).parent
    page = (ROOT / "docs" / "developing.md").read_text(encoding="utf-8")
    assert f"```python\n{(folder / 'json_list.py').read_text(encoding='utf-8')}```" in page


@pytest.mark.parametrize(
    ("example", "name"),
    [("safety", "label-studio"), ("records", "argilla"), ("replies", "preferences")],
)
def test_every_program_has_an_example(example: str, name: str) -> None:
    found = check_file(ROOT / "docs" / "examples" / f"{example}.yaml")
    assert found.asked.imported.format == name
    assert found.asked.uses.kept


SCALAR = st.none() | st.booleans() | st.integers(-9, 9) | st.floats() | st.text(max_size=3)
NAMED = st.sampled_from(
    [
        "id",
        "text",
        "data",
        "annotations",
        "ground_truth",
        "was_cancelled",
        "result",
        "from_name",
        "value",
        "choices",
        "safety",
        "ranker",
        "rating",
        "selected",
        "replies",
        "body",
        "fields",
        "metadata",
        "responses",
        "suggestions",
        "vectors",
        "prompt",
        "chat",
        "label",
        "label.responses",
        "label.responses.status",
        "status",
        "_server_id",
        "user_id",
        "order",
        "chosen",
        "rejected",
        "annotation_id",
        "annotator",
        "lead_time",
        "a",
        "y",
    ]
)
STRANGE = st.recursive(
    SCALAR | NAMED,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMED, inner, max_size=5),
    max_leaves=25,
)
CONFIGS = (
    CHOICES,
    SEVERAL,
    RATING,
    RANKER % "",
    RANKER % '<Bucket name="good"/><Bucket name="b"/>',
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.dictionaries(NAMED, STRANGE, max_size=8), min_size=1, max_size=3),
    st.sampled_from(["label-studio", "argilla", "preferences", None]),
    st.sampled_from(CONFIGS),
    st.none() | NAMED,
    st.none() | st.lists(NAMED, min_size=1, max_size=2),
)
def test_whatever_a_file_says_comes_in_or_is_refused_in_words(
    rows: list[Any], name: str | None, labeling: str, gold: str | None, keep: list[str] | None
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        written(path / "t.json", rows)
        values: dict[str, Any] = {"tasks": "t.json", "format": name, "gold": gold, "keep": keep}
        if name == "label-studio":
            values["config"] = config(path, labeling)
        elif name == "argilla":
            values["config"] = written(path / "settings.json", SETTINGS)
            values["question"] = "label"
        else:
            values["preset"] = "preference"
        try:
            questionnaire_in(values, path, no_gold=gold is None)
        except PlumblineError as error:
            assert "\n" not in str(error)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.recursive(
        SCALAR | NAMED,
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "fields",
                        "questions",
                        "name",
                        "settings",
                        "type",
                        "options",
                        "value",
                        "text",
                        "guidelines",
                        "title",
                    ]
                ),
                inner,
                max_size=5,
            )
        ),
        max_leaves=20,
    )
)
def test_whatever_settings_say_is_asked_or_refused_in_words(told: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        written(path / "settings.json", json.dumps(told))
        written(path / "r.json", [record(0, "y")])
        try:
            asks(path, "r.json", config="settings.json")
        except PlumblineError as error:
            assert str(error)


def test_every_format_is_explained_and_where_the_table_says() -> None:
    page = (ROOT / "docs" / "requester.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in page for name in FORMATS)
    folder = Path(import_tasks.__code__.co_filename).parent
    for entry in FORMATS.values():
        module, _, name = entry.place.partition(":")
        assert f"class {name}(" in (folder / f"{module}.py").read_text(encoding="utf-8")
