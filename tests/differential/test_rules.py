"""The judge accepts exactly the rules that Python lets through."""

import random
from dataclasses import astuple, replace

import pytest

from plumbline.settlement.terms import Kind, ScoringTerms, TermsError, usual_terms, validate
from tests.world.chain import Contract, Refused

GOOD = usual_terms(Kind.ORDINAL, 5, 3, 64, price=10**16, stake=10**17, seats=20)
# Around every bound: one below, on it, one above.
EDGES = {
    "kind": (Kind.NOMINAL, Kind.ORDINAL),
    "options": (1, 2, 16, 17),
    "width": (0, 1, 2, 4, 5, 8, 9, 16, 17),
    "tasks": (11, 12, 256, 257),
    "price": (0, 1, 2**88 - 1, 2**88),
    "stake": (0, 1, 3, 4, 5, 2**88 - 1, 2**88),
    "seats": (2, 3, 4, 255, 256),
    "r_min": (2, 3, 4, 20, 21),
    "tau_bps": (0, 6_666, 6_667, 9_500, 9_501, 10_000, 10_001),
    "rho_bps": (0, 10_000, 10_001),
    "slash_base_bps": (0, 1, 5_000, 5_001, 10_000),
    "slash_max_bps": (0, 499, 500, 2_499, 2_500, 10_000, 10_001),
    "showup_bps": (0, 10_000, 10_001),
    "gold_pass_bps": (0, 1, 1_000, 1_001, 10_000, 10_001),
    "gold_slash_bps": (0, 3_499, 3_500, 10_000, 10_001),
}


def agree(judge: Contract, terms: ScoringTerms, has_gold: bool) -> bool:
    """Ask both; whether they accept."""
    try:
        validate(terms, has_gold)
    except TermsError:
        with pytest.raises(Refused):
            judge.ask("accepts", astuple(terms), has_gold)
        return False
    assert judge.ask("accepts", astuple(terms), has_gold)
    return True


@pytest.mark.parametrize("has_gold", [False, True])
@pytest.mark.parametrize("name", EDGES)
def test_both_draw_every_bound_in_the_same_place(
    judge: Contract, name: str, has_gold: bool
) -> None:
    answers = {agree(judge, replace(GOOD, **{name: value}), has_gold) for value in EDGES[name]}
    assert name == "kind" or answers == {False, True}


@pytest.mark.parametrize("options", range(2, 17))
def test_both_draw_the_widest_credit_in_the_same_place(judge: Contract, options: int) -> None:
    scale = replace(GOOD, options=options)
    answers = {agree(judge, replace(scale, width=width), False) for width in range(1, 19)}
    assert answers == {False, True}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"tau_bps": 10_001}, "open: tau above 10000 bps"),
        ({"tau_bps": 10_000}, "open: tau lets no task count"),
        ({"slash_base_bps": 100, "slash_max_bps": 499}, "open: slash_max below leak bounty"),
    ],
)
def test_the_first_reason_is_given(judge: Contract, changes: dict[str, int], reason: str) -> None:
    """Where a bound would be kept by another one, too (T1.23)."""
    with pytest.raises(Refused, match=reason):
        judge.ask("accepts", astuple(replace(GOOD, **changes)), False)


def test_there_is_no_third_kind(judge: Contract) -> None:
    _, *rest = astuple(GOOD)
    with pytest.raises(Refused, match="open: unknown kind"):
        judge.ask("accepts", (2, *rest), False)


def test_both_agree_on_rules_picked_from_the_edges(judge: Contract) -> None:
    dice = random.Random(11)
    accepted = 0
    for _ in range(400):
        names = dice.sample(list(EDGES), dice.randint(1, 4))
        terms = replace(GOOD, **{name: dice.choice(EDGES[name]) for name in names})
        accepted += agree(judge, terms, dice.random() < 0.5)
    assert 20 < accepted < 380
