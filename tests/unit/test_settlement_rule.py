"""What the settlement rule promises, on random rounds and on rounds worked out by hand."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plumbline.settlement import Band, LabelerOutcome, Mode, Settlement, SettlementError, settle
from plumbline.settlement.consensus import crowd_answer, reference, tally
from plumbline.settlement.crowd_kappa import CrowdScore, measure
from plumbline.settlement.gold import (
    captured,
    examine,
    failed,
    found_nothing,
    is_credible,
    passed,
)
from plumbline.settlement.kappa import Score, credit, score
from plumbline.settlement.labels import labels
from plumbline.settlement.terms import BPS, PPM, Kind, ScoringTerms, usual_terms

Answers = list[int | None]

# Odd amounts, so that divisions leave something; full pay at the crowd's own kappa.
TERMS = replace(
    usual_terms(
        Kind.NOMINAL,
        options=2,
        width=1,
        tasks=12,
        price=1_000_003,
        stake=10_000_019,
        seats=6,
        gold_count=0,
    ),
    r_min=3,
    bar_bps=BPS,
)
SCALE = replace(TERMS, kind=Kind.ORDINAL, options=3, width=2)
# With gold tasks, the first 12 of 48 tasks.
GOLD_TERMS = replace(
    usual_terms(
        Kind.NOMINAL,
        options=2,
        width=1,
        tasks=48,
        price=1_000_003,
        stake=10_000_019,
        seats=12,
        gold_count=12,
    ),
    bar_bps=BPS,
)

PRICE = TERMS.price
HALF = 500_001  # of it, rounded down: what goes back to the requester at the most with gold
SLASH_BASE = 2_500_004  # a quarter of the stake, rounded down
SLASH_MAX = 5_000_009  # half of it

TRUTH: Answers = [0, 1] * 6
WRONG: Answers = [1, 0] * 6
GOLD = dict(enumerate(TRUTH))


@dataclass(frozen=True)
class Round:
    terms: ScoringTerms
    answers: list[Answers | None]
    gold: dict[int, int]

    def settle(self) -> Settlement:
        return settle(self.terms, self.answers, self.gold)

    @property
    def revealed(self) -> list[Answers]:
        return [row for row in self.answers if row is not None]


@st.composite
def scoring_terms(draw: st.DrawFn) -> ScoringTerms:
    kind = draw(st.sampled_from(Kind))
    options = draw(st.sampled_from([2, 3, 4, 5, 16]))
    seats = draw(st.integers(3, 16))
    slash_max = draw(st.sampled_from([500, 5_000, 10_000]))
    return ScoringTerms(
        kind=kind,
        options=options,
        width=1 if kind is Kind.NOMINAL else draw(st.integers(2, 16)),
        tasks=draw(st.integers(20, 40)),
        price=draw(st.integers(1, 10**20)),
        stake=draw(st.integers(1, 10**20)),
        seats=seats,
        r_min=draw(st.integers(3, min(seats, 5))),
        tau_bps=draw(st.sampled_from([0, 200, 2_500, 10_000])),
        rho_bps=draw(st.sampled_from([0, 5_000, 10_000])),
        bar_bps=draw(st.sampled_from([10_000, 13_500, 20_000])),
        refund_bps=draw(st.sampled_from([0, 5_000, 10_000])),
        slash_base_bps=draw(st.sampled_from([0, slash_max // 2, slash_max])),
        slash_max_bps=slash_max,
        showup_bps=draw(st.sampled_from([0, 1_000])),
        gold_count=draw(st.sampled_from([0, 6, 8, 12])),
        gold_pass_bps=draw(st.sampled_from([500, 2_500, 4_000])),
        gold_slash_bps=draw(st.sampled_from([1_000, 4_000, 10_000])),
    )


@st.composite
def rounds(draw: st.DrawFn) -> Round:
    """Rounds of every mode: a truth, and labelers and gold that know it more or less well."""
    terms = draw(scoring_terms())
    random = Random(draw(st.integers(0, 2**32)))
    accuracy, gold_accuracy = (draw(st.sampled_from([0, 50, 80, 95, 100])) for _ in range(2))
    skips, silent = (draw(st.sampled_from([0, 5, 40])) for _ in range(2))
    truth = [random.randrange(terms.options) for _ in range(terms.tasks)]

    def know(task: int, percent: int) -> int:
        known = random.randrange(100) < percent
        return truth[task] if known else random.randrange(terms.options)

    def row() -> Answers | None:
        if random.randrange(100) < silent:
            return None
        return [
            None if random.randrange(100) < skips else know(task, accuracy)
            for task in range(terms.tasks)
        ]

    # Most rounds are full: else nearly all would be too small.
    taken = draw(st.sampled_from([terms.seats] * 4 + [terms.seats // 2, 0]))
    answers = [row() for _ in range(taken)]
    # Most often as many as promised, now and then one fewer or none.
    opened = max(0, terms.gold_count - draw(st.sampled_from([0, 0, 0, 0, 1, 12])))
    gold_tasks = random.sample(range(terms.tasks), opened)
    gold = {task: know(task, gold_accuracy) for task in gold_tasks}
    return Round(terms, answers, gold)


# ---------------------------------------------------------------- promises on any round


@given(rounds())
def test_every_wei_is_accounted_for(case: Round) -> None:  # P3.6
    terms, result = case.terms, case.settle()
    returned = sum(terms.stake - labeler.slash for labeler in result.labelers)
    locked = terms.price * terms.seats + terms.stake * len(case.answers)
    assert locked == result.paid + result.refund + result.burned + returned
    assert min(result.paid, result.refund, result.burned) >= 0


@given(rounds())
def test_nobody_loses_more_than_the_maximum_or_earns_more_than_the_price(case: Round) -> None:
    # M3.4, M3.6
    terms = case.terms
    for labeler in case.settle().labelers:
        assert 0 <= labeler.slash <= terms.stake * terms.slash_max_bps // BPS
        assert 0 <= labeler.pay <= terms.price
        assert labeler.pay == 0 or labeler.slash == 0


@given(rounds())
def test_bands_and_amounts_go_together(case: Round) -> None:  # M3.1, M3.3, M3.5, M3.7
    terms = case.terms
    for row, labeler in zip(case.answers, case.settle().labelers, strict=True):
        assert (labeler.band is Band.UNREVEALED) == (row is None)
        if labeler.band is Band.OUTLIER:
            assert labeler.slash >= terms.stake * terms.slash_base_bps // BPS
        elif labeler.band is not Band.UNREVEALED:
            assert labeler.slash == 0
        if labeler.band not in (Band.NEAR, Band.VOID):
            assert labeler.pay == 0
        if labeler.band not in (Band.NEAR, Band.FAR):
            assert labeler.kappa_ppm == 0


@given(rounds())
def test_no_more_of_a_seat_goes_back_than_promised(case: Round) -> None:  # P3.2, P3.3, P3.4, P3.5
    terms, result = case.terms, case.settle()
    most = 0 if result.gold_withheld else terms.price * terms.refund_bps // BPS
    back = sum(
        min(terms.price - labeler.pay, most)
        for row, labeler in zip(case.answers, result.labelers, strict=True)
        if row is not None
    )
    slashed = sum(labeler.slash for labeler in result.labelers)
    assert result.refund == terms.price * (terms.seats - len(case.revealed)) + back
    assert result.burned == slashed + terms.price * len(case.revealed) - result.paid - back


@given(rounds())
def test_pay_is_for_the_answers_given(case: Round) -> None:  # M3.1, M3.4
    for row, labeler in zip(case.answers, case.settle().labelers, strict=True):
        answered = sum(answer is not None for answer in row or ())
        assert labeler.pay <= case.terms.price * answered // case.terms.tasks


@given(rounds())
def test_who_passed_the_golds_is_never_slashed_and_nobody_else_is_paid(case: Round) -> None:
    # G3.2, M3.2, M3.3, M3.4
    result = case.settle()
    for row, passed_them, labeler in zip(case.answers, result.passed, result.labelers, strict=True):
        if row is not None and result.usable_gold:
            assert (labeler.slash if passed_them else labeler.pay) == 0
        else:
            assert not passed_them


@given(rounds())
def test_with_credible_golds_no_round_is_void_and_no_labeler(case: Round) -> None:  # M1.4, M2.1
    result = case.settle()
    if result.usable_gold and case.revealed:
        assert result.mode is not Mode.VOID
        assert Band.VOID not in {labeler.band for labeler in result.labelers}


@given(rounds())
def test_who_fails_the_golds_is_simply_not_there(case: Round) -> None:  # G3.5
    before = case.settle()
    if before.usable_gold:
        kept = [row for row, told in zip(case.answers, before.passed, strict=True) if told]
        after = replace(case, answers=list(kept)).settle()
        assert after.consensus == before.consensus
        assert after.contested == before.contested
        assert after.crowd_kappa_ppm == before.crowd_kappa_ppm
        if before.mode is Mode.PEER:
            assert (after.mode, after.bar_ppm) == (Mode.PEER, before.bar_ppm)
            told = zip(before.passed, before.labelers, strict=True)
            assert list(after.labelers) == [outcome for counts, outcome in told if counts]


@given(rounds())
def test_golds_that_are_not_credible_are_as_good_as_withheld(case: Round) -> None:  # G2.3
    result = case.settle()
    assert result.gold_withheld is (case.terms.gold_count > 0 and not result.usable_gold)
    if result.gold_withheld:
        assert result == replace(case, gold={}).settle()


@given(rounds(), st.integers(0, 15))
def test_a_constant_answer_is_never_paid_for_its_score(case: Round, option: int) -> None:  # S1.8
    constant: Answers = [option % case.terms.options] * case.terms.tasks
    answers = [constant, *case.answers[1:]]
    labeler = replace(case, answers=answers).settle().labelers[0]
    assert labeler.band is not Band.NEAR
    assert labeler.kappa_ppm == 0


@given(st.sampled_from([1, 2, 5, 16]), st.lists(st.integers(0, 15), max_size=256))
def test_a_constant_answer_gains_exactly_nothing(width: int, truth: list[int]) -> None:  # S1.8
    assert all(score(16, width, [(x, ref) for ref in truth]).gain == 0 for x in range(16))


@given(
    st.sampled_from([1, 2, 5, 16]),
    st.lists(st.tuples(st.none() | st.integers(0, 15), st.integers(0, 15)), max_size=256),
)
def test_no_score_is_beyond_plus_or_minus_the_best(
    width: int, pairs: list[tuple[int | None, int]]
) -> None:
    # S1.4
    # w - s(x,y) = min(w, abs(x-y)) is a metric: the triangle inequality, task by task.
    scored = score(16, width, pairs)
    assert -scored.best <= scored.gain <= scored.best


@given(rounds())
def test_outcomes_follow_from_the_working(case: Round) -> None:
    result = settle(case.terms, case.answers, case.gold)
    working = result.working
    counting = [
        row
        for row, told in zip(case.answers, result.passed, strict=True)
        if row is not None and (told or not result.usable_gold)
    ]
    assert [list(votes) for votes in working.tallies] == tally(case.terms, counting)
    assert (working.gold.opened, tuple(working.gold.usable)) == (case.gold, result.usable_gold)
    assert working.crowd.kappa_ppm == result.crowd_kappa_ppm
    for judged, outcome in zip(working.scores, result.labelers, strict=True):
        if outcome.band in (Band.NEAR, Band.FAR):
            assert judged is not None and judged.score.kappa_ppm == outcome.kappa_ppm
            assert judged.bar_ppm == (600_000 if judged.by_gold else result.bar_ppm)
        assert (judged is None) is (outcome.band in (Band.VOID, Band.UNREVEALED))


@given(rounds(), st.randoms(use_true_random=False))
def test_the_order_of_the_tasks_does_not_matter(case: Round, random: Random) -> None:
    order = list(range(case.terms.tasks))
    random.shuffle(order)
    shuffled = replace(
        case,
        answers=[None if row is None else [row[task] for task in order] for row in case.answers],
        gold={order.index(task): truth for task, truth in case.gold.items()},
    )
    before, after = case.settle(), shuffled.settle()
    assert after.consensus == tuple(before.consensus[task] for task in order)
    assert {order[task] for task in after.usable_gold} == set(before.usable_gold)
    assert {order[task] for task in after.contested} == set(before.contested)
    assert after == replace(
        before,
        consensus=after.consensus,
        contested=after.contested,
        usable_gold=after.usable_gold,
    )


@given(rounds(), st.randoms(use_true_random=False))
def test_the_order_of_the_labelers_does_not_matter(case: Round, random: Random) -> None:
    order = list(range(len(case.answers)))
    random.shuffle(order)
    before = case.settle()
    after = replace(case, answers=[case.answers[i] for i in order]).settle()
    assert after == replace(
        before,
        labelers=tuple(before.labelers[i] for i in order),
        passed=tuple(before.passed[i] for i in order),
    )


@given(rounds())
def test_the_silent_change_nothing_for_the_others(case: Round) -> None:
    alone = Round(case.terms, list(case.revealed), case.gold).settle()
    heard = [labeler for labeler in case.settle().labelers if labeler.band is not Band.UNREVEALED]
    assert tuple(heard) == alone.labelers


# ---------------------------------------------------------------- short cuts


@st.composite
def vote_counts(draw: st.DrawFn) -> list[int]:
    options = draw(st.integers(2, 16))
    most = draw(st.sampled_from([2, 5, 120]))
    return draw(st.lists(st.integers(0, most), min_size=options, max_size=options))


def nominal_shortcut(terms: ScoringTerms, votes: Sequence[int], own: int | None) -> int | None:
    """The rule from the total counts alone, as the contract applies it."""
    first, second = sorted(votes, reverse=True)[:2]
    leader = votes.index(first)
    unique = second > 0 and first > second and votes.count(second) == 1
    runner_up = votes.index(second) if unique else None
    lead, needed = first - second, max(2, -(-terms.tau_bps * sum(votes) // BPS))
    if lead >= needed + 1:
        counts = True
    elif lead == needed:
        counts = own != leader
    else:
        counts = lead == needed - 1 and own is not None and own == runner_up
    return leader if counts else None


def ordinal_shortcut(votes: Sequence[int], own: int | None) -> int | None:
    ordered = [option for option, count in enumerate(votes) for _ in range(count)]
    if len(ordered) < 3:
        return None
    low, high = ordered[len(ordered) // 2 - 1], ordered[len(ordered) // 2]
    return high if own is not None and own <= low else low


def possible_answers(votes: Sequence[int]) -> list[int | None]:
    return [None, *(option for option, count in enumerate(votes) if count)]


@given(vote_counts(), st.sampled_from([0, 200, 1_000, 2_500, 10_000]))
def test_the_nominal_rule_from_total_counts_is_leave_one_out(votes: list[int], tau: int) -> None:
    # K2.4, K2.5
    terms = replace(TERMS, options=len(votes), tau_bps=tau)
    for own in possible_answers(votes):
        assert reference(terms, votes, own) == nominal_shortcut(terms, votes, own)


@given(vote_counts())
def test_the_ordinal_rule_from_two_middle_votes_is_leave_one_out(votes: list[int]) -> None:
    # K3.1, K3.2, K3.3
    terms = replace(SCALE, options=len(votes))
    for own in possible_answers(votes):
        assert reference(terms, votes, own) == ordinal_shortcut(votes, own)


@given(vote_counts())
def test_the_ordinal_reference_is_the_lower_median_of_the_others(votes: list[int]) -> None:  # K3.2
    for own in possible_answers(votes):
        if own is None or sum(votes) < 3:
            continue
        others = [x for x, count in enumerate(votes) for _ in range(count - (x == own))]
        assert (
            reference(replace(SCALE, options=len(votes)), votes, own)
            == (others[(len(others) - 1) // 2])
        )


@given(rounds())
def test_the_nominal_crowd_is_the_sum_of_its_labelers(case: Round) -> None:  # S2.1, S2.2
    terms = replace(case.terms, kind=Kind.NOMINAL, width=1)
    tallies = tally(terms, case.revealed)
    pairs = [
        (answer, ref)
        for row in case.revealed
        for votes, answer in zip(tallies, row, strict=True)
        if answer is not None and (ref := reference(terms, votes, answer)) is not None
    ]
    leaders = [ref for votes in tallies if (ref := reference(terms, votes, None)) is not None]
    everyone = score(terms.options, 1, [(None, ref) for ref in leaders])
    direct = sum(answer == ref for answer, ref in pairs)
    chance = sum(leaders.count(answer) for answer, _ in pairs)
    gain = direct * everyone.tasks - chance
    best = len(pairs) * everyone.best
    kappa = gain * everyone.tasks * PPM // best if gain > 0 and best > 0 else 0
    assert measure(terms, tallies) == CrowdScore(everyone.tasks, everyone.best, kappa)


# ---------------------------------------------------------------- references by hand


@pytest.mark.parametrize(
    ("votes", "own", "expected"),
    [
        ([4, 1, 0], 0, 0),  # two ahead even without one's own
        ([3, 1, 0], None, 0),
        ([3, 1, 0], 0, None),  # only one ahead without one's own
        ([3, 1, 0], 1, 0),
        ([2, 1, 0], None, None),
        ([2, 1, 0], 1, 0),  # two ahead without the runner-up's
        ([2, 1, 1], 1, None),  # for there is another runner-up
        ([2, 1, 1], 2, None),
        ([1, 0, 0], None, None),
        ([2, 0, 0], None, 0),
        ([0, 0, 0], None, None),
        ([2, 2, 0], 1, None),
    ],
)
def test_a_nominal_task_counts_for_whom_the_others_agree(
    votes: list[int], own: int | None, expected: int | None
) -> None:
    # K2.2, K2.3
    assert reference(replace(TERMS, options=3), votes, own) == expected


def test_the_contested_margin_is_a_share_of_all_votes_rounded_up() -> None:  # K2.1
    votes = [58, 43]
    assert reference(replace(TERMS, tau_bps=1_485), votes, None) == 0  # 14.9985 -> 15
    assert reference(replace(TERMS, tau_bps=1_486), votes, None) is None  # 15.0086 -> 16
    # 2.25 -> 3 with one's own vote among the nine; the other eight alone would ask for 2
    assert reference(replace(TERMS, tau_bps=2_500), [5, 4], 1) is None


@pytest.mark.parametrize(
    ("votes", "own", "expected"),
    [
        ([1, 1, 1], 0, 1),
        ([1, 1, 1], 1, 0),
        ([1, 1, 1], 2, 0),
        ([1, 1, 1], None, 0),  # lo, not the median
        ([1, 0, 1], None, None),
        ([1, 0, 1], 0, None),
        ([2, 0, 2], 0, 2),
        ([2, 0, 2], 2, 0),
    ],
)
def test_an_ordinal_task_counts_from_three_votes_on(
    votes: list[int], own: int | None, expected: int | None
) -> None:
    # K3.1, K3.2, K3.3
    assert reference(SCALE, votes, own) == expected


@pytest.mark.parametrize(
    ("votes", "nominal", "ordinal"),
    [
        ([0, 0, 0], None, None),
        ([0, 1, 0], 1, 1),
        ([0, 1, 1], 1, 1),
        ([1, 1, 1], 0, 0),
        ([1, 2, 2], 1, 1),
        ([2, 0, 3], 2, 0),
    ],
)
def test_the_crowd_answers_wherever_it_votes(
    votes: list[int], nominal: int | None, ordinal: int | None
) -> None:
    # K1.1, K1.2, K1.3
    assert crowd_answer(replace(TERMS, options=3), votes) == nominal
    assert crowd_answer(SCALE, votes) == ordinal


def test_credit_falls_by_one_per_step() -> None:
    assert [credit(3, 5, y) for y in range(1, 10)] == [0, 0, 1, 2, 3, 2, 1, 0, 0]
    assert [credit(1, 1, y) for y in range(3)] == [0, 1, 0]


def test_a_skip_counts_as_a_task_without_agreement() -> None:  # S1.1, S1.2, S1.3
    pairs: list[tuple[int | None, int]] = [(0, 0), (1, 1), (None, 0), (None, 1)]
    # T 4, D 2, c (1,1), M (2,2): 4*2 - 4 of 4*4 - 8
    assert score(2, 1, pairs) == Score(tasks=4, gain=4, best=8)


@pytest.mark.parametrize(("minority", "expected"), [(3, True), (4, False)])
def test_a_labeler_is_scored_only_against_references_that_vary(
    minority: int, expected: bool
) -> None:
    # S1.7
    refs = [1] * minority + [0] * (48 - minority)
    # 2*3*45 = 270 is less than an eighth of 48*48 = 288, 2*4*44 = 352 is not
    assert score(2, 1, [(None, ref) for ref in refs]).one_sided(1) is expected


def test_nothing_scored_is_one_sided() -> None:  # S1.7
    assert score(2, 1, []).one_sided(1)


# ---------------------------------------------------------------- rounds by hand


def outcome(band: Band, pay: int = 0, slash: int = 0, kappa: int = 0) -> LabelerOutcome:
    return LabelerOutcome(band, pay, slash, kappa)


def test_inversion_costs_the_maximum_and_the_crowd_is_paid_in_full() -> None:
    # S2.2, M1.4, M3.4, M3.6, P3.4
    # D 48, I (30, 30), M (6, 6), best 72: (48*12 - 360)*12 of 60*72
    result = settle(TERMS, [TRUTH] * 4 + [WRONG], {})
    assert result.without_working() == Settlement(
        mode=Mode.PEER,
        crowd_kappa_ppm=600_000,
        bar_ppm=600_000,
        usable_gold=(),
        gold_withheld=False,
        passed=(False,) * 5,
        consensus=tuple(TRUTH),
        contested=(),
        labelers=(outcome(Band.NEAR, PRICE, 0, PPM),) * 4 + (outcome(Band.OUTLIER, 0, SLASH_MAX),),
        paid=4 * PRICE,
        refund=2 * PRICE,
        burned=SLASH_MAX,
    )


def test_a_task_is_contested_unless_it_counts_for_everyone() -> None:  # K2.4
    # Task 0: 5 to 0. Task 1: 3 to 2, a lead of 1. Task 2: 3 to 1, which does not count for the
    # three. Task 3: nobody voted.
    rows = [[1, 1, 1, None, *TRUTH[4:]] for _ in range(3)]
    rows.append([1, 0, 0, None, *TRUTH[4:]])
    rows.append([1, 0, None, None, *TRUTH[4:]])
    assert settle(TERMS, rows, {}).contested == (1, 2)


def test_labels_are_contested_as_the_verdict_has_it() -> None:
    # As above, and what is on a scale is never contested for being spread out.
    rows = [[1, 1, None, *TRUTH[3:]] for _ in range(3)] + [[1, 0, None, *TRUTH[3:]]]
    result = labels(settle(replace(TERMS, gold_count=1), rows, {0: 1}))
    assert [label.task for label in result if label.contested] == [1]
    assert [label.consensus for label in result] == [1, 1, None, *TRUTH[3:]]
    assert [label.votes for label in result[:3]] == [(0, 4), (1, 3), (0, 0)]
    assert [label.gold for label in result[:2]] == [1, None]
    spread = [[answer] * 12 for answer in (0, 0, 1, 2, 2)]
    assert not any(label.contested for label in labels(settle(SCALE, spread, {})))


def test_a_constant_answer_costs_the_base_rate() -> None:  # S1.8, M3.3, M3.6
    result = settle(TERMS, [TRUTH] * 4 + [[0] * 12], {})
    assert result.crowd_kappa_ppm == 800_000
    assert result.labelers[4] == outcome(Band.OUTLIER, 0, SLASH_BASE)


def test_slight_inversion_costs_little_more_than_the_base_rate() -> None:  # M3.6
    row = [1, 0, 1, 0, 1, 0, 1, *TRUTH[7:]]
    # 5 of 12 agree, c (5, 7): 12*5 - 72 = -12 of 72, a sixth of the way
    result = settle(TERMS, [TRUTH] * 4 + [row], {})
    rate = 2_500 + 2_500 * 12 // 72
    assert result.labelers[4] == outcome(Band.OUTLIER, 0, TERMS.stake * rate // BPS)


def test_weak_agreement_is_far_and_costs_nothing() -> None:  # M1.5, M3.5, P3.4
    row = [1, 0, 1, 0, 1, *TRUTH[5:]]
    # 7 of 12 agree, c (5, 7): 12 of 72, below half of the bar
    result = settle(TERMS, [TRUTH] * 4 + [row], {})
    assert result.bar_ppm == 833_333
    assert result.labelers[4] == outcome(Band.FAR, kappa=166_666)
    assert result.refund == 2 * PRICE


def test_a_labeler_for_whom_too_few_tasks_count_is_void_in_a_round_that_is_not() -> None:
    # M2.1, M3.1, M3.4
    # Task 0 is two ahead: without one's own vote only one, except for the one who skipped.
    result = settle(TERMS, [TRUTH, TRUTH, [None, *TRUTH[1:]]], {})
    assert result.mode is Mode.PEER
    assert result.bar_ppm == PPM
    void = outcome(Band.VOID, PRICE // 10)
    assert result.labelers == (
        void,
        void,
        outcome(Band.NEAR, PRICE * 916_666 // PPM * 11 // 12, 0, 916_666),
    )


def test_a_labeler_whose_tasks_hardly_vary_is_void_in_a_round_that_does() -> None:  # M2.1, M2.3
    # The third skips the eight tasks answered 1: for the two others only those answered 0 count.
    truth = [0] * 40 + [1] * 8
    short: Answers = [0] * 40 + [None] * 8
    result = settle(replace(TERMS, tasks=48), [truth, truth, short], {})
    assert (result.mode, result.crowd_kappa_ppm) == (Mode.PEER, 600_000)
    void = outcome(Band.VOID, PRICE // 10)
    pay = PRICE * 500_000 // 600_000 * 40 // 48
    assert result.labelers == (void, void, outcome(Band.NEAR, pay, 0, 500_000))


def test_a_round_with_too_few_reveals_is_void_and_silence_costs_the_maximum() -> None:
    # M1.1, M3.1, M3.7
    result = settle(TERMS, [TRUTH, None, TRUTH], {})
    void = outcome(Band.VOID, PRICE // 10)
    assert result.mode is Mode.VOID
    assert result.labelers == (void, outcome(Band.UNREVEALED, 0, SLASH_MAX), void)
    assert result.refund == 6 * PRICE - 2 * (PRICE // 10)
    assert result.burned == SLASH_MAX


def test_a_void_round_reports_the_crowd_and_the_bar() -> None:  # M1.5
    result = settle(replace(TERMS, r_min=5), [TRUTH] * 4, {})
    assert (result.mode, result.crowd_kappa_ppm, result.bar_ppm) == (Mode.VOID, PPM, PPM)


def test_a_round_without_variety_is_void() -> None:  # M1.3, M1.5
    result = settle(TERMS, [[0] * 12] * 5, {})
    assert (result.mode, result.crowd_kappa_ppm, result.bar_ppm) == (Mode.VOID, 0, 300_000)


@pytest.mark.parametrize(("minority", "expected"), [(3, Mode.VOID), (4, Mode.PEER)])
def test_a_round_is_void_if_its_answers_hardly_vary(minority: int, expected: Mode) -> None:  # M1.3
    row = [1] * minority + [0] * (48 - minority)
    result = settle(replace(TERMS, tasks=48), [row] * 5, {})
    assert (result.mode, result.crowd_kappa_ppm) == (expected, PPM)


@pytest.mark.parametrize(
    ("right", "kappa", "expected"), [(105, 50_000, Mode.PEER), (104, 45_226, Mode.VOID)]
)
def test_a_round_is_void_if_the_crowd_hardly_agrees(right: int, kappa: int, expected: Mode) -> None:
    # M1.3
    result = settle(replace(TERMS, seats=255), [TRUTH] * right + [WRONG] * 95, {})
    assert (result.crowd_kappa_ppm, result.bar_ppm) == (kappa, 300_000)
    assert result.mode is expected


def test_the_near_threshold_is_inclusive() -> None:  # M3.4
    result = settle(replace(TERMS, rho_bps=BPS), [TRUTH] * 5, {})
    assert result.labelers == (outcome(Band.NEAR, PRICE, 0, PPM),) * 5


def test_best_of_an_ordinal_crowd_is_rounded_down() -> None:  # S2.4
    # lo 0, hi 1: best4 = 4*2 - (2 + 2 + 2*1)
    assert measure(SCALE, [[1, 1, 1]]) == CrowdScore(tasks=1, best=0, kappa_ppm=0)


def test_the_example_of_the_specification_is_as_it_says() -> None:  # M1.5, M3.4, P3.3, P3.6
    terms = ScoringTerms(
        kind=Kind.NOMINAL,
        options=2,
        width=1,
        tasks=16,
        price=1_000_000,
        stake=2_000_000,
        seats=9,
        r_min=5,
        tau_bps=4_000,
        rho_bps=5_000,
        bar_bps=12_000,
        refund_bps=5_000,
        slash_base_bps=2_500,
        slash_max_bps=5_000,
        showup_bps=0,
        gold_count=0,
        gold_pass_bps=0,
        gold_slash_bps=0,
    )
    truth = [task // 8 for task in range(16)]
    partly = [1 - x if task in (0, 1, 8, 9) else x for task, x in enumerate(truth)]
    result = settle(terms, [*[truth] * 5, partly, [1 - x for x in truth], None], {})
    assert (result.crowd_kappa_ppm, result.bar_ppm) == (565_217, 678_260)
    assert result.labelers[0] == outcome(Band.NEAR, 1_000_000, 0, PPM)
    assert result.labelers[5] == outcome(Band.NEAR, 737_180, 0, 500_000)
    assert result.labelers[6] == outcome(Band.OUTLIER, 0, 1_000_000)
    assert (result.paid, result.refund, result.burned) == (5_737_180, 2_762_820, 2_500_000)


@pytest.mark.parametrize(
    ("bar_bps", "bar"), [(10_000, 600_000), (13_500, 810_000), (16_667, PPM), (20_000, PPM)]
)
def test_full_pay_lies_above_the_crowd_but_never_above_agreement(bar_bps: int, bar: int) -> None:
    # M1.5
    result = settle(replace(TERMS, bar_bps=bar_bps), [TRUTH] * 4 + [WRONG], {})
    assert (result.crowd_kappa_ppm, result.bar_ppm) == (600_000, bar)


def test_an_empty_sheet_earns_no_showup_pay() -> None:  # M3.1
    nothing: Answers = [None] * 12
    half: Answers = [None, 1] * 6
    result = settle(TERMS, [TRUTH, nothing, half], {})
    assert result.mode is Mode.VOID
    fees = [PRICE // 10, 0, PRICE // 10 * 6 // 12]
    assert result.labelers == tuple(outcome(Band.VOID, fee) for fee in fees)


def test_a_round_is_void_below_twelve_tasks_that_count() -> None:  # M1.3, M1.4
    answers = [TRUTH] * 4
    assert settle(TERMS, answers, {}).mode is Mode.PEER
    eleven: Answers = [None, *TRUTH[1:]]
    assert settle(TERMS, [eleven] * 4, {}).mode is Mode.VOID


# ---------------------------------------------------------------- rounds with gold, by hand
#
# The gold tasks are the first twelve, six of either option: a sheet that answers all and has n
# right has G = 12*n - 72 of Gmax = 72. It passes (a quarter) from 8 right on, nothing is found up
# to 6, and it fails (41.66%) up to 3. Of the 36 tasks that peers are scored on, 18 are of either
# option: Gmax = 648, and who answers all and has n right has G = 36*n - 648.


def sheet(golds_right: int, rest: Sequence[int | None] = TRUTH * 3) -> Answers:
    """So many gold tasks right from the first on, and the 36 other tasks."""
    return [*TRUTH[:golds_right], *WRONG[golds_right:], *rest]


HONEST = sheet(12)


def beside_five_honest(row: Answers, terms: ScoringTerms = GOLD_TERMS) -> LabelerOutcome:
    result = settle(terms, [HONEST] * 5 + [row], GOLD)
    assert result.mode is Mode.PEER
    assert result.labelers[0] == outcome(Band.NEAR, PRICE, 0, PPM)
    return result.labelers[5]


def test_golds_are_not_scored_against_peers() -> None:  # G3.6, S1.5, S2.1
    result = settle(GOLD_TERMS, [HONEST] * 4 + [sheet(8)], GOLD)
    assert result.usable_gold == tuple(range(12))
    assert result.crowd_kappa_ppm == PPM  # they agree on everything but gold
    assert result.labelers == (outcome(Band.NEAR, PRICE, 0, PPM),) * 5


def test_failing_the_golds_is_slashed_however_good_the_score() -> None:  # G3.3, M3.2, M3.6
    assert beside_five_honest(sheet(3)) == outcome(Band.OUTLIER, 0, SLASH_BASE)
    # 4 right: nothing is found, and nothing more
    assert beside_five_honest(sheet(4)) == outcome(Band.FAR, kappa=PPM)


def test_who_fails_is_slashed_by_what_the_round_is_judged_by() -> None:  # M3.2, M3.6
    assert beside_five_honest(sheet(3, WRONG * 3)) == outcome(Band.OUTLIER, 0, SLASH_MAX)
    # By gold: 12*3 - 72 = -36 of 72, half of the way.
    result = settle(GOLD_TERMS, [HONEST, sheet(3)], GOLD)
    assert result.mode is Mode.GOLD
    slash = GOLD_TERMS.stake * 3_750 // BPS
    assert result.labelers[1] == outcome(Band.OUTLIER, 0, slash)


def test_peers_slash_only_those_in_whom_the_golds_found_nothing() -> None:  # G3.4, M3.3, M3.5
    assert beside_five_honest(sheet(6, WRONG * 3)) == outcome(Band.OUTLIER, 0, SLASH_MAX)
    assert beside_five_honest(sheet(6, [0] * 36)) == outcome(Band.OUTLIER, 0, SLASH_BASE)
    assert beside_five_honest(sheet(7, WRONG * 3)) == outcome(Band.FAR)
    assert beside_five_honest(sheet(8, WRONG * 3)) == outcome(Band.FAR)


def test_not_passing_the_golds_is_far_however_good_the_score() -> None:  # G3.2, M3.4, M3.5
    assert beside_five_honest(sheet(7)) == outcome(Band.FAR, kappa=PPM)
    assert beside_five_honest(sheet(8)) == outcome(Band.NEAR, PRICE, 0, PPM)


def test_who_does_not_count_is_held_to_what_who_skips_is_held_to() -> None:  # K2.1, G3.5
    # Three voters agree on all tasks but task 12, where they are two to one: contested. One more
    # who did not pass says what the one says, and would count for a runner-up.
    rest = list(TRUTH * 3)
    other: Answers = [1 - TRUTH[0], *rest[1:]]  # type: ignore[operator]
    voters = [sheet(12), sheet(12), sheet(12, other)]
    result = settle(GOLD_TERMS, [*voters, sheet(7, other)], GOLD)
    tasks = [judged.score.tasks for judged in result.working.scores if judged is not None]
    assert result.contested == (12,)
    assert tasks == [35, 35, 36, 35]


def test_seats_that_do_not_pass_cannot_capture_the_crowd() -> None:  # G3.5
    bloc = [sheet(6, WRONG * 3)] * 7
    result = settle(GOLD_TERMS, [HONEST] * 5 + bloc, GOLD)
    assert (result.mode, result.consensus) == (Mode.PEER, tuple(HONEST))
    assert result.labelers[:5] == (outcome(Band.NEAR, PRICE, 0, PPM),) * 5
    assert result.labelers[5:] == (outcome(Band.OUTLIER, 0, SLASH_MAX),) * 7


def test_if_few_pass_the_golds_alone_judge_and_slash_who_knows_nothing() -> None:
    # G3.7, M1.2, M1.5, M3.3, P3.3
    few = settle(GOLD_TERMS, [HONEST] * 3 + [sheet(6)] * 6 + [sheet(7)], GOLD)
    assert (few.mode, few.bar_ppm) == (Mode.GOLD, 600_000)  # 3 of 10 passed
    near = outcome(Band.NEAR, PRICE, 0, PPM)
    ignorant = outcome(Band.OUTLIER, 0, SLASH_BASE)
    assert few.labelers == (near,) * 3 + (ignorant,) * 6 + (outcome(Band.FAR, kappa=166_666),)
    assert few.paid == 3 * PRICE
    assert few.refund == 2 * PRICE + 7 * HALF
    assert few.burned == 6 * SLASH_BASE + 7 * (PRICE - HALF)
    third = settle(GOLD_TERMS, [HONEST] * 3 + [sheet(6)] * 5 + [sheet(7)], GOLD)
    assert third.mode is Mode.PEER  # 3 of 9 passed


def test_golds_alone_slash_nobody_for_knowing_nothing_unless_few_pass() -> None:  # M3.3
    result = settle(GOLD_TERMS, [HONEST] * 2 + [sheet(6)] * 4, GOLD)
    assert result.mode is Mode.GOLD  # two count, and three must
    assert result.labelers[2:] == (outcome(Band.FAR),) * 4


@pytest.mark.parametrize(("right", "expected"), [(9, Mode.PEER), (8, Mode.GOLD)])
def test_a_crowd_with_less_than_half_of_the_gold_kappa_is_captured(
    right: int, expected: Mode
) -> None:
    # G3.8, M1.2
    result = settle(GOLD_TERMS, [sheet(right)] * 5, GOLD)
    assert result.passed == (True,) * 5
    assert result.mode is expected
    if expected is Mode.GOLD:
        kappa = 333_333
        pay = PRICE * kappa // 600_000
        assert result.labelers == (outcome(Band.NEAR, pay, 0, kappa),) * 5


def test_a_crowd_of_nobody_is_captured() -> None:  # G3.8
    result = settle(GOLD_TERMS, [sheet(7)] * 5, GOLD)
    assert result.working.verification.captured
    assert result.consensus == (None,) * 48


@pytest.mark.parametrize(("revealed", "mode"), [(3, Mode.PEER), (2, Mode.GOLD), (0, Mode.VOID)])
def test_where_peers_cannot_judge_golds_do(revealed: int, mode: Mode) -> None:  # M1.1, M1.3, M1.4
    result = settle(GOLD_TERMS, [HONEST] * revealed, GOLD)
    assert result.mode is mode
    assert result.labelers == (outcome(Band.NEAR, PRICE, 0, PPM),) * revealed


def test_who_is_void_alone_is_judged_by_credible_gold() -> None:  # M2.1, M3.4
    # The third answers eleven of the 36: for the two others only these count, for want of votes.
    short = sheet(12, [*TRUTH[:11], *[None] * 25])
    result = settle(GOLD_TERMS, [sheet(12), sheet(11), short], GOLD)
    assert (result.mode, result.bar_ppm) == (Mode.PEER, PPM)
    by_gold = 833_333  # above 600,000
    assert result.labelers == (
        outcome(Band.NEAR, PRICE, 0, PPM),
        outcome(Band.NEAR, PRICE, 0, by_gold),
        outcome(Band.FAR, kappa=305_555),  # 36*11 - 18*11 = 198 of 648
    )


def test_skips_cost_pay_where_golds_judge_too() -> None:  # M3.4
    row = sheet(12, [None] * 36)
    result = settle(GOLD_TERMS, [row], GOLD)
    assert result.mode is Mode.GOLD
    assert result.labelers == (outcome(Band.NEAR, PRICE * 12 // 48, 0, PPM),)


def test_of_what_a_seat_did_not_earn_the_promised_share_goes_back() -> None:  # P3.2, P3.3, P3.4
    row = sheet(12, [*WRONG, *TRUTH * 2])  # 24 of 36 right: 216 of 648
    terms = replace(GOLD_TERMS, rho_bps=2_000)
    result = settle(terms, [HONEST] * 5 + [row, sheet(7), None], GOLD)
    pay = result.labelers[5].pay
    assert 0 < pay < PRICE - HALF
    assert result.refund == 5 * PRICE + HALF + HALF
    kept = 2 * (PRICE - HALF) - pay
    assert result.burned == SLASH_MAX + kept
    generous = settle(replace(GOLD_TERMS, refund_bps=BPS), [HONEST] * 5 + [sheet(7)], GOLD)
    assert (generous.refund, generous.burned) == (7 * PRICE, 0)
    strict = settle(replace(GOLD_TERMS, refund_bps=0), [HONEST] * 5 + [sheet(7)], GOLD)
    assert (strict.refund, strict.burned) == (6 * PRICE, PRICE)


def test_withheld_golds_cost_all_that_is_unspent_in_void_rounds_too() -> None:  # G2.3, P3.3
    promised = replace(TERMS, gold_count=6)
    void = settle(promised, [TRUTH, TRUTH], {})
    unspent = 2 * (PRICE - PRICE // 10)
    assert void.gold_withheld
    assert (void.refund, void.burned) == (4 * PRICE, unspent)
    row = [1, 0, 1, 0, 1, *TRUTH[5:]]
    peer = settle(promised, [TRUTH] * 4 + [row], {})
    assert (peer.refund, peer.burned) == (PRICE, PRICE)


def test_a_middling_answer_on_a_scale_gains_nothing() -> None:  # S2.3, S2.4, M3.3
    truth: Answers = [0, 2] * 6
    result = settle(SCALE, [truth] * 3 + [[1] * 12], {})
    # D 72 + 12, N (18, 12, 18), M2 (12, 0, 12), best4 576:
    # (4*12*84 - 2*(18*12*2*2 + 12*12*2))*12 of 48*576
    assert result.crowd_kappa_ppm == 750_000
    assert result.labelers[0] == outcome(Band.NEAR, PRICE, 0, PPM)
    assert result.labelers[3] == outcome(Band.OUTLIER, 0, SLASH_BASE)


# ---------------------------------------------------------------- gold by hand


@pytest.mark.parametrize(
    ("gain", "is_passed", "is_failed", "is_nothing"),
    [
        (18, True, False, False),
        (17, False, False, False),
        (1, False, False, False),
        (0, False, False, True),
        (-1, False, False, True),
        (-29, False, False, True),
        (-30, False, True, True),
    ],
)
def test_gold_thresholds_are_inclusive(
    gain: int, is_passed: bool, is_failed: bool, is_nothing: bool
) -> None:
    # G3.2, G3.3, G3.4
    terms = replace(GOLD_TERMS, gold_pass_bps=2_500, gold_slash_bps=4_166)
    against = Score(tasks=12, gain=gain, best=72)
    assert passed(terms, against) is is_passed
    assert failed(terms, against) is is_failed
    assert found_nothing(against) is is_nothing


def test_no_threshold_makes_chance_pass_or_fail() -> None:  # G3.2, G3.3
    terms = replace(GOLD_TERMS, gold_pass_bps=0, gold_slash_bps=0)
    assert not passed(terms, Score(12, 0, 72))
    assert not failed(terms, Score(12, 0, 72))


@pytest.mark.parametrize(("gain", "expected"), [(36, False), (35, True), (0, True), (-36, True)])
def test_a_crowd_is_captured_below_half_of_the_gold_kappa(gain: int, expected: bool) -> None:
    # G3.8
    assert captured(Score(12, gain, 72)) is expected


def test_the_ordinal_crowd_answers_a_gold_by_lo() -> None:  # K1.3, G3.8
    # Gold answers 0 and 4; lo of three votes is the lowest of them.
    scale = replace(GOLD_TERMS, kind=Kind.ORDINAL, options=5, width=4, gold_pass_bps=0)
    gold = {task: 4 * (task % 2) for task in range(12)}
    right: Answers = [4 * (task % 2) for task in range(48)]
    low: Answers = [3 * (task % 2) for task in range(48)]
    result = settle(scale, [right, right, low], gold)
    assert result.passed == (True,) * 3
    assert result.consensus == tuple(low)


@pytest.mark.parametrize(
    ("gold", "expected"),
    [
        (GOLD, True),
        (dict(list(GOLD.items())[1:]), False),
        (GOLD | {12: 0}, False),
        ({}, False),
        (dict(list(GOLD.items())[1:]) | {48: 0}, False),
        (dict(list(GOLD.items())[1:]) | {-1: 0}, False),
        (GOLD | {0: 2}, False),
        (GOLD | {0: -1}, False),
    ],
)
def test_golds_are_credible_only_if_they_are_as_many_as_promised_and_fit(
    gold: dict[int, int], expected: bool
) -> None:
    # G2.1
    assert is_credible(GOLD_TERMS, gold) is expected
    found = examine(GOLD_TERMS, gold)
    assert (found.credible, found.withheld) == (expected, not expected)


def test_where_no_golds_are_promised_none_are_withheld() -> None:  # G1.3
    found = examine(TERMS, {})
    assert (found.credible, found.withheld) == (False, False)


@pytest.mark.parametrize(
    ("options", "width", "answers", "expected"),
    [
        # Gmax*16 is 32*n*(12 - n), and must be 5*144 = 720
        (2, 1, [1] * 3 + [0] * 9, True),
        (2, 1, [1] * 2 + [0] * 10, False),
        # the same on a scale of two, however wide
        (2, 4, [1] * 3 + [0] * 9, True),
        (2, 4, [1] * 2 + [0] * 10, False),
        # 5*3*144 = 2,160: both ends are three credits apart, 32*3*n*(12 - n)
        (5, 3, [4] * 3 + [0] * 9, True),
        (5, 3, [4] * 2 + [0] * 10, False),
        # a step apart only one, 32*n*(12 - n) at most 1,152
        (5, 3, [3] * 6 + [2] * 6, False),
        # w above K - 1: four credits at most, 5*4*144 = 2,880
        (5, 8, [4] * 3 + [0] * 9, True),
        (5, 8, [4] * 2 + [0] * 10, False),
    ],
)
def test_golds_are_credible_only_if_they_vary(
    options: int, width: int, answers: list[int], expected: bool
) -> None:
    # G2.2
    kind = Kind.NOMINAL if width == 1 else Kind.ORDINAL
    terms = replace(GOLD_TERMS, kind=kind, options=options, width=width)
    assert is_credible(terms, dict(enumerate(answers))) is expected


def test_golds_that_just_vary_enough_are_credible() -> None:  # G2.2
    # Two steps apart two credits: Gmax = 2*2*3*5 = 60, and 60*16 = 5*3*8*8.
    terms = replace(GOLD_TERMS, kind=Kind.ORDINAL, options=4, width=3, gold_count=8)
    assert is_credible(terms, dict(enumerate([1] * 3 + [3] * 5)))
    assert not is_credible(terms, dict(enumerate([1] * 2 + [3] * 6)))


# ---------------------------------------------------------------- what does not belong


@pytest.mark.parametrize(
    ("answers", "gold", "message"),
    [
        ([TRUTH] * 7, {}, "7 rows of answers: there are 6 seats"),
        ([TRUTH, TRUTH[:-1]], {}, "labeler 1 has 11 answers: must be 12"),
        ([[0] * 11 + [2]], {}, "labeler 0 answers 2 to task 11: must be below 2"),
        ([[-1] * 12], {}, "labeler 0 answers -1 to task 0: must be below 2"),
        ([], {0: 0}, "gold answers are given, but the terms promise none"),
    ],
)
def test_what_does_not_fit_the_terms_is_refused(
    answers: list[Answers | None], gold: dict[int, int], message: str
) -> None:
    with pytest.raises(SettlementError) as caught:
        settle(TERMS, answers, gold)
    assert str(caught.value) == message
