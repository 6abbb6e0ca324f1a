"""Building and deploying the two contracts, on nodes old and new."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.chain.call import Receipt, Sender
    from plumbline.chain.deployment import Deployment
    from scripts._node import Chain

BURN = "0x000000000000000000000000000000000000dEaD"
SIZE_LIMIT = 24_576  # bytes of code, EIP-170

# Init code that runs one new instruction and stops: PUSH0 is Shanghai's, MCOPY Cancun's.
_PROBES = {"shanghai": "0x5f00", "cancun": "0x5f5f5f5e00"}


@dataclass(frozen=True)
class Build:
    """A contract, compiled."""

    name: str
    abi: list[dict[str, Any]]
    init_code: bytes
    runtime_code: bytes
    compiler: str


def evm_of(chain: Chain) -> str:
    """The newest instructions that the node runs: cancun or shanghai."""
    from plumbline.errors import PlumblineError

    for version in ("cancun", "shanghai"):
        if _runs(chain, _PROBES[version]):
            return version
    raise PlumblineError("the node is older than Shanghai: use a newer one")


def _runs(chain: Chain, code: str) -> bool:
    from plumbline.chain.nodes import NODE_ERRORS

    try:
        chain.w3.eth.call({"data": code, "gas": 100_000})
    except NODE_ERRORS:
        return False
    return True


def build(name: str, evm_version: str) -> Build:
    """Compile a contract; the default build is taken from ape's cache."""
    from ape import compilers, config, project

    if evm_version == config.get_config("vyper").evm_version:
        made = project.load_contracts()[name].contract_type
    else:
        # Not through the project: that would leave this build in the cache of the other.
        with project.temp_config(vyper={"evm_version": evm_version}):
            source = project.path / f"contracts/{name}.vy"
            (made,) = compilers.vyper.compile([source], project=project)
    versions = [item.version for item in project.manifest.compilers or [] if item.name == "vyper"]
    return Build(
        name=name,
        abi=[entry.model_dump(mode="json", by_alias=True, exclude_none=True) for entry in made.abi],
        init_code=bytes.fromhex(made.deployment_bytecode.bytecode.removeprefix("0x")),
        runtime_code=bytes.fromhex(made.runtime_bytecode.bytecode.removeprefix("0x")),
        compiler=str(versions[0]).partition("+")[0] if versions else "0.4.3",
    )


def require_size(chain: Chain, builds: list[Build]) -> None:
    """An error that says what to do if the node would refuse a contract for its size."""
    from plumbline.errors import PlumblineError

    for made in builds:
        if len(made.runtime_code) > SIZE_LIMIT and not _takes_large(chain):
            raise PlumblineError(
                f"{made.name} is {len(made.runtime_code):,} bytes in the Shanghai build, above the "
                f"limit of {SIZE_LIMIT:,}: start Ganache with --chain.allowUnlimitedContractSize"
            )


def _takes_large(chain: Chain) -> bool:
    """Whether code of one byte too many may be deployed: asked by returning that much."""
    from plumbline.chain.nodes import NODE_ERRORS

    code = "0x62" + f"{SIZE_LIMIT + 1:06x}" + "5ff3"  # PUSH3 size PUSH0 RETURN
    try:
        chain.w3.eth.estimate_gas({"data": code})
    except NODE_ERRORS:
        return False
    return True


def deploy(
    chain: Chain, send: Sender, evm_version: str, asset: str, sink: str
) -> tuple[Deployment, list[Receipt]]:
    """Deploy both contracts: what they are and what that cost."""
    from plumbline.chain.deployment import Deployment, code_hash

    builds = [build(name, evm_version) for name in ("Judge", "LabelRounds")]
    require_size(chain, builds)
    judge_build, rounds_build = builds
    judge, first = _create(chain, send, judge_build, {})
    arguments = {"asset": asset, "sink": sink, "judge": judge}
    address, second = _create(chain, send, rounds_build, arguments)
    deployment = Deployment(
        chain_id=chain.chain_id,
        address=address,
        judge=judge,
        asset=asset,
        sink=sink,
        block=second.block,
        transaction=second.transaction,
        arguments=arguments,
        code_hash=code_hash(chain.w3, address),
        judge_code_hash=code_hash(chain.w3, judge),
        compiler=rounds_build.compiler,
        evm_version=evm_version,
        abi=rounds_build.abi,
    )
    return deployment, [first, second]


def deploy_for_now(
    chain: Chain, account: Any, evm_version: str
) -> tuple[Deployment, list[Receipt]]:
    """Deploy both contracts for this process only: in ether, what is slashed is burned."""
    from plumbline.protocol.addresses import ZERO
    from plumbline.transactions.outbox import send

    return deploy(chain, partial(send, chain.w3, account), evm_version, ZERO, BURN)


def _create(
    chain: Chain, send: Sender, made: Build, arguments: Mapping[str, str]
) -> tuple[str, Receipt]:
    """Deploy one contract: its address and the receipt."""
    from plumbline.chain.call import Call
    from plumbline.errors import PlumblineError

    factory = chain.w3.eth.contract(abi=made.abi, bytecode=made.init_code)
    data = factory.constructor(*arguments.values()).data_in_transaction
    receipt = send(Call(None, bytes.fromhex(data[2:]), 0, f"Create {made.name}."))
    if receipt.created is None:
        raise PlumblineError(
            f"the node does not say where transaction {receipt.transaction} has created "
            f"{made.name}: use another node"
        )
    return receipt.created, receipt
