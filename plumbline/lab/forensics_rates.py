"""How often forensics misleads, and how often it finds: measured on crowds whose story is known.

Honest crowds have one to four schools, see `forensics_crowds`. Groups hand in one sheet, copy with
noise, or the inverse, or tell agreed lies. Of real crowds some labelers are drawn, as they are and
with copies among them; nothing that forensics goes by was chosen on them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain, product
from pathlib import Path
from typing import Final

import numpy as np

from plumbline.forensics.groups import tellable
from plumbline.forensics.model import Answers, as_answers, indicators
from plumbline.forensics.schools import find_schools
from plumbline.forensics.simulation import named_groups
from plumbline.formats.recorded_answers import RecordedAnswers, RecordedAnswersError, read
from plumbline.lab.forensics_crowds import (
    STORIES,
    Bend,
    SchooledCrowd,
    draw_crowd,
    draw_with_sharp,
    thin_out,
)
from plumbline.lab.page import FigureTable
from plumbline.planning.intervals import Share
from plumbline.planning.worlds import Dice

KEYS: Final = (
    "command",
    "honest",
    "sharp",
    "by tasks",
    "by labelers",
    "real",
    "readings",
)  # of docs/forensics.md
ALPHA: Final = 0.01
SIZES: Final = (10, 20, 40)  # labelers
TASKS: Final = (64, 128, 256)
_OPTIONS: Final = (2, 2, 3, 5)  # in turn
_SCHOOLS: Final = (1, 2, 3, 4)
_HONEST: Final = 10  # times as many rounds as of others: false alarms are rare
_ONE_SHEET: Final = ("one random sheet", "one labeler's sheet")
_OF_REAL: Final = ("one labeler's sheet", "copies with noise")


@dataclass(frozen=True, slots=True)
class Rate:
    """Rounds of one story: `hits` named half or more of the group, `alarms` somebody honest.

    Of one sheet in several seats `predicted` are the rounds that say that it would be noticed in
    two, and `hits_of_predicted` those of them that named the group.
    """

    story: str
    alarms: Share
    hits: Share | None = None
    predicted: Share | None = None
    hits_of_predicted: Share | None = None


@dataclass(frozen=True, slots=True)
class Played:
    """A round to be looked at; of its labelers the first `size` are a group, with one sheet or
    with several."""

    answers: Answers
    options: int
    size: int = 0
    is_one_sheet: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen in a round that was played; `predicted` of one sheet in several seats only."""

    hit: bool
    alarm: bool
    predicted: bool | None


# As the built-in `map` does it, or a pool of processes.
Map = Callable[[Callable[[Played], Seen], Iterable[Played]], Iterable[Seen]]


@dataclass(frozen=True, slots=True)
class SchoolCount:
    """How many readings were seen in crowds of so many schools of three labelers or more."""

    schools: int
    rounds: int
    seen: tuple[Share, ...]  # of one reading, of two, of three and more


def real_crowds(folder: Path) -> list[RecordedAnswers]:
    """The crowds in folders of it that can be read and have labelers enough for rounds of ten."""
    crowds = []
    for path in sorted(folder.glob("*/answers.csv")):
        with suppress(RecordedAnswersError):
            crowds.append(read(path.parent).first())
    return [crowd for crowd in crowds if len(crowd.answers) > 10]


def tables(
    rounds: int,
    seed: int,
    crowds: Sequence[RecordedAnswers],
    hear: Callable[[str], None],
    run: Map = map,
) -> Iterator[FigureTable]:
    """The tables of docs/forensics.md. `hear` gets every line when it is known; rounds are
    looked at by `run`."""

    def heard(rates: Iterator[Rate]) -> Iterator[Rate]:
        for rate in rates:
            hear(rate.story)
            yield rate

    dices = [np.random.default_rng([seed, part]) for part in range(5)]
    honest = list(heard(_honest_rounds(dices[0], _HONEST * rounds, run)))
    honest.append(Rate("all of them", _together(rate.alarms for rate in honest)))
    yield _table("honest", "honest crowd", honest, has_groups=False)
    sharp = heard(_sharp_rounds(dices[4], _HONEST * rounds, run))
    yield _table("sharp", "honest crowd with sharp readers", sharp, has_groups=False)
    cells = []
    for cell in _bent_rounds(dices[1], rounds, run):
        hear(cell.rate.story)
        cells.append(cell)
    by_tasks = _pooled(cells, lambda cell: f"{cell.story}, T={cell.tasks}, {cell.schools}")
    yield _table("by tasks", "group of a made-up crowd", by_tasks)
    by_size = _pooled(cells, lambda cell: f"{cell.story}, N={cell.labelers}, {cell.schools}")
    yield _table("by labelers", "group of a made-up crowd", by_size)
    if crowds:
        real = (_real_rounds(dices[2], crowd, rounds, run) for crowd in crowds)
        yield _table("real", "real crowd", heard(chain.from_iterable(real)))
    yield _school_table(_school_rounds(dices[3], rounds))


def _table(key: str, title: str, rates: Iterable[Rate], has_groups: bool = True) -> FigureTable:
    columns: dict[str, Callable[[Rate], str]] = {title: lambda rate: rate.story}
    if has_groups:
        columns |= {
            "found": lambda rate: str(rate.hits or "-"),
            "would be noticed": lambda rate: str(rate.predicted or "-"),
            "found of these": lambda rate: str(rate.hits_of_predicted or "-"),
        }
    columns |= {"somebody honest named": lambda rate: str(rate.alarms)}
    return FigureTable.of(key, title, columns, rates)


def _school_table(counts: Iterable[SchoolCount]) -> FigureTable:
    columns: dict[str, Callable[[SchoolCount], str]] = {
        "schools of three or more": lambda count: str(count.schools),
        "rounds": lambda count: str(count.rounds),
        "one reading seen": lambda count: str(count.seen[0]),
        "two": lambda count: str(count.seen[1]),
        "three or more": lambda count: str(count.seen[2]),
    }
    return FigureTable.of("readings", "readings", columns, counts)


def _honest_rounds(dice: Dice, rounds: int, run: Map) -> Iterator[Rate]:
    for is_sparse, schools, labelers in product((False, True), _SCHOOLS, SIZES):
        plural = "" if schools == 1 else "s"
        story = f"{schools} school{plural}, N={labelers}{', sparse' if is_sparse else ''}"
        drawn = (
            draw_crowd(dice, labelers, TASKS[n % 3], _OPTIONS[n % 4], schools, is_sparse)
            for n in range(rounds)
        )
        yield _rate(story, (Played(crowd.answers, crowd.options) for crowd in drawn), run)


def _sharp_rounds(dice: Dice, rounds: int, run: Map) -> Iterator[Rate]:
    """Two and three sharp readers in turn."""
    for tasks, labelers in product(TASKS, SIZES):
        drawn = (
            draw_with_sharp(dice, labelers, tasks, _OPTIONS[n % 4], 2 + n % 2)
            for n in range(rounds)
        )
        played = (Played(crowd.answers, crowd.options) for crowd in drawn)
        yield _rate(f"T={tasks}, N={labelers}", played, run)


@dataclass(frozen=True, slots=True)
class _Cell:
    """Rounds of one story of so many tasks and labelers."""

    story: str
    tasks: int
    labelers: int
    schools: str
    rate: Rate


def _bent_rounds(dice: Dice, rounds: int, run: Map) -> Iterator[_Cell]:
    """Every story, a tenth (two at least) and a quarter of the labelers in turn."""
    for (story, bend), tasks, labelers in product(STORIES.items(), TASKS, SIZES):
        for counts, what in (((1,), "1 school"), ((2, 3, 4), "2 to 4 schools")):
            played = (
                replace(each, is_one_sheet=story in _ONE_SHEET)
                for each in _bent(dice, bend, tasks, labelers, counts, rounds)
            )
            name = f"{story}, T={tasks}, N={labelers}, {what}"
            yield _Cell(story, tasks, labelers, what, _rate(name, played, run))


def _pooled(cells: Sequence[_Cell], name: Callable[[_Cell], str]) -> list[Rate]:
    """The rounds of cells of the same name together."""
    by_name: dict[str, list[Rate]] = {}
    for cell in cells:
        by_name.setdefault(name(cell), []).append(cell.rate)
    return [
        Rate(
            story,
            _together(rate.alarms for rate in rates),
            _some_together(rate.hits for rate in rates),
            _some_together(rate.predicted for rate in rates),
            _some_together(rate.hits_of_predicted for rate in rates),
        )
        for story, rates in by_name.items()
    ]


def _together(shares: Iterable[Share]) -> Share:
    each = list(shares)
    return Share(sum(one.hits for one in each), sum(one.rounds for one in each))


def _some_together(shares: Iterable[Share | None]) -> Share | None:
    """Of those that are known, None if none is."""
    together = _together(share for share in shares if share is not None)
    return together if together.rounds else None


def _bent(
    dice: Dice, bend: Bend, tasks: int, labelers: int, schools: Sequence[int], rounds: int
) -> Iterator[Played]:
    for number in range(rounds):
        size = max(2, labelers // 10) if number % 2 else max(2, round(labelers / 4))
        options = _OPTIONS[number // 2 % len(_OPTIONS)]
        crowd = draw_crowd(dice, labelers, tasks, options, schools[number % len(schools)])
        bend(dice, crowd, size)
        yield Played(crowd.answers, options, size)


def _real_rounds(dice: Dice, recorded: RecordedAnswers, rounds: int, run: Map) -> Iterator[Rate]:
    """A real crowd: some of its labelers, as they are and with copies among them.

    The draws overlap, so the intervals are too narrow: they are about this crowd.
    """
    everybody = as_answers(list(recorded.answers.values()))
    options = len(recorded.question.options)

    def drawn(labelers: int, count: int, is_sparse: bool = False) -> Iterator[SchooledCrowd]:
        for _ in range(count):
            rows = dice.choice(len(everybody), labelers, replace=False)
            answers = everybody[rows]
            if is_sparse:
                thin_out(dice, answers)
            yield SchooledCrowd(answers, answers[0], options, np.zeros(labelers, dtype=np.int64))

    for labelers in (count for count in SIZES if count < len(everybody)):
        where = f"{recorded.name}, N={labelers}"
        for is_sparse, how in ((False, "as it is"), (True, "sparse")):
            crowds = drawn(labelers, _HONEST * rounds, is_sparse)
            played = (Played(crowd.answers, options) for crowd in crowds)
            yield _rate(f"{where}, {how}", played, run)
        for story, size in product(_OF_REAL, sorted({2, labelers // 4})):
            bent = []
            for crowd in drawn(labelers, rounds):
                STORIES[story](dice, crowd, size)
                bent.append(Played(crowd.answers, options, size, story in _ONE_SHEET))
            yield _rate(f"{where}, {story}, {size} seats", bent, run)


def _rate(story: str, played: Iterable[Played], run: Map) -> Rate:
    rounds = list(played)
    outcomes = list(run(outcome, rounds))
    alarms = _share(one.alarm for one in outcomes)
    if not rounds[0].size:
        return Rate(story, alarms)
    return Rate(
        story,
        alarms,
        _share(one.hit for one in outcomes),
        _some_share(one.predicted for one in outcomes if one.predicted is not None),
        _some_share(one.hit for one in outcomes if one.predicted),
    )


def outcome(played: Played) -> Seen:
    """Who is named in a round, and whether it says that the sheet in several seats would be."""
    answers, options, size = played.answers, played.options, played.size
    named = {row for group in named_groups(answers, options, ALPHA) for row in group.members}
    bent = set(range(size))
    predicted = None
    if played.is_one_sheet:
        predicted = 0 in tellable(np.delete(answers, range(1, size), axis=0), options, ALPHA)
    return Seen(2 * len(named & bent) >= size, bool(named - bent), predicted)


def _share(seen: Iterable[bool]) -> Share:
    each = list(seen)
    return Share(sum(each), len(each))


def _some_share(seen: Iterable[bool]) -> Share | None:
    """None of nothing."""
    share = _share(seen)
    return share if share.rounds else None


def _school_rounds(dice: Dice, rounds: int) -> Iterator[SchoolCount]:
    """Crowds of 20 and 40 labelers on 128 and 256 tasks: by how many schools they really have."""
    seen: dict[int, list[int]] = {}
    for number in range(_HONEST * rounds):
        labelers, tasks = (20, 40)[number % 2], (128, 256)[number // 2 % 2]
        crowd = draw_crowd(dice, labelers, tasks, 2, _SCHOOLS[number // 4 % len(_SCHOOLS)])
        schools = int((np.bincount(crowd.schools) >= 3).sum())
        found = find_schools(indicators(crowd.answers, crowd.options))
        seen.setdefault(schools, []).append(min(max(len(found.sizes), 1), 3))
    for schools, counts in sorted(seen.items()):
        shares = tuple(Share(counts.count(one), len(counts)) for one in (1, 2, 3))
        yield SchoolCount(schools, len(counts), shares)
