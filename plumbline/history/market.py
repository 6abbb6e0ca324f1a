"""A deployment as of now: its rounds, their phases, and what may be shown of them."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from plumbline.chain.contract import LabelRounds
from plumbline.chain.deployment import Deployment
from plumbline.chain.events import Event, fetch
from plumbline.chain.node import Node
from plumbline.chain.records import Phase
from plumbline.errors import PlumblineError
from plumbline.history.offer import SeatOffer
from plumbline.history.remarks import remarks
from plumbline.history.rounds import RoundHistory, history_of, rebuild
from plumbline.history.secrecy import Secrecy, secrecy
from plumbline.units import Unit


class RoundChoiceError(PlumblineError):
    """No round, or none that is meant without doubt."""


@dataclass(frozen=True, slots=True)
class Survey:
    """Every round that can be told, in order, and remarks on those that are odd."""

    histories: list[RoundHistory]
    remarks: list[str]


@dataclass(frozen=True)
class Market:
    """A deployment, and the node it is read through. Each property asks the node anew."""

    node: Node
    deployment: Deployment

    @functools.cached_property
    def contract(self) -> LabelRounds:
        """What the contract says, and the calls to it."""
        return LabelRounds(self.node.w3, self.deployment)

    @property
    def unit(self) -> Unit:
        """What amounts are in. Raises AssetError if the node does not answer."""
        return self.contract.money.unit

    def events(self, round_id: int | None = None) -> list[Event]:
        """All events so far, or those of a round."""
        return fetch(self.node.w3, self.deployment, round_id=round_id)

    def history(self, round_id: int) -> RoundHistory:
        """All that happened in a round, which exists. Raises HistoryError if it cannot be told."""
        return history_of(self.events(round_id), round_id)

    def histories(self) -> list[RoundHistory]:
        """All that happened in every round that can be told, in their order."""
        return self.survey().histories

    def survey(self, which: Callable[[RoundHistory], bool] = lambda history: True) -> Survey:
        """All rounds, or some, and what is odd about them and those that cannot be told."""
        rounds, unreadable = rebuild(self.events())
        histories = [history for history in rounds.values() if which(history)]
        return Survey(histories, remarks(histories, unreadable))

    def require_round(self, number: int | None, tasks_root: bytes | None = None) -> int:
        """The round that was named, else the only one there is, or the only one with these tasks.

        Raises RoundChoiceError if there is none, or if several can be meant.
        """
        count = self.contract.round_count()
        if number is not None:
            if not 1 <= number <= count:
                known = f"1 to {count} exist" if count else "none is open"
                raise RoundChoiceError(f"there is no round {number}: {known}")
            return number
        if count == 0:
            raise RoundChoiceError(
                "there is no round yet: `plumbline requester open FILE` opens one"
            )
        if count == 1:
            return 1
        if tasks_root is None:
            raise RoundChoiceError(
                f"say which round: 1 to {count} exist, see `plumbline requester status`"
            )
        return self._round_of(tasks_root, count)

    def _round_of(self, tasks_root: bytes, count: int) -> int:
        rounds = [
            history.round_id
            for history in self.histories()
            if history.opened.tasks_root == tasks_root
        ]
        if not rounds:
            raise RoundChoiceError(
                f"none of the rounds 1 to {count} is about these tasks: ask the requester for the "
                "file that is"
            )
        if len(rounds) > 1:
            raise RoundChoiceError(
                f"say which round: {', '.join(map(str, rounds))} are about these tasks"
            )
        return rounds[0]

    def time_left(self, history: RoundHistory) -> tuple[Phase, int]:
        """The phase of a round as of now, and the seconds until it ends at the latest.

        Not asked of the contract, which answers as of the latest block: on a local chain that may
        have been long ago.
        """
        now, ends = self.node.now, history.deadlines
        phase = history.phase_at(now)
        end = {Phase.COMMIT: ends.commit, Phase.REVEAL: ends.reveal, Phase.GOLD: ends.gold}
        return phase, max(0, end.get(phase, now) - now)

    def offer(self, history: RoundHistory) -> SeatOffer:
        """What a seat of a round promises and puts at risk, and its requester's record."""
        return self.offers([history])[0]

    def offers(self, histories: Sequence[RoundHistory]) -> list[SeatOffer]:
        """The same of many rounds, in their order; each requester is looked up once."""
        requesters = {history.requester for history in histories}
        accounts = {owner: self.contract.account(owner) for owner in requesters}
        return [SeatOffer.of(history, accounts[history.requester]) for history in histories]

    def secrecy(self, history: RoundHistory) -> Secrecy | None:
        """Why answers and gold answers of a round must not be shown now; None if they may."""
        return secrecy(history, self.node.now, self.node.head, self.node.confirmations)
