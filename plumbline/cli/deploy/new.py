"""The command `deploy new`: the contracts, and a manifest of them."""

from functools import partial

import click

from plumbline.chain.asset import Asset
from plumbline.chain.creation import (
    BURN,
    Contracts,
    PlannedCreation,
    deploy,
    evm_version_of,
    is_creation,
    plan,
)
from plumbline.chain.deployment import (
    DeploymentError,
    path_of,
    require_room,
    save,
)
from plumbline.chain.node import Node
from plumbline.cli.accounts import account_of
from plumbline.cli.building import build_all
from plumbline.cli.command import NodeCommand, fail, sending_options
from plumbline.cli.market import connect
from plumbline.cli.output import advise, console, note, pairs, print_json, table
from plumbline.cli.sending import (
    confirm,
    leave_unacknowledged,
    outbox_of,
    send,
    sender_of,
)
from plumbline.protocol.addresses import ZERO, checksum
from plumbline.transactions.senders import (
    FeeBid,
    NamedSigner,
    current_fees,
    price_of_gas,
    with_margin,
)
from plumbline.units import ETHER


@click.command(cls=NodeCommand)
@click.option("--asset", help="ERC-20 that pays and stakes are in. [default: ether]")
@click.option(
    "--sink",
    help="Where slashed money goes, for good: nobody who takes part should gain from it. "
    "[default: 0x..dEaD, an address without a key, so it is burned]",
)
@click.option(
    "--dry-run", is_flag=True, help="Say what it would create and cost; sign and send nothing."
)
@sending_options(account_required=False)
def new(
    asset: str | None,
    sink: str | None,
    dry_run: bool,
    alias: str | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Create the contracts and write the manifest.

    Finds out by itself whether the node needs the Shanghai build (Ganache) and says so. Refuses
    if there is a manifest of this chain already: it is the only record of where the money is.
    """
    node = connect()
    path = path_of(node.chain_id)
    if not node.is_throwaway:
        if path.exists():
            fail(f"{path} exists: compare it with `plumbline deploy check`, or move it away first")
        if not dry_run:
            require_room(path)
    account = account_of(alias, node) if dry_run else sender_of(alias, node)
    money = Asset(node.w3, asset or ZERO)
    money.require_contract()
    receiver = checksum(sink or BURN)
    sink_words = receiver + ("" if sink else " (burned)")
    evm_version = evm_version_of(node)
    if evm_version != "cancun":
        note(f"The node does not know MCOPY: using the {evm_version} build of the same sources.")
    contracts = build_all(evm_version)
    planned = plan(node, account.address, contracts, money.address, receiver)
    if dry_run:
        _show_plan(node, account, planned, evm_version, as_json)
        return
    _require_ether(node, account, contracts, planned)
    confirm(
        yes,
        node,
        account,
        [
            "the creation of Judge, which settles rounds",
            "the creation of LabelRounds, which holds the money: pays and stakes in "
            f"{money.description}, slashed money to {sink_words}",
            "the creation of Multicall, which carries calls for several rounds in one transaction",
        ],
    )
    try:
        deployment, receipts = deploy(
            node, partial(send, node, account), contracts, money.address, receiver
        )
    except BaseException:
        # Refused half-way: what is there is what the next run goes on from.
        leave_unacknowledged()
        raise
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
                "multicall": deployment.multicall,
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
    shown.add_row("Multicall", deployment.multicall)
    shown.add_row("pays and stakes in", money.description)
    shown.add_row("slashed money to", sink_words)
    shown.add_row("block", str(deployment.block))
    shown.add_row("build", f"vyper {deployment.compiler} for {evm_version}")
    shown.add_row("gas", f"{gas:,} ({ETHER.short(fee)})")
    shown.add_row("manifest", "none: the chain is gone" if node.is_throwaway else str(path))
    console().print(shown)


def _most(planned: PlannedCreation, fees: FeeBid) -> int:
    """What an account must hold for a creation to be sent, wei."""
    return with_margin(planned.gas) * fees.most + planned.layer_1_fee


def _require_ether(
    node: Node, account: NamedSigner, contracts: Contracts, planned: tuple[PlannedCreation, ...]
) -> None:
    """Fail, before anything is sent, unless the account can pay for what is not there yet."""
    fees, price = current_fees(node.w3), price_of_gas(node.w3)
    outbox = outbox_of(node, account)
    # Each is signed for when those before it are paid.
    paid = needed = 0
    for contract, each in zip(contracts.all, planned, strict=True):
        if outbox.has_done(partial(is_creation, contract)):
            continue
        needed = max(needed, paid + _most(each, fees))
        paid += each.gas * price + each.layer_1_fee
    held = int(node.w3.eth.get_balance(account.address))  # type: ignore[arg-type]
    if held < needed:
        fail(
            f"nothing was sent: not enough funds, {account.address} has {ETHER.short(held)} and "
            f"needs up to {ETHER.short(needed)} for all contracts: {ETHER.short(needed - held)} "
            "are missing"
        )


def _show_plan(
    node: Node,
    account: NamedSigner,
    planned: tuple[PlannedCreation, ...],
    evm_version: str,
    as_json: bool,
) -> None:
    """What would be created, and what it costs."""
    fees, price = current_fees(node.w3), price_of_gas(node.w3)
    cost = sum(each.gas * price + each.layer_1_fee for each in planned)
    most = sum(_most(each, fees) for each in planned)
    held = int(node.w3.eth.get_balance(account.address))  # type: ignore[arg-type]
    if as_json:
        print_json(
            {
                "account": account.address,
                "chain_id": node.chain_id,
                "evm_version": evm_version,
                "contracts": [
                    {
                        "name": each.name,
                        "address": each.address,
                        "code_size": each.code_size,
                        "data_size": each.data_size,
                        "gas": each.gas,
                        "layer_1_fee": str(each.layer_1_fee),
                    }
                    for each in planned
                ],
                "gas_price": str(price),
                "cost": str(cost),
                "cost_at_most": str(most),
                "balance": str(held),
            }
        )
        return
    shown = table("Would be created", "=contract", "=address", ">code", ">sent", ">gas")
    for each in planned:
        sizes = (f"{each.code_size:,} bytes", f"{each.data_size:,} bytes")
        shown.add_row(each.name, each.address, *sizes, f"{each.gas:,}")
    console().print(shown)
    cells = pairs(None)
    cells.add_row("by", f"{account.name}, {account.address}, which has {ETHER.short(held)}")
    cells.add_row("on", f"chain {node.chain_id}, with the build for {evm_version}")
    cells.add_row("cost", f"{ETHER.short(cost)} now, at {price / 10**9:.3g} gwei for a unit of gas")
    cells.add_row("at most", f"{ETHER.short(most)}: more is not signed for now")
    console().print(cells)
    note("Nothing was signed or sent. The addresses hold if the account sends nothing before.")
