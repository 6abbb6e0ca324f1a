"""A dataset has the best label that all answers give, and loses nobody's answer."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from plumbline.dataset.comparing import (
    chance_of_order,
    first_wins,
    margin,
    order_of,
    pair_strengths,
    strengths_of,
)
from plumbline.dataset.groups import GroupsError, LabelerGroups
from plumbline.dataset.labeling import in_file_order, label
from plumbline.dataset.records import Dataset, LabeledItem, TaskPlace
from plumbline.dataset.sources import ItemSource, SourceError, SourceRound
from plumbline.history.round_money import money_of
from plumbline.protocol.manifest import Manifest, ManifestError
from plumbline.questions.checklist import Checklist
from plumbline.questions.lots import Lots
from plumbline.questions.question import Item
from plumbline.questions.ranking import Ranking
from plumbline.settlement.consensus import Row
from plumbline.settlement.results import Mode
from plumbline.settlement.terms import Kind
from tests.unit.builders import Chain, StagedRound, labeler, small_round, terms, with_gold

MANIFEST = Manifest(("no", "yes"), tuple(f"ham, {number}" for number in range(48)), "")


def careful_rows() -> list[list[int | None]]:
    """Eight who are right but for one task each; the first twelve are gold tasks."""
    return [list(row) for row in with_gold(8).answers if row is not None]


def round_of(
    rows: Sequence[Row] | None = None, manifest: Manifest = MANIFEST, group: str | None = None
) -> SourceRound:
    """A closed round in which these were the answers; items are called `item NAME`."""
    crowd = with_gold(8)
    crowd = crowd if rows is None else replace(crowd, answers=rows)
    staged = StagedRound.of(crowd, tasks_root=manifest.root).commit().reveal().close()
    return source(staged, manifest, group)


def source(staged: StagedRound, manifest: Manifest, group: str | None = None) -> SourceRound:
    names = [item.name for item in staged_items(manifest)]
    items = {name: ItemSource(f"item {name}", group, {"row": name}) for name in names}
    return SourceRound.of(staged.history, manifest, items)


def staged_items(manifest: Manifest) -> Sequence[Item]:
    from_names = {"labels": FLAGS, "ranking": PLACES}
    asked = from_names.get(str((manifest.question or {}).get("kind")))
    if asked is None:
        return [Item(name, (0,), None, manifest.options) for name in manifest.names]
    return asked.items(manifest.tasks, manifest.names)


def item(dataset: Dataset, name: str) -> LabeledItem:
    (found,) = (each for each in dataset.items if each.name == f"item {name}")
    return found


FLAGS = Checklist.of(("rude", "spam", "off topic"))
PLACES = Ranking.of(None)


def test_every_task_has_a_label_with_its_place_and_everybodys_answer() -> None:
    rows = careful_rows()
    found = label([round_of(rows)])
    assert [each.label for each in found.items] == ["no", "yes"] * 24
    first = found.items[0]
    assert first.name == "item 1" and first.kept == {"row": "1"}
    (task,) = first.tasks
    assert task.places == (TaskPlace(1, 0),)
    assert [answer.option for answer in task.answers] == [row[0] for row in rows]
    assert task.votes == (7, 1)
    assert task.gold == 0 and first.is_gold and first.confidence == pytest.approx(1)
    ordinary = item(found, "30")
    assert ordinary.confidence is not None and 0.9 < ordinary.confidence < 1
    assert not ordinary.is_gold
    (facts,) = found.rounds
    assert (facts.round_id, facts.tasks, facts.gold_tasks) == (1, 48, 12)
    assert (facts.mode, facts.labelers, facts.passed) == (Mode.PEER, 8, 8)
    assert found.reliability.alpha is not None and found.reliability.alpha > 0.8
    assert found.reliability.accuracy == 1


def test_who_failed_the_gold_tasks_is_not_heard_but_still_told() -> None:
    rows = careful_rows()
    for row in rows[5:]:
        row[:] = [None if option is None else 1 - option for option in row]
    found = label([round_of(rows)])
    (task,) = item(found, "30").tasks
    assert [answer.is_heard for answer in task.answers] == [True] * 5 + [False] * 3
    assert task.votes == (0, 5)
    assert found.rounds[0].passed == 5


def test_a_round_cost_what_its_requester_paid_and_no_labelers_stake() -> None:
    rows = careful_rows()
    for row in rows[5:]:
        row[:] = [None if option is None else 1 - option for option in row]
    made = round_of(rows)
    money = money_of(made.history)
    assert money.slashed > 0
    assert label([made]).rounds[0].spent == money.escrow - money.refund


def test_a_task_that_nobody_answers_has_no_label() -> None:
    rows = careful_rows()
    for row in rows:
        row[20] = None
    found = label([round_of(rows)])
    nothing = item(found, "21")
    assert (nothing.label, nothing.confidence, nothing.tasks[0].distribution) == (None, None, ())


def test_a_task_of_two_rounds_is_one_task_and_nobody_is_heard_twice() -> None:
    rows = careful_rows()
    chain = Chain()
    crowd = replace(with_gold(8), answers=rows)
    first = StagedRound.of(crowd, chain=chain, tasks_root=MANIFEST.root)
    first.commit().reveal().close()
    again = Manifest(
        ("no", "yes"),
        tuple({"id": str(number + 1), "text": f"ham, {number}"} for number in range(48)),
    )
    second = StagedRound.of(crowd, chain=chain, tasks_root=again.root)
    second.commit().reveal().close()
    found = label([source(first, MANIFEST), source(second, again)])
    assert len(found.items) == 48
    (task,) = item(found, "30").tasks
    assert task.places == (TaskPlace(1, 29), TaskPlace(2, 29))
    assert [answer.is_heard for answer in task.answers] == [True] * 8 + [False] * 8
    assert sum(task.votes) == 8


def test_items_of_several_tasks_are_put_together() -> None:
    lots = Lots(b"seed")
    texts = [{"id": f"m{n}", "text": f"hi {n}"} for n in range(16)]
    parts = [part for text in texts for part in FLAGS.parts(text, text["id"], lots)]
    manifest = Manifest(("no", "yes"), tuple(part.task for part in parts), "", FLAGS.to_json())
    found = label([round_of(manifest=manifest)])
    assert [each.label for each in found.items] == [["spam"], ["rude", "off topic"]] * 8
    last = found.items[-1]
    assert last.confidence is not None
    assert all(last.confidence < (task.confidence or 0) for task in last.tasks)


def test_a_ranking_follows_from_the_strengths_of_its_things() -> None:
    lots = Lots(b"seed")
    names = ["Paris", "Rome", "Oslo"]
    texts = [{"id": f"q{n}", "items": names} for n in range(16)]
    parts = [part for text in texts for part in PLACES.parts(text, str(text["id"]), lots)]
    manifest = Manifest(PLACES.options, tuple(part.task for part in parts), "", PLACES.to_json())
    row: dict[int, int] = {}
    for shown in PLACES.items(manifest.tasks, manifest.names):
        row |= PLACES.answers(shown, [shown.choices.index(thing) for thing in names])
    rows = [[row[task] for task in range(48)] for _ in range(8)]
    gold = {task: row[task] for task in with_gold(8).gold}
    crowd = replace(with_gold(8), answers=rows, gold=gold)
    staged = StagedRound.of(crowd, tasks_root=manifest.root).commit().reveal().close()
    found = label([source(staged, manifest)])
    assert all(each.label == names for each in found.items)


def test_groups_are_told_apart_and_weighted() -> None:
    """Six see it in one way, two in another: with equal weights nobody vanishes."""
    rows = careful_rows()
    for row in rows[6:]:
        row[40:] = [None if option is None else 1 - option for option in row[40:]]
    people = {labeler(n): "many" if n < 6 else "few" for n in range(8)}
    plain = label([round_of(rows)], groups=LabelerGroups(people, {}))
    (task,) = item(plain, "46").tasks
    assert (task.votes, task.label) == ((2, 6), 1)
    assert task.groups["few"].votes == (2, 0)
    assert task.groups["few"].distribution[0] > 0.5 > task.groups["many"].distribution[0]
    heavy = label([round_of(rows)], groups=LabelerGroups(people, {"many": 1, "few": 9}))
    assert item(heavy, "46").label == "no"
    assert item(heavy, "30").label == "yes"
    assert set(plain.by_labelers) == {"many", "few"}
    assert heavy.how.weights == {"many": 1, "few": 9}


@pytest.mark.parametrize(
    ("people", "weights", "words"),
    [
        ({0: "a"}, {"b": 1}, "no group 'b'"),
        ({0: "a"}, {"a": 0}, "must be 1 to 1,000,000"),
        ({0: "a"}, {"a": 10**400}, "must be 1 to 1,000,000"),
        ({0: "a", 1: "b"}, {"a": 1}, "'b' of labelers has no weight"),
    ],
)
def test_weights_must_fit_the_groups(
    people: dict[int, str], weights: dict[str, int], words: str
) -> None:
    with pytest.raises(GroupsError, match=words):
        LabelerGroups({labeler(n): name for n, name in people.items()}, weights)


def test_with_weights_everybody_must_belong_to_a_group() -> None:
    groups = LabelerGroups({labeler(0): "a"}, {"a": 1})
    with pytest.raises(GroupsError, match="belongs to no group"):
        label([round_of()], groups=groups)


def test_groups_of_items_have_their_own_reliability() -> None:
    found = label([round_of(group="letters")])
    assert found.by_group.keys() == {"letters"}
    assert found.by_group["letters"] == found.reliability


def test_only_closed_rounds_about_these_tasks_have_labels() -> None:
    manifest = Manifest(("no", "yes"), tuple(f"ham, {n}" for n in range(12)), "")
    names = {name: ItemSource(name) for name in manifest.names}
    opened = small_round(tasks_root=manifest.root)
    with pytest.raises(SourceError, match="not closed"):
        SourceRound.of(opened.history, manifest, names)
    staged = StagedRound.of(with_gold(8), tasks_root=MANIFEST.root).commit().reveal().close()
    with pytest.raises(ManifestError):
        SourceRound.of(staged.history, manifest, names)
    with pytest.raises(SourceError, match="not in the file of tasks"):
        SourceRound.of(staged.history, MANIFEST, names)
    with pytest.raises(SourceError, match="no round is closed"):
        label([])


def test_rounds_with_other_questions_are_not_one_dataset() -> None:
    other = replace(MANIFEST, instructions="something else")
    with pytest.raises(SourceError, match="do not ask the same"):
        label([round_of(), round_of(manifest=other)])


def test_items_come_in_the_order_of_the_file() -> None:
    found = label([round_of()])
    names = [each.name for each in found.items][::-1]
    assert [each.name for each in in_file_order(found, names).items] == names


def test_an_ordinal_question_has_a_median_without_gold() -> None:
    manifest = Manifest(("1", "2", "3"), tuple(f"t{n}" for n in range(24)), "", {"kind": "scale"})
    rules = terms(kind=Kind.ORDINAL, options=3, width=2)
    rows: list[Row] = [[(task + (n == 0)) % 3 for task in range(24)] for n in range(7)]
    crowd = replace(with_gold(8), terms=rules, answers=rows, gold={})
    staged = StagedRound.of(crowd, tasks_root=manifest.root).commit().reveal().close()
    found = label([source(staged, manifest)])
    assert [each.label for each in found.items] == ["1", "2", "3"] * 8
    assert "nothing can be chosen" in found.how.reason


# ---------------------------------------------------------------- things that were compared


def triple() -> Item:
    return Item("q", (0, 1, 2), None, ("a", "b", "c"), ((0, 1), (0, 2), (1, 2)))


def test_strengths_follow_from_how_likely_each_is_preferred() -> None:
    said = [(0.9, 0.1), (0.8, 0.2), (0.3, 0.7)]
    found = strengths_of(triple(), said)
    assert sum(found) == pytest.approx(1)
    order = order_of(found)
    assert order == (0, 2, 1)
    each = (0.216, 0.504, 0.024, 0.006, 0.126, 0.014)  # of all six orders, by hand
    assert chance_of_order(triple(), said, order) == pytest.approx(0.504 / sum(each))
    assert margin(found, 0, 1) > margin(found, 0, 2) > 0
    assert margin(found, 1, 0) == -margin(found, 0, 1)


def test_no_order_of_things_that_beat_each_other_in_a_circle_is_sure() -> None:
    circle = [(0.98, 0.02), (0.02, 0.98), (0.98, 0.02)]
    order = order_of(strengths_of(triple(), circle))
    assert chance_of_order(triple(), circle, order) < 0.4
    line = [(0.98, 0.02)] * 3
    assert chance_of_order(triple(), line, (0, 1, 2)) > 0.95


def test_a_tie_counts_half() -> None:
    assert first_wins((0.5, 0.2, 0.3)) == pytest.approx(0.6)
    assert first_wins((0.6, 0.4)) == pytest.approx(0.6)
    first, second = pair_strengths((0.2, 0.6, 0.2))
    assert first == pytest.approx(second)
    better, worse = pair_strengths((0.9, 0.1, 0.0))
    assert better > worse
