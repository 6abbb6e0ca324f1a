"""The league: what each strategy does, that no wei is lost, and that honest work comes first."""

from dataclasses import replace

import numpy as np
import pytest

from plumbline.lab.league.arena import rows_of
from plumbline.lab.league.match import (
    REQUESTER,
    LeagueError,
    Match,
    lead,
    play,
    run,
)
from plumbline.lab.league.players import (
    ALONE,
    CROWD,
    EASY,
    KNOWS_GOLD,
    MIDDLE,
    PUPPETS,
    SHEETS,
    SILENT,
    STRATEGIES,
    GoldUse,
)
from plumbline.lab.league.sections import (
    ABUSES,
    BINARY,
    FOUR,
    LEAKED,
    MAIN,
    OPEN_ABUSES,
    SCALE,
    WORLDS,
    bloc,
    crossing,
    programme,
    sheets_of,
)
from plumbline.planning.intervals import Mean
from plumbline.planning.worlds import PRICE, SKIP, Answers, Deal, World, deal
from plumbline.settlement import Band, Mode, settle
from plumbline.settlement.terms import BPS, Kind, validate

SEED = 1
EVEN = replace(BINARY, name="equal tasks", difficulty=0.0)


def dealt(world: World = BINARY, seed: int = 5) -> Deal:
    return deal(world, np.random.default_rng(seed))


def answers(name: str, seats: int = 3, on: Deal | None = None, seed: int = 6) -> Answers:
    return STRATEGIES[name](np.random.default_rng(seed), on or dealt(), seats)


def right(rows: Answers, on: Deal) -> float:
    """Share of the tasks answered that are answered right."""
    answered = rows != SKIP
    return float(((rows == on.truth) & answered).sum() / answered.sum())


# ----------------------------------------------------------------- what is handed in


@pytest.mark.parametrize("world", MAIN, ids=lambda world: world.name)
@pytest.mark.parametrize("accuracy", [0.6, 0.8, 0.9])
def test_who_works_at_an_accuracy_is_right_so_often(world: World, accuracy: float) -> None:
    shares = [
        right(answers(f"honest {accuracy}", 20, on, number), on)
        for number in range(60)
        for on in [dealt(world, number)]
    ]
    found = Mean.of(np.array(shares))
    assert abs(found.value - accuracy) < found.half + 0.01


def test_hard_tasks_are_hard_for_all_and_equal_tasks_for_nobody() -> None:
    """By how much the votes on a task differ more than those of independent labelers would."""
    spread = {}
    for world in (BINARY, EVEN):
        on = dealt(world)
        rows = answers("honest 0.7", 200, on)
        spread[world] = float(np.mean(rows == on.truth, axis=0).std())
    assert spread[EVEN] < 0.06 < 0.12 < spread[BINARY]


def test_errors_on_hard_tasks_with_several_options_fall_for_the_same_trap() -> None:
    on = dealt(FOUR)
    rows = answers("honest 0.6", 300, on)
    largest = [
        np.bincount(wrong, minlength=4).max() / len(wrong)
        for task in range(FOUR.tasks)
        for wrong in [rows[(rows[:, task] != on.truth[task]) & (rows[:, task] != SKIP), task]]
        if len(wrong) > 50
    ]
    assert np.mean(largest) > 0.6  # a third each, if errors fell anywhere


def test_who_errs_on_a_scale_errs_by_a_step() -> None:
    on = dealt(SCALE)
    rows = answers("honest 0.6", 50, on)
    distance = np.abs(rows - on.truth)[rows != SKIP]
    assert set(distance.tolist()) == {0, 1}


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_no_strategy_hands_in_what_is_no_answer(world: World) -> None:
    on = dealt(world)
    for name in STRATEGIES:
        if name != MIDDLE or world.kind is Kind.ORDINAL:
            rows = answers(name, 3, on)
            assert rows.shape == (3, world.tasks), name
            assert rows.min() >= SKIP and rows.max() < world.options, name


def test_guessers_guess_evenly_or_as_often_as_options_are_true() -> None:
    on = dealt(FOUR)
    for name, wanted in (("random", [0.25] * 4), ("by the prior", FOUR.prior)):
        seen = np.bincount(answers(name, 200, on).ravel(), minlength=4) / (200 * FOUR.tasks)
        assert np.allclose(seen, wanted, atol=0.01), name


def test_the_majority_is_the_commonest_option_and_a_middle_sheet_has_no_end_of_a_scale() -> None:
    assert set(answers("majority", 3, dealt(SCALE)).ravel().tolist()) == {2}
    assert set(answers(MIDDLE, 3, dealt(SCALE)).ravel().tolist()) == {1, 2, 3}


@pytest.mark.parametrize("world", MAIN, ids=lambda world: world.name)
def test_an_inverted_sheet_is_wrong_where_its_maker_was_right(world: World) -> None:
    on = dealt(world)
    made = right(answers("inverted", 50, on), on)
    assert made < 0.4  # on a scale the middle is its own opposite


def test_half_of_a_half_lazy_sheet_was_worked_on() -> None:
    on = dealt(EVEN)
    skipping = answers("half, skips the rest", 200, on)
    assert float(np.mean(skipping == SKIP)) == pytest.approx(0.5 + 0.5 * 0.03, abs=0.02)
    assert right(skipping, on) == pytest.approx(0.9, abs=0.02)
    assert right(answers("half, guesses the rest", 200, on), on) == pytest.approx(0.7, abs=0.02)


def test_who_answers_the_easiest_half_is_better_there_and_says_the_majority_elsewhere() -> None:
    on = dealt()
    rows = answers(EASY, 100, on)
    easy = on.hardness.argsort()[: BINARY.tasks // 2]
    hard = on.hardness.argsort()[BINARY.tasks // 2 :]
    assert right(np.delete(rows, hard, axis=1), replace(on, truth=np.delete(on.truth, hard))) > 0.93
    assert set(rows[:, hard].ravel().tolist()) == {on.world.commonest}
    assert len(easy) == 64


def test_who_knows_the_gold_answers_is_right_on_them_and_guesses_the_rest() -> None:
    on = dealt(EVEN)
    rows = answers(KNOWS_GOLD, 100, on)
    gold = list(on.gold)
    assert len(gold) == EVEN.gold_count == 24
    assert (rows[:, gold] == on.truth[gold]).all()
    rest = [task for task in range(EVEN.tasks) if task not in on.gold]
    assert float(np.mean(rows[:, rest] == on.truth[rest])) == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("name", [*SHEETS, MIDDLE, "shared length", PUPPETS, "one honest sheet"])
def test_one_sheet_is_the_same_from_every_seat(name: str) -> None:
    rows = answers(name, 5, dealt(SCALE))
    assert (rows == rows[0]).all()


def test_length_gives_a_tenth_of_the_answers_away() -> None:
    deals = [dealt(replace(BINARY, prior=(0.5, 0.5)), seed) for seed in range(80)]
    share = np.mean([right(answers("shared length", 1, on), on) for on in deals])
    assert float(share) == pytest.approx(0.55, abs=0.02)


def test_an_agreed_lie_is_the_same_from_all_and_about_no_gold_task_if_about_one() -> None:
    on = dealt(EVEN)
    rows = answers("lies about a fifth", 40, on)
    same = (rows == (on.truth + 1) % 2).all(axis=0)
    assert float(same.mean()) == pytest.approx(0.2, abs=0.1)
    (task,) = np.flatnonzero((answers("lies about one task", 40, on) == 1 - on.truth).all(axis=0))
    assert task not in on.gold


def test_seats_with_one_model_differ_in_what_was_given_afresh() -> None:
    rows = answers("one model", 2, dealt(EVEN))
    assert 0 < float(np.mean(rows[0] != rows[1])) < 0.15


# ------------------------------------------------------------------------- requesters


def test_fair_gold_answers_are_true_even_over_the_options_and_of_middling_difficulty() -> None:
    on = dealt(replace(BINARY, tasks=256))
    assert all(on.truth[task] == answer for task, answer in on.gold.items())
    assert sum(on.gold.values()) == len(on.gold) // 2 == 12
    assert np.abs(on.hardness[list(on.gold)]).max() < 0.6745
    assert GoldUse.FAIR.of(on) == GoldUse.WITHHELD.of(on) == on.gold


def test_gold_answers_are_what_their_name_says() -> None:
    on = dealt()
    truth = {task: int(on.truth[task]) for task in range(BINARY.tasks)}
    assert GoldUse.NONE.of(on) == {}
    wrong, few = GoldUse.WRONG.of(on), GoldUse.QUARTER_WRONG.of(on)
    assert all(wrong[task] != truth[task] for task in on.gold)
    assert sum(few[task] != truth[task] for task in on.gold) == len(on.gold) // 4
    assert len(GoldUse.FEWER.of(on)) == BINARY.gold_count - 1
    assert set(GoldUse.ONE_SIDED.of(on).values()) == {0}
    assert GoldUse.DECOY.of(on) == {task: int(on.decoy[task]) for task in on.gold}
    for use in (GoldUse.ANY, GoldUse.HARD, GoldUse.FIFTH):
        opened = use.of(on)
        assert len(opened) == BINARY.gold_count
        assert all(truth[task] == answer for task, answer in opened.items())
    hard = GoldUse.HARD.of(on)
    assert min(on.hardness[list(hard)]) > np.median(on.hardness)
    assert sum(GoldUse.FIFTH.of(dealt(WORLDS[3])).values()) == 5


def test_every_match_of_the_programme_has_terms_that_a_round_can_have() -> None:
    for match in programme(2):
        validate(match.terms)
        assert sum(seats for _, seats in match.line_up) == match.world.seats


# ------------------------------------------------------------------------------- play


def test_a_round_is_the_same_whenever_it_is_played() -> None:
    match = Match(BINARY, (("random", 3),), GoldUse.FAIR)
    first, second = play(match, 4, SEED), play(match, 4, SEED)
    assert (first.answers == second.answers).all()
    assert first.outcomes == second.outcomes
    assert (first.answers[3:] != play(match, 5, SEED).answers[3:]).any()
    assert (first.answers != play(match, 4, SEED + 1).answers).any()


def test_whoever_plays_tasks_and_honest_others_are_the_same() -> None:
    one = play(Match(BINARY, (("random", 3),)), 7, SEED)
    other = play(Match(BINARY, (("majority", 2),)), 7, SEED)
    assert (one.deal.truth == other.deal.truth).all()
    assert (one.answers[3:] == other.answers[3:]).all()


def test_no_round_of_the_programme_makes_or_loses_a_wei_and_the_reference_agrees() -> None:
    modes = set()
    starved = OPEN_ABUSES["one own silent seat, r_min = seats"]
    for match in (*list(programme(2))[::11], starved):
        played = play(match, 1, seed=3)
        balances = played.balances()
        assert sum(balances.values()) == 0
        rows = rows_of(played.answers)
        seats = [row if seat in played.revealed else None for seat, row in enumerate(rows)]
        reference = settle(match.terms, seats, played.gold if match.gold.opens else {})
        assert reference.labelers == played.outcomes
        assert reference.consensus == played.settlement.consensus
        assert balances[REQUESTER] == reference.refund - match.terms.price * match.terms.seats
        modes.add(reference.mode)
    assert modes == set(Mode)


def test_silent_seats_are_not_on_the_roll_and_lose_the_most() -> None:
    match = Match(BINARY, ((SILENT, 2),))
    played = play(match, 0, SEED)
    assert played.revealed == tuple(range(2, 20))
    most = match.terms.stake * match.terms.slash_max_bps // BPS
    assert [(one.band, one.slash) for one in played.outcomes[:2]] == [(Band.UNREVEALED, most)] * 2


def test_more_parties_than_seats_are_refused() -> None:
    with pytest.raises(LeagueError, match="21 seats taken of 20"):
        play(Match(BINARY, (("random", 21),)), 0, SEED)


def test_terms_can_be_changed_and_the_stake_is_in_prices() -> None:
    assert Match(BINARY, terms_changed=(("r_min", 20),)).terms.r_min == 20
    terms = replace(BINARY, stake=1.5).terms()
    assert (terms.price, terms.stake) == (PRICE, 3 * PRICE // 2)


# --------------------------------------------------------------------- what comes out


def test_a_record_has_the_means_of_its_rounds() -> None:
    match = Match(BINARY, (("majority", 3), (SILENT, 1)), GoldUse.FAIR)
    record = run(match, 3, SEED)
    rounds = [play(match, number, SEED) for number in range(3)]
    net = [sum(each.balances()[seat] for seat in range(3)) / 3 / PRICE for each in rounds]
    assert np.allclose(record.first.net, net)
    assert record.parties[SILENT].slashed.value == 1
    assert (record.parties[CROWD].seats, len(record.spent)) == (16, 3)
    own = record.first.net * 3 + record.parties[SILENT].net
    assert np.allclose(record.bill, (record.spent - own) / 16)
    assert sum(record.modes.values()) == pytest.approx(1)


@pytest.mark.parametrize("gold", [GoldUse.NONE, GoldUse.FAIR], ids=lambda gold: gold.value)
@pytest.mark.parametrize("world", MAIN, ids=lambda world: world.name)
def test_honest_work_at_0_8_is_ahead_of_every_seat_without_work(
    world: World, gold: GoldUse
) -> None:
    bench = run(Match(world, (("honest 0.8", 1),), gold), 40, SEED)
    assert Mean.of(bench.first.pay).low > 0.7
    for name in ALONE:
        if name != KNOWS_GOLD:
            record = run(Match(world, ((name, 1),), gold), 40, SEED)
            assert lead(bench, record) >= 0.6, name
            assert record.first.net.mean() <= 0, name


@pytest.mark.parametrize("world", MAIN, ids=lambda world: world.name)
def test_no_sheet_without_work_beats_honest_work_with_secret_gold(world: World) -> None:
    for sheet in sheets_of(world):
        record = run(bloc(world, sheet, 40, GoldUse.FAIR.value), 40, SEED)
        assert Mean.of(record.others.net - record.first.net).low > 0.2, sheet
        assert Mean.of(record.first.net).low < 0.02, sheet


def test_the_same_sheet_gains_without_gold_and_with_leaked_gold() -> None:
    for regime in (GoldUse.NONE.value, LEAKED):
        record = run(bloc(BINARY, SHEETS[0], 40, regime), 30, SEED)
        assert Mean.of(record.first.net - record.others.net).low > 0.2, regime


@pytest.mark.parametrize("words", ABUSES)
@pytest.mark.parametrize("world", MAIN, ids=lambda world: world.name)
def test_no_abuse_makes_honest_sheets_cheaper_than_refund_bps_leaves(
    world: World, words: str
) -> None:
    record = run(replace(ABUSES[words], world=world), 6, SEED)
    assert record.bill.min() >= 0.5 - 1e-9


def test_without_gold_a_requester_with_most_seats_pays_only_what_refund_bps_leaves() -> None:
    names = list(OPEN_ABUSES)[-2:]
    bills = [float(run(OPEN_ABUSES[name], 10, SEED).bill.mean()) for name in names]
    assert bills == pytest.approx([0, 0.5])


def test_a_crossing_lies_on_the_line_between_the_shares_played() -> None:
    assert crossing((10, 20, 30), (-2.0, -1.0, 3.0)) == "22%"
    assert crossing((10, 20), (-1.0, 0.0)) == "never, to 20%"
    assert crossing((10, 20), (1.0, 2.0)) == "10% or less"


def test_a_mean_has_the_interval_of_a_normal_distribution() -> None:
    found = Mean.of(np.array([1.0, 2.0, 3.0, 4.0]))
    assert found.value == 2.5
    assert found.half == pytest.approx(1.959964 * 1.2909944 / 2)
