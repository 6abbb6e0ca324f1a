"""Questions and orders to a node that have no function in web3, or take more than one."""

from typing import Any

from web3 import Web3
from web3.types import RPCEndpoint


def rpc(w3: Web3, method: str, *parameters: Any) -> Any:
    """What the node answers; it must not be an error."""
    answer = w3.provider.make_request(RPCEndpoint(method), list(parameters))
    assert "error" not in answer, answer
    return answer["result"]


def hashes(w3: Web3, since: int = 0) -> list[str]:
    """Of all transactions in the blocks after that one."""
    return [
        hashed.to_0x_hex()  # type: ignore[union-attr]
        for number in range(since + 1, w3.eth.block_number + 1)
        for hashed in w3.eth.get_block(number)["transactions"]
    ]
