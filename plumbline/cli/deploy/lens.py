"""The command `deploy lens`: the contract that reads what is stored, for other contracts."""

from functools import partial

import click

from plumbline.chain.creation import create, evm_version_of
from plumbline.cli.building import build
from plumbline.cli.command import NodeCommand, sending_options
from plumbline.cli.market import connect
from plumbline.cli.output import print_json, say, tx_json
from plumbline.cli.sending import confirm, send, sender_of


@click.command(cls=NodeCommand)
@sending_options(account_required=False)
def lens(alias: str | None, yes: bool, as_json: bool) -> None:
    """Create Lens, through which wallets and contracts read rounds and accounts in named fields.

    It holds nothing, and one serves all deployments of a chain. No command needs it.
    """
    node = connect()
    account = sender_of(alias, node)
    contract = build("Lens", evm_version_of(node))
    confirm(yes, node, account, ["the creation of Lens, which holds nothing"])
    address, receipt = create(partial(send, node, account), contract, {})
    if as_json:
        print_json({"chain_id": node.chain_id, "lens": address, **tx_json(receipt)})
    else:
        say(f"Lens is at {address}, on chain {node.chain_id}")
