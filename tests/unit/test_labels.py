"""Whoever paid gets a label for each task, by the names that the tasks had."""

import csv
import io
import json
from dataclasses import replace

import pytest

from plumbline.cli.requester.labels import items_table, labels_table
from plumbline.formats.asked import asked_in
from plumbline.formats.task_pool import PoolItem, TaskPool
from plumbline.history.rounds import RoundHistory
from plumbline.protocol.manifest import Manifest, ManifestError
from plumbline.questions.checklist import Checklist
from plumbline.questions.lots import Lots
from plumbline.questions.question import Question
from plumbline.questions.ranking import Ranking
from plumbline.requester.labels import (
    CarriedFields,
    LabelsError,
    item_labels,
    items_of,
    items_to_csv,
    named_labels,
    to_csv,
    to_json,
)
from plumbline.settlement.terms import Kind
from tests.unit.builders import LABELERS, SMALL, StagedRound, with_gold

MANIFEST = Manifest(("no", "yes"), tuple(f"ham, {number}" for number in range(48)), "")


def closed(**more: object) -> StagedRound:
    """Of eight who are right but for one task each, with twelve gold tasks."""
    staged = StagedRound.of(with_gold(8), tasks_root=MANIFEST.root, **more)
    return staged.commit().reveal().close()


def test_a_round_that_is_not_closed_has_no_labels() -> None:
    staged = StagedRound(SMALL).commit(*LABELERS[:4]).reveal(*LABELERS[:4])
    with pytest.raises(LabelsError, match="round 1 is not closed"):
        named_labels(staged.history, None)


def test_labels_have_the_names_of_the_manifest() -> None:
    labels = named_labels(closed().history, MANIFEST)
    assert [label.task for label in labels] == list(MANIFEST.names)
    assert [label.label for label in labels] == ["no", "yes"] * 24
    assert [label.gold for label in labels] == ["no", "yes"] * 6 + [None] * 36
    assert labels[20].votes == {"no": 8, "yes": 0}
    assert labels[0].votes == {"no": 7, "yes": 1}
    assert not any(label.contested for label in labels)


def test_without_a_manifest_tasks_and_options_go_by_number() -> None:
    labels = named_labels(closed().history, None)
    assert [label.task for label in labels] == [f"task {number}" for number in range(1, 49)]
    assert {label.label for label in labels} == {"option 1", "option 2"}
    assert set(labels[0].votes) == {"option 1", "option 2"}


def test_tasks_of_another_round_are_refused() -> None:
    others = replace(MANIFEST, tasks=(*MANIFEST.tasks[:-1], "another"))
    with pytest.raises(ManifestError):
        named_labels(closed().history, others)


def test_files_say_what_the_labels_are() -> None:
    labels = named_labels(closed().history, MANIFEST)
    values = json.loads(to_json(labels))
    rows = list(csv.DictReader(io.StringIO(to_csv(labels))))
    assert [value["label"] for value in values] == [label.label for label in labels]
    assert [row["task"] for row in rows] == [label.task for label in labels]
    assert [row["label"] for row in rows] == [label.label for label in labels]
    assert [row["gold"] for row in rows] == [label.gold or "" for label in labels]
    assert {row["contested"] for row in rows} == {"no"}
    assert [int(row["votes yes"]) for row in rows] == [label.votes["yes"] for label in labels]
    missing = replace(labels[0], label=None, votes={"no": 0, "yes": 0})
    (row,) = csv.DictReader(io.StringIO(to_csv([missing])))
    assert (row["label"], row["contested"]) == ("", "no votes")
    assert to_csv([]) == "task,label,confidence,contested,gold\n"


def test_a_label_is_as_sure_as_those_who_gave_it() -> None:
    """A gold task is certain, seven of eight are less sure than all, and guessers do not count."""
    rows = [list(row) for row in with_gold(8).answers if row is not None]
    for row in rows[6:]:
        row[:] = [None if option is None else 1 - option for option in row]
    rows[0][20] = 1
    staged = StagedRound.of(replace(with_gold(8), answers=rows), tasks_root=MANIFEST.root)
    history = staged.commit().reveal().close().history
    records = named_labels(history, MANIFEST)
    assert records[0].confidence == 1
    sure, less = records[21].confidence, records[20].confidence
    assert sure is not None and less is not None
    assert 0.5 < less < sure < 1
    assert sum(records[20].votes.values()) == 6
    (column,) = (
        each for each in labels_table(history, records).columns if each.header == "confidence"
    )
    assert next(iter(column.cells)) == "1.00"


def test_who_failed_the_gold_tasks_makes_no_label_less_sure() -> None:
    """As if they had not come."""
    rows = [list(row) for row in with_gold(8).answers if row is not None]
    for row in rows[5:]:
        row[:] = [1] * len(row)
    crowds = [replace(with_gold(8), answers=given) for given in (rows, [*rows[:5], *[None] * 3])]
    found = []
    for crowd in crowds:
        staged = StagedRound.of(crowd, tasks_root=MANIFEST.root).commit().reveal().close()
        found.append([each.confidence for each in named_labels(staged.history, MANIFEST)])
    assert found[0] == pytest.approx(found[1], abs=1e-3)


def test_a_round_that_nobody_answered_has_no_labels_to_be_sure_of() -> None:
    history = StagedRound(SMALL).commit(*LABELERS[:4]).close().history
    assert {(each.label, each.confidence) for each in named_labels(history, None)} == {(None, None)}


def test_names_that_a_spreadsheet_would_run_are_guarded() -> None:
    labels = named_labels(closed().history, MANIFEST)
    renamed = [replace(label, task="=1+1", label="@x", gold="-1") for label in labels[:1]]
    header, row = to_csv(renamed).splitlines()
    assert header == "task,label,confidence,contested,gold,votes no,votes yes"
    assert row == "'=1+1,'@x,1.0,no,-1,7,1"


def test_a_task_without_votes_is_no_label_and_not_contested() -> None:
    """Whoever revealed skipped the task."""
    crowd = with_gold(8)
    rows = [[*row[:20], None, *row[21:]] for row in crowd.answers if row is not None]
    staged = StagedRound.of(replace(crowd, answers=rows), tasks_root=MANIFEST.root)
    history = staged.commit().reveal().close().history
    records = named_labels(history, MANIFEST)
    assert (records[20].label, records[20].contested) == (None, False)
    shown = labels_table(history, records)
    assert "47 labels, 0 contested, 1 task without votes" in str(shown.caption)
    (standing,) = (column for column in shown.columns if column.header == "standing")
    assert list(standing.cells)[19:21] == ["", "no votes"]


# ---------------------------------------------------------------- items of several tasks

FLAGS = Checklist.of(("rude", "spam", "off topic"))
PLACES = Ranking.of(None)


def manifest_of(asked: Question, items: dict[str, dict[str, object]]) -> Manifest:
    """The tasks of items, as published."""
    lots = Lots(b"seed")
    parts = [part for name, item in items.items() for part in asked.parts(item, name, lots)]
    tasks = tuple(part.task for part in parts)
    return Manifest(asked.options, tasks, "", asked.to_json())


def messages() -> Manifest:
    """Sixteen messages, with three tasks each."""
    return manifest_of(FLAGS, {f"m{n}": {"id": f"m{n}", "text": f"hi {n}"} for n in range(16)})


def closed_as(manifest: Manifest, rows: list[list[int | None]] | None = None) -> RoundHistory:
    crowd = with_gold(8)
    staged = StagedRound.of(replace(crowd, answers=rows or crowd.answers), tasks_root=manifest.root)
    return staged.commit().reveal().close().history


def test_labels_of_an_item_are_put_together_from_its_tasks() -> None:
    manifest = messages()
    history = closed_as(manifest)
    asked = items_of(history, manifest)
    assert asked is not None and asked.question == FLAGS
    records = item_labels(history, manifest, asked)
    # The crowd says no and yes by turns; the first twelve tasks are gold tasks.
    assert [record.item for record in records] == [f"m{n}" for n in range(16)]
    assert [record.label for record in records] == [["spam"], ["rude", "off topic"]] * 8
    assert [record.gold for record in records] == [["spam"], ["rude", "off topic"]] * 2 + [
        None
    ] * 12
    assert [task.task for task in records[1].tasks] == ["m1/rude", "m1/spam", "m1/off topic"]
    (first, *_) = json.loads(to_json(records))
    assert (first["item"], first["label"], len(first["tasks"])) == ("m0", ["spam"], 3)
    rows = list(csv.DictReader(io.StringIO(items_to_csv(records, FLAGS))))
    assert [row["label"] for row in rows[:2]] == ["spam", "rude; off topic"]
    assert [row["gold"] for row in rows[3:5]] == ["rude; off topic", ""]
    (labels,) = (
        column
        for column in items_table(history, records, FLAGS).columns
        if column.header == "label"
    )
    assert list(labels.cells)[:2] == ["spam", "rude; off topic"]


def test_an_item_is_contested_if_a_task_is_and_has_no_label_without_votes() -> None:
    manifest = messages()
    rows = [list(row) for row in with_gold(8).answers if row is not None]
    for number, row in enumerate(rows):
        row[36] = None  # nobody answers the first task of the last item but three
        row[39] = number % 2  # the crowd is divided over the next item
    history = closed_as(manifest, rows)
    records = item_labels(history, manifest, asked_in(Kind.NOMINAL, manifest))
    assert (records[12].label, records[12].contested) == (None, False)
    assert records[13].contested and not records[14].contested
    assert [row["contested"] for row in csv.DictReader(io.StringIO(items_to_csv(records, FLAGS)))][
        12:15
    ] == ["no votes", "yes", "no"]
    assert "1 item without votes" in str(items_table(history, records, FLAGS).caption)


def test_a_ranking_is_told_by_its_things() -> None:
    names = ["Paris", "Rome", {"city": "Oslo"}]
    items = {f"q{n}": {"id": f"q{n}", "items": names} for n in range(16)}
    manifest = manifest_of(PLACES, items)
    shown = PLACES.items(manifest.tasks, manifest.names)
    row: dict[int, int] = {}
    for item in shown:
        row |= PLACES.answers(item, [item.choices.index(thing) for thing in names])
    rows: list[list[int | None]] = [[row[task] for task in range(48)] for _ in range(8)]
    crowd = with_gold(8)
    gold = {task: row[task] for task in crowd.gold}
    staged = StagedRound.of(replace(crowd, answers=rows, gold=gold), tasks_root=manifest.root)
    history = staged.commit().reveal().close().history
    records = item_labels(history, manifest, asked_in(Kind.NOMINAL, manifest))
    assert all(record.label == names for record in records)
    assert [record.gold for record in records] == [names] * 4 + [None] * 12
    first = next(csv.DictReader(io.StringIO(items_to_csv(records, PLACES))))
    assert first["label"] == 'Paris > Rome > {"city": "Oslo"}'
    (labels,) = (
        column
        for column in items_table(history, records, PLACES).columns
        if column.header == "label"
    )
    assert next(labels.cells) == "Paris > Rome > Oslo"


def test_groups_and_kept_fields_stand_beside_labels_of_items_and_of_tasks() -> None:
    manifest = messages()
    items = tuple(
        PoolItem(
            f"m{n}",
            "",
            f"m{n}",
            manifest.tasks[3 * n : 3 * n + 3],
            (None,) * 3,
            group=f"thread {n // 4}" if n else None,
            kept={"from": f"=user {n}", "score": [0.5, None]} if n else {"from": None},
        )
        for n in range(16)
    )
    pool = TaskPool(FLAGS, items, {})
    history = closed_as(manifest)
    records = item_labels(history, manifest, asked_in(Kind.NOMINAL, manifest))
    carried = CarriedFields.of(pool, manifest, by_task=False)
    rows = list(csv.DictReader(io.StringIO(items_to_csv(records, FLAGS, carried))))
    written = [(row["item"], row["group"], row["kept from"], row["kept score"]) for row in rows]
    assert written[:2] == [("m0", "", "", ""), ("m1", "thread 0", "'=user 1", "[0.5, null]")]
    values = json.loads(to_json(records, carried))
    assert (values[0]["group"], values[0]["kept"]) == (None, {"from": None})
    assert values[5]["group"] == "thread 1"
    assert values[5]["kept"] == {"from": "=user 5", "score": [0.5, None]}
    tasks = named_labels(history, manifest)
    carried = CarriedFields.of(pool, manifest, by_task=True)
    rows = list(csv.DictReader(io.StringIO(to_csv(tasks, carried))))
    assert [row["kept from"] for row in rows[3:7]] == ["'=user 1"] * 3 + ["'=user 2"]
    assert json.loads(to_json(tasks, carried))[47]["group"] == "thread 3"
    bare = replace(pool, items=tuple(replace(item, group=None, kept={}) for item in items))
    nothing = CarriedFields.of(bare, manifest, by_task=False)
    assert items_to_csv(records, FLAGS, nothing) == items_to_csv(records, FLAGS)
    assert to_json(records, nothing) == to_json(records)


def test_tasks_that_make_no_items_are_told_one_by_one() -> None:
    manifest = replace(messages(), tasks=tuple(f"text {number}" for number in range(48)))
    history = closed_as(manifest)
    with pytest.raises(LabelsError, match=r"does not say to which item .* with --by-task"):
        items_of(history, manifest)
    wrong = replace(manifest, question={"kind": "dance"})
    with pytest.raises(LabelsError, match=r"'dance' is no kind of question.* with --by-task"):
        items_of(history, wrong)
    assert items_of(closed().history, MANIFEST) is None
