"""Random rounds for the judge and its reference implementation: of every shape that terms allow,
and of crowds that agree, split, conspire, guess, skip or stay silent.

A round depends on its seed alone. It uses only integers and `random.Random`, whose `randrange`,
`choice` and `random` yield the same numbers wherever Python runs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from plumbline.settlement import settle
from plumbline.settlement.consensus import Row
from plumbline.settlement.terms import (
    BPS,
    LEAK_BOUNTY_BPS,
    MAX_BAR_BPS,
    MAX_GOLD_PASS_BPS,
    MAX_OPTIONS,
    MAX_SEATS,
    MAX_TASKS,
    MAX_WIDTH,
    MIN_GOLD_PASS_BPS,
    MIN_GOLD_SLASH_BPS,
    MIN_SEATS,
    MIN_TASKS,
    MIN_WIDTH,
    TASKS_PER_GOLD,
    Kind,
    ScoringTerms,
    fewest_gold_tasks,
    usual_gold_count,
    usual_gold_slash,
)

MOST_WEI = 2**88 - 1

Answers = list[int | None]


@dataclass(frozen=True, slots=True)
class Round:
    """All that a settlement is made from: `gold` as it was opened, empty if nothing was."""

    terms: ScoringTerms
    answers: Sequence[Row | None]
    gold: Mapping[int, int]

    @property
    def gold_withheld(self) -> bool:
        """Whether gold was promised and nothing was opened."""
        return self.terms.has_gold and not self.gold

    def to_vector(self, name: str) -> dict[str, Any]:
        """The round in the form of the vectors, with the settlement expected of it."""
        settlement = settle(self.terms, self.answers, self.gold)
        return {"name": name, **self.to_question(), "expect": settlement.to_vector()}

    def to_question(self) -> dict[str, Any]:
        """The same without a name and an expectation."""
        return {
            "terms": self.terms.to_vector(),
            "gold": {str(task): truth for task, truth in self.gold.items()},
            "gold_withheld": self.gold_withheld,
            "answers": [None if row is None else list(row) for row in self.answers],
        }

    @classmethod
    def from_vector(cls, vector: Mapping[str, Any]) -> "Round":
        """The inverse of both."""
        return cls(
            terms=ScoringTerms.from_vector(vector["terms"]),
            answers=vector["answers"],
            gold={int(task): truth for task, truth in vector["gold"].items()},
        )


def random_round(seed: int) -> Round:
    """The round of that seed."""
    rng = Random(seed)
    terms, size = _terms(rng)
    truth = _truth(rng, terms)
    known = _gold(rng, terms, truth)
    answers = _answers(rng, terms, truth, known, size)
    return Round(terms, answers, _as_opened(rng, terms, known))


# Terms: the ends of each range come up more often than what lies between.


def _terms(rng: Random) -> tuple[ScoringTerms, int]:
    """Terms, and how many labelers committed."""
    kind = rng.choice([Kind.NOMINAL, Kind.ORDINAL])
    options = rng.choice([2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 6, 7, 8, 9, 12, 15, MAX_OPTIONS])
    size = _size(rng, options)
    seats = max(MIN_SEATS, rng.choice([size, size, min(MAX_SEATS, size + 3), MAX_SEATS]))
    slash_max = rng.choice([LEAK_BOUNTY_BPS, 5_000, BPS, rng.randrange(LEAK_BOUNTY_BPS, BPS + 1)])
    tasks = rng.choice(
        [MIN_TASKS, 20, 36, 48, 100, 255, MAX_TASKS, rng.randrange(MIN_TASKS, MAX_TASKS + 1)]
    )
    gold_count = _gold_count(rng, options, tasks)
    gold_pass, gold_slash = _gold_shares(rng, gold_count)
    most_tau = (seats - 1) * BPS // seats + 1
    terms = ScoringTerms(
        kind=kind,
        options=options,
        width=1 if kind is Kind.NOMINAL else _width(rng, options),
        tasks=tasks,
        price=_amount(rng),
        stake=max(_amount(rng), BPS),  # with any share of it above 0, an outlier loses a wei
        seats=seats,
        r_min=rng.choice([MIN_SEATS] * 5 + [min(5, seats), seats]),
        tau_bps=rng.choice([0, 1, 200, 200, 200, 200, 200, 1_500, 2_500, rng.randrange(most_tau)]),
        rho_bps=rng.choice([0, 5_000, 5_000, BPS, rng.randrange(BPS + 1)]),
        bar_bps=rng.choice([BPS, 12_500, 13_500, MAX_BAR_BPS, rng.randrange(BPS, MAX_BAR_BPS + 1)]),
        refund_bps=rng.choice([0, 5_000, 5_000, BPS, rng.randrange(BPS + 1)]),
        slash_base_bps=rng.choice([1, slash_max // 2, slash_max, rng.randrange(1, slash_max + 1)]),
        slash_max_bps=slash_max,
        showup_bps=rng.choice([0, 1_000, BPS, rng.randrange(BPS + 1)]),
        gold_count=gold_count,
        gold_pass_bps=gold_pass,
        gold_slash_bps=gold_slash,
    )
    return terms, size


def _size(rng: Random, options: int) -> int:
    """0 to 60 labelers, most often a dozen; now and then a full house."""
    roll = rng.random()
    if roll < 0.015 and options < 6:
        return MAX_SEATS
    if roll < 0.04:
        return rng.randrange(0, 3)
    if roll < 0.08:
        return rng.randrange(24, 61)
    return rng.randrange(3, 13)


def _width(rng: Random, options: int) -> int:
    widest = min(4 * (options - 1), MAX_WIDTH)
    usual = max(MIN_WIDTH, options // 2)
    return rng.choice([MIN_WIDTH, usual, usual, widest, rng.randrange(MIN_WIDTH, widest + 1)])


def _amount(rng: Random) -> int:
    return rng.choice([1, 9_999, 10**16, MOST_WEI, rng.randrange(1, MOST_WEI + 1)])


def _gold_count(rng: Random, options: int, tasks: int) -> int:
    """None in two of five rounds, and where there are too few tasks."""
    fewest, most = fewest_gold_tasks(options), min(tasks // TASKS_PER_GOLD, tasks - MIN_TASKS)
    if most < fewest or rng.random() < 0.4:
        return 0
    usual = usual_gold_count(options, tasks)
    return rng.choice([fewest, usual, usual, most, rng.randrange(fewest, most + 1)])


def _gold_shares(rng: Random, gold_count: int) -> tuple[int, int]:
    if not gold_count:
        return rng.randrange(BPS + 1), rng.randrange(BPS + 1)
    if rng.random() < 0.7:
        return 2_500, usual_gold_slash(gold_count)
    between = rng.randrange(MIN_GOLD_PASS_BPS, MAX_GOLD_PASS_BPS + 1)
    gold_pass = rng.choice([MIN_GOLD_PASS_BPS, MAX_GOLD_PASS_BPS, between])
    between = rng.randrange(MIN_GOLD_SLASH_BPS, BPS + 1)
    return gold_pass, rng.choice([MIN_GOLD_SLASH_BPS, BPS, between])


# Crowds.


def _truth(rng: Random, terms: ScoringTerms) -> list[int]:
    """Evenly spread, on two options only, or nearly (and sometimes entirely) one-sided."""
    options = range(terms.options)
    spread = rng.choice(["even", "even", "even", "even", "even", "two", "two", "one-sided", "same"])
    if spread == "two":
        options_of_two = [options[0], options[-1]]
        return [rng.choice(options_of_two) for _ in range(terms.tasks)]
    usual = rng.choice(options)
    unusual = {"even": 1.0, "one-sided": 0.07, "same": 0.0}[spread]
    return [rng.choice(options) if rng.random() < unusual else usual for _ in range(terms.tasks)]


def _answers(
    rng: Random, terms: ScoringTerms, truth: Sequence[int], known: Mapping[int, int], size: int
) -> list[Answers | None]:
    """A row for each labeler: most of them are of the crowd's own kind, some are not.

    `known` are the gold answers as the requester has them: a bloc may have been told.
    """
    habit = rng.choice(
        ["honest", "honest", "honest", "honest", "honest", "split", "inverted", "guessing"]
    )
    strays = rng.choice([0.0, 0.15, 0.15, 0.5])
    bloc = rng.choice([0.0, 0.0, 0.0, 0.3, 0.6])
    sheet = [rng.randrange(terms.options) for _ in truth]
    if rng.random() < 0.5:
        sheet = [known.get(task, answer) for task, answer in enumerate(sheet)]
    skill = rng.choice([0.6, 0.75, 0.9, 0.9, 1.0])
    skips = rng.choice([0.0, 0.02, 0.02, 0.3])
    rows: list[Answers | None] = []
    for number in range(size):
        manner = habit if rng.random() >= strays else rng.choice(_STRAYS)
        if rng.random() < bloc:
            rows.append(list(sheet))
            continue
        if manner == "silent":
            rows.append(None)
            continue
        if manner == "copying" and rows and (first := rows[0]) is not None:
            rows.append(list(first))
            continue
        often = {"skipping": 0.9, "empty": 1.0}.get(manner, skips)
        row = [_answer(rng, terms, manner, number, true, skill) for true in truth]
        rows.append([None if rng.random() < often else answer for answer in row])
    return rows


_STRAYS = [
    *("honest", "inverted", "guessing", "constant"),
    *("copying", "skipping", "silent", "empty"),
]


def _answer(
    rng: Random, terms: ScoringTerms, manner: str, number: int, true: int, skill: float
) -> int:
    options = terms.options
    if manner == "guessing":
        return rng.randrange(options)
    if manner == "constant":
        return number % options
    if manner == "inverted":
        return options - 1 - true if terms.kind is Kind.ORDINAL else (true + 1) % options
    if manner == "split" and number % 2:
        # With every other labeler one option further, margins are met by a hair or missed.
        return (true + 1) % options
    if rng.random() < skill:
        return true
    if terms.kind is Kind.ORDINAL:
        return min(options - 1, max(0, true + rng.choice([-2, -1, 1, 2])))
    return rng.randrange(options)


def _gold(rng: Random, terms: ScoringTerms, truth: Sequence[int]) -> dict[int, int]:
    """As many as promised; true, partly wrong, all wrong, which looks as if the crowd were
    captured, or of one option nearly or entirely.
    """
    tasks = sorted(rng.sample(range(terms.tasks), terms.gold_count))
    wrong = rng.choice([0.0, 0.0, 0.0, 0.2, 0.5, 1.0])
    gold = {
        task: rng.randrange(terms.options) if rng.random() < wrong else truth[task]
        for task in tasks
    }
    if rng.random() < 0.15:
        usual = rng.choice([0, terms.options - 1])
        others = rng.randrange(1 + terms.gold_count // 3)
        gold |= dict.fromkeys(tasks[others:], usual)
    return gold


def _as_opened(rng: Random, terms: ScoringTerms, known: Mapping[int, int]) -> dict[int, int]:
    """Most often all of them; now and then none, one too few or one too many."""
    manner = rng.choice(["all"] * 12 + ["none", "one too few", "one too many"])
    opened = dict(known)
    if not opened or manner == "none":
        return {}
    if manner == "one too few":
        del opened[min(opened)]
    if manner == "one too many":
        opened[next(task for task in range(terms.tasks) if task not in opened)] = 0
    return opened
