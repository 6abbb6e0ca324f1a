"""The figures of the league in words, for the terminal and for docs/incentives.md alike."""

from collections.abc import Iterator, Sequence

from plumbline.lab.intervals import Mean
from plumbline.lab.league import programme
from plumbline.lab.league.match import CROWD
from plumbline.lab.league.programme import BLOC, GOLD_WORDS, BlocCurve, LeagueFigures
from plumbline.lab.league.strategies import GoldUse
from plumbline.lab.league.tournament import Series
from plumbline.lab.page import FigureTable
from plumbline.lab.worlds import World
from plumbline.settlement import Band, Mode

_SHOWN = (0.1, 0.2, 0.3, 0.4, 0.5)  # shares of a bloc


def panels(figures: LeagueFigures, cost: float) -> list[FigureTable]:
    """A table for everything that was played; `cost` is that of labour."""
    every = (
        *(_strategies(figures, gold, cost) for gold in GOLD_WORDS),
        *(_worlds(figures, gold, cost) for gold in GOLD_WORDS),
        *_honest(figures),
        _small(figures),
        _break_evens(figures),
        *(_blocs(figures, crowd) for crowd in programme.CROWDS),
        *(_copies(figures), _requesters(figures)),
        *(_leaks(figures), _one_task(figures), _every_task(figures)),
    )
    return [panel for panel in every if panel.rows]


def _table(
    key: str, title: str, columns: str, rows: Sequence[tuple[str, ...]], words: int = 1
) -> FigureTable:
    """Columns are parted by `|`; all but the first `words` are figures."""
    heads = [column.strip() for column in columns.split("|")]
    heads[words:] = [f">{column}" for column in heads[words:]]
    return FigureTable(key, title, tuple(heads), rows)


def _plain(value: Mean | Series, sign: str = "") -> str:
    mean = value if isinstance(value, Mean) else Mean.of(value)
    return f"{mean.value:{sign}.2f} ±{mean.half:.2f}"


def _signed(value: Mean | Series) -> str:
    mean = value if isinstance(value, Mean) else Mean.of(value)
    # No figure is shown as minus nothing.
    return _plain(mean, "+") if abs(mean.value) >= 0.005 else f"0.00 ±{mean.half:.2f}"


def _strategies(figures: LeagueFigures, gold: GoldUse, cost: float) -> FigureTable:
    rows = []
    for record in figures.strategies:
        if record.match.world == programme.BINARY and record.match.gold is gold:
            own, ahead = record.first, figures.behind(record)
            money = (_plain(own.pay), _plain(own.slash), _signed(own.on_stake(cost)))
            bands = (Band.NEAR, Band.FAR, Band.OUTLIER, Band.UNREVEALED)
            shares = (f"{own.bands[band]:.0%}" if own.bands[band] else "-" for band in bands)
            lead = f"{100 * ahead.value:.0f}% ±{100 * ahead.half:.0f}"
            rows.append((record.match.name, *money, *shares, lead))
    columns = "strategy|pay|slash|return on stake|near|far|outlier|silent|pay behind honest 0.8"
    title = f"One seat of each strategy among 19 honest, {GOLD_WORDS[gold]}"
    return _table(f"strategies, {gold.value}", title, columns, rows)


def _worlds(figures: LeagueFigures, gold: GoldUse, cost: float) -> FigureTable:
    worlds = (programme.EVEN, programme.FOUR, programme.SCALE)
    known = {
        (record.match.world, record.match.name): record.first
        for record in figures.strategies
        if record.match.gold is gold
    }
    rows = []
    for name in programme.STRATEGIES:
        if (worlds[0], name) in known:
            own = [known[world, name] for world in worlds]
            cells = [(_plain(party.pay), _signed(party.on_stake(cost))) for party in own]
            rows.append((name, *(cell for pair in cells for cell in pair)))
    columns = "|".join(f"{world.name}: pay|{world.name}: return" for world in worlds)
    title = f"The same with other tasks, {GOLD_WORDS[gold]}"
    return _table(f"worlds, {gold.value}", title, f"strategy|{columns}", rows)


def _honest(figures: LeagueFigures) -> Iterator[FigureTable]:
    records, columns = figures.honest, "accuracy"
    for record in records:
        hardness = "equal" if record.match.world == programme.EVEN else "unequal"
        columns += f"|{hardness} tasks, {GOLD_WORDS[record.match.gold]}"
    names = [party.name for party in records[0].parties if party.name != CROWD] if records else []
    slashes = [(n, *(str(record.slashed(record.of(n))) for record in records)) for n in names]
    yield _table("false slashes", "Honest labelers who were slashed", columns, slashes)
    pay = [(name, *(_plain(record.of(name).pay) for record in records)) for name in names]
    yield _table("honest pay", "Pay of honest labelers, in prices", columns, pay)


def _small(figures: LeagueFigures) -> FigureTable:
    by_world = {record.match.world: record for record in figures.small}
    rows = []
    for worlds in zip(programme.SMALL, programme.SMALL_EVEN, strict=True) if by_world else ():
        cells: list[str] = []
        for record in (by_world[world] for world in worlds):
            own = record.first
            void = record.share(own, Band.VOID)
            cells += [_plain(own.pay), str(record.slashed(own)), str(void)]
        rows.append((worlds[0].name, *cells))
    columns = "|".join(f"{x}: pay|{x}: slashed|{x}: not judged" for x in ("unequal tasks", "equal"))
    title = "An honest labeler of 0.7 in small or one-sided rounds, no gold"
    return _table("small rounds", title, f"round|{columns}", rows)


def _break_evens(figures: LeagueFigures) -> FigureTable:
    rows = []
    for crowd in programme.CROWDS:
        formula = programme.predicted(crowd)
        words = "" if formula is None else f"{formula:.0%}"
        for kind in programme.KINDS:
            curves = [c for c in figures.curves if (c.crowd, c.kind) == (crowd, kind)]
            if curves:
                gains = [str(curve.gains(figures.seed)) for curve in curves]
                beats = [str(curve.beats(figures.seed)) for curve in curves]
                rows.append((crowd.name, kind, "gains at all", *gains, words))
                rows.append((crowd.name, kind, "beats honest work", *beats, words))
    title = "The share of the seats from which a bloc gains"
    columns = f"crowd|bloc|which|{'|'.join(programme.REGIMES)}|formula"
    return _table("break-even", title, columns, rows, words=3)


def _blocs(figures: LeagueFigures, crowd: World) -> FigureTable:
    def cell(curve: BlocCurve, share: float) -> str:
        record = curve.records[curve.shares.index(share)]
        return f"{_signed(record.of(BLOC).net)} ({float(record.right.mean()):.0%})"

    rows = [
        (curve.kind, curve.regime, *(cell(curve, share) for share in _SHOWN))
        for curve in figures.curves
        if curve.crowd == crowd
    ]
    title = f"What a seat of a bloc ends with, in prices (labels right); crowd {crowd.name}"
    columns = "bloc||" + "|".join(f"{share:.0%}" for share in _SHOWN)
    return _table(f"blocs, {crowd.name}", title, columns, rows, words=2)


def _copies(figures: LeagueFigures) -> FigureTable:
    rows = []
    for record in figures.copies:
        pay = Mean.of(record.first.pay)
        others = "".join(_plain(party.pay) for party in record.parties if party.name == CROWD)
        work, right = f"{pay.value / record.first.effort:.1f}", f"{float(record.right.mean()):.0%}"
        rows.append((record.match.name, _plain(pay), work, others, right))
    columns = "what|pay a seat|pay for the work of one sheet|pay of the others|labels right"
    return _table("copies", "One sheet or one model from many seats", columns, rows)


def _requesters(figures: LeagueFigures) -> FigureTable:
    rows = []
    for record in figures.requesters:
        others, bill = record.of(CROWD), Mean.of(programme.spent(record))
        modes = [f"{mode.label} {record.modes[mode] / record.rounds:.0%}" for mode in Mode]
        ends = (_signed(others.net), f"{record.slashed(others).value:.0%}")
        spent = (_plain(bill), f"{bill.value / others.seats:.2f}", f"{record.sink.mean():.1f}")
        judged_by = ", ".join(words for words in modes if not words.endswith(" 0%"))
        rows.append((record.match.name, judged_by, *ends, *spent))
    columns = "what the requester does|judged by|an honest seat ends with|slashed"
    columns += "|the requester spends|for an honest sheet|to the sink"
    title = "Requesters, fair and not; 20 seats, amounts in prices"
    return _table("requesters", title, columns, rows, words=2)


def _leaks(figures: LeagueFigures) -> FigureTable:
    rows = [
        (
            *(leak.story, _signed(leak.first), _signed(leak.second) if leak.second else ""),
            *(_signed(mean) for mean in (leak.hunter, leak.others, leak.sink)),
        )
        for leak in figures.leaks
    ]
    columns = "what happens|who worked|the buyer|the hunter|another honest seat|the sink"
    title = "Leaks: what everybody ends with, in prices, before any price of a sale"
    return _table("leaks", title, columns, rows)


def _one_task(figures: LeagueFigures) -> FigureTable:
    rows = [
        (
            *(f"{bribe.takers} of {bribe.seats}", f"{bribe.flipped.value:.0%}"),
            *(_plain(mean) for mean in (bribe.loss, bribe.plain, bribe.epsilon)),
        )
        for bribe in figures.one_task
    ]
    columns = "takers|the lie stands|a taker loses|bill, all paid|bill, P + epsilon"
    return _table("one task", "A bribe about one task, in prices", columns, rows)


def _every_task(figures: LeagueFigures) -> FigureTable:
    rows = [
        (
            *(GOLD_WORDS[bribe.gold], f"{bribe.takers} of {bribe.seats}"),
            f"{bribe.won.value:.0%}",
            *(_signed(mean) for mean in (bribe.from_round, bribe.taken, bribe.refused)),
            _plain(bribe.bill),
        )
        for bribe in figures.every_task
    ]
    columns = "|takers|the crowd falls|the round gives a taker|with the bribe"
    columns += "|an honest seat|the briber's bill"
    title = "P + epsilon on every task, in prices"
    return _table("every task", title, columns, rows, words=2)
