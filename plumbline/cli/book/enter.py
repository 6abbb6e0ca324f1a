"""The command `book enter`."""

import click

from plumbline.cli.command import Command, sending_options
from plumbline.cli.market import open_market
from plumbline.cli.output import count, note, print_json, say, tx_json
from plumbline.cli.sending import confirm, outbox_of, send_all, sender_of
from plumbline.requester.book_rounds import BookRounds
from plumbline.seating.record_book import book_at


@click.command(cls=Command)
@click.argument("address", metavar="BOOK")
@click.argument("rounds", nargs=-1, type=int, metavar="[ROUND]...")
@sending_options(account_required=False)
def enter(
    address: str, rounds: tuple[int, ...], alias: str | None, yes: bool, as_json: bool
) -> None:
    """Enter closed rounds into the book at BOOK; all that count there if no ROUND is named.

    Anyone may: how a round ended is proved by its events. Rounds that are in it already cost
    nothing more.
    """
    market = open_market()
    node = market.node
    account = sender_of(alias, node)
    book = book_at(node.w3, market.contract.address, address)
    outbox = outbox_of(node, account)
    # An earlier run of this very command may have been interrupted on its way.
    receipts = []
    while (done := outbox.take_if(book.is_entering)) is not None:
        receipts.append(done)
    found = BookRounds.of(market, book).to_enter(rounds)
    calls = [book.enter(each) for each in found]
    if calls:
        labelers = sum(len(each.outcomes) for each in found)
        lines = [call.description for call in calls]
        lines.append(f"These are the records of {count(labelers, 'seat')} that revealed.")
        confirm(yes, node, account, lines)
        receipts += send_all(node, account, calls)
    elif not receipts:
        note("Nothing is to be entered: nothing was sent.")
    if as_json:
        print_json(
            {
                "book": book.address,
                "entered": [each.round_id for each in found],
                "transactions": [tx_json(each) for each in receipts],
            }
        )
    elif receipts:
        say(f"{count(len(receipts), 'round')} entered into the book {book.address}")
