"""The command `campaign extend`: labels where they are needed."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from plumbline.aggregation.stopping import Target
from plumbline.campaign.extending import (
    Extension,
    ExtensionError,
    is_under_way,
    plan_extension,
    record,
    unfinished,
)
from plumbline.campaign.openings import plan_openings
from plumbline.chain.call import Receipt
from plumbline.cli.campaign.display import bar, campaign_json, campaign_table
from plumbline.cli.campaign.steps import (
    CampaignRun,
    file_argument,
    keep_on,
    publish_option,
    say_held,
)
from plumbline.cli.command import Command, fail, sending_options
from plumbline.cli.output import (
    advise,
    console,
    count,
    note,
    pairs,
    plain,
    print_json,
    say,
    tx_json,
)
from plumbline.cli.requester.gold import UNLOCK_LINE, stored_key_option
from plumbline.cli.stopping import StopOnSignal, interval_option
from plumbline.seating.gates import GateError
from plumbline.settlement.terms import MAX_SEATS, MIN_SEATS
from plumbline.transactions.senders import current_fees
from plumbline.units import Unit

_SHOWN = 5  # disputed items that are named


@click.command(cls=Command)
@file_argument
@click.option(
    "--confidence",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    required=True,
    help="How likely each label is to be right, like 0.9.",
)
@click.option(
    "--labels",
    type=click.IntRange(MIN_SEATS, MAX_SEATS),
    default=MIN_SEATS,
    show_default=True,
    help="So many others answer each task of a follow-up round.",
)
@click.option(
    "--most",
    type=click.IntRange(MIN_SEATS),
    help="Labels of an item in all, at most. [default: three times `labels` of the file]",
)
@click.option("--budget", help="What all follow-up rounds may cost, like `0.1 ether`.")
@click.option("--no-gold", is_flag=True, help="Follow-up rounds without gold tasks are meant.")
@click.option(
    "--admission",
    metavar="ADDRESS",
    help="Policy contract of the follow-up rounds. [default: that of FILE]",
)
@click.option(
    "--open-to-all",
    is_flag=True,
    help="Whoever has answered an item before may take a seat where it is asked again: paid, and "
    "not heard on it.",
)
@click.option(
    "--wait",
    is_flag=True,
    help="Go on until nothing is left to ask: close, decide again, open. Takes a --budget.",
)
@interval_option
@publish_option
@stored_key_option
@sending_options(account_required=False)
def extend(
    file: Path,
    confidence: float,
    labels: int,
    most: int | None,
    budget: str | None,
    no_gold: bool,
    admission: str | None,
    open_to_all: bool,
    wait: bool,
    interval: float,
    publish: Path | None,
    stored_key: bool,
    alias: str | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Ask others about the items of the campaign in FILE whose labels are not sure enough.

    When all its rounds are closed, their answers say how sure each label is. Those below
    --confidence are asked again in follow-up rounds, in which nobody gets a seat who has answered
    one of their items, and which `status`, `resume`, `close`, `labels`
    and `withdraw` handle like all others. Run it again when these are closed, until it says that
    nothing is left to ask. Interrupted at any point it goes on when it is run again.
    """
    if wait and budget is None:
        fail("--wait opens rounds without asking again: say what they may cost with --budget")
    run = CampaignRun.of(file, alias, yes, publish, stored_key)
    run.look_up_policies()
    run.require_alone()
    unit = run.market.unit
    usual = 3 * run.campaign.rounds[0].round_file.rules.seats
    wish = _Wish(
        Target(confidence, labels, most or max(usual, labels)),
        None if budget is None else unit.parse(budget, "--budget"),
        no_gold,
        admission,
        open_to_all,
    )
    asking = _Asking(run, wish, not as_json)
    if wait:
        run.confirm(_waiting_lines(run, wish))
        run.yes = True
        keep_on(asking.go_on, StopOnSignal(), interval)
    elif is_under_way(run.standing):
        asking.open_rest()
    else:
        asking.extend()
    if as_json:
        print_json(
            campaign_json(run.standing)
            | {
                "extension": None if asking.last is None else _json(asking.last),
                "transactions": [tx_json(each) for each in asking.receipts],
            }
        )
    elif asking.receipts:
        console().print(campaign_table(run.standing))
        if run.standing.running:
            say(f"Hand the files in [bold]{run.folder}[/] to labelers who have not answered yet.")


@dataclass(frozen=True, slots=True)
class _Wish:
    """What the options say; `budget` in the smallest unit."""

    target: Target
    budget: int | None
    no_gold: bool
    admission: str | None
    open_to_all: bool


@dataclass
class _Asking:
    """A run of the command: `last` is what was decided last, `receipts` of what was sent."""

    run: CampaignRun
    wish: _Wish
    is_shown: bool
    last: Extension | None = None
    receipts: list[Receipt] = field(default_factory=list)

    def extend(self) -> bool:
        """Decide, and open what was decided; whether nothing is left to ask."""
        run, wish = self.run, self.wish
        price = current_fees(run.market.node.w3).most
        extension = plan_extension(
            run.standing,
            wish.target,
            price,
            wish.budget,
            wish.no_gold,
            wish.admission,
            wish.open_to_all,
        )
        self.last = extension
        if self.is_shown:
            console().print(_extension_table(extension, wish.target, run.market.unit))
        _remarks(extension)
        if not extension.rounds:
            return True
        run.standing = run.standing.with_campaign(extension.campaign)
        try:
            run.look_up_policies()
        except GateError as error:
            raise ExtensionError(
                f"{error}. With --open-to-all whoever has answered may take a seat as well"
            ) from None
        opening = plan_openings(run.standing, price, run.free)
        for advice in extension.advice:
            advise(plain(advice))
        calls = run.opening_calls(opening)
        run.confirm(run.opening_lines(opening, calls))
        run.standing = record(run.standing, extension)
        self.receipts += run.open(opening, calls)
        say_held(opening)
        return False

    def open_rest(self) -> None:
        """What an earlier run decided on and did not open."""
        run = self.run
        opening = run.opening_plan()
        if opening.rounds:
            calls = run.opening_calls(opening)
            run.confirm(run.opening_lines(opening, calls))
            self.receipts += run.open(opening, calls)
        else:
            run.refresh()
            note(f"Nothing is asked now: {unfinished(run.standing)}.")
        say_held(opening)

    def go_on(self) -> bool:
        """Close what is due and open what is left, or decide again; whether nothing is left."""
        self.run.refresh()
        if unfinished(self.run.standing) is None:
            return self.extend()
        self.run.step()
        # Where all is spent and nothing runs, nothing will ever be opened any more.
        return not self.run.standing.running and self.run.opening_plan().is_spent


def _waiting_lines(run: CampaignRun, wish: _Wish) -> list[str]:
    """What will be signed, as long as it runs."""
    unit, target = run.market.unit, wish.target
    lines = [
        f"Close rounds of {run.campaign.path} as soon as they are due, and open those that are "
        "left.",
        f"Then open follow-up rounds until labels are right with {target.confidence:.0%}, "
        f"{target.labels} labels at a time and {target.most} an item at most: they cost up to "
        f"{unit.exact(wish.budget or 0)} in all.",
    ]
    return [UNLOCK_LINE, *lines] if run.campaign.rounds[0].round_file.gold else lines


def _extension_table(extension: Extension, target: Target, unit: Unit) -> Table:
    sure = extension.sureness
    shown = pairs(f"Labels of {extension.campaign.path}")
    share = sure.labels / sure.items if sure.items else 0
    shown.add_row(
        "sure enough",
        f"{bar(sure.sure, sure.items)} {sure.sure:,} of {count(sure.items, 'item')} at "
        f"{target.confidence:.0%} or more",
    )
    shown.add_row("labels so far", f"{share:.1f} an item")
    shown.add_row("below", f"{count(sure.below, 'item')} that others can be asked about")
    shown.add_row(
        "disputed", f"{count(len(sure.disputed), 'item')} below it with {target.most} labels"
    )
    if sure.again:
        shown.add_row(
            "asked again", f"{sure.settled:,} of {count(sure.again, 'item')} are sure now"
        )
    if extension.spent:
        shown.add_row("cost so far", f"{unit.short(extension.spent)} for follow-up rounds")
    if extension.rounds:
        tasks = sum(each.round_file.rules.tasks for each in extension.rounds)
        filling = (
            f", {extension.filling:,} to make a round large enough" if extension.filling else ""
        )
        shown.add_row(
            "to be asked",
            f"{count(extension.asked, 'item')} in {count(len(extension.rounds), 'round')} of "
            f"{tasks:,} tasks in all ({extension.gold_tasks:,} gold tasks{filling})",
        )
        earlier = {number for each in extension.rounds for number in each.excluded}
        if earlier:
            shown.add_row(
                "no seat for",
                f"who answered one of a round's items before, in {count(len(earlier), 'round')}",
            )
        shown.add_row("new labels", f"{extension.labels:,}, {target.labels} a task")
        gas = ", with your gas" if unit.address is None else ""
        shown.add_row("cost", f"{unit.short(extension.cost)} at most{gas}")
        shown.add_row("gold left", f"{extension.known:,} known answers for later rounds")
    return shown


def _remarks(extension: Extension) -> None:
    sure = extension.sureness
    note(plain(f"Labels are made by {extension.method}."))
    if sure.disputed:
        named = ", ".join(sure.disputed[:_SHOWN])
        more = f" and {len(sure.disputed) - _SHOWN} more" if len(sure.disputed) > _SHOWN else ""
        advise(
            plain(
                f"more labels would hardly settle {named}{more}: people differ, or the question "
                "does not fit. That is what their answers say; read them, or raise --most"
            )
        )
    if extension.filling > extension.asked:
        advise(
            f"{extension.filling} of the items are only there to make a round large enough for its "
            "gold tasks: with --no-gold a round takes 12 tasks"
        )
    if extension.held is not None:
        what = (
            "not all that is below the target is asked" if extension.rounds else "nothing is asked"
        )
        advise(plain(f"{what}: {extension.held}"))
    elif not extension.rounds:
        note("Nothing is left to ask.")


def _json(extension: Extension) -> dict[str, Any]:
    sure = extension.sureness
    return {
        "items": sure.items,
        "labels": sure.labels,
        "sure": sure.sure,
        "below": sure.below,
        "disputed": list(sure.disputed),
        "asked_again": sure.again,
        "settled": sure.settled,
        "method": extension.method,
        "rounds": [
            {
                "part": each.number,
                "tasks": each.round_file.rules.tasks,
                "gold_tasks": len(each.batch.gold),
                "seats": each.round_file.rules.seats,
                "excluded": list(each.excluded),
                "price": str(each.round_file.rules.price),
                "tasks_root": "0x" + each.root.hex(),
            }
            for each in extension.rounds
        ],
        "asked": extension.asked,
        "filling": extension.filling,
        "new_labels": extension.labels,
        "gold_left": extension.known,
        "cost": str(extension.cost),
        "spent": str(extension.spent),
        "held": extension.held,
    }
