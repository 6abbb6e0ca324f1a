"""What one signature for several rounds could save, by the fee schedule.

A labeler who takes several rounds of one job could commit to all of them at once:

- **apart**, as it is: for each round a signature, a change of the account, and a seat;
- **one signature** and one change of the account, but a seat for each round;
- **one slot** besides: the root of a tree whose leaves are the commitments, and instead of seats
  a word that marks the rounds in which the labeler sits.

With one slot a reveal must prove that its commitment is in the tree, and mark it: the proof is
calldata, and the slot is emptied, and gives its refund, with the last round only.
"""

from dataclasses import dataclass
from typing import Final

from plumbline.chain.contract import MAX_RELAYED
from plumbline.lab.gas import floor

_WORD: Final = 32
_ADDRESS: Final = 20
_HEAD: Final = 8  # a function and a round, four bytes each
_NUMBER: Final = 4  # a round
_LOG: Final = 4 * floor.LOG + _WORD * floor.LOG_BYTE  # a commitment, by round and labeler

# A refund is capped at a fifth of a transaction, and a reveal uses no more than this of it.
_REFUND: Final = floor.REFUND // 2


@dataclass(frozen=True, slots=True)
class Bundle:
    """Least gas of one commitment of a labeler who takes `rounds` rounds, relayed 64 at a time.

    `proof` is what a reveal costs more where there is one slot.
    """

    rounds: int
    apart: int
    one_signature: int
    one_slot: int
    proof: int


def bundle(rounds: int) -> Bundle:
    """Of a labeler who takes `rounds` rounds, 1 to 64, a power of two."""
    labelers = MAX_RELAYED // rounds
    shared = floor.TRANSACTION + _bytes(_HEAD) + rounds * (floor.SLOT_CHANGED + _bytes(_NUMBER))
    signed = _bytes(_ADDRESS + 2 * _WORD) + floor.ECRECOVER + floor.SLOT_CHANGED
    each = _bytes(_WORD) + _LOG  # of a round
    seats = signed + rounds * (each + floor.SLOT_NEW)
    tree = signed + rounds * each + floor.SLOT_NEW + floor.SLOT_CHANGED
    lone = signed + each + floor.SLOT_NEW
    alone = floor.TRANSACTION + _bytes(_HEAD) + floor.SLOT_CHANGED + MAX_RELAYED * lone
    levels = (rounds - 1).bit_length()
    return Bundle(
        rounds=rounds,
        apart=alone // MAX_RELAYED,
        one_signature=(shared + labelers * seats) // (labelers * rounds),
        one_slot=(shared + labelers * tree) // (labelers * rounds),
        proof=_bytes(levels * _WORD) + _REFUND * (rounds - 1) // rounds,
    )


def _bytes(count: int) -> int:
    """Gas of so many bytes of calldata, none of them zero."""
    return count * floor.BYTE
