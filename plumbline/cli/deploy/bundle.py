"""The command `deploy bundle`: what block explorers need to verify the sources."""

import json
from pathlib import Path
from typing import Any

import click

from plumbline.chain.creation import encode_arguments
from plumbline.chain.deployment import compare_code, load, path_of
from plumbline.cli.command import NodeCommand, fail, json_option
from plumbline.cli.market import connect
from plumbline.cli.output import console, pairs, print_json, write_text
from plumbline.cli.verification import verifiable


@click.command(cls=NodeCommand)
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to write to. [default: deployments/<chain id>-sources]",
)
@json_option
def bundle(output: Path | None, as_json: bool) -> None:
    """Write what block explorers need to verify the sources of the deployment in this folder.

    For each contract the standard JSON input of the compiler, the arguments of the constructor
    as hex, and the ABI; and in bundle.json the addresses and the version of the compiler. Refuses
    if the sources are not what is deployed. Sends nothing and needs no account.
    """
    node = connect()
    manifest = path_of(node.chain_id)
    deployment = load(manifest)
    made = {name: verifiable(Path(), name, deployment.evm_version) for name in deployment.contracts}
    compiled = {name: source.runtime_code for name, source in made.items()}
    differences = compare_code(node.w3, deployment, compiled)
    if differences:
        fail(f"nothing was written: {'; '.join(differences)}: use the version that was deployed")
    folder = output or manifest.with_name(f"{node.chain_id}-sources")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        fail(f"{folder} cannot be made ({error.strerror}): name another folder")
    arguments = {
        "LabelRounds": deployment.arguments,
        "Multicall": {"label_rounds": deployment.address},
    }
    contracts: dict[str, Any] = {}
    for name, source in made.items():
        contracts[name] = {
            "address": deployment.contracts[name],
            "contract": f"{source.place}:{name}",
            "standard_json": f"{name}.standard.json",
            "abi": f"{name}.abi.json",
            "constructor_arguments": encode_arguments(source.abi, arguments.get(name, {})).hex(),
        }
        _write_json(folder / f"{name}.standard.json", source.standard_json)
        _write_json(folder / f"{name}.abi.json", source.abi)
    compiler = made["Judge"].compiler
    described = {
        "chain_id": node.chain_id,
        "compiler": f"vyper {compiler}",
        "evm_version": deployment.evm_version,
        "licence": "MIT",
        "contracts": contracts,
    }
    _write_json(folder / "bundle.json", described)
    if as_json:
        print_json({"folder": str(folder), **described})
        return
    shown = pairs("For block explorers")
    shown.add_row("folder", str(folder))
    shown.add_row("compiler", f"vyper {compiler}, for {deployment.evm_version}")
    for name, facts in contracts.items():
        shown.add_row(name, f"{facts['address']}, verified with {facts['standard_json']}")
    shown.add_row("arguments", "of the constructors, and all else: bundle.json")
    console().print(shown)


def _write_json(path: Path, value: Any) -> None:
    write_text(path, json.dumps(value, indent=1) + "\n")
