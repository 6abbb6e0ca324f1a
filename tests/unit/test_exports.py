"""What a dataset is written as: the same labels in every form, and nothing that is not theirs."""

import csv
import io
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from plumbline.dataset.exports.card import CardDetails, CardError, card, require_license
from plumbline.dataset.exports.delimited import labels_csv
from plumbline.dataset.exports.export import DatasetTable
from plumbline.dataset.exports.folder import dataset_files, formats_for, write_dataset
from plumbline.dataset.exports.json_lines import labels_json
from plumbline.dataset.exports.labels import Labels, labels_table
from plumbline.dataset.exports.parquet import parquet_bytes
from plumbline.dataset.exports.registry import EXPORTS, ExportError, export_named
from plumbline.dataset.groups import NO_GROUPS, LabelerGroups
from plumbline.dataset.labeling import label
from plumbline.dataset.provenance import DatasetOptions, Provenance
from plumbline.dataset.records import Dataset, LabeledItem
from plumbline.dataset.sources import ItemSource, SourceRound
from plumbline.dataset.split import Row, Split, SplitDataset
from plumbline.errors import PlumblineError
from plumbline.formats.asked import asked_in
from plumbline.protocol.manifest import Manifest
from plumbline.questions.checklist import Checklist
from plumbline.questions.choice import Binary
from plumbline.questions.lots import Lots
from plumbline.questions.question import Question
from plumbline.questions.ranking import Ranking
from plumbline.questions.scale import Preference, Range, Scale
from plumbline.settlement.terms import Kind
from plumbline.units import ETHER
from tests.unit.builders import (
    DEPLOYED,
    GENESIS,
    LABELERS,
    SMALL,
    StagedRound,
    labeler,
    terms,
    with_gold,
)

FLAGS = Checklist.of(("rude", "spam", "off topic"))
PLACES = Ranking.of(None)
DETAILS = CardDetails("cc-by-4.0", DEPLOYED, ETHER)
HAM = {"id": "m", "text": "ham"}


def manifest_of(
    question: Question, items: Sequence[dict[str, Any]], instructions: str = ""
) -> Manifest:
    lots = Lots(b"seed")
    parts = [part for item in items for part in question.parts(item, str(item["id"]), lots)]
    return Manifest(
        question.options, tuple(part.task for part in parts), instructions, question.to_json()
    )


def texts(count: int, **fields: Any) -> list[dict[str, Any]]:
    return [{"id": f"m{n}", "text": f"ham {n}", **fields} for n in range(count)]


def binary(
    items: Sequence[dict[str, Any]] | None = None, instructions: str = "", **source: Any
) -> list[SourceRound]:
    """A round of 48 tasks that eight have answered, with twelve gold tasks."""
    manifest = manifest_of(Binary.of(None), items or texts(48), instructions)
    return [closed(manifest, **source)]


def closed(
    manifest: Manifest,
    crowd: Any = None,
    group: str | None = None,
    kept: dict[str, object] | None = None,
) -> SourceRound:
    staged = StagedRound.of(crowd or with_gold(8), tasks_root=manifest.root)
    history = staged.commit().reveal().close().history
    names = [item.name for item in asked_in(history.rules.kind, manifest).items]
    items = {name: ItemSource(f"my {name}", group, kept or {}) for name in names}
    return SourceRound.of(history, manifest, items)


def ordinal(question: Question) -> list[SourceRound]:
    """Seven of whom one is a step off, and no gold tasks."""
    manifest = manifest_of(question, [{**each, "A": "x", "B": "y"} for each in texts(24)])
    rows = [[(task + (n == 0)) % 3 for task in range(24)] for n in range(7)]
    rules = terms(kind=Kind.ORDINAL, options=3, width=2)
    return [closed(manifest, replace(with_gold(8), terms=rules, answers=rows, gold={}))]


def ranked() -> list[SourceRound]:
    things: list[object] = ["Paris", "Rome", {"text": "Oslo"}]
    items = [{"id": f"q{n}", "question": f"where {n}?", "items": things} for n in range(16)]
    manifest = manifest_of(PLACES, items)
    row: dict[int, int] = {}
    for item in PLACES.items(manifest.tasks, manifest.names):
        row |= PLACES.answers(item, [item.choices.index(thing) for thing in things])
    rows = [[row[task] for task in range(48)] for _ in range(8)]
    gold = {task: row[task] for task in with_gold(8).gold}
    return [closed(manifest, replace(with_gold(8), answers=rows, gold=gold))]


ROUNDS = {
    "binary": binary,
    "labels": lambda: [closed(manifest_of(FLAGS, texts(16)))],
    "ranking": ranked,
    "scale": lambda: ordinal(Scale.of(3)),
    "range": lambda: ordinal(Range.of({"from": 0, "to": 20, "step": 10})),
    "preference": lambda: ordinal(Preference.of(None)),
}


def made(rounds: list[SourceRound], groups: LabelerGroups = NO_GROUPS) -> SplitDataset:
    return SplitDataset(label(rounds, groups=groups), 20)


def rows_of(table: DatasetTable) -> list[Row]:
    return [row for split in Split for row in table.rows[split]]


def row_of(source: SplitDataset, name: str) -> Row:
    (row,) = (row for row in rows_of(labels_table(source)) if row["id"] == name)
    return row


def front_of(text: str) -> Any:
    head, text, _ = text.split("---\n", 2)
    assert not head
    return yaml.safe_load(text)


# ---------------------------------------------------------------- tables


@pytest.mark.parametrize("kind", ROUNDS)
def test_all_forms_of_the_labels_say_the_same(kind: str) -> None:
    source = made(ROUNDS[kind]())
    table = labels_table(source)
    written = {
        split: pq.read_table(io.BytesIO(parquet_bytes(table.schema, table.rows[split]))).to_pylist()
        for split in Split
    }
    by_name = {row["id"]: row for rows in written.values() for row in rows}
    values = json.loads(labels_json(source))
    cells = list(csv.DictReader(io.StringIO(labels_csv(source))))
    assert [value["id"] for value in values] == [item.name for item in source.dataset.items]
    assert values == [by_name[value["id"]] for value in values]
    for value, row in zip(values, cells, strict=True):
        label_text = row["label"]
        assert (label_text if isinstance(value["label"], str) else json.loads(label_text)) == (
            value["label"]
        )
        assert float(row["confidence"]) == value["confidence"]
        assert json.loads(row["answers"]) == value["answers"]
        if not source.dataset.question.has_parts:
            options = source.dataset.question.options
            assert [int(row[f"votes {name}"]) for name in options] == value["votes"]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("binary", "yes"),
        ("scale", "2"),
        ("range", 10),
        ("preference", "tie"),
        ("labels", ["rude", "off topic"]),
    ],
)
def test_a_label_has_the_type_of_its_question(kind: str, expected: object) -> None:
    source = made(ROUNDS[kind]())
    assert row_of(source, "my m1")["label"] == expected


def test_the_confidence_is_that_of_the_label_in_the_distribution() -> None:
    rows = rows_of(labels_table(made(binary())))
    options = ("no", "yes")
    assert {row["confidence"] for row in rows} != {1.0}
    for row in rows:
        chances = dict(zip(options, row["distribution"], strict=True))  # type: ignore[call-overload]
        assert row["confidence"] == chances[row["label"]] == max(chances.values())


def test_a_ranking_has_its_things_as_shown_and_as_ranked() -> None:
    row = row_of(made(ranked()), "my q3")
    best = ["Paris", "Rome", '{"text": "Oslo"}']
    assert row["label"] == row["gold"] == best
    assert isinstance(row["choices"], list) and sorted(row["choices"]) == sorted(best)
    strengths = dict(zip(row["choices"], row["strengths"], strict=True))  # type: ignore[call-overload]
    assert sorted(strengths, key=strengths.__getitem__, reverse=True) == best
    assert [task["choices"] for task in row["tasks"]] in (  # type: ignore[attr-defined]
        [list(pair) for pair in item_of(made(ranked()), "my q3").item.about],
    )


def item_of(source: SplitDataset, name: str) -> LabeledItem:
    (item,) = (item for item in source.dataset.items if item.name == name)
    return item


def test_who_is_not_heard_is_told_and_not_counted() -> None:
    rows = [list(row) for row in with_gold(8).answers if row is not None]
    for row in rows[5:]:
        row[:] = [None if option is None else 1 - option for option in row]
    manifest = manifest_of(Binary.of(None), texts(48))
    source = made([closed(manifest, replace(with_gold(8), answers=rows))])
    (found,) = (row for row in rows_of(Labels().tables(source)[0]) if row["id"] == "my m30")
    assert [each["is_heard"] for each in found["answers"]] == [True] * 5 + [False] * 3  # type: ignore[attr-defined]
    assert found["votes"] == [5, 0]
    answers = [row for row in rows_of(Labels().tables(source)[1]) if row["id"] == "my m30"]
    assert [row["answer"] for row in answers] == ["no"] * 5 + ["yes"] * 3
    assert [row["labeler"] for row in answers] == [labeler(n) for n in range(8)]
    assert {(row["round"], row["task"], row["name"]) for row in answers} == {(1, 30, "m30")}


def test_an_item_without_answers_has_no_label_in_any_form() -> None:
    rows = [list(row) for row in with_gold(8).answers if row is not None]
    for row in rows:
        row[20] = None
    manifest = manifest_of(Binary.of(None), texts(48))
    source = made([closed(manifest, replace(with_gold(8), answers=rows))])
    row = row_of(source, "my m20")
    assert (row["label"], row["confidence"], row["distribution"]) == (None, None, None)
    assert row["votes"] == [0, 0]
    cells = {row["id"]: row for row in csv.DictReader(io.StringIO(labels_csv(source)))}["my m20"]
    assert [cells[name] for name in ("label", "confidence", "distribution no")] == ["", "", ""]
    assert cells["votes no"] == "0"


def test_groups_of_labelers_stand_beside_the_label() -> None:
    people = {labeler(n): "many" if n < 6 else "few" for n in range(8)}
    row = row_of(made(binary(), LabelerGroups(people, {})), "my m30")
    shares = {each["group"]: each["votes"] for each in row["groups"]}  # type: ignore[attr-defined]
    assert shares == {"few": [2, 0], "many": [6, 0]}
    assert "groups" not in row_of(made(binary()), "my m30")
    assert row_of(made(binary(group="letters")), "my m30")["group"] == "letters"


# ---------------------------------------------------------------- the requester's own fields


def test_own_fields_have_columns_of_their_own_type() -> None:
    chat = [{"role": "user", "content": "hi"}]
    odd = {"a": [1, None]}
    items = texts(48, chat=chat, tags=["a", "b"], size=3, odd=odd, is_new=True)
    kept: dict[str, object] = {"price": 0.5, "note": None}
    source = made(binary(items, kept=kept))
    row = row_of(source, "my m0")
    assert (row["text"], row["chat"], row["tags"]) == ("ham 0", chat, ["a", "b"])
    assert (row["size"], row["is_new"], row["price"]) == (3, True, 0.5)
    assert (json.loads(str(row["odd"])), row["note"]) == (odd, None)
    types = {column.name: column.type for column in labels_table(source).columns}
    assert (types["size"], types["is_new"], types["price"]) == (
        pa.int64(),
        pa.bool_(),
        pa.float64(),
    )


def test_fields_that_differ_in_type_are_json_and_large_numbers_are_no_others() -> None:
    items = [{**each, "mixed": n if n % 2 else str(n)} for n, each in enumerate(texts(48))]
    source = made(binary(items, kept={"large": 2**70}))
    assert [row_of(source, f"my m{n}")["mixed"] for n in (0, 1)] == ['"0"', "1"]
    assert row_of(source, "my m0")["large"] == str(2**70)


def test_a_field_that_is_called_like_a_column_goes_by_another_name() -> None:
    items = texts(48, label="old", own_label="older", **{"Votes": "x", "votes no": "y"})
    source = made(binary(items, kept={"text": "kept"}))
    row = row_of(source, "my m1")
    assert row["label"] == "yes"
    assert (row["own_own_label"], row["own_label"]) == ("older", "old")
    assert (row["own_Votes"], row["own_votes no"], row["own_text"]) == ("x", "y", "kept")
    header = labels_csv(source).splitlines()[0].split(",")
    assert len(header) == len({name.casefold() for name in header})


def test_texts_that_a_spreadsheet_would_run_are_guarded_in_csv_alone() -> None:
    source = made(binary(texts(48, note="=1+1")))
    cells = next(csv.DictReader(io.StringIO(labels_csv(source))))
    assert cells["note"] == "'=1+1"
    assert json.loads(labels_json(source))[0]["note"] == "=1+1"


# ---------------------------------------------------------------- the split


def test_an_item_stays_where_it_is_whatever_is_added() -> None:
    few, many = made(binary(texts(48))), made([*ranked()])
    for source in (few, many):
        for item in source.dataset.items:
            assert source.split_of(item) == SplitDataset(source.dataset, 20).split_of(item)
    half = replace(few.dataset, items=few.dataset.items[::2])
    kept = {item.name: SplitDataset(half, 20).split_of(item) for item in half.items}
    assert all(few.split_of(item) == kept[item.name] for item in few.dataset.items[::2])
    larger = SplitDataset(few.dataset, 60)
    tested = [item for item in few.dataset.items if few.split_of(item) is Split.TEST]
    assert tested and all(larger.split_of(item) is Split.TEST for item in tested)


def test_about_as_many_items_as_are_wanted_are_to_test_on() -> None:
    item = made(binary()).dataset.items[0]
    items = tuple(replace(item, name=f"item {n}") for n in range(5_000))
    source = SplitDataset(replace(made(binary()).dataset, items=items), 20)
    tested = sum(source.split_of(each) is Split.TEST for each in items)
    assert 900 < tested < 1_100
    assert all(SplitDataset(source.dataset, 0).split_of(each) is Split.TRAIN for each in items)


def test_items_of_a_group_are_not_torn_apart_and_it_is_said_if_that_leaves_one_split() -> None:
    source = made(binary(group="letters"))
    assert len({source.split_of(item) for item in source.dataset.items}) == 1
    (note,) = Labels().notes(source)
    assert "all items are in the split" in note
    assert not Labels().notes(made(binary()))
    assert not Labels().notes(replace(source, test_percent=0))


# ---------------------------------------------------------------- the card


@pytest.mark.parametrize("kind", ROUNDS)
def test_the_card_describes_every_column_of_every_table(kind: str) -> None:
    source = made(ROUNDS[kind]())
    tables = Labels().tables(source)
    text = card(source, tables, DETAILS)
    front = front_of(text)
    assert [each["config_name"] for each in front["configs"]] == ["labels", "answers"]
    assert [each.get("default") for each in front["configs"]] == [True, None]
    for table, described in zip(tables, front["dataset_info"], strict=True):
        assert [each["name"] for each in described["features"]] == [
            each.name for each in table.columns
        ]
    paths = {file["path"] for each in front["configs"] for file in each["data_files"]}
    written = {file.path for file in dataset_files(source, (), DETAILS)}
    assert written == {"README.md", *paths}
    assert "0x" + source.dataset.rounds[0].closed.hex() in text
    assert DEPLOYED.address in text


def test_names_of_classes_are_texts_whatever_yaml_takes_them_for() -> None:
    front = front_of(card(made(binary()), Labels().tables(made(binary())), DETAILS))
    features = {each["name"]: each for each in front["dataset_info"][0]["features"]}
    names = {"0": "no", "1": "yes"}
    assert features["label"]["dtype"] == {"class_label": {"names": names}}
    source = made(ROUNDS["labels"]())
    front = front_of(card(source, Labels().tables(source), DETAILS))
    features = {each["name"]: each for each in front["dataset_info"][0]["features"]}
    assert features["label"]["list"]["class_label"]["names"]["2"] == "off topic"


def test_other_rows_have_another_front_matter() -> None:
    """`datasets` reads old rows of a folder again, as long as this is the same."""
    source = made(binary())
    tables = Labels().tables(source)
    (first, *rest), answers = tables[0].rows[Split.TRAIN], tables[1]
    changed = {**tables[0].rows, Split.TRAIN: [{**first, "text": "eggs"}, *rest]}
    moved = {Split.TRAIN: rest, Split.TEST: [first, *tables[0].rows[Split.TEST]]}
    digests = [
        front_of(card(source, [replace(tables[0], rows=rows), answers], DETAILS))["dataset_info"]
        for rows in (tables[0].rows, changed, moved)
    ]
    assert len({each[0]["description"] for each in digests}) == 3
    assert len({each[1]["description"] for each in digests}) == 1


HOSTILE = "<img src=x>\n---\nlicense: mit\n# Not a heading | `x` [a](https://b) \u202e"


def test_what_a_requester_wrote_is_no_markup_of_the_card() -> None:
    items = texts(48, **{"a\n---\nlicense: mit": "x", "|<b>": "y"})
    source = made(binary(items, instructions=HOSTILE))
    text = card(source, Labels().tables(source), DETAILS)
    front = front_of(text)
    assert front["license"] == "cc-by-4.0"
    names = [each["name"] for each in front["dataset_info"][0]["features"]]
    assert {"a\n---\nlicense: mit", "|<b>"} < set(names)
    body = text.split("---\n", 2)[2]
    assert "\u202e" not in body
    assert not re.search(r"(?<![\\`])<[a-z]|(?<!\\)\[a|^# Not|^license", body, re.MULTILINE)
    assert r"| \|\<b\> | string |" in body


def test_the_card_names_no_license_that_nobody_gave() -> None:
    source = made(binary())
    text = card(source, Labels().tables(source), replace(DETAILS, license=None))
    assert front_of(text)["license"] == "unknown"


@pytest.mark.parametrize("name", ["", "CC BY 4.0", "mit\nx: y", "-", "a" * 65])
def test_a_license_has_the_name_that_hubs_give_it(name: str) -> None:
    with pytest.raises(CardError, match="license"):
        require_license(name)
    require_license("cc-by-nc-sa-4.0")


# ---------------------------------------------------------------- the folder


def write(folder: Path, rounds: list[SourceRound], formats: tuple[str, ...]) -> None:
    dataset: Dataset = label(rounds)
    options = DatasetOptions(None, 20, "mit", formats)
    provenance = Provenance.of(dataset, rounds, DEPLOYED, GENESIS, options, NO_GROUPS)
    manifests = [each.manifest for each in rounds]
    write_dataset(folder, SplitDataset(dataset, 20), DETAILS, provenance, manifests)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_table_without_rows_is_left_out_as_datasets_fails_on_it(tmp_path: Path) -> None:
    """Nobody has revealed: there are no answers, and no labels."""
    manifest = manifest_of(Binary.of(None), texts(12))
    history = StagedRound(SMALL, tasks_root=manifest.root).commit(*LABELERS[:4]).close().history
    items = {name: ItemSource(name) for name in manifest.names}
    rounds = [SourceRound.of(history, manifest, items)]
    write(tmp_path / "dataset", rounds, formats_for(Binary.of(None)))
    front = front_of((tmp_path / "dataset" / "README.md").read_text())
    assert [each["config_name"] for each in front["configs"]] == ["labels"]
    assert {path.name for path in (tmp_path / "dataset" / "data").iterdir()} == {
        "labels-train.parquet",
        "labels-test.parquet",
    }
    lines = (tmp_path / "dataset" / "labels.jsonl").read_text().splitlines()
    assert {json.loads(line)["label"] for line in lines} == {None}


def test_the_same_rounds_give_the_same_bytes_and_fewer_forms_leave_nothing_behind(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "made" / "dataset"
    write(folder, binary(), ("csv", "jsonl"))
    first = contents(folder)
    write(folder, binary(), ("csv", "jsonl"))
    assert contents(folder) == first
    write(folder, binary(), ("csv",))
    assert first.keys() - contents(folder).keys() == {"labels.jsonl"}
    assert [path.name for path in folder.parent.iterdir()] == ["dataset"]


def test_a_folder_is_not_begun_if_something_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(PlumblineError, match="half of a character"):
        write(tmp_path / "dataset", binary(kept={"note": "\ud800"}), ())
    assert not list(tmp_path.iterdir())


def test_every_export_is_there_and_others_are_refused_with_a_list() -> None:
    question = Binary.of(None)
    assert set(formats_for(question)) <= set(EXPORTS)
    assert formats_for(question, ("jsonl", "csv")) == ("csv", "jsonl")
    with pytest.raises(ExportError, match=r"format 'xls' is not known: give one of \(csv: "):
        formats_for(question, ("xls",))
    for name in EXPORTS:
        assert export_named(name)
