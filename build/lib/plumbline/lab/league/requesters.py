"""What a requester may do with golds. What it does with seats of its own is in `blocs`."""

from collections.abc import Mapping
from enum import Enum

from plumbline.lab.league.world import Deal
from plumbline.settlement.terms import MIN_TASKS

Gold = Mapping[int, int]


class Golds(Enum):
    """Which golds a round is opened with. All but NONE are committed to at the opening.

    NONE        no gold
    HONEST      the truth of some tasks, opened in time; secret unless a strategy knows them
    WITHHELD    the same, never opened
    WRONG       the same tasks with wrong answers, opened
    FEW_WRONG   a quarter of the golds are wrong
    NEARLY_ALL  the truth of so many tasks that 11 are left to score
    ONE_SIDED   true golds, but only of tasks whose truth is the last option
    PLANTED     golds that the requester's own decoy sheet matches, whatever the truth
    """

    NONE = "none"
    HONEST = "honest"
    WITHHELD = "withheld"
    WRONG = "wrong"
    FEW_WRONG = "a quarter wrong"
    NEARLY_ALL = "nearly all tasks"
    ONE_SIDED = "one option only"
    PLANTED = "planted"

    def of(self, deal: Deal) -> Gold:
        """The golds committed to: task -> answer."""
        options, last = deal.world.options, deal.world.options - 1
        known = dict(deal.gold)
        if self is Golds.NONE:
            return {}
        if self in (Golds.WRONG, Golds.FEW_WRONG):
            bent = list(known)[: len(known) if self is Golds.WRONG else len(known) // 4]
            return known | {task: (known[task] + 1) % options for task in bent}
        if self is Golds.NEARLY_ALL:
            number = deal.world.tasks - MIN_TASKS + 1
            return {task: int(deal.truth[task]) for task in range(number)}
        if self is Golds.ONE_SIDED:
            fit = [task for task in range(deal.world.tasks) if deal.truth[task] == last]
            return dict.fromkeys(fit[: deal.world.golds], last)
        if self is Golds.PLANTED:
            return {task: int(deal.decoy[task]) for task in known}
        return known

    @property
    def opens(self) -> bool:
        """Whether the golds are shown at the close."""
        return self not in (Golds.NONE, Golds.WITHHELD)

    @property
    def exist(self) -> bool:
        """Whether any are committed to."""
        return self is not Golds.NONE
