"""What groups of labelers say, each by itself, and how that is weighted.

A method that takes all labelers for one crowd hears the larger group: where groups differ, what a
minority says vanishes in it. So the method is applied to the answers of each group alone, and its
distribution stands beside the label. With weights the label is that of the weighted mean of these,
over the groups that answered the task: as if each group were as large as its weight.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Final

import numpy as np

from plumbline.aggregation.choice import choose
from plumbline.aggregation.estimate import Estimate
from plumbline.aggregation.table import AnswerTable, Floats, Integers, with_gold
from plumbline.errors import PlumblineError

MAX_WEIGHT: Final = 1_000_000


class GroupsError(PlumblineError):
    """Groups that do not fit the labelers, or weights that do not fit the groups."""


@dataclass(frozen=True, slots=True)
class LabelerGroups:
    """Which labeler, by address, belongs to which group, and what groups weigh.

    weights   whole numbers, 1 to MAX_WEIGHT, for every group; empty if all labelers are heard alike
    """

    of: Mapping[str, str]
    weights: Mapping[str, int]

    def __post_init__(self) -> None:
        """Raises GroupsError for weights of unknown groups, none of some, or out of range."""
        groups = set(self.of.values())
        for name, weight in self.weights.items():
            if name not in groups:
                raise GroupsError(f"there is no group {name!r} of labelers to weigh")
            if not 1 <= weight <= MAX_WEIGHT:
                raise GroupsError(
                    f"the weight of group {name!r} is {weight}: must be 1 to {MAX_WEIGHT:,}"
                )
        for name in sorted(groups - set(self.weights)) if self.weights else ():
            raise GroupsError(f"group {name!r} of labelers has no weight: give one to each group")

    def among(self, labelers: Set[str]) -> "LabelerGroups":
        """The same of these labelers alone, and of their groups."""
        of = {labeler: name for labeler, name in self.of.items() if labeler in labelers}
        present = set(of.values())
        return LabelerGroups(
            of, {name: weight for name, weight in self.weights.items() if name in present}
        )


NO_GROUPS = LabelerGroups({}, {})


@dataclass(frozen=True, slots=True)
class GroupEstimate:
    """What a group says: its answers, and the estimate from these alone."""

    table: AnswerTable
    estimate: Estimate


def by_group(
    table: AnswerTable,
    gold: Integers,
    labelers: Sequence[str],
    groups: LabelerGroups,
    method: str,
) -> dict[str, GroupEstimate]:
    """The method applied to each group's answers; `labelers` by their number in the table.

    Raises GroupsError if groups are weighted and somebody who answered has none.
    """
    found: dict[str, GroupEstimate] = {}
    if groups.weights:
        for number in np.unique(table.labeler):
            if labelers[number] not in groups.of:
                raise GroupsError(
                    f"labeler {labelers[number]} belongs to no group: with weights everybody who "
                    "answered must"
                )
    for name in sorted(set(groups.of.values())):
        members = np.array([groups.of.get(labeler) == name for labeler in labelers], dtype=np.bool_)
        own = table.only(members[table.labeler])
        if len(own.task):
            found[name] = GroupEstimate(own, choose(own, gold, method).estimate)
    return found


def weighted(
    groups: Mapping[str, GroupEstimate], weights: Mapping[str, int], whole: Estimate, gold: Integers
) -> Estimate:
    """The weighted mean of the groups on each task, of those that answered it; `whole` where none
    did.
    """
    total: Floats = np.zeros(len(whole.labels))
    mixed: Floats = np.zeros_like(whole.distribution)
    for name, group in groups.items():
        has_answers = group.table.votes().sum(axis=1) > 0
        own = np.where(has_answers, float(weights[name]), 0.0)
        total += own
        mixed += own[:, None] * group.estimate.distribution
    mean = np.where(total[:, None] > 0, mixed / np.maximum(total, 1)[:, None], whole.distribution)
    return Estimate.of(with_gold(mean, gold))
