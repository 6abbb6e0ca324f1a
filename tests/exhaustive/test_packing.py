"""What is kept in one word comes out again, whatever stands in the fields beside it.

Where each field lies is read from the tables of the specification (D2).
"""

import re
from collections.abc import Iterator, Mapping
from itertools import combinations, product
from pathlib import Path

from tests.world.chain import Contract

PAGE = (Path(__file__).resolve().parents[2] / "docs/specification.md").read_text()

Fields = Mapping[str, int]


def widths(statement: str) -> dict[str, int]:
    """The fields of a word and their bits, from bit 0 on, as the specification lists them."""
    (found,) = re.findall(rf"(?m)^(?:\| |- )\*\*{statement}\*\*(.*)$", PAGE)
    listed = found.split("|")[-2] if "|" in found else found.split(":")[1].rstrip(".")
    fields = [item.strip().rsplit(" ", 1) for item in listed.split(",")]
    return {name: int(size) for name, size in fields}


ACCOUNT = widths("D2.1")
STATUS = widths("D2.2")
RULES = widths("D2.3")
OUTCOME = widths("D2.6")


def word_of(fields: Fields, layout: Fields) -> int:
    """Field after field, from the low end."""
    word = place = 0
    for name, size in layout.items():
        assert fields[name] < 2**size
        word += fields[name] << place
        place += size
    return word


def edges(layout: Fields) -> Iterator[dict[str, int]]:
    """All empty, all full, and the edges of any two fields, the rest being empty or full."""
    for full in (False, True):
        rest = {name: (2**size - 1) * full for name, size in layout.items()}
        yield rest
        for one, other in combinations(layout, 2):
            for a, b in product(*(edge(layout[name]) for name in (one, other))):
                yield {**rest, one: a, other: b}


def edge(size: int) -> set[int]:
    return {0, 1, 2 ** (size - 1), 2**size - 1}


def test_the_layouts_fill_words() -> None:
    assert sum(ACCOUNT.values()) == sum(STATUS.values()) == sum(RULES.values()) == 256
    assert sum(OUTCOME.values()) == 208


def test_an_account_comes_out_as_it_went_in(packing: Contract) -> None:  # D2.1
    for fields in edges(ACCOUNT):
        word = word_of(fields, ACCOUNT)
        account = tuple(fields.values())
        assert packing.ask("pack_account", account) == word
        assert packing.ask("unpack_account", word) == account


def test_fading_halves_four_counts_and_leaves_the_rest(packing: Contract) -> None:  # A3.3
    counts = ("rounds", "near", "outlier", "unrevealed")
    for fields in edges(ACCOUNT):
        faded = {name: n // 2 if name in counts else n for name, n in fields.items()}
        assert packing.ask("fade", word_of(fields, ACCOUNT)) == word_of(faded, ACCOUNT)


def test_a_status_comes_out_as_it_went_in(packing: Contract) -> None:  # D2.2
    layout = {name: size for name, size in STATUS.items() if name != "unused"}
    for fields in edges(layout):
        word = word_of({**fields, "unused": 0}, STATUS)
        status = status_of(fields)
        assert packing.ask("pack_status", status) == word
        assert packing.ask("unpack_status", word) == status


def status_of(fields: Fields) -> tuple[object, ...]:
    """As the contract holds it in memory."""
    stake, commit, reveal, gold, seats, committed, revealed, gone, options, tasks, *flags = (
        fields.values()
    )
    deadlines = (commit, reveal, gold)
    counts = (seats, committed, revealed, gone, options + 1, tasks + 1)
    return (stake, deadlines, *counts, *map(bool, flags))


def test_rules_come_out_as_they_went_in(packing: Contract) -> None:  # D2.3
    """Options, tasks, stake and seats are those of the status."""
    layout = {name: size for name, size in RULES.items() if name != "unused"}
    status = (5, (1, 2, 3), 200, 9, 8, 7, 12, 99, True, False, False)
    for fields in edges(layout):
        price, r_min, width, kind, tau, rho, base, most, showup, *of_gold, bar, refund, promised = (
            fields.values()
        )
        shares = (tau, rho, bar, refund, base, most, showup, promised, *of_gold)
        rules = (kind, 12, width, 99, price, 5, 200, r_min, *shares)
        word = word_of({**fields, "unused": 0}, RULES)
        assert packing.ask("pack_rules", rules) == word
        assert packing.ask("unpack_rules", word, status) == rules
        assert packing.ask("slash_max_bps", word) == most
        assert packing.ask("refund_bps", word) == refund
        assert packing.ask("price", word) == price


def test_an_outcome_comes_out_as_it_went_in(packing: Contract) -> None:  # D2.6
    for fields in edges(OUTCOME):
        word = word_of(fields, OUTCOME)
        outcome = tuple(fields.values())
        assert packing.ask("pack_outcome", outcome) == word
        assert packing.ask("unpack_outcome", word) == outcome
