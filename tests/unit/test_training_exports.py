"""Rows for trainers teach what the labels say, all of it, and nothing else."""

import io
import json
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plumbline.dataset.exports.export import DatasetTable
from plumbline.dataset.exports.parquet import parquet_bytes
from plumbline.dataset.exports.trl import Trl
from plumbline.dataset.records import Dataset
from plumbline.dataset.split import Split, SplitDataset
from plumbline.dataset.training import DesirableError, teaching
from plumbline.questions.checklist import Checklist
from plumbline.questions.choice import Binary, Choice
from plumbline.questions.question import Question
from plumbline.questions.ranking import Ranking
from plumbline.questions.scale import Preference, Scale
from tests.paths import SHARED
from tests.unit.datasets import all_rows, dataset, for_training

PREFERENCE = Preference.of(None)
BINARY = Binary.of(None)
RANKING = Ranking.of(None)
SAMPLES = SHARED / "samples" / "trl"
needs_samples = pytest.mark.skipif(
    not SAMPLES.exists(), reason="the rows for trainers are not here"
)

A, TIE, B = (0.8, 0.1, 0.1), (0.1, 0.8, 0.1), (0.1, 0.2, 0.7)
EVEN = (0.5, 0.0, 0.5)


def pair(number: int, **fields: object) -> dict[str, object]:
    return {
        "id": f"q{number}", "prompt": f"why {number}?", "A": f"yes {number}", "B": f"no {number}",
        **fields,
    }  # fmt: skip


def preferences(*distributions: Sequence[float], **fields: object) -> Dataset:
    tasks = [pair(number, **fields) for number in range(len(distributions))]
    return dataset(PREFERENCE, tasks, [[each] for each in distributions])


def tables(found: Dataset | SplitDataset, *desirable: str) -> dict[str, DatasetTable]:
    source = found if isinstance(found, SplitDataset) else for_training(found, desirable)
    return {table.name: table for table in Trl().tables(source)}


def rows(found: Dataset, name: str, *desirable: str) -> list[Mapping[str, Any]]:
    return all_rows(tables(found, *desirable)[name].rows)


def notes(found: Dataset, *desirable: str) -> str:
    return "\n".join(Trl().notes(for_training(found, desirable)))


# ---------------------------------------------------------------- preferences


def test_the_preferred_side_is_chosen_and_says_how_sure_it_is() -> None:
    first, second = rows(preferences(A, B), "reward")
    assert (first["prompt"], first["chosen"], first["rejected"]) == ("why 0?", "yes 0", "no 0")
    assert (second["prompt"], second["chosen"], second["rejected"]) == ("why 1?", "no 1", "yes 1")
    assert (first["id"], first["confidence"], first["rounds"]) == ("q0", 0.8, [7])
    assert (first["votes_for"], first["votes_against"]) == (8, 2)
    assert first["margin"] > second["margin"] > 0


@pytest.mark.parametrize("tied", [TIE, EVEN, ()])
def test_ties_and_what_nobody_answered_teach_nothing_and_are_counted(tied: Sequence[float]) -> None:
    found = preferences(A, tied, B)
    for name in ("dpo", "reward", "kto", "sft"):
        assert {row["id"] for row in rows(found, name)} == {"q0", "q2"}
    reason = "ties 1" if tied else "without a label 1"
    assert notes(found) == f"left out: {reason} (dpo, reward, kto, sft)"


def test_two_sides_that_are_the_same_teach_nothing() -> None:
    found = preferences(A, A, A="same", B="same")
    assert tables(found) == {}
    assert "the same on both sides 2" in notes(found)


def test_the_chosen_is_good_and_the_rejected_is_not() -> None:
    found = preferences(A, B)
    assert [(row["completion"], row["label"]) for row in rows(found, "kto")] == [
        ("yes 0", True), ("no 0", False), ("no 1", True), ("yes 1", False),
    ]  # fmt: skip
    assert [(row["prompt"], row["completion"]) for row in rows(found, "sft")] == [
        ("why 0?", "yes 0"),
        ("why 1?", "no 1"),
    ]


@given(
    st.lists(
        st.lists(st.floats(0, 1), min_size=3, max_size=3)
        .filter(lambda likely: sum(likely) > 0.01)
        .map(lambda likely: [each / sum(likely) for each in likely]),
        min_size=1,
        max_size=8,
    )
)
def test_all_rows_have_a_margin_above_0_and_none_is_a_tie(distributions: list[list[float]]) -> None:
    found = preferences(*distributions)
    taught = tables(found).get("reward")
    taught_rows = all_rows(taught.rows) if taught else []
    assert all(isinstance(m := row["margin"], float) and m > 0 for row in taught_rows)
    assert all(row["chosen"] != row["rejected"] for row in taught_rows)
    ties = sum(
        each.index(max(each)) == 1 or abs(each[0] - each[2]) < 1e-7 for each in distributions
    )
    assert len(taught_rows) <= len(distributions) - ties


@pytest.mark.parametrize(
    ("names", "options"),
    [
        (("A", "B"), None),
        (("a", "b"), None),
        (("reply_a", "reply_b"), None),
        (("reply_1", "reply_2"), None),
        (("left", "right"), ("left", "tie", "right")),
        (("text left", "text right"), ("left", "both", "right")),
        (("first", "second"), ("the first is better", "alike", "the second is better")),
    ],
)
def test_sides_are_told_by_the_names_of_fields_and_options(
    names: tuple[str, str], options: tuple[str, ...] | None
) -> None:
    first, second = names
    tasks = [{"question": "why?", first: "one", second: "two"}]
    found = dataset(Preference.of(options), tasks, [[B]])
    (row,) = rows(found, "dpo")
    assert (row["prompt"], row["chosen"], row["rejected"]) == ("why?", "two", "one")


@pytest.mark.parametrize(
    "question", [Binary.of(("A", "B")), Choice.of(("A", "B", "tie")), Choice.of(("tie", "A", "B"))]
)
def test_a_choice_between_two_sides_is_a_preference(question: Question) -> None:
    likely = [0.8 if name == "B" else 0.1 for name in question.options]
    (row,) = rows(dataset(question, [pair(0)], [[likely]]), "dpo")
    assert (row["chosen"], row["confidence"]) == ("no 0", 0.8)


def test_without_names_that_tell_nothing_is_taught_and_it_is_said_why() -> None:
    tasks = [{"prompt": "why?", "this": "one", "that": "two"}]
    found = dataset(PREFERENCE, tasks, [[A]])
    assert tables(found) == {}
    assert "which fields are compared is not told by their names" in notes(found)
    several = dataset(PREFERENCE, [{"page": "x", "site": "y", "A": "1", "B": "2"}], [[A]])
    assert "which of page, site is the prompt" in notes(several)


def test_what_was_shown_and_is_in_no_row_is_told() -> None:
    assert "shown, and in no row: source" in notes(preferences(A, source="a book"))


# ---------------------------------------------------------------- text and conversations

SAID = [{"role": "user", "content": "why?"}]
CLEAR = [{"role": "assistant", "content": "so"}]


def test_text_is_written_as_it_is_and_as_turns() -> None:
    found = preferences(A)
    assert set(tables(found)) == {
        name + ending for name in ("dpo", "reward", "kto", "sft")
        for ending in ("", "_conversational")
    }  # fmt: skip
    (row,) = rows(found, "dpo_conversational")
    assert row["prompt"] == [{"role": "user", "content": "why 0?"}]
    assert row["chosen"] == [{"role": "assistant", "content": "yes 0"}]


def test_where_anything_is_turns_all_is() -> None:
    tasks = [pair(0), pair(1, prompt=SAID), pair(2, A=CLEAR)]
    found = dataset(PREFERENCE, tasks, [[A]] * 3)
    assert {name for name in tables(found) if name.startswith("dpo")} == {"dpo_conversational"}
    assert [row["prompt"] for row in rows(found, "dpo_conversational")] == [
        [{"role": "user", "content": "why 0?"}],
        SAID,
        [{"role": "user", "content": "why 2?"}],
    ]
    assert rows(found, "dpo_conversational")[2]["chosen"] == CLEAR


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"A": 3}, "neither text nor turns"),
        ({"A": None}, "neither text nor turns"),
        ({"A": []}, "neither text nor turns"),
        ({"A": [{"role": "assistant", "content": None}]}, "neither text nor turns"),
        ({"A": [{"role": "assistant", "content": "x", "name": "y"}]}, "neither text nor turns"),
        ({"A": {"src": "x", "sha256": "0" * 64, "text": "a cat"}}, "neither text nor turns"),
        ({"A": [{"role": "assistant", "content": "x"}, "y"]}, "neither text nor turns"),
        ({"prompt": " "}, "without a prompt"),
        ({"prompt": [{"role": "system", "content": "be kind"}]}, "without a prompt"),
    ],
)
def test_what_no_trainer_takes_is_left_out_and_counted(
    fields: dict[str, object], reason: str
) -> None:
    tasks = [pair(0, **fields), pair(1)]
    found = dataset(PREFERENCE, tasks, [[A], [A]])
    assert [row["id"] for row in rows(found, "dpo")] == ["q1"]
    assert reason in notes(found)


def test_without_a_prompt_there_are_pairs_for_reward_models_only() -> None:
    found = dataset(PREFERENCE, [{"A": "one", "B": "two"}], [[A]])
    assert set(tables(found)) == {"reward"}
    (row,) = rows(found, "reward")
    assert "prompt" not in row and row["chosen"] == "one"
    assert "there is no prompt (dpo, kto, sft)" in notes(found)
    talk = dataset(PREFERENCE, [{"A": SAID + CLEAR, "B": SAID}], [[A]])
    assert set(tables(talk)) == {"reward_conversational"}


# ---------------------------------------------------------------- rankings


def ranking(
    things: Sequence[object], *distributions: Sequence[float], prompt: str = "why?"
) -> Dataset:
    return dataset(RANKING, [{"id": "r", "prompt": prompt, "items": things}], [list(distributions)])


@given(st.data(), st.integers(2, 6))
def test_all_strict_pairs_of_a_ranking_are_rows(data: st.DataObject, count: int) -> None:
    things = [f"thing {number}" for number in range(count)]
    chances = data.draw(
        st.lists(st.integers(1, 99), min_size=count * (count - 1) // 2, max_size=15)
    )
    pairs = count * (count - 1) // 2
    found = ranking(things, *([each / 100, 1 - each / 100] for each in chances[:pairs]))
    (item,) = found.items
    assert isinstance(item.label, list)
    taught = teaching(found).pairs
    order = {name: place for place, name in enumerate(item.label)}
    said = [(order[lesson.chosen], order[lesson.rejected]) for lesson in taught.all]
    assert len(said) == len(set(said)) == pairs - taught.left_out.get("ties", 0)
    assert all(better < worse for better, worse in said)
    assert all(lesson.margin > 0 for lesson in taught.all)
    if not taught.left_out:
        assert said == list(combinations(range(count), 2))
        ends = {(b, w): lesson.margin for (b, w), lesson in zip(said, taught.all, strict=True)}
        assert all(
            ends[a, c] == pytest.approx(ends[a, b] + ends[b, c])
            for a, b, c in combinations(range(count), 3)
        )


def test_a_pair_of_a_ranking_says_what_was_answered_to_it() -> None:
    found = ranking(["x", "y", "z"], (0.9, 0.1), (0.9, 0.1), (0.2, 0.8))
    (item,) = found.items
    for lesson in teaching(found).pairs.all:
        (number,) = [
            number for number, about in enumerate(item.item.about)
            if {item.item.choices[choice] for choice in about} == {lesson.chosen, lesson.rejected}
        ]  # fmt: skip
        side = item.item.about[number].index(item.item.choices.index(lesson.chosen))
        task = item.tasks[number]
        assert lesson.evidence.confidence == pytest.approx(task.distribution[side])
        assert lesson.evidence.votes_for == task.votes[side]
        assert lesson.evidence.votes_against == task.votes[1 - side]


@pytest.mark.parametrize("likely", [(0.8, 0.2), (0.3, 0.7)])
def test_a_pair_is_as_sure_as_what_was_answered_to_it_whatever_the_side(
    likely: tuple[float, float],
) -> None:
    (lesson,) = teaching(ranking(["x", "y"], likely)).pairs.all
    assert lesson.evidence.confidence == pytest.approx(max(likely))
    assert (lesson.evidence.votes_for, lesson.evidence.votes_against) == (
        10 * max(likely),
        10 * min(likely),
    )


def test_things_that_say_the_same_are_no_pair() -> None:
    things = [{"id": 1, "text": "x"}, {"id": 2, "text": "x"}]
    found = ranking(things, (0.9, 0.1))
    assert tables(found) == {}
    assert "left out: the same on both sides 1" in notes(found)


def test_things_that_nobody_tells_apart_are_no_pair() -> None:
    found = ranking(["x", "y", "z"], (0.5, 0.5), (0.5, 0.5), (0.5, 0.5))
    assert tables(found) == {}
    assert "left out: ties 3 (dpo, reward, sft)" in notes(found)


def test_the_best_of_a_ranking_is_learnt_and_an_order_says_not_what_is_good() -> None:
    things = [{"id": 1, "text": "x"}, {"id": 2, "text": "y"}, {"id": 3, "text": "z"}]
    found = ranking(things, (0.9, 0.1), (0.9, 0.1), (0.9, 0.1))
    (item,) = found.items
    assert isinstance(item.label, list)
    (row,) = rows(found, "sft")
    assert row["completion"] == item.label[0]["text"]
    assert "an order says which is better, and not which are good (kto)" in notes(found)


# ---------------------------------------------------------------- single completions


def replies(question: Question, *distributions: Sequence[float], **fields: object) -> Dataset:
    tasks = [
        {"id": f"q{number}", "prompt": "why?", "response": f"so {number}", **fields}
        for number in range(len(distributions))
    ]
    return dataset(question, tasks, [[each] for each in distributions])


def test_only_who_asked_can_say_whether_yes_is_good() -> None:
    found = replies(BINARY, (0.9, 0.1), (0.2, 0.8))
    assert tables(found) == {}
    assert "name the desirable options (kto, sft)" in notes(found)
    assert [row["label"] for row in rows(found, "kto", "yes")] == [False, True]
    assert [row["label"] for row in rows(found, "kto", "No")] == [True, False]
    (row,) = rows(found, "sft", "yes")
    assert (row["prompt"], row["completion"], row["confidence"]) == ("why?", "so 1", 0.8)
    assert "no reply to learn from 1 (sft)" in notes(found, "yes")


def test_options_that_are_called_good_and_bad_say_it_themselves() -> None:
    found = replies(Choice.of(("unsafe", "safe")), (0.9, 0.1), (0.2, 0.8))
    assert [row["label"] for row in rows(found, "kto")] == [False, True]
    unsure = replies(Choice.of(("unsafe", "safe", "unsure")), (0.9, 0.1, 0.0))
    assert tables(unsure) == {}


def test_of_several_desirable_options_the_chances_are_added() -> None:
    found = replies(Scale.of(5), (0.0, 0.1, 0.2, 0.4, 0.3))
    (row,) = rows(found, "kto", "4", "5")
    assert (row["label"], row["confidence"]) == (True, 0.7)
    assert (row["votes_for"], row["votes_against"]) == (7, 3)


def test_a_conversation_is_judged_by_its_last_reply() -> None:
    talks = (SAID + CLEAR, SAID, CLEAR, SAID + CLEAR + SAID)
    found = dataset(BINARY, [{"messages": talk} for talk in talks], [[(0.1, 0.9)]] * 4)
    (row,) = rows(found, "kto_conversational", "yes")
    assert (row["prompt"], row["completion"], row["label"]) == (SAID, CLEAR, True)
    assert "without a prompt that a reply can follow 3" in notes(found, "yes")


@pytest.mark.parametrize(
    ("question", "desirable", "words"),
    [
        (BINARY, ("maybe",), "'maybe' is no option of the question: they are no, yes"),
        (BINARY, ("no", "yes"), "all options are desirable"),
        (PREFERENCE, ("A",), "no option of theirs makes a reply good"),
        (Checklist.of(("rude", "spam")), ("no",), "no option of theirs makes a reply good"),
    ],
)
def test_what_is_desirable_must_say_something(
    question: Question, desirable: tuple[str, ...], words: str
) -> None:
    likely = [1 / len(question.options)] * len(question.options)
    parts = 2 if question.has_parts else 1
    found = dataset(question, [pair(0, response="so")], [[likely] * parts])
    with pytest.raises(DesirableError, match=words):
        teaching(found, desirable)


@pytest.mark.parametrize(
    ("question", "task", "likely", "words"),
    [
        (BINARY, "a text", [(0.1, 0.9)], "people saw text"),
        (BINARY, {"id": "1", "text": "x"}, [(0.1, 0.9)], "no fields are called prompt and"),
        (Checklist.of(("rude", "spam")), {"text": "x"}, [(0.1, 0.9)] * 2, "of no two completions"),
    ],
)
def test_labels_of_other_things_are_not_for_trainers(
    question: Question, task: object, likely: list[Sequence[float]], words: str
) -> None:
    found = dataset(question, [task], [likely])
    assert tables(found) == {}
    assert words in notes(found)


# ---------------------------------------------------------------- tables


def test_no_item_is_cut_by_the_split() -> None:
    count = 40
    tasks = [
        {"id": f"r{n}", "prompt": f"why {n}?", "items": [f"{n} x", f"{n} y", f"{n} z"]}
        for n in range(count)
    ]
    likely = [[(0.9, 0.1), (0.8, 0.2), (0.6, 0.4)]] * count
    found = tables(SplitDataset(dataset(RANKING, tasks, likely), 30))["reward"]
    names = {split: {row["id"] for row in found.rows[split]} for split in Split}
    assert names[Split.TRAIN] and names[Split.TEST]
    assert not names[Split.TRAIN] & names[Split.TEST]
    assert len(all_rows(found.rows)) == 3 * count


def test_a_table_has_all_of_its_columns_and_no_others() -> None:
    hostile = '"<b>\u202etxt</b>\n\u0000\U0001f600,=1+1'
    found = preferences(A, B, prompt=hostile)
    for table in tables(found).values():
        names = [column.name for column in table.columns]
        assert all(list(row) == names for row in all_rows(table.rows))
        data = parquet_bytes(table.schema, table.rows[Split.TRAIN])
        assert pq.read_table(io.BytesIO(data)).to_pylist() == list(table.rows[Split.TRAIN])
    for file in Trl().files(for_training(found)):
        lines = file.content.decode().splitlines()
        table = tables(found)[file.path.removeprefix("trl/").removesuffix("-train.jsonl")]
        assert [json.loads(line) for line in lines] == list(table.rows[Split.TRAIN])


@needs_samples
@pytest.mark.parametrize(
    ("name", "sample"),
    [
        ("dpo", "dpo_standard"),
        ("dpo_conversational", "dpo_conversational"),
        ("reward_conversational", "reward_margin"),
        ("kto_conversational", "kto_unpaired"),
        ("sft_conversational", "sft_prompt_completion"),
    ],
)
def test_columns_are_of_the_types_that_trainers_took(name: str, sample: str) -> None:
    table = tables(preferences(A))[name]
    ours = {column.name: column.type for column in table.columns}
    for field in pq.read_schema(SAMPLES / f"{sample}.parquet"):
        if field.name in ("plumbline_task", "votes"):
            continue
        assert ours[field.name].equals(field.type) or str(ours[field.name]).replace(
            "item", "element"
        ) == str(field.type).replace("item", "element")
