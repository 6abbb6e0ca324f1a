"""The command `audit draws`: seats by lot, made again from events."""

from typing import Any

import click

from plumbline.audit.draw_checks import DrawsAudit
from plumbline.audit.draws import audit_draws
from plumbline.cli.command import Command, fail, json_option
from plumbline.cli.market import open_market
from plumbline.cli.output import console, count, plain, print_json, progress_bars, say, table
from plumbline.protocol.addresses import checksum
from plumbline.seating.draw import Draw
from plumbline.units import format_time

_SUSPECT = 0.001  # fair draws look so uneven once in a thousand audits


@click.command(cls=Command)
@click.argument("pool", metavar="POOL")
@json_option
def draws(pool: str, as_json: bool) -> None:
    """Make all draws of the pool at an address again, from events and headers alone.

    Who was in the pool, the seed, who was to be admitted and from when on, every strike, and that
    nobody else has a seat. Of many draws also whether early and late members are drawn alike.
    Exits with 1 and a line for each difference. Sends nothing.
    """
    market = open_market()
    with progress_bars() as progress:
        report = audit_draws(market, checksum(pool), progress)
    if as_json:
        print_json(_json(report))
    else:
        _show(report)
    if report.differences:
        for difference in report.differences[:-1]:
            click.echo(plain(str(difference)), err=True)
        fail(plain(str(report.differences[-1])))


def _show(report: DrawsAudit) -> None:
    shown = table(
        "Draws", ">draw", "drawn", ">units", ">rounds", ">seats", ">standby", ">missed", "=seed"
    )
    for draw in report.draws:
        shown.add_row(
            str(draw.number),
            format_time(draw.frozen),
            f"{draw.n:,}",
            _rounds(draw),
            str(draw.seats),
            str(draw.standby),
            str(report.rearmed.get(draw.number, 0)),
            "awaited" if draw.seed is None else f"{draw.seed:032x}"[:8] + "..",
        )
    console().print(shown)
    if not report.differences:
        say(draws_verdict(report))
    fair = report.fairness
    if fair is None:
        say("too few seats were drawn to say how even the draws are")
        return
    words = (
        f"{fair.seats:,} seats drawn, chi-square {fair.value:.1f} with 10 degrees of freedom: fair "
        f"draws are so uneven in {fair.chance:.1%} of audits"
    )
    say(words if fair.chance >= _SUSPECT else f"[red]{words}[/]")


def draws_verdict(report: DrawsAudit) -> str:
    """What is said of draws in which no difference was found."""
    many = count(len(report.draws), "draw")
    return f"[green]{many} checked: all follow from who joined and from the seeds[/]"


def _rounds(draw: Draw) -> str:
    numbers = draw.rounds
    if len(numbers) == numbers[-1] - numbers[0] + 1 > 1:
        return f"{numbers[0]} to {numbers[-1]}"
    return ", ".join(map(str, numbers))


def _json(report: DrawsAudit) -> dict[str, Any]:
    fair = report.fairness
    return {
        "draws": [
            {
                "draw": draw.number,
                "drawn_at": draw.frozen,
                "units": draw.n,
                "rounds": list(draw.rounds),
                "seats": draw.seats,
                "standby": draw.standby,
                "seed_block": draw.seed_block,
                "missed": report.rearmed.get(draw.number, 0),
                "captured_at": draw.captured,
                "seed": None if draw.seed is None else f"0x{draw.seed:032x}",
            }
            for draw in report.draws
        ],
        "differences": [str(each) for each in report.differences],
        "fairness": None
        if fair is None
        else {"seats": fair.seats, "chi_square": fair.value, "chance": fair.chance},
    }
