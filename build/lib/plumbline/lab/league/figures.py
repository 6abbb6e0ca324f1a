"""What follows from the rounds that were played: margins, break-even shares, and all as JSON."""

from dataclasses import dataclass
from typing import Any, Final

from plumbline.lab.intervals import Mean, Share
from plumbline.lab.league.breakeven import Crossing, crossing
from plumbline.lab.league.play import CROWD
from plumbline.lab.league.programme import BENCH, BLOC, OWN, BlocCurve, Results
from plumbline.lab.league.tournament import Record, Series, Standing
from plumbline.lab.league.world import World
from plumbline.settlement import Band
from plumbline.settlement.terms import BPS

PROMISED: Final = 0.6
"""How far honest work at 0.8 must be ahead of those below, as a share of its own pay."""

BEATEN: Final = (
    "random",
    "prior-guessing",
    "constant",
    "inverted",
    "copying a sheet of another batch",
    "copying a commitment",
    "silent",
)


@dataclass(frozen=True, slots=True)
class BreakEven:
    """From which share on a kind of bloc gains.

    gains  its seats end with more than they had
    beats  its seats end with more than the honest others of the same rounds
    """

    curve: BlocCurve
    gains: Crossing
    beats: Crossing


def behind(record: Record, bench: Record) -> Mean:
    """How far the first party's pay is behind that of the bench, as a share of the latter.

    Both have played the same rounds: the same tasks and the same honest others.
    """
    pay = bench.standings[0].pay
    return Mean.of((pay - record.standings[0].pay) / float(pay.mean()))


def bench_of(records: list[Record], record: Record) -> Record:
    """The honest labeler of 0.8 in the same world, with the same golds."""
    return next(
        one
        for one in records
        if one.match.name == BENCH
        and one.match.world == record.match.world
        and one.match.golds is record.match.golds
    )


def break_even(curve: BlocCurve, seed: int) -> BreakEven:
    """Both shares, from net gains in prices, labour left aside."""
    nets = [record.of(BLOC).net for record in curve.records]
    others = [record.of(CROWD).net for record in curve.records]
    ahead = [net - other for net, other in zip(nets, others, strict=True)]
    return BreakEven(curve, crossing(curve.shares, nets, seed), crossing(curve.shares, ahead, seed))


def predicted(world: World) -> float | None:
    """((2p - 1) - tau) / 2p: where a bloc that contradicts a crowd of accuracy p outvotes it.

    None where the crowd has no one accuracy.
    """
    low, high = world.crowd
    if low != high or world.difficulty:
        return None
    return ((2 * low - 1) - world.terms().tau_bps / BPS) / (2 * low)


def slashed(record: Record, standing: Standing) -> Share:
    """Seats that lost stake, of all: rounds are independent, the seats of one nearly so."""
    seats = record.rounds * standing.seats
    return Share(round(standing.slashed_share() * seats), seats)


def void_seats(record: Record, standing: Standing) -> Share:
    """Seats that could not be judged, of all."""
    seats = record.rounds * standing.seats
    return Share(round(standing.bands[Band.VOID] * seats), seats)


def spent(record: Record) -> Series:
    """What a requester is poorer by, with its own seats, in prices a round."""
    found: Series = -record.requester
    for standing in record.standings:
        if standing.name == OWN:
            found = found - standing.net * standing.seats
    return found


def honest_sheets(record: Record) -> int:
    """Sheets of honest others that are public after the round."""
    return record.of(CROWD).seats


def to_json(results: Results, cost: float) -> dict[str, Any]:
    """Everything; amounts in prices or stakes, as their names say. `cost` is that of labour."""
    value: dict[str, Any] = {
        "rounds": results.rounds,
        "seed": results.seed,
        "cost_of_labour": cost,
    }
    value["strategies"] = [
        record.to_json(cost) | {"behind": _behind(results.strategies, record)}
        for record in results.strategies
    ]
    for name, records in (
        ("honest", results.honest),
        ("small", results.small),
        ("copies", results.copies),
    ):
        value[name] = [record.to_json(cost) for record in records]
    value["requesters"] = [
        record.to_json(cost) | {"spent": Mean.of(spent(record)).to_json()}
        for record in results.requesters
    ]
    value["blocs"] = [_bloc_json(curve, results.seed, cost) for curve in results.blocs]
    value["leaks"] = [line.to_json() for line in results.leaks]
    value["one_task"] = [line.to_json() for line in results.one_task]
    value["every_task"] = [line.to_json() for line in results.every_task]
    return value


def _behind(records: list[Record], record: Record) -> dict[str, float | None]:
    return behind(record, bench_of(records, record)).to_json()


def _bloc_json(curve: BlocCurve, seed: int, cost: float) -> dict[str, Any]:
    found = break_even(curve, seed)
    return {
        "crowd": curve.crowd.name,
        "kind": curve.kind,
        "regime": curve.regime,
        "gains": found.gains.to_json(),
        "beats": found.beats.to_json(),
        "shares": list(curve.shares),
        "records": [record.to_json(cost) for record in curve.records],
    }
