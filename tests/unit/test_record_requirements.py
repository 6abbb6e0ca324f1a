"""What a gate asks of a record is said one by one, with what would change that."""

import re
from dataclasses import dataclass, replace
from typing import Any, cast

import pytest

from plumbline.chain.records import Account
from plumbline.seating.gates import Facts, RecordGate, RecordRequirement
from tests.unit.builders import person
from tests.unit.test_docs import DOCS

HERE, BOOK, LABELER = person("label rounds"), person("book"), person("labeler")
GATE = RecordGate(HERE, BOOK, 6, 4_000, 1_000, 500)


@dataclass(frozen=True)
class Records:
    """Facts that know nothing but records."""

    book: Account
    everywhere: Account

    def record(self, kept_by: str, labeler: str) -> Account:
        assert labeler == LABELER
        return {BOOK: self.book, HERE: self.everywhere}[kept_by]


def asked(gate: RecordGate, book: Account, everywhere: Account) -> list[RecordRequirement]:
    facts = cast(Facts, Records(book, everywhere))
    found = list(gate.requirements(facts, LABELER))
    lacking = [each for each in found if not each.is_met]
    refusal: Any = gate.refusal("0x", facts, 0, LABELER, ())
    # A seat is refused for what is lacking first.
    if lacking:
        assert (refusal.reason, refusal.remedy) == (lacking[0].reason, lacking[0].remedy)
    else:
        assert refusal is None
    assert all(each.remedy is None for each in found if each.is_met)
    return found


def test_all_that_is_lacking_is_named_not_the_first_alone() -> None:
    found = asked(
        GATE,
        Account(rounds=4, outlier=1, kappa=2_500),
        Account(rounds=9, unrevealed=1),
    )
    assert [each.name for each in found if not each.is_met] == [
        *("rounds", "kappa", "outlier", "silent")
    ]
    rounds, kappa, outlier, silent = found
    assert (rounds.has, rounds.needs, rounds.remedy) == ("4", "6 or more", "take part in 2 more")
    assert (kappa.has, kappa.needs) == ("0.25", "0.4 or more")
    assert (outlier.has, outlier.needs) == ("1 of 4", "10% at most")
    # Silence is read from all rounds.
    assert (silent.has, silent.needs) == ("1 of 9", "5% at most")
    assert silent.remedy == "11 more rounds without make the share small enough"


def test_a_record_that_suffices_lacks_nothing() -> None:
    good = Account(rounds=10, outlier=1, kappa=4_000, unrevealed=0)
    assert all(each.is_met for each in asked(GATE, good, good))


def test_where_all_rounds_count_no_book_is_read() -> None:
    record = Account(rounds=6, kappa=4_000)
    found = asked(replace(GATE, records=HERE), Account(), record)
    assert all(each.is_met for each in found)


def test_a_newcomer_is_told_in_how_many_rounds_the_average_is_there() -> None:
    """As the page has it: these many with kappa 0.7, or perfect ones where that is not enough."""
    page = (DOCS / "seating.md").read_text(encoding="utf-8")
    (row,) = re.findall(r"(?m)^\| 0\.7 \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|", page)
    for bar, rounds in zip((3_000, 4_000, 5_000, 6_000), row, strict=True):
        kappa = asked(replace(GATE, least_kappa_bps=bar), Account(), Account())[1]
        assert f"{rounds} rounds with kappa 0.7 or more would do" in str(kappa.remedy)


@pytest.mark.parametrize(
    ("bar", "now", "words"),
    [
        (4_000, 3_999, "1 round with kappa 0.7"),
        (7_500, 0, "17 rounds with kappa 0.85 or more would do"),
        (9_000, 0, "18 rounds with kappa 1.0 would do"),
        (9_993, 0, "58 rounds with kappa 1.0 would do"),
    ],
)
def test_higher_bars_take_better_rounds(bar: int, now: int, words: str) -> None:
    kappa = asked(replace(GATE, least_kappa_bps=bar), Account(kappa=now), Account())[1]
    assert words in str(kappa.remedy)
