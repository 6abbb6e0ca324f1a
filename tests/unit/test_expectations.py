"""What to expect of a round: the table says what was counted, and the look-up promises no more."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plumbline.planning.expectations import Expectation, NotSimulatedError, expectation
from plumbline.planning.intervals import Mean, Share, Z
from plumbline.planning.simulation import measure, simulate, world_of
from plumbline.planning.table import (
    CROWDS_PPM,
    SEATS,
    SETTINGS,
    TASKS,
    Cell,
    ExpectationTable,
    ExpectationTableError,
    Setting,
    Truth,
    shipped,
)
from plumbline.planning.worlds import Answers, deal, dice_of
from plumbline.settlement import Band, LabelerOutcome, Mode, Settlement
from plumbline.settlement.terms import (
    PPM,
    Kind,
    ScoringTerms,
    fewest_gold_tasks,
    usual_gold_count,
    usual_terms,
    validate,
)
from tests.build import ROOT

TEXT = (ROOT / "plumbline/planning/expectations.csv").read_text(encoding="ascii")
BINARY, SCALE = (Kind.NOMINAL, 2, 1), (Kind.ORDINAL, 5, 3)


def terms(
    shape: tuple[Kind, int, int] = BINARY, tasks: int = 96, seats: int = 9, gold: bool = True
) -> ScoringTerms:
    gold_count = usual_gold_count(shape[1], tasks) if gold else 0
    return usual_terms(*shape, tasks, 10**15, 2 * 10**15, seats, gold_count)


# ----------------------------------------------------------------------- the look-up


@pytest.mark.parametrize("setting", SETTINGS[:: len(SETTINGS) // 60], ids=str)
def test_a_round_that_was_simulated_is_found_without_a_remark(setting: Setting) -> None:
    known = expectation(setting.terms, setting.crowd_ppm, setting.truth)
    assert known == Expectation(setting, shipped().cells[setting], ())


def test_between_cells_the_smaller_round_and_the_weaker_crowd_are_taken() -> None:
    known = expectation(terms(tasks=200, seats=8), 850_000)
    assert (known.setting.tasks, known.setting.seats, known.setting.crowd_ppm) == (192, 7, 800_000)
    assert known.remarks == (
        "figures are those of a crowd of 80.0%, not of 85.0%",
        "figures are those of 192 tasks, not of 200",
        "figures are those of 7 labels a task, not of 8",
    )


def test_beyond_the_last_cell_it_is_taken_with_a_remark() -> None:
    known = expectation(terms(seats=200), 990_000)
    assert (known.setting.seats, known.setting.crowd_ppm) == (25, 900_000)
    assert "figures are those of 25 labels a task, not of 200" in known.remarks


@pytest.mark.parametrize(
    ("shape", "used"),
    [
        ((Kind.NOMINAL, 5, 1), (4, 1)),
        ((Kind.NOMINAL, 16, 1), (4, 1)),
        ((Kind.ORDINAL, 4, 2), (3, 2)),
        ((Kind.ORDINAL, 7, 4), (5, 3)),
        ((Kind.ORDINAL, 5, 4), (5, 3)),
    ],
)
def test_of_other_questions_the_one_with_fewer_options_is_taken(
    shape: tuple[Kind, int, int], used: tuple[int, int]
) -> None:
    known = expectation(terms(shape))
    assert (known.setting.options, known.setting.width) == used
    for name, asked, seen in zip(("options", "width"), shape[1:], used, strict=True):
        said = f"figures are those of {seen} {name}, not of {asked}" in known.remarks
        assert said == (asked != seen)


def test_terms_that_are_not_the_usual_ones_are_remarked_on() -> None:
    odd = replace(terms(), tau_bps=3_000, gold_count=12)
    assert expectation(odd).remarks == (
        "figures are those of 24 gold tasks, not of 12",
        "figures are those of 200 tau_bps, not of 3,000",
        "figures are those of 4,166 gold_slash_bps, not of 2,083",
    )


def test_price_and_stake_do_not_matter_to_what_was_simulated() -> None:
    assert expectation(replace(terms(), price=7, stake=10**20)) == expectation(terms())


@pytest.mark.parametrize(
    ("small", "crowd_ppm", "why"),
    [
        (terms(tasks=31, gold=False), 800_000, "31 tasks is not known: the least simulated are 32"),
        (terms(), 599_999, "599,999 ppm of accuracy is not known"),
        (terms((Kind.ORDINAL, 2, 2)), 800_000, "scales of two options were not simulated"),
    ],
)
def test_less_than_the_smallest_is_not_known(small: ScoringTerms, crowd_ppm: int, why: str) -> None:
    with pytest.raises(NotSimulatedError, match=why):
        expectation(small, crowd_ppm)


@given(
    shape=st.sampled_from([BINARY, (Kind.NOMINAL, 3, 1), (Kind.NOMINAL, 9, 1), SCALE]),
    tasks=st.integers(32, 256),
    seats=st.integers(3, 255),
    crowd_ppm=st.integers(600_000, 999_999),
    gold=st.booleans(),
)
def test_no_round_is_promised_what_only_a_larger_one_brings(
    shape: tuple[Kind, int, int], tasks: int, seats: int, crowd_ppm: int, gold: bool
) -> None:
    gold = gold and tasks // 4 >= fewest_gold_tasks(shape[1])
    asked = terms(shape, tasks, seats, gold)
    validate(asked)
    known = expectation(asked, crowd_ppm)
    used = known.setting
    assert used.options <= asked.options and used.tasks <= tasks and used.seats <= seats
    assert used.crowd_ppm <= crowd_ppm and used.gold_count <= asked.gold_count
    assert (used.gold_count > 0) == gold
    is_same = (used.options, used.tasks, used.seats, used.crowd_ppm) == (
        *(asked.options, tasks, seats, crowd_ppm),
    )
    assert (known.remarks == ()) == is_same


# ------------------------------------------------------------------------- the table


def test_the_table_has_every_setting_and_is_as_it_was_written() -> None:
    table = ExpectationTable.from_text(TEXT)
    assert tuple(table.cells) == SETTINGS
    assert table.to_text() == TEXT
    assert table == shipped()


def test_every_setting_is_a_round_that_may_be_opened() -> None:
    assert len(set(SETTINGS)) == len(SETTINGS)
    for setting in SETTINGS:
        validate(setting.terms)


@pytest.mark.parametrize(
    "setting",
    [
        Setting(*BINARY, Truth.EVEN, 12, 48, 5, 700_000),
        Setting(*SCALE, Truth.ONE_SIDED, 0, 32, 3, 600_000),
    ],
    ids=["two options", "scale"],
)
def test_the_same_seed_gives_the_same_cell_whatever_else_is_measured(setting: Setting) -> None:
    kept = shipped().cells[setting]
    assert measure([setting], kept.rounds, shipped().seed) == {setting: kept}


def test_settings_that_share_rounds_do_not_disturb_each_other() -> None:
    one, other = (Setting(*BINARY, Truth.EVEN, gold, 48, 5, 700_000) for gold in (0, 12))
    both = measure([one, other], 5, 3)
    assert both == measure([one], 5, 3) | measure([other], 5, 3)
    assert both[one] != both[other]
    assert measure([one], 5, 4)[one] != both[one]


def test_what_is_counted_is_what_was_settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rounds, the second one void; in each the crowd alone, then with the labeler of 0.7."""
    setting = Setting(*BINARY, Truth.EVEN, 12, 48, 5, 700_000)
    price, gold, told = setting.terms.price, (0, 1), []

    def outcome(band: Band, pay: int, slash: int = 0) -> LabelerOutcome:
        return LabelerOutcome(band, pay, slash, 0)

    def settled(terms: ScoringTerms, rows: Answers, opened: Mapping[int, int]) -> Settlement:
        told.append((len(rows), rows[0].tolist(), len(opened)))
        number, is_crowd = (len(told) - 1) // 2, len(told) % 2 == 1
        truth = deal(world, dice_of(3, f"expected tasks, {world.name}", number)).truth.tolist()
        # Of 46 tasks that are no gold tasks 23 are wrong in the first round, none in the second.
        said = [answer ^ (number == 0 and task >= 25) for task, answer in enumerate(truth)]
        pay = price // 2 - (not is_crowd and number == 0)
        slash = 7 * (not is_crowd and number == 1)
        return Settlement(
            mode=Mode.VOID if is_crowd and number == 1 else Mode.PEER,
            crowd_kappa_ppm=0,
            bar_ppm=0,
            usable_gold=gold,
            gold_withheld=False,
            passed=(),
            consensus=tuple(said),
            contested=(0, 2, 3),
            labelers=(outcome(Band.NEAR, pay, slash),) * 5,
            paid=5 * pay,
            refund=2 * price,
            burned=0,
        )

    world = world_of(setting)
    monkeypatch.setattr("plumbline.planning.simulation.settle_table", settled)
    cell = measure([setting], 2, 3)[setting]
    assert cell == Cell(
        rounds=2,
        void=1,
        slashed=1,
        underpaid=1,
        labeler_pay_ppm=499_999,
        pay_ppm=500_000,
        spent_ppm=600_000,
        accuracy_ppm=750_000,
        accuracy_half_ppm=round(Z * 0.25 * PPM),
        contested_ppm=2 * PPM // 46,
    )
    assert [(rows, opened) for rows, _, opened in told] == [(5, 12)] * 4
    crowd, joined = told[0][1], told[1][1]
    assert crowd != joined


def test_processes_share_the_work_and_change_nothing() -> None:
    settings = SETTINGS[:2] + SETTINGS[-2:]
    told: list[tuple[int, int]] = []
    cells = simulate(settings, 2, 5, 2, lambda what, done, total: told.append((done, total)))
    assert tuple(cells) == settings
    assert cells == {x: cell for each in settings for x, cell in measure([each], 2, 5).items()}
    assert told == [(number, 4) for number in range(1, 5)]


def test_more_labels_and_better_people_make_more_labels_right() -> None:
    cells = shipped().cells
    for setting in SETTINGS:
        cell = cells[setting]
        if setting.seats == SEATS[0]:
            assert cells[replace(setting, seats=SEATS[-1])].accuracy_ppm > cell.accuracy_ppm
        if setting.crowd_ppm == CROWDS_PPM[0]:
            better = cells[replace(setting, crowd_ppm=CROWDS_PPM[-1])]
            assert better.accuracy_ppm > cell.accuracy_ppm


@pytest.mark.parametrize("crowd_ppm", CROWDS_PPM)
def test_a_crowd_has_the_accuracy_that_it_is_called_by(crowd_ppm: int) -> None:
    low, high = world_of(Setting(*BINARY, Truth.EVEN, 0, 48, 5, crowd_ppm)).crowd
    assert round((low + high) / 2 * PPM) == crowd_ppm
    assert low < high < 1 and low >= 0.5


def test_right_answers_are_even_or_four_fifths_one_of_them() -> None:
    assert Truth.EVEN.shares(4) == (0.25,) * 4
    assert Truth.ONE_SIDED.shares(3) == pytest.approx((0.1, 0.1, 0.8))


def test_less_of_anything_makes_no_label_better_and_no_void_round_rarer() -> None:
    """So what is found from below promises no more than there is, but for luck in the counting.

    Except that a better crowd agrees more on one-sided tasks, which voids small rounds.
    """
    cells = shipped().cells
    for setting in SETTINGS:
        for name, axis in (("tasks", TASKS), ("seats", SEATS), ("crowd_ppm", CROWDS_PPM)):
            more = {name: axis[min(axis.index(getattr(setting, name)) + 1, len(axis) - 1)]}
            if name == "tasks" and setting.gold_count:
                more["gold_count"] = usual_gold_count(setting.options, more["tasks"])
            less, larger = cells[setting], cells[replace(setting, **more)]
            noise = less.accuracy_half_ppm + larger.accuracy_half_ppm
            assert larger.accuracy_ppm >= less.accuracy_ppm - 1.5 * noise, (setting, name)
            if name == "crowd_ppm" and setting.truth is Truth.ONE_SIDED:
                continue
            seen = larger.share(larger.void).interval[0]
            assert seen <= less.share(less.void).interval[1], (setting, name)


def _edited(line: int, old: str, new: str) -> str:
    lines = TEXT.split("\n")
    assert old in lines[line - 1]
    lines[line - 1] = lines[line - 1].replace(old, new, 1)
    return "\n".join(lines)


def _cell_edited(**changed: int) -> str:
    """The table with other figures in its first cell."""
    table = ExpectationTable.from_text(TEXT)
    cells = dict(table.cells)
    cells[SETTINGS[0]] = replace(cells[SETTINGS[0]], **changed)
    return ExpectationTable(table.seed, cells).to_text()


FIRST = shipped().cells[SETTINGS[0]]
LINES = TEXT.split("\n")


@pytest.mark.parametrize(
    ("damaged", "why"),
    [
        ("", "line 1 "),
        (_edited(1, "expectations", "league"), "line 1 says another command"),
        (_edited(1, "seed 1", "seed one"), "line 1 has 'one', which is no whole number"),
        (_edited(2, "void", "empty"), "line 2 has other columns"),
        (TEXT.removesuffix("\n"), "line 2 has other columns, or the last line has no end"),
        (TEXT.replace("\n", "\r\n"), "line 1 has "),
        ("\n".join(LINES[:-2]) + "\n", rf"line {len(LINES) - 2} is the last, of {len(LINES) - 1}"),
        (TEXT + LINES[-2] + "\n", rf"line {len(LINES)} is the last, of {len(LINES) - 1}"),
        ("\n".join([*LINES[:2], LINES[3], LINES[2], *LINES[4:]]), "line 3 is not that of nominal"),
        (_edited(7, "nominal,2", "nominal,5"), "line 7 is not that of nominal,2"),
        (_edited(9, ",", ",,"), "line 9 is not that of"),
        (LINES[0] + "\n" + LINES[1] + "\n" + TEXT.split("\n", 2)[2].replace("\n", ",0\n", 1),
         "line 3 has 11 figures, not 10"),
        (_cell_edited(rounds=0), "line 3 has a void of more than 0, or no rounds"),
        (_cell_edited(void=FIRST.rounds + 1), "line 3 has a void of more than"),
        (_cell_edited(slashed=FIRST.rounds + 1), "line 3 has a slashed of more than"),
        (_cell_edited(accuracy_ppm=PPM + 1), "line 3 has a accuracy_ppm of more than 1,000,000"),
        (_cell_edited(pay_ppm=-1), "line 3 has '-1', which is no whole number"),
        (_cell_edited(pay_ppm=10**9), "line 3 has '1000000000', which is no whole number"),
    ],
)  # fmt: skip
def test_a_table_that_was_changed_is_refused_with_the_line(damaged: str, why: str) -> None:
    with pytest.raises(ExpectationTableError, match=rf"^expectations\.csv, {why}"):
        ExpectationTable.from_text(damaged)


@pytest.mark.parametrize("figure", ["007", "1.5", "\u0661", " 1", "1_0", ""])
def test_a_figure_is_written_in_one_way(figure: str) -> None:
    last = LINES[2].rpartition(",")
    with pytest.raises(ExpectationTableError, match=r"line 3 has .*, which is no whole number"):
        ExpectationTable.from_text("\n".join([*LINES[:2], f"{last[0]},{figure}", *LINES[3:]]))


# ------------------------------------------------------------------------- intervals


def test_what_was_never_seen_is_not_said_to_be_impossible() -> None:
    never, always = Share(0, 2_000), Share(2_000, 2_000)
    assert (never.short, always.short) == ("below 0.2%", "above 99.8%")
    assert (never.ppm, never.interval_ppm) == (0, (0, 1_918))
    assert Share(24, 2_000).short == "1.2%"


def test_shares_and_means_come_with_their_rounds_and_intervals() -> None:
    cell = Cell(1_000, 12, 3, 200, 510_000, 720_000, 750_000, 845_000, 4_000, 190_000)
    known = Expectation(SETTINGS[0], cell, ())
    assert (known.rounds, known.void) == (1_000, Share(12, 1_000))
    assert (known.slashed, known.underpaid) == (Share(3, 1_000), Share(200, 1_000))
    assert known.accuracy == Mean(0.845, 0.004)
    assert str(known.accuracy) == "84.5% ±0.4%"
