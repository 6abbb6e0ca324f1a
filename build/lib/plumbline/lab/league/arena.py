"""Rounds of the league on a chain: the same commitments, leaks, reveals and golds, to the wei.

Every seat is an address with a stake and a commitment of its own, signed by its own key. What
comes out is compared with what the twin said: the change of every account, the sink, and the
verdict. Nothing in the contract helps: it does not know that anybody is playing.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak
from web3 import Web3

from plumbline.chain.call import Call, Receipt
from plumbline.chain.contract import MAX_RELAYED, Entry, LabelRounds, Opening
from plumbline.chain.deployment import Deployment
from plumbline.chain.records import Deadlines, Phase, Verdict
from plumbline.lab.league.play import HUNTER, REQUESTER, SINK, LeagueError, Played, rows_of
from plumbline.lab.league.strategies import Conduct
from plumbline.protocol.commitment import EMPTY_HASH, commitment, gold_root, sign
from plumbline.settlement.sheet import Sheet, pack
from plumbline.transactions.outbox import send
from plumbline.transactions.senders import SendError

_WINDOW: Final = 3_600  # seconds of each phase
_FARE: Final = 10**17  # wei of ether for the gas of who sends anything
_TASKS_ROOT: Final = keccak(text="tasks of the league")
_NOT_HIS: Final = "not what was committed"


@dataclass(frozen=True, slots=True)
class Checked:
    """A round that was played on the chain. `differences` is empty if all agrees."""

    match: str
    world: str
    number: int
    round_id: int
    seats: int
    transactions: int
    differences: tuple[str, ...]


@dataclass(slots=True)
class Arena:
    """A deployment, and everybody who plays on it.

    treasurer  pays all gas and all deposits
    advance    makes so many seconds pass on the chain
    """

    w3: Web3
    deployment: Deployment
    treasurer: LocalAccount
    advance: Callable[[int], None]
    _rounds: LabelRounds = field(init=False)
    _sent: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self._rounds = LabelRounds(self.w3, self.deployment)

    def check(self, played: Played, number: int) -> Checked:
        """Play a round and compare. Raises LeagueError if the chain lets something through."""
        sent = self._sent
        terms = played.match.terms
        seats = [self._key(f"labeler {seat}") for seat in range(terms.seats)]
        people: dict[int | str, LocalAccount] = dict(enumerate(seats))
        people |= {REQUESTER: self._key(REQUESTER), HUNTER: self._key(HUNTER)}
        senders = [REQUESTER, HUNTER, *(leak.reporter for leak in played.match.leaks)]
        for who in senders:
            if who is not None:
                self._give_fare(people[who])
        self._deposit(people[REQUESTER], terms.price * terms.seats)
        for labeler in seats:
            self._deposit(labeler, terms.stake)
        before = {who: self._worth(person) for who, person in people.items()}
        sink, locked = self._rounds.sink_balance(), self._locked(people)

        round_id = self._play(played, number, seats, people)

        differences = []
        for who, change in played.balances().items():
            if who == SINK:
                found = self._rounds.sink_balance() - sink
            else:
                found = self._worth(people[who]) - before[who]
            if found != change:
                differences.append(f"{_name(who)}: {found} wei on the chain, not {change}")
        left = self._locked(people) - locked
        if left:
            differences.append(f"{left} wei are still locked")
        verdict = Verdict.of(played.settlement, terms.options)
        if self._rounds.phase(round_id)[0] is not Phase.CLOSED:
            differences.append("the round is not closed")
        elif not self._rounds.is_verdict(round_id, _TASKS_ROOT, verdict):
            differences.append("the verdict is another")
        return Checked(
            match=played.match.name,
            world=played.match.world.name,
            number=number,
            round_id=round_id,
            seats=terms.seats,
            transactions=self._sent - sent,
            differences=tuple(differences),
        )

    # --------------------------------------------------------------- one round

    def _play(
        self,
        played: Played,
        number: int,
        seats: Sequence[LocalAccount],
        people: dict[int | str, LocalAccount],
    ) -> int:
        terms, golds = played.match.terms, played.match.golds
        dice = random.Random(f"{played.match.name}/{played.match.world.name}/{number}")
        gold = pack([played.gold.get(task) for task in range(terms.tasks)], terms.options)
        gold_salt = dice.randbytes(32)
        deadlines = self._open(played, people[REQUESTER], gold, gold_salt)
        round_id = self._rounds.round_count()
        openings = [
            Opening(labeler.address, pack(row, terms.options), dice.randbytes(32))
            for labeler, row in zip(seats, rows_of(played.answers), strict=True)
        ]
        # The phase ends with the last seat, and with it the time for a report.
        early = sorted(played.leaked)
        late = [seat for seat in range(terms.seats) if seat not in played.leaked]
        self._commit(played, round_id, seats, openings, early)
        for leak in played.match.leaks:
            reporter = people[HUNTER if leak.reporter is None else leak.reporter]
            shown = openings[leak.seat]
            call = self._rounds.report_leak(round_id, shown.labeler, shown.sheet, shown.salt)
            self._send(reporter, call)
        self._commit(played, round_id, seats, openings, late)

        roll = [openings[seat] for seat in played.revealed]
        self._send(self.treasurer, self._rounds.reveal(round_id, roll))
        self._try_copies(played, round_id, seats, openings)
        over = {*played.revealed, *played.leaked}
        silent = [labeler.address for seat, labeler in enumerate(seats) if seat not in over]
        if silent:
            self._wait_until(deadlines.reveal)
        if golds.exist and not golds.opens:
            self._wait_until(deadlines.gold)
        entries = [Entry(opening.labeler, opening.sheet) for opening in roll]
        shown_gold = (gold, gold_salt) if golds.opens else (None, None)
        self._send(self.treasurer, self._rounds.close(round_id, _TASKS_ROOT, entries, *shown_gold))
        if silent:
            self._send(self.treasurer, self._rounds.forfeit(round_id, silent))
        return round_id

    def _open(self, played: Played, requester: LocalAccount, gold: Sheet, salt: bytes) -> Deadlines:
        now = int(self.w3.eth.get_block("latest")["timestamp"])
        exist = played.match.golds.exist
        commit = now + _WINDOW
        reveal = commit + _WINDOW
        deadlines = Deadlines(commit, reveal, reveal + _WINDOW if exist else 0)
        root = EMPTY_HASH
        if exist:
            root = gold_root(self.deployment.domain, requester.address, gold, salt)
        call = self._rounds.open(played.match.terms, deadlines, _TASKS_ROOT, root)
        self._send(requester, call)
        return deadlines

    def _commit(
        self,
        played: Played,
        round_id: int,
        seats: Sequence[LocalAccount],
        openings: Sequence[Opening],
        which: Sequence[int],
    ) -> None:
        domain, deployed = self.deployment.domain, self.deployment.deployed
        stake = played.match.terms.stake
        signed = []
        for seat in which:
            shown = openings[_model(played, seat)]
            made = commitment(domain, round_id, shown.labeler, shown.sheet, shown.salt)
            signed.append(sign(seats[seat], deployed, round_id, stake, made))
        for start in range(0, len(signed), MAX_RELAYED):
            part = signed[start : start + MAX_RELAYED]
            self._send(self.treasurer, self._rounds.commit_signed(round_id, part))

    def _try_copies(
        self,
        played: Played,
        round_id: int,
        seats: Sequence[LocalAccount],
        openings: Sequence[Opening],
    ) -> None:
        """By now the copied answers and their salt are public; they open nothing here."""
        for seat, what in enumerate(played.conduct):
            if what is not Conduct.COPIES:
                continue
            shown = openings[_model(played, seat)]
            stolen = Opening(seats[seat].address, shown.sheet, shown.salt)
            try:
                self._send(self.treasurer, self._rounds.reveal(round_id, [stolen]))
            except SendError as error:
                if _NOT_HIS not in str(error):
                    raise
            else:
                raise LeagueError("a copied commitment was opened: the contract is broken")

    # ---------------------------------------------------------------- internal

    def _key(self, role: str) -> LocalAccount:
        key: LocalAccount = Account.from_key(keccak(text=f"league: {role}"))
        return key

    def _worth(self, person: LocalAccount) -> int:
        account = self._rounds.account(person.address)
        return account.free + account.locked

    def _locked(self, people: dict[int | str, LocalAccount]) -> int:
        return sum(self._rounds.account(person.address).locked for person in people.values())

    def _deposit(self, person: LocalAccount, needed: int) -> None:
        """Fund an account for this round, if it is not."""
        missing = needed - self._rounds.account(person.address).free
        if missing > 0:
            # For some rounds more, to spare transactions.
            self._send(self.treasurer, self._rounds.deposit_for(person.address, 4 * needed))

    def _give_fare(self, person: LocalAccount) -> None:
        if self.w3.eth.get_balance(person.address) < _FARE // 2:
            call = Call(person.address, b"", _FARE, "Give a player ether for gas.")
            self._send(self.treasurer, call)

    def _wait_until(self, timestamp: int) -> None:
        now = int(self.w3.eth.get_block("latest")["timestamp"])
        if timestamp > now:
            self.advance(timestamp - now)

    def _send(self, account: LocalAccount, call: Call) -> Receipt:
        receipt = send(self.w3, account, call)
        self._sent += 1
        return receipt


def _model(played: Played, seat: int) -> int:
    """Whose commitment a seat hands in: its own, or the one it copies."""
    if played.conduct[seat] is not Conduct.COPIES:
        return seat
    return played.revealed[0]


def _name(who: int | str) -> str:
    return f"seat {who}" if isinstance(who, int) else who
