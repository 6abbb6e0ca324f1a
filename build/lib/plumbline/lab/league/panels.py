"""The figures as tables of words, for the terminal and for the page alike."""

from collections.abc import Iterator
from dataclasses import dataclass

from plumbline.lab.intervals import Mean, Share
from plumbline.lab.league.figures import (
    behind,
    bench_of,
    break_even,
    honest_sheets,
    predicted,
    slashed,
    spent,
    void_seats,
)
from plumbline.lab.league.play import CROWD
from plumbline.lab.league.programme import (
    BINARY,
    BLOC,
    CROWDS,
    EVEN,
    FOUR,
    KINDS,
    REGIMES,
    SCALE,
    SMALL,
    SMALL_EVEN,
    STRATEGIES,
    BlocCurve,
    Results,
)
from plumbline.lab.league.requesters import Golds
from plumbline.lab.league.world import World
from plumbline.settlement import Band, Mode

_SHOWN = (0.1, 0.2, 0.3, 0.4, 0.5)  # shares of a bloc
_GOLD_WORDS = {Golds.NONE: "no gold", Golds.HONEST: "secret gold"}


@dataclass(frozen=True, slots=True)
class Panel:
    """A table. `key` names its place in the page; all but the first columns are figures."""

    key: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int = 1  # how many of the first columns are words

    def markdown(self) -> str:
        """As a Markdown table, words left and figures right."""
        marks = ["---"] * self.words + ["--:"] * (len(self.columns) - self.words)
        lines = [self.columns, marks, *self.rows]
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def panels(results: Results, cost: float) -> list[Panel]:
    """A table for everything that was played."""
    return [panel for panel in _all(results, cost) if panel.rows]


def _all(results: Results, cost: float) -> Iterator[Panel]:
    for golds in (Golds.NONE, Golds.HONEST):
        yield _strategies(results, golds, cost)
    for golds in (Golds.NONE, Golds.HONEST):
        yield _worlds(results, golds, cost)
    yield _false_slashes(results)
    yield _honest_pay(results)
    yield _small(results)
    yield _break_evens(results)
    for crowd in CROWDS:
        yield _blocs(results, crowd)
    yield _copies(results)
    yield _requesters(results)
    yield _leaks(results)
    yield _one_task(results)
    yield _every_task(results)


def _plain(mean: Mean) -> str:
    return f"{mean.value:.2f} ±{mean.half:.2f}"


def _signed(mean: Mean) -> str:
    # No figure is shown as minus nothing.
    value = 0.0 if abs(mean.value) < 0.005 else mean.value
    return f"{value:+.2f} ±{mean.half:.2f}" if value else f"0.00 ±{mean.half:.2f}"


def _percent(share: float) -> str:
    return f"{share:.0%}" if share else "-"


def _fine(share: Share) -> str:
    low, high = share.interval
    return f"{share.value:.1%} ({low:.1%} to {high:.1%})"


def _strategies(results: Results, golds: Golds, cost: float) -> Panel:
    rows = []
    for record in results.strategies:
        if record.match.world != BINARY or record.match.golds is not golds:
            continue
        own = record.standings[0]
        ahead = behind(record, bench_of(results.strategies, record))
        shares = (Band.NEAR, Band.FAR, Band.OUTLIER, Band.UNREVEALED)
        rows.append(
            (
                record.match.name,
                _plain(Mean.of(own.pay)),
                _plain(Mean.of(own.slash)),
                _signed(Mean.of(own.on_stake(cost))),
                *(_percent(own.bands[band]) for band in shares),
                f"{100 * ahead.value:.0f}% ±{100 * ahead.half:.0f}",
            )
        )
    columns = ("strategy", "pay", "slash", "return on stake", "near", "far", "outlier", "silent")
    return Panel(
        f"strategies, {golds.value}",
        f"One seat of each strategy among 19 honest, {_GOLD_WORDS[golds]}",
        (*columns, "pay behind honest 0.8"),
        tuple(rows),
    )


def _worlds(results: Results, golds: Golds, cost: float) -> Panel:
    worlds = (EVEN, FOUR, SCALE)
    found = {
        (record.match.world, record.match.name): record.standings[0]
        for record in results.strategies
        if record.match.golds is golds
    }
    rows = []
    for name in STRATEGIES:
        if (EVEN, name) not in found:
            continue
        cells = [name]
        for world in worlds:
            own = found[world, name]
            cells += [_plain(Mean.of(own.pay)), _signed(Mean.of(own.on_stake(cost)))]
        rows.append(tuple(cells))
    columns = [f"{world.name}: {what}" for world in worlds for what in ("pay", "return")]
    return Panel(
        f"worlds, {golds.value}",
        f"The same with other tasks, {_GOLD_WORDS[golds]}",
        ("strategy", *columns),
        tuple(rows),
    )


def _by_accuracy(results: Results, key: str, title: str, cells: list[list[str]]) -> Panel:
    columns = tuple(
        f"{'equal' if record.match.world == EVEN else 'unequal'} tasks, "
        f"{_GOLD_WORDS[record.match.golds]}"
        for record in results.honest
    )
    names = [standing.name for standing in results.honest[0].standings] if results.honest else []
    rows = tuple(
        (name, *(column[place] for column in cells))
        for place, name in enumerate(names)
        if name != CROWD
    )
    return Panel(key, title, ("accuracy", *columns), rows)


def _false_slashes(results: Results) -> Panel:
    cells = [
        [_fine(slashed(record, standing)) for standing in record.standings]
        for record in results.honest
    ]
    return _by_accuracy(results, "false slashes", "Honest labelers who were slashed", cells)


def _honest_pay(results: Results) -> Panel:
    cells = [
        [_plain(Mean.of(standing.pay)) for standing in record.standings]
        for record in results.honest
    ]
    return _by_accuracy(results, "honest pay", "Pay of honest labelers, in prices", cells)


def _small(results: Results) -> Panel:
    by_world = {record.match.world: record for record in results.small}
    rows = []
    for worlds in zip(SMALL, SMALL_EVEN, strict=True):
        records = [by_world[world] for world in worlds if world in by_world]
        cells: list[str] = []
        for record in records:
            own = record.standings[0]
            cells += [
                _plain(Mean.of(own.pay)),
                _fine(slashed(record, own)),
                _fine(void_seats(record, own)),
            ]
        if cells:
            rows.append((worlds[0].name, *cells))
    columns = [
        f"{words}: {what}"
        for words in ("unequal tasks", "equal")
        for what in ("pay", "slashed", "not judged")
    ]
    return Panel(
        "small rounds",
        "An honest labeler of 0.7 in small or one-sided rounds, no gold",
        ("round", *columns),
        tuple(rows),
    )


def _break_evens(results: Results) -> Panel:
    rows = []
    found = {(one.crowd, one.kind, one.regime): one for one in results.blocs}
    for crowd in CROWDS:
        for kind in KINDS:
            curves = [found[crowd, kind, regime] for regime in REGIMES if results.blocs]
            if not curves:
                continue
            both = [break_even(curve, results.seed) for curve in curves]
            formula = predicted(crowd)
            for what, shares in (
                ("gains at all", [str(one.gains) for one in both]),
                ("beats honest work", [str(one.beats) for one in both]),
            ):
                words = "" if formula is None else f"{formula:.0%}"
                rows.append((crowd.name, kind, what, *shares, words))
    return Panel(
        "break-even",
        "The share of the seats from which a bloc gains",
        ("crowd", "bloc", "which", *REGIMES, "formula"),
        tuple(rows),
        words=3,
    )


def _blocs(results: Results, crowd: World) -> Panel:
    rows = []
    for curve in results.blocs:
        if curve.crowd == crowd:
            cells = [_bloc_cell(curve, share) for share in _SHOWN]
            rows.append((curve.kind, curve.regime, *cells))
    return Panel(
        f"blocs, {crowd.name}",
        f"What a seat of a bloc ends with, in prices (labels right); crowd {crowd.name}",
        ("bloc", "", *(f"{share:.0%}" for share in _SHOWN)),
        tuple(rows),
        words=2,
    )


def _bloc_cell(curve: BlocCurve, share: float) -> str:
    record = curve.records[curve.shares.index(share)]
    right = float(record.right.mean())
    return f"{_signed(Mean.of(record.of(BLOC).net))} ({right:.0%})"


def _copies(results: Results) -> Panel:
    rows = []
    for record in results.copies:
        own = record.standings[0]
        pay = Mean.of(own.pay)
        others = [one for one in record.standings if one.name == CROWD]
        rows.append(
            (
                record.match.name,
                _plain(pay),
                f"{pay.value / own.effort:.1f}",
                _plain(Mean.of(others[0].pay)) if others else "",
                f"{float(record.right.mean()):.0%}",
            )
        )
    return Panel(
        "copies",
        "One sheet or one model from many seats",
        (
            "what",
            "pay a seat",
            "pay for the work of one sheet",
            "pay of the others",
            "labels right",
        ),
        tuple(rows),
    )


def _requesters(results: Results) -> Panel:
    rows = []
    for record in results.requesters:
        others = record.of(CROWD)
        bill = Mean.of(spent(record))
        modes = [f"{mode.label} {record.modes[mode] / record.rounds:.0%}" for mode in Mode]
        rows.append(
            (
                record.match.name,
                ", ".join(words for words in modes if not words.endswith(" 0%")),
                _signed(Mean.of(others.net)),
                f"{others.slashed_share():.0%}",
                _plain(bill),
                f"{bill.value / honest_sheets(record):.2f}",
                f"{float(record.sink.mean()):.1f}",
            )
        )
    columns = ("what the requester does", "judged by", "an honest seat ends with", "slashed")
    return Panel(
        "requesters",
        "Requesters, fair and not; 20 seats, amounts in prices",
        (*columns, "the requester spends", "for an honest sheet", "to the sink"),
        tuple(rows),
        words=2,
    )


def _leaks(results: Results) -> Panel:
    rows = tuple(
        (
            line.story,
            _signed(line.first),
            _signed(line.second) if line.second else "",
            _signed(line.hunter),
            _signed(line.others),
            _signed(line.sink),
        )
        for line in results.leaks
    )
    return Panel(
        "leaks",
        "Leaks: what everybody ends with, in prices, before any price of a sale",
        (
            "what happens",
            "who worked",
            "the buyer",
            "the hunter",
            "another honest seat",
            "the sink",
        ),
        rows,
    )


def _one_task(results: Results) -> Panel:
    rows = tuple(
        (
            f"{line.takers} of {line.seats}",
            f"{line.flipped.value:.0%}",
            _plain(line.loss),
            _plain(line.plain),
            _plain(line.epsilon),
        )
        for line in results.one_task
    )
    return Panel(
        "one task",
        "A bribe about one task, in prices",
        ("takers", "the lie stands", "a taker loses", "bill, all paid", "bill, P + epsilon"),
        rows,
    )


def _every_task(results: Results) -> Panel:
    rows = tuple(
        (
            _GOLD_WORDS[line.golds],
            f"{line.takers} of {line.seats}",
            f"{line.won.value:.0%}",
            _signed(line.from_round),
            _signed(line.taken),
            _signed(line.refused),
            _plain(line.bill),
        )
        for line in results.every_task
    )
    columns = ("", "takers", "the crowd falls", "the round gives a taker", "with the bribe")
    return Panel(
        "every task",
        "P + epsilon on every task, in prices",
        (*columns, "an honest seat", "the briber's bill"),
        rows,
        words=2,
    )
