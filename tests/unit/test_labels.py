"""Whoever paid gets a label for each task, by the names that the tasks had."""

import csv
import io
import json
from dataclasses import replace

import pytest

from plumbline.cli.requester.labels import labels_table
from plumbline.protocol.manifest import Manifest, ManifestError
from plumbline.requester.labels import LabelsError, named_labels, to_csv, to_json
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
    assert [label.task for label in labels] == [str(task) for task in range(48)]
    assert {label.label for label in labels} == {"0", "1"}


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
    assert to_csv([]) == "task,label,contested,gold\n"


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
