"""The command `deploy new`: both contracts, and a manifest of them."""

from functools import partial

import click

from plumbline.chain.asset import Asset
from plumbline.chain.creation import BURN, deploy, evm_version_of
from plumbline.chain.deployment import (
    DeploymentError,
    path_of,
    require_room,
    save,
)
from plumbline.cli.building import build
from plumbline.cli.command import NodeCommand, fail, sending_options
from plumbline.cli.market import connect
from plumbline.cli.output import advise, console, note, pairs, print_json
from plumbline.cli.sending import confirm, leave_unacknowledged, send, sender_of
from plumbline.protocol.addresses import ZERO, checksum
from plumbline.units import ETHER


@click.command(cls=NodeCommand)
@click.option("--asset", help="ERC-20 that pays and stakes are in. [default: ether]")
@click.option(
    "--sink",
    help="Where slashed money goes, for good: nobody who takes part should gain from it. "
    "[default: 0x..dEaD, an address without a key, so it is burned]",
)
@sending_options(account_required=False)
def new(asset: str | None, sink: str | None, alias: str | None, yes: bool, as_json: bool) -> None:
    """Create both contracts and write the manifest.

    Finds out by itself whether the node needs the Shanghai build (Ganache) and says so. Refuses
    if there is a manifest of this chain already: it is the only record of where the money is.
    """
    node = connect()
    path = path_of(node.chain_id)
    if not node.is_throwaway:
        if path.exists():
            fail(f"{path} exists: compare it with `plumbline deploy check`, or move it away first")
        require_room(path)
    account = sender_of(alias, node)
    money = Asset(node.w3, asset or ZERO)
    money.require_contract()
    receiver = checksum(sink or BURN)
    sink_words = receiver + ("" if sink else " (burned)")
    evm_version = evm_version_of(node)
    if evm_version != "cancun":
        note(f"The node does not know MCOPY: using the {evm_version} build of the same sources.")
    judge, rounds = (build(name, evm_version) for name in ("Judge", "LabelRounds"))
    confirm(
        yes,
        node,
        account,
        [
            "the creation of Judge, which settles rounds",
            "the creation of LabelRounds, which holds the money: pays and stakes in "
            f"{money.description}, slashed money to {sink_words}",
        ],
    )
    deployment, receipts = deploy(
        node, partial(send, node, account), judge, rounds, money.address, receiver
    )
    if node.is_throwaway:
        advise(
            "this chain ends with the command, and the deployment with it: no manifest is written. "
            "For one that lasts start `anvil --accounts 40`, and name it with --network URL"
        )
    else:
        try:
            save(path, deployment)
        except DeploymentError as error:
            leave_unacknowledged()
            fail(f"{error}. The contracts are there: run it again, which goes on from there")
    gas = sum(receipt.gas_used for receipt in receipts)
    if as_json:
        print_json(
            {
                "manifest": None if node.is_throwaway else str(path),
                "chain_id": deployment.chain_id,
                "address": deployment.address,
                "judge": deployment.judge,
                "block": deployment.block,
                "transaction": deployment.transaction,
                "evm_version": evm_version,
                "gas_used": gas,
            }
        )
        return
    fee = sum(receipt.fee for receipt in receipts)
    shown = pairs("Deployed")
    shown.add_row("LabelRounds", deployment.address)
    shown.add_row("Judge", deployment.judge)
    shown.add_row("pays and stakes in", money.description)
    shown.add_row("slashed money to", sink_words)
    shown.add_row("block", str(deployment.block))
    shown.add_row("build", f"vyper {deployment.compiler} for {evm_version}")
    shown.add_row("gas", f"{gas:,} ({ETHER.short(fee)})")
    shown.add_row("manifest", "none: the chain is gone" if node.is_throwaway else str(path))
    console().print(shown)
