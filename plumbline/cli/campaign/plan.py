"""The command `campaign plan`: what it comes to, before anything is sent."""

from collections.abc import Set
from pathlib import Path
from typing import Any, Final

import click
from rich.table import Table

from plumbline.campaign.rounds import Campaign, load
from plumbline.cli.campaign.steps import file_argument
from plumbline.cli.campaign.words import labels_words
from plumbline.cli.command import Command, json_option
from plumbline.cli.market import open_market
from plumbline.cli.output import advise, console, count, pairs, plain, print_json, table
from plumbline.cli.requester.first_task import first_task
from plumbline.planning.advice import advise as advice_of
from plumbline.planning.job_plan import Assumptions, JobCost, JobPlan, job_cost, plan_job
from plumbline.settlement.terms import PPM
from plumbline.transactions.senders import price_of_gas
from plumbline.units import ETHER, Unit

_CHANCES: Final = (">escrow", ">is spent", ">accuracy", ">contested", ">round void", ">0.7 slashed")
_SIMULATED: Final = (
    "simulated, see docs/expectations.md: `0.7 slashed` is how often an honest labeler who is right"
    " in 70% of the tasks loses stake"
)


@click.command(cls=Command)
@file_argument
@click.option(
    "--gas-price", help='Fee for a unit of gas, like "2 gwei". [default: what the node says]'
)
@click.option(
    "--speed",
    type=click.IntRange(1),
    default=200,
    show_default=True,
    help="Answers that one labeler gives in an hour.",
)
@click.option(
    "--crowd",
    type=click.FloatRange(0.01, 0.99),
    default=0.8,
    show_default=True,
    help="Share of the tasks that those who answer get right.",
)
@click.option("--hour", help="What an hour's work is to be paid at least, like `0.01 ether`.")
@json_option
def plan(
    file: Path, gas_price: str | None, speed: int, crowd: float, hour: str | None, as_json: bool
) -> None:
    """Show what the campaign in FILE comes to: rounds, cost with gas, stakes, chances, advice.

    Cuts the job as `open` will, and looks up what to expect in the tables of simulated rounds
    (docs/expectations.md). The first task is shown as labelers will see it. Nothing is sent.
    """
    market = open_market()
    unit = market.unit
    campaign = load(file, unit).without_follow_ups
    assumed = Assumptions(
        gas_price=_gas_price(gas_price) or price_of_gas(market.node.w3),
        labels_an_hour=speed,
        crowd_ppm=round(crowd * PPM),
        least_hour=0 if hour is None else unit.parse(hour, "--hour"),
    )
    planned = plan_job([each.round_file.rules for each in campaign.rounds], assumed)
    advice = [*campaign.advice, *advice_of(planned, unit)]
    spend = campaign.limits.spend
    if spend is not None and planned.cost.escrow > spend:
        advice.append(
            f"spend is {unit.short(spend)}, less than the escrow of all rounds: later ones wait "
            "for what comes back, and the last may never be opened"
        )
    if as_json:
        print_json(_json(campaign, planned, advice))
        return
    first = campaign.rounds[0].round_file
    for line in first_task(first.manifest, first.question, first.files):
        click.echo(line, err=True)
    console().print(_plan_table(campaign, planned, unit))
    if campaign.file.has_groups:
        console().print(_groups_table(campaign, planned, unit))
    else:
        console().print(_choices_table(planned, unit))
    for line in advice:
        advise(plain(line))


def _gas_price(given: str | None) -> int | None:
    return None if given is None else ETHER.parse(given, "--gas-price")


def _plan_table(campaign: Campaign, planned: JobPlan, unit: Unit) -> Table:
    cost, rules = planned.cost, campaign.rounds[0].round_file.rules
    items = campaign.file.asked.pool.items
    sizes = sorted({each.round_file.rules.tasks for each in campaign.rounds})
    tasks = f"{sizes[0]} tasks" if len(sizes) == 1 else f"{sizes[0]} to {sizes[-1]} tasks"
    gas, price = cost.gas, planned.assumed.gas_price
    shown = pairs(f"Plan of {campaign.path}")
    shown.add_row(
        "items",
        f"{count(len(items), 'item')}, {campaign.tasks:,} tasks, "
        f"{campaign.file.asked.pool.question.wording}",
    )
    shown.add_row("rounds", f"{cost.rounds:,} of {tasks}, {labels_words(campaign)}")
    shown.add_row("gold tasks", f"{rules.gold_count} in each round" if rules.has_gold else "none")
    prices, stakes = (
        _range({getattr(each.round_file.rules, name) for each in campaign.rounds}, unit)
        for name in ("price", "stake")
    )
    shown.add_row("escrow", f"{unit.short(cost.escrow)} in all, {prices} a seat")
    shown.add_row("is spent", _expected(cost.spent, unit))
    shown.add_row("comes back", _expected(cost.returned, unit))
    shown.add_row("stakes", f"{stakes} a seat, {unit.short(cost.stakes)} in all")
    shown.add_row(
        "your gas",
        f"{ETHER.short(planned.gas_cost(gas.requester))} at {price / 10**9:.3g} gwei",
    )
    shown.add_row(
        "labelers' gas",
        f"{ETHER.short(planned.gas_cost(gas.alone))} if each sends alone, "
        f"{ETHER.short(planned.gas_cost(gas.relayed))} relayed",
    )
    shown.add_row(
        "a label", f"{unit.short(cost.label_price)} at most, {_expected(cost.label_spent, unit)}"
    )
    shown.add_row(
        "an hour",
        f"{planned.assumed.labels_an_hour} answers: {unit.short(planned.full_hour)} for full pay, "
        f"{_expected(planned.expected_hour, unit)}, less "
        f"{ETHER.short(planned.gas_of_an_hour)} gas if sent alone",
    )
    return shown


def _choices_table(planned: JobPlan, unit: Unit) -> Table:
    """The same job with other numbers of labels a task."""
    crowd = planned.assumed.crowd_ppm / PPM
    shown = table(
        f"With a crowd that is right in {crowd:.0%} of the tasks",
        ">labels a task",
        *_CHANCES,
        caption=_SIMULATED,
    )
    costs = {cost.seats: cost for cost in (*planned.choices, planned.cost)}
    for seats, cost in sorted(costs.items()):
        mark = " (yours)" if seats == planned.cost.seats else ""
        shown.add_row(f"{seats}{mark}", unit.short(cost.escrow), *_chances(cost, unit))
    return shown


def _groups_table(campaign: Campaign, planned: JobPlan, unit: Unit) -> Table:
    """What each of the quotas comes to."""
    crowd = planned.assumed.crowd_ppm / PPM
    shown = table(
        f"Each group, if it is right in {crowd:.0%} of the tasks",
        "=group",
        ">labels a task",
        *_CHANCES,
        caption=_SIMULATED,
    )
    for quota in campaign.file.quotas:
        own = [each.round_file.rules for each in campaign.rounds if each.group == quota.group]
        cost = job_cost(own, planned.assumed)
        shown.add_row(
            plain(quota.group or ""),
            str(quota.labels),
            unit.short(cost.escrow),
            *_chances(cost, unit),
        )
    return shown


def _range(amounts: Set[int], unit: Unit) -> str:
    least, most = unit.short(min(amounts)), unit.short(max(amounts))
    return least if least == most else f"{least} to {most}"


def _chances(cost: JobCost, unit: Unit) -> list[str]:
    known = cost.expected
    if known is None:
        return ["not known"] * 5
    return [
        unit.short(cost.spent or 0),
        f"{known.accuracy.value:.1%}",
        f"{known.cell.contested_ppm / PPM:.1%}",
        known.void.short,
        known.slashed.short,
    ]


def _expected(amount: int | None, unit: Unit) -> str:
    return "not known" if amount is None else f"{unit.short(amount)} expected"


def _json(campaign: Campaign, planned: JobPlan, advice: list[str]) -> dict[str, Any]:
    rounds = [
        {
            "part": each.number,
            "group": each.group,
            "labels": each.round_file.rules.seats,
            "tasks": each.round_file.rules.tasks,
            "gold_tasks": each.round_file.rules.gold_count,
            "tasks_root": "0x" + each.root.hex(),
        }
        for each in campaign.rounds
    ]
    items = len(campaign.file.asked.pool.items)
    return {"items": items, "parts": rounds, **planned.to_json(), "advice": advice}
