"""The labels of a round: what those who count say about each task, and how firmly."""

from dataclasses import dataclass

from plumbline.settlement.consensus import leaders
from plumbline.settlement.working import WorkedSettlement


@dataclass(frozen=True, slots=True)
class Label:
    """The crowd's answer to one task.

    consensus   an option, None where nobody voted
    votes       for each option, of the labelers who count (with credible gold answers those who
                passed)
    leaders     the options between which the votes do not decide: one, or more if they tie; none
                without votes
    contested   has votes, but too close to count for everyone: as the verdict has it
    gold        the requester's own answer, None if the task is no (opened) gold task; of those
                that are not credible too
    """

    task: int
    consensus: int | None
    votes: tuple[int, ...]
    leaders: tuple[int, ...]
    contested: bool
    gold: int | None


def labels(settlement: WorkedSettlement) -> list[Label]:
    """The labels of all T tasks, in order."""
    working = settlement.working
    contested = set(settlement.contested)
    return [
        Label(
            task,
            consensus,
            tuple(votes),
            leaders(working.terms, votes),
            task in contested,
            working.gold.opened.get(task),
        )
        for task, (consensus, votes) in enumerate(
            zip(settlement.consensus, working.tallies, strict=True)
        )
    ]
