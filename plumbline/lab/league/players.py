"""How seats are played, by the name of the strategy, and what a requester does with gold answers.

Nobody sees another's answers before having committed; sheets are only ever shared by consent.
Given several seats, a strategy whose name says `one` or `shared` plays them as one.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Final

import numpy as np

from plumbline.formats.gold_choice import evenly
from plumbline.planning.worlds import SKIP, Answers, Deal, Dice, Row
from plumbline.settlement.terms import Kind

Strategy = Callable[[Dice, Deal, int], Answers]
"""What so many seats commit to, a row each."""

CROWD: Final = "the others"
SILENT: Final = "silent"
PUPPETS: Final = "gold answers known, one random sheet"
KNOWS_GOLD: Final = "gold answers known, random"
EASY: Final = "easiest half, majority for the rest"
ACCURACIES: Final = (0.6, 0.7, 0.8, 0.9)
_SIGNAL: Final = 0.1  # of the tasks on which the length of the text gives the answer away
_LIES: Final = 0.2  # of the tasks


def honest(accuracy: float) -> Strategy:
    """Looks at every task; this share of the answers is right."""
    return lambda dice, deal, seats: deal.work(dice, np.full(seats, accuracy))


def crowd(dice: Dice, deal: Deal, seats: int) -> Answers:
    """The honest others: accuracies drawn evenly between the world's two bounds."""
    return deal.work(dice, dice.uniform(*deal.world.crowd, seats))


def one(strategy: Strategy) -> Strategy:
    """One sheet, made once and handed in from every seat."""
    return lambda dice, deal, seats: np.repeat(strategy(dice, deal, 1), seats, axis=0)


def knows_gold(strategy: Strategy) -> Strategy:
    """Right on all gold tasks, as they were opened; plays another strategy on the rest."""

    def play(dice: Dice, deal: Deal, seats: int) -> Answers:
        rows = strategy(dice, deal, seats).copy()
        rows[:, list(deal.gold)] = list(deal.gold.values())
        return rows

    return play


def guess(by_prior: bool = False, low: int = 0, high: int = 0) -> Strategy:
    """Without a look: any option, as often as each is true, or all but some at the two ends."""

    def play(dice: Dice, deal: Deal, seats: int) -> Answers:
        shape, options = (seats, deal.world.tasks), deal.world.options
        if by_prior:
            return dice.choice(options, shape, p=deal.world.shares).astype(np.int64)
        return dice.integers(low, options - high, size=shape)

    return play


def prepared(sheet: Callable[[Deal], Row]) -> Strategy:
    """The same sheet from every seat, without a look."""
    return lambda dice, deal, seats: np.repeat(sheet(deal)[None], seats, axis=0)


def length(dice: Dice, deal: Deal, seats: int) -> Answers:
    """A feature that gives a few answers away: these, and a guess by the prior on the rest."""
    tells = dice.random(deal.world.tasks) < _SIGNAL
    return np.where(tells, deal.truth, guess(by_prior=True)(dice, deal, 1)).repeat(seats, axis=0)


def inverted(accuracy: float) -> Strategy:
    """Works and says something else: the next option, the other end of a scale."""

    def play(dice: Dice, deal: Deal, seats: int) -> Answers:
        seen, options = honest(accuracy)(dice, deal, seats), deal.world.options
        ordinal = deal.world.kind is Kind.ORDINAL
        turned = options - 1 - seen if ordinal else (seen + 1) % options
        return np.where(seen == SKIP, SKIP, turned)

    return play


def shirker(accuracy: float, share: float, rest: Strategy | None, easiest: bool) -> Strategy:
    """Works on a share of the tasks, the easiest or any; `rest` answers the others, else skips."""

    def play(dice: Dice, deal: Deal, seats: int) -> Answers:
        seen, tasks = honest(accuracy)(dice, deal, seats), deal.world.tasks
        looked = dice.random(seen.shape) < share
        if easiest:
            looked[:] = deal.hardness.argsort().argsort() < share * tasks
        return np.where(looked, seen, SKIP if rest is None else rest(dice, deal, seats))

    return play


def lies(share: float | None) -> Strategy:
    """The crowd's work, but for one agreed lie: on a share of the tasks, or on a single one."""

    def play(dice: Dice, deal: Deal, seats: int) -> Answers:
        about = np.arange(deal.world.tasks) == next(x for x in range(99) if x not in deal.gold)
        if share is not None:
            about = dice.random(deal.world.tasks) < share
        return np.where(about, (deal.truth + 1) % deal.world.options, crowd(dice, deal, seats))

    return play


def model(dice: Dice, deal: Deal, seats: int) -> Answers:
    """All ask one model that is right on 0.7, and give a twentieth of the answers afresh."""
    said, own = honest(0.7)(dice, deal, 1), honest(0.7)(dice, deal, seats)
    return np.where(dice.random(own.shape) < 0.05, own, said)


_MAJORITY: Final = prepared(lambda deal: np.full(deal.world.tasks, deal.world.commonest))

STRATEGIES: Final[Mapping[str, Strategy]] = {
    CROWD: crowd,
    SILENT: crowd,  # works, commits, and never reveals
    **{f"honest {accuracy}": honest(accuracy) for accuracy in ACCURACIES},
    "random": guess(),
    "by the prior": guess(by_prior=True),
    "majority": _MAJORITY,
    "empty": prepared(lambda deal: np.full(deal.world.tasks, SKIP)),
    "inverted": inverted(0.8),
    "another batch": prepared(lambda deal: deal.other),
    "one random sheet": one(guess()),
    "one sheet by the prior": one(guess(by_prior=True)),
    "one middle sheet": one(guess(low=1, high=1)),
    "shared parity": prepared(lambda deal: np.arange(deal.world.tasks) % deal.world.options),
    "shared length": length,
    "one inverted sheet": one(inverted(0.8)),
    KNOWS_GOLD: knows_gold(guess()),
    PUPPETS: knows_gold(one(guess())),
    "gold answers known, one sheet by the prior": knows_gold(one(guess(by_prior=True))),
    "decoy": prepared(lambda deal: deal.decoy),  # a random sheet that the requester has too
    "half, guesses the rest": shirker(0.9, 0.5, guess(), False),
    "half, skips the rest": shirker(0.9, 0.5, None, False),
    EASY: shirker(0.9, 0.5, _MAJORITY, True),
    "easiest half, skips the rest": shirker(0.9, 0.5, None, True),
    "easiest 70%, majority for the rest": shirker(0.9, 0.7, _MAJORITY, True),
    "easiest 70%, skips the rest": shirker(0.9, 0.7, None, True),
    "one honest sheet": one(honest(0.8)),
    "one model": model,
    "lies about a fifth": lies(_LIES),
    "lies about one task": lies(None),
}
ALONE: Final = (
    *("random", "by the prior", "majority", "empty", "inverted", "another batch"),
    *("shared parity", "shared length", KNOWS_GOLD, SILENT),
)
"""No work, or no use of it, from one seat."""

SHIRKERS: Final = (
    *("half, guesses the rest", "half, skips the rest", EASY, "easiest half, skips the rest"),
    *("easiest 70%, majority for the rest", "easiest 70%, skips the rest"),
)

SHEETS: Final = ("one random sheet", "one sheet by the prior", "majority", "shared parity")
MIDDLE: Final = "one middle sheet"
"""No-work sheets of blocs; the last on scales only."""


class GoldUse(Enum):
    """What a requester does with gold answers. All but NONE are committed to at the opening."""

    NONE = "no gold"
    FAIR = "secret gold"  # true, even over the options, of middling difficulty, opened in time
    ANY = "gold tasks at random"  # true, even, whatever their difficulty
    FIFTH = "a fifth of the gold tasks rare"  # true, middling: as few rare ones as count
    HARD = "the hardest tasks"  # true
    WRONG = "all wrong"  # the fair tasks with wrong answers
    QUARTER_WRONG = "a quarter wrong"
    FEWER = "one fewer than promised"
    ONE_SIDED = "one option only"
    DECOY = "from the decoy sheet"  # what the requester's own sheet says, whatever the truth
    WITHHELD = "withheld"  # fair, never opened

    def of(self, deal: Deal) -> Mapping[int, int]:
        """The gold answers committed to, by task."""
        options, count, truth = deal.world.options, deal.world.gold_count, deal.truth.tolist()
        known = dict(deal.gold)
        if self is GoldUse.NONE:
            return {}
        if self is GoldUse.ANY:
            places = evenly(truth, deal.other.argsort(kind="stable").tolist())[:count]
            return {task: truth[task] for task in places}
        if self is GoldUse.FIFTH:
            rare, least = min(range(options), key=deal.world.prior.__getitem__), -(-count // 5)
            order = np.abs(deal.hardness).argsort().tolist()
            few = [task for task in order if truth[task] == rare][:least]
            rest = [task for task in order if truth[task] != rare][: count - len(few)]
            return {task: truth[task] for task in few + rest}
        if self is GoldUse.HARD:
            return {task: truth[task] for task in (-deal.hardness).argsort()[:count].tolist()}
        if self in (GoldUse.WRONG, GoldUse.QUARTER_WRONG):
            bent = list(known)[: count if self is GoldUse.WRONG else count // 4]
            return known | {task: (known[task] + 1) % options for task in bent}
        if self is GoldUse.FEWER:
            return dict(list(known.items())[1:])
        if self is GoldUse.ONE_SIDED:
            common = deal.world.commonest
            fit = [task for task, right in enumerate(truth) if right == common]
            return dict.fromkeys(fit[:count], common)
        if self is GoldUse.DECOY:
            return {task: int(deal.decoy[task]) for task in known}
        return known

    @property
    def opens(self) -> bool:
        """Whether the gold answers are shown at the close."""
        return self not in (GoldUse.NONE, GoldUse.WITHHELD)

    @property
    def exist(self) -> bool:
        """Whether any are committed to."""
        return self is not GoldUse.NONE
