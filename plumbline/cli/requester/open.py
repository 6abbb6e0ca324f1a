"""The command `open`: a round from a file of tasks."""

from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path

import click

from plumbline.chain.call import Receipt
from plumbline.cli.command import Command, fail, sending_options
from plumbline.cli.market import open_market, vault_of
from plumbline.cli.output import advise, console, print_json, say, tx_json
from plumbline.cli.policy.ensuring import advise_on, ensure, policy_lines
from plumbline.cli.requester.display import round_table
from plumbline.cli.requester.drawing import lines_before
from plumbline.cli.requester.first_task import first_gold, first_task
from plumbline.cli.requester.gold import UNLOCK_LINE, new_gold_key, stored_key_option
from plumbline.cli.requester.publish import WHERE, media_words
from plumbline.cli.sending import confirm, left_to_next_run, outbox_of, send, send_all, sender_of
from plumbline.formats import round_file
from plumbline.harmless import harmless
from plumbline.protocol.addresses import ZERO
from plumbline.requester.admission import wanted_policy
from plumbline.requester.drawing import RoundPools, drawn_by, require_drawable
from plumbline.requester.opening import RoundOpening, opened_by
from plumbline.requester.probation import check_probation
from plumbline.transactions.funding import funded
from plumbline.units import format_time


@click.command(name="open", cls=Command)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--again", is_flag=True, help="Open another round though this file has one already.")
@click.option("--no-gold", is_flag=True, help="Open a round without gold answers.")
@click.option(
    "--publish",
    type=click.Path(path_type=Path),
    help=f"Where to write the tasks for labelers: {WHERE}. [default: FILE with the ending "
    ".tasks.json]",
)
@stored_key_option
@sending_options(account_required=False)
def open_round(
    file: Path,
    again: bool,
    no_gold: bool,
    publish: Path | None,
    stored_key: bool,
    alias: str | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Open a round from FILE, in YAML or JSON.

    FILE holds the tasks, the price and the stake; everything else has a preset (docs/requester.md).
    The first task is shown as labelers will see it. What is missing of the escrow, price times
    seats, is deposited first. Gold answers and their salt are on disk before anything is sent:
    without them the round cannot be closed with gold.
    """
    market = open_market()
    account = sender_of(alias, market.node)
    try:
        wanted = round_file.load(file, market.unit, no_gold)
    except round_file.NoGoldError as error:
        fail(f"{error} there, or --no-gold here; docs/requester.md says who gains without")
    opening = RoundOpening(market, vault_of(market), account.address, wanted)
    publication = wanted.publication
    published = publication.place_in(publish or file.with_suffix(".tasks.json"))
    outbox = outbox_of(market.node, account)
    landed = outbox.take_if(opening.is_same)
    if any(opening.is_same(sent.call) for sent in outbox.pending()):
        fail(f"another command opens a round from {file} right now: wait for it")
    if landed is not None:
        # An earlier run of this very command was interrupted after it had opened the round.
        _report(opening, published, [landed], as_json)
        return
    earlier = opening.earlier()
    repeated = opening.repeats(earlier)
    if repeated and not again:
        fail(
            f"{account.name} opened round {repeated.round_id} from this file already: "
            "add --again to open another"
        )
    for advice in opening.round_file.advice:
        advise(advice)
    if repeated and opening.round_file.gold:
        advise("gold answers used before are public once the earlier round is closed")
    publication.require_free(published)
    policy = None
    if wanted.admission is not None:
        policy = wanted_policy(market, wanted.admission)
        require_drawable(market, policy.pools, wanted.rules, wanted.commit_seconds)
        advise_on(market, policy, wanted.admission, wanted.rules.seats)
    if wanted.probation is not None:
        probation = (wanted.probation, [wanted.rules])
        for advice in check_probation(market, account.address, *probation):
            advise(advice)
    missing = opening.missing
    calls = []
    if missing:
        deposit = market.contract.deposit(missing)
        calls = funded(market.contract, account.address, account.name, missing, deposit)
    for line in first_task(wanted.manifest, wanted.question, wanted.files):
        click.echo(line, err=True)
    lines = [*(policy.missing if policy else ()), *(call.description for call in calls)]
    lines += policy_lines(policy)
    if policy is not None:
        lines += lines_before(market, policy.pools, [wanted])
    confirm(yes, market.node, account, [*lines, *_lines(opening, published, yes)])
    publication.write(published)
    gold = None
    if wanted.gold:
        gold = opening.keep_gold(earlier, new_gold_key(market, account, stored_key))
    receipts: list[Receipt] = []
    address = ensure(market, account, policy, receipts).address if policy else ZERO
    with left_to_next_run() if receipts else nullcontext():
        receipts += send_all(market.node, account, calls)
        receipts.append(send(market.node, account, opening.call(gold, address)))
    _report(opening, published, receipts, as_json)


def _lines(opening: RoundOpening, published: Path, yes: bool) -> list[str]:
    """What opening the round means."""
    unit, wanted = opening.market.unit, opening.round_file
    rules = wanted.rules
    lines = [
        f"Open a round of {rules.tasks} tasks and {rules.seats} seats at "
        f"{opening.market.contract.address}: {unit.exact(wanted.escrow)} go into escrow "
        f"({unit.exact(rules.price)} a seat), each labeler locks {unit.exact(rules.stake)}.",
        f"Of each seat that reveals, {unit.exact(rules.never_refunded)} at the least do not come "
        "back, whatever its labels are worth: they go to labelers or the sink.",
    ]
    if wanted.files:
        lines.append(f"The tasks are published {media_words(wanted.publication, published)}.")
    if wanted.gold:
        shares = ", ".join(f"{number} {harmless(name)}" for name, number in wanted.gold_shares)
        folder = opening.vault.folder / "gold"
        lines.insert(0, UNLOCK_LINE)
        lines.append(
            f"{len(wanted.gold)} of the {rules.tasks} tasks are gold tasks ({shares}). Their "
            f"answers and salt are kept in {folder}, encrypted."
        )
        if not yes:  # what nobody is asked about should not lie in the log of a job
            lines.append(first_gold(wanted))
    return lines


def _report(opening: RoundOpening, published: Path, receipts: list[Receipt], as_json: bool) -> None:
    market = opening.market
    opened = opened_by(market, receipts[-1])
    if not as_json:
        console().print(round_table(market, market.history(opened.round_id)))
        say(f"Hand [bold]{published}[/] to the labelers.")
        history = market.history(opened.round_id)
        if RoundPools(market).to_draw([history]):
            say(
                f"Draw its seats by {format_time(drawn_by(history.deadlines.commit))}: "
                f"`plumbline requester draw {opened.round_id}`"
            )
        return
    print_json(
        {
            "round": opened.round_id,
            "requester": opened.requester,
            "escrow": str(opening.round_file.escrow),
            "tasks_root": "0x" + opened.tasks_root.hex(),
            "gold_root": "0x" + opened.gold_root.hex(),
            "deadlines": asdict(opened.deadlines),
            "tasks_file": str(published),
            "transactions": [tx_json(receipt) for receipt in receipts],
        }
    )
