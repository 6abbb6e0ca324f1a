"""The command `deploy check`: chain, manifest and sources."""

import click

from plumbline.chain.deployment import (
    compare,
    compare_code,
    load,
    path_of,
)
from plumbline.cli.building import build
from plumbline.cli.command import (
    NodeCommand,
    fail,
    json_option,
)
from plumbline.cli.market import connect
from plumbline.cli.output import print_json, say


@click.command(cls=NodeCommand)
@json_option
def check(as_json: bool) -> None:
    """Compare chain, manifest and sources: code, arguments, block and transaction.

    Exits with 1 and a line for each difference if they do not agree.
    """
    node = connect()
    path = path_of(node.chain_id)
    deployment = load(path)
    differences = compare(node.w3, deployment)
    if not differences:
        compiled = {
            name: build(name, deployment.evm_version).runtime_code for name in deployment.contracts
        }
        differences = compare_code(node.w3, deployment, compiled)
    if as_json:
        print_json({"manifest": str(path), "differences": differences})
    elif not differences:
        say(
            f"[green]{path} agrees with chain {node.chain_id}[/]: LabelRounds "
            f"{deployment.address}, deployed in block {deployment.block}, is what the sources "
            f"compile to for {deployment.evm_version}"
        )
    if differences:
        for difference in differences[:-1]:
            click.echo(difference, err=True)
        fail(f"{path} and chain {node.chain_id} differ: {differences[-1]}")
