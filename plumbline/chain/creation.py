"""Creating the contracts of a deployment, on nodes old and new."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from eth_abi.abi import encode
from eth_typing import HexStr
from eth_utils.abi import collapse_if_tuple
from eth_utils.crypto import keccak
from hexbytes import HexBytes
from web3 import Web3
from web3.types import Nonce, StateOverride, TxParams
from web3.utils import get_create_address

from plumbline.chain.call import Call, Receipt, Sender
from plumbline.chain.deployment import Deployment, code_hash
from plumbline.chain.node import Node
from plumbline.chain.node_errors import NODE_ERRORS, answered
from plumbline.chain.reverts import revert_reason
from plumbline.errors import PlumblineError
from plumbline.protocol.addresses import ZERO, checksum

BURN: Final = "0x000000000000000000000000000000000000dEaD"
SIZE_LIMIT: Final = 24_576  # bytes of code, EIP-170

_GAS_ORACLE: Final = "0x420000000000000000000000000000000000000F"  # of the OP stack
_LAYER_1_FEE: Final = keccak(text="getL1Fee(bytes)")[:4]

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


@dataclass(frozen=True)
class Contracts:
    """What a deployment consists of."""

    judge: CompiledContract
    rounds: CompiledContract
    multicall: CompiledContract

    @property
    def all(self) -> tuple[CompiledContract, ...]:
        """In the order in which they are created."""
        return self.judge, self.rounds, self.multicall


@dataclass(frozen=True, slots=True)
class PlannedCreation:
    """A contract that would be created: its address if nothing else is sent before, its sizes in
    bytes, the gas that it takes, and what a rollup takes besides for layer 1, wei.
    """

    name: str
    address: str
    code_size: int
    data_size: int
    gas: int
    layer_1_fee: int


def evm_version_of(node: Node) -> str:
    """The newest instructions that the node runs: cancun or shanghai. Raises CreationError."""
    for version in ("cancun", "shanghai"):
        if _runs(node.w3, _PROBES[version]):
            return version
    raise CreationError("the node is older than Shanghai: use a newer one")


def _require_size(node: Node, contracts: Contracts) -> None:
    """Raise CreationError, with what to do, if the node would refuse a contract for its size."""
    for contract in contracts.all:
        if len(contract.runtime_code) > SIZE_LIMIT and not _takes_large(node.w3):
            raise CreationError(
                f"{contract.name} is {len(contract.runtime_code):,} bytes in the Shanghai build, "
                f"above the limit of {SIZE_LIMIT:,}: start Ganache with "
                "--chain.allowUnlimitedContractSize"
            )


def deploy(
    node: Node, send: Sender, contracts: Contracts, asset: str = ZERO, sink: str = BURN
) -> tuple[Deployment, list[Receipt]]:
    """Create all contracts: what they are and what that cost.

    `asset` is the ERC-20 that pays and stakes are in, or the zero address for ether; `sink` is
    where slashed money goes. Raises CreationError if the node cannot have them.
    """
    _require_size(node, contracts)
    judge, first = create(send, contracts.judge, {})
    arguments = {"asset": asset, "sink": sink, "judge": judge}
    address, second = create(send, contracts.rounds, arguments)
    multicall, third = create(send, contracts.multicall, {"label_rounds": address})
    deployment = Deployment(
        chain_id=node.chain_id,
        address=address,
        judge=judge,
        multicall=multicall,
        asset=asset,
        sink=sink,
        block=second.block,
        transaction=second.transaction,
        arguments=arguments,
        code_hash=code_hash(node.w3, address),
        judge_code_hash=code_hash(node.w3, judge),
        multicall_code_hash=code_hash(node.w3, multicall),
        compiler=contracts.rounds.compiler,
        evm_version=contracts.rounds.evm_version,
        abi=contracts.rounds.abi,
    )
    return deployment, [first, second, third]


def plan(
    node: Node, account: str, contracts: Contracts, asset: str = ZERO, sink: str = BURN
) -> tuple[PlannedCreation, ...]:
    """What `deploy` would create and what gas that takes now, in order; sends nothing.

    Raises CreationError if the node cannot have them, or does not say what they take.
    """
    _require_size(node, contracts)
    try:
        nonce = node.w3.eth.get_transaction_count(checksum(account), "pending")
        # At an address of its own: where the judge will be, this call would create its contract.
        stand_in = str(get_create_address(checksum(account), Nonce(nonce + len(contracts.all))))
        arguments = {"asset": asset, "sink": sink, "judge": stand_in}
        given: tuple[dict[str, str], ...] = ({}, arguments, {"label_rounds": stand_in})
        data = [
            _creation_data(contract, names)
            for contract, names in zip(contracts.all, given, strict=True)
        ]
        gas = [int(node.w3.eth.estimate_gas(_creation(account, data[0])))]
        for each in data[1:]:
            more = _gas_beside(node.w3, account, each, stand_in, contracts.judge.runtime_code)
            # They are paid for by the byte, nearly all of it.
            gas.append(gas[0] * len(each) // len(data[0]) if more is None else more)
        return tuple(
            _planned(
                node.w3,
                contract,
                str(get_create_address(checksum(account), Nonce(nonce + number))),
                data[number],
                gas[number],
            )
            for number, contract in enumerate(contracts.all)
        )
    except NODE_ERRORS as error:
        raise CreationError(
            f"the node does not say what the contracts take ({revert_reason(error)}): use another"
        ) from None


def encode_arguments(abi: Sequence[Mapping[str, Any]], arguments: Mapping[str, Any]) -> bytes:
    """The arguments of a constructor, by name, as they stand behind the init code."""
    inputs: Sequence[Mapping[str, Any]] = next(
        (entry["inputs"] for entry in abi if entry["type"] == "constructor"), ()
    )
    return bytes(
        encode(
            [collapse_if_tuple(dict(each)) for each in inputs],
            [arguments[each["name"]] for each in inputs],
        )
    )


def _creation_data(contract: CompiledContract, arguments: Mapping[str, str]) -> bytes:
    return contract.init_code + encode_arguments(contract.abi, arguments)


def _planned(
    w3: Web3, contract: CompiledContract, address: str, data: bytes, gas: int
) -> PlannedCreation:
    fee = _layer_1_fee(w3, data)
    return PlannedCreation(contract.name, address, len(contract.runtime_code), len(data), gas, fee)


def _creation(account: str, data: bytes) -> TxParams:
    return {"from": checksum(account), "data": HexBytes(data)}


def _gas_beside(w3: Web3, account: str, data: bytes, other: str, code: bytes) -> int | None:
    """Gas of a creation as if another contract were there already; None from nodes that cannot."""
    there: StateOverride = {checksum(other): {"code": HexStr("0x" + code.hex())}}
    return answered(lambda: int(w3.eth.estimate_gas(_creation(account, data), "latest", there)))


def _layer_1_fee(w3: Web3, data: bytes) -> int:
    """What a rollup of the OP stack takes for the data of a transaction, wei; others 0."""
    question = _LAYER_1_FEE + encode(["bytes"], [data])
    call: TxParams = {"to": checksum(_GAS_ORACLE), "data": HexBytes(question)}
    answer = answered(lambda: bytes(w3.eth.call(call)))
    return int.from_bytes(answer, "big") if answer is not None and len(answer) == 32 else 0


def create(
    send: Sender, contract: CompiledContract, arguments: Mapping[str, str]
) -> tuple[str, Receipt]:
    """Create one contract: its address and the receipt. Raises CreationError."""
    receipt = send(creation_call(contract, arguments))
    if receipt.created is None:
        raise CreationError(
            f"the node does not say where transaction {receipt.transaction} has created "
            f"{contract.name}: use another node"
        )
    return receipt.created, receipt


def creation_call(contract: CompiledContract, arguments: Mapping[str, str]) -> Call:
    """The call that creates a contract."""
    return Call(None, _creation_data(contract, arguments), 0, f"Create {contract.name}.")


def is_creation(contract: CompiledContract, call: Call) -> bool:
    """Whether a call creates this contract, with whatever arguments."""
    return call.to is None and call.data.startswith(contract.init_code)


def _runs(w3: Web3, code: str) -> bool:
    call: TxParams = {"data": HexBytes(code), "gas": 100_000}
    return answered(lambda: w3.eth.call(call)) is not None


def _takes_large(w3: Web3) -> bool:
    """Whether code of one byte too many may be deployed: asked by returning that much."""
    code = "0x62" + f"{SIZE_LIMIT + 1:06x}" + "5ff3"  # PUSH3 size PUSH0 RETURN
    return answered(lambda: w3.eth.estimate_gas({"data": HexBytes(code)})) is not None
