"""The command `check`: what a file would be as a round, before there is any money in it."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import click
from rich.table import Table

from plumbline.campaign.checking import check_any
from plumbline.cli.command import OptionalNodeCommand, fail, json_option
from plumbline.cli.market import market_if_named
from plumbline.cli.output import (
    advise,
    console,
    count,
    note,
    pairs,
    plain,
    print_json,
    progress_bars,
    warn,
)
from plumbline.cli.requester.first_task import first_gold, first_task
from plumbline.formats import round_file
from plumbline.requester.checking import CheckedFile
from plumbline.settlement.terms import MAX_TASKS
from plumbline.transactions.senders import price_of_gas
from plumbline.units import ETHER, Unit


@click.command(cls=OptionalNodeCommand)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--no-gold", is_flag=True, help="Check a round without gold answers.")
@json_option
def check(file: Path, no_gold: bool, as_json: bool) -> None:
    """Read FILE as `open` would, and say what comes in, what labelers will see, what it would cost.

    FILE is a round file or a campaign file. Nothing is sent or written, and no node is needed. With
    --network amounts may be in the token of the deployment, and gas is told in ether too, at the
    price of this moment.
    """
    market = market_if_named()
    unit = market.unit if market else ETHER
    with progress_bars() as progress:
        try:
            found = check_any(file, unit, no_gold, progress)
        except round_file.NoGoldError as error:
            fail(f"{error} there, or --no-gold here; docs/requester.md says who gains without")
    gas_price = price_of_gas(market.node.w3) if market else None
    if as_json:
        price = {} if gas_price is None else {"gas_price": str(gas_price)}
        print_json(found.to_json() | price)
        return
    console().print(_table(file, found, unit, gas_price))
    asked = found.asked
    for line in first_task(asked.manifest, asked.pool.question, asked.pool.files):
        click.echo(line)
    if found.round_file is None:
        rounds, tasks = count(len(found.rounds), "round"), len(asked.pool.tasks)
        if found.is_campaign:
            note(f"`plumbline campaign plan` says what to expect of its {rounds}")
        else:
            warn(
                f"{tasks:,} tasks are more than the {MAX_TASKS} of a round: a campaign takes "
                f"{rounds} or more of them, see `plumbline campaign plan`"
            )
    else:
        if found.round_file.gold:
            note(plain(first_gold(found.round_file)))
        for advice in found.round_file.advice:
            advise(plain(advice))


def _table(file: Path, found: CheckedFile, unit: Unit, gas_price: int | None) -> Table:
    asked, uses = found.asked, found.asked.uses
    question, imported = asked.pool.question, asked.imported
    shown = pairs(f"What {plain(str(file))} would be")
    items, tasks = len(asked.pool.items), len(asked.pool.tasks)
    parts = f" as {count(tasks, 'task')}" if question.has_parts else ""
    read = count(imported.read, "row")
    shown.add_row("read", f"{imported.format}: {read}, {count(items, 'item')}{parts}")
    for name, fields in (
        ("id", uses.name),
        ("shown", uses.shown),
        ("gold answers", uses.gold),
        ("group", uses.group),
        ("kept", uses.kept),
        ("left out", uses.left_out),
    ):
        listed = (fields,) if isinstance(fields, str) else fields
        if listed:
            shown.add_row(name, ", ".join(map(plain, listed)))
    for remark in imported.notes:
        shown.add_row("note", plain(remark))
    shown.add_row("question", f"{question.name}: {question.wording}; {question.credit}")
    shown.add_row("choices" if question.has_parts else "options", _listed(question.choices))
    shown.add_row("gold tasks", _gold_words(found))
    for name, words in _costs(found, unit, gas_price):
        shown.add_row(name, words)
    return shown


def _listed(names: Sequence[str]) -> str:
    return " / ".join(map(plain, names))


def _shares(shares: Sequence[tuple[str, int]]) -> str:
    return ", ".join(f"{number} {plain(name)}" for name, number in shares)


def _gold_words(found: CheckedFile) -> str:
    known = len(found.asked.pool.known)
    if not known:
        return "none"
    words = f"{_shares(found.known_shares)} are known"
    if found.round_file is None:
        gold = sum(terms.gold_count for terms in found.rounds)
        return f"{words}; {gold} of them would be gold tasks"
    if len(found.round_file.gold) == known:
        return words
    return f"{_shares(found.round_file.gold_shares)}, drawn; {words}"


def _costs(found: CheckedFile, unit: Unit, gas_price: int | None) -> Iterator[tuple[str, str]]:
    cost = found.cost

    def gas(units: int) -> str:
        fee = "" if gas_price is None else f" ({ETHER.short(units * gas_price)} now)"
        return f"{units:,}{fee}"

    rounds = "" if found.round_file else f" in {count(len(found.rounds), 'round')}"
    seats = (
        f"{_range([each.seats for each in found.rounds], str)} seats{rounds} at "
        f"{_range([each.price for each in found.rounds], unit.exact)}"
    )
    yield "escrow", f"{unit.exact(cost.escrow)}, {seats}"
    spent = "" if cost.spent is None else f"; about {unit.short(cost.spent)} with honest labelers"
    yield "not refunded", f"{unit.exact(cost.least_spent)} at the least{spent}"
    stakes = _range([each.stake for each in found.rounds], unit.exact)
    yield "stake", f"{stakes} of each labeler{' in each round' if rounds else ''}"
    yield (
        "gas",
        f"{gas(cost.gas.requester)} to open and close, with deposit and withdrawal; of each "
        f"labeler {gas(cost.gas.alone_each)}, or of a relayer {gas(cost.gas.relayed)} for all",
    )


def _range(amounts: Sequence[int], shown: Callable[[int], str]) -> str:
    """What rounds have alike, or the least and the most of it."""
    least, most = min(amounts), max(amounts)
    return shown(least) if least == most else f"{shown(least)} to {shown(most)}"
