"""Wallet contracts (EIP-1271): they have no key, but say whether a signature is theirs."""

from typing import Final

from eth_abi.abi import encode
from hexbytes import HexBytes
from web3 import Web3

from plumbline.chain.node_errors import answered
from plumbline.protocol.addresses import checksum

_ASK: Final = bytes.fromhex("1626ba7e")  # isValidSignature(bytes32,bytes), and the answer if it is


def is_contract(w3: Web3, address: str) -> bool:
    """Whether there is code at an address."""
    return len(w3.eth.get_code(checksum(address))) > 0


def accepts(w3: Web3, wallet: str, digest: bytes, signature: bytes) -> bool:
    """Whether the wallet takes the signature for its own; one that does not answer does not."""
    data = _ASK + encode(["bytes32", "bytes"], [digest, signature])
    answer = answered(lambda: w3.eth.call({"to": checksum(wallet), "data": HexBytes(data)}))
    return answer is not None and bytes(answer[:32]) == _ASK.ljust(32, b"\x00")
