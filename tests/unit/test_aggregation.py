"""One label of many answers: methods, their choice by gold answers, and how sure they are."""

import math
import time
from collections import defaultdict
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from plumbline.aggregation.bradley_terry import strengths
from plumbline.aggregation.calibration import (
    best_temperature,
    calibration_error,
    tempered,
    usual_temperature,
)
from plumbline.aggregation.choice import AVERAGE, choices, choose
from plumbline.aggregation.comparison import (
    ComparisonError,
    compare,
    draw_gold,
    heard,
    table_of,
)
from plumbline.aggregation.dawid_skene import dawid_skene
from plumbline.aggregation.methods import METHODS
from plumbline.aggregation.reliability import krippendorff_alpha
from plumbline.aggregation.table import UNKNOWN, AnswerTable, Floats, Integers
from plumbline.formats.recorded_answers import RecordedAnswers, read
from plumbline.questions.choice import Binary
from plumbline.settlement.consensus import crowd_answer
from plumbline.settlement.terms import Kind, usual_terms

DATA: Final = Path(__file__).resolve().parents[3] / "shared" / "data"


def crowd(
    rights: list[float], tasks: int, options: int, seed: int = 1, share: float = 1.0
) -> tuple[AnswerTable, Integers]:
    """Labelers who know a share of the answers and else say anything, and the truth."""
    dice = np.random.default_rng(seed)
    truth = dice.integers(0, options, tasks)
    rows = []
    for labeler, right in enumerate(rights):
        for task in range(tasks):
            if dice.random() < share:
                knows = dice.random() < right
                rows.append((task, labeler, truth[task] if knows else dice.integers(0, options)))
    task, labeler, answer = np.array(rows).T
    return AnswerTable(task, labeler, answer, tasks, len(rights), options), truth


def bloc(seed: int = 1) -> tuple[AnswerTable, Integers]:
    """A third works; the others agree on another answer to half of the tasks."""
    table, truth = crowd([0.8] * 10 + [0.9] * 20, 300, 3, seed)
    dice = np.random.default_rng(seed)
    agreed = (truth + dice.integers(1, 3, 300)) % 3
    theirs = (table.labeler >= 10) & (np.arange(300) < 150)[table.task]
    answer = np.where(theirs, agreed[table.task], table.answer)
    return AnswerTable(table.task, table.labeler, answer, 300, 30, 3), truth


def known(truth: Integers, count: int, seed: int = 3) -> Integers:
    return draw_gold(truth, count, seed)


def none_known(table: AnswerTable) -> Integers:
    return np.full(table.tasks, UNKNOWN)


def accuracy(labels: Integers, truth: Integers) -> float:
    return float((labels == truth).mean())


# ------------------------------------------------------------------ what all methods hold


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("share", [1.0, 0.15])
def test_labels_are_good_and_distributions_are_distributions(name: str, share: float) -> None:
    table, truth = crowd([0.9, 0.8, 0.8, 0.7, 0.6] * 6, 200, 4, share=share)
    gold = known(truth, 20)
    estimate = METHODS[name](table, gold)
    assert estimate.distribution.shape == (200, 4)
    assert (estimate.distribution >= 0).all()
    np.testing.assert_allclose(estimate.distribution.sum(axis=1), 1)
    assert accuracy(estimate.labels, truth) > 0.9
    assert (estimate.labels[gold != UNKNOWN] == truth[gold != UNKNOWN]).all()
    assert (estimate.confidence[gold != UNKNOWN] == 1).all()


@pytest.mark.parametrize("name", METHODS)
def test_a_task_without_answers_is_open(name: str) -> None:
    table, _ = crowd([0.9] * 5, 40, 2)
    lonely = table.only(table.task != 7)
    estimate = METHODS[name](lonely, none_known(table))
    assert 0.2 < estimate.distribution[7].max() < 0.8


@pytest.mark.parametrize("name", METHODS)
def test_nobody_at_all_is_no_error(name: str) -> None:
    nothing = np.array([], dtype=np.int64)
    table = AnswerTable(nothing, nothing, nothing, 3, 2, 2)
    estimate = METHODS[name](table, none_known(table))
    np.testing.assert_allclose(estimate.distribution, 0.5)


@pytest.mark.parametrize("column", ["task", "labeler", "answer"])
def test_numbers_that_stand_for_nothing_are_refused(column: str) -> None:
    columns = {name: np.array([0, 1]) for name in ("task", "labeler", "answer")}
    for wrong in (np.array([0, 2]), np.array([-1, 0]), np.array([0])):
        with pytest.raises(ValueError, match=r"must be 0 to 1|rows"):
            AnswerTable(**{**columns, column: wrong}, tasks=2, labelers=2, options=2)


# ------------------------------------------------------------------ single methods


@pytest.mark.parametrize("kind", Kind)
def test_majority_is_the_answer_of_the_chain(kind: Kind) -> None:
    dice = np.random.default_rng(4)
    table, _ = crowd([0.5] * 9, 200, 4, share=0.6)
    table = AnswerTable(
        table.task, table.labeler, table.answer, 200, 9, 4, is_ordinal=kind is Kind.ORDINAL
    )
    terms = usual_terms(kind, 4, 2 if kind is Kind.ORDINAL else 1, 200, 10**9, 10**9, 9, 0)
    labels = METHODS["majority"](table, none_known(table)).labels
    votes = table.votes().astype(int)
    for task in dice.permutation(200):
        if votes[task].sum():
            assert labels[task] == crowd_answer(terms, votes[task].tolist())


def slow_dawid_skene(table: AnswerTable, steps: int) -> list[list[float]]:
    """Dawid and Skene from the paper, loops and all, with one answer of each sort beforehand."""
    answers = defaultdict(list)
    for task, labeler, answer in zip(table.task, table.labeler, table.answer, strict=True):
        answers[int(task)].append((int(labeler), int(answer)))
    options = range(table.options)
    believed = []
    for task in range(table.tasks):
        counts = [sum(answer == option for _, answer in answers[task]) for option in options]
        believed.append([count / sum(counts) for count in counts])
    for _ in range(steps):
        errs = [[[1.0 for _ in options] for _ in options] for _ in range(table.labelers)]
        frequent = [1.0 for _ in options]
        for task in range(table.tasks):
            for option in options:
                frequent[option] += believed[task][option]
                for labeler, answer in answers[task]:
                    errs[labeler][option][answer] += believed[task][option]
        for task in range(table.tasks):
            likely = []
            for option in options:
                product = math.log(frequent[option] / sum(frequent))
                for labeler, answer in answers[task]:
                    row = errs[labeler][option]
                    product += math.log(row[answer] / sum(row))
                likely.append(product)
            raised = [math.exp(each - max(likely)) for each in likely]
            believed[task] = [each / sum(raised) for each in raised]
    return believed


def test_dawid_skene_is_that_of_the_paper() -> None:
    table, _ = crowd([0.9, 0.7, 0.5, 0.3, 0.1], 40, 3)
    fast = dawid_skene(table, none_known(table)).distribution
    np.testing.assert_allclose(fast, slow_dawid_skene(table, 100), atol=1e-3)


@pytest.mark.parametrize("name", ["kappa-weighted", "dawid-skene", "mace", "gold-weighted"])
def test_who_guesses_is_not_heard(name: str) -> None:
    table, truth = crowd([0.8] * 4 + [0.0] * 20, 300, 3)
    gold = known(truth, 60)
    plain = accuracy(METHODS["majority"](table, gold).labels, truth)
    assert accuracy(METHODS[name](table, gold).labels, truth) > plain + 0.05


def test_a_labeler_who_errs_in_a_way_of_their_own_is_understood() -> None:
    table, truth = crowd([0.7] * 3 + [1.0] * 4, 300, 3)
    shifted = np.where(table.labeler >= 3, (table.answer + 1) % 3, table.answer)
    table = AnswerTable(table.task, table.labeler, shifted, 300, 7, 3)
    gold = known(truth, 30)
    assert accuracy(dawid_skene(table, gold).labels, truth) > 0.98
    assert accuracy(METHODS["majority"](table, gold).labels, truth) < 0.5


def test_strengths_explain_who_wins() -> None:
    dice = np.random.default_rng(5)
    true = np.array([0.4, 0.3, 0.2, 0.1])
    wins: Floats = np.zeros((4, 4))
    for _ in range(20_000):
        first, second = dice.choice(4, 2, replace=False)
        if dice.random() < true[first] / (true[first] + true[second]):
            wins[first, second] += 1
        else:
            wins[second, first] += 1
    np.testing.assert_allclose(strengths(wins), true, atol=0.01)
    # Who never loses is strong, and not infinitely so.
    found = strengths(np.array([[0, 3.0], [0, 0]]))
    assert 0.5 < found[0] < 1
    np.testing.assert_allclose(strengths(np.zeros((3, 3))), 1 / 3)


# ------------------------------------------------------------------ reliability

OBSERVED: Final = (  # Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", C
    (1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0),
    (1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3),
    (0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0),
    (1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0),
)


@pytest.mark.parametrize(("is_ordinal", "alpha"), [(False, 0.743), (True, 0.815)])
def test_alpha_is_that_of_krippendorffs_example(is_ordinal: bool, alpha: float) -> None:
    rows = [
        (task, observer, value - 1)
        for observer, values in enumerate(OBSERVED)
        for task, value in enumerate(values)
        if value
    ]
    task, labeler, answer = np.array(rows).T
    found = krippendorff_alpha(AnswerTable(task, labeler, answer, 12, 4, 5, is_ordinal))
    assert found is not None
    assert round(found, 3) == alpha


def test_alpha_needs_something_to_compare() -> None:
    table, _ = crowd([0.9], 20, 2)
    assert krippendorff_alpha(table) is None
    same = AnswerTable(table.task, table.labeler, np.zeros(20, dtype=np.int64), 20, 1, 2)
    assert krippendorff_alpha(same) is None


# ------------------------------------------------------------------ how sure


def test_a_temperature_changes_how_sure_and_never_what() -> None:
    sure = np.array([[0.9, 0.08, 0.02], [0.2, 0.3, 0.5]])
    flat, steep = tempered(sure, 0.3), tempered(sure, 3)
    assert (flat.argmax(axis=1) == sure.argmax(axis=1)).all()
    assert (flat.max(axis=1) < sure.max(axis=1)).all()
    assert (steep.max(axis=1) > sure.max(axis=1)).all()
    assert tempered(np.array([[1.0, 0.0]]), 5)[0, 1] > 0


def test_many_gold_answers_find_the_temperature_and_none_leave_the_usual_one() -> None:
    dice = np.random.default_rng(6)
    honest = dice.dirichlet([1, 1, 1], 3_000)
    truth = np.array([dice.choice(3, p=row) for row in honest])
    boastful = honest**4 / (honest**4).sum(axis=1, keepdims=True)
    found, _ = best_temperature(boastful, truth, usual=1.0)
    assert 0.2 < found < 0.32
    nothing = np.zeros((0, 3))
    assert best_temperature(nothing, np.array([], dtype=np.int64), 0.7) == (0.7, 0.0)


def test_the_more_answers_a_task_has_the_less_each_says() -> None:
    usual = [usual_temperature(answers, counted=False) for answers in (1, 7, 30, 60)]
    assert usual[0] == 1
    assert usual == sorted(usual, reverse=True)


def test_calibration_error_is_how_far_sure_is_from_right() -> None:
    right = np.array([1, 1, 1, 0])
    assert calibration_error(np.full(4, 0.75), right) == pytest.approx(0)
    assert calibration_error(np.full(4, 1.0), right) == pytest.approx(0.25)
    assert calibration_error(np.array([]), np.array([], dtype=np.int64)) == 0


# ------------------------------------------------------------------ choice


def test_gold_answers_speak_against_a_bloc() -> None:
    table, truth = bloc()
    choice = choose(table, known(truth, 30))
    assert accuracy(METHODS["majority"](table, known(truth, 30)).labels, truth) < 0.7
    assert accuracy(choice.estimate.labels, truth) > 0.9
    assert choice.scores["majority"].weight < 0.05
    assert "30 gold answers" in choice.reason


def test_without_gold_nothing_is_chosen_and_that_is_said() -> None:
    table, truth = crowd([0.8] * 7, 60, 3)
    choice = choose(table, none_known(table))
    assert choice.method == AVERAGE
    assert choice.reason.startswith("no gold answers, so nothing can be chosen")
    assert all(score.held_out == 0 for score in choice.scores.values())
    assert accuracy(choice.estimate.labels, truth) > 0.9


def test_few_gold_answers_are_remarked_on() -> None:
    table, truth = crowd([0.8] * 7, 60, 3)
    assert "20 gold answers would tell more" in choose(table, known(truth, 10)).reason
    assert "would tell more" not in choose(table, known(truth, 20)).reason


def test_a_method_can_be_chosen_by_hand() -> None:
    table, truth = bloc()
    gold = known(truth, 30)
    by_name = choices(table, gold)
    for name, choice in by_name.items():
        assert choice.method == name
        labels = by_name[name].estimate.labels
        if name != AVERAGE:
            assert (labels == METHODS[name](table, gold).labels).all()
        np.testing.assert_allclose(choice.estimate.distribution.sum(axis=1), 1)
    with pytest.raises(KeyError):
        choose(table, gold, "oracle")


def test_weights_add_up_and_the_same_answers_give_the_same_choice() -> None:
    table, truth = crowd([0.9, 0.6, 0.3] * 4, 100, 2, share=0.5)
    gold = known(truth, 20)
    first, second = choose(table, gold), choose(table, gold)
    assert sum(score.weight for score in first.scores.values()) == pytest.approx(1)
    assert first.scores == second.scores
    assert (first.estimate.distribution == second.estimate.distribution).all()


def test_held_out_answers_are_held_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """No method predicts a gold answer that it has been shown."""
    table, truth = crowd([0.0] * 9, 100, 2)  # everybody guesses: nothing can be known
    choice = choose(table, known(truth, 50))
    for score in choice.scores.values():
        assert 12 <= score.right <= 38


# ------------------------------------------------------------------ crowds with truth


def recorded(tasks: int = 60) -> RecordedAnswers:
    table, truth = crowd([0.9] * 6 + [0.0] * 6, tasks, 2)
    rows = {
        f"w{labeler}": tuple(table.answer[table.labeler == labeler].tolist())
        for labeler in range(12)
    }
    return RecordedAnswers(
        "made up",
        Binary.of(None),
        tuple(f"t{task}" for task in range(tasks)),
        rows,
        tuple(truth.tolist()),
    )


def test_who_fails_the_gold_answers_of_a_round_is_not_heard_in_it() -> None:
    people = recorded(96)
    table = table_of(people)
    truth = np.array(people.truth)
    kept = heard(people, table, known(truth, 24))
    assert set(kept.labeler.tolist()) == set(range(6))
    # Too few for credible gold answers: everybody is heard.
    assert len(heard(people, table, known(truth, 5)).task) == len(table.task)


def test_the_comparison_is_about_tasks_that_are_no_gold_tasks() -> None:
    rows = compare(recorded(), 20, 2, settled=False)
    assert [row.method for row in rows] == [*METHODS, AVERAGE]
    for row in rows:
        assert len(row.right) == 2
        assert all((value * 40) % 1 == pytest.approx(0, abs=1e-9) for value in row.right)
    with pytest.raises(ComparisonError, match="60 tasks with a known answer: twice as many"):
        compare(recorded(), 31, 2, settled=False)


def test_the_average_is_near_the_best_method_on_a_real_crowd() -> None:
    """As the table of docs/aggregation.md, with fewer draws."""
    if not (DATA / "bluebirds").is_dir():
        pytest.skip(f"no real answers in {DATA}")
    rows = compare(read(DATA / "bluebirds"), 20, 6, settled=False)
    means = {row.method: row.mean.value for row in rows}
    best = max(value for method, value in means.items() if method != AVERAGE)
    assert best > means["majority"] + 0.1
    assert means[AVERAGE] >= best - 0.015


def test_a_million_answers_take_seconds() -> None:
    dice = np.random.default_rng(0)
    tasks, labelers, each = 10_000, 500, 10
    task = np.repeat(np.arange(tasks), each)
    labeler = dice.integers(0, labelers, tasks * each)
    truth = dice.integers(0, 4, tasks)
    knows = dice.random(tasks * each) < 0.7
    answer = np.where(knows, truth[task], dice.integers(0, 4, tasks * each))
    table = AnswerTable(task, labeler, answer, tasks, labelers, 4)
    begin = time.process_time()
    choose(table, known(truth, 100))
    # A tenth of a million, in a tenth of the time.
    assert time.process_time() - begin < 3
