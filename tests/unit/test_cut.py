"""A job is cut into rounds: every item once, gold even and unrecognisable, always in one way."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plumbline.campaign.cut import CutError, CutRound, cut
from plumbline.formats.round_file import questionnaire_in
from plumbline.formats.task_pool import PoolItem, TaskPool
from plumbline.questions.registry import question_named
from plumbline.settlement.terms import usual_gold_count
from tests.build import ROOT

BINARY = question_named("binary").of(None)


def pool(sizes: list[int], answers: list[int | None], groups: list[str | None]) -> TaskPool:
    """Items with so many tasks each, all of an item's answers the same, alternating."""
    items = []
    for number, (size, answer, group) in enumerate(zip(sizes, answers, groups, strict=True)):
        tasks = tuple({"id": f"{number}/{task}"} for task in range(size))
        known = tuple(None if answer is None else (answer + task) % 2 for task in range(size))
        items.append(PoolItem(f"m{number}", "", str(number), tasks, known, group))
    return TaskPool(BINARY, tuple(items), {})


def plain(tasks: int, known: int, group: int = 0) -> TaskPool:
    """Single tasks, the first of which have known answers; in groups of so many."""
    return pool(
        [1] * tasks,
        [number % 2 if number < known else None for number in range(tasks)],
        [f"g{number // group}" if group else None for number in range(tasks)],
    )


JOBS = st.builds(
    lambda rows: pool(*map(list, zip(*rows, strict=True))),
    st.lists(
        st.tuples(
            st.integers(1, 15),
            st.sampled_from([0, 1, None]),
            st.sampled_from([None, None, "a", "b", "c"]),
        ),
        min_size=48,
        max_size=300,
    ),
)


@settings(max_examples=60, deadline=None)
@given(job=JOBS, most=st.sampled_from([None, 64, 128, 256]), gold=st.sampled_from([None, 0]))
def test_every_item_is_in_one_round_and_gold_is_as_promised(
    job: TaskPool, most: int | None, gold: int | None
) -> None:
    try:
        rounds = cut(job, most, gold)
    except CutError:
        return
    assert Counter(item.name for each in rounds for item in each.items) == Counter(
        item.name for item in job.items
    )
    for each in rounds:
        assert 48 <= len(each.tasks) <= (most or 256)
        answers = [answer for item in each.items for answer in item.known]
        assert all(answers[task] == option for task, option in each.gold.items())
        assert len(each.gold) * 4 <= len(each.tasks)
    (count,) = {len(each.gold) for each in rounds}
    assert count == 0 if gold == 0 else 12 <= count <= 24


@settings(max_examples=20, deadline=None)
@given(tasks=st.integers(48, 1_200), share=st.integers(0, 100))
def test_enough_answers_always_make_a_job_of_equal_rounds(tasks: int, share: int) -> None:
    rounds = cut(plain(tasks, max(share, 26) * tasks // 100), 96, None)
    sizes = [len(each.tasks) for each in rounds]
    assert max(sizes) - min(sizes) <= 1
    assert len(rounds) == -(-tasks // 96) or min(sizes) == 48
    for each in rounds:
        shares = Counter(each.gold.values())
        assert abs(shares[0] - shares[1]) <= 1


def test_the_same_job_is_always_cut_alike_and_one_more_answer_cuts_it_otherwise() -> None:
    job = plain(400, 160)
    assert cut(job, None, None) == cut(job, None, None)
    first = job.items[399]
    other = replace(job, items=(*job.items[:399], replace(first, known=(1,))))
    names = [[item.name for item in each.items] for each in cut(job, None, None)]
    assert names != [[item.name for item in each.items] for each in cut(other, None, None)]


def test_gold_is_in_no_place_of_its_own() -> None:
    """Wherever known answers stand in the file, gold tasks are all over the round."""
    places = [task for each in cut(plain(2_000, 600), 192, None) for task in each.gold]
    quarters = Counter(place * 4 // 182 for place in places)
    assert len(places) == 11 * 24
    assert all(40 <= quarters[quarter] <= 95 for quarter in range(4))


def test_known_answers_that_are_not_drawn_are_ordinary_tasks() -> None:
    (only,) = cut(plain(96, 60), None, None)
    known = sum(answer is not None for item in only.items for answer in item.known)
    assert (known, len(only.gold)) == (60, 24)


def test_small_groups_stay_together_and_large_ones_are_divided() -> None:
    def rounds_of(group: int) -> Counter[str | None]:
        rounds = cut(plain(480, 0, group), 96, 0)
        return Counter(name for each in rounds for name in {item.group for item in each.items})

    assert set(rounds_of(5).values()) == {1}
    assert set(rounds_of(48).values()) == {1}
    assert max(rounds_of(160).values()) > 1


def test_without_a_batch_rounds_are_as_small_as_gold_allows() -> None:
    def largest(known: int) -> int:
        return max(len(each.tasks) for each in cut(plain(960, known), None, None))

    assert largest(240) == 96
    assert largest(120) == 192
    assert largest(96) == 240


@settings(max_examples=20, deadline=None)
@given(job=JOBS, groups=st.integers(2, 4), gold=st.sampled_from([None, 0]))
def test_each_group_is_asked_everything_and_no_task_is_gold_twice(
    job: TaskPool, groups: int, gold: int | None
) -> None:
    try:
        rounds = cut(job, None, gold, groups)
    except CutError:
        return
    (count,) = {len(each.gold) for each in rounds}
    assert count == 0 if gold == 0 else count >= 12
    for start in range(0, len(rounds), groups):
        alike = rounds[start : start + groups]
        assert len({frozenset(item.name for item in each.items) for each in alike}) == 1
        assert len({tuple(item.name for item in each.items) for each in alike}) == groups
        used: list[object] = []
        for each in alike:
            known = [answer for item in each.items for answer in item.known]
            assert all(known[task] == option for task, option in each.gold.items())
            used += [str(each.tasks[task]) for task in each.gold]
        assert len(used) == len(set(used)) == groups * count


def test_gold_of_every_group_is_even() -> None:
    rounds = cut(plain(480, 240), 96, None, 3)
    assert len(rounds) == 15
    for each in rounds:
        shares = Counter(each.gold.values())
        assert abs(shares[0] - shares[1]) <= 1


def test_groups_share_the_known_answers() -> None:
    with pytest.raises(CutError, match="gold has 47 known answers, and 8 rounds with 12 gold"):
        cut(plain(1_000, 47), None, None, 2)
    with pytest.raises(CutError, match="set batch to 256, which makes 8 rounds"):
        cut(plain(960, 100), 48, None, 2)
    assert {len(each.gold) for each in cut(plain(96, 30), None, None, 2)} == {15}


def test_too_few_answers_are_refused_with_numbers() -> None:
    with pytest.raises(CutError, match="gold has 47 known answers, and 4 rounds with 12 gold"):
        cut(plain(1_000, 47), None, None)
    with pytest.raises(CutError, match=r"20 rounds .* set batch to 256, which makes 4 rounds"):
        cut(plain(960, 60), 48, None)
    with pytest.raises(CutError, match="ask about 768 tasks at a time"):
        cut(plain(1_000, 47), None, None)
    with pytest.raises(CutError, match="take 200"):
        cut(plain(960, 190), 96, 20)


def test_a_job_of_less_than_a_batch_is_a_round() -> None:
    with pytest.raises(CutError, match="47 tasks are one small round"):
        cut(plain(47, 12), None, None)
    assert len(cut(plain(48, 12), None, None)) == 1


def test_items_that_leave_no_room_are_refused() -> None:
    job = pool([40] * 7, [None] * 7, [None] * 7)
    with pytest.raises(CutError, match="280 tasks cannot be cut into rounds of 48 to 64"):
        cut(job, 64, 0)


# ------------------------------------------------------------------ what is published


QUESTIONS: list[tuple[dict[str, Any], Any, Any]] = [
    ({"preset": "binary"}, "a text", "yes"),
    ({"preset": "choice", "options": ["red", "green", "blue"]}, {"text": "a text"}, "green"),
    ({"preset": "ranking"}, {"items": ["one", "two", "three"]}, "2 > 1 > 3"),
    ({"preset": "labels", "options": ["toxic", "threat"]}, {"text": "a text"}, "threat"),
]


@pytest.mark.parametrize(("asked", "item", "answer"), QUESTIONS)
@pytest.mark.parametrize("has_ids", [True, False])
def test_a_gold_task_looks_like_any_other(
    asked: dict[str, Any], item: Any, answer: Any, has_ids: bool
) -> None:
    """Same fields, and an id that does not tell where it stood in the file."""
    items = [item if number else other(item) for number in range(300)]
    if has_ids:
        fields = [each if isinstance(each, dict) else {"text": each} for each in items]
        items = [{"id": f"row-{number:03}", **each} for number, each in enumerate(fields)]
    names = [f"row-{number:03}" if has_ids else number + 1 for number in range(1, 90)]
    values = {**asked, "tasks": items, "gold": dict.fromkeys(names, answer)}
    numbered = questionnaire_in(values, ROOT, is_numbered=True).pool
    assert sorted(int(one.called) for one in numbered.items) == list(range(1, 301))
    first = sorted(int(one.called) for one in numbered.items[:90])
    assert first != list(range(1, 91))
    tasks: list[Any] = list(numbered.tasks)
    assert len({tuple(sorted(task)) for task in tasks}) == 1
    assert "row-" not in str(tasks)
    published = numbered.question.items(tasks, [str(task["id"]) for task in tasks])
    assert [one.name for one in published] == [one.called for one in numbered.items]


def other(item: Any) -> Any:
    """Not all tasks may read alike."""
    if isinstance(item, dict):
        return {key: ["1", *held] if isinstance(held, list) else "1" for key, held in item.items()}
    return "1"


def test_the_number_of_gold_tasks_is_the_usual_where_answers_suffice() -> None:
    for each in cut(plain(300, 120), 100, None):
        assert isinstance(each, CutRound)
        assert len(each.gold) == usual_gold_count(2, 100)
