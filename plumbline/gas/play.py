"""Playing rounds of made-up honest labelers, and measuring every step."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from eth_account import Account
from eth_account.signers.local import LocalAccount

from plumbline.call import Call, Sender
from plumbline.commitment import Entry, Opening, SignedCommitment, commitment, sign
from plumbline.contract import LabelRounds
from plumbline.gas import floor
from plumbline.gas.cases import Case
from plumbline.gas.floor import Floor
from plumbline.gas.posted import Posted, posted
from plumbline.masterkey import MasterKey
from plumbline.sealing import seal
from plumbline.sheet import Sheet, pack, unpack
from plumbline.terms import ScoringTerms, usual_terms
from plumbline.views import Deadlines

T = TypeVar("T")

DEPOSIT: Final = "deposit"
OPEN: Final = "open"
COMMIT: Final = "commit"
RELAYED: Final = "relayed"
SEALED: Final = "relayed, sealed"
REVEAL: Final = "reveal"
CLOSE: Final = "close"
CONCLUDE: Final = "conclude"

_PRICE: Final = 10**16  # wei
_STAKE: Final = 10**17  # wei
_WINDOW: Final = 3_600  # seconds; no phase is waited for, all seats commit and reveal
_ROOT: Final = b"\x01" * 32
_ACCURACY: Final = 0.75
_SKIPS: Final = 0.02
_SEALED_BATCH: Final = 10  # labelers in one transaction, their answers sealed


@dataclass(frozen=True, slots=True)
class Measured:
    """One transaction of a round.

    `labelers` share it; `gas` is what it used, `floor` what it must, `least` what its calldata
    alone would cost (EIP-7623) and `draft_least` would by the draft EIP-7976.
    """

    case: Case
    step: str
    labelers: int
    gas: int
    floor: int
    least: int
    draft_least: int
    posted: Posted

    @property
    def name(self) -> str:
        """The step, and how many labelers share the transaction where that varies."""
        varies = self.step in (RELAYED, SEALED, REVEAL)
        return f"{self.step}, {self.labelers} at a time" if varies else self.step


@dataclass(frozen=True, slots=True)
class Party:
    """Who plays: `send` pays for all but one commitment, which `walker` sends with `walk`.

    The other labelers are those of `keys`, whose commitments are carried.
    """

    rounds: LabelRounds
    send: Sender
    keys: tuple[LocalAccount, ...]
    walker: str
    walk: Sender

    @property
    def labelers(self) -> tuple[str, ...]:
        """Everybody, the walker first."""
        return (self.walker, *(key.address for key in self.keys))


def crowd(count: int) -> tuple[LocalAccount, ...]:
    """So many keys, always the same."""
    dice = random.Random("labelers of the gas measurement")
    return tuple(_key(dice) for _ in range(count))


def fund(party: Party, cases: Sequence[Case]) -> Iterator[Measured]:
    """Deposit the escrow of all cases, and stakes for every labeler; yields each deposit.

    Each has more than is locked at once, so that no slot is ever empty.
    """
    party.send(party.rounds.deposit(sum(_PRICE * case.labelers for case in cases) + 1))
    largest = max(cases, key=lambda case: case.labelers)
    amount = (len(cases) + 1) * _STAKE
    for labeler in party.labelers:
        call = party.rounds.deposit_for(labeler, amount)
        yield _measure(party.send, call, largest, DEPOSIT, 1, floor.deposit(labeler, amount))


def play(party: Party, case: Case) -> Iterator[Measured]:
    """Play a round and yield each step of it that is of interest, batches from the largest on."""
    terms, deadlines = terms_of(case), _deadlines(party.rounds)
    call = party.rounds.open(terms, deadlines, tasks_root=_ROOT)
    lowest = floor.opening(terms, deadlines, _ROOT)
    yield _measure(party.send, call, case, OPEN, case.labelers, lowest)
    opened = _Round(party, case, terms, party.rounds.round_count())
    yield from opened.commits()
    if case.concluded:
        yield opened.conclude()
    else:
        yield from opened.reveals()
        yield opened.close()


class _Round:
    """A round that was opened, and the answers that everybody will give."""

    def __init__(self, party: Party, case: Case, terms: ScoringTerms, number: int) -> None:
        self._party, self._case, self._terms, self._number = party, case, terms, number
        self._rounds, self._send = party.rounds, party.send
        self._dice = random.Random(case.name)
        labelers = party.labelers[: case.labelers]
        self._openings = [
            Opening(labeler, sheet, self._dice.randbytes(32))
            for labeler, sheet in zip(labelers, _sheets(self._dice, case), strict=True)
        ]

    def commits(self) -> Iterator[Measured]:
        """The walker's own, then the others', and some of them sealed."""
        own = self._commitment(self._openings[0])
        call = self._rounds.commit(self._number, own, self._terms.stake)
        lowest = floor.commit(self._number, own, self._terms.stake)
        yield _measure(self._party.walk, call, self._case, COMMIT, 1, lowest)
        others = list(zip(self._party.keys, self._openings[1:], strict=False))
        batches, left = _split(others, self._case.relayed)
        for part in batches:
            yield self._relay(RELAYED, [self._signed(*one) for one in part])
        if left:
            sealed = [self._signed(*one, self._sealed(*one)) for one in left[:_SEALED_BATCH]]
            yield self._relay(SEALED, sealed)
        for part in _chunks(left[_SEALED_BATCH:], self._case.relayed[0]):
            rest = [self._signed(*one) for one in part]
            self._send(self._rounds.commit_signed(self._number, rest))

    def reveals(self) -> Iterator[Measured]:
        """Everybody's."""
        batches, left = _split(self._openings, self._case.revealed)
        for part in batches:
            call = self._rounds.reveal(self._number, part)
            lowest = floor.reveal(self._number, part, self._terms)
            yield _measure(self._send, call, self._case, REVEAL, len(part), lowest)
        for part in _chunks(left, self._case.revealed[0]):
            self._send(self._rounds.reveal(self._number, part))

    def close(self) -> Measured:
        """The end."""
        entries = [Entry(item.labeler, item.sheet) for item in self._openings]
        call = self._rounds.close(self._number, _ROOT, entries)
        lowest = floor.close(self._number, entries, self._terms)
        return _measure(self._send, call, self._case, CLOSE, len(entries), lowest)

    def conclude(self) -> Measured:
        """Reveals and end in one."""
        call = self._rounds.conclude(self._number, _ROOT, self._openings)
        lowest = floor.conclude(self._number, self._openings, self._terms)
        return _measure(self._send, call, self._case, CONCLUDE, len(self._openings), lowest)

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
        return _measure(self._send, call, self._case, step, len(signed), lowest)


def terms_of(case: Case) -> ScoringTerms:
    """The rules of a round that is played: the usual ones."""
    return usual_terms(
        kind=case.kind,
        options=case.options,
        width=case.width,
        tasks=case.tasks,
        price=_PRICE,
        stake=_STAKE,
        seats=case.labelers,
    )


def _measure(
    send: Sender, call: Call, case: Case, step: str, labelers: int, lowest: Floor
) -> Measured:
    gas = send(call).gas_used
    return Measured(
        case,
        step,
        labelers,
        gas,
        lowest.gas,
        floor.least(call.data),
        floor.draft_least(call.data),
        posted(call, gas),
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


def _deadlines(rounds: LabelRounds) -> Deadlines:
    now = int(rounds.w3.eth.get_block("latest")["timestamp"])
    # A multiple of an hour has as many zero bytes whenever it is measured.
    base = now // _WINDOW * _WINDOW
    return Deadlines(base + 2 * _WINDOW, base + 4 * _WINDOW, 0)


def _key(dice: random.Random) -> LocalAccount:
    key: LocalAccount = Account.from_key(dice.randbytes(32))
    return key


def _sheets(dice: random.Random, case: Case) -> list[Sheet]:
    truth = [dice.randrange(case.options) for _ in range(case.tasks)]
    return [
        pack([_answer(dice, case, known) for known in truth], case.options)
        for _ in range(case.labelers)
    ]


def _answer(dice: random.Random, case: Case, truth: int) -> int | None:
    if dice.random() < _SKIPS:
        return None
    return truth if dice.random() < _ACCURACY else dice.randrange(case.options)
