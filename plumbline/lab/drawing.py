"""Seeds of draws on a local chain, where blocks come when they are asked for."""

from eth_account.signers.local import LocalAccount

from plumbline.lab.play import Stage
from plumbline.seating.capturing import seed_step
from plumbline.seating.draw import Draw
from plumbline.seating.seat_draw import SeatDraw


def captured(stage: Stage, pool: SeatDraw, by: LocalAccount, block_seconds: int) -> Draw:
    """The latest draw of a pool, once its seed was waited for and fixed."""
    draw = pool.drawn(pool.state().draws)
    while (step := seed_step(pool, draw)).call is None:
        for _ in range(step.blocks):
            stage.advance(block_seconds)
    stage.send(by, step.call)
    return pool.drawn(draw.number)
