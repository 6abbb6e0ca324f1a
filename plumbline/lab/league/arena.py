"""Rounds of the league on a chain: the same commitments, reveals and gold answers, to the wei.

Every seat is an address with a stake and a commitment of its own, signed by its own key. What
comes out is compared with what was settled in Python: the change of every account, the sink, and
the verdict. Nothing in the contract helps: it does not know that anybody is playing.
"""

import random
from dataclasses import dataclass
from typing import Final

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from plumbline.chain.call import Call
from plumbline.chain.records import Deadlines, Verdict
from plumbline.lab.league.match import REQUESTER, SINK, MatchRound
from plumbline.lab.play import TASKS_ROOT, Holding, Play, Stage, chunks, entries_of
from plumbline.lab.worlds import rows_of
from plumbline.protocol.limits import MAX_RELAYED
from plumbline.protocol.outcomes import Outcome, payroll_of
from plumbline.settlement.sheet import pack

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


@dataclass(frozen=True, slots=True)
class Arena:
    """Where everybody plays. The stage's first account pays all gas and all deposits."""

    stage: Stage

    def check(self, played: MatchRound, number: int) -> Comparison:
        """Play a round and compare."""
        stage, terms = self.stage, played.match.terms
        (treasurer, *_), sent = stage.keys, len(stage.receipts)
        people: People = {who: _key(who) for who in (*range(terms.seats), REQUESTER)}
        gift = Call(people[REQUESTER].address, b"", _FARE, "Give the requester ether for gas.")
        stage.send(treasurer, gift)
        for who, person in people.items():
            needed = terms.price * terms.seats if who == REQUESTER else terms.stake
            if stage.client.account(person.address).free < needed:
                # For some rounds more, to spare transactions.
                stage.send(treasurer, stage.client.deposit_for(person.address, 4 * needed))
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
        if not self.stage.client.round(round_id).is_closed:
            differences.append("the round is not closed")
        elif not self.stage.client.is_verdict(round_id, TASKS_ROOT, verdict, payroll_of(rulings)):
            differences.append("the verdict is another")
        transactions = len(self.stage.receipts) - sent
        return Comparison(str(played.match), number, terms.seats, transactions, tuple(differences))

    def play(self, played: MatchRound, number: int, people: People) -> Play:
        """Do on the chain what was done in the round."""
        golds, terms, (treasurer, *_) = played.match.golds, played.match.terms, self.stage.keys
        dice = random.Random(f"{played.match}/{number}")
        held = [
            Holding(people[seat], pack(row, terms.options), dice.randbytes(32))
            for seat, row in enumerate(rows_of(played.answers))
        ]
        gold, begin = None, self.stage.now()
        if golds.exist:
            answers = [played.gold.get(task) for task in range(terms.tasks)]
            gold = (pack(answers, terms.options), dice.randbytes(32))
        ends = Deadlines(begin + _WINDOW, begin + 2 * _WINDOW, begin + 3 * _WINDOW if gold else 0)
        play = Play(self.stage, people[REQUESTER], terms, ends, gold)
        for batch in chunks([play.signed(each) for each in held], MAX_RELAYED):
            play.relay(treasurer, batch)
        roll = [held[seat].opening for seat in played.revealed]
        if roll:
            play.reveal(treasurer, roll)
        seats = range(terms.seats)
        silent = [held[seat].labeler for seat in seats if seat not in played.revealed]
        if silent:
            self._wait_until(play.deadlines.reveal)
        if golds.exist and not golds.opens:
            self._wait_until(play.deadlines.gold)
        play.close(treasurer, entries_of(roll), opens_gold=golds.opens)
        if silent:
            play.forfeit(treasurer, silent)
        return play

    def _worth(self, people: People) -> dict[int | str, int]:
        """What everybody has in the books, the sink included."""
        accounts = {who: self.stage.client.account(key.address) for who, key in people.items()}
        worth = {who: account.free + account.locked for who, account in accounts.items()}
        return {**worth, SINK: self.stage.client.sink_balance()}

    def _locked(self, people: People) -> int:
        return sum(self.stage.client.account(key.address).locked for key in people.values())

    def _wait_until(self, timestamp: int) -> None:
        left = timestamp - self.stage.now()
        if left > 0:
            self.stage.advance(left)


def _key(role: int | str) -> LocalAccount:
    key: LocalAccount = Account.from_key(keccak(text=f"league: {role}"))
    return key
