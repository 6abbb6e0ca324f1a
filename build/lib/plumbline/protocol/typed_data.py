"""Messages for wallets, as EIP-712 has them: bound to one contract on one chain."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from eth_abi.abi import encode
from eth_account.messages import SignableMessage
from eth_utils.crypto import keccak

from plumbline.protocol.addresses import checksum

NAME: Final = "Plumbline"
VERSION: Final = "1"

_DOMAIN_FIELDS: Final = (
    ("name", "string"),
    ("version", "string"),
    ("chainId", "uint256"),
    ("verifyingContract", "address"),
)
_DOMAIN_TYPE: Final = keccak(
    text="EIP712Domain(" + ",".join(f"{kind} {name}" for name, kind in _DOMAIN_FIELDS) + ")"
)


@dataclass(frozen=True, slots=True)
class Deployed:
    """Which contract on which chain a hash is for."""

    chain_id: int
    address: str

    @property
    def domain(self) -> bytes:
        """The EIP-712 domain separator, 32 bytes."""
        return domain_separator(self.chain_id, self.address)


def domain_separator(chain_id: int, contract: str) -> bytes:
    """The EIP-712 domain separator of a deployment, 32 bytes."""
    types = ["bytes32", "bytes32", "bytes32", "uint256", "address"]
    hashes = [_DOMAIN_TYPE, keccak(text=NAME), keccak(text=VERSION)]
    return keccak(encode(types, [*hashes, chain_id, checksum(contract)]))


def typed_data(
    deployed: Deployed,
    primary_type: str,
    fields: Sequence[tuple[str, str]],
    message: Mapping[str, Any],
) -> dict[str, Any]:
    """A message as wallets take it (`eth_signTypedData_v4`); `fields` are (name, type)."""
    return {
        "types": {
            "EIP712Domain": [{"name": name, "type": kind} for name, kind in _DOMAIN_FIELDS],
            primary_type: [{"name": name, "type": kind} for name, kind in fields],
        },
        "primaryType": primary_type,
        "domain": {
            "name": NAME,
            "version": VERSION,
            "chainId": deployed.chain_id,
            "verifyingContract": checksum(deployed.address),
        },
        "message": dict(message),
    }


def digest(message: SignableMessage) -> bytes:
    """The 32 bytes that are signed; a wallet contract (EIP-1271) is asked about them."""
    return keccak(b"\x19" + message.version + message.header + message.body)
