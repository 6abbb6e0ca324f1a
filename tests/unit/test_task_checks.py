"""An audit compares the tasks with the round, and says if nobody can be shown them."""

from dataclasses import replace

import pytest

from plumbline.audit.report import Findings
from plumbline.audit.task_checks import TaskSources, check_tasks
from plumbline.protocol.manifest import Manifest
from tests.unit.builders import StagedRound, careful

MANIFEST = Manifest(("no", "yes"), tuple({"id": f"m{n}", "text": "hello"} for n in range(24)))


def checked(manifest: Manifest, opened_with: Manifest) -> tuple[list[str], Findings]:
    """The notes on a round, and what is wrong with it."""
    findings = Findings()
    staged = StagedRound.of(careful(8), tasks_root=opened_with.root)
    return check_tasks([staged.history], TaskSources({"x.json": manifest}), findings), findings


def test_tasks_of_the_round_leave_nothing_to_say() -> None:
    notes, findings = checked(MANIFEST, MANIFEST)
    assert (notes, list(findings.differences)) == ([], [])


@pytest.mark.parametrize(
    ("question", "flaw"),
    [
        ({"kind": "ranking"}, "leave them out"),
        ({"kind": "labels", "labels": ["a", "b"]}, "does not say to which item it belongs"),
        ({"kind": "scale"}, "answers would be compared in another way"),
        ({"kind": "dance"}, "'dance' is no kind of question"),
    ],
)
def test_tasks_that_make_no_question_are_noted_and_no_difference(
    question: dict[str, object], flaw: str
) -> None:
    manifest = replace(MANIFEST, question=question)
    (note,), findings = checked(manifest, manifest)
    assert note.startswith("tasks of round 1 cannot be answered on a screen") and flaw in note
    assert list(findings.differences) == []


def test_tasks_of_another_round_are_a_difference() -> None:
    _, findings = checked(replace(MANIFEST, instructions="Else."), MANIFEST)
    assert "root of the tasks" in str(findings.differences[0])
