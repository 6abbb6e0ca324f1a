"""When answers and gold answers may be shown: the one rule that guards secrets.

    Not before nobody can commit any more, not even after a reorganisation of the chain: if the
    commit phase ended early because all seats were taken, enough blocks must stand on the last
    commitment.

Whoever shows them before gives them away to those who can still commit.
"""

from dataclasses import dataclass

from plumbline.chain.records import Phase
from plumbline.history.rounds import RoundHistory


@dataclass(frozen=True, slots=True)
class Secrecy:
    """Why secrets of a round must not be shown yet.

    until     the commit deadline, unix seconds, if others may still commit; else None
    blocks    how many more blocks must stand on the last commitment, if all seats are taken
    """

    until: int | None
    blocks: int


def secrecy(history: RoundHistory, now: int, head: int, confirmations: int) -> Secrecy | None:
    """Why no answers may be shown now; None if they may be.

    now              unix seconds, of the next block at the earliest
    head             number of the latest block
    confirmations    blocks after which no reorganisation is expected
    """
    if history.phase_at(now) is Phase.COMMIT:
        return Secrecy(history.deadlines.commit, 0)
    # A deadline that is over stays over; seats that are taken may become free again.
    if now >= history.deadlines.commit or not history.commitments:
        return None
    blocks = history.commitments[-1].block + confirmations - head
    return Secrecy(None, blocks) if blocks > 0 else None
