"""Waiting for the seed of a draw, and fixing it."""

from collections.abc import Callable

from plumbline.chain.call import Receipt
from plumbline.cli.accounts import UnlockableSigner
from plumbline.cli.output import count, note
from plumbline.cli.sending import confirm, send
from plumbline.cli.stopping import StopOnSignal
from plumbline.history.market import Market
from plumbline.seating.capturing import SeedStep, seed_step
from plumbline.seating.draw import Draw
from plumbline.seating.seat_draw import SeatDraw
from plumbline.units import format_time


def capture_seed(
    market: Market,
    account: UnlockableSigner,
    pool: SeatDraw,
    number: int,
    consent: bool,
    wait: Callable[[SeedStep], bool],
) -> tuple[Draw, list[Receipt]]:
    """Send what the seed of a draw needs, as long as `wait`, which is handed what is missing, says
    that one should go on. The draw as it is then; `consent` is whether nobody is to be asked.
    """
    receipts: list[Receipt] = []
    while True:
        draw = pool.drawn(number)
        step = seed_step(pool, draw)
        if step.call is not None:
            confirm(consent, market.node, account, [step.call.description])
            consent = True
            receipts.append(send(market.node, account, step.call))
            if not step.is_rearm:
                return pool.drawn(number), receipts
        elif not step.blocks:
            return draw, receipts
        if not wait(step):
            return pool.drawn(number), receipts


def patient(stop: StopOnSignal, interval: float) -> Callable[[SeedStep], bool]:
    """Go on after a while, unless it was stopped."""

    def wait(step: SeedStep) -> bool:
        note(f"The seed is there in {count(step.blocks, 'block')}.")
        stop.sleep(interval)
        return not stop.is_set()

    return wait


def never(step: SeedStep) -> bool:
    """Leave it to a later run."""
    return False


def seed_words(pool: SeatDraw, draw: Draw) -> str:
    """What a draw waits for, or since when it has its seed."""
    if draw.captured is not None:
        return f"draw {draw.number} has its seed since {format_time(draw.captured)}"
    return (
        f"draw {draw.number} gets its seed from block {draw.seed_block}: run `plumbline pool"
        f" capture {pool.address} {draw.number}` once it is there, before"
        f" {format_time(draw.ends)}; anyone may"
    )
