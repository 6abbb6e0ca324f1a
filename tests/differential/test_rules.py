"""The judge accepts exactly the terms that Python lets through."""

import random
from dataclasses import astuple, replace

import pytest

from plumbline.settlement.terms import Kind, ScoringTerms, TermsError, usual_terms, validate
from tests.world.chain import Contract, Refused

NOW = 1  # the time of the chain that the judge is on
MONTH = 30 * 86_400
GOOD = usual_terms(Kind.ORDINAL, 5, 3, 64, 10**16, 10**17, 20, gold_count=0)
GOLD = usual_terms(Kind.ORDINAL, 5, 3, 64, 10**16, 10**17, 20, gold_count=12)
# Around every bound: one below, on it, one above.
EDGES = {
    "kind": (Kind.NOMINAL, Kind.ORDINAL),
    "options": (1, 2, 16, 17),
    "width": (0, 1, 2, 4, 5, 8, 9, 16, 17),
    "tasks": (11, 12, 47, 48, 256, 257),
    "price": (0, 1, 2**88 - 1, 2**88),
    "stake": (0, 1, 3, 4, 5, 2**88 - 1, 2**88),
    "seats": (2, 3, 4, 255, 256),
    "r_min": (2, 3, 4, 20, 21),
    "tau_bps": (0, 6_666, 6_667, 9_500, 9_501, 10_000, 10_001),
    "rho_bps": (0, 10_000, 10_001),
    "bar_bps": (0, 9_999, 10_000, 20_000, 20_001),
    "refund_bps": (0, 10_000, 10_001),
    "slash_base_bps": (0, 1, 5_000, 5_001, 10_000),
    "slash_max_bps": (0, 499, 500, 2_499, 2_500, 10_000, 10_001),
    "showup_bps": (0, 10_000, 10_001),
    "gold_count": (0, 1, 7, 8, 11, 12, 16, 17, 64, 65, 128),
    "gold_pass_bps": (0, 1, 499, 500, 4_000, 4_001, 10_000, 10_001),
    "gold_slash_bps": (0, 999, 1_000, 10_000, 10_001),
}
# By both kinds of rounds alike.
SHARED = [name for name in EDGES if name != "kind"]


def deadlines(has_gold: bool) -> tuple[int, int, int]:
    return NOW + 100, NOW + 400, NOW + 500 if has_gold else 0


def accepts(judge: Contract, terms: ScoringTerms) -> bool:
    has_gold = terms.gold_count > 0
    return bool(judge.ask("accepts", astuple(terms), deadlines(has_gold), has_gold))


def agree(judge: Contract, terms: ScoringTerms) -> bool:
    """Ask both; whether they accept."""
    try:
        validate(terms)
    except TermsError:
        with pytest.raises(Refused):
            accepts(judge, terms)
        return False
    assert accepts(judge, terms)
    return True


@pytest.mark.parametrize("usual", [GOOD, GOLD], ids=["without gold", "with gold"])
@pytest.mark.parametrize("name", SHARED)
def test_both_draw_every_bound_in_the_same_place(
    judge: Contract, name: str, usual: ScoringTerms
) -> None:
    answers = {agree(judge, replace(usual, **{name: value})) for value in EDGES[name]}
    assert answers == {False, True}


@pytest.mark.parametrize("options", range(2, 17))
def test_both_draw_the_widest_credit_in_the_same_place(judge: Contract, options: int) -> None:
    scale = replace(GOOD, options=options)
    answers = {agree(judge, replace(scale, width=width)) for width in range(1, 19)}
    assert answers == {False, True}


@pytest.mark.parametrize("options", [2, 3, 16])
def test_both_draw_the_fewest_and_the_most_golds_in_the_same_place(
    judge: Contract, options: int
) -> None:
    nominal = replace(GOLD, kind=Kind.NOMINAL, width=1, options=options)
    for tasks in (32, 47, 48, 51, 52, 256):
        answers = {
            agree(judge, replace(nominal, tasks=tasks, gold_count=count)) for count in range(1, 66)
        }
        assert answers == ({False} if tasks < 48 and options == 2 else {False, True})


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"tau_bps": 10_001}, "open: tau above 10000 bps"),
        ({"tau_bps": 10_000}, "open: tau lets no task count"),
        ({"slash_base_bps": 100, "slash_max_bps": 499}, "open: slash_max below leak bounty"),
        ({"bar_bps": 9_999}, "open: bar not in 10000..20000 bps"),
        ({"refund_bps": 10_001}, "open: refund above 10000 bps"),
    ],
)
def test_the_first_reason_is_given(judge: Contract, changes: dict[str, int], reason: str) -> None:
    """Where a bound would be kept by another one, too (T1.23)."""
    with pytest.raises(Refused, match=reason):
        accepts(judge, replace(GOOD, **changes))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"gold_count": 7}, "open: too few gold tasks"),
        ({"gold_count": 17}, "open: gold above a quarter of tasks"),
        ({"gold_pass_bps": 499}, "open: gold_pass not in 500..4000 bps"),
        ({"gold_pass_bps": 4_001}, "open: gold_pass not in 500..4000 bps"),
        ({"gold_slash_bps": 999}, "open: gold_slash below 1000 bps"),
        ({"gold_slash_bps": 10_001}, "open: gold_slash above 10000 bps"),
    ],
)
def test_golds_are_refused_with_a_reason(
    judge: Contract, changes: dict[str, int], reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        accepts(judge, replace(GOLD, **changes))


@pytest.mark.parametrize(
    ("times", "reason"),
    [
        ((NOW, NOW + 400, NOW + 500), "open: commit deadline is over"),
        ((NOW + 100, NOW + 399, NOW + 500), "open: reveal window too short"),
        ((NOW + 100, NOW + 400, NOW + 400), "open: gold not after reveal"),
        ((NOW + 100, NOW + 400, NOW + 401 + MONTH), "open: gold window too long"),
        ((NOW + 100, NOW + 366 * 86_400, NOW + 367 * 86_400), "open: round too long"),
    ],
)
def test_deadlines_that_are_a_trap_are_refused(
    judge: Contract, times: tuple[int, int, int], reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        judge.ask("accepts", astuple(GOLD), times, True)


def test_the_latest_deadlines_are_accepted(judge: Contract) -> None:
    judge.ask("accepts", astuple(GOLD), (NOW + 1, NOW + 301, NOW + 301 + MONTH), True)


@pytest.mark.parametrize(
    ("terms", "reason"),
    [(GOOD, "gold_root without gold_count"), (GOLD, "gold_count without gold_root")],
)
def test_a_root_and_a_number_of_golds_come_together(
    judge: Contract, terms: ScoringTerms, reason: str
) -> None:
    has_gold = terms.gold_count == 0
    with pytest.raises(Refused, match=f"open: {reason}"):
        judge.ask("accepts", astuple(terms), deadlines(has_gold), has_gold)


def test_there_is_no_third_kind(judge: Contract) -> None:
    _, *rest = astuple(GOOD)
    with pytest.raises(Refused, match="open: unknown kind"):
        judge.ask("accepts", (2, *rest), deadlines(False), False)


def test_both_agree_on_terms_picked_from_the_edges(judge: Contract) -> None:
    dice = random.Random(11)
    accepted = 0
    for _ in range(400):
        names = dice.sample(list(EDGES), dice.randint(1, 4))
        usual = dice.choice((GOOD, GOLD))
        accepted += agree(
            judge, replace(usual, **{name: dice.choice(EDGES[name]) for name in names})
        )
    assert 20 < accepted < 380
