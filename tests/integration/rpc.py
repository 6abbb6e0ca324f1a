"""Questions and orders to a node that have no function in web3."""

from typing import Any

from web3 import Web3
from web3.types import RPCEndpoint


def rpc(w3: Web3, method: str, *parameters: Any) -> Any:
    """What the node answers; it must not be an error."""
    answer = w3.provider.make_request(RPCEndpoint(method), list(parameters))
    assert "error" not in answer, answer
    return answer["result"]
