"""Deploy the market and leave a manifest of it, or compare the two."""

from __future__ import annotations

from functools import partial

import click

from scripts._command import (
    Command,
    DefaultGroup,
    account_option,
    fail,
    json_option,
    vault_option,
    yes_option,
)
from scripts._node import connect, unit_of
from scripts._output import console, note, pairs, print_json
from scripts._sending import confirm, leave_untold, send, sender_of


@click.group(cls=DefaultGroup)
def cli() -> None:
    """Deploy LabelRounds and its judge, and write deployments/<chain id>.json.

    Without a subcommand it deploys (`new`); `check` compares the manifest with the chain.
    """


@cli.command(cls=Command)
@click.option("--asset", help="ERC-20 that pays and stakes are in. [default: ether]")
@click.option(
    "--sink",
    help="Where slashed money goes, for good: nobody who takes part should gain from it. "
    "[default: 0x..dEaD, an address without a key, so it is burned]",
)
@account_option(needed=False)
@vault_option
@yes_option
@json_option
def new(asset: str | None, sink: str | None, alias: str | None, yes: bool, as_json: bool) -> None:
    """Deploy both contracts and write the manifest.

    Finds out by itself whether the node needs the Shanghai build (Ganache) and says so. Refuses
    if there is a manifest of this chain already: it is the only record of where the money is.
    """
    from plumbline.chain import deployment as manifests
    from plumbline.chain.asset import Asset
    from plumbline.protocol.addresses import ZERO, checksum
    from plumbline.units import ETHER
    from scripts import _deploying as deploying

    chain = connect()
    path = manifests.path_of(chain.chain_id)
    if path.exists():
        fail(f"{path} exists: compare it with `ape run deploy check`, or move it away first")
    manifests.require_room(path)
    account = sender_of(alias, chain)
    token = checksum(asset) if asset else ZERO
    taker = checksum(sink or deploying.BURN)
    paid_in = "ether"
    if token != ZERO:
        if not chain.w3.eth.get_code(token):
            fail(f"{token} is no contract on chain {chain.chain_id}: give the ERC-20's address")
        Asset(chain.w3, token).balance(account.address)  # an error if it is no ERC-20
        unit = unit_of(chain, token)
        paid_in = f"{unit.symbol} (ERC-20 {token}, {unit.decimals} decimals)"
    evm_version = deploying.evm_of(chain)
    if evm_version != "cancun":
        note(f"The node does not know MCOPY: using the {evm_version} build of the same sources.")
    confirm(
        yes,
        chain,
        account,
        [
            "the creation of Judge, which settles rounds",
            f"the creation of LabelRounds, which holds the money: pays and stakes in {paid_in}, "
            f"slashed money to {taker}" + ("" if sink else " (burned)"),
        ],
    )
    deployment, receipts = deploying.deploy(
        chain, partial(send, chain, account), evm_version, token, taker
    )
    try:
        manifests.save(path, deployment)
    except manifests.DeploymentError as error:
        leave_untold()
        fail(f"{error}. The contracts are there: run it again, which goes on from there")
    if as_json:
        print_json(
            {
                "manifest": str(path),
                "chain_id": deployment.chain_id,
                "address": deployment.address,
                "judge": deployment.judge,
                "block": deployment.block,
                "transaction": deployment.transaction,
                "evm_version": evm_version,
                "gas_used": sum(receipt.gas_used for receipt in receipts),
            }
        )
        return
    made = pairs("Deployed")
    made.add_row("LabelRounds", deployment.address)
    made.add_row("Judge", deployment.judge)
    made.add_row("pays and stakes in", paid_in)
    made.add_row("slashed money to", taker + ("" if sink else " (burned)"))
    made.add_row("block", str(deployment.block))
    made.add_row("build", f"vyper {deployment.compiler} for {evm_version}")
    gas = sum(receipt.gas_used for receipt in receipts)
    fee = sum(receipt.fee for receipt in receipts)
    made.add_row("gas", f"{gas:,} ({ETHER.short(fee)})")
    made.add_row("manifest", str(path))
    console().print(made)


@cli.command(cls=Command)
@json_option
def check(as_json: bool) -> None:
    """Compare chain, manifest and sources: code, arguments, block and transaction.

    Exits with 1 and a line for each difference if they do not agree.
    """
    from plumbline.chain import deployment as manifests
    from scripts import _deploying as deploying

    chain = connect()
    path = manifests.path_of(chain.chain_id)
    deployment = manifests.load(path)
    differences = manifests.compare(chain.w3, deployment)
    if not differences:
        builds = [
            deploying.build(name, deployment.evm_version) for name in ("LabelRounds", "Judge")
        ]
        differences = manifests.compare_code(
            chain.w3, deployment, builds[0].runtime_code, builds[1].runtime_code
        )
    if as_json:
        print_json({"manifest": str(path), "differences": differences})
    elif not differences:
        console().print(
            f"[green]{path} agrees with chain {chain.chain_id}[/]: LabelRounds "
            f"{deployment.address}, deployed in block {deployment.block}, is what the sources "
            f"compile to for {deployment.evm_version}",
            soft_wrap=True,
        )
    if differences:
        for difference in differences[:-1]:
            click.echo(difference, err=True)
        fail(f"{path} and chain {chain.chain_id} differ: {differences[-1]}")
