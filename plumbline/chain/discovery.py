"""Finding a deployment: its manifest on disk or at a URL, or from its address alone."""

from pathlib import Path
from typing import Final

from eth_typing import HexStr
from eth_utils.address import is_hex_address
from eth_utils.crypto import keccak
from web3 import Web3
from web3.types import Nonce
from web3.utils import get_create_address

from plumbline.chain.builds import Build, known_builds, rounds_abi
from plumbline.chain.deployment import (
    NO_CODE,
    Deployment,
    DeploymentError,
    called_by,
    code_hash,
    code_of,
    from_values,
    load,
    path_of,
)
from plumbline.chain.node import Node
from plumbline.chain.node_errors import NODE_ERRORS
from plumbline.chain.reverts import revert_reason
from plumbline.files.download import DownloadError, download
from plumbline.files.locations import chain_folder
from plumbline.files.text import FileError, parse_json
from plumbline.protocol.addresses import ZERO, checksum

_LIMIT: Final = 2**20  # bytes of a manifest
_LATER: Final = 8  # transactions of its creator within which a multicall follows LabelRounds


def joined_path(root: Path, node: Node) -> Path:
    """Where `plumbline join` keeps the manifest of a chain, among what is this user's."""
    return root / chain_folder(node.chain_id, node.genesis) / "deployment.json"


def find(node: Node, given: str | None, root: Path) -> Deployment:
    """The deployment that is meant, which is on this chain.

    given    a manifest file, the URL of one or an address; None for the one known here:
             deployments/<chain id>.json in this folder, or else what was joined
    root     where the files of this user are

    Raises DeploymentError if there is none, or not on this chain.
    """
    if given is not None and is_hex_address(given):
        return adopt(node, given)
    if given is not None and given.startswith(("http://", "https://")):
        deployment, origin = _fetch(given), given
    else:
        path = Path(given) if given is not None else _known_path(node, root)
        deployment, origin = load(path), str(path)
    _require_there(node, deployment, origin)
    return deployment


def find_at(node: Node, given: str | None, root: Path, address: str) -> Deployment:
    """The deployment at an address that somebody names; `given` and `root` as in `find`.

    Raises DeploymentError if another one was given, or if nothing there is known.
    """
    if given is None and not any(path.exists() for path in _known_paths(node, root)):
        return adopt(node, address)
    deployment = find(node, given, root)
    if deployment.address == address:
        return deployment
    if given is None:
        return adopt(node, address)
    raise DeploymentError(
        f"it is of the contract {address}, and --deployment names {deployment.address}: leave that "
        "out, or name another"
    )


def adopt(node: Node, address: str) -> Deployment:
    """The manifest of somebody else's deployment, from its code and its views alone.

    Raises DeploymentError if the code at the address is not one of `known_builds`, or if the
    node does not know how it was created.
    """
    address = checksum(address)
    rounds = _require_known(node.w3, "LabelRounds", address)
    try:
        functions = node.w3.eth.contract(address=address, abi=rounds_abi()).functions
        asset, sink, judge = (
            checksum(function().call())
            for function in (functions.asset, functions.sink, functions.JUDGE)
        )
        _require_known(node.w3, "Judge", judge)
        block = _created_in(node.w3, address, node.head)
        transaction = _creation(node.w3, address, block)
        multicall = _multicall(node.w3, address, transaction)
    except NODE_ERRORS as error:
        raise DeploymentError(
            f"the node does not say how {address} was created ({revert_reason(error)}): ask one "
            "that keeps old states, or get the manifest from whoever deployed it"
        ) from None
    return Deployment(
        chain_id=node.chain_id,
        address=address,
        judge=judge,
        multicall=multicall,
        asset=asset,
        sink=sink,
        block=block,
        transaction=transaction,
        arguments={"asset": asset, "sink": sink, "judge": judge},
        code_hash=code_hash(node.w3, address),
        judge_code_hash=code_hash(node.w3, judge),
        multicall_code_hash=code_hash(node.w3, multicall),
        compiler=rounds.compiler,
        evm_version=rounds.evm_version,
        abi=rounds_abi(),
    )


def _known_paths(node: Node, root: Path) -> tuple[Path, Path]:
    return path_of(node.chain_id), joined_path(root, node)


def _known_path(node: Node, root: Path) -> Path:
    for path in _known_paths(node, root):
        if path.exists():
            return path
    if node.is_throwaway:
        raise DeploymentError(
            "this chain was started for this command and is empty: name the node that the "
            "deployment is on with --network URL"
        )
    raise DeploymentError(
        f"no deployment is known on chain {node.chain_id}: `plumbline join ADDRESS` adopts one, "
        "--deployment names its manifest; operators create one with `plumbline deploy`"
    )


def _require_there(node: Node, deployment: Deployment, origin: str) -> None:
    """Raise DeploymentError unless these very contracts are there: money goes through them."""
    if node.is_throwaway:
        raise DeploymentError(
            f"the deployment in {origin} is not on this chain, which was started for this command: "
            "name its node with --network URL"
        )
    if deployment.chain_id != node.chain_id:
        raise DeploymentError(
            f"{origin} is of chain {deployment.chain_id}, and the node on {node.chain_id}: name "
            "the node with --network URL, or restore the file"
        )
    actual = code_hash(node.w3, deployment.address)
    if actual == NO_CODE:
        raise DeploymentError(
            f"the deployment in {origin} is not on this chain: was the node started anew? Then "
            "move the file away, and `plumbline deploy` or `plumbline join` again"
        )
    if actual != deployment.code_hash:
        raise DeploymentError(
            f"another contract than that of {origin} is at {deployment.address}: was the node "
            "started anew, or the file changed? `plumbline deploy check` compares them"
        )
    if code_hash(node.w3, deployment.multicall) != deployment.multicall_code_hash:
        raise DeploymentError(
            f"another multicall than that of {origin} is at {deployment.multicall}: was the file "
            "changed? `plumbline deploy check` compares them"
        )


def _fetch(url: str) -> Deployment:
    try:
        content = download(url, _LIMIT, follow=False)
        values = parse_json(content.decode("utf-8-sig"), "the manifest")
    except DownloadError as error:
        raise DeploymentError(
            f"no manifest can be had from {url} ({error}): check the address"
        ) from None
    except (FileError, UnicodeDecodeError):
        values = None
    if not isinstance(values, dict):
        raise DeploymentError(f"the file at {url} is not a manifest: check the address")
    return from_values(values, url)


def _require_known(w3: Web3, contract: str, address: str) -> Build:
    code = code_of(w3, address)
    if not code:
        raise DeploymentError(f"{address} is not a contract: check address and --network")
    build = _known(contract, code)
    if build is not None:
        return build
    raise DeploymentError(
        f"the contract at {address} is not {contract} of this version of Plumbline: do not send "
        "money there"
    )


def _known(contract: str, code: bytes) -> Build | None:
    for build in known_builds():
        # Vyper appends a contract's immutables to its code.
        if build.contract == contract and keccak(code[: build.size]) == build.code_hash:
            return build
    return None


def _multicall(w3: Web3, address: str, transaction: str) -> str:
    """The multicall that its creator created after LabelRounds; the zero address if none is found.

    LabelRounds does not know it. One that is created later, or by somebody else, is as good, and
    is named in a manifest.
    """
    created = w3.eth.get_transaction(HexStr(transaction))
    for nonce in range(created["nonce"] + 1, created["nonce"] + 1 + _LATER):
        place = checksum(get_create_address(created["from"], Nonce(nonce)))
        if _known("Multicall", code_of(w3, place)) and called_by(w3, place) == address:
            return place
    return ZERO


def _created_in(w3: Web3, address: str, head: int) -> int:
    """The first block with code at an address, which has some at `head`."""
    first, last = 0, head
    while first < last:
        middle = (first + last) // 2
        if w3.eth.get_code(checksum(address), middle):
            last = middle
        else:
            first = middle + 1
    return first


def _creation(w3: Web3, address: str, block: int) -> str:
    """The hash of the transaction in a block that created a contract, 0x hex."""
    for transaction in w3.eth.get_block(block)["transactions"]:
        assert isinstance(transaction, bytes)  # no full transactions were asked for
        receipt = w3.eth.get_transaction_receipt(transaction)
        if receipt["contractAddress"] == address:
            return "0x" + bytes(transaction).hex()
    raise DeploymentError(
        f"{address} was created in block {block} by another contract, which Plumbline's `deploy` "
        "does not do: do not send money there"
    )
