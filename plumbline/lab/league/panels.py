"""The figures of the league in words, for the terminal and for docs/incentives.md alike."""

from collections.abc import Iterator, Sequence

from plumbline.lab.intervals import Mean
from plumbline.lab.league.match import CROWD
from plumbline.lab.league.programme import (
    BINARY,
    BLOC,
    CROWDS,
    EVEN,
    FOUR,
    GOLD_WORDS,
    KINDS,
    REGIMES,
    SCALE,
    SMALL,
    SMALL_EVEN,
    STRATEGIES,
    BlocCurve,
    LeagueFigures,
    predicted,
    spent,
)
from plumbline.lab.league.strategies import GoldUse
from plumbline.lab.league.tournament import Series
from plumbline.lab.page import FigureTable
from plumbline.lab.worlds import World
from plumbline.settlement import Band, Mode

_SHOWN = (0.1, 0.2, 0.3, 0.4, 0.5)  # shares of a bloc


def panels(figures: LeagueFigures, cost: float) -> list[FigureTable]:
    """A table for everything that was played; `cost` is that of labour."""
    return [panel for panel in _all(figures, cost) if panel.rows]


def _all(figures: LeagueFigures, cost: float) -> Iterator[FigureTable]:
    for gold in GOLD_WORDS:
        yield _strategies(figures, gold, cost)
    for gold in GOLD_WORDS:
        yield _worlds(figures, gold, cost)
    yield from _honest(figures)
    yield _small(figures)
    yield _break_evens(figures)
    for crowd in CROWDS:
        yield _blocs(figures, crowd)
    yield _copies(figures)
    yield _requesters(figures)
    yield from _attacks(figures)


def _table(
    key: str, title: str, columns: Sequence[str], rows: Sequence[tuple[str, ...]], words: int = 1
) -> FigureTable:
    """All but the first columns are figures."""
    heads = (*columns[:words], *(f">{column}" for column in columns[words:]))
    return FigureTable(key, title, heads, rows)


def _plain(value: Mean | Series) -> str:
    mean = value if isinstance(value, Mean) else Mean.of(value)
    return f"{mean.value:.2f} ±{mean.half:.2f}"


def _signed(value: Mean | Series) -> str:
    mean = value if isinstance(value, Mean) else Mean.of(value)
    # No figure is shown as minus nothing.
    small = abs(mean.value) < 0.005
    return f"0.00 ±{mean.half:.2f}" if small else f"{mean.value:+.2f} ±{mean.half:.2f}"


def _strategies(figures: LeagueFigures, gold: GoldUse, cost: float) -> FigureTable:
    rows = []
    for record in figures.strategies:
        if record.match.world == BINARY and record.match.gold is gold:
            own, ahead = record.first, figures.behind(record)
            bands = (Band.NEAR, Band.FAR, Band.OUTLIER, Band.UNREVEALED)
            rows.append(
                (
                    record.match.name,
                    _plain(own.pay),
                    _plain(own.slash),
                    _signed(own.on_stake(cost)),
                    *(f"{own.bands[band]:.0%}" if own.bands[band] else "-" for band in bands),
                    f"{100 * ahead.value:.0f}% ±{100 * ahead.half:.0f}",
                )
            )
    return _table(
        f"strategies, {gold.value}",
        f"One seat of each strategy among 19 honest, {GOLD_WORDS[gold]}",
        (
            *("strategy", "pay", "slash", "return on stake", "near", "far", "outlier", "silent"),
            "pay behind honest 0.8",
        ),
        rows,
    )


def _worlds(figures: LeagueFigures, gold: GoldUse, cost: float) -> FigureTable:
    worlds = (EVEN, FOUR, SCALE)
    known = {
        (record.match.world, record.match.name): record.first
        for record in figures.strategies
        if record.match.gold is gold
    }
    rows = []
    for name in STRATEGIES:
        if (EVEN, name) in known:
            own = [known[world, name] for world in worlds]
            cells = [(_plain(party.pay), _signed(party.on_stake(cost))) for party in own]
            rows.append((name, *(cell for pair in cells for cell in pair)))
    columns = [f"{world.name}: {what}" for world in worlds for what in ("pay", "return")]
    title = f"The same with other tasks, {GOLD_WORDS[gold]}"
    return _table(f"worlds, {gold.value}", title, ("strategy", *columns), rows)


def _honest(figures: LeagueFigures) -> Iterator[FigureTable]:
    records = figures.honest
    columns = [
        f"{'equal' if record.match.world == EVEN else 'unequal'} tasks, "
        f"{GOLD_WORDS[record.match.gold]}"
        for record in records
    ]
    names = [party.name for party in records[0].parties if party.name != CROWD] if records else []
    slashes = [(n, *(str(record.slashed(record.of(n))) for record in records)) for n in names]
    title = "Honest labelers who were slashed"
    yield _table("false slashes", title, ("accuracy", *columns), slashes)
    pay = [(name, *(_plain(record.of(name).pay) for record in records)) for name in names]
    yield _table("honest pay", "Pay of honest labelers, in prices", ("accuracy", *columns), pay)


def _small(figures: LeagueFigures) -> FigureTable:
    by_world = {record.match.world: record for record in figures.small}
    rows = []
    for worlds in zip(SMALL, SMALL_EVEN, strict=True):
        cells: list[str] = []
        for record in (by_world[world] for world in worlds if world in by_world):
            own = record.first
            void = record.share(own, Band.VOID)
            cells += [_plain(own.pay), str(record.slashed(own)), str(void)]
        if cells:
            rows.append((worlds[0].name, *cells))
    columns = [
        f"{words}: {what}"
        for words in ("unequal tasks", "equal")
        for what in ("pay", "slashed", "not judged")
    ]
    title = "An honest labeler of 0.7 in small or one-sided rounds, no gold"
    return _table("small rounds", title, ("round", *columns), rows)


def _break_evens(figures: LeagueFigures) -> FigureTable:
    rows = []
    known = {(curve.crowd, curve.kind, curve.regime): curve for curve in figures.curves}
    for crowd in CROWDS if known else ():
        formula = predicted(crowd)
        words = "" if formula is None else f"{formula:.0%}"
        for kind in KINDS:
            curves = [known[crowd, kind, regime] for regime in REGIMES]
            gains = [str(curve.gains(figures.seed)) for curve in curves]
            beats = [str(curve.beats(figures.seed)) for curve in curves]
            rows.append((crowd.name, kind, "gains at all", *gains, words))
            rows.append((crowd.name, kind, "beats honest work", *beats, words))
    title = "The share of the seats from which a bloc gains"
    columns = ("crowd", "bloc", "which", *REGIMES, "formula")
    return _table("break-even", title, columns, rows, words=3)


def _blocs(figures: LeagueFigures, crowd: World) -> FigureTable:
    rows = [
        (curve.kind, curve.regime, *(_bloc_cell(curve, share) for share in _SHOWN))
        for curve in figures.curves
        if curve.crowd == crowd
    ]
    title = f"What a seat of a bloc ends with, in prices (labels right); crowd {crowd.name}"
    columns = ("bloc", "", *(f"{share:.0%}" for share in _SHOWN))
    return _table(f"blocs, {crowd.name}", title, columns, rows, words=2)


def _bloc_cell(curve: BlocCurve, share: float) -> str:
    record = curve.records[curve.shares.index(share)]
    return f"{_signed(record.of(BLOC).net)} ({float(record.right.mean()):.0%})"


def _copies(figures: LeagueFigures) -> FigureTable:
    rows = []
    for record in figures.copies:
        pay = Mean.of(record.first.pay)
        others = [party for party in record.parties if party.name == CROWD]
        rows.append(
            (
                record.match.name,
                _plain(pay),
                f"{pay.value / record.first.effort:.1f}",
                _plain(others[0].pay) if others else "",
                f"{float(record.right.mean()):.0%}",
            )
        )
    columns = (
        *("what", "pay a seat", "pay for the work of one sheet"),
        *("pay of the others", "labels right"),
    )
    return _table("copies", "One sheet or one model from many seats", columns, rows)


def _requesters(figures: LeagueFigures) -> FigureTable:
    rows = []
    for record in figures.requesters:
        others = record.of(CROWD)
        bill = Mean.of(spent(record))
        modes = [f"{mode.label} {record.modes[mode] / record.rounds:.0%}" for mode in Mode]
        rows.append(
            (
                record.match.name,
                ", ".join(words for words in modes if not words.endswith(" 0%")),
                _signed(others.net),
                f"{others.slashed_share():.0%}",
                _plain(bill),
                f"{bill.value / others.seats:.2f}",
                f"{float(record.sink.mean()):.1f}",
            )
        )
    columns = (
        *("what the requester does", "judged by", "an honest seat ends with", "slashed"),
        *("the requester spends", "for an honest sheet", "to the sink"),
    )
    title = "Requesters, fair and not; 20 seats, amounts in prices"
    return _table("requesters", title, columns, rows, words=2)


def _attacks(figures: LeagueFigures) -> Iterator[FigureTable]:
    yield _table(
        "leaks",
        "Leaks: what everybody ends with, in prices, before any price of a sale",
        (
            *("what happens", "who worked", "the buyer", "the hunter"),
            *("another honest seat", "the sink"),
        ),
        [
            (
                leak.story,
                _signed(leak.first),
                _signed(leak.second) if leak.second else "",
                _signed(leak.hunter),
                _signed(leak.others),
                _signed(leak.sink),
            )
            for leak in figures.leaks
        ],
    )
    yield _table(
        "one task",
        "A bribe about one task, in prices",
        ("takers", "the lie stands", "a taker loses", "bill, all paid", "bill, P + epsilon"),
        [
            (
                f"{bribe.takers} of {bribe.seats}",
                f"{bribe.flipped.value:.0%}",
                *(_plain(mean) for mean in (bribe.loss, bribe.plain, bribe.epsilon)),
            )
            for bribe in figures.one_task
        ],
    )
    yield _table(
        "every task",
        "P + epsilon on every task, in prices",
        (
            *("", "takers", "the crowd falls", "the round gives a taker", "with the bribe"),
            *("an honest seat", "the briber's bill"),
        ),
        [
            (
                GOLD_WORDS[bribe.golds],
                f"{bribe.takers} of {bribe.seats}",
                f"{bribe.won.value:.0%}",
                *(_signed(mean) for mean in (bribe.from_round, bribe.taken, bribe.refused)),
                _plain(bribe.bill),
            )
            for bribe in figures.every_task
        ],
        words=2,
    )
