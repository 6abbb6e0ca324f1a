"""Kinds of questions: items become tasks, and the labels of tasks become answers to items."""

from collections.abc import Mapping
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plumbline.questions.checklist import Checklist
from plumbline.questions.lots import Lots
from plumbline.questions.question import Item, Layout, Question, QuestionError
from plumbline.questions.ranking import Ranking
from plumbline.questions.registry import QUESTIONS, question_named, question_of
from plumbline.questions.scale import Range
from plumbline.settlement.labels import Label
from plumbline.settlement.terms import Kind

LOTS = Lots(b"seed")
GIVEN: Mapping[str, object] = {
    "choice": ("red", "green", "blue"),
    "range": {"from": 0, "to": 100, "step": 10, "unit": "%"},
    "labels": ("toxic", "insult", "threat"),
}


def question(name: str) -> Question:
    """One of each kind, as a round file would ask for it."""
    return question_named(name).of(GIVEN.get(name))


def label(task: int, consensus: int | None, votes: tuple[int, ...] = (5, 5)) -> Label:
    """What a crowd says."""
    return Label(task, consensus, votes, (), False, None)


def tasks_of(asked: Question, items: Mapping[str, object]) -> list[Any]:
    """The tasks of some items, one after the other."""
    return [part.task for name, item in items.items() for part in asked.parts(item, name, LOTS)]


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_comes_back_from_the_task_manifest(name: str) -> None:
    asked = question(name)
    read = question_of(asked.kind, asked.options, {**asked.to_json(), "later": 1})
    assert read == asked
    assert read.wording
    assert read.credit


@pytest.mark.parametrize("name", QUESTIONS)
def test_what_is_shown_is_not_settled_in_another_way(name: str) -> None:
    asked = question(name)
    other = Kind.ORDINAL if asked.kind is Kind.NOMINAL else Kind.NOMINAL
    with pytest.raises(QuestionError, match="compared in another way"):
        question_of(other, asked.options, asked.to_json())


@pytest.mark.parametrize(
    ("options", "details", "error"),
    [
        (("no", "yes"), [], "must be an object"),
        (("no", "yes"), {}, "None is no kind of question"),
        (("no", "yes"), {"kind": "dance"}, "'dance' is no kind of question"),
        (("no", "yes"), {"kind": ["binary"]}, "is no kind of question"),
        (("a", "b", "c"), {"kind": "binary"}, "this question has 2"),
        (("a", "b"), {"kind": "ranking"}, "leave them out"),
        (("no", "yes"), {"kind": "labels"}, "must name its labels"),
        (("no", "yes"), {"kind": "labels", "labels": [1, 2]}, "must name its labels"),
        (("no", "yes"), {"kind": "labels", "labels": ["a", "A"]}, "labels must differ"),
        (("no", "yes"), {"kind": "labels", "labels": ["a", "None"]}, "none may be called none"),
        (("yes", "no"), {"kind": "labels", "labels": ["a", "b"]}, "a task of its own"),
    ],
)
def test_a_question_that_is_none_is_refused(
    options: tuple[str, ...], details: object, error: str
) -> None:
    with pytest.raises(QuestionError, match=error):
        question_of(Kind.NOMINAL, options, details)


# ---------------------------------------------------------------------------- ranges


def test_a_range_has_a_name_for_each_of_its_numbers() -> None:
    asked = question("range")
    assert asked.options == ("0", "10", "20", "30", "40", "50", "60", "70", "80", "90", "100")
    assert asked.wording == "a number from 0 to 100 %"
    assert asked.combined(Item("1", (0,), {}, asked.options), [label(0, 3)]) == 30


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (None, "must say the range"),
        ({"from": 0, "to": 100}, "101 numbers: at most 16 can be told apart, take steps of 7"),
        ({"from": 0, "to": 100, "step": 7}, "the last step must come out"),
        ({"from": 5, "to": 5}, "is no range"),
        ({"from": 5, "to": 1, "step": -1}, "is no range"),
        ({"from": 0.5, "to": 2}, "from is 0.5: must be a whole number"),
        ({"from": True, "to": 2}, "from is True"),
        ({"from": 0, "to": 4, "steps": 2}, "steps is not known"),
        ({"from": 0, "to": 4, "unit": "\n"}, "unit must be a text in one line"),
        ({"from": -(10**20), "to": 4}, "must be a whole number"),
    ],
)
def test_a_range_that_is_none_is_refused(given: object, error: str) -> None:
    with pytest.raises(QuestionError, match=error):
        Range.of(given)


@pytest.mark.parametrize(
    "options", [("1", "2", "4"), ("1", "1"), ("2", "1"), ("a", "b"), ("01", "02"), ("1", " 2")]
)
def test_options_of_strangers_are_no_range_unless_they_are_even_steps(
    options: tuple[str, ...],
) -> None:
    with pytest.raises(QuestionError, match="options of a range must be whole numbers"):
        question_of(Kind.ORDINAL, options, {"kind": "range"})


# ---------------------------------------------------------------------------- rankings


def rankings(count: int) -> dict[str, Any]:
    """Items of three to be ranked."""
    return {
        f"q{number}": {"id": f"q{number}", "prompt": number, "items": ["one", "two", "three"]}
        for number in range(count)
    }


@given(st.permutations(range(5)), st.text(max_size=5))
def test_a_ranking_goes_into_pairs_and_comes_back(order: list[int], seed: str) -> None:
    asked, lots = Ranking.of(None), Lots(seed.encode())
    item = {"id": "q", "items": ["a", "b", "c", "d", "e"]}
    parts = asked.parts(item, "q", lots)
    assert len(parts) == 10
    known = asked.known([place + 1 for place in order], item, "q", lots)
    (shown,) = asked.items([part.task for part in parts], [])
    labels = [label(task, "AB".index(str(side))) for task, side in enumerate(known)]
    best = asked.combined(shown, labels)
    assert best == ["abcde"[place] for place in order]
    # The same answers as somebody gives who ranks what is shown.
    given_order = [shown.choices.index(thing) for thing in best]
    assert list(asked.answers(shown, given_order).values()) == [each.consensus for each in labels]


def test_neither_a_fixed_ranking_nor_a_side_says_anything() -> None:
    """Over many items each thing of the file is shown in each place, and on either side."""
    asked = Ranking.of(None)
    tasks = tasks_of(asked, rankings(300))
    items = asked.items(tasks, [])
    shown_as = [item.choices for item in items]
    for order in permutations(["one", "two", "three"]):
        assert 25 <= shown_as.count(order) <= 80
    left = [task["A"] for task in tasks]
    for thing in ("one", "two", "three"):
        assert 230 <= left.count(thing) <= 370


def test_tasks_do_not_tell_how_the_file_counts_things() -> None:
    """With other draws the same names stand for other things."""
    asked = Ranking.of(None)
    item = rankings(1)["q0"]
    ways = {
        tuple(part.task["A"] for part in asked.parts(item, "q0", Lots(bytes([seed]))))  # type: ignore[index]
        for seed in range(100)
    }
    assert len(ways) > 10
    assert [part.suffix for part in asked.parts(item, "q0", LOTS)] == [
        f"{part.task['part']['pair'][0]}-{part.task['part']['pair'][1]}"  # type: ignore[index]
        for part in asked.parts(item, "q0", LOTS)
    ]


def test_a_ranking_with_a_circle_goes_by_votes_and_one_with_a_gap_is_none() -> None:
    asked = Ranking.of(None)
    tasks = tasks_of(asked, rankings(1))
    (item,) = asked.items(tasks, [])
    # Each thing beats the next: one win each.
    wins = {(0, 1): 0, (1, 2): 1, (0, 2): 2}
    labels, votes = [], {0: (5, 4), 1: (9, 0), 2: (6, 3)}
    for task, (left, right) in zip(item.tasks, item.about, strict=True):
        winner = wins[min(left, right), max(left, right)]
        more, fewer = votes[winner]
        labels.append(
            label(task, int(winner == right), (fewer, more) if winner == right else (more, fewer))
        )
    best = asked.combined(item, labels)
    assert isinstance(best, list)
    assert best[0] == item.choices[1]
    assert asked.combined(item, [*labels[:2], label(2, None, (0, 0))]) is None


@pytest.mark.parametrize(
    ("item", "error"),
    [
        ("text", "there is no field items"),
        ({"items": ["a"]}, "a list of 2 to 6"),
        ({"items": list("abcdefg")}, "a list of 2 to 6"),
        ({"items": "ab"}, "a list of 2 to 6"),
        ({"items": ["a", "b", "a"]}, "are the same"),
        ({"items": ["a", "b"], "A": 1}, "the field A is taken"),
        ({"items": ["a", "b"], "part": 1}, "the field part is taken"),
    ],
)
def test_an_item_that_cannot_be_ranked_is_refused(item: object, error: str) -> None:
    with pytest.raises(QuestionError, match=error):
        Ranking.of(None).parts(item, "q", LOTS)


@pytest.mark.parametrize(
    "answer",
    [[1, 2], [1, 2, 2], [0, 1, 2], "1 > 2", "best", [1, 2, True], 3, [1.0, 2, 3], "1>2>>3"],
)
def test_an_answer_that_is_no_ranking_is_refused(answer: object) -> None:
    with pytest.raises(QuestionError, match="is no ranking: give the numbers 1 to 3"):
        Ranking.of(None).known(answer, rankings(1)["q0"], "q0", LOTS)


@pytest.mark.parametrize("answer", [[3, 1, 2], "3 > 1 > 2", "3,1,2", " 3>1 >2 "])
def test_a_ranking_is_written_in_these_ways(answer: object) -> None:
    asked, item = Ranking.of(None), rankings(1)["q0"]
    assert asked.known(answer, item, "q0", LOTS) == asked.known([3, 1, 2], item, "q0", LOTS)


def broken(change: str) -> list[Any]:
    """The tasks of an item of a stranger who has broken one of them."""
    tasks = tasks_of(Ranking.of(None), rankings(1))
    first = tasks[0]
    match change:
        case "missing":
            return tasks[1:]
        case "same things":
            return [{**task, "A": "same", "B": "same"} for task in tasks]
        case "twice":
            return [*tasks, first]
        case "no item":
            return [{**first, "part": {"pair": [1, 2]}}, *tasks[1:]]
        case "no part":
            return ["text", *tasks[1:]]
        case "no pair":
            return [{**first, "part": {"item": "q0", "pair": ["x", [[]]]}}, *tasks[1:]]
        case "huge":
            return [{**first, "part": {"item": "q0", "pair": [1, 10**9]}}, *tasks[1:]]
        case "other thing":
            return [{**first, "A": "another"}, *tasks[1:]]
        case "no side":
            return [{key: value for key, value in first.items() if key != "B"}, *tasks[1:]]
    return [{**first, "prompt": "another"}, *tasks[1:]]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ("same things", "two things of item q0 are the same"),
        ("missing", "are not all pairs"),
        ("twice", "are not all pairs"),
        ("no item", "does not say to which item"),
        ("no part", "does not say to which item"),
        ("no pair", "does not say which pair"),
        ("huge", "does not say which pair"),
        ("other thing", "differs between its tasks"),
        ("no side", "has no side B"),
        ("other prompt", "differ in what they are about"),
    ],
)
def test_tasks_of_strangers_that_make_no_item_are_refused(change: str, error: str) -> None:
    with pytest.raises(QuestionError, match=error):
        Ranking.of(None).items(broken(change), [])


@given(st.permutations(range(4)))
def test_answers_to_pairs_mean_an_order_unless_they_contradict_each_other(order: list[int]) -> None:
    asked = Ranking.of(None)
    tasks = [part.task for part in asked.parts({"items": list("abcd")}, "7", LOTS)]
    (item,) = asked.items(tasks, [])
    answers = asked.answers(item, order)
    assert asked.chosen(item, [answers[task] for task in item.tasks]) == tuple(order)
    assert asked.read(item, asked.words(item, order)) == tuple(order)
    # Whoever prefers the worst thing to the best, and nothing else the other way round.
    pair = next(task for task, two in enumerate(item.about) if set(two) == {order[0], order[3]})
    answers[pair] = 1 - answers[pair]
    assert asked.chosen(item, [answers[task] for task in item.tasks]) is None


def test_tasks_of_an_item_have_names_that_no_item_has() -> None:
    asked = Ranking.of(None)
    tasks = [part.task for part in asked.parts({"items": ["a", "b", "c"]}, "1", LOTS)]
    assert [task["id"].split("/")[0] for task in tasks if isinstance(task, dict)] == ["1"] * 3


# ---------------------------------------------------------------------------- checklists


def test_labels_go_into_tasks_and_come_back() -> None:
    asked = question("labels")
    assert isinstance(asked, Checklist)
    items = {"m1": {"id": "m1", "text": "hello"}, "m2": {"id": "m2", "text": "go away"}}
    tasks = tasks_of(asked, items)
    assert [task["id"] for task in tasks][:3] == ["m1/toxic", "m1/insult", "m1/threat"]
    first, second = asked.items(tasks, [])
    assert second.shown == {"text": "go away"}
    assert asked.answers(second, (0, 2)) == {3: 1, 4: 0, 5: 1}
    assert asked.chosen(second, [1, 0, 1]) == (0, 2) == asked.read(second, "threat; Toxic")
    assert asked.words(second, (0, 2)) == "toxic; threat"
    assert asked.words(second, ()) == "none" and asked.read(second, "none") == ()
    said = asked.known("Toxic; threat", items["m2"], "m2", LOTS)
    assert said == ("yes", "no", "yes")
    assert asked.combined(second, [label(3, 1), label(4, 0), label(5, 1)]) == ["toxic", "threat"]
    assert asked.combined(first, [label(0, 0), label(1, 0), label(2, 0)]) == []
    assert asked.combined(first, [label(0, 0), label(1, None), label(2, 0)]) is None


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (["insult"], ("no", "yes", "no")),
        ([], ("no", "no", "no")),
        ("none", ("no", "no", "no")),
        ("insult|toxic", ("yes", "yes", "no")),
    ],
)
def test_labels_are_written_in_these_ways(answer: object, expected: tuple[str, ...]) -> None:
    assert question("labels").known(answer, {}, "m", LOTS) == expected


@pytest.mark.parametrize("answer", ["rude", "", "toxic;;insult", 1, None, {"toxic": 1}])
def test_what_is_no_label_is_refused(answer: object) -> None:
    with pytest.raises(QuestionError, match="are not labels: give those that apply of"):
        question("labels").known(answer, {}, "m", LOTS)


@pytest.mark.parametrize("given", [None, ("one",), tuple(map(str, range(17))), 3])
def test_a_checklist_has_two_to_sixteen_labels(given: object) -> None:
    with pytest.raises(QuestionError, match="must be 2 to 16 labels"):
        Checklist.of(given)


def test_tasks_that_are_not_one_for_each_label_are_refused() -> None:
    asked = question("labels")
    tasks = tasks_of(asked, {"m": {"text": "hello"}})
    for wrong, error in (
        (tasks[1:], "are not one for each label"),
        ([*tasks, tasks[0]], "are not one for each label"),
        ([{**tasks[0], "label": "rude"}, *tasks[1:]], "about no label of the question"),
        ([{**tasks[0], "text": "bye"}, *tasks[1:]], "differ in what they are about"),
    ):
        with pytest.raises(QuestionError, match=error):
            asked.items(wrong, [])


def test_layouts_are_those_that_screens_know() -> None:
    layouts = {name: question(name).layout for name in QUESTIONS}
    assert layouts == {
        "binary": Layout.OPTIONS,
        "choice": Layout.OPTIONS,
        "scale": Layout.SCALE,
        "range": Layout.NUMBER,
        "preference": Layout.SCALE,
        "ranking": Layout.RANKING,
        "labels": Layout.CHECKLIST,
    }
