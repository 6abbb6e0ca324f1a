"""What a node's failing looks like, from a real one down to the chain that tests embed."""

from typing import Final

from eth_utils.exceptions import ValidationError
from requests.exceptions import ConnectionError as NoConnection
from requests.exceptions import RequestException
from web3.exceptions import Web3Exception

# An embedded chain passes its own errors through; it is there only where tests are.
try:
    from eth_tester import exceptions as embedded  # type: ignore[import-untyped]

    _EMBEDDED: tuple[type[Exception], ...] = (
        embedded.BlockNotFound,
        embedded.TransactionFailed,
        embedded.ValidationError,
        ValidationError,
    )
except ImportError:
    _EMBEDDED = ()

UNREACHABLE: Final = NoConnection
"""There is no node; it got no question."""

NODE_ERRORS: Final[tuple[type[Exception], ...]] = (
    Web3Exception,
    RequestException,
    OSError,
    ValueError,  # an answer that is no JSON, or not of the form agreed
    *_EMBEDDED,
)
"""Whatever asking a node may raise."""

TRANSPORT_ERRORS: Final[tuple[type[Exception], ...]] = (RequestException, OSError)
"""The way to the node failed: whether it got the question is unknown."""
