"""A probation round is one in which newcomers earn a record, and nothing else passes as one."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from plumbline.campaign.rounds import Campaign
from plumbline.errors import PlumblineError
from plumbline.formats.round_file import RoundFile, parse
from plumbline.settlement.probation import (
    most_probation_pay,
    most_probation_tasks,
    probation_flaw,
)
from plumbline.settlement.terms import Kind, ScoringTerms, usual_terms
from tests.unit.builders import person
from tests.unit.test_campaign_file import campaign

BOOK = person("book")


def terms(options: int = 2, tasks: int = 96, gold_count: int = 24, seats: int = 20) -> ScoringTerms:
    return usual_terms(Kind.NOMINAL, options, 1, tasks, 1_000, 2_000, seats, gold_count)


@pytest.mark.parametrize(
    "rules",
    [
        terms(),
        terms(tasks=120),
        terms(seats=255),
        terms(options=3, tasks=48, gold_count=12),
        terms(options=16, tasks=60, gold_count=12),
        terms(tasks=256, gold_count=52),
    ],
)
def test_many_gold_tasks_and_seats_for_anybody_make_a_probation_round(rules: ScoringTerms) -> None:
    assert probation_flaw(rules, is_open=True) is None
    assert probation_flaw(replace(rules, gold_pass_bps=4_000), is_open=True) is None


@pytest.mark.parametrize(
    ("rules", "flaw"),
    [
        (terms(gold_count=23), "24 gold tasks or more"),
        (terms(gold_count=0), "24 gold tasks or more"),
        (terms(tasks=121), "one in 5 tasks: not 24 of 121; 96 to 120 tasks do with 24"),
        (terms(options=3, tasks=48, gold_count=11), "12 gold tasks or more"),
        (terms(options=3, tasks=61, gold_count=12), "48 to 60 tasks do with 12"),
        (terms(tasks=256, gold_count=51), "one in 5 tasks"),
        (terms(seats=19), "20 seats or more, not 19"),
        (replace(terms(), gold_pass_bps=2_499), "guesses would pass"),
    ],
)
def test_what_lets_guesses_through_or_keeps_people_out_is_none(
    rules: ScoringTerms, flaw: str
) -> None:
    assert flaw in str(probation_flaw(rules, is_open=True))


def test_a_round_that_asks_for_something_is_none() -> None:
    assert "leave out admission" in str(probation_flaw(terms(), is_open=False))


def test_it_pays_and_asks_a_fifth_of_the_usual_a_task() -> None:
    usual = [
        replace(terms(tasks=48), price=price, stake=10 * price) for price in (480, 960, 96_000)
    ]
    most = most_probation_pay(96, usual)
    assert most is not None
    # The median pays 20 a task: 4 a task are left.
    assert (most.price, most.stake) == (384, 3_840)
    assert most_probation_pay(96, usual[:2]) == most_probation_pay(96, usual[:1])
    assert most_probation_pay(96, []) is None


def round_file(**changes: Any) -> RoundFile:
    tasks = [f"message {number}" for number in range(100)]
    gold = {number: "yes" if number % 2 else "no" for number in range(1, 51)}
    values = {
        "preset": "binary",
        "tasks": tasks,
        "gold": gold,
        "price": "1 gwei",
        "stake": "1 gwei",
        "probation": BOOK,
        **changes,
    }
    return parse(values, Path())


def test_a_round_file_says_it_in_a_word() -> None:
    made = round_file()
    assert made.probation is not None and made.probation.book == BOOK
    assert (made.rules.seats, made.rules.gold_count, len(made.gold)) == (20, 25, 25)
    anywhere = round_file(probation=True).probation
    assert anywhere is not None and anywhere.book is None
    for none in (False, None):
        assert round_file(probation=none, gold_count=12).probation is None
        assert round_file(probation=none, gold_count=12).rules.seats == 9


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"probation": "0x12"}, "probation must be the address of a book, or true"),
        ({"probation": 1}, "probation must be the address of a book, or true"),
        ({"seats": 19}, "probation: a probation round has 20 seats or more"),
        ({"gold_count": 12}, "probation: a probation round with 2 options has 24 gold tasks"),
        ({"gold": None, "no_gold": True}, "probation: a probation round with 2 options"),
        ({"admission": BOOK}, "probation: anyone may take a probation round"),
        ({"gold_pass_bps": 500}, "probation: gold_pass_bps"),
    ],
)
def test_a_file_that_means_one_and_is_none_is_refused(changes: dict[str, Any], error: str) -> None:
    with pytest.raises(PlumblineError, match=error):
        round_file(**changes)


def test_a_campaign_is_cut_into_probation_rounds(tmp_path: Path) -> None:
    made: Campaign = campaign(tmp_path, probation=BOOK)
    rules = [each.round_file.rules for each in made.rounds]
    assert [probation_flaw(each, is_open=True) for each in rules] == [None, None]
    assert {each.seats for each in rules} == {20}
    assert all(each.tasks <= most_probation_tasks(2) for each in rules)
    with pytest.raises(PlumblineError, match="probation: a probation round has 20 seats"):
        campaign(tmp_path, probation=BOOK, labels=9)
    with pytest.raises(PlumblineError, match="probation: a probation round with 2 options"):
        campaign(tmp_path, probation=BOOK, batch=200)
