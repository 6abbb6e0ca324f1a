"""The command `draw`: the seats of rounds, by lot."""

from pathlib import Path

import click

from plumbline.campaign.opened_rounds import rounds_of
from plumbline.chain.call import Receipt
from plumbline.cli.command import Command, fail, sending_options
from plumbline.cli.market import open_market
from plumbline.cli.output import advise, print_json, say, tx_json
from plumbline.cli.pool.seeding import capture_seed, patient
from plumbline.cli.pool.terms import draw_json
from plumbline.cli.requester.drawing import (
    drawing_calls,
    drawing_lines,
    drawn_line,
    make_draws,
)
from plumbline.cli.sending import confirm, sender_of
from plumbline.cli.stopping import StopOnSignal, interval_option
from plumbline.history.market import Market
from plumbline.requester.drawing import RoundPools, plan_drawing
from plumbline.seating.draw import Draw
from plumbline.seating.seat_draw import SeatDraw
from plumbline.units import format_time


@click.command(cls=Command)
@click.argument("targets", metavar="FILE | ROUND...", nargs=-1, required=True)
@click.option(
    "--load",
    type=click.IntRange(1),
    help="How many of the rounds list a member's unit at most. The more, the smaller the pool may "
    "be. [default: the least that fits]",
)
@click.option("--capture", is_flag=True, help="Wait for the seeds, and fix them.")
@interval_option
@sending_options(account_required=False)
def draw(
    targets: tuple[str, ...],
    load: int | None,
    capture: bool,
    interval: float,
    alias: str | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Draw who may take the seats of rounds that you have opened, with a pool as `admission`.

    FILE is a round file or a campaign file: all its rounds that take commitments are drawn. Until
    there is a draw, and its seed (`plumbline pool capture`, which anyone may run), nobody is
    admitted. A round that is drawn already is named, and nothing is sent for it.
    """
    market = open_market()
    account = sender_of(alias, market.node)
    rounds = _rounds(market, targets, account.address)
    plan = plan_drawing(RoundPools(market), account.address, rounds, load)
    drawn: list[tuple[SeatDraw, Draw]] = []
    receipts: list[Receipt] = []
    if plan.to_make:
        calls = drawing_calls(market, account, plan)
        lines = drawing_lines(market, plan, calls)
        if capture:
            lines.append("Fix the seeds, once their blocks are there.")
        confirm(yes, market.node, account, lines)
        drawn, receipts = make_draws(market, account, plan, calls)
    before = [(each.pool, each.pool.drawn(each.number)) for each in plan.made]
    for _, each in before:
        advise(
            f"rounds {', '.join(map(str, each.rounds))} were drawn at {format_time(each.frozen)}: "
            "nothing was sent for them"
        )
    drawn = [*before, *drawn]
    if capture:
        on = patient(StopOnSignal(), interval)
        for place, (pool, each) in enumerate(drawn):
            captured, sent = capture_seed(market, account, pool, each.number, True, on)
            drawn[place] = (pool, captured)
            receipts += sent
    if as_json:
        print_json(
            {
                "draws": [
                    {"pool": pool.address, **draw_json(each), "standby": each.standby}
                    for pool, each in drawn
                ],
                "transactions": [tx_json(each) for each in receipts],
            }
        )
        return
    for pool, each in drawn:
        say(drawn_line(pool, each))


def _rounds(market: Market, targets: tuple[str, ...], requester: str) -> list[int]:
    """The rounds that are meant, by their numbers or by their file."""
    if all(target.isascii() and target.isdigit() for target in targets):
        return [market.require_round(int(target)) for target in targets]
    if len(targets) > 1:
        fail("give one file, or the numbers of rounds")
    path = Path(targets[0])
    found = rounds_of(market, path, requester)
    if not found:
        fail(f"no round that {requester} opened from {path} takes commitments: open it first")
    return found
