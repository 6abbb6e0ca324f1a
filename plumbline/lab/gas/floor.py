"""What a step must cost by Ethereum's fee schedule, however its contract is written.

A floor is the gas of one transaction that does the least a step has to: the transaction itself,
the bytes of calldata that carry information, slots that must be read and written, signatures,
ether paid out, and one log for each labeler with what an auditor needs. All computing is left
out, and so are ABI padding and events that say in more words what these say. docs/gas.md has it
in full.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from plumbline.chain.records import Deadlines
from plumbline.protocol.addresses import checksum
from plumbline.protocol.commitment import EMPTY_HASH, Opening, RollEntry, SignedCommitment
from plumbline.settlement.sheet import Sheet, digits, planes_used, tighten
from plumbline.settlement.terms import ScoringTerms

TRANSACTION: Final = 21_000  # any transaction, EIP-2
ZERO_BYTE: Final = 4  # of calldata
BYTE: Final = 16  # of calldata other than zero, EIP-2028
SLOT_NEW: Final = 22_100  # write to an empty slot: 20,000 and 2,100 for its first use, EIP-2929
SLOT_CHANGED: Final = 5_000  # write to another slot: 2,900 and 2,100, EIP-2929
SLOT_READ: Final = 2_100  # first read of a slot, EIP-2929
REFUND: Final = 4_800  # for a slot that is emptied, EIP-3529
REFUND_SHARE: Final = 5  # all refunds are at most this part of the gas, EIP-3529
ECRECOVER: Final = 3_000  # the precompile, since Frontier
PAYMENT: Final = 6_800  # a call of the sender with ether: 100 and 9,000, less a stipend of 2,300
LOG: Final = 375  # a log, likewise a topic of it
LOG_BYTE: Final = 8  # of a log's data

LEAST_ZERO_BYTE: Final = 10  # EIP-7623: what calldata costs if nothing else costs more
LEAST_BYTE: Final = 40
DRAFT_LEAST_BYTE: Final = 64  # EIP-7976, a draft: zero or not

_FUNCTION: Final = bytes.fromhex("5eed5eed")  # any four bytes that are not zero
_WORD: Final = 32
_TOPICS: Final = 3  # the event, the round, the labeler
_SHARES: Final = (
    *("tau_bps", "rho_bps", "bar_bps", "refund_bps", "slash_base_bps", "slash_max_bps"),
    *("showup_bps", "gold_pass_bps", "gold_slash_bps"),
)


@dataclass(frozen=True, slots=True)
class Floor:
    """Least gas of one transaction, by what it is for.

    `needed` are the bytes of calldata that carry information; `refund` is what emptied slots
    give before it is capped.
    """

    needed: bytes
    storage: int
    logs: int
    signatures: int = 0
    transfers: int = 0
    refund: int = 0

    @property
    def gas(self) -> int:
        """Gas of the transaction: after refunds, and no less than its calldata must cost."""
        spent = TRANSACTION + calldata(self.needed) + self.storage + self.logs
        spent += self.signatures + self.transfers
        return max(spent - min(self.refund, spent // REFUND_SHARE), least(self.needed))


def calldata(data: bytes) -> int:
    """Gas of calldata, EIP-2028."""
    zeros = data.count(0)
    return zeros * ZERO_BYTE + (len(data) - zeros) * BYTE


def least(data: bytes) -> int:
    """Gas below which no transaction with this calldata goes, EIP-7623."""
    zeros = data.count(0)
    return TRANSACTION + zeros * LEAST_ZERO_BYTE + (len(data) - zeros) * LEAST_BYTE


def draft_least(data: bytes) -> int:
    """The same if the draft EIP-7976 came: every byte costs 64."""
    return TRANSACTION + len(data) * DRAFT_LEAST_BYTE


def deposit(account: str, amount: int) -> Floor:
    """The first deposit for an account, `amount` in wei."""
    return Floor(_FUNCTION + _address(account) + _money(amount), SLOT_NEW, _log(_TOPICS, _WORD))


def withdrawal(owner: str, amount: int) -> Floor:
    """`owner` takes `amount` wei of ether out, to the address that sends."""
    return replace(deposit(owner, amount), storage=SLOT_CHANGED, transfers=PAYMENT)


def opening(
    terms: ScoringTerms, deadlines: Deadlines, tasks_root: bytes, gold_root: bytes = EMPTY_HASH
) -> Floor:
    """An opening: four slots of the round, the account that pays, the counter; one for gold."""
    times = [end.to_bytes(5, "big") for end in (deadlines.commit, deadlines.reveal, deadlines.gold)]
    small = (
        *(terms.kind, terms.options - 1, terms.width, terms.tasks - 1),
        *(terms.seats, terms.r_min, terms.gold_count),
    )
    shares = [getattr(terms, name).to_bytes(2, "big") for name in _SHARES]
    amounts = (_money(terms.price), _money(terms.stake))
    said = b"".join([*amounts, *times, bytes(small), *shares, tasks_root])
    storage = 4 * SLOT_NEW + 2 * SLOT_CHANGED
    if gold_root != EMPTY_HASH:
        said, storage = said + gold_root, storage + SLOT_NEW
    return Floor(_FUNCTION + said, storage, _log(_TOPICS, len(said)))


@dataclass(frozen=True, slots=True)
class RoundFloors:
    """Floors of the steps of one round."""

    round_id: int
    terms: ScoringTerms

    def commit(self, commitment: bytes) -> Floor:
        """A commitment in its own transaction, with the stake that is agreed to."""
        needed = self._head + commitment + _money(self.terms.stake)
        return Floor(needed, SLOT_NEW + 2 * SLOT_CHANGED, _log(_TOPICS, _WORD))

    def commit_signed(self, signed: Sequence[SignedCommitment]) -> Floor:
        """Signed commitments in one transaction; sealed answers as long as they are."""
        needed, logs, count = self._head, 0, len(signed)
        for item in signed:
            signature = item.r + item.vs.to_bytes(_WORD, "big")
            needed += _address(item.labeler) + item.commitment + signature + item.sealed
            logs += _log(_TOPICS, _WORD + len(item.sealed))
        storage = count * (SLOT_NEW + SLOT_CHANGED) + SLOT_CHANGED
        return Floor(needed, storage, logs, signatures=count * ECRECOVER)

    def reveal(self, openings: Sequence[Opening]) -> Floor:
        """Openings in one transaction: the seats, the status and the roll."""
        needed, count = self._head, len(openings)
        for item in openings:
            needed += _address(item.labeler) + item.salt + self._planes(item.sheet)
        # The log has the labeler's address among its topics.
        logs = count * _log(_TOPICS, _WORD + self._sheet_bytes)
        return Floor(needed, (count + 2) * SLOT_CHANGED, logs, refund=count * REFUND)

    def leak(self, opening: Opening) -> Floor:
        """Answers and salt that came out too early; what is lost follows from the terms."""
        # Of the round the status and, read, the terms; seat, labeler, reporter and sink.
        storage = 5 * SLOT_CHANGED + SLOT_READ
        logs = _log(_TOPICS + 1, _WORD + self._sheet_bytes)
        return replace(self.reveal([opening]), storage=storage, logs=logs, refund=0)

    def close(self, entries: Sequence[RollEntry], gold: tuple[Sheet, bytes] | None = None) -> Floor:
        """The close of a round; `gold` are answers and salt, if they are opened."""
        needed = self._head + self._roll(entries)
        # Of the round: status and roll; requester and sink are paid.
        storage = (len(entries) + 4) * SLOT_CHANGED + 2 * SLOT_READ
        logs = self._closing_log(len(entries))
        if gold is not None:
            needed, storage = needed + gold[1] + self._planes(gold[0]), storage + SLOT_READ
            logs += _log(_TOPICS - 1, _WORD + self._sheet_bytes)
        return Floor(needed, storage, logs)

    def conclude(self, openings: Sequence[Opening]) -> Floor:
        """Reveal and close of everybody in one; the roll is written once."""
        shown, count = self.reveal(openings), len(openings)
        storage = (2 * count + 4) * SLOT_CHANGED + 2 * SLOT_READ
        return replace(shown, storage=storage, logs=shown.logs + self._closing_log(count))

    def forfeit(self, labelers: Sequence[str]) -> Floor:
        """Seats that were not revealed; what they lose follows from the terms."""
        needed, count = self._head + b"".join(map(_address, labelers)), len(labelers)
        # Seat and account of each; status and sink, and the terms are read.
        storage = (2 * count + 2) * SLOT_CHANGED + SLOT_READ
        return Floor(needed, storage, count * _log(_TOPICS, 0), refund=count * REFUND)

    def expiry(self, entries: Sequence[RollEntry]) -> Floor:
        """A round that is unwound: stakes and escrow go back, the roll is emptied."""
        # Of the round: status and roll; the requester is paid.
        storage = (len(entries) + 3) * SLOT_CHANGED + 2 * SLOT_READ
        logs = len(entries) * _log(_TOPICS, 0) + _log(_TOPICS - 1, 0)
        return Floor(self._head + self._roll(entries), storage, logs, refund=REFUND)

    @property
    def _head(self) -> bytes:
        return _FUNCTION + self.round_id.to_bytes(4, "big")

    @property
    def _sheet_bytes(self) -> int:
        return planes_used(self.terms.options) * _plane_bytes(self.terms)

    def _planes(self, sheet: Sheet) -> bytes:
        planes = tighten(sheet, self.terms.options)
        return b"".join(plane.to_bytes(_plane_bytes(self.terms), "big") for plane in planes)

    def _roll(self, entries: Sequence[RollEntry]) -> bytes:
        """What was revealed, once more."""
        return b"".join(_address(item.labeler) + self._planes(item.sheet) for item in entries)

    def _closing_log(self, labelers: int) -> int:
        """Decided and contested tasks, the consensus, two words of figures; a word for each."""
        planes = 2 + digits(self.terms.options)
        return _log(2, planes * _plane_bytes(self.terms) + (2 + labelers) * _WORD)


def _address(account: str) -> bytes:
    return bytes.fromhex(checksum(account)[2:])


def _money(amount: int) -> bytes:
    return amount.to_bytes(11, "big")


def _plane_bytes(terms: ScoringTerms) -> int:
    return -(-terms.tasks // 8)


def _log(topics: int, data: int) -> int:
    return LOG + topics * LOG + data * LOG_BYTE
