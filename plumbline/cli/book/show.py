"""The command `book show`."""

from typing import Final

import click

from plumbline.cli.book.vouching import vouched_words
from plumbline.cli.command import Command, json_option
from plumbline.cli.market import open_market
from plumbline.cli.output import advise, console, count, pairs, plain, print_json, table
from plumbline.requester.book_rounds import BookRounds
from plumbline.seating.record_book import book_at

_LATEST: Final = 20  # rounds that are shown


@click.command(cls=Command)
@click.argument("address", metavar="BOOK")
@json_option
def show(address: str, as_json: bool) -> None:
    """Show the book of records at BOOK: for whom it vouches, and which rounds are in it.

    `plumbline labeler record --book BOOK` shows the record of a labeler. Sends nothing.
    """
    market = open_market()
    book = book_at(market.node.w3, market.contract.address, address)
    vouched, rounds = book.vouched(), BookRounds.of(market, book)
    due = [each.round_id for each in rounds.due]
    if as_json:
        print_json(
            {
                "book": book.address,
                "label_rounds": market.contract.address,
                "vouched": list(vouched),
                "entered": list(rounds.entered),
                "to_enter": due,
                "not_closed": list(rounds.running),
            }
        )
        return
    shown = pairs(f"Book of records {book.address}")
    for each in vouched:
        shown.add_row(each, plain(vouched_words(market.node.w3, each)))
    console().print(shown)
    if rounds.opened:
        listed = table(
            f"Rounds that count, the last {min(_LATEST, len(rounds.opened))} of "
            f"{len(rounds.opened)}",
            ">round",
            "requester",
            ">tasks",
            ">seats",
            "stands",
        )
        for number in sorted(rounds.opened, reverse=True)[:_LATEST]:
            opened = rounds.opened[number]
            stands = "entered" if number in rounds.entered else "expired"
            if number in due:
                stands = "[yellow]closed, to be entered[/]"
            elif number in rounds.running:
                stands = "not closed yet"
            listed.add_row(
                str(number),
                opened.requester,
                str(opened.rules.tasks),
                str(opened.rules.seats),
                stands,
            )
        console().print(listed)
    else:
        advise("none of the rounds so far counts in it")
    if due:
        advise(
            f"{count(len(due), 'round')} can be entered by anyone:"
            f" `plumbline book enter {book.address}`"
        )
