"""Nodes by the names that ape has for them, as `ethereum:local:test` or `base:sepolia:alchemy`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ape import networks
from ape.exceptions import ApeException
from ape.logging import LogLevel, logger
from eth_tester import exceptions as embedded  # type: ignore[import-untyped]
from eth_utils.exceptions import ValidationError
from web3 import Web3
from web3.middleware import Web3Middleware
from web3.types import RPCEndpoint, RPCResponse

from plumbline.errors import PlumblineError


class NetworkError(PlumblineError):
    """A network that ape does not know or cannot reach."""


@contextmanager
def connected(choice: str) -> Iterator[tuple[Web3, bool]]:
    """The node that ape connects to, and whether it ends with this process."""
    logger.set_level(LogLevel.ERROR)  # its log is of no concern
    try:
        context = networks.parse_network_choice(choice)
        provider = context.__enter__()
    except ApeException as error:
        raise NetworkError(f"--network {choice}: {error}") from None
    try:
        w3: Web3 = provider.web3
        is_embedded = provider.name == "test"
        if is_embedded:
            w3.middleware_onion.inject(_ErrorsAsResponses, layer=0)
        yield w3, is_embedded or getattr(provider, "process", None) is not None
    finally:
        context.__exit__(None, None, None)


class _ErrorsAsResponses(Web3Middleware):
    """The embedded chain raises errors of its own, where a node answers with one."""

    def wrap_make_request(
        self, make_request: Callable[[RPCEndpoint, Any], RPCResponse]
    ) -> Callable[[RPCEndpoint, Any], RPCResponse]:
        """A question whose answer may be an error."""

        def ask(method: RPCEndpoint, params: Any) -> RPCResponse:
            if method == "eth_estimateGas" and len(params) > 2:
                return _error(-32_602, "no state can be pretended here")
            try:
                return make_request(method, params)
            except (
                embedded.BlockNotFound,
                embedded.TransactionFailed,
                embedded.ValidationError,
                ValidationError,
            ) as error:
                return _error(-32_000, str(error))

        return ask


def _error(code: int, message: str) -> RPCResponse:
    error: Any = {"code": code, "message": message}
    return {"jsonrpc": "2.0", "id": 0, "error": error}
