"""Rounds of the league on a chain: the same commitments, reveals and gold answers, to the wei.

Every seat is an address with a stake and a commitment of its own, signed by its own key. What
comes out is compared with what was settled in Python: the change of every account, the sink, and
the verdict. Nothing in the contract helps: it does not know that anybody is playing.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak
from web3 import Web3

from plumbline.chain.call import Call, Receipt
from plumbline.chain.contract import LabelRounds
from plumbline.chain.deployment import Deployment
from plumbline.chain.records import Deadlines, Verdict
from plumbline.lab.league.match import REQUESTER, SINK, MatchRound
from plumbline.lab.play import TASKS_ROOT, Holding, Play, chunks, entries_of, now
from plumbline.lab.worlds import rows_of
from plumbline.protocol.limits import MAX_RELAYED
from plumbline.protocol.outcomes import Outcome, payroll_of
from plumbline.settlement.sheet import pack
from plumbline.transactions.outbox import send

_WINDOW: Final = 3_600  # seconds of each phase
_FARE: Final = 10**17  # wei of ether for the gas of an opening

People = dict[int | str, LocalAccount]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A round that was played on the chain. `differences` is empty if all agrees."""

    match: str
    number: int
    seats: int
    transactions: int
    differences: tuple[str, ...]


@dataclass(slots=True)
class Arena:
    """A deployment, and everybody who plays on it."""

    w3: Web3
    deployment: Deployment
    treasurer: LocalAccount  # pays all gas and all deposits
    advance: Callable[[int], None]  # makes so many seconds pass on the chain
    _client: LabelRounds = field(init=False)
    _sent: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self._client = LabelRounds(self.w3, self.deployment)

    def check(self, played: MatchRound, number: int) -> Comparison:
        """Play a round and compare."""
        sent, terms = self._sent, played.match.terms
        people: People = {who: _key(who) for who in (*range(terms.seats), REQUESTER)}
        gift = Call(people[REQUESTER].address, b"", _FARE, "Give the requester ether for gas.")
        self.send(self.treasurer, gift)
        for who, person in people.items():
            needed = terms.price * terms.seats if who == REQUESTER else terms.stake
            if self._client.account(person.address).free < needed:
                # For some rounds more, to spare transactions.
                self.send(self.treasurer, self._client.deposit_for(person.address, 4 * needed))
        before, locked = self._worth(people), self._locked(people)

        round_id = self.play(played, number, people).round_id

        after = self._worth(people)
        differences = [
            f"{who}: {after[who] - before[who]} wei on the chain, not {change}"
            for who, change in played.balances().items()
            if after[who] - before[who] != change
        ]
        left = self._locked(people) - locked
        if left:
            differences.append(f"{left} wei are still locked")
        verdict = Verdict.of(played.settlement, terms.options)
        rulings = [
            Outcome.of(people[seat].address, outcome)
            for seat, outcome in zip(played.revealed, played.settlement.labelers, strict=True)
        ]
        if not self._client.round(round_id).is_closed:
            differences.append("the round is not closed")
        elif not self._client.is_verdict(round_id, TASKS_ROOT, verdict, payroll_of(rulings)):
            differences.append("the verdict is another")
        transactions = self._sent - sent
        return Comparison(str(played.match), number, terms.seats, transactions, tuple(differences))

    def play(self, played: MatchRound, number: int, people: People) -> Play:
        """Do on the chain what was done in the round."""
        golds, terms = played.match.golds, played.match.terms
        dice = random.Random(f"{played.match}/{number}")
        held = [
            Holding(people[seat], pack(row, terms.options), dice.randbytes(32))
            for seat, row in enumerate(rows_of(played.answers))
        ]
        gold, begin = None, now(self.w3)
        if golds.exist:
            answers = [played.gold.get(task) for task in range(terms.tasks)]
            gold = (pack(answers, terms.options), dice.randbytes(32))
        ends = Deadlines(begin + _WINDOW, begin + 2 * _WINDOW, begin + 3 * _WINDOW if gold else 0)
        play = Play(self._client, self.send, people[REQUESTER], terms, ends, gold)
        for batch in chunks([play.signed(each) for each in held], MAX_RELAYED):
            play.relay(self.treasurer, batch)
        roll = [held[seat].opening for seat in played.revealed]
        if roll:
            play.reveal(self.treasurer, roll)
        seats = range(terms.seats)
        silent = [held[seat].labeler for seat in seats if seat not in played.revealed]
        if silent:
            self._wait_until(play.deadlines.reveal)
        if golds.exist and not golds.opens:
            self._wait_until(play.deadlines.gold)
        play.close(self.treasurer, entries_of(roll), opens_gold=golds.opens)
        if silent:
            play.forfeit(self.treasurer, silent)
        return play

    def send(self, account: LocalAccount, call: Call) -> Receipt:
        """Send a transaction, counted."""
        receipt = send(self.w3, account, call)
        self._sent += 1
        return receipt

    def _worth(self, people: People) -> dict[int | str, int]:
        """What everybody has in the books, the sink included."""
        accounts = {who: self._client.account(key.address) for who, key in people.items()}
        worth = {who: account.free + account.locked for who, account in accounts.items()}
        return {**worth, SINK: self._client.sink_balance()}

    def _locked(self, people: People) -> int:
        return sum(self._client.account(key.address).locked for key in people.values())

    def _wait_until(self, timestamp: int) -> None:
        left = timestamp - now(self.w3)
        if left > 0:
            self.advance(left)


def _key(role: int | str) -> LocalAccount:
    key: LocalAccount = Account.from_key(keccak(text=f"league: {role}"))
    return key
