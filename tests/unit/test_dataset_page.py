"""The page of a dataset tells what its labels are worth, and nobody's text has power over it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random

import pytest

from plumbline.dataset.groups import NO_GROUPS, LabelerGroups
from plumbline.dataset.held_out import held_out
from plumbline.dataset.labeling import label
from plumbline.dataset.records import Dataset
from plumbline.dataset.sources import ItemSource, SourceRound
from plumbline.formats.asked import asked_in
from plumbline.history.round_money import money_of
from plumbline.protocol.manifest import Manifest
from plumbline.questions.checklist import Checklist
from plumbline.questions.lots import Lots
from plumbline.questions.question import Question
from plumbline.questions.ranking import Ranking
from plumbline.report.dataset_facts import dataset_facts
from plumbline.report.dataset_page import render_dataset
from plumbline.settlement.terms import Kind, ScoringTerms
from tests.unit.builders import (
    GOLD_TERMS,
    Chain,
    StagedRound,
    deployment,
    labeler,
    terms,
)
from tests.unit.pages import Page

HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(1)></title></style></svg>"
    "{{ 7 * 7 }}{% raw %} & \" ' javascript:alert(1) https://evil.example/x \u202eright\u0000"
)
TASKS = 96
TRUTH = tuple(task % 2 for task in range(TASKS))
RULES = replace(GOLD_TERMS, tasks=TASKS, gold_count=24)


def sheets(seats: int = 9, wrong: Mapping[int, float] | None = None) -> list[list[int | None]]:
    """A crowd of which everybody errs on one task in ten, or on the share that `wrong` gives a
    labeler."""
    rows: list[list[int | None]] = []
    for number in range(seats):
        dice = Random(number)
        errs = (wrong or {}).get(number, 0.1)
        rows.append([truth ^ (dice.random() < errs) for truth in TRUTH])
    return rows


def source(
    rows: Sequence[Sequence[int | None]],
    rules: ScoringTerms = RULES,
    manifest: Manifest | None = None,
    chain: Chain | None = None,
    group: str | None = None,
    gold: Mapping[int, int] | None = None,
) -> SourceRound:
    """A closed round; the first tasks are gold tasks if the rules say so."""
    manifest = manifest or Manifest(
        ("ham", "spam"), tuple({"id": f"m{n}", "text": f"text {n}"} for n in range(rules.tasks))
    )
    if gold is None:
        gold = {task: TRUTH[task] for task in range(rules.gold_count)}
    answers = {labeler(number): row[: rules.tasks] for number, row in enumerate(rows)}
    chain = chain or Chain(deposits=False)
    staged = StagedRound(rules, answers, gold, chain=chain, tasks_root=manifest.root)
    staged.commit().reveal().close()
    items = asked_in(rules.kind, manifest).items
    names = {item.name: ItemSource(item.name, group) for item in items}
    return SourceRound.of(staged.history, manifest, names)


def page_of(dataset: Dataset, name: str = "spam.yaml", groups: LabelerGroups = NO_GROUPS) -> Page:
    page = Page(render_dataset(deployment(), dataset, name=name, groups=groups))
    assert page.faults == []
    return page


def two_groups() -> LabelerGroups:
    return LabelerGroups({labeler(n): "few" if n < 3 else "many" for n in range(9)}, {})


# ---------------------------------------------------------------- accuracy and confidence


def test_labels_of_gold_tasks_are_tested_as_if_their_answer_were_not_known() -> None:
    """All err on the same gold tasks: their labels are right as they are given, and were not."""
    rows = sheets()
    for row in rows:
        row[3], row[8] = 1 - TRUTH[3], 1 - TRUTH[8]
    dataset = label([source(rows)])
    assert all(item.label == ("ham", "spam")[TRUTH[n]] for n, item in enumerate(dataset.items[:24]))
    tested = held_out(dataset)
    assert [one.task.name for one in tested if not one.is_right] == ["m3", "m8"]
    assert len(tested) == 24 and all(0.5 <= one.confidence < 1 for one in tested)
    text = page_of(dataset).text
    assert "of 24, 22 came out right, 92%" in text
    assert "22 of 24 held out; 95% interval 74 to 98%" in text


def test_weights_of_groups_hold_for_what_is_held_out_too() -> None:
    rows = sheets(wrong={0: 0.02, 1: 0.02, 2: 0.02})
    for row in rows[3:]:
        row[5] = 1 - TRUTH[5]
    people = LabelerGroups(two_groups().of, {"few": 9, "many": 1})
    dataset = label([source(rows)], groups=people)
    (weighted,) = [one for one in held_out(dataset, people) if one.task.name == "m5"]
    (plain,) = [one for one in held_out(dataset) if one.task.name == "m5"]
    assert weighted.is_right and not plain.is_right
    assert "weighted: few 9, many 1" in page_of(dataset, groups=people).text


def test_levels_of_confidence_hold_each_tested_task_once() -> None:
    facts = dataset_facts(label([source(sheets(wrong=dict.fromkeys(range(9), 0.3)))]))
    assert sum(level.right.rounds for level in facts.levels) == len(facts.held_out) == 24
    assert all(level.right.rounds >= 8 for level in facts.levels)
    for level in facts.levels:
        assert level.low <= level.confidence <= level.high
    ends = [end for level in facts.levels for end in (level.low, level.high)]
    assert ends == sorted(ends)


def test_few_gold_tasks_say_nothing_of_confidence_and_none_nothing_at_all() -> None:
    few = page_of(label([source(sheets(), replace(RULES, gold_count=16))])).text
    assert "16 gold tasks could be held out: too few to check the confidence" in few
    assert "claimed to be right" not in few
    none = page_of(label([source(sheets(), replace(RULES, gold_count=0))])).text
    assert "no gold tasks could be held out" in none and "too few of them to tell" in none
    assert "claimed to be right" in page_of(label([source(sheets())])).text


def test_a_label_costs_what_was_spent_on_those_that_were_not_known_before() -> None:
    closed = source(sheets(wrong={2: 0.95}))
    money = money_of(closed.history)
    assert money.slashed > 0  # of stakes, which are none of the requester's
    dataset = label([closed])
    facts = dataset_facts(dataset)
    (figures,) = dataset.rounds
    assert facts.spent == money.escrow - money.refund
    assert facts.price == -(-figures.spent // (TASKS - 24)) and facts.spent == figures.spent
    (row,) = facts.rounds
    assert row.price == facts.price


# ---------------------------------------------------------------- reliability and groups


def test_reliability_is_told_of_all_of_items_and_of_labelers() -> None:
    chain = Chain(deposits=False)
    first = source(sheets(), chain=chain, group="mail")
    other = Manifest(("ham", "spam"), tuple({"id": f"c{n}", "text": "x"} for n in range(TASKS)))
    second = source(sheets(), chain=chain, manifest=other, group="chat")
    dataset = label([first, second], groups=two_groups())
    facts = dataset_facts(dataset, two_groups())
    rows = {(row.what, row.name): row.figures for row in facts.reliability}
    assert rows == {
        ("all", ""): dataset.reliability,
        ("items", "chat"): dataset.by_group["chat"],
        ("items", "mail"): dataset.by_group["mail"],
        ("labelers", "few"): dataset.by_labelers["few"],
        ("labelers", "many"): dataset.by_labelers["many"],
    }
    text = page_of(dataset, groups=two_groups()).text
    assert "items chat" in text and "labelers few" in text


def test_the_task_on_which_groups_differ_most_comes_first_with_both_sides() -> None:
    rows = sheets()
    for row in rows[:3]:
        row[60] = 1 - TRUTH[60]
    dataset = label([source(rows)], groups=two_groups())
    (first, *_) = dataset_facts(dataset, two_groups()).apart
    assert first.item.name == "m60" and 0 < first.distance <= 1
    assert dict(first.groups) == {"few": 3, "many": 6}
    (task,) = first.item.tasks
    few, many = task.bars[TRUTH[60]].groups
    assert few is not None and many is not None and few < 0.5 < many
    assert "Where groups differ most" in page_of(dataset, groups=two_groups()).text
    assert "Where groups differ most" not in page_of(label([source(rows)])).text


def test_two_readings_of_the_question_are_told_with_their_tasks_and_naming_nobody() -> None:
    rows = sheets(wrong=dict.fromkeys(range(9), 0.03))
    counts_for_some = range(24, 90)
    for row in rows[:4]:
        for task in counts_for_some:
            row[task] = 1
    dataset = label([source(rows)])
    (found,) = dataset_facts(dataset).readings
    assert found.sizes == (5, 4)
    differing = {f"m{task}" for task in counts_for_some if TRUTH[task] == 0}
    assert differing & set(found.tasks) == set(found.tasks)
    assert len(found.tasks) >= 8
    page = page_of(dataset)
    assert "More than one reading of the question" in page.text
    section = page.source.split('id="readings"')[1].split("</section>")[0]
    assert "0x" not in section and found.tasks[0] in section
    assert dataset_facts(label([source(sheets())])).readings == ()
    assert "More than one reading" not in page_of(label([source(sheets())])).text


def test_on_a_scale_groups_that_are_further_apart_differ_more() -> None:
    rules = terms(kind=Kind.ORDINAL, options=5, width=3, seats=9, tasks=24)
    manifest = Manifest(tuple("12345"), tuple(f"t{n}" for n in range(24)), "", {"kind": "scale"})
    rows: list[list[int | None]] = [[task % 5 for task in range(24)] for _ in range(9)]
    for row in rows[:3]:
        row[5] = 1  # the others say 0
        row[10] = 4  # the others say 0
    dataset = label([source(rows, rules, manifest, gold={})], groups=two_groups())
    facts = dataset_facts(dataset, two_groups())
    apart = {one.item.name: one.distance for one in facts.apart}
    assert list(apart)[:2] == ["11", "6"] and apart["11"] > 2 * apart["6"]


# ---------------------------------------------------------------- items to read


def test_contested_items_come_first_and_then_the_least_sure() -> None:
    rows = sheets(seats=8)
    for number, row in enumerate(rows):
        row[50] = number % 2
        row[70] = TRUTH[70] if number < 6 else 1 - TRUTH[70]
    dataset = label([source(rows)])
    facts = dataset_facts(dataset)
    assert facts.to_read[0].name == "m50" and facts.to_read[0].is_contested
    flags = [one.is_contested for one in facts.to_read]
    assert flags == sorted(flags, reverse=True)
    clear = [one.confidence or 0 for one in facts.to_read if not one.is_contested]
    assert clear == sorted(clear)
    gold = {f"m{n}" for n in range(24)}
    assert not gold & {one.name for one in facts.to_read}
    text = page_of(dataset).text
    assert "text 50" in text and "sure; contested" in text


def test_items_of_several_tasks_are_read_with_each_of_them() -> None:
    flags, places, lots = Checklist.of(("rude", "spam", "off topic")), Ranking.of(None), Lots(b"s")
    rules = replace(GOLD_TERMS, tasks=48, gold_count=24)

    def dataset(question: Question, items: Sequence[Mapping[str, object]]) -> Dataset:
        parts = [part for each in items for part in question.parts(each, str(each["id"]), lots)]
        tasks = tuple(part.task for part in parts)
        manifest = Manifest(question.options, tasks, "", question.to_json())
        gold = {task: TRUTH[task] for task in range(24)}
        return label([source(sheets(), rules, manifest, gold=gold)])

    checks = dataset(flags, [{"id": f"m{n}", "text": f"hi {n}"} for n in range(16)])
    text = page_of(checks).text
    assert "off topic" in text and "A task for each label" not in text
    assert "An item takes a task for each label" in text
    ranked = dataset(
        places, [{"id": f"q{n}", "items": ["Paris", "Rome", "Oslo"]} for n in range(16)]
    )
    text = page_of(ranked).text
    assert "pair of its things" in text and "Paris" in text
    bars = dataset_facts(ranked).to_read[0].tasks
    assert len(bars) == 3
    assert {bar.name.split("] ")[1] for task in bars for bar in task.bars} == {
        "Paris",
        "Rome",
        "Oslo",
    }


# ---------------------------------------------------------------- labelers


def test_it_is_told_whose_answers_count_and_who_is_right() -> None:
    rows = sheets(wrong={2: 0.95, 4: 0.0})
    chain = Chain(deposits=False)
    other = Manifest(("ham", "spam"), tuple({"id": f"c{n}", "text": "x"} for n in range(TASKS)))
    first = source(rows, chain=chain)
    second = source(sheets(wrong={2: 0.95, 3: 0.95}), chain=chain, manifest=other)
    facts = dataset_facts(label([first, second]))
    by_name = {one.address: one for one in facts.labelers}
    assert by_name[labeler(2)].state == "unheard"
    assert by_name[labeler(3)].state == "partly"
    assert by_name[labeler(5)].state == "heard"
    best = by_name[labeler(4)].gold
    assert best is not None and best.rounds == 48 and best.hits >= 40
    assert len(facts.compared) == len(facts.agreement.order) == 9
    assert facts.heard < facts.answers == 2 * 9 * TASKS
    text = page_of(label([first, second])).text
    assert "in part" in text and "8 labelers that count" in text


def test_a_dataset_without_answers_that_count_is_a_page_too() -> None:
    rows: list[list[int | None]] = [[None] * TASKS for _ in range(9)]
    text = page_of(label([source(rows)])).text
    assert "There is no label that was not known before." in text
    assert "24 of 96 items have a label" in text


def test_it_is_told_how_the_labels_were_made_and_what_is_missing() -> None:
    dataset = label([source(sheets())], method="mace")
    text = Page(render_dataset(deployment(), dataset, name="x", missing=1)).text
    assert "Labels are those of mace, which was chosen by hand." in text
    assert "1 more item is in rounds that are not closed" in text
    text = page_of(label([source(sheets())])).text
    assert "Labels are the average of all methods by how well they predict 24" in text
    assert "not closed" not in text


# ---------------------------------------------------------------- strangers


def test_hostile_texts_are_inert() -> None:
    tasks = (
        *({"id": f"x{n}", "text": "x"} for n in range(TASKS - 2)),
        {"id": HOSTILE, "text": HOSTILE},
        {"id": "y", HOSTILE: [HOSTILE], "more": 1},
    )
    rows = sheets(seats=8)
    for number, row in enumerate(rows):
        row[-1] = row[-2] = number % 2
    manifest = Manifest(("ham", HOSTILE), tasks, HOSTILE)
    people = LabelerGroups(
        {labeler(n): HOSTILE if n < 3 else "<b>others</b>" for n in range(8)}, {}
    )
    dataset = label([source(rows, manifest=manifest, group=HOSTILE)], groups=people)
    written = render_dataset(deployment(), dataset, name=HOSTILE, groups=people)
    page = Page(written)
    assert page.faults == []
    assert page.text.count("<script>alert(1)</script>") >= 12
    assert "<script" not in written and "<img" not in written and "<b>" not in written
    assert "49" not in re.findall(r"\{\{ 7 \* 7 \}\}|\b49\b", page.text)
    assert "\u202e" not in written and "\0" not in written
    plain = re.sub(r"data:image/png;base64,[A-Za-z0-9+/=]+", "", written)
    assert not re.search(r'(?:href|src)="[^#"]', plain)


@pytest.mark.parametrize("seats", [1, 2])
def test_hardly_anybody_answered(seats: int) -> None:
    rules = replace(RULES, gold_count=24)
    page_of(label([source(sheets(seats), rules)]))
