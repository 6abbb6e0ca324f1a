"""Rounds of the league on a chain: the same commitments, leaks, reveals and gold, to the wei.

Every seat is an address with a stake and a commitment of its own, signed by its own key. What
comes out is compared with what was settled in Python: the change of every account, the sink, and
the verdict. Nothing in the contract helps: it does not know that anybody is playing.
"""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak
from web3 import Web3

from plumbline.chain.call import Call, Receipt
from plumbline.chain.contract import LabelRounds
from plumbline.chain.deployment import Deployment
from plumbline.chain.records import Deadlines, Phase, Verdict
from plumbline.lab.league.match import HUNTER, REQUESTER, SINK, LeagueError, MatchRound
from plumbline.lab.league.strategies import Conduct
from plumbline.lab.play import TASKS_ROOT, Holding, Play, chunks, entries_of, now
from plumbline.lab.worlds import rows_of
from plumbline.protocol.commitment import Opening
from plumbline.protocol.limits import MAX_RELAYED
from plumbline.settlement.sheet import pack
from plumbline.settlement.terms import ScoringTerms
from plumbline.transactions.outbox import send
from plumbline.transactions.senders import SendError

_WINDOW: Final = 3_600  # seconds of each phase
_FARE: Final = 10**17  # wei of ether for the gas of who sends anything
_NOT_COMMITTED: Final = "not what was committed"

People = dict[int | str, LocalAccount]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A round that was played on the chain. `differences` is empty if all agrees."""

    match: str
    world: str
    number: int
    round: int
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
        """Play a round and compare. Raises LeagueError if the chain lets something through."""
        sent, match = self._sent, played.match
        terms = match.terms
        people: People = {who: _key(who) for who in (*range(terms.seats), REQUESTER, HUNTER)}
        self._provide(people, terms, (leak.reporter for leak in match.leaks))
        before, locked = self._worth(people), self._locked(people)

        round_id = self.play(played, number, people).round_id

        after = self._worth(people)
        differences = [
            f"{_name(who)}: {after[who] - before[who]} wei on the chain, not {change}"
            for who, change in played.balances().items()
            if after[who] - before[who] != change
        ]
        left = self._locked(people) - locked
        if left:
            differences.append(f"{left} wei are still locked")
        verdict = Verdict.of(played.settlement, terms.options)
        if self._client.phase(round_id)[0] is not Phase.CLOSED:
            differences.append("the round is not closed")
        elif not self._client.is_verdict(round_id, TASKS_ROOT, verdict):
            differences.append("the verdict is another")
        counts = (number, round_id, terms.seats, self._sent - sent)
        return Comparison(match.name, match.world.name, *counts, tuple(differences))

    def play(self, played: MatchRound, number: int, people: People) -> Play:
        """Do on the chain what was done in the round."""
        match, options = played.match, played.match.terms.options
        dice = random.Random(f"{match.name}/{match.world.name}/{number}")
        gold_salt = dice.randbytes(32)
        held = [
            Holding(people[seat], pack(row, options), dice.randbytes(32))
            for seat, row in enumerate(rows_of(played.answers))
        ]
        play = self.open(played, people[REQUESTER], gold_salt)
        # The phase ends with the last seat, and with it the time for a report.
        self.commit(played, play, held, sorted(match.leaked))
        for leak in match.leaks:
            reporter = people[HUNTER if leak.reporter is None else leak.reporter]
            play.report_leak(reporter, held[leak.seat])
        late = [seat for seat in range(len(held)) if seat not in match.leaked]
        self.commit(played, play, held, late)

        roll = [held[seat].opening for seat in played.revealed]
        play.reveal(self.treasurer, roll)
        self._try_copies(played, play, held)
        silent = [held[seat].labeler for seat in late if seat not in played.revealed]
        if silent:
            self._wait_until(play.deadlines.reveal)
        if match.gold.exist and not match.gold.opens:
            self._wait_until(play.deadlines.gold)
        play.close(self.treasurer, entries_of(roll), opens_gold=match.gold.opens)
        if silent:
            play.forfeit(self.treasurer, silent)
        return play

    def open(self, played: MatchRound, requester: LocalAccount, gold_salt: bytes) -> Play:
        """A round with the terms of the match, with gold if there is any."""
        terms, gold, begin = played.match.terms, None, now(self.w3)
        if played.match.gold.exist:
            answers = [played.gold.get(task) for task in range(terms.tasks)]
            gold = (pack(answers, terms.options), gold_salt)
        ends = Deadlines(begin + _WINDOW, begin + 2 * _WINDOW, begin + 3 * _WINDOW if gold else 0)
        return Play(self._client, self.send, requester, terms, ends, gold)

    def commit(
        self, played: MatchRound, play: Play, held: Sequence[Holding], seats: Sequence[int]
    ) -> None:
        """What each of these seats commits to, relayed."""
        signed = [
            play.signed(held[seat], play.commitment(held[_model(played, seat)])) for seat in seats
        ]
        for batch in chunks(signed, MAX_RELAYED):
            play.relay(self.treasurer, batch)

    def send(self, account: LocalAccount, call: Call) -> Receipt:
        """Send a transaction, counted."""
        receipt = send(self.w3, account, call)
        self._sent += 1
        return receipt

    def _try_copies(self, played: MatchRound, play: Play, held: Sequence[Holding]) -> None:
        """By now the copied answers and their salt are public; they open nothing for a copier."""
        for seat, conduct in enumerate(played.conduct):
            if conduct is not Conduct.COPIES:
                continue
            model = held[_model(played, seat)]
            try:
                play.reveal(self.treasurer, [Opening(held[seat].labeler, model.sheet, model.salt)])
            except SendError as error:
                if _NOT_COMMITTED not in str(error):
                    raise
            else:
                raise LeagueError("a copied commitment was opened: the contract is broken")

    def _worth(self, people: People) -> dict[int | str, int]:
        """What everybody has in the books, the sink included."""
        accounts = {who: self._client.account(key.address) for who, key in people.items()}
        worth = {who: account.free + account.locked for who, account in accounts.items()}
        return {**worth, SINK: self._client.sink_balance()}

    def _locked(self, people: People) -> int:
        return sum(self._client.account(key.address).locked for key in people.values())

    def _provide(
        self, people: People, terms: ScoringTerms, reporters: Iterable[int | None]
    ) -> None:
        """Ether for the gas of who sends anything, and what this round locks in every account."""
        seats = (people[seat] for seat in reporters if seat is not None)
        for sender in (people[REQUESTER], people[HUNTER], *seats):
            if self.w3.eth.get_balance(sender.address) < _FARE // 2:
                gift = Call(sender.address, b"", _FARE, "Give a player ether for gas.")
                self.send(self.treasurer, gift)
        locked: dict[int | str, int] = {REQUESTER: terms.price * terms.seats, HUNTER: 0}
        for who, key in people.items():
            needed = locked.get(who, terms.stake)
            if self._client.account(key.address).free < needed:
                # For some rounds more, to spare transactions.
                self.send(self.treasurer, self._client.deposit_for(key.address, 4 * needed))

    def _wait_until(self, timestamp: int) -> None:
        left = timestamp - now(self.w3)
        if left > 0:
            self.advance(left)


def _key(who: int | str) -> LocalAccount:
    role = f"labeler {who}" if isinstance(who, int) else who
    key: LocalAccount = Account.from_key(keccak(text=f"league: {role}"))
    return key


def _model(played: MatchRound, seat: int) -> int:
    """Whose commitment a seat hands in: its own, or the one it copies."""
    return played.revealed[0] if played.conduct[seat] is Conduct.COPIES else seat


def _name(who: int | str) -> str:
    return f"seat {who}" if isinstance(who, int) else who
