"""What the settlement rule promises, on random rounds and on rounds worked out by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plumbline.settlement import Band, LabelerOutcome, Mode, Settlement, SettlementError, settle
from plumbline.settlement.consensus import crowd_answer, reference, tally
from plumbline.settlement.crowd_kappa import CrowdScore, measure
from plumbline.settlement.gold import examine
from plumbline.settlement.kappa import Score, credit, score
from plumbline.settlement.labels import labels
from plumbline.settlement.terms import BPS, PPM, Kind, ScoringTerms, gold_presets, usual_terms

Answers = list[int | None]

# Odd amounts, so that divisions leave something.
TERMS = replace(
    usual_terms(
        Kind.NOMINAL, options=2, width=1, tasks=12, price=1_000_003, stake=10_000_019, seats=6
    ),
    r_min=3,
)
SCALE = replace(TERMS, kind=Kind.ORDINAL, options=3, width=2)

PRICE = TERMS.price
SLASH_BASE = 2_500_004  # a quarter of the stake, rounded down
SLASH_MAX = 5_000_009  # half of it

TRUTH: Answers = [0, 1] * 6
WRONG: Answers = [1, 0] * 6
TWO_SIDED_GOLD = {0: 0, 1: 1, 2: 0, 3: 1, 4: 0, 5: 1}


@dataclass(frozen=True)
class Round:
    terms: ScoringTerms
    answers: list[Answers | None]
    gold: dict[int, int]
    withheld: bool

    def settle(self) -> Settlement:
        return settle(self.terms, self.answers, self.gold, self.withheld)

    @property
    def revealed(self) -> list[Answers]:
        return [row for row in self.answers if row is not None]


@st.composite
def scoring_terms(draw: st.DrawFn) -> ScoringTerms:
    kind = draw(st.sampled_from(Kind))
    options = draw(st.sampled_from([2, 3, 4, 5, 16]))
    seats = draw(st.integers(3, 16))
    slash_max = draw(st.sampled_from([500, 5_000, 10_000]))
    gold_pass, gold_slash = gold_presets(options)
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
        slash_base_bps=draw(st.sampled_from([0, slash_max // 2, slash_max])),
        slash_max_bps=slash_max,
        showup_bps=draw(st.sampled_from([0, 1_000])),
        gold_pass_bps=gold_pass,
        gold_slash_bps=gold_slash,
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

    # Most rounds are full: else nearly all would be void.
    taken = draw(st.sampled_from([terms.seats] * 4 + [terms.seats // 2, 0]))
    answers = [row() for _ in range(taken)]
    gold_tasks = random.sample(range(terms.tasks), draw(st.sampled_from([0, 5, 6, 9, 12])))
    gold = {task: know(task, gold_accuracy) for task in gold_tasks}
    return Round(terms, answers, gold, withheld=not gold and draw(st.booleans()))


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
def test_forfeit_pay_never_reaches_the_requester(case: Round) -> None:  # P3.3, P3.5
    terms, result = case.terms, case.settle()
    unspent = terms.price * len(case.revealed) - result.paid
    slashed = sum(labeler.slash for labeler in result.labelers)
    forfeit = case.withheld or result.mode is Mode.GOLD
    assert result.burned == slashed + (unspent if forfeit else 0)


@given(rounds(), st.integers(0, 15))
def test_a_constant_answer_is_never_paid_for_its_score(case: Round, option: int) -> None:  # S1.8
    constant: Answers = [option % case.terms.options] * case.terms.tasks
    answers = [constant, *case.answers[1:]]
    labeler = replace(case, answers=answers).settle().labelers[0]
    assert labeler.band in (Band.OUTLIER, Band.VOID)


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
    result = settle(case.terms, case.answers, case.gold, case.withheld)
    working = result.working
    assert [list(votes) for votes in working.tallies] == tally(
        case.terms, [row for row in case.answers if row is not None]
    )
    assert (working.gold.opened, tuple(working.gold.usable)) == (case.gold, result.usable_gold)
    assert working.crowd.kappa_ppm == result.crowd_kappa_ppm
    for score_of, outcome in zip(working.scores, result.labelers, strict=True):
        if outcome.band in (Band.NEAR, Band.FAR):
            assert score_of is not None and score_of.kappa_ppm == outcome.kappa_ppm
        if outcome.band in (Band.VOID, Band.UNREVEALED):
            assert score_of is None


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
    assert after == replace(before, labelers=tuple(before.labelers[i] for i in order))


@given(rounds())
def test_the_silent_change_nothing_for_the_others(case: Round) -> None:
    alone = Round(case.terms, list(case.revealed), case.gold, case.withheld).settle()
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
    result = labels(settle(TERMS, rows, {0: 1}))
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


def test_a_labeler_for_whom_too_few_tasks_count_is_void_in_a_round_that_is_not() -> None:  # M3.1
    # Task 0 is two ahead: without one's own vote only one, except for the one who skipped.
    result = settle(TERMS, [TRUTH, TRUTH, [None, *TRUTH[1:]]], {})
    assert result.mode is Mode.PEER
    assert result.bar_ppm == PPM
    void = outcome(Band.VOID, PRICE // 10)
    assert result.labelers == (
        void,
        void,
        outcome(Band.NEAR, PRICE * 916_666 // PPM, 0, 916_666),
    )


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


def test_an_overruled_gold_is_not_scored() -> None:  # G2.1, G3.6
    truth = [*TRUTH, *TRUTH[:7]]
    gold = {task: 1 for task, answer in enumerate(truth) if answer == 1}
    gold = dict(list(gold.items())[:7]) | {0: 1}
    result = settle(replace(TERMS, tasks=19), [truth] * 4, gold)
    assert result.usable_gold == (1, 3, 5, 7, 9, 11, 13)
    assert result.mode is Mode.VOID  # eleven tasks are left


def test_a_round_is_void_below_twelve_tasks_that_count() -> None:  # G3.6, M1.3
    answers = [TRUTH] * 4
    assert settle(TERMS, answers, {}).mode is Mode.PEER
    assert settle(TERMS, answers, {11: 1}).mode is Mode.VOID  # a gold is never scored


def test_a_captured_round_is_judged_by_gold_and_its_unspent_pay_burned() -> None:
    # G2.3, G3.5, M1.2, M1.5, P3.3
    # All six gold answers have four of five votes against them: too many to be overruled.
    result = settle(TERMS, [WRONG] * 4 + [TRUTH], TWO_SIDED_GOLD)
    assert result.without_working() == Settlement(
        mode=Mode.GOLD,
        crowd_kappa_ppm=600_000,
        bar_ppm=600_000,
        usable_gold=(0, 1, 2, 3, 4, 5),
        consensus=tuple(WRONG),
        contested=(),
        labelers=(outcome(Band.OUTLIER, 0, SLASH_MAX),) * 4 + (outcome(Band.NEAR, PRICE, 0, PPM),),
        paid=PRICE,
        refund=PRICE,
        burned=4 * SLASH_MAX + 4 * PRICE,
    )


def test_gold_without_variety_voids_a_captured_round_labeler_by_labeler() -> None:
    # S1.7, M3.1, M3.2
    gold = dict.fromkeys(range(6), 0)
    result = settle(TERMS, [[1] * 12] * 4 + [[0] * 12], gold)
    assert result.mode is Mode.GOLD
    failed = outcome(Band.OUTLIER, 0, SLASH_BASE)
    assert result.labelers == (failed,) * 4 + (outcome(Band.VOID, PRICE // 10),)


def test_a_captured_round_with_too_few_reveals_is_void_but_gold_still_slashes() -> None:
    # M1.1, M3.2
    result = settle(TERMS, [WRONG, TRUTH], TWO_SIDED_GOLD)
    assert result.mode is Mode.VOID
    failed, passed = outcome(Band.OUTLIER, 0, SLASH_BASE), outcome(Band.VOID, PRICE // 10)
    assert result.labelers == (failed, passed)
    assert result.refund == 6 * PRICE - PRICE // 10


def test_no_showup_pay_without_passing_gold() -> None:  # M3.1
    two_of_six: Answers = [0, 1, 1, 0, 1, 0, *TRUTH[6:]]  # above a quarter, below half
    result = settle(TERMS, [two_of_six, TRUTH], TWO_SIDED_GOLD)
    assert result.labelers == (outcome(Band.VOID), outcome(Band.VOID, PRICE // 10))


def longer(answers: Sequence[int | None]) -> Answers:
    """The same with six gold tasks in front, so that twelve tasks are left to be scored."""
    return [*answers, *TRUTH]


def test_failing_gold_is_slashed_at_base_rate_however_good_the_score() -> None:  # G3.4, M3.3
    terms = replace(TERMS, tasks=18)
    golds_right, golds_wrong = longer(TRUTH[:6]), longer(WRONG[:6])
    result = settle(terms, [golds_right] * 5 + [golds_wrong], TWO_SIDED_GOLD)
    assert result.mode is Mode.PEER
    assert result.labelers[5] == outcome(Band.OUTLIER, 0, SLASH_BASE)
    assert result.labelers[0] == outcome(Band.NEAR, PRICE, 0, PPM)


def test_not_passing_gold_is_far_however_good_the_score() -> None:  # G3.3, M3.5
    terms = replace(TERMS, tasks=18)
    two_of_six = longer([0, 1, 1, 0, 1, 0])
    result = settle(terms, [longer(TRUTH[:6])] * 5 + [two_of_six], TWO_SIDED_GOLD)
    assert result.labelers[5] == outcome(Band.FAR, kappa=PPM)


def test_withheld_gold_burns_the_unspent_pay_of_void_rounds_too() -> None:  # P3.3
    void = settle(TERMS, [TRUTH, TRUTH], {}, gold_withheld=True)
    unspent = 2 * (PRICE - PRICE // 10)
    assert (void.refund, void.burned) == (4 * PRICE, unspent)
    row = [1, 0, 1, 0, 1, *TRUTH[5:]]
    peer = settle(TERMS, [TRUTH] * 4 + [row], {}, gold_withheld=True)
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


def usable(terms: ScoringTerms, votes: Mapping[int, list[int]], gold: dict[int, int]) -> list[int]:
    tallies = [votes.get(task, [3, 0]) for task in range(terms.tasks)]
    return list(examine(terms, gold, tallies).usable)


@pytest.mark.parametrize(
    ("votes", "expected"),
    [
        ([3333, 6667], False),
        ([3334, 6666], True),
        ([1, 2], True),  # 66.66 is not 66.67
        ([0, 1], False),
        ([0, 0], True),
    ],
)
def test_a_gold_is_overruled_by_two_thirds_of_the_votes(votes: list[int], expected: bool) -> None:
    # G2.1
    gold = dict.fromkeys(range(8), 0)
    assert (7 in usable(TERMS, {7: votes}, gold)) is expected


def test_a_gold_without_votes_is_not_overruled() -> None:  # G2.1
    gold = dict.fromkeys(range(8), 0) | {7: 1}
    assert 7 in usable(TERMS, {7: [0, 0]}, gold)


def test_none_is_overruled_if_more_than_a_quarter_would_be() -> None:  # G2.3
    gold = dict.fromkeys(range(8), 0)
    against = {0: [0, 5], 1: [0, 5]}
    assert usable(TERMS, against, gold) == [2, 3, 4, 5, 6, 7]
    assert usable(TERMS, against | {2: [0, 5]}, gold) == list(range(8))


def test_ordinal_golds_are_never_overruled() -> None:  # G2.2
    gold = dict.fromkeys(range(8), 0)
    tallies = [[0, 0, 5]] + [[5, 0, 0]] * 11
    assert list(examine(SCALE, gold, tallies).usable) == list(range(8))


def test_fewer_than_six_usable_golds_are_ignored_but_not_scored() -> None:  # G2.4, G3.6
    gold = dict.fromkeys(range(5), 0)
    ignored = examine(TERMS, gold, [[0, 5]] * 12)
    assert (ignored.counts, ignored.captured) == (False, False)
    assert ignored.passed(TERMS, [1] * 12)
    assert not ignored.failed(TERMS, [1] * 12)
    assert examine(TERMS, gold | {5: 0}, [[0, 5]] * 12).counts
    assert settle(TERMS, [TRUTH] * 4, {0: 0}).mode is Mode.VOID


@pytest.mark.parametrize(("wrong", "expected"), [(2, False), (3, True)])
def test_a_crowd_that_matches_less_than_four_fifths_is_captured(wrong: int, expected: bool) -> None:
    # G3.5
    gold = dict.fromkeys(range(10), 0)
    tallies = [[2, 3]] * wrong + [[3, 2]] * (12 - wrong)  # wrong, but by no two thirds
    assert examine(TERMS, gold, tallies).captured is expected


def test_a_crowd_without_votes_matches_no_gold() -> None:  # G3.5
    gold = dict.fromkeys(range(10), 0)
    assert examine(TERMS, gold, [[0, 0]] * 3 + [[3, 0]] * 9).captured


def test_the_ordinal_crowd_answers_a_gold_by_lo() -> None:  # K1.3, G3.5
    gold = dict.fromkeys(range(6), 2)
    assert examine(SCALE, gold, [[1, 0, 2]] * 12).captured
    assert not examine(SCALE, gold, [[1, 0, 3]] * 12).captured


@pytest.mark.parametrize(("width", "expected"), [(2, 3), (3, 3), (4, 5), (16, 11)])
def test_an_ordinal_gold_is_matched_within_half_the_width(width: int, expected: int) -> None:
    # G3.1
    terms = replace(SCALE, options=11, width=width)
    gold = examine(terms, dict.fromkeys(range(11), 5), [[0] * 11] * 12)
    assert gold.matches(terms, list(range(11))) == expected


@pytest.mark.parametrize(
    ("right", "passed", "failed"), [(2, False, True), (3, False, False), (4, True, False)]
)
def test_gold_thresholds_are_inclusive(right: int, passed: bool, failed: bool) -> None:
    # G3.3, G3.4
    gold = examine(TERMS, dict.fromkeys(range(8), 0), [[3, 0]] * 12)
    answers = [0] * right + [1] * (12 - right)
    assert gold.passed(TERMS, answers) is passed
    assert gold.failed(TERMS, answers) is failed


def test_a_skipped_gold_is_not_matched() -> None:  # G3.1
    gold = examine(TERMS, dict.fromkeys(range(8), 0), [[3, 0]] * 12)
    assert gold.matches(TERMS, [None] * 12) == 0


# ---------------------------------------------------------------- what does not belong


@pytest.mark.parametrize(
    ("answers", "gold", "withheld", "message"),
    [
        ([TRUTH] * 7, {}, False, "7 rows of answers: there are 6 seats"),
        ([TRUTH, TRUTH[:-1]], {}, False, "labeler 1 has 11 answers: must be 12"),
        ([[0] * 11 + [2]], {}, False, "labeler 0 answers 2 to task 11: must be below 2"),
        ([[-1] * 12], {}, False, "labeler 0 answers -1 to task 0: must be below 2"),
        ([], {12: 0}, False, "gold task 12: must be 0 to 11"),
        ([], {-1: 0}, False, "gold task -1: must be 0 to 11"),
        ([], {0: 2}, False, "gold 2 of task 0: must be below 2"),
        ([], {0: -1}, False, "gold -1 of task 0: must be below 2"),
        ([], {0: 0}, True, "gold is both opened and withheld: leave out one"),
    ],
)
def test_what_does_not_fit_the_terms_is_refused(
    answers: list[Answers | None], gold: dict[int, int], withheld: bool, message: str
) -> None:
    with pytest.raises(SettlementError) as caught:
        settle(TERMS, answers, gold, withheld)
    assert str(caught.value) == message
