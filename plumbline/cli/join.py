"""The command `join`: somebody else's deployment becomes the one that commands use."""

from pathlib import Path

import click

from plumbline.chain.deployment import DeploymentError, load, save
from plumbline.chain.discovery import adopt, joined_path
from plumbline.cli.command import NodeCommand, fail, json_option, vault_option, vault_root
from plumbline.cli.market import connect
from plumbline.cli.output import console, pairs, print_json
from plumbline.history.market import Market


@click.command(cls=NodeCommand)
@click.argument("address")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write the manifest. [default: into the vault, where all commands of this user "
    "find it from any folder]",
)
@vault_option
@json_option
def cli(address: str, output: Path | None, as_json: bool) -> None:
    """Adopt the deployment at ADDRESS, after a look at its code.

    Its code must be what this version's contracts compile to. The node is asked where and when
    it was created, and a manifest is written. Sends nothing and needs no account.
    """
    node = connect()
    if node.is_throwaway:
        fail("this chain was started for this command and is empty: name a node with --network URL")
    deployment = adopt(node, address)
    path = output or joined_path(vault_root(), node)
    try:
        save(path, deployment)
    except DeploymentError:
        if not path.exists() or load(path) != deployment:
            raise
    if as_json:
        print_json(
            {
                "manifest": str(path),
                "chain_id": deployment.chain_id,
                "address": deployment.address,
                "judge": deployment.judge,
                "multicall": deployment.multicall,
                "asset": deployment.asset,
                "sink": deployment.sink,
                "block": deployment.block,
                "transaction": deployment.transaction,
                "evm_version": deployment.evm_version,
            }
        )
        return
    market = Market(node, deployment)
    shown = pairs(f"Joined the deployment on chain {node.chain_id}")
    shown.add_row("LabelRounds", deployment.address)
    shown.add_row("Judge", deployment.judge)
    shown.add_row(
        "Multicall",
        deployment.multicall
        if deployment.has_multicall
        else "none found: rounds are carried one by one",
    )
    shown.add_row("pays and stakes in", market.contract.money.description)
    shown.add_row("slashed money to", deployment.sink)
    shown.add_row("created in block", str(deployment.block))
    shown.add_row(
        "code", f"vyper {deployment.compiler} for {deployment.evm_version}, as known here"
    )
    shown.add_row("rounds so far", str(market.contract.round_count()))
    shown.add_row("manifest", str(path))
    console().print(shown)
