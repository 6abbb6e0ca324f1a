"""The fields of a file that say of which deployment, on which chain, it is."""

from collections.abc import Mapping
from typing import Any

from plumbline.files.values import integer, word
from plumbline.protocol.addresses import checksum
from plumbline.protocol.typed_data import Deployed


def deployment_fields(deployed: Deployed, genesis: bytes) -> dict[str, int | str]:
    """As they are written; `genesis` is the hash of block 0 of the chain."""
    return {
        "chain_id": deployed.chain_id,
        "genesis": "0x" + genesis.hex(),
        "contract": deployed.address,
    }


def deployment_of(values: Mapping[str, Any]) -> tuple[Deployed, bytes]:
    """Deployment and genesis, as they were read.

    Raises KeyError for a field that is missing, ValueError or AddressError for one that is not
    what it should be.
    """
    deployed = Deployed(integer(values["chain_id"]), checksum(values["contract"]))
    return deployed, word(values["genesis"])
