"""The command `close`: a verdict, pay, and a slash for the silent."""

from pathlib import Path

import click

from plumbline.cli.command import Command, fail, round_argument, sending_options
from plumbline.cli.market import open_market
from plumbline.cli.output import advise, console, note, print_json, tx_json
from plumbline.cli.requester.display import outcomes_table, round_json, round_table
from plumbline.cli.requester.gold import gold_store
from plumbline.cli.sending import confirm, outbox_of, send_all, sender_of
from plumbline.formats import round_file
from plumbline.history.market import Market
from plumbline.requester.closing import plan_closing, round_ended_by, unfinished
from plumbline.transactions.senders import NamedSigner


@click.command(cls=Command)
@round_argument
@click.option(
    "--file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file that the round was opened from, which has the gold answers if the vault is "
    "lost.",
)
@sending_options(account_required=False)
def close(
    number: int | None, file: Path | None, alias: str | None, yes: bool, as_json: bool
) -> None:
    """Judge and pay ROUND, opening its gold answers in the same call; then slash the silent.

    ROUND may be left out if only one is open. All revealed answers are gathered from events.
    Anyone may close; only the requester has the gold answers.
    """
    market = open_market()
    node = market.node
    account = sender_of(alias, node)
    files = {}
    if file is not None:
        wanted = round_file.load(file, market.unit)
        files[wanted.manifest.root] = wanted
    history = market.history(_round_to_close(market, account, number))
    if history.is_over:
        note(f"Round {history.round_id} is closed already.")
    closing = plan_closing(market, gold_store(market, account, files), history)
    if closing.gold_is_late:
        advise("the gold deadline is over: what is not earned goes to the sink")
    if not closing.calls:
        if as_json:
            print_json(round_json(market, history))
        return
    confirm(yes, node, account, [call.description for call in closing.calls])
    receipts = send_all(node, account, closing.calls)
    history = market.history(history.round_id)
    if as_json:
        transactions = [tx_json(receipt) for receipt in receipts]
        print_json(round_json(market, history) | {"transactions": transactions})
        return
    console().print(round_table(market, history))
    console().print(outcomes_table(market, history))


def _round_to_close(market: Market, account: NamedSigner, number: int | None) -> int:
    """The round that was named, or the only one with anything left to do."""
    if number is not None:
        return market.require_round(number)
    rounds = unfinished(market)
    if len(rounds) == 1:
        return rounds[0]
    if rounds:
        fail(f"say which round: {', '.join(map(str, rounds))} are open")
    # An earlier run may have been interrupted after the last thing that was to be done.
    landed = outbox_of(market.node, account).take_if(market.contract.is_ending)
    ended = None if landed is None else round_ended_by(market, landed)
    if ended is None:
        fail("no round is open: see `plumbline requester status`")
    return ended
