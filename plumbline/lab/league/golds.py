"""What a requester does with gold answers. All but NONE are committed to at the opening."""

from collections.abc import Mapping
from enum import Enum

import numpy as np

from plumbline.formats.gold_choice import evenly
from plumbline.lab.worlds import Deal


class Golds(Enum):
    """Which gold answers a round is opened with."""

    NONE = "no gold"
    FAIR = "secret gold"  # true, even over the options, of middling difficulty, opened in time
    ANY = "golds at random"  # true, even, whatever their difficulty
    FIFTH = "a fifth of the golds rare"  # true, middling: no more of the rarest option than needed
    HARD = "the hardest tasks"  # true
    WRONG = "all wrong"  # the fair tasks with wrong answers
    QUARTER_WRONG = "a quarter wrong"
    FEWER = "one fewer than promised"
    ONE_SIDED = "one option only"
    DECOY = "from the decoy sheet"  # what the requester's own sheet says, whatever the truth
    WITHHELD = "withheld"  # fair, never opened

    def of(self, deal: Deal) -> Mapping[int, int]:
        """The gold answers committed to, by task."""
        options, count, truth = deal.world.options, deal.world.golds, deal.truth.tolist()
        known = dict(deal.gold)
        if self is Golds.NONE:
            return {}
        if self is Golds.ANY:
            places = evenly(truth, deal.other.argsort(kind="stable").tolist())[:count]
            return {task: truth[task] for task in places}
        if self is Golds.FIFTH:
            rare, least = min(range(options), key=deal.world.prior.__getitem__), -(-count // 5)
            order = np.abs(deal.hardness).argsort().tolist()
            few = [task for task in order if truth[task] == rare][:least]
            rest = [task for task in order if truth[task] != rare][: count - len(few)]
            return {task: truth[task] for task in few + rest}
        if self is Golds.HARD:
            return {task: truth[task] for task in (-deal.hardness).argsort()[:count].tolist()}
        if self in (Golds.WRONG, Golds.QUARTER_WRONG):
            bent = list(known)[: count if self is Golds.WRONG else count // 4]
            return known | {task: (known[task] + 1) % options for task in bent}
        if self is Golds.FEWER:
            return dict(list(known.items())[1:])
        if self is Golds.ONE_SIDED:
            common = deal.world.commonest
            fit = [task for task, right in enumerate(truth) if right == common]
            return dict.fromkeys(fit[:count], common)
        if self is Golds.DECOY:
            return {task: int(deal.decoy[task]) for task in known}
        return known

    @property
    def opens(self) -> bool:
        """Whether the gold answers are shown at the close."""
        return self not in (Golds.NONE, Golds.WITHHELD)

    @property
    def exist(self) -> bool:
        """Whether any are committed to."""
        return self is not Golds.NONE
