"""What is played, the tables of docs/seating.md, and the goals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from plumbline.lab.league import arena as league_arena
from plumbline.lab.league.match import Match, play
from plumbline.lab.league.players import PUPPETS, GoldUse
from plumbline.lab.league.sections import BINARY
from plumbline.lab.page import FigureTable
from plumbline.lab.play import Stage
from plumbline.lab.seating import arena
from plumbline.lab.seating.arena import SeatingOnChain
from plumbline.lab.seating.outcomes import (
    SeatingOutcome,
    best_of,
    gains,
    mean_outcome,
    of_size,
    play_all,
)
from plumbline.lab.seating.pools import PoolCase, Seating, Series, drawn, first_come
from plumbline.planning.worlds import dice_of
from plumbline.progress import Progress, track
from plumbline.seating.draw import FEE_BPS
from plumbline.settlement.terms import BPS, usual_refund

_COPIED: Final = "one honest sheet"
_LIES: Final = "lies about a fifth"
_RARE: Final = 0.001
_WINDOW: Final = 24  # hours that a window has, in the tables
RECORD: Final = 20  # rounds of a record that is bought
_BLOCK_WORTH: Final = 0.05  # ether that a proposer gives up with a block, taken for granted
_GIVEN_UP: Final = (1, 2, 3)
_ON_CHAIN: Final = (200, 5)  # bonds of a pool and rounds of a campaign
KEYS: Final = (
    *("bought record", "who sits", "what follows", "absence", "goals", "command"),
    *("on chain", "seed"),
)


@dataclass(frozen=True, slots=True)
class SeatingCase:
    """A line of the tables: a pool, and how the bloc in it answers."""

    words: str
    pool: PoolCase
    strategy: str


def _blocs() -> list[SeatingCase]:
    found = []
    for percent in (10, 25, 40):
        pool = PoolCase(units=1_000, bloc=10 * percent)
        for accounts, words in ((1, "one account"), (250, "250 accounts")):
            held = replace(pool, accounts=min(accounts, pool.bloc))
            found.append(SeatingCase(f"{percent}% of the pool, {words}", held, _LIES))
    return found


CASES: Final = (
    SeatingCase("nobody of one mind", PoolCase(units=400, bloc=0), _COPIED),
    SeatingCase(
        "ten sheets copied from one honest labeler",
        PoolCase(units=400, bloc=10),
        _COPIED,
    ),
    *_blocs(),
    SeatingCase("8 puppets", PoolCase(units=200, bloc=8), PUPPETS),
    SeatingCase("11 puppets", PoolCase(units=200, bloc=11), PUPPETS),
    SeatingCase(
        "half of the pool reads a fifth of the tasks otherwise",
        PoolCase(units=400, bloc=200, hurries=False),
        _LIES,
    ),
    SeatingCase(
        "a quarter that hoards, 30% absent",
        PoolCase(units=400, bloc=100, absent=0.3, hoards=True),
        _LIES,
    ),
    SeatingCase(
        "a quarter, a fifth of the numbers empty, 30% absent",
        PoolCase(units=400, bloc=80, absent=0.3, holes=0.2),
        _LIES,
    ),
)
ABSENT: Final = (0.0, 0.1, 0.3, 0.5)
SIZES: Final = (20, 40)


@dataclass(frozen=True, slots=True)
class PlayedCase:
    """A line, with open seats and with seats by lot.

    gains   by lot, what the bloc ends with in each campaign, in prices of a seat
    """

    case: SeatingCase
    opened: Seating
    drawn: Seating
    first_come: SeatingOutcome
    by_lot: SeatingOutcome
    gains: Series


@dataclass(frozen=True, slots=True)
class SeatingRecords:
    """All that was played. `absence` by seats, the bloc's share in percent, and absence."""

    cases: Sequence[PlayedCase]
    absence: Mapping[tuple[int, int, float], Seating]


def simulate(campaigns: int, rounds: int, seed: int, progress: Progress) -> SeatingRecords:
    """Draw so many campaigns of every case, and play so many rounds of each number of seats."""
    played = []
    for case in track(CASES, "Seating", progress):
        dice = dice_of(seed, f"seating {case.words}", 0)
        opened = first_come(case.pool, campaigns, dice)
        by_lot = drawn(case.pool, campaigns, dice)
        counts = {int(count) for seating in (opened, by_lot) for count in np.unique(seating.bloc)}
        world = of_size(BINARY, case.pool.seats)
        records = play_all(world, case.strategy, GoldUse.FAIR, counts, rounds, seed)
        played.append(
            PlayedCase(
                case,
                opened,
                by_lot,
                mean_outcome(opened, records),
                mean_outcome(by_lot, records),
                gains(by_lot, records, case.pool.rounds),
            )
        )
    absence = {}
    for seats in track(SIZES, "Absence", progress):
        for percent in (10, 25):
            for absent in ABSENT:
                pool = PoolCase(
                    units=40 * seats, bloc=4 * seats * percent // 10, absent=absent, seats=seats
                )
                dice = dice_of(seed, f"absence {seats} {percent} {absent}", 0)
                absence[seats, percent, absent] = drawn(pool, 5 * campaigns, dice)
    return SeatingRecords(played, absence)


@dataclass(frozen=True, slots=True)
class CheckedCase:
    """A line played on a chain, in a smaller pool of the same shares.

    differences   from what was simulated and settled in Python, in words
    """

    case: SeatingCase
    found: SeatingOnChain
    differences: tuple[str, ...]


def check_on_chain(
    stage: Stage, campaigns: int, seed: int, progress: Progress
) -> list[CheckedCase]:
    """Every case by lot, and a round of it to its end: seats and balances compared."""
    checked = []
    for case in track(CASES, "On a chain", progress):
        pool = _smaller(case.pool)
        found = arena.check(stage, pool, case.words, campaigns, seed)
        count = int(found.seating.bloc[0])
        parties = ((case.strategy, count),) if count else ()
        played = play(Match(of_size(BINARY, pool.seats), parties, GoldUse.FAIR), 0, seed)
        differences = (*found.differences, *league_arena.check(stage, played, 0))
        checked.append(CheckedCase(case, found, differences))
    return checked


def _smaller(case: PoolCase) -> PoolCase:
    units, rounds = _ON_CHAIN
    bloc = case.bloc * units // case.units
    accounts = None if case.accounts is None else min(case.accounts, bloc)
    return replace(case, units=units, bloc=bloc, accounts=accounts, rounds=rounds)


def on_chain(checked: Sequence[CheckedCase]) -> FigureTable:
    """What was played on a chain."""
    rows = [
        (
            each.case.words,
            str(len(each.found.seating.bloc)),
            str(each.found.seating.taken.sum()),
            f"{each.found.seating.bloc.sum() / each.found.seating.taken.sum():.1%}",
            _often(each.found.seating.leads),
            _hours(each.found.seating),
            f"{each.found.transactions:,}",
        )
        for each in checked
    ]
    columns = (">rounds", ">seats taken", ">the bloc's", ">leads", ">filled", ">transactions")
    return FigureTable("on chain", "On a chain", ("who", *columns), rows)


def figures(records: SeatingRecords) -> list[FigureTable]:
    """The tables of the page."""
    return [
        bought_record(records),
        _who_sits(records),
        _what_follows(records),
        _absence(records),
        goals(records),
        _seed(records),
    ]


def bought_record(records: SeatingRecords) -> FigureTable:
    """What a record of one account costs whoever opens the rounds and holds part of their pool.

    For each own seat the others of the round are paid, and the fee of the draw. What they get at
    the least is in the terms; what honest ones get is played, in rounds without a bloc.
    """
    least = 1 - usual_refund(gold_count=1) / BPS
    honest = next(each.by_lot.honest for each in records.cases if not each.case.pool.bloc)
    rows = []
    for percent in (10, 25, 33, 50):
        own = percent / 100
        costs = [RECORD * ((1 - own) * paid + FEE_BPS / BPS) / own for paid in (least, honest)]
        rows.append((f"{percent}%", *(f"{cost:.0f}" for cost in costs), f"{RECORD * honest:.0f}"))
    columns = (
        ">share of the pool",
        ">costs, the others paid as little as can be",
        ">paid as usual",
        ">the same rounds of honest work earn",
    )
    return FigureTable("bought record", f"A bought record of {RECORD} rounds", columns, rows)


def _who_sits(records: SeatingRecords) -> FigureTable:
    rows = [
        (
            each.case.words,
            f"{each.case.pool.share:.0%}",
            f"{each.first_come.seats:.0%}",
            f"{each.by_lot.seats:.1%}",
            _often(each.opened.leads),
            _often(each.drawn.leads),
            _hours(each.opened),
            _hours(each.drawn),
        )
        for each in records.cases
    ]
    columns = (
        "who",
        ">share of the bonds",
        ">seats, open",
        ">by lot",
        ">leads, open",
        ">by lot",
        ">filled, open",
        ">by lot",
    )
    return FigureTable("who sits", "Who sits", columns, rows)


def _what_follows(records: SeatingRecords) -> FigureTable:
    rows = [
        (
            each.case.words,
            f"{each.first_come.bloc:+.2f}",
            f"{each.by_lot.bloc:+.2f}",
            f"{each.first_come.pay:.0%}",
            f"{each.by_lot.pay:.1%}",
            _amount(each.first_come.honest),
            _amount(each.by_lot.honest),
            f"{each.first_come.right:.0%}",
            f"{each.by_lot.right:.0%}",
        )
        for each in records.cases
    ]
    columns = (
        "who",
        ">gets a round, open",
        ">by lot",
        ">of all pay, open",
        ">by lot",
        ">an honest seat, open",
        ">by lot",
        ">labels right, open",
        ">by lot",
    )
    return FigureTable("what follows", "What follows", columns, rows)


def _absence(records: SeatingRecords) -> FigureTable:
    rows = []
    for seats in SIZES:
        for absent in ABSENT:
            ten, quarter = records.absence[seats, 10, absent], records.absence[seats, 25, absent]
            taken = quarter.taken.sum() / (seats * len(quarter.taken))
            rows.append(
                (
                    str(seats),
                    f"{absent:.0%}",
                    _often(quarter.is_full),
                    f"{taken:.1%}",
                    _hours(quarter),
                    _often(ten.leads),
                    _often(quarter.leads),
                )
            )
    columns = (
        ">seats",
        ">absent",
        ">rounds that fill",
        ">seats taken",
        ">filled after",
        ">a tenth leads",
        ">a quarter leads",
    )
    return FigureTable("absence", "Absence", columns, rows)


def _seed(records: SeatingRecords) -> FigureTable:
    """What it is worth to choose among seeds, and from which stakes on."""
    rows = []
    for each in records.cases:
        if each.case.strategy != _LIES or not each.case.pool.hurries or each.case.pool.absent:
            continue
        if each.case.pool.accounts == 1:
            continue
        fair = best_of(each.gains, 1)
        for blocks in _GIVEN_UP:
            more = best_of(each.gains, 2**blocks) - fair
            price = blocks * _BLOCK_WORTH / more
            rows.append(
                (
                    each.case.words,
                    str(blocks),
                    str(2**blocks),
                    f"{fair:+.1f}",
                    f"{more:+.1f}",
                    f"{price:.3f} ether",
                    f"{price * each.case.pool.seats * each.case.pool.rounds:.1f} ether",
                )
            )
    columns = (
        ">blocks given up, at most",
        ">seeds to choose from",
        ">a fair campaign brings",
        ">the best brings more",
        ">pays from this price of a seat",
        ">and this escrow",
    )
    return FigureTable("seed", "Choosing the seed", ("who", *columns), rows)


def goals(records: SeatingRecords) -> FigureTable:
    """What seating by lot was to reach, beside what was measured."""

    def leads(seats: int, percent: int, absent: float) -> float:
        return float(records.absence[seats, percent, absent].leads.mean())

    few = (0.0, 0.1)
    beyond = [
        (each.by_lot.seats - each.case.pool.share_of_comers, each.case.words)
        for each in records.cases
        if not each.case.pool.hoards
    ]
    most, where = max(beyond)
    rows = [
        (
            "a quarter leads, 20 seats, to 10% absent",
            "at most 1%",
            max(leads(20, 25, x) for x in few),
        ),
        ("a quarter leads, 20 seats, 30% absent", "at most 4%", leads(20, 25, 0.3)),
        (
            "a quarter leads, 40 seats, to 30% absent",
            "at most 1%",
            max(leads(40, 25, x) for x in (*few, 0.3)),
        ),
        (
            "a tenth leads, to 30% absent",
            "never",
            max(leads(s, 10, x) for s in SIZES for x in (*few, 0.3)),
        ),
        (f"seats beyond the share of the bonds that come ({where})", "at most 0.5 points", most),
        (
            "rounds of 20 and 40 seats that fill, 30% absent",
            "at least 99%",
            min(float(records.absence[s, 25, 0.3].is_full.mean()) for s in SIZES),
        ),
    ]
    return FigureTable(
        "goals",
        "Goals",
        ("goal", ">wanted", ">measured"),
        [(words, wanted, f"{found:.2%}") for words, wanted, found in rows],
    )


def _often(happened: npt.NDArray[np.bool_]) -> str:
    if not happened.any():
        return "never"
    share = float(happened.mean())
    if share < _RARE:
        return f"under {_RARE:.1%}"
    return "always" if happened.all() else f"{share:.1%}"


def _hours(seating: Seating) -> str:
    full = seating.filled[seating.is_full]
    return f"{_WINDOW * float(np.median(full)):.1f} h" if len(full) else "never"


def _amount(value: float) -> str:
    return "-" if np.isnan(value) else f"{value:+.2f}"
