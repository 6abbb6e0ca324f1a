"""Nodes by the names that ape has for them, as `ethereum:local:test` or `base:sepolia:alchemy`."""

from collections.abc import Iterator
from contextlib import contextmanager

from ape import networks
from ape.exceptions import ApeException
from ape.logging import LogLevel, logger
from web3 import Web3

from plumbline.errors import PlumblineError


class NetworkError(PlumblineError):
    """A network that ape does not know or cannot reach."""


@contextmanager
def connected(choice: str) -> Iterator[tuple[Web3, bool]]:
    """The node that ape connects to, and whether it ends with this process."""
    logger.set_level(LogLevel.ERROR)  # what it does is of no concern
    try:
        context = networks.parse_network_choice(choice)
        provider = context.__enter__()
    except ApeException as error:
        raise NetworkError(f"--network {choice}: {error}") from None
    try:
        is_embedded = provider.name == "test"
        yield provider.web3, is_embedded or getattr(provider, "process", None) is not None
    finally:
        context.__exit__(None, None, None)
