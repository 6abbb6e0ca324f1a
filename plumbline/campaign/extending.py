"""Extending a campaign: follow-up rounds for the items whose labels are not sure enough.

The answers of all closed rounds say how sure each label is (see `dataset`). Items below the target
are asked again, of other people, in rounds that are opened and closed like all others, until none
is below it, the budget is spent, or so many have answered that more would not settle it: then the
disagreement is what the answers have to say.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from plumbline.aggregation.stopping import Target
from plumbline.campaign.cut import CutError, CutRound, seed_of
from plumbline.campaign.follow_up_cut import AskedAgain, FollowUpShape, asked_in_any, cut_again
from plumbline.campaign.follow_ups import (
    FollowUp,
    FollowUps,
    follow_ups_path,
    write_follow_ups,
)
from plumbline.campaign.rounds import Campaign, PlannedRound
from plumbline.campaign.sources import campaign_sources
from plumbline.campaign.standing import Standing
from plumbline.dataset.records import LabeledItem
from plumbline.errors import PlumblineError
from plumbline.formats.campaign_file import CampaignFileError
from plumbline.formats.task_pool import PoolItem
from plumbline.questions.lots import Lots

_USUAL: Final = 96  # tasks of a round at most, unless the campaign has larger ones


class ExtensionError(PlumblineError):
    """A campaign that cannot be extended in this way."""


@dataclass(frozen=True, slots=True)
class Sureness:
    """How sure the labels are, of items whose answers are not known.

    items      how many there are
    labels     answers to them that are heard; of items with several tasks, to the one with fewest
    sure       that are at the target
    below      that are below it, and can be asked again
    disputed   that are below it though as many as may be asked have answered, by name
    again      that were in a follow-up round so far
    settled    of these, at the target
    """

    items: int
    labels: int
    sure: int
    below: int
    disputed: tuple[str, ...]
    again: int
    settled: int


@dataclass(frozen=True, slots=True)
class Extension:
    """What is decided.

    sureness   how sure labels are now
    method     how they were made, in words
    campaign   with the follow-up rounds that were opened before, and the new ones
    rounds     the new ones, none if nothing is to be asked or can be
    asked      items below the target that they ask
    filling    other items in them, which make a round large enough
    known      gold tasks that are left for later ones
    cost       the most that they cost, smallest unit; with gas if the asset is ether
    spent      what earlier follow-up rounds have cost, likewise
    held       why not all that are below the target are asked; None if they are
    """

    sureness: Sureness
    method: str
    campaign: Campaign
    rounds: tuple[PlannedRound, ...]
    asked: int
    filling: int
    known: int
    cost: int
    spent: int
    held: str | None

    @property
    def labels(self) -> int:
        """Answers that the new rounds bring, gold tasks included."""
        rules = [each.round_file.rules for each in self.rounds]
        return sum(each.tasks * each.seats for each in rules)

    @property
    def gold_tasks(self) -> int:
        """In all of the new rounds."""
        return sum(len(each.batch.gold) for each in self.rounds)

    @property
    def advice(self) -> list[str]:
        """What is allowed but seldom wise, of any of the new rounds, each once."""
        return list(dict.fromkeys(line for each in self.rounds for line in each.round_file.advice))


def is_under_way(standing: Standing) -> bool:
    """Whether follow-up rounds are being answered: what is left of those that were decided on is
    opened, and nothing is decided until they are closed."""
    running = {history.round_id for history in standing.running}
    return any(history.round_id in running for history in standing.follow_ups)


def unfinished(standing: Standing) -> str | None:
    """What has to end before it can be decided what is asked again, in words; None if nothing.

    Follow-up rounds that were decided on and not opened do not count if none runs: what was closed
    since may say something else.
    """
    unopened = [each for each in standing.to_open if not each.is_follow_up]
    if standing.running:
        return f"rounds that are open ({len(standing.running)}) have to be closed first"
    if unopened:
        return f"rounds that are not opened yet ({len(unopened)}) come first"
    return None


def plan_extension(
    standing: Standing,
    target: Target,
    price_of_gas: int,
    budget: int | None = None,
    no_gold: bool = False,
    admission: str | None = None,
    open_to_all: bool = False,
) -> Extension:
    """What to ask again now.

    price_of_gas   wei, the most that a transaction pays now
    budget         what all follow-up rounds together may cost, smallest unit; None for no limit
    no_gold        whether follow-up rounds without gold tasks are meant
    admission      policy contract of follow-up rounds; None for that of the campaign file
    open_to_all    whether who has answered an item before may take a seat where it is asked again

    Raises ExtensionError if the campaign is not that far, or if no such rounds can be made;
    SourceError if no round of it was closed.
    """
    if standing.campaign.file.has_groups:
        raise ExtensionError(
            "this campaign asks groups of people apart (quotas), and follow-up rounds ask one"
            " crowd: ask what is not sure in a campaign file of its own"
        )
    reason = unfinished(standing)
    if reason is not None:
        raise ExtensionError(f"{reason}: `plumbline campaign resume {standing.campaign.path}`")
    kept, earlier = _opened_before(standing), standing.spent_on_follow_ups
    is_ether = standing.market.contract.money.is_ether
    spent = earlier.spent + earlier.in_escrow + (earlier.fees if is_ether else 0)
    dataset = campaign_sources(standing).label()
    labeled = {item.name: item for item in dataset.items}
    again, sureness = _sorted_out(kept, labeled, target)
    none = Extension(sureness, dataset.how.reason, kept, (), 0, 0, 0, 0, spent, None)
    if not again.below:
        return none
    budget_left = None if budget is None else max(0, budget - spent)
    limits = _Limits(standing, price_of_gas, budget_left)
    asked_in = {} if open_to_all else _asked_in(standing)
    cutting = _Cutting(kept, again, asked_in, target.labels, no_gold, admission)
    every, left = cutting.rounds(len(again.below))
    held = limits.excess(every)
    rounds = every if held is None else cutting.affordable(limits)
    if held is None and left:
        held = f"no gold tasks are left for more ({len(left)} items would take them)"
    taken = {item.name for each in rounds for item in each.batch.items}
    wanted = {item.name for item in again.below}
    known = {item.name for item in again.known}
    return replace(
        none,
        campaign=replace(kept, rounds=(*kept.rounds, *rounds)),
        rounds=rounds,
        asked=len(taken & wanted),
        filling=len(taken - wanted - known),
        known=sum(len(item.tasks) for item in again.known if item.name not in taken),
        cost=limits.cost(rounds) if rounds else 0,
        held=held,
    )


def record(standing: Standing, extension: Extension) -> Standing:
    """Write the follow-up rounds down, and take them into the campaign. Raises StorageError."""
    campaign, market = extension.campaign, standing.market
    follow_ups = FollowUps(
        market.deployment.deployed,
        market.node.genesis,
        standing.requester,
        tuple(
            FollowUp(
                each.root,
                each.round_file.rules.seats,
                each.admission,
                each.excluded,
                tuple(item.name for item in each.batch.items),
            )
            for each in campaign.follow_up_rounds
        ),
    )
    write_follow_ups(follow_ups_path(campaign.path), follow_ups)
    return replace(standing, campaign=replace(campaign, follow_ups=follow_ups))


def _opened_before(standing: Standing) -> Campaign:
    """The campaign without the follow-up rounds that come after the last one that was opened."""
    campaign = standing.campaign
    last = max(standing.histories, default=0)
    rounds = [each for each in campaign.rounds if not each.is_follow_up or each.number <= last]
    return replace(campaign, rounds=tuple(rounds))


# ---------------------------------------------------------------- which items


def _sorted_out(
    campaign: Campaign, labeled: Mapping[str, LabeledItem], target: Target
) -> tuple[AskedAgain, Sureness]:
    """What can be asked again, the least sure first, and how sure all is."""
    items = campaign.file.asked.pool.items
    in_follow_ups = {item.name for each in campaign.follow_up_rounds for item in each.batch.items}
    # Of a round that expired nothing is known.
    sure = {item.name: _confidence(labeled.get(item.name)) for item in items}
    labels = {item.name: _labels(labeled.get(item.name)) for item in items}
    by_doubt = sorted(items, key=lambda item: sure[item.name])
    open_items = [item for item in by_doubt if not _is_known(item)]
    below = [item for item in open_items if target.asks_again(sure[item.name], labels[item.name])]
    names = {item.name for item in below}
    disputed = [
        item.name
        for item in items
        if not _is_known(item) and target.is_disputed(sure[item.name], labels[item.name])
    ]
    again = [item.name for item in open_items if item.name in in_follow_ups]
    reached = {item.name for item in open_items if sure[item.name] >= target.confidence}
    return (
        AskedAgain(
            below,
            [item for item in open_items if item.name not in names],
            [item for item in by_doubt if _is_known(item) and not _was_opened(item, labeled)],
        ),
        Sureness(
            items=len(open_items),
            labels=sum(labels[item.name] for item in open_items),
            sure=len(reached),
            below=len(below),
            disputed=tuple(disputed),
            again=len(again),
            settled=len(reached.intersection(again)),
        ),
    )


def _confidence(item: LabeledItem | None) -> float:
    return 0.0 if item is None or item.confidence is None else item.confidence


def _labels(item: LabeledItem | None) -> int:
    return 0 if item is None else min(sum(task.votes) for task in item.tasks)


def _is_known(item: PoolItem) -> bool:
    return any(answer is not None for answer in item.known)


def _was_opened(item: PoolItem, labeled: Mapping[str, LabeledItem]) -> bool:
    """Whether everybody can know its answer."""
    return item.name in labeled and labeled[item.name].is_gold


# ---------------------------------------------------------------- which rounds


def _asked_in(standing: Standing) -> dict[str, frozenset[int]]:
    """The closed rounds on the chain in which somebody answered, by the name of each item."""
    found: dict[str, set[int]] = {}
    for planned in standing.campaign.rounds:
        history = standing.histories.get(planned.number)
        if history is not None and history.outcomes:
            for item in planned.batch.items:
                found.setdefault(item.name, set()).add(history.round_id)
    return {name: frozenset(rounds) for name, rounds in found.items()}


@dataclass(frozen=True, slots=True)
class _Limits:
    """What may be spent; `budget` is what is left of it, smallest unit."""

    standing: Standing
    price_of_gas: int
    budget: int | None

    def cost(self, rounds: Sequence[PlannedRound]) -> int:
        """The most that rounds cost, with gas if the asset is ether."""
        escrow = sum(each.round_file.escrow for each in rounds)
        is_ether = self.standing.market.contract.money.is_ether
        return escrow + (self.standing.reserved(self.price_of_gas, rounds) if is_ether else 0)

    def excess(self, rounds: Sequence[PlannedRound]) -> str | None:
        """Why these may not be opened, in words; None if they may."""
        unit, spend = self.standing.market.unit, self.standing.campaign.limits.spend
        cost = self.cost(rounds)
        if self.budget is not None and cost > self.budget:
            return (
                f"all of it could cost {unit.short(cost)}, and {unit.short(self.budget)} of the "
                "budget are left"
            )
        total = self.standing.committed(self.price_of_gas, rounds)
        if spend is not None and total > spend:
            return (
                f"all of it could bring what is spent to {unit.short(total)}, and spend is "
                f"{unit.short(spend)}"
            )
        return None


class _Cutting:
    """Follow-up rounds for all or some of what can be asked again."""

    def __init__(
        self,
        campaign: Campaign,
        again: AskedAgain,
        asked_in: Mapping[str, frozenset[int]],
        seats: int,
        no_gold: bool,
        admission: str | None,
    ) -> None:
        first = campaign.first_rounds
        largest = max(each.round_file.rules.tasks for each in first)
        pool = campaign.file.asked.pool
        self._campaign, self._again, self._asked_in = campaign, again, asked_in
        self._seats, self._admission = seats, admission
        self._shape = FollowUpShape(
            options=len(pool.question.options),
            most=max(_USUAL, largest),
            gold_count=0 if no_gold else first[0].round_file.rules.gold_count,
        )
        # Items that are asked once more stand in another order: a round has a root of its own.
        nth = str(len(campaign.follow_up_rounds)).encode()
        self._lots = Lots(hashlib.sha256(b"plumbline follow-up " + nth + seed_of(pool)).digest())

    def rounds(self, items: int) -> tuple[tuple[PlannedRound, ...], tuple[PoolItem, ...]]:
        """For so many of the items, the least sure first; and those for which there is no gold."""
        try:
            made = cut_again(self._again.first(items), self._shape, self._lots, self._asked_in)
            rounds = tuple(
                self._campaign.follow_up(
                    number, batch, self._seats, self._admission, self._excluded(batch)
                )
                for number, batch in enumerate(made.rounds, len(self._campaign.rounds) + 1)
            )
            return rounds, made.left
        except (CutError, CampaignFileError) as error:
            raise ExtensionError(
                f"{len(self._again.below)} items are below the target, and cannot be asked: {error}"
            ) from None

    def _excluded(self, batch: CutRound) -> tuple[int, ...]:
        """The rounds in which its items were asked before."""
        return tuple(sorted(asked_in_any(batch.items, self._asked_in)))

    def affordable(self, limits: _Limits) -> tuple[PlannedRound, ...]:
        """For as many of the items as may be paid, where not all may; none if not one may."""
        least, most = 0, len(self._again.below)  # of items: may be paid, may not
        found: tuple[PlannedRound, ...] = ()
        while most - least > 1:
            middle = (least + most) // 2
            rounds, _ = self.rounds(middle)
            if limits.excess(rounds) is None:
                least, found = middle, rounds
            else:
                most = middle
        return found
