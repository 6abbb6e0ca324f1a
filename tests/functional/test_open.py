"""A round is opened with terms that can be kept, and with its pay in escrow."""

import pytest
from eth_abi.abi import encode

from plumbline.chain.records import Account, Deadlines, Phase, RoundState, rules_tuple
from plumbline.protocol.addresses import ZERO
from plumbline.settlement.terms import Kind
from tests.functional.batch import GOLD_RULES, URI
from tests.functional.market import WINDOW, Market, event, refused
from tests.world.adapter import TASKS_ROOT
from tests.world.jobs import RULES

DAY = 86_400
ORDINAL = {"kind": Kind.ORDINAL, "options": 5, "width": 3}
GOLD_ROOT = bytes(31) + b"\1"
GOLD = {"gold_root": GOLD_ROOT}
TWO_OPTIONS = {**GOLD, "options": 2, "tasks": 48, "gold_count": 12}

# reason, valid terms, the change that is refused, the closest change that is not
BOUNDARIES = [
    ("unknown kind", {**ORDINAL}, {"kind": 2}, {"kind": 1}),
    ("options not in 2..16", {}, {"options": 1}, {"options": 2}),
    ("options not in 2..16", {}, {"options": 17}, {"options": 16}),
    ("nominal width is not 1", {}, {"width": 0}, {"width": 1}),
    ("nominal width is not 1", {}, {"width": 2}, {"width": 1}),
    ("ordinal width not in 2..16", ORDINAL, {"width": 1}, {"width": 2}),
    ("ordinal width not in 2..16", {**ORDINAL, "options": 16}, {"width": 17}, {"width": 16}),
    ("width too wide for scale", {**ORDINAL, "options": 2}, {"width": 5}, {"width": 4}),
    ("width too wide for scale", {**ORDINAL, "options": 4}, {"width": 13}, {"width": 12}),
    ("tasks not in 12..256", {}, {"tasks": 11}, {"tasks": 12}),
    ("tasks not in 12..256", {}, {"tasks": 257}, {"tasks": 256}),
    ("seats not in 3..255", {}, {"seats": 2}, {"seats": 3}),
    ("seats not in 3..255", {}, {"seats": 256}, {"seats": 255}),
    ("r_min not in 3..seats", {}, {"r_min": 2}, {"r_min": 3}),
    ("r_min not in 3..seats", {}, {"r_min": 9}, {"r_min": 8}),
    ("tau lets no task count", {}, {"tau_bps": 8_751}, {"tau_bps": 8_750}),
    ("rho above 10000 bps", {}, {"rho_bps": 10_001}, {"rho_bps": 10_000}),
    ("showup above 10000 bps", {}, {"showup_bps": 10_001}, {"showup_bps": 10_000}),
    ("gold_pass above 10000 bps", {}, {"gold_pass_bps": 10_001}, {"gold_pass_bps": 10_000}),
    ("gold_slash above 10000 bps", {}, {"gold_slash_bps": 10_001}, {"gold_slash_bps": 10_000}),
    ("bar not in 10000..20000 bps", {}, {"bar_bps": 9_999}, {"bar_bps": 10_000}),
    ("bar not in 10000..20000 bps", {}, {"bar_bps": 20_001}, {"bar_bps": 20_000}),
    ("refund above 10000 bps", {}, {"refund_bps": 10_001}, {"refund_bps": 10_000}),
    ("gold_root without gold_count", GOLD, {"gold_count": 0}, {"gold_count": 8}),
    ("gold_count without gold_root", {}, {"gold_count": 8}, {"gold_count": 0}),
    ("too few gold tasks", GOLD, {"gold_count": 7}, {"gold_count": 8}),
    ("too few gold tasks", TWO_OPTIONS, {"gold_count": 11}, {"gold_count": 12}),
    ("gold above a quarter of tasks", GOLD, {"gold_count": 10}, {"gold_count": 9}),
    ("gold above a quarter of tasks", {**GOLD, "gold_count": 8}, {"tasks": 31}, {"tasks": 32}),
    ("gold above a quarter of tasks", TWO_OPTIONS, {"tasks": 47}, {"tasks": 48}),
    ("gold_pass not in 500..4000 bps", GOLD, {"gold_pass_bps": 499}, {"gold_pass_bps": 500}),
    ("gold_pass not in 500..4000 bps", GOLD, {"gold_pass_bps": 4_001}, {"gold_pass_bps": 4_000}),
    ("gold_slash below 1000 bps", GOLD, {"gold_slash_bps": 999}, {"gold_slash_bps": 1_000}),
    ("gold_slash above 10000 bps", GOLD, {"gold_slash_bps": 10_001}, {"gold_slash_bps": 10_000}),
    ("no price", {}, {"price": 0}, {"price": 1}),
    ("stake too large", {}, {"stake": 2**88}, {"stake": 2**88 - 1}),
    ("slash_max above 10000 bps", {}, {"slash_max_bps": 10_001}, {"slash_max_bps": 10_000}),
    (
        "slash_max below leak bounty",
        {"slash_base_bps": 499},
        {"slash_max_bps": 499},
        {"slash_max_bps": 500},
    ),
    ("slash_base above slash_max", {}, {"slash_base_bps": 5_001}, {"slash_base_bps": 5_000}),
    ("stake too small to slash", {}, {"stake": 3}, {"stake": 4}),
    ("stake too small to slash", {"stake": 10_000}, {"slash_base_bps": 0}, {"slash_base_bps": 1}),
    ("no tasks_root", {}, {"tasks_root": bytes(32)}, {"tasks_root": bytes(31) + b"\1"}),
]


@pytest.mark.parametrize(
    ("reason", "terms", "bad", "good"),
    BOUNDARIES,
    ids=[f"{reason} {bad}" for reason, _, bad, _ in BOUNDARIES],
)
def test_terms_are_refused_beyond_their_bounds_and_no_sooner(
    market, requester, reason, terms, bad, good
):
    # T1.1, T1.2, T1.3, T1.4, T1.5, T1.6, T1.7, T1.9, T1.10, T1.11, T1.12
    # T1.14, T1.15, T1.16, T1.17, T1.18, T1.19, T1.20, T1.21, T1.22, T1.25
    # T1.26, T1.27, T1.28, T1.29, T1.30, T3.1
    with refused(f"open: {reason}"):
        market.by(requester).open(*market.opening(**{**terms, **bad}).args)
    market.by(requester).open(*market.opening(**{**terms, **good}).args)


def test_a_margin_of_all_votes_and_more_is_refused(market, requester):  # T1.13, T1.14, T1.23
    with refused("open: tau above 10000 bps"):
        market.by(requester).open(*market.opening(tau_bps=10_001).args)
    with refused("open: tau lets no task count"):
        market.by(requester).open(*market.opening(tau_bps=10_000).args)


def test_a_price_of_88_bits_is_a_price_and_one_of_89_is_not(market, requester):  # T1.8, T3.3
    with refused("open: price too large"):
        market.by(requester).open(*market.opening(price=2**88).args)
    with refused("account: not enough free"):
        market.by(requester).open(*market.opening(price=2**88 - 1).args)


def test_gold_shares_may_be_anything_where_there_is_no_gold(
    market, requester
):  # T1.20, T1.22, T1.30
    market.by(requester).open(*market.opening(gold_pass_bps=0, gold_slash_bps=0).args)
    largest = market.opening(gold_pass_bps=10_000, gold_slash_bps=10_000)
    market.by(requester).open(*largest.args)


REASONS_IN_ORDER = [
    ("unknown kind", {"kind": 2}),
    ("options not in 2..16", {"options": 17}),
    ("nominal width is not 1", {"width": 2}),
    ("tasks not in 12..256", {"tasks": 257}),
    ("seats not in 3..255", {"seats": 256}),
    ("r_min not in 3..seats", {"r_min": 2}),
    ("tau above 10000 bps", {"tau_bps": 10_001}),
    ("rho above 10000 bps", {"rho_bps": 10_001}),
    ("bar not in 10000..20000 bps", {"bar_bps": 0}),
    ("refund above 10000 bps", {"refund_bps": 10_001}),
    ("showup above 10000 bps", {"showup_bps": 10_001}),
    ("too few gold tasks", {"gold_count": 1}),
    ("gold_pass not in 500..4000 bps", {"gold_count": 9, "gold_pass_bps": 0}),
    ("gold_slash below 1000 bps", {"gold_count": 9, "gold_slash_bps": 0}),
    ("no price", {"price": 0}),
    ("stake too large", {"stake": 2**88}),
    ("slash_max above 10000 bps", {"slash_max_bps": 10_001}),
    ("slash_base above slash_max", {"slash_base_bps": 10_000}),
    ("gold_root without gold_count", {"gold_count": 0}),
    ("commit deadline is over", {"commit": 0}),
    ("gold window too long", {"gold": 2**40 - 1}),
    ("no tasks_root", {"tasks_root": bytes(32)}),
    ("admission has no code", {"admission": "0x" + "42" * 20}),
]


@pytest.mark.parametrize("place", range(len(REASONS_IN_ORDER)))
def test_of_several_reasons_the_first_is_given(market, requester, place):  # T1.23
    changes = {}
    for _, change in reversed(REASONS_IN_ORDER[place:]):
        changes |= change
    with refused(f"open: {REASONS_IN_ORDER[place][0]}"):
        market.by(requester).open(*market.opening(gold_root=GOLD_ROOT, **changes).args)


# ----------------------------------------------------------------------- deadlines


# reason, deadlines that are refused and the closest that are not: seconds from the opening
DEADLINES = [
    ("commit deadline is over", (0, WINDOW, None), (1, WINDOW, None)),
    ("reveal window too short", (WINDOW, WINDOW + 299, None), (WINDOW, WINDOW + 300, None)),
    ("reveal window too short", (WINDOW, None, None), (WINDOW, WINDOW + 300, None)),
    ("gold not after reveal", (1, 301, 301), (1, 301, 302)),
    ("gold not after reveal", (1, 301, None), (1, 301, 302)),
    ("gold deadline without gold", (1, 301, 302), (1, 301, None)),
    ("round too long", (1, 365 * DAY + 1, None), (1, 365 * DAY, None)),
    ("gold window too long", (1, 301, 301 + 30 * DAY + 1), (1, 301, 301 + 30 * DAY)),
    (
        "round too long",
        (1, 336 * DAY, 365 * DAY + 1),
        (1, 336 * DAY, 365 * DAY),
    ),
    ("gold window too long", (1, 300 * DAY, 366 * DAY), (1, 300 * DAY, 330 * DAY)),
]


@pytest.mark.parametrize(
    ("reason", "bad", "good"), DEADLINES, ids=[f"{reason} {bad}" for reason, bad, _ in DEADLINES]
)
def test_deadlines_are_refused_beyond_their_bounds_and_no_sooner(
    market, chain, requester, reason, bad, good
):
    # T2.1, T2.2, T2.3, T2.4, T2.5, T2.6
    gold = {} if good[2] is None else {"gold_root": GOLD_ROOT}

    def open_at(time, offsets):
        deadlines = Deadlines(*(0 if offset is None else time + offset for offset in offsets))
        chain.next_at(time)
        market.by(requester).open(*market.opening(deadlines=deadlines, **gold).args)

    time = chain.now + 100
    with refused(f"open: {reason}"):
        open_at(time, bad)
    open_at(time + 100, good)


def test_a_deadline_beyond_all_time_is_refused(market, requester):  # T2.5
    with refused(""):
        market.by(requester).open(*market.opening(commit=2**256 - 1).args)
    with refused("open: round too long"):
        market.by(requester).open(*market.opening(reveal=2**256 - 1).args)


# ----------------------------------------------------------------------- admission


def test_a_policy_must_be_a_contract(market, chain, requester, stranger, bank):  # T3.2
    with refused("open: admission has no code"):
        market.by(requester).open(*market.opening(admission=stranger).args)
    policy = chain.mock(bank, "Policy").address
    market.by(requester).open(*market.opening(admission=policy).args)
    assert market.round(1).admission == policy


# --------------------------------------------------------------- what an opening does


def test_an_opening_is_logged_with_all_that_was_agreed(market, chain, requester, bank):
    # T3.4, V1.4, E1.4
    policy = chain.mock(bank, "Policy").address
    opening = market.opening(gold_root=GOLD_ROOT, admission=policy)
    times = (opening.deadlines.commit, opening.deadlines.reveal, opening.deadlines.gold)
    assert market.by(requester).open(*opening.args) == [
        event(
            "RoundOpened",
            round_id=1,
            requester=requester,
            rules=rules_tuple(GOLD_RULES),
            deadlines=times,
            tasks_root=TASKS_ROOT,
            gold_root=GOLD_ROOT,
            admission=policy,
            uri=URI,
        )
    ]
    assert market.round(1) == RoundState(
        requester=requester,
        rules=GOLD_RULES,
        deadlines=opening.deadlines,
        gold_root=GOLD_ROOT,
        admission=policy,
        committed=0,
        revealed=0,
        gone=0,
        roll=TASKS_ROOT,
        is_closed=False,
    )


def test_the_requester_pays_for_every_seat_and_nothing_else(market, requester):  # T3.3, A3.5
    before, held = market.account(requester), market.held
    market.by(requester).open(*market.opening().args)
    cost = RULES.price * RULES.seats
    assert market.account(requester) == Account(free=before.free - cost, opened=1)
    assert market.held == held


def test_a_round_must_be_paid_for_to_the_last_wei(market, requester, stranger):  # T3.3
    cost = RULES.price * RULES.seats
    market.by(requester).withdraw(market.free(requester) - cost + 1, stranger)
    with refused("account: not enough free"):
        market.by(requester).open(*market.opening().args)
    market.by(stranger).deposit_for(requester, 1, value=1)
    market.by(requester).open(*market.opening().args)
    assert market.account(requester) == Account(opened=1)


def test_rounds_are_numbered_from_one_and_know_nothing_of_each_other(
    market, requester, stranger, rows
):
    # T3.4, A3.5
    first = market.open(requester, rows)
    second = market.open(stranger, rows, price=5, tasks=12, tau_bps=0)
    assert (first.round_id, second.round_id) == (1, 2)
    for batch, owner in ((first, requester), (second, stranger)):
        found = market.round(batch.round_id)
        assert (found.requester, found.rules) == (owner, batch.rules)
    assert market.account(requester).opened == market.account(stranger).opened == 1


def test_every_rule_is_kept_as_it_was_agreed(market, requester):  # V1.4
    """Values that are all different, and the largest that each may be."""
    different = market.opening(
        **{"options": 7, "tasks": 211, "seats": 19, "r_min": 11, "tau_bps": 333},
        **{"rho_bps": 4_444, "bar_bps": 12_222, "refund_bps": 6_789, "showup_bps": 1_234},
        **{"gold_root": GOLD_ROOT, "gold_count": 51, "gold_pass_bps": 777},
        **{"gold_slash_bps": 1_789, "slash_base_bps": 987, "slash_max_bps": 4_321},
    )
    largest = market.opening(
        **{"kind": Kind.ORDINAL, "options": 16, "width": 16, "tasks": 256, "seats": 255},
        **{"r_min": 255, "tau_bps": 9_960, "rho_bps": 10_000, "showup_bps": 10_000},
        **{"slash_base_bps": 10_000, "slash_max_bps": 10_000, "stake": 2**88 - 1, "price": 1},
        **{"bar_bps": 20_000, "refund_bps": 10_000, "gold_root": GOLD_ROOT, "gold_count": 64},
        **{"gold_pass_bps": 4_000, "gold_slash_bps": 10_000},
    )
    for round_id, opening in enumerate((different, largest), 1):
        market.by(requester).open(*opening.args)
        found = market.round(round_id)
        assert (found.rules, found.deadlines) == (opening.rules, opening.deadlines)


def test_a_round_begins_in_its_commit_phase(market, batch, chain):  # T4.3, V1.3
    assert market.phase(batch) == (Phase.COMMIT, batch.deadlines.commit - chain.now)


def test_the_uri_may_have_256_characters_and_no_more(market, requester):  # T3.5
    (_, opened) = market.by(requester).open(*market.opening(uri="x" * 256).args)[0]
    assert opened["uri"] == "x" * 256
    with refused(""):
        market.by(requester).open(*market.opening(uri="x" * 257).args)


# ------------------------------------------------------------------ with another judge


@pytest.fixture
def with_judge(chain, deploy, lens, census, bank, requester):
    """A deployment whose judge gives one answer to everything."""

    def with_judge(answer: bool) -> Market:
        judge = chain.parrot(bank, encode(["bool"], [answer]))
        market = Market(chain, deploy(judge=judge), None, lens, census, bank)
        market.fund(bank, [requester], 10**18)
        return market

    return with_judge


def test_a_judge_that_says_no_is_heard(with_judge, requester):  # T1.24
    market = with_judge(False)
    with refused("open: refused by the judge"):
        market.by(requester).open(*market.opening().args)


def test_the_zero_address_is_no_policy(market, requester, rows):  # T3.2
    batch = market.open(requester, rows, admission=ZERO)
    market.commit(batch)
