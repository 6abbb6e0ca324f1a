"""Compiling the contracts with ape, in the folder of the project."""

import json
from functools import partial
from pathlib import Path
from typing import Any, Final

from ape import compilers, config, project
from ape.logging import LogLevel, logger
from eth_utils.crypto import keccak

import plumbline.chain
from plumbline.chain.builds import hash_sources
from plumbline.chain.call import Receipt
from plumbline.chain.creation import CompiledContract, Contracts, deploy
from plumbline.chain.deployment import Deployment
from plumbline.chain.node import Node
from plumbline.errors import PlumblineError
from plumbline.transactions.outbox import send
from plumbline.transactions.senders import Signer

_EVM_VERSIONS: Final = ("cancun", "shanghai")
CONTRACTS: Final = ("LabelRounds", "Judge", "Multicall")

_RECORD: Final = Path(plumbline.chain.__file__).with_name("builds.json")


class BuildError(PlumblineError):
    """Sources that are not here."""


def build(name: str, evm_version: str) -> CompiledContract:
    """Compile a contract; the default build is taken from ape's cache.

    Raises BuildError outside a checkout of the project.
    """
    source = next((project.path / "contracts").rglob(f"{name}.vy"), None)
    if source is None:
        raise BuildError(
            f"no sources of the contracts are in {project.path}: run this in a checkout of "
            "Plumbline"
        )
    logger.set_level(LogLevel.ERROR)  # stdout is for results
    if evm_version == config.get_config("vyper").evm_version:
        compiled = project.load_contracts()[name].contract_type
    else:
        # Not through the project: that would leave this build in the cache of the other.
        with project.temp_config(vyper={"evm_version": evm_version}):
            (compiled,) = compilers.vyper.compile([source], project=project)
    versions = [item.version for item in project.manifest.compilers or [] if item.name == "vyper"]
    return CompiledContract(
        name=name,
        abi=[
            item.model_dump(mode="json", by_alias=True, exclude_none=True) for item in compiled.abi
        ],
        init_code=bytes.fromhex(compiled.deployment_bytecode.bytecode.removeprefix("0x")),
        runtime_code=bytes.fromhex(compiled.runtime_bytecode.bytecode.removeprefix("0x")),
        compiler=str(versions[0]).partition("+")[0] if versions else "0.4.3",
        evm_version=evm_version,
    )


def build_all(evm_version: str) -> Contracts:
    """Compile the contracts of a deployment. Raises BuildError outside a checkout."""
    rounds, judge, multicall = (build(name, evm_version) for name in CONTRACTS)
    return Contracts(judge, rounds, multicall)


def deploy_for_now(
    node: Node, account: Signer, evm_version: str
) -> tuple[Deployment, list[Receipt]]:
    """Create the contracts for this process only: in ether, what is slashed is burned."""
    return deploy(node, partial(send, node.w3, account), build_all(evm_version))


def record_builds() -> None:
    """Write builds.json, by which anybody's deployment is recognised (`make builds`)."""
    compiled = [build(name, version) for version in _EVM_VERSIONS for name in CONTRACTS]
    policies = sorted(path.stem for path in (project.path / "contracts/policies").glob("*.vy"))
    seating = [
        build(name, version) for version in _EVM_VERSIONS for name in ("RecordBook", *policies)
    ]
    record: dict[str, Any] = {
        "sources": hash_sources(project.path / "contracts"),
        "builds": [_as_recorded(each) for each in compiled],
        "abi": compiled[0].abi,
        "seating": [{**_as_recorded(each), "init_code": each.init_code.hex()} for each in seating],
        "seating_abi": {each.name: each.abi for each in seating},
    }
    _RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def _as_recorded(compiled: CompiledContract) -> dict[str, Any]:
    return {
        "contract": compiled.name,
        "compiler": compiled.compiler,
        "evm_version": compiled.evm_version,
        "size": len(compiled.runtime_code),
        "code_hash": keccak(compiled.runtime_code).hex(),
    }


if __name__ == "__main__":
    record_builds()
