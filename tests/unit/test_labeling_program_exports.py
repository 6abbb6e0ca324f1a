"""What goes to Label Studio and Argilla comes back as it was, and says what our labels say."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from plumbline.dataset.exports.argilla import ArgillaFiles, user_id
from plumbline.dataset.exports.chosen import choices_of_labelers
from plumbline.dataset.exports.export import DatasetExport
from plumbline.dataset.exports.label_studio import LabelStudioFiles
from plumbline.dataset.exports.own_fields import shown_fields
from plumbline.dataset.records import Dataset
from plumbline.formats.round_file import Questionnaire, questionnaire_in
from plumbline.questions.checklist import Checklist
from plumbline.questions.choice import Binary, Choice
from plumbline.questions.question import Question
from plumbline.questions.ranking import Ranking
from plumbline.questions.scale import Preference, Range, Scale
from plumbline.settlement.terms import Kind
from tests.paths import SHARED
from tests.unit.builders import labeler
from tests.unit.datasets import dataset, for_training

SAMPLES = SHARED / "samples" / "label_studio"
ARGILLA = SHARED / "samples" / "argilla"
needs_samples = pytest.mark.skipif(not SAMPLES.exists(), reason="the sample exports are not here")

HOSTILE = (
    'a <b class="x">&amp;</b> \'quoted\' "twice"\n\u202eright to left\U0001f600\x1b[31m $price ${x}'
)
SAID = [{"role": "user", "content": "why?"}, {"role": "assistant", "content": "so"}]


def written(found: Dataset, export: DatasetExport, folder: Path) -> dict[str, str]:
    """The files of an export, in a folder."""
    texts = {}
    for file in export.files(for_training(found)):
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
        texts[file.path] = file.content.decode()
    return texts


def label_studio(found: Dataset, folder: Path, name: str = "tasks") -> list[dict[str, Any]]:
    tasks: list[dict[str, Any]] = json.loads(
        written(found, LabelStudioFiles(), folder)[f"label_studio/{name}.json"]
    )
    return tasks


def read_back(folder: Path, preset: str, name: str = "tasks", **values: object) -> Questionnaire:
    """As a requester would have the tasks of a project labeled."""
    given = {
        "tasks": f"label_studio/{name}.json",
        "config": "label_studio/label_config.xml",
        "preset": preset,
    }
    return questionnaire_in({**given, **values}, folder, no_gold="gold" not in values)


def shares(question: Question, best: int = 0) -> list[float]:
    others = len(question.options) - 1
    return [0.8 if n == best else 0.2 / others for n in range(len(question.options))]


def of(question: Question, *tasks: object, best: int = 0, **more: Any) -> Dataset:
    parts = len(question.choices) if isinstance(question, Checklist) else 1
    return dataset(question, tasks, [[shares(question, best)] * parts] * len(tasks), **more)


def ranked(*things: object, prompt: str = "why?") -> Dataset:
    pairs = len(things) * (len(things) - 1) // 2
    task = {"id": "r", "prompt": prompt, "items": list(things)}
    return dataset(Ranking.of(None), [task], [[(0.9, 0.1)] * pairs])


# ---------------------------------------------------------------- Label Studio

QUESTIONS = [
    (Binary.of(None), "choices", {"choices": ["no"]}),
    (Choice.of(("red", "green", "blue")), "choices", {"choices": ["red"]}),
    (Scale.of(("poor", "fair", "good")), "choices", {"choices": ["poor"]}),
    (Scale.of(5), "rating", {"rating": 1}),
    (Range.of({"from": 0, "to": 100, "step": 50}), "choices", {"choices": ["0"]}),
    (Range.of({"from": 1, "to": 6}), "rating", {"rating": 1}),
    (Preference.of(None), "choices", {"choices": ["A"]}),
]


@pytest.mark.parametrize(("question", "kind", "value"), QUESTIONS)
def test_a_label_is_a_prediction_with_its_confidence(
    question: Question, kind: str, value: object, tmp_path: Path
) -> None:
    (task,) = label_studio(of(question, {"id": "q", "text": "why?"}), tmp_path)
    assert task["data"] == {"id": "q", "text": "why?"}
    (prediction,) = task["predictions"]
    assert (prediction["model_version"], prediction["score"]) == ("plumbline average", 0.8)
    (result,) = prediction["result"]
    assert (result["type"], result["value"]) == (kind, value)
    assert "annotations" not in task


@pytest.mark.parametrize(("question", "kind", "value"), QUESTIONS)
def test_a_question_comes_back_with_its_options_tasks_and_gold_answers(
    question: Question, kind: str, value: object, tmp_path: Path
) -> None:
    del kind, value
    tasks = [{"id": f"q{n}", "text": f"why {n}?", "n": n} for n in range(3)]
    found = of(question, *tasks, gold={1: [1]})
    label_studio(found, tmp_path)
    same: dict[str, Any] = {"preset": question.name}
    if question.kind is Kind.ORDINAL:  # a config does not say that its choices have an order
        same["options"] = list(question.options)
    if isinstance(question, Range):
        first, second, *_ = map(int, question.options)
        same["options"] = {"from": first, "to": int(question.options[-1]), "step": second - first}
    asked = read_back(tmp_path, name="annotations", gold="ground_truth", **same)
    assert asked.pool.question.options == question.options
    assert list(asked.pool.tasks) == tasks
    assert asked.pool.known == {1: 1}
    assert asked.instructions == found.instructions


def test_nothing_else_of_what_was_answered_is_shown_when_it_comes_back(tmp_path: Path) -> None:
    label_studio(of(Binary.of(None), {"id": "q", "text": "why?"}), tmp_path)
    for name in ("tasks", "annotations"):
        assert read_back(tmp_path, "binary", name).pool.tasks == ({"id": "q", "text": "why?"},)


def test_which_of_two_fields_comes_back_as_their_names(tmp_path: Path) -> None:
    task = {"id": "q", "prompt": "why?", "A": "one", "B": "two"}
    found = of(Binary.of(("A", "B")), task, best=1, gold={0: [1]})
    (exported,) = label_studio(found, tmp_path, "annotations")
    (result,) = exported["predictions"][0]["result"]
    assert (result["type"], result["value"]) == ("pairwise", {"selected": "right"})
    asked = read_back(tmp_path, "binary", "annotations", gold="ground_truth")
    assert (asked.pool.tasks, asked.pool.question.options) == ((task,), ("A", "B"))
    assert asked.pool.known == {0: 1}


def test_a_ranking_comes_back_with_its_things_in_the_same_order(tmp_path: Path) -> None:
    found = ranked("x", "y", "z")
    (item,) = found.items
    (task,) = label_studio(found, tmp_path)
    bodies = {thing["id"]: thing["body"] for thing in task["data"]["items"]}
    (result,) = task["predictions"][0]["result"]
    assert result["to_name"] == "items"
    assert [bodies[name] for name in result["value"]["ranker"]["label"]] == item.label
    (again,) = read_back(tmp_path, "ranking").imported.rows
    assert isinstance(again.task, Mapping)
    assert again.task["items"] == list(item.item.choices)


def test_a_field_called_like_the_things_goes_by_another_name(tmp_path: Path) -> None:
    found = ranked("x", "y")
    (item,) = found.items
    shown = replace(item.item, shown={"items": "how many?"})
    found = replace(found, items=(replace(item, item=shown),))
    (task,) = label_studio(found, tmp_path)
    assert task["data"]["items_2"] == "how many?"
    assert [thing["body"] for thing in task["data"]["items"]] == list(item.item.choices)


def test_a_thing_with_fields_keeps_them_and_its_id(tmp_path: Path) -> None:
    things = [{"id": "m1", "title": "x", "body": "y"}, {"id": "m2", "body": "z", "n": 1}]
    (task,) = label_studio(ranked(*things), tmp_path)
    assert sorted(task["data"]["items"], key=str) == sorted(things, key=str)
    (bare,) = label_studio(ranked({"by": "x", "said": "y"}, SAID), tmp_path)
    assert {thing["body"] for thing in bare["data"]["items"]} == {
        "by: x\nsaid: y",
        "- user: why?\n- assistant: so",
    }


def test_several_labels_come_back(tmp_path: Path) -> None:
    question = Checklist.of(("rude", "spam", "off topic"))
    found = dataset(
        question,
        [{"id": "q", "text": "hi"}, {"id": "r", "text": "ho"}],
        [[(0.1, 0.9), (0.9, 0.1), (0.1, 0.9)], [(0.9, 0.1)] * 3],
        gold={0: [1, 0, 1]},
    )
    several, none = label_studio(found, tmp_path, "annotations")
    assert several["predictions"][0]["result"][0]["value"] == {"choices": ["rude", "off topic"]}
    assert none["predictions"][0]["result"][0]["value"] == {"choices": []}
    asked = read_back(tmp_path, "labels", "annotations", gold="ground_truth")
    assert asked.pool.question.choices == question.labels
    assert [item.known for item in asked.pool.items] == [(1, 0, 1), (None,) * 3]


def test_annotations_say_of_each_labeler_what_was_answered_and_of_none_that_it_is_true(
    tmp_path: Path,
) -> None:
    found = of(Binary.of(None), {"id": "q", "text": "why?"})
    (task,) = label_studio(found, tmp_path, "annotations")
    assert len(task["annotations"]) == 10
    assert all(annotation["ground_truth"] is False for annotation in task["annotations"])
    said = [annotation["result"][0] for annotation in task["annotations"]]
    assert [result["meta"]["text"] for result in said] == [[labeler(n)] for n in range(10)]
    assert [result["value"]["choices"] for result in said] == [["no"]] * 8 + [["yes"]] * 2


def test_only_who_is_heard_and_answered_the_whole_item_is_an_annotator(tmp_path: Path) -> None:
    found = ranked("x", "y", "z")
    (item,) = found.items
    first, *rest = item.tasks
    unheard, *others = first.answers
    answers = (replace(unheard, is_heard=False), *others)
    item = replace(item, tasks=(replace(first, answers=answers), *rest))
    heard = dict(choices_of_labelers(found.question, item))
    assert labeler(0) not in heard and labeler(1) in heard
    (task,) = label_studio(replace(found, items=(item,)), tmp_path, "annotations")
    names = [annotation["result"][0]["meta"]["text"][0] for annotation in task["annotations"]]
    assert names == list(heard)


def test_who_ranks_in_a_circle_is_no_annotator() -> None:
    question = Ranking.of(None)
    (item,) = ranked("x", "y", "z").items
    circle = {(0, 1), (1, 2), (2, 0)}
    (round_and_round,) = dataset(
        question,
        [{"id": "r", "prompt": "why?", "items": ["x", "y", "z"]}],
        [[(1.0, 0.0) if about in circle else (0.0, 1.0) for about in item.item.about]],
    ).items
    assert not list(choices_of_labelers(question, round_and_round))


def test_what_was_partly_gold_is_no_ground_truth(tmp_path: Path) -> None:
    found = ranked("x", "y", "z")
    (item,) = found.items
    first, *rest = item.tasks
    item = replace(item, tasks=(replace(first, gold=0), *rest))
    (task,) = label_studio(replace(found, items=(item,)), tmp_path, "annotations")
    assert not any(annotation["ground_truth"] for annotation in task["annotations"])


def test_an_item_without_a_label_has_no_prediction(tmp_path: Path) -> None:
    found = dataset(Binary.of(None), ["a", "b"], [[()], [(0.1, 0.9)]])
    first, second = label_studio(found, tmp_path)
    assert first["predictions"] == [] and second["predictions"]


def test_what_is_hostile_in_options_and_texts_stays_text(tmp_path: Path) -> None:
    line = 'a <b class="x">&amp;</b> \'quoted\' "twice" \u05d0 \U0001f600 $price ${x}'
    options = (line, "$5", "<Choice value='x'/>", "]]>")
    task = {"id": 'q"<', "text": HOSTILE, '"/><Header value="x"/>': HOSTILE, "$$": "y"}
    found = of(Choice.of(options), task, best=1, gold={0: [1]})
    (exported,) = label_studio(found, tmp_path, "annotations")
    root = ElementTree.parse(tmp_path / "label_studio" / "label_config.xml").getroot()
    assert [element.tag for element in root] == ["Header", "Text", "Text", "Text", "Choices"]
    assert len(root.findall(".//Choice")) == 4
    assert exported["data"]["text"] == HOSTILE
    asked = read_back(tmp_path, "choice", "annotations", gold="ground_truth")
    (again,) = asked.pool.tasks
    assert isinstance(again, Mapping)
    assert list(again.values()) == list(task.values())
    assert asked.pool.known == {0: 1}
    results = {alias.get("alias", alias.get("value")) for alias in root.findall(".//Choice")}
    assert results == {option.strip() for option in options}


def test_no_instructions_are_taken_for_a_field(tmp_path: Path) -> None:
    found = of(Binary.of(None), "a text")
    tricky = replace(found, instructions="costs $price?\nsay so\x00")
    label_studio(tricky, tmp_path)
    asked = read_back(tmp_path, "binary")
    assert asked.instructions == "costs \uff04price?\nsay so\ufffd"
    assert asked.pool.tasks == ({"id": "1", "text": "a text"},)


def test_every_task_has_what_the_config_shows_and_no_null(tmp_path: Path) -> None:
    tasks = [
        {"id": "1", "text": "x", "chat": SAID, "facts": {"n": 1}, "tags": ["a", "b"], "n": 3},
        {"id": "2", "text": None, "chat": None, "facts": None, "tags": [], "label": "?"},
        {"id": "3", "only this": 1, "2nd": True, "only_this": 2},
    ]
    exported = label_studio(of(Binary.of(None), *tasks), tmp_path)
    root = ElementTree.parse(tmp_path / "label_studio" / "label_config.xml").getroot()
    shown = {
        element.get("value", "")[1:]: element.tag
        for element in root
        if element.get("value", "").startswith("$")
    }
    assert shown == {
        "text": "Text", "chat": "Paragraphs", "facts": "Table", "tags": "Text", "n": "Text",
        "label": "Text", "only_this": "Text", "_2nd": "Text", "only_this_2": "Text",
    }  # fmt: skip
    assert [task["data"]["facts"] for task in exported] == [{"n": 1}, [], []]
    for task in exported:
        assert set(shown) <= set(task["data"])
        assert None not in task["data"].values()
    assert {name for name in root.iter() if name.get("name") == "label_"}


@needs_samples
@pytest.mark.parametrize(
    ("name", "preset"),
    [
        ("choices", "choice"),
        ("rating", "scale"),
        ("pairwise", "binary"),
        ("pairwise_choice", "preference"),
        ("ranker", "ranking"),
    ],
)
def test_a_project_of_the_program_comes_back_as_it_went(
    name: str, preset: str, tmp_path: Path
) -> None:
    """Tasks, question, and the form of results are those that a server had."""
    given = {
        "tasks": str(SAMPLES / name / "import_tasks.json"),
        "config": str(SAMPLES / name / "label_config.xml"),
        "preset": preset,
    }
    before = questionnaire_in(given, SAMPLES / name, no_gold=True)
    question = before.pool.question
    tasks = [row.task for row in before.imported.rows]
    found = dataset(
        question,
        [{"id": str(n), **task} for n, task in enumerate(tasks) if isinstance(task, Mapping)],
        [[shares(question)] * len(item.tasks) for item in before.pool.items],
    )
    exported = label_studio(found, tmp_path)
    after = read_back(tmp_path, preset)
    assert after.pool.question == question
    for item, row in zip(found.items, after.imported.rows, strict=True):
        assert isinstance(row.task, Mapping)
        shown = shown_fields(item, question)
        assert {key: row.task[key] for key in shown} == shown
    real = json.loads((SAMPLES / name / "export.json").read_text())
    (theirs,) = real[0]["annotations"][0]["result"]
    (ours,) = exported[0]["predictions"][0]["result"]
    assert (ours["type"], list(ours["value"])) == (theirs["type"], list(theirs["value"]))
    assert set(ours) == set(theirs) - {"origin"}


# ---------------------------------------------------------------- Argilla


def argilla(found: Dataset, folder: Path) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The records, and their settings."""
    texts = written(found, ArgillaFiles(), folder)
    records = json.loads(texts["argilla/records.json"])
    return records, json.loads(texts["argilla/.argilla/settings.json"])


def argilla_back(folder: Path, preset: str, **values: object) -> Questionnaire:
    given = {"tasks": "argilla", "preset": preset, **values}
    return questionnaire_in(given, folder, no_gold="gold" not in values)


@pytest.mark.parametrize(
    ("question", "kind", "value"),
    [
        (Binary.of(None), "label_selection", "no"),
        (Choice.of(("red", "green", "blue")), "label_selection", "red"),
        (Choice.of(("1", "2")), "label_selection", "1"),
        (Scale.of(("poor", "fair", "good")), "label_selection", "poor"),
        (Scale.of(5), "rating", 1),
        (Scale.of(12), "label_selection", "1"),
        (Range.of({"from": 0, "to": 10, "step": 5}), "rating", 0),
        (Range.of({"from": 0, "to": 100, "step": 50}), "label_selection", "0"),
        (Range.of({"from": -1, "to": 1}), "label_selection", "-1"),
        (Preference.of(None), "label_selection", "A"),
    ],
)
def test_a_label_is_a_suggestion_and_a_question_comes_back(
    question: Question, kind: str, value: object, tmp_path: Path
) -> None:
    task = {"id": "q", "text": "why?"}
    found = of(question, task)
    (record,), settings = argilla(found, tmp_path)
    assert (record["id"], record["fields"]) == ("q", {"text": "why?"})
    assert record["suggestions"] == {
        "label": {"value": value, "score": 0.8, "agent": "plumbline average"}
    }
    (asked,) = settings["questions"]
    assert asked["settings"]["type"] == kind
    same: dict[str, Any] = {}
    if question.kind is Kind.ORDINAL and kind == "label_selection":
        same["options"] = list(question.options)
    if isinstance(question, Range):
        first, second, *_ = map(int, question.options)
        same["options"] = {"from": first, "to": int(question.options[-1]), "step": second - first}
    again = argilla_back(tmp_path, question.name, **same)
    assert again.pool.question == question
    assert again.instructions == found.instructions
    (row,) = again.pool.tasks
    assert isinstance(row, Mapping) and row["text"] == "why?"


def test_several_labels_are_suggested_and_nothing_is_where_none_applies(tmp_path: Path) -> None:
    question = Checklist.of(("rude", "spam", "off topic"))
    likely = [[(0.1, 0.9), (0.9, 0.1), (0.2, 0.8)], [(0.9, 0.1)] * 3]
    records, _ = argilla(dataset(question, ["hi", "ho"], likely), tmp_path)
    assert [record["suggestions"] for record in records] == [
        {
            "label": {
                "value": ["rude", "off topic"],
                "score": [0.9, 0.8],
                "agent": "plumbline average",
            }
        },
        {},
    ]
    assert argilla_back(tmp_path, "labels").pool.question == question


def test_a_ranking_orders_fields_and_comes_back(tmp_path: Path) -> None:
    found = ranked("x", SAID, "z")
    (item,) = found.items
    (record,), settings = argilla(found, tmp_path)
    names = [option["value"] for option in settings["questions"][0]["settings"]["options"]]
    assert names == ["thing_1", "thing_2", "thing_3"]
    suggested = record["suggestions"]["label"]
    values = [record["fields"][name] for name in suggested["value"]]
    assert isinstance(item.label, list)
    assert [item.label.index(v) for v in values if isinstance(v, str) and v in item.label]
    assert suggested["score"] is None and record["metadata"]["confidence"] == 0.729
    assert len(argilla_back(tmp_path, "ranking").pool.items) == 1


def test_rankings_of_other_sizes_are_not_for_it_and_it_is_said(tmp_path: Path) -> None:
    tasks = [{"items": ["x", "y"]}, {"items": ["x", "y", "z"]}]
    found = dataset(Ranking.of(None), tasks, [[(0.9, 0.1)], [(0.9, 0.1)] * 3])
    assert written(found, ArgillaFiles(), tmp_path) == {}
    (note,) = ArgillaFiles().notes(for_training(found))
    assert "the same number of things" in note
    assert ArgillaFiles().notes(for_training(ranked("x", "y"))) == ()


def test_flat_records_say_who_answered_what(tmp_path: Path) -> None:
    found = of(Binary.of(None), {"id": "q", "text": "why?"}, kept={"source": "a book"})
    (flat,) = json.loads(written(found, ArgillaFiles(), tmp_path)["argilla/records_flat.json"])
    assert flat["label.responses"] == ["no"] * 8 + ["yes"] * 2
    assert flat["label.responses.users"] == [user_id(labeler(n)) for n in range(10)]
    assert len(set(flat["label.responses.users"])) == 10
    assert (flat["label.suggestion"], flat["label.suggestion.score"]) == ("no", 0.8)
    assert (flat["source"], flat["answers"], flat["split"]) == ("a book", 10, "train")


def test_names_are_such_as_its_server_takes_and_none_is_given_twice(tmp_path: Path) -> None:
    task = {
        "id": "q", "Label": 1, "label": "x", "Reply A": "y", "reply_a": "z", "index": "i",
        "\u05d0": "hebrew", "confidence": "?", "_": None, "": "none", "x" * 300: "long",
    }  # fmt: skip
    found = of(Binary.of(None), task, kept={"group": 1, "label": [1]})
    (record,), settings = argilla(found, tmp_path)
    fields = [field["name"] for field in settings["fields"]]
    names = [
        *fields,
        *(question["name"] for question in settings["questions"]),
        *(each["name"] for each in settings["metadata"]),
    ]
    assert len({*names, *record["metadata"]}) == len(names) + 2
    assert all(re.fullmatch(r"(?=.*[a-z0-9])[a-z0-9_-]{1,200}", name) for name in names)
    assert "index" not in names
    assert [record["fields"][name] for name in fields] == [
        "1" if value == 1 else value for key, value in task.items() if key not in ("id", "_")
    ]
    (asked,) = settings["questions"]
    assert asked["name"] in record["suggestions"]


def test_what_is_too_long_for_its_server_is_cut_and_what_is_not_in_all_is_not_required(
    tmp_path: Path,
) -> None:
    options = ("x" * 600, "y")
    tasks = [{"text": "a", "more": "b"}, {"text": "c"}]
    found = replace(of(Choice.of(options), *tasks), instructions="z" * 20_000)
    (record, _), settings = argilla(found, tmp_path)
    (asked,) = settings["questions"]
    assert [each["value"] for each in asked["settings"]["options"]] == ["1", "y"]
    assert [len(each["text"]) for each in asked["settings"]["options"]] == [500, 1]
    assert record["suggestions"]["label"]["value"] == "1"
    assert len(settings["guidelines"]) == 10_000
    assert [field["required"] for field in settings["fields"]] == [True, False]


def test_no_file_of_the_machine_is_read_because_it_is_called_like_the_instructions(
    tmp_path: Path,
) -> None:
    found = replace(of(Binary.of(None), "x"), instructions="/etc/hostname")
    _, settings = argilla(found, tmp_path)
    assert not Path(settings["guidelines"]).exists()
    assert argilla_back(tmp_path, "binary").instructions == "/etc/hostname"


def test_hostile_text_goes_as_it_is_and_files_are_ascii(tmp_path: Path) -> None:
    found = of(Binary.of(None), {"id": HOSTILE[:5], "text": HOSTILE, "chat": SAID})
    texts = written(found, ArgillaFiles(), tmp_path)
    assert all(text.isascii() for text in texts.values())
    (record,) = json.loads(texts["argilla/records.json"])
    assert record["fields"] == {"text": HOSTILE, "chat": SAID}


@pytest.mark.skipif(not ARGILLA.exists(), reason="the sample records are not here")
def test_records_and_settings_have_the_keys_that_the_program_writes(tmp_path: Path) -> None:
    found = of(Binary.of(None), {"id": "q", "text": "why?", "chat": SAID})
    (record,), settings = argilla(found, tmp_path)
    (real, *_) = json.loads((ARGILLA / "on_disk" / "records.json").read_text())
    assert list(record) == list(real)
    assert set(record["suggestions"]["label"]) == set(real["suggestions"]["label"])
    theirs = json.loads((ARGILLA / "on_disk" / ".argilla" / "settings.json").read_text())
    assert set(settings) == set(theirs)
    of_server = {"id", "inserted_at", "updated_at", "dataset_id", "type"}
    for part in ("fields", "questions"):
        assert set(settings[part][0]) == set(theirs[part][0]) - of_server
    assert set(settings["questions"][0]["settings"]) == set(theirs["questions"][0]["settings"])
    (flat, *_) = json.loads((tmp_path / "argilla" / "records_flat.json").read_text())
    (real_flat, *_) = json.loads((ARGILLA / "records_flat.json").read_text())
    assert {key for key in flat if key.startswith("label.")} == {
        key for key in real_flat if key.startswith("label.")
    }
