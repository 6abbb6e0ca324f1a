"""What is played, and the tables and goals that come of it.

A table has a line for each of its rows, with the matches that the line is about. Figures are
means over rounds with half of their 95% interval, in prices a seat; `a / b` is a seat of the bloc
and an honest seat beside it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

import numpy as np

from plumbline.lab.league.match import Match, Record, Series, lead, run
from plumbline.lab.league.players import (
    ACCURACIES,
    ALONE,
    EASY,
    KNOWS_GOLD,
    MIDDLE,
    PUPPETS,
    SHEETS,
    SHIRKERS,
    SILENT,
    GoldUse,
)
from plumbline.lab.page import FigureTable
from plumbline.planning.intervals import Mean
from plumbline.planning.worlds import World
from plumbline.progress import Progress
from plumbline.settlement.terms import BPS, Kind

SECTIONS: Final = ("honest", "alone", "blocs", "shirkers", "bills", "costs", "copies")
BINARY, FOUR, SCALE = (
    World("binary 60/40", (0.6, 0.4), difficulty=1.0),
    World("four options", (0.4, 0.3, 0.2, 0.1), difficulty=1.0),
    World("scale of 5, w = 3", (2.0, 3.0, 4.0, 3.0, 2.0), width=3, difficulty=1.0),
)
WORLDS: Final = (
    *(
        replace(BINARY, name=f"binary {x}/{100 - x}", prior=(x / 100, 1 - x / 100))
        for x in (50, 60, 80, 90)
    ),
    *(FOUR, SCALE, replace(SCALE, name="scale of 5, w = 4", width=4)),
    World("A / tie / B", (0.4, 0.2, 0.4), width=2, difficulty=1.0),
)
MAIN: Final = (BINARY, FOUR, SCALE)
FAIR, NONE = GoldUse.FAIR, GoldUse.NONE
LEAKED: Final = "leaked gold"
SHARES: Final = (10, 20, 30, 40, 50)  # percent of the seats
FINE: Final = (10, 20, 25, 30, 35, 40, 50)
_STRICT: Final = (("gold_pass_bps", 4_000), ("gold_slash_bps", 1_000))
_HARSH: Final = (*_STRICT, ("bar_bps", 20_000), ("rho_bps", BPS), ("tau_bps", 9_000))
ABUSES: Final[Mapping[str, Match]] = {
    "fair": Match(BINARY, (), FAIR),
    "strict gold: pass 0.4, fail -0.1": Match(BINARY, (), FAIR, _STRICT),
    "strict in every term": Match(BINARY, (), FAIR, _HARSH),
    "gold tasks at random": Match(BINARY, (), GoldUse.ANY),
    "the hardest tasks": Match(BINARY, (), GoldUse.HARD),
    "the hardest tasks, strict": Match(BINARY, (), GoldUse.HARD, _STRICT),
    "a quarter of the gold answers wrong": Match(BINARY, (), GoldUse.QUARTER_WRONG),
    "all gold answers wrong": Match(BINARY, (), GoldUse.WRONG),
    "one gold answer fewer than promised": Match(BINARY, (), GoldUse.FEWER),
    "gold answers of one option only": Match(BINARY, (), GoldUse.ONE_SIDED),
    "gold answers withheld": Match(BINARY, (), GoldUse.WITHHELD),
    "8 own seats say the majority": Match(BINARY, (("majority", 8),), FAIR),
    "11 own seats say the majority": Match(BINARY, (("majority", 11),), FAIR),
    "11 own seats, one random sheet": Match(BINARY, (("decoy", 11),), FAIR),
    "8 own seats know the gold answers": Match(BINARY, ((PUPPETS, 8),), FAIR),
    "11 own seats know the gold answers": Match(BINARY, ((PUPPETS, 11),), FAIR),
    "the same, strict": Match(BINARY, ((PUPPETS, 11),), FAIR, _STRICT),
    "11 own seats, gold answers from their sheet": Match(BINARY, (("decoy", 11),), GoldUse.DECOY),
}
OPEN_ABUSES: Final[Mapping[str, Match]] = {
    "fair": Match(BINARY),
    "strict in every term": Match(BINARY, (), NONE, _HARSH[2:]),
    "one own silent seat, r_min = seats": Match(BINARY, ((SILENT, 1),), NONE, (("r_min", 20),)),
    "8 own seats say the majority": Match(BINARY, (("majority", 8),)),
    "8 own seats, one random sheet": Match(BINARY, (("decoy", 8),)),
    "11 own seats, one random sheet": Match(BINARY, (("decoy", 11),)),
    "the same, refund_bps 5,000": Match(BINARY, (("decoy", 11),), NONE, (("refund_bps", 5_000),)),
}

_SHARED: Final = (
    *(("one honest sheet", 1, 2, 4, 8), ("one model", 5, 10, 15)),
    *(("lies about a fifth", 4, 8, 11), ("lies about one task", 11)),
)
Records = Mapping[Match, Record]
Rows = Sequence[tuple[str, Sequence[Match]]]
Cells = Callable[[Sequence[Record]], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Table:
    """Lines in words, each with its matches, and what a line shows of their records.

    `key` is title, and place in docs/incentives.md; `columns`, and the words of a line, have `|`
    between.
    """

    section: str
    key: str
    columns: str
    rows: Rows
    cells: Cells
    weight: float = 1.0  # rounds of its matches, of those asked for

    def figures(self, records: Records) -> FigureTable:
        """The table, of all matches played."""
        rows = [
            (*words.split("|"), *self.cells([records[match] for match in matches]))
            for words, matches in self.rows
        ]
        names, labels = self.columns.split("|"), len(self.rows[0][0].split("|"))
        columns = (*names[:labels], *(f">{name}" for name in names[labels:]))
        return FigureTable(self.key, self.key.capitalize(), columns, rows)


def sized(world: World, seats: int, tasks: int, gold_tasks: int) -> World:
    """The world with rounds of another size."""
    name = f"{world.name}, {seats} seats, {tasks} tasks"
    return replace(world, name=name, seats=seats, tasks=tasks, gold_tasks=gold_tasks)


SIZES: Final = tuple(
    sized(*size)  # world, seats, tasks, gold tasks (0: no gold)
    for size in (
        *((BINARY, 20, *size) for size in ((48, 12), (64, 16), (96, 24), (128, 12), (256, 24))),
        *((BINARY, seats, 128, 24) for seats in (5, 9, 40)),
        *((BINARY, *size, 0) for size in ((20, 24), (20, 48), (5, 24), (5, 48), (9, 48))),
        *((FOUR, 20, *size) for size in ((32, 8), (48, 12), (96, 12), (128, 24))),
        *((SCALE, 20, *size) for size in ((32, 8), (48, 12), (96, 12), (128, 24))),
    )
)


def sheets_of(world: World) -> tuple[str, ...]:
    """No-work sheets that a bloc may share."""
    return (*SHEETS, MIDDLE) if world.kind is Kind.ORDINAL else SHEETS


def bloc(world: World, sheet: str, percent: int, regime: str) -> Match:
    """A bloc with a sheet at a share of the seats; `regime` is secret, no, or leaked gold."""
    name = sheet if regime != LEAKED else f"gold answers known, {sheet}"
    gold = NONE if regime == NONE.value else FAIR
    return Match(world, ((name, round(world.seats * percent / 100)),), gold)


def crew(world: World, gold: GoldUse) -> Match:
    """Honest labelers of each known accuracy among others: two, where there are seats enough."""
    each = 2 if world.seats > 2 * len(ACCURACIES) + 1 else 1
    return Match(world, tuple((f"honest {accuracy}", each) for accuracy in ACCURACIES), gold)


def best(records: Sequence[Record]) -> Record:
    """Of the blocs with as many seats, the one that ends with most."""
    return max(records, key=lambda record: float(record.first.net.mean()))


def crossing(shares: Sequence[int], gains: Sequence[float]) -> str:
    """The first share of the seats at which a gain is above zero, on lines between those played."""
    for place, gain in enumerate(gains):
        if gain > 0 and place == 0:
            return f"{shares[0]}% or less"
        if gain > 0:
            before, step = gains[place - 1], shares[place] - shares[place - 1]
            return f"{shares[place - 1] + step * -before / (gain - before):.0f}%"
    return f"never, to {shares[-1]}%"


def plain(series: Series, sign: str = "") -> str:
    """A mean with half of its interval; `sign` is `+` to show it."""
    mean = Mean.of(series)
    return f"{mean.value:{sign}.2f} ±{mean.half:.2f}"


def _each(*cells: Callable[[Record], str]) -> Cells:
    """The same cells of every match of a line."""
    return lambda records: [cell(record) for record in records for cell in cells]


def _beside(record: Record) -> str:
    return f"{record.first.net.mean():+.2f} / {record.others.net.mean():+.2f}"


def _best(records: Sequence[Record]) -> list[str]:
    return [_beside(best(records[x :: len(SHARES)])) for x in range(len(SHARES))]


def _break_even(records: Sequence[Record]) -> list[str]:
    size, cells = len(records) // 2, []
    for regime in (records[:size], records[size:]):
        top = [best(regime[x :: len(FINE)]) for x in range(len(FINE))]
        nets = [float(record.first.net.mean()) for record in top]
        ahead = [net - float(one.others.net.mean()) for net, one in zip(nets, top, strict=True)]
        cells += [crossing(FINE, nets), crossing(FINE, ahead), _beside(top[5])]
    return [*cells, f"{top[5].others.slashed.value:.0%}"]


def _honest(records: Sequence[Record]) -> list[str]:
    parties = [records[0].parties[f"honest {accuracy}"] for accuracy in ACCURACIES]
    return [*(plain(x.pay) for x in parties), *(f"{x.slashed.value:.1%}" for x in parties[:3])]


def _cost(records: Sequence[Record]) -> list[str]:
    (record,) = records
    seats = record.match.world.seats
    paid = np.stack([x.pay * x.seats for x in record.parties.values()]).sum(axis=0) / seats
    modes = [f"{mode.label} {share:.0%}" for mode, share in record.modes.items() if share >= 0.005]
    shares = (plain(record.spent / seats), plain(paid), f"{record.sink.mean() / seats:.2f}")
    return [*shares, ", ".join(modes), f"{record.right.mean():.0%}"]


def _copies(records: Sequence[Record]) -> list[str]:
    shown = [plain(x.first.pay) + f" / {x.others.pay.mean():.2f}" for x in records]
    return [*shown, *(f"{record.right.mean():.0%}" for record in records)]


def _tables() -> Iterator[Table]:
    """Everything that is played, but for the goals."""
    names = "|".join(world.name for world in WORLDS)
    shown = "|".join(f"{share}%" for share in SHARES)
    secret, sheet = FAIR.value, SHEETS[0]
    levels = "pay at 0.6|0.7|0.8|0.9|slashed at 0.6|0.7|0.8"
    other = [(x, GoldUse.ANY) for x in (SIZES[0], *MAIN)]
    other += [(x, GoldUse.FIFTH) for x in WORLDS[2:4]]
    crews = [crew(*key) for key in (*product(WORLDS, (FAIR, NONE)), *other)]
    rows: Rows = [(f"{x.world.name}|{x.gold.value}", [x]) for x in crews]
    yield Table("honest", "honest labelers", f"world|gold|{levels}", rows, _honest, 5)
    rows = [(f"{x.name}|{x.gold_tasks}", [crew(x, FAIR if x.gold_tasks else NONE)]) for x in SIZES]
    key = "honest labelers, other sizes"
    yield Table("honest", key, f"world|gold tasks|{levels}", rows, _honest, 5)
    nets, pays = _each(lambda x: plain(x.first.net, "+")), _each(lambda x: plain(x.first.pay))
    for gold in (FAIR, NONE):
        idle = [x for x in ALONE if gold.exist or x != KNOWS_GOLD]
        often = 10.0 if gold is FAIR else 0.5  # a single seat is noisy, and a goal hangs on it
        for section, title, cells, weight, played in (
            ("alone", "one seat without work", nets, 0.5, ("honest 0.8", *idle)),
            ("shirkers", "who works on a part", pays, often, ("honest 0.9", *SHIRKERS)),
        ):
            rows = [(x, [Match(world, ((x, 1),), gold) for world in WORLDS]) for x in played]
            key = f"{title}, {gold.value}"
            yield Table(section, key, f"strategy|{names}", rows, cells, weight)
    rows = [(x.name, [bloc(x, s, p, secret) for s in sheets_of(x) for p in SHARES]) for x in WORLDS]
    yield Table("blocs", "best sheet of a bloc, secret gold", f"world|{shown}", rows, _best)
    pairs = product(MAIN, (*SHEETS, MIDDLE, "shared length", "one inverted sheet"))
    kept = [(x, s) for x, s in pairs if s != MIDDLE or x is SCALE]
    rows = [(f"{x.name}|{s}", [bloc(x, s, p, secret) for p in SHARES]) for x, s in kept]
    key = "blocs, sheet by sheet, secret gold"
    yield Table("blocs", key, f"world|sheet|{shown}", rows, _each(_beside))
    keys = list(product((NONE.value, LEAKED), SHEETS[:2], FINE))
    rows = [(x.name, [bloc(x, s, p, regime) for regime, s, p in keys]) for x in WORLDS]
    columns = "no gold: gains|beats|at 40%|leaked gold: gains|beats|at 40%|honest slashed there"
    key = "from which share a bloc gains, or beats honest work"
    yield Table("blocs", key, f"world|{columns}", rows, _break_even, 0.5)
    few = [(5, 48), (5, 128), (7, 128), (9, 48), (9, 128), (20, 128), (40, 128)]
    keys = list(product((NONE.value, secret), (sheet,), (20, 40)))
    rows = [
        (f"{x.seats}|{x.tasks}", [bloc(x, s, p, regime) for regime, s, p in keys])
        for x in (sized(BINARY, *size, 0) for size in few)
    ]
    columns = "seats|tasks|no gold: 20%|no gold: 40%|secret gold: 20%|secret gold: 40%"
    yield Table("blocs", "one random sheet, other sizes", columns, rows, _each(_beside), 0.5)
    shares, golden = (20, 30, 35, 40, 50), [x for x in SIZES if x.gold_tasks]
    rows = [
        (f"{x.name}|{x.gold_tasks}", [bloc(x, sheet, p, secret) for p in shares]) for x in golden
    ]
    columns = "world|gold tasks|20%|30%|35%|40%|50%"
    yield Table("blocs", "one random sheet, by gold tasks", columns, rows, _each(_beside))
    bill = _each(lambda x: plain(x.bill), lambda x: f"{x.others.net.mean():+.2f}")
    for gold, abuses in ((FAIR, ABUSES), (NONE, OPEN_ABUSES)):
        names = "|".join(f"{world.name}: bill|an honest seat" for world in MAIN)
        columns = f"what the requester does|{names}"
        key = f"bill for an honest sheet, {gold.value}"
        rows = [(words, [replace(x, world=w) for w in MAIN]) for words, x in abuses.items()]
        yield Table("bills", key, columns, rows, bill, 0.5)
    rows = [(f"{x.name}|{g.value}", [Match(x, (), g)]) for g, x in product((FAIR, NONE), WORLDS)]
    lost = [Match(x, (("random", 20),), FAIR) for x in MAIN]
    rows = [*rows, *((f"{x.world.name}, all guess|{secret}", [x]) for x in lost)]
    columns = "world|gold|the requester|labelers|sink|judged by|labels right"
    yield Table("costs", "what a seat costs", columns, rows, _cost)
    shared = [(name, seats) for name, *many in _SHARED for seats in many]
    rows = [(f"{x[0]}|{x[1]}", [Match(BINARY, (x,), g) for g in (NONE, FAIR)]) for x in shared]
    columns = "what|seats|no gold|secret gold|labels right, no gold|secret gold"
    yield Table("copies", "pay for shared work and shared lies", columns, rows, _copies)


TABLES: Final = tuple(_tables())


def goals(records: Records) -> FigureTable:
    """What the rule was to reach, beside the worst that was measured."""

    def slashed(worlds: Sequence[World]) -> list[tuple[float, str]]:
        return [
            (records[crew(x, FAIR)].parties["honest 0.7"].slashed.value, x.name) for x in worlds
        ]

    def alone(name: str, gold: GoldUse, world: World) -> Record:
        return records[Match(world, ((name, 1),), gold)]

    def bills(*names: str) -> list[tuple[float, str]]:
        keys = [(x, name, replace(ABUSES[name], world=x)) for name, x in product(names, MAIN)]
        return [(float(records[k].bill.mean()), f"{name}, {x.name}") for x, name, k in keys]

    usual = [x for x in SIZES if x.gold_tasks == replace(x, gold_tasks=None).gold_count]
    leads = [
        (lead(alone("honest 0.8", g, x), alone(name, g, x)), f"{name}, {x.name}, {g.value}")
        for name, x, g in product(ALONE, WORLDS, (FAIR, NONE))
        if name != KNOWS_GOLD
    ]
    blocs = [
        (records[bloc(x, sheet, percent, FAIR.value)], f"{sheet}, {percent}%, {x.name}")
        for x in WORLDS
        for sheet, percent in product(sheets_of(x), SHARES[:4])
    ]
    gains = [(float(record.first.net.mean()), words) for record, words in blocs]
    ahead = [(float((x.others.net - x.first.net).mean()), words) for x, words in blocs]
    pairs = zip(bills(list(ABUSES)[1]), bills("fair"), strict=True)
    strict = [(bill / fair, where) for (bill, where), (fair, _) in pairs]
    easy = [(float(alone(EASY, FAIR, x).first.pay.mean()), x.name) for x in WORLDS]
    large = [*WORLDS, *(x for x in usual if x.tasks >= 96)]
    found = (
        ("honest 0.7 slashed; 96 tasks and more, usual gold", "at most 0.003", slashed(large)),
        ("honest 0.7 slashed; 48 tasks, two options", "at most 0.014", slashed(SIZES[:1])),
        ("honest 0.8 ahead of every no-work strategy, of its pay", "at least 0.6", leads),
        ("gain of a bloc to 40% of the seats, secret gold", "at most 0.02", gains),
        ("an honest seat ahead of a seat of that bloc", "at least 0", ahead),
        ("bill for an honest sheet, any abuse, refund_bps 5,000", "at least 0.5", bills(*ABUSES)),
        ("bill with strict gold, of a fair bill", "at least 0.9", strict),
        (f"{EASY}, at 0.9: pay", "at most 0.65", easy),
    )
    rows = []
    for words, goal, seen in found:
        bound, is_most = float(goal.split()[-1]), "most" in goal
        worst, where = max(seen) if is_most else min(seen)
        # Floors of wei are not to count as a miss.
        is_met = worst <= bound + 1e-9 if is_most else worst >= bound - 1e-9
        rows.append((words, goal, f"{worst:.3f}", where, "yes" if is_met else "**no**"))
    columns = ("figure", "goal", ">worst measured", "where", "met")
    return FigureTable("goals", "What the rule was to reach", columns, rows)


def programme(rounds: int, sections: Sequence[str] = SECTIONS) -> dict[Match, int]:
    """How many rounds of each match."""
    todo: dict[Match, int] = {}
    for table in TABLES:
        for match in (match for _, matches in table.rows for match in matches):
            if table.section in sections:
                todo[match] = max(todo.get(match, 2), round(rounds * table.weight))
    return todo


def sample(
    rounds: int, seed: int, number: int, sections: Sequence[str] = SECTIONS
) -> list[tuple[Match, int]]:
    """So many of the rounds that `simulate` plays: match and number."""
    todo, dice = list(programme(rounds, sections).items()), np.random.default_rng([seed, 1])
    places = dice.choice(len(todo), number, replace=number > len(todo))
    return [(todo[place][0], int(dice.integers(todo[place][1]))) for place in places]


def simulate(
    rounds: int, seed: int, progress: Progress, sections: Sequence[str] = SECTIONS
) -> dict[Match, Record]:
    """Play sections; `rounds` of each match, of some more or fewer."""
    todo, records, done = programme(rounds, sections), {}, 0
    total = sum(todo.values())
    for match in sorted(todo, key=lambda match: str(match.world)):  # scenes are kept by world
        progress(match.world.name, done, total)
        records[match] = run(match, todo[match], seed)
        done += todo[match]
    progress("done", total, total)
    return records


def all_figures(records: Records, sections: Sequence[str] = SECTIONS) -> list[FigureTable]:
    """All tables of these sections; the goals too if nothing is left out."""
    shown = [table.figures(records) for table in TABLES if table.section in sections]
    return [goals(records), *shown] if set(sections) == set(SECTIONS) else shown
