"""Fixing the seed of a draw: what is to be done now. Anyone may."""

from dataclasses import dataclass

from plumbline.chain.call import Call
from plumbline.errors import PlumblineError
from plumbline.seating.draw import Draw
from plumbline.seating.seat_draw import SeatDraw
from plumbline.seating.seed import header_of


class CaptureError(PlumblineError):
    """A seed that cannot be fixed any more."""


@dataclass(frozen=True, slots=True)
class SeedStep:
    """What a draw needs for its seed.

    call        that is to be sent; None if there is nothing to do now
    blocks      until the seed can be captured; 0 if `call` captures it, or it is captured
    is_rearm    whether `call` names another seed block
    """

    call: Call | None
    blocks: int = 0
    is_rearm: bool = False


def seed_step(pool: SeatDraw, draw: Draw) -> SeedStep:
    """What is to be done for the seed of a draw, as of the latest block.

    Raises CaptureError where it is too late, SeedError if the node does not give the header.
    """
    if draw.seed is not None:
        return SeedStep(None)
    head = pool.w3.eth.get_block("latest")
    if int(head["timestamp"]) >= draw.ends:
        raise CaptureError(
            f"draw {draw.number} got no seed before its commit deadline, so nobody was admitted:"
            " open these tasks again"
        )
    # A node may estimate as of the latest block, which has to come after the seed's as well.
    missing = draw.seed_block + 1 - int(head["number"])
    if missing > 0:
        return SeedStep(None, missing)
    if pool.can_rearm(draw.number):
        return SeedStep(pool.rearm(draw.number), pool.terms().seed_delay + 1, is_rearm=True)
    return SeedStep(pool.capture(draw.number, header_of(pool.w3, draw.seed_block)))
