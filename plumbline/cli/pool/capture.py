"""The command `pool capture`: the seed of a draw."""

import click

from plumbline.cli.command import Command, fail, sending_options
from plumbline.cli.market import open_market
from plumbline.cli.output import count, print_json, say, tx_json
from plumbline.cli.pool.seeding import capture_seed, never, patient, seed_words
from plumbline.cli.sending import sender_of
from plumbline.cli.stopping import StopOnSignal, interval_option
from plumbline.seating.capturing import seed_step
from plumbline.seating.seat_draw import pool_at


@click.command(cls=Command)
@click.argument("address", metavar="POOL")
@click.argument("draw_id", metavar="DRAW", type=click.IntRange(1))
@click.option("--wait", is_flag=True, help="Wait until the seed is there, or Ctrl-C.")
@interval_option
@sending_options(account_required=False)
def capture(
    address: str,
    draw_id: int,
    wait: bool,
    interval: float,
    alias: str | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Fix the seed of DRAW in the pool at POOL, from the header of its block. Anyone may.

    Nobody is admitted to its rounds before. Where nobody did it while the chain still knew the
    hash of that block, another block is named, and it takes one more run (or --wait).
    """
    market = open_market()
    account = sender_of(alias, market.node)
    pool = pool_at(market.contract, address)
    before = seed_step(pool, pool.drawn(draw_id))
    if before.call is None and before.blocks and not wait:
        fail(
            f"the seed of draw {draw_id} is there in {count(before.blocks, 'block')}: run it again"
            " then, or add --wait"
        )
    on = patient(StopOnSignal(), interval) if wait else never
    draw, receipts = capture_seed(market, account, pool, draw_id, yes, on)
    if as_json:
        print_json(
            {
                "pool": pool.address,
                "draw": draw_id,
                "seed": None if draw.seed is None else hex(draw.seed),
                "seed_block": draw.seed_block,
                "captured_at": draw.captured,
                "transactions": [tx_json(each) for each in receipts],
            }
        )
        return
    say(seed_words(pool, draw))
