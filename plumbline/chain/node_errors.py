"""How nodes fail, from a real one down to the chain that tests embed."""

import re
from typing import Final

from eth_abi.exceptions import DecodingError
from eth_utils.exceptions import ValidationError
from requests.exceptions import ConnectionError as NoConnection
from requests.exceptions import RequestException
from web3 import Web3
from web3.exceptions import ContractLogicError, Web3Exception, Web3RPCError, Web3ValueError
from web3.providers import JSONBaseProvider
from web3.types import RPCEndpoint

from plumbline.chain.reverts import revert_reason

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

_FAILING: Final = re.compile(r"time[d ]?-?out|unavailable|internal error|try again", re.IGNORECASE)

UNREACHABLE: Final = NoConnection
"""There is no node, or it went away while it was asked."""

NODE_ERRORS: Final[tuple[type[Exception], ...]] = (
    Web3Exception,
    RequestException,
    OSError,
    ValueError,  # an answer that is not valid JSON, or of another form
    DecodingError,  # or empty, where there is no contract
    *_EMBEDDED,
)
"""Whatever a request to a node may raise."""

TRANSPORT_ERRORS: Final[tuple[type[Exception], ...]] = (RequestException, OSError)
"""The connection failed: whether the node got the request is unknown."""


def is_rejection(error: BaseException) -> bool:
    """Whether the node understood the request and rejects it, rather than that it failed."""
    if isinstance(error, _EMBEDDED):
        return True
    is_answer = isinstance(error, Web3RPCError | Web3ValueError | ContractLogicError)
    return is_answer and _FAILING.search(str(error)) is None


def no_answer(error: BaseException) -> str:
    """The message for the user about a node that answered with this error."""
    return f"the node does not answer ({revert_reason(error)}): is it running?"


def ask_for_chain_once(w3: Web3) -> None:
    """Remember the chain id: web3 asks for it before every call, which doubles them."""
    if isinstance(w3.provider, JSONBaseProvider):
        w3.provider.cacheable_requests = {RPCEndpoint("eth_chainId")}
        w3.provider.cache_allowed_requests = True
