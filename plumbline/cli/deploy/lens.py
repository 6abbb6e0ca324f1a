"""The command `deploy lens`: the contract that reads what is stored, for other contracts."""

import click

from plumbline.chain.creation import creation_call, evm_version_of
from plumbline.cli.building import build
from plumbline.cli.command import NodeCommand, fail, sending_options
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
    call = creation_call(node.w3, build("Lens", evm_version_of(node)), {})
    confirm(yes, node, account, ["the creation of Lens, which holds nothing"])
    receipt = send(node, account, call)
    if receipt.created is None:
        fail(f"the node does not say where {receipt.transaction} has created Lens: use another")
    if as_json:
        print_json({"chain_id": node.chain_id, "lens": receipt.created, **tx_json(receipt)})
    else:
        say(f"Lens is at {receipt.created}, on chain {node.chain_id}")
