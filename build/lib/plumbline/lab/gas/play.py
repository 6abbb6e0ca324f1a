"""Playing rounds of made-up labelers, and measuring every step."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from eth_account.signers.local import LocalAccount

from plumbline.chain.call import Call, Sender
from plumbline.chain.contract import LabelRounds
from plumbline.chain.records import Deadlines
from plumbline.history.rounds import EXPIRY
from plumbline.lab.gas import floor, players, steps
from plumbline.lab.gas.cases import Case, Course
from plumbline.lab.gas.floor import Floor
from plumbline.lab.gas.posted import posted
from plumbline.lab.gas.steps import Measured
from plumbline.protocol.commitment import (
    EMPTY_HASH,
    Entry,
    Opening,
    SignedCommitment,
    commitment,
    gold_root,
    sign,
)
from plumbline.protocol.master_key import MasterKey
from plumbline.protocol.sealing import seal
from plumbline.settlement.sheet import Sheet, unpack
from plumbline.settlement.terms import ScoringTerms, usual_terms

T = TypeVar("T")

_PRICE: Final = 10**16  # wei
_STAKE: Final = 10**17  # wei
_WINDOW: Final = 3_600  # seconds; a phase is waited for only where somebody is silent
_ROOT: Final = b"\x01" * 32
_SEALED_BATCH: Final = 10  # labelers in one transaction, their answers sealed
_GOLD_EVERY: Final = 16  # one task in so many is a gold


@dataclass(frozen=True, slots=True)
class Party:
    """Who plays: `send` pays for all but one commitment, which `walker` sends with `walk`.

    `carrier` is who `send` sends from, and the requester. The other labelers are those of `keys`,
    whose commitments are carried. `wait` lets seconds pass on the chain.
    """

    rounds: LabelRounds
    carrier: str
    send: Sender
    keys: tuple[LocalAccount, ...]
    walker: str
    walk: Sender
    wait: Callable[[int], None]

    @property
    def labelers(self) -> tuple[str, ...]:
        """Everybody, the walker first."""
        return (self.walker, *(key.address for key in self.keys))


def fund(party: Party, cases: Sequence[Case]) -> Iterator[Measured]:
    """Deposit the escrow of all cases, and stakes for every labeler; yields each deposit.

    Each has more than is locked at once, so that no slot is ever empty.
    """
    party.send(party.rounds.deposit(sum(_PRICE * _seats(case) for case in cases) + 2))
    largest = max(cases, key=lambda case: case.labelers)
    amount = (len(cases) + 1) * _STAKE
    for labeler in party.labelers:
        call = party.rounds.deposit_for(labeler, amount)
        lowest = floor.deposit(labeler, amount)
        yield _measure(party.send, call, largest, steps.DEPOSIT, 1, lowest)


def withdraw(party: Party, case: Case) -> Measured:
    """Take out a little of what a round left over."""
    call = party.rounds.withdraw(1, party.carrier)
    lowest = floor.withdrawal(party.carrier, 1)
    return _measure(party.send, call, case, steps.WITHDRAW, 1, lowest)


def play(party: Party, case: Case) -> Iterator[Measured]:
    """Play a round and yield each step of it that is of interest, batches from the largest on."""
    opened = _Round(party, case)
    match case.course:
        case Course.USUAL | Course.GOLDS:
            yield from (opened.opening, *opened.commits(), *opened.reveals(), opened.close())
        case Course.CONCLUDED:
            yield from (opened.opening, *opened.commits(), opened.conclude())
        case Course.SILENT:
            opened.commits()
            yield opened.leak()
            yield opened.forfeit()
        case Course.EXPIRED:
            opened.commits()
            opened.reveals()
            yield opened.expire()


class _Round:
    """A round that is opened, and the answers that everybody will give."""

    def __init__(self, party: Party, case: Case) -> None:
        self._party, self._case, self._terms = party, case, terms_of(case)
        self._rounds, self._send = party.rounds, party.send
        self._dice = random.Random(case.name)
        known = players.truth(self._dice, case)
        labelers = party.labelers[: case.labelers]
        self._openings = [
            Opening(labeler, sheet, self._dice.randbytes(32))
            for labeler, sheet in zip(
                labelers, players.sheets(self._dice, case, known), strict=True
            )
        ]
        self._gold: Sheet | None = None
        self._gold_salt: bytes | None = None
        if case.course is Course.GOLDS:
            self._gold = players.golds(case, known, _GOLD_EVERY)
            self._gold_salt = self._dice.randbytes(32)
        self.opening = self._open()
        self._number = party.rounds.round_count()

    def commits(self) -> list[Measured]:
        """The walker's own, then the others', and some of them sealed."""
        own = self._commitment(self._openings[0])
        call = self._rounds.commit(self._number, own, self._terms.stake)
        lowest = floor.commit(self._number, own, self._terms.stake)
        made = [_measure(self._party.walk, call, self._case, steps.COMMIT, 1, lowest)]
        others = list(zip(self._party.keys, self._openings[1:], strict=False))
        batches, left = _split(others, self._case.relayed)
        for part in batches:
            made.append(self._relay(steps.RELAYED, [self._signed(*one) for one in part]))
        if left:
            sealed = [self._signed(*one, self._sealed(*one)) for one in left[:_SEALED_BATCH]]
            made.append(self._relay(steps.SEALED, sealed))
        for part in _chunks(left[_SEALED_BATCH:], self._case.relayed[0]):
            rest = [self._signed(*one) for one in part]
            self._send(self._rounds.commit_signed(self._number, rest))
        return made

    def reveals(self) -> list[Measured]:
        """Everybody's."""
        batches, left = _split(self._openings, self._case.revealed)
        made = []
        for part in batches:
            call = self._rounds.reveal(self._number, part)
            lowest = floor.reveal(self._number, part, self._terms)
            made.append(self._measure(call, steps.REVEAL, len(part), lowest))
        for part in _chunks(left, self._case.revealed[0]):
            self._send(self._rounds.reveal(self._number, part))
        return made

    def close(self) -> Measured:
        """The end."""
        entries, gold, salt = self._entries(), self._gold, self._gold_salt
        call = self._rounds.close(self._number, _ROOT, entries, gold, salt)
        lowest = floor.close(self._number, entries, self._terms, gold, salt)
        return self._measure(call, steps.CLOSE, len(entries), lowest)

    def conclude(self) -> Measured:
        """Reveals and end in one."""
        call = self._rounds.conclude(self._number, _ROOT, self._openings)
        lowest = floor.conclude(self._number, self._openings, self._terms)
        return self._measure(call, steps.CONCLUDE, len(self._openings), lowest)

    def leak(self) -> Measured:
        """The first labeler's answers come out while others may still commit."""
        whose = self._openings[0]
        call = self._rounds.report_leak(self._number, whose.labeler, whose.sheet, whose.salt)
        lowest = floor.leak(self._number, whose, self._terms)
        return self._measure(call, steps.LEAK, 1, lowest)

    def forfeit(self) -> Measured:
        """All but the first labeler never revealed."""
        self._party.wait(4 * _WINDOW)
        silent = [item.labeler for item in self._openings[1:]]
        call = self._rounds.forfeit(self._number, silent)
        lowest = floor.forfeit(self._number, silent)
        return self._measure(call, steps.FORFEIT, len(silent), lowest)

    def expire(self) -> Measured:
        """Nobody closed it."""
        self._party.wait(4 * _WINDOW + EXPIRY)
        entries = self._entries()
        call = self._rounds.expire(self._number, _ROOT, entries)
        lowest = floor.expiry(self._number, entries, self._terms)
        return self._measure(call, steps.EXPIRE, len(entries), lowest)

    def _open(self) -> Measured:
        deadlines, root = self._deadlines(), self._gold_root()
        call = self._rounds.open(self._terms, deadlines, _ROOT, root)
        lowest = floor.opening(self._terms, deadlines, _ROOT, root)
        return self._measure(call, steps.OPEN, self._case.labelers, lowest)

    def _deadlines(self) -> Deadlines:
        now = int(self._rounds.w3.eth.get_block("latest")["timestamp"])
        # A multiple of an hour has as many zero bytes whenever it is measured.
        base = now // _WINDOW * _WINDOW
        gold = base + 6 * _WINDOW if self._gold else 0
        return Deadlines(base + 2 * _WINDOW, base + 4 * _WINDOW, gold)

    def _gold_root(self) -> bytes:
        if self._gold is None or self._gold_salt is None:
            return EMPTY_HASH
        domain = self._rounds.deployment.domain
        return gold_root(domain, self._party.carrier, self._gold, self._gold_salt)

    def _entries(self) -> list[Entry]:
        return [Entry(item.labeler, item.sheet) for item in self._openings]

    def _commitment(self, item: Opening) -> bytes:
        domain = self._rounds.deployment.domain
        return commitment(domain, self._number, item.labeler, item.sheet, item.salt)

    def _signed(self, key: LocalAccount, item: Opening, sealed: bytes = b"") -> SignedCommitment:
        deployed = self._rounds.deployment.deployed
        made = self._commitment(item)
        return sign(key, deployed, self._number, self._terms.stake, made, sealed)

    def _sealed(self, key: LocalAccount, item: Opening) -> bytes:
        master = MasterKey(self._dice.randbytes(32))
        answers = unpack(item.sheet, self._case.options, self._case.tasks)
        deployed = self._rounds.deployment.deployed
        return seal(master, deployed, self._number, key.address, answers, self._case.options)

    def _relay(self, step: str, signed: Sequence[SignedCommitment]) -> Measured:
        call = self._rounds.commit_signed(self._number, signed)
        lowest = floor.commit_signed(self._number, signed)
        return self._measure(call, step, len(signed), lowest)

    def _measure(self, call: Call, step: str, labelers: int, lowest: Floor) -> Measured:
        return _measure(self._send, call, self._case, step, labelers, lowest)


def terms_of(case: Case) -> ScoringTerms:
    """The rules of a round that is played: the usual ones."""
    return usual_terms(
        kind=case.kind,
        options=case.options,
        width=case.width,
        tasks=case.tasks,
        price=_PRICE,
        stake=_STAKE,
        seats=_seats(case),
    )


def _seats(case: Case) -> int:
    """A seat more than labelers keeps a round open for leaks."""
    return case.labelers + (case.course is Course.SILENT)


def _measure(
    send: Sender, call: Call, case: Case, step: str, labelers: int, lowest: Floor
) -> Measured:
    receipt = send(call)
    return Measured(
        case,
        step,
        receipt.transaction,
        labelers,
        receipt.gas_used,
        lowest.gas,
        floor.least(call.data),
        floor.draft_least(call.data),
        posted(call, receipt.gas_used),
    )


def _split(items: list[T], sizes: Sequence[int]) -> tuple[list[list[T]], list[T]]:
    """One batch of each size, then what is left.

    The first is smaller where items are short, and has them all if it could not be the largest.
    """
    most, *smaller = sizes
    first = min(most, len(items) - sum(smaller))
    if first < max(smaller):
        return [items], []
    batches = []
    for size in (first, *smaller):
        batches.append(items[:size])
        items = items[size:]
    return batches, items


def _chunks(items: list[T], size: int) -> list[list[T]]:
    return [items[start : start + size] for start in range(0, len(items), size)]
