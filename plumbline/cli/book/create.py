"""The command `book create`."""

import click

from plumbline.chain.creation import CreationError, evm_version_of
from plumbline.cli.book.vouching import vouched_words
from plumbline.cli.command import Command, sending_options
from plumbline.cli.market import open_market
from plumbline.cli.output import print_json, say, tx_json
from plumbline.cli.sending import confirm, outbox_of, send, sender_of
from plumbline.protocol.addresses import checksum
from plumbline.seating.policies import create_book
from plumbline.seating.record_book import book_at


@click.command(cls=Command)
@click.argument("vouched", nargs=-1, metavar="[ADDRESS]...")
@sending_options(account_required=False)
def create(vouched: tuple[str, ...], alias: str | None, yes: bool, as_json: bool) -> None:
    """Create a book of records that vouches for the rounds of each ADDRESS.

    An ADDRESS is a requester, whose rounds count, or a policy, such as a pool, whose rounds count
    whoever opens them; without any it is the account itself. They cannot be changed later, and the
    book is nobody's. Prints its address, which terms of admission name as `book`.
    """
    market = open_market()
    node = market.node
    account = sender_of(alias, node)
    named = tuple(dict.fromkeys(checksum(each) for each in vouched)) or (account.address,)
    call = create_book(market.contract.address, named, evm_version_of(node))
    receipt = outbox_of(node, account).take(call)
    if receipt is None:
        counted = [f"{each}: {vouched_words(node.w3, each)}" for each in named]
        confirm(yes, node, account, [call.description, *counted])
        receipt = send(node, account, call)
    if receipt.created is None:
        raise CreationError(
            f"the node does not say what transaction {receipt.transaction} has created: use another"
            " node"
        )
    book = book_at(node.w3, market.contract.address, receipt.created)
    if as_json:
        print_json(
            {
                "book": book.address,
                "vouched": list(book.vouched()),
                "transactions": [tx_json(receipt)],
            }
        )
        return
    say(f"[bold]{book.address}[/] is the book: terms of admission name it as")
    say(f'  record: {{rounds: 6, kappa: 0.4, book: "{book.address}"}}')
    say(f"Enter rounds that are closed with `plumbline book enter {book.address}`.")
