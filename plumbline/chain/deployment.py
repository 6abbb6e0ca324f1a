"""Where a deployment is and what it consists of: the manifest that `deploy` writes."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final

from eth_utils.crypto import keccak
from hexbytes import HexBytes
from web3 import Web3
from web3.types import TxParams

from plumbline.chain.decoding import decode
from plumbline.chain.node_errors import NODE_ERRORS
from plumbline.chain.reverts import revert_reason
from plumbline.errors import PlumblineError
from plumbline.files.atomic import temporary_path
from plumbline.files.text import FileError, parse_json
from plumbline.protocol.addresses import ZERO, AddressError, checksum
from plumbline.protocol.typed_data import NAME, VERSION, Deployed, domain_separator

NO_CODE: Final = "0x" + keccak(b"").hex()
"""The hash of the code of an address without a contract."""

_FOLDER: Final = Path("deployments")
_CALLED: Final = keccak(text="LABEL_ROUNDS()")[:4]
_ROOM: Final = 2**18  # bytes, a multiple of what a manifest takes


class DeploymentError(PlumblineError):
    """A manifest that is missing, broken, in the way, or of another chain."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """One deployment of LabelRounds, its judge, and the multicall beside them.

    chain_id         the chain it is on
    address, judge   LabelRounds and Judge
    multicall        Multicall, or the zero address where none is known
    asset            the ERC-20 that pays and stakes are in, or the zero address for ether
    sink             where slashed money goes
    block            number of the block it was created in: events begin there
    transaction      hash of the transaction that created it, 0x and 64 hex digits
    arguments        of the constructor, by name
    code_hash        keccak of the code on chain, 0x hex; likewise judge_code_hash and
                     multicall_code_hash
    compiler         as `0.4.3`; evm_version as `cancun`
    abi              of LabelRounds
    """

    chain_id: int
    address: str
    judge: str
    multicall: str
    asset: str
    sink: str
    block: int
    transaction: str
    arguments: Mapping[str, str]
    code_hash: str
    judge_code_hash: str
    multicall_code_hash: str
    compiler: str
    evm_version: str
    abi: list[dict[str, Any]]

    @property
    def contracts(self) -> dict[str, str]:
        """The addresses of all that was deployed, by the name of the contract."""
        there = {"LabelRounds": self.address, "Judge": self.judge}
        return there | ({"Multicall": self.multicall} if self.has_multicall else {})

    @property
    def in_ether(self) -> bool:
        """Whether amounts are wei, not units of an ERC-20."""
        return self.asset == ZERO

    @property
    def has_multicall(self) -> bool:
        """Whether several calls can go into one transaction."""
        return self.multicall != ZERO

    @property
    def deployed(self) -> Deployed:
        """Chain and contract, which every hash and signature is bound to."""
        return Deployed(self.chain_id, self.address)

    @property
    def domain(self) -> bytes:
        """The EIP-712 domain separator, 32 bytes."""
        return domain_separator(self.chain_id, self.address)


def path_of(chain_id: int, root: Path = _FOLDER) -> Path:
    """Where the manifest of a chain is kept."""
    return root / f"{chain_id}.json"


def load(path: Path) -> Deployment:
    """Read a manifest. Raises DeploymentError if it is missing or broken."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise DeploymentError(f"no deployment at {path}: deploy first, or name another") from None
    except (OSError, UnicodeDecodeError) as error:
        raise DeploymentError(f"{path} cannot be read ({error}): check the file") from None
    try:
        values = parse_json(text, "it")
    except FileError as error:
        raise DeploymentError(f"{path} is not valid JSON ({error}): restore the file") from None
    if not isinstance(values, dict):
        raise DeploymentError(f"{path} is not a manifest: restore the file")
    return from_values(values, path)


def to_text(deployment: Deployment) -> str:
    """A manifest as it is written."""
    return json.dumps(asdict(deployment), indent=2) + "\n"


def require_room(path: Path) -> None:
    """Raise DeploymentError, before anything is sent, if a manifest could not be written."""
    trial = path.with_name(f".{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            trial.write_bytes(bytes(_ROOM))
        finally:
            trial.unlink(missing_ok=True)
    except OSError as error:
        raise DeploymentError(
            f"{path} cannot be written ({error.strerror}): nothing was sent; make room"
        ) from None


def save(path: Path, deployment: Deployment) -> None:
    """Write a manifest, all of it or nothing.

    Raises DeploymentError if there is one: it is the only record of where the money is.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary_path(path) as draft:
            with draft.open("x", encoding="utf-8") as file:
                file.write(to_text(deployment))
                file.flush()
                os.fsync(file.fileno())
            # A link, unlike a renaming, fails where there is a file already.
            path.hardlink_to(draft)
    except FileExistsError:
        raise DeploymentError(f"{path} exists: move it away") from None
    except OSError as error:
        raise DeploymentError(
            f"{path} cannot be written ({error.strerror}): check the folder"
        ) from None


def code_hash(w3: Web3, address: str) -> str:
    """Keccak of the code at an address, 0x hex. Raises DeploymentError if the node is silent."""
    return "0x" + keccak(code_of(w3, address)).hex()


def compare(w3: Web3, deployment: Deployment) -> list[str]:
    """The differences between chain and manifest, one sentence each; empty if there are none.

    Raises DeploymentError if the node cannot be asked.
    """
    try:
        return _compare(w3, deployment)
    except NODE_ERRORS as error:
        raise _unanswered(error) from None


def compare_code(w3: Web3, deployment: Deployment, compiled: Mapping[str, bytes]) -> list[str]:
    """Whether the code on chain is what the sources compile to: sentences, empty if it is.

    `compiled` has the runtime bytecode from the compiler by the name of the contract. Vyper
    appends a contract's immutables, which are compared by `compare`, so the code begins with it.
    """
    differences = []
    for name, address in deployment.contracts.items():
        code = code_of(w3, address)
        if not compiled[name] or not code.startswith(compiled[name]):
            differences.append(
                f"the code of {name} at {address} is not what the sources compile to"
            )
    return differences


def code_of(w3: Web3, address: str) -> bytes:
    """The code at an address. Raises DeploymentError if the node does not answer."""
    try:
        return bytes(w3.eth.get_code(checksum(address)))
    except NODE_ERRORS as error:
        raise _unanswered(error) from None


def called_by(w3: Web3, multicall: str) -> str:
    """What a multicall calls. Raises what asking a node raises."""
    question: TxParams = {"to": checksum(multicall), "data": HexBytes(_CALLED)}
    (address,) = decode(["address"], bytes(w3.eth.call(question)))
    return checksum(address)


def _unanswered(error: BaseException) -> DeploymentError:
    return DeploymentError(f"the node cannot be asked ({revert_reason(error)}): check its address")


def _compare(w3: Web3, deployment: Deployment) -> list[str]:
    if w3.eth.chain_id != deployment.chain_id:
        return [f"the node is on chain {w3.eth.chain_id}, the manifest on {deployment.chain_id}"]
    if not code_of(w3, deployment.address):
        return [
            f"there is no contract at {deployment.address}: this chain was started anew, or is "
            "another one with the same number. For a new deployment on it, move the manifest away"
        ]
    differences = []
    hashes = {
        "LabelRounds": deployment.code_hash,
        "Judge": deployment.judge_code_hash,
        "Multicall": deployment.multicall_code_hash,
    }
    for name, address in deployment.contracts.items():
        actual, expected = code_hash(w3, address), hashes[name]
        if actual != expected:
            differences.append(f"{name} at {address} has code {actual}, not {expected}")
    if differences:
        return differences  # another contract has no views to ask
    return _compare_views(w3, deployment) + _compare_receipt(w3, deployment)


def _compare_views(w3: Web3, deployment: Deployment) -> list[str]:
    functions = w3.eth.contract(address=checksum(deployment.address), abi=deployment.abi).functions
    differences = []
    for name, actual, expected in (
        ("judge", functions.JUDGE().call(), deployment.judge),
        ("asset", functions.asset().call(), deployment.asset),
        ("sink", functions.sink().call(), deployment.sink),
    ):
        if actual != expected:
            differences.append(f"the {name} of the contract is {actual}, not {expected}")
    if deployment.has_multicall:
        called = called_by(w3, deployment.multicall)
        if called != deployment.address:
            differences.append(f"the multicall calls {called}, not {deployment.address}")
    domain = functions.eip712Domain().call()
    if list(domain[1:5]) != [NAME, VERSION, deployment.chain_id, deployment.address]:
        differences.append(f"signatures are for {domain[1:5]}, not this deployment")
    return differences


def _compare_receipt(w3: Web3, deployment: Deployment) -> list[str]:
    try:
        receipt = w3.eth.get_transaction_receipt(deployment.transaction)  # type: ignore[arg-type]
    except NODE_ERRORS:
        return [f"the node does not know the transaction {deployment.transaction} of deployment"]
    differences = []
    if receipt["contractAddress"] != deployment.address:
        differences.append(f"the transaction created {receipt['contractAddress']}")
    if receipt["blockNumber"] != deployment.block:
        differences.append(f"deployed in block {receipt['blockNumber']}, not {deployment.block}")
    return differences


def from_values(values: dict[str, Any], path: Path | str) -> Deployment:
    """A manifest that was read from `path`. Raises DeploymentError if it is broken."""
    names = [field.name for field in fields(Deployment)]
    for name in names:
        if name not in values:
            raise DeploymentError(f"{path} lacks {name}: restore the file")
    for name in ("chain_id", "block"):
        if type(values[name]) is not int:
            raise DeploymentError(f"{name} in {path} is not an integer: restore the file")
    for name in ("address", "judge", "multicall", "asset", "sink"):
        try:
            values[name] = checksum(values[name])
        except AddressError as error:
            raise DeploymentError(f"{path}: {name} {error}") from None
    if not isinstance(values["abi"], list) or not values["abi"]:
        raise DeploymentError(f"abi in {path} is not a list: restore the file")
    if not all(_is_entry(entry) for entry in values["abi"]):
        raise DeploymentError(f"abi in {path} is not that of a contract: restore the file")
    return Deployment(**{name: values[name] for name in names})


def _is_entry(entry: Any) -> bool:
    """Whether it has the form of an entry of an ABI, whatever it is about."""
    if not isinstance(entry, dict):
        return False
    for name in ("inputs", "outputs", "components"):
        if not isinstance(entry.get(name, []), list):
            return False
        if not all(_is_entry(part) and "type" in part for part in entry.get(name, [])):
            return False
    return all(isinstance(entry.get(name, ""), str) for name in ("name", "type"))
