"""How a campaign stands: its rounds on the chain, and what it has cost so far."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from plumbline.campaign.follow_ups import follow_ups_path
from plumbline.campaign.rounds import Campaign, PlannedRound
from plumbline.campaign.state import (
    CampaignState,
    RecordedRound,
    StateError,
    read_state,
    require_same_campaign,
    state_path,
    write_state,
)
from plumbline.chain.call import Receipt
from plumbline.chain.events import RoundEvent
from plumbline.formats.admission_terms import CombinedTerms
from plumbline.history.market import Market
from plumbline.history.round_money import RoundMoney, money_of
from plumbline.history.rounds import RoundHistory
from plumbline.planning import gas
from plumbline.seating.policies import participant_groups
from plumbline.seating.record_book import ShownClosing
from plumbline.settlement import Mode
from plumbline.transactions.own_fees import own_fee


@dataclass(frozen=True, slots=True)
class Spending:
    """What a campaign has cost, smallest unit of the asset; `fees` are in wei.

    in_escrow   of rounds that are not over
    paid        to labelers
    to_sink     what they did not earn and does not come back
    refunded    came back, or will when it is withdrawn
    fees        gas of the requester, of the transactions that are known
    """

    in_escrow: int
    paid: int
    to_sink: int
    refunded: int
    fees: int

    @property
    def spent(self) -> int:
        """Pay, and what went to the sink; without gas."""
        return self.paid + self.to_sink


@dataclass(frozen=True, slots=True)
class Standing:
    """A campaign and its rounds on the chain.

    histories   of the rounds that were opened, by the number that the campaign gives them
    fees        wei that the requester paid, by transaction
    doubles     further rounds of the requester with the same tasks, which belong to nothing
    """

    market: Market
    campaign: Campaign
    requester: str
    histories: Mapping[int, RoundHistory]
    fees: Mapping[bytes, int]
    doubles: tuple[int, ...]

    @classmethod
    def of(cls, market: Market, campaign: Campaign, requester: str) -> "Standing":
        """As of now. Raises StateError if the state file is of something else."""
        path = state_path(campaign.path)
        state = read_state(path)
        if state is not None:
            require_same_campaign(
                state,
                path,
                campaign,
                market.deployment.deployed,
                market.node.genesis,
                requester,
            )
        _require_same_place(campaign, market, requester)
        histories, doubles = _opened(market, campaign, requester)
        if state is not None:
            _require_on_chain(state, path, campaign, histories)
        fees = dict(state.fees) if state is not None else {}
        return cls(market, campaign, requester, histories, fees, doubles).with_fees()

    # ------------------------------------------------------------ rounds

    @property
    def to_open(self) -> list[PlannedRound]:
        """Rounds that are not opened yet, in order."""
        return [each for each in self.campaign.rounds if each.number not in self.histories]

    @property
    def running(self) -> list[RoundHistory]:
        """Rounds that are opened and not over."""
        return [history for history in self.histories.values() if not history.is_over]

    @property
    def over(self) -> list[RoundHistory]:
        """Rounds that are closed, or have expired."""
        return [history for history in self.histories.values() if history.is_over]

    @property
    def follow_ups(self) -> list[RoundHistory]:
        """Follow-up rounds that are opened."""
        numbers = [each.number for each in self.campaign.follow_up_rounds]
        return [self.histories[number] for number in numbers if number in self.histories]

    @property
    def is_done(self) -> bool:
        """Whether all rounds are over and nobody silent is left."""
        return not self.to_open and all(
            history.is_over and not history.awaited for history in self.histories.values()
        )

    @property
    def unjudged(self) -> list[int]:
        """Rounds that are over without a verdict: void, or expired."""
        return [
            history.round_id
            for history in self.over
            if history.closed is None or history.closed.verdict.mode == Mode.VOID
        ]

    @property
    def seats(self) -> Counter[str]:
        """How many seats each labeler has taken in the campaign."""
        return Counter(
            event.labeler for history in self.histories.values() for event in history.commitments
        )

    @property
    def overloaded(self) -> dict[str, int]:
        """Labelers with more seats than `load` says, most first."""
        load = self.campaign.limits.load
        if load is None:
            return {}
        return {labeler: seats for labeler, seats in self.seats.most_common() if seats > load}

    @property
    def crowd_kappa_ppm(self) -> int | None:
        """The crowd's kappa so far: the mean over closed rounds that were judged, ppm."""
        kappas = [
            history.closed.verdict.crowd_kappa
            for history in self.histories.values()
            if history.closed is not None and history.closed.verdict.crowd_kappa
        ]
        return sum(kappas) // len(kappas) if kappas else None

    # ------------------------------------------------------------ money

    @property
    def spending(self) -> Spending:
        """What it has cost so far."""
        return self._spending(self.histories.values(), sum(self.fees.values()))

    @property
    def spent_on_follow_ups(self) -> Spending:
        """What follow-up rounds have cost of it, with all gas that was not for others alone: of
        deposits and policies nothing says for which rounds they were."""
        mine = self.follow_ups
        if not mine:
            return self._spending((), 0)
        sent = {event.transaction for each in mine for event in _own_events(each)}
        others = [each for each in self.histories.values() if each not in mine]
        for_others = {event.transaction for each in others for event in _own_events(each)} - sent
        fees = sum(fee for transaction, fee in self.fees.items() if transaction not in for_others)
        return self._spending(mine, fees)

    @staticmethod
    def _spending(histories: Iterable[RoundHistory], fees: int) -> Spending:
        money = sum(map(money_of, histories), start=RoundMoney())
        return Spending(
            in_escrow=money.in_escrow,
            paid=money.paid,
            to_sink=money.forfeit,
            refunded=money.refund,
            fees=fees,
        )

    def reserved(self, price_of_gas: int, opening: Sequence[PlannedRound] = ()) -> int:
        """Gas that it takes to close the rounds that run, and to open and close more, wei."""
        rules = [history.rules for history in self.running]
        rules += [each.round_file.rules for each in opening]
        opened = sum(gas.OPENING + gas.GOLD_ROOT for _ in opening)
        deposit = gas.DEPOSIT if opening else 0
        closed = sum(map(gas.closing, rules))
        return price_of_gas * (deposit + self._excluding(opening) + opened + closed)

    def _excluding(self, opening: Sequence[PlannedRound]) -> int:
        """Gas of creating the policies that keep participants out of follow-up rounds, if none of
        them is there yet."""
        shown = {
            each.round_id: ShownClosing.of(each.opened, each.closed)
            for each in self.over
            if each.closed is not None
        }
        total = 0
        for excluded, terms in {(each.excluded, each.round_file.admission) for each in opening}:
            groups = participant_groups([shown[each] for each in excluded if each in shown])
            for group in groups:
                seats = [labeler for each in group for labeler in each.labelers]
                total += gas.excluding(len(group), len(seats), len(set(seats)))
            total += gas.joining(len(groups)) if len(groups) > 1 else 0
            total += gas.joining(2) if groups and isinstance(terms, CombinedTerms) else 0
        return total

    def committed(self, price_of_gas: int, opening: Sequence[PlannedRound] = ()) -> int:
        """The most that is spent if these rounds are opened as well, smallest unit.

        Gas counts if the asset is ether; `price_of_gas` is in wei.
        """
        spending = self.spending
        escrow = sum(each.round_file.escrow for each in opening)
        total = spending.spent + spending.in_escrow + escrow
        if not self.market.contract.money.is_ether:
            return total
        return total + spending.fees + self.reserved(price_of_gas, opening)

    # ------------------------------------------------------------ state

    def with_campaign(self, campaign: Campaign) -> "Standing":
        """The same rounds on the chain, with what else is planned."""
        return replace(self, campaign=campaign)

    def with_receipts(self, receipts: Iterable[Receipt]) -> "Standing":
        """With what was paid for these transactions."""
        paid = {bytes.fromhex(each.transaction[2:]): each.fee for each in receipts}
        return replace(self, fees={**self.fees, **paid})

    def with_fees(self) -> "Standing":
        """With the fees of all transactions that opened, closed or cleared its rounds."""
        known = {
            event.transaction
            for history in self.histories.values()
            for event in _own_events(history)
        }
        w3 = self.market.node.w3
        missing = known - self.fees.keys()
        looked_up = {each: own_fee(w3, self.requester, each) for each in sorted(missing)}
        return replace(self, fees={**self.fees, **looked_up})

    def save(self) -> None:
        """Write the state file. Raises StorageError."""
        rounds = []
        for planned in self.campaign.rounds:
            history = self.histories.get(planned.number)
            items = tuple(item.name for item in planned.batch.items)
            round_id = None if history is None else history.round_id
            rounds.append(RecordedRound(planned.root, items, round_id))
        node = self.market.node
        state = CampaignState(
            self.market.deployment.deployed,
            node.genesis,
            self.requester,
            tuple(rounds),
            self.fees,
        )
        write_state(state_path(self.campaign.path), state)


def _own_events(history: RoundHistory) -> list[RoundEvent]:
    """Those whose transactions are the requester's, if nobody else sent them."""
    events = (history.opened, history.closed, *history.forfeits)
    return [event for event in events if event is not None]


def _require_same_place(campaign: Campaign, market: Market, requester: str) -> None:
    """Follow-up rounds were decided on for one requester, on one chain."""
    decided = campaign.follow_ups
    if decided is None:
        return
    here = (market.deployment.deployed, market.node.genesis, requester)
    if (decided.deployed, decided.genesis, decided.requester) != here:
        raise StateError(
            f"{follow_ups_path(campaign.path)} is of another chain, deployment or account "
            f"({decided.deployed.address} on chain {decided.deployed.chain_id}, "
            f"{decided.requester}): move it away if the campaign is to be done here as well"
        )


def _opened(
    market: Market, campaign: Campaign, requester: str
) -> tuple[dict[int, RoundHistory], tuple[int, ...]]:
    planned = campaign.by_root
    found: dict[int, RoundHistory] = {}
    doubles = []
    for history in market.histories():
        mine = planned.get(history.opened.tasks_root)
        if mine is None or history.requester != requester:
            continue
        if mine.number in found:
            doubles.append(history.round_id)
        else:
            found[mine.number] = history
    return found, tuple(doubles)


def _require_on_chain(
    state: CampaignState, path: Path, campaign: Campaign, histories: Mapping[int, RoundHistory]
) -> None:
    """What was opened is there, under the same number."""
    planned = campaign.by_root
    for root, round_id in state.opened.items():
        number = planned[root].number
        history = histories.get(number)
        if history is None or history.round_id != round_id:
            raise StateError(
                f"{path} says that part {number} of the campaign is round {round_id}, and this "
                "node knows no such round of yours: wait until it has all blocks, or remove the "
                "file if the chain has taken the round back; it is made anew from the chain"
            )
