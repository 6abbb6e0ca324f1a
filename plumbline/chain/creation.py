"""Creating the two contracts, on nodes old and new."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from hexbytes import HexBytes
from web3 import Web3

from plumbline.chain.call import Call, Receipt, Sender
from plumbline.chain.deployment import Deployment, code_hash
from plumbline.chain.node import Node
from plumbline.chain.node_errors import NODE_ERRORS, TRANSPORT_ERRORS
from plumbline.errors import PlumblineError
from plumbline.protocol.addresses import ZERO

BURN: Final = "0x000000000000000000000000000000000000dEaD"
SIZE_LIMIT: Final = 24_576  # bytes of code, EIP-170

# Init code that runs one new instruction and stops: PUSH0 is Shanghai's, MCOPY Cancun's.
_PROBES: Final = {"shanghai": "0x5f00", "cancun": "0x5f5f5f5e00"}


class CreationError(PlumblineError):
    """A node on which the contracts cannot be created."""


@dataclass(frozen=True)
class CompiledContract:
    """A contract, compiled for one version of the EVM."""

    name: str
    abi: list[dict[str, Any]]
    init_code: bytes
    runtime_code: bytes
    compiler: str
    evm_version: str


def evm_version_of(node: Node) -> str:
    """The newest instructions that the node runs: cancun or shanghai. Raises CreationError."""
    for version in ("cancun", "shanghai"):
        if _runs(node.w3, _PROBES[version]):
            return version
    raise CreationError("the node is older than Shanghai: use a newer one")


def _require_size(node: Node, contracts: list[CompiledContract]) -> None:
    """Raise CreationError, with what to do, if the node would refuse a contract for its size."""
    for contract in contracts:
        if len(contract.runtime_code) > SIZE_LIMIT and not _takes_large(node.w3):
            raise CreationError(
                f"{contract.name} is {len(contract.runtime_code):,} bytes in the Shanghai build, "
                f"above the limit of {SIZE_LIMIT:,}: start Ganache with "
                "--chain.allowUnlimitedContractSize"
            )


def deploy(
    node: Node,
    send: Sender,
    judge_contract: CompiledContract,
    rounds_contract: CompiledContract,
    asset: str = ZERO,
    sink: str = BURN,
) -> tuple[Deployment, list[Receipt]]:
    """Create both contracts: what they are and what that cost.

    `asset` is the ERC-20 that pays and stakes are in, or the zero address for ether; `sink` is
    where slashed money goes. Raises CreationError if the node cannot have them.
    """
    _require_size(node, [judge_contract, rounds_contract])
    judge, first = _create(node.w3, send, judge_contract, {})
    arguments = {"asset": asset, "sink": sink, "judge": judge}
    address, second = _create(node.w3, send, rounds_contract, arguments)
    deployment = Deployment(
        chain_id=node.chain_id,
        address=address,
        judge=judge,
        asset=asset,
        sink=sink,
        block=second.block,
        transaction=second.transaction,
        arguments=arguments,
        code_hash=code_hash(node.w3, address),
        judge_code_hash=code_hash(node.w3, judge),
        compiler=rounds_contract.compiler,
        evm_version=rounds_contract.evm_version,
        abi=rounds_contract.abi,
    )
    return deployment, [first, second]


def _create(
    w3: Web3, send: Sender, contract: CompiledContract, arguments: Mapping[str, str]
) -> tuple[str, Receipt]:
    """Create one contract: its address and the receipt."""
    factory = w3.eth.contract(abi=contract.abi, bytecode=contract.init_code)
    data = factory.constructor(*arguments.values()).data_in_transaction
    receipt = send(Call(None, bytes(HexBytes(data)), 0, f"Create {contract.name}."))
    if receipt.created is None:
        raise CreationError(
            f"the node does not say where transaction {receipt.transaction} has created "
            f"{contract.name}: use another node"
        )
    return receipt.created, receipt


def _runs(w3: Web3, code: str) -> bool:
    try:
        w3.eth.call({"data": HexBytes(code), "gas": 100_000})
    except TRANSPORT_ERRORS:
        raise
    except NODE_ERRORS:
        return False
    return True


def _takes_large(w3: Web3) -> bool:
    """Whether code of one byte too many may be deployed: asked by returning that much."""
    code = "0x62" + f"{SIZE_LIMIT + 1:06x}" + "5ff3"  # PUSH3 size PUSH0 RETURN
    try:
        w3.eth.estimate_gas({"data": HexBytes(code)})
    except TRANSPORT_ERRORS:
        raise
    except NODE_ERRORS:
        return False
    return True
