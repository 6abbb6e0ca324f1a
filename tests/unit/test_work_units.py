"""Recorded answers become rounds along the units in which the work was handed out."""

import random

import pytest

from plumbline.formats.recorded_answers import RecordedAnswers, RecordedAnswersError
from plumbline.formats.work_units import rounds
from plumbline.questions.choice import Choice
from plumbline.settlement.terms import MAX_SEATS, MAX_TASKS


def crowd(tasks: int, by_labeler: dict[str, set[int]]) -> RecordedAnswers:
    """Whoever answered a task said its number's parity."""
    answers = {
        who: tuple(task % 2 if task in own else None for task in range(tasks))
        for who, own in by_labeler.items()
    }
    names = tuple(f"t{task}" for task in range(tasks))
    truth = tuple(task % 2 for task in range(tasks))
    return RecordedAnswers("made up", Choice(("no", "yes")), names, answers, truth)


def shares(found: RecordedAnswers) -> list[float]:
    return [
        sum(answer is not None for answer in row) / len(found.tasks)
        for row in found.answers.values()
    ]


def test_a_complete_crowd_is_one_round() -> None:
    whole = crowd(40, {who: set(range(40)) for who in "abcd"})
    assert rounds(whole) == (whole,)


def test_too_many_tasks_are_split_evenly_in_their_order() -> None:
    found = rounds(crowd(600, {who: set(range(600)) for who in "abc"}))
    assert [len(part.tasks) for part in found] == [200, 200, 200]
    assert [task for part in found for task in part.tasks] == [f"t{task}" for task in range(600)]


def test_units_of_different_people_are_rounds_of_their_own_wherever_their_tasks_stand() -> None:
    dice = random.Random(1)
    tasks = list(range(100))
    dice.shuffle(tasks)
    units = [tasks[start : start + 20] for start in range(0, 100, 20)]
    people = [[f"{unit} {seat}" for seat in range(6)] for unit in range(5)]
    own = {who: set(unit) for unit, group in zip(units, people, strict=True) for who in group}
    found = rounds(crowd(100, own))
    assert {frozenset(part.tasks) for part in found} == {
        frozenset(f"t{task}" for task in unit) for unit in units
    }
    for part in found:
        assert shares(part) == [1.0] * 6
        assert part.truth == tuple(int(name[1:]) % 2 for name in part.tasks)
        for row in part.answers.values():
            assert row == part.truth


def test_a_skip_does_not_part_a_unit() -> None:
    own = {who: set(range(30)) for who in "abcde"}
    own["a"] -= {3}
    own["b"] -= {4, 5}
    assert [len(part.tasks) for part in rounds(crowd(30, own))] == [30]


def test_units_too_small_for_a_round_are_put_together() -> None:
    own = {
        f"{unit} {seat}": set(range(5 * unit, 5 * unit + 5)) for unit in range(8) for seat in "abc"
    }
    (found,) = rounds(crowd(40, own))
    assert len(found.tasks) == 40
    assert set(shares(found)) == {5 / 40}


def test_no_round_is_larger_than_the_contract_takes() -> None:
    dice = random.Random(2)
    own = {f"w{who}": set(dice.sample(range(900), 20)) for who in range(400)}
    found = rounds(crowd(900, own))
    assert all(len(part.tasks) <= MAX_TASKS and len(part.answers) <= MAX_SEATS for part in found)
    placed = [task for part in found for task in part.tasks]
    assert len(placed) == len(set(placed)) > 850


def test_what_is_too_little_for_a_round_is_refused() -> None:
    with pytest.raises(RecordedAnswersError, match="12 tasks and 3 labelers"):
        rounds(crowd(11, {who: set(range(11)) for who in "abc"}))
    with pytest.raises(RecordedAnswersError, match="12 tasks and 3 labelers"):
        rounds(crowd(40, {who: set(range(40)) for who in "ab"}))
