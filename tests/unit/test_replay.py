"""What asking again saves is counted fairly: nobody looks at the truth, and all labels count."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from plumbline.aggregation.comparison import ComparisonError, draw_gold
from plumbline.aggregation.replay import (
    SIMULATED,
    LabelsSpent,
    Replay,
    SimulatedCrowd,
    replay,
)
from plumbline.aggregation.stopping import Target
from plumbline.aggregation.table import UNKNOWN, AnswerTable, Integers
from plumbline.cli.lab.extend import cli

TARGET = Target(0.9, 3, 15)
TASKS, PEOPLE = 80, 11


@dataclass(frozen=True)
class Made:
    """People who all know the first tasks, and guess the others."""

    hard: int = 20
    name: str = "made up"

    def drawn(self, seed: int) -> tuple[AnswerTable, Integers]:
        dice = np.random.default_rng([seed, 5])
        truth = dice.integers(2, size=TASKS)
        labeler, task = np.divmod(np.arange(PEOPLE * TASKS), TASKS)
        answer = np.where(
            task < TASKS - self.hard, truth[task], dice.integers(2, size=PEOPLE * TASKS)
        )
        return AnswerTable(task, labeler, answer, TASKS, PEOPLE, 2), truth


@pytest.mark.parametrize(
    ("confidence", "labels", "asks", "is_disputed"),
    [
        (0.9, 3, False, False),
        (0.89, 3, True, False),
        (0.1, 12, True, False),
        (0.1, 13, False, True),
    ],
)
def test_a_target_says_when_it_is_enough(
    confidence: float, labels: int, asks: bool, is_disputed: bool
) -> None:
    assert TARGET.asks_again(confidence, labels) is asks
    assert TARGET.is_disputed(confidence, labels) is is_disputed


def test_labels_are_spent_on_tasks_that_nobody_is_sure_of() -> None:
    (easy,) = replay(Made(hard=0), [TARGET], 5, 20, 2)
    (hard,) = replay(Made(hard=20), [TARGET], 5, 20, 2)
    assert easy.extended.labels == (5.0, 5.0)
    assert all(5.0 < labels < 9.0 for labels in hard.extended.labels)
    assert easy.extended.right == (1.0, 1.0)


def test_gold_tasks_of_those_who_are_asked_later_are_counted() -> None:
    """A quarter of the tasks twice more, each time with an eighth of gold tasks besides."""
    (hard,) = replay(Made(hard=20), [replace(TARGET, most=8)], 5, 20, 2)
    for labels in hard.extended.labels:
        again = (labels - 5) * TASKS / 3
        assert again == pytest.approx(round(again))
        assert again > 10


def test_who_decides_does_not_see_the_truth() -> None:
    """Other truths of tasks that are no gold tasks: the same labels are asked for."""
    (one,) = replay(Made(), [TARGET], 5, 20, 2)
    (other,) = replay(_OtherTruth(), [TARGET], 5, 20, 2)
    assert one.extended.labels == other.extended.labels
    assert one.extended.right != other.extended.right


@dataclass(frozen=True)
class _OtherTruth(Made):
    """The same, but for the truth of whatever is not drawn as a gold task."""

    def drawn(self, seed: int) -> tuple[AnswerTable, Integers]:
        table, truth = Made().drawn(seed)
        gold = draw_gold(truth, 20, seed)
        return table, np.where(gold == UNKNOWN, 1 - truth, truth)


def test_as_many_people_for_all_are_the_first_of_the_same_order() -> None:
    (made,) = replay(Made(), [replace(TARGET, most=5)], 5, 20, 2)
    by_labels = {each.labels[0]: each for each in made.alike}
    assert made.extended == by_labels[5]
    assert max(by_labels) == PEOPLE


def test_too_few_people_or_known_answers_are_refused() -> None:
    with pytest.raises(ComparisonError, match="11 people: 12 are needed"):
        replay(Made(), [TARGET], 9, 20, 2)
    with pytest.raises(ComparisonError, match="80 tasks with a known answer: twice as many"):
        replay(Made(), [TARGET], 5, 41, 2)


# ------------------------------------------------------------------ what is saved


def outcome(labels: float, right: float) -> Replay:
    """Of three draws that came out alike."""
    alike = [(3.0, 0.6), (6.0, 0.7), (9.0, 0.69), (12.0, 0.8)]
    return Replay(
        "made up",
        TARGET,
        LabelsSpent((labels,) * 3, (right,) * 3),
        tuple(LabelsSpent((each,) * 3, (share,) * 3) for each, share in alike),
    )


def test_a_saving_is_in_labels_for_being_as_often_right() -> None:
    saving = outcome(4.5, 0.7).saving
    assert (saving.as_many, saving.value) == (pytest.approx(6), pytest.approx(0.25))
    assert (saving.low, saving.high) == (pytest.approx(0.25), pytest.approx(0.25))
    assert outcome(4.5, 0.65).saving.as_many == pytest.approx(4.5)
    assert outcome(9.0, 0.7).saving.value == pytest.approx(-0.5)


def test_what_looks_worse_with_more_labels_counts_as_no_worse() -> None:
    """Between 6 and 12 labels it rises, though 9 looked worse than 6."""
    assert outcome(4.5, 0.75).saving.as_many == pytest.approx(9)


def test_more_than_all_people_together_is_said() -> None:
    saving = outcome(6, 0.9).saving
    assert saving.is_beyond and saving.as_many == 12 and saving.value == 0.5
    assert not outcome(6, 0.8).saving.is_beyond


# ------------------------------------------------------------------ crowds


def test_simulated_people_save_a_quarter() -> None:
    """As the table of docs/aggregation.md, with fewer draws, tasks and people."""
    world = replace(SIMULATED[2].world, tasks=120)
    (made,) = replay(SimulatedCrowd(world, people=16), [TARGET], 5, 20, 3)
    assert made.extended.mean_right > made.alike[2].mean_right + 0.02
    assert made.saving.value > 0.25


def test_the_command_prints_every_crowd_and_target(tmp_path: Path) -> None:
    table, truth = Made().drawn(0)
    rows = zip(table.labeler, table.task, table.answer, strict=True)
    (tmp_path / "answers.csv").write_text(
        "worker,task,answer\n" + "".join(f"w{who},t{task},{answer}\n" for who, task, answer in rows)
    )
    (tmp_path / "truth.csv").write_text(
        "task,truth\n" + "".join(f"t{task},{answer}\n" for task, answer in enumerate(truth))
    )
    meta = {"name": "made up", "kind": "binary", "options": ["0", "1"]}
    (tmp_path / "meta.json").write_text(json.dumps(meta))
    asked = [str(tmp_path), "--seeds", "2", "--confidence", "0.8", "--confidence", "0.9"]
    shown = CliRunner().invoke(cli, [*asked, "--most", "8"])
    assert shown.exit_code == 0, shown.output
    rows_shown = [line.split() for line in shown.output.splitlines() if "made up" in line]
    assert [row[2] for row in rows_shown] == ["0.8", "0.9"]
    assert "means of 2 draws" in shown.output
    as_json = json.loads(CliRunner().invoke(cli, [*asked, "--json"]).output)
    assert [each["target"] for each in as_json] == [0.8, 0.9]
    assert as_json[0]["alike"][0]["labels"] == 3
