"""How nodes fail."""

import re
from collections.abc import Callable
from typing import Final, TypeVar

from eth_abi.exceptions import DecodingError
from requests.exceptions import ConnectionError as NoConnection
from requests.exceptions import RequestException, Timeout
from web3.exceptions import ContractLogicError, Web3Exception, Web3RPCError, Web3ValueError

from plumbline.chain.reverts import revert_reason
from plumbline.chain.transport import NodeFailure, RateLimited

T = TypeVar("T")

_FAILING: Final = re.compile(r"time[d ]?-?out|unavailable|internal error|try again", re.IGNORECASE)

UNREACHABLE: Final[tuple[type[Exception], ...]] = (NoConnection, RateLimited)
"""There is no node, it went away while it was asked, or it does not want to be asked for now."""

SILENT: Final[tuple[type[Exception], ...]] = (*UNREACHABLE, Timeout)
"""The same, or it took the question and gave no answer in time."""

NODE_ERRORS: Final[tuple[type[Exception], ...]] = (
    Web3Exception,
    RequestException,
    OSError,
    ValueError,  # an answer that is not valid JSON, or of another form
    DecodingError,  # or empty, where there is no contract
)
"""Whatever a request to a node may raise."""

TRANSPORT_ERRORS: Final[tuple[type[Exception], ...]] = (RequestException, OSError)
"""The connection failed: whether the node got the request is unknown."""


def answered(ask: Callable[[], T]) -> T | None:
    """What the node answers, None if it says no. Raises what a connection that fails raises."""
    try:
        return ask()
    except TRANSPORT_ERRORS:
        raise
    except NODE_ERRORS:
        return None


def is_rejection(error: BaseException) -> bool:
    """Whether the node understood the request and rejects it, rather than that it failed."""
    is_answer = isinstance(error, Web3RPCError | Web3ValueError | ContractLogicError)
    return is_answer and _FAILING.search(str(error)) is None


def no_answer(error: BaseException) -> str:
    """The message for the user about a node that answered with this error."""
    if isinstance(error, NodeFailure):
        return f"the node {error}"
    return f"the node does not answer ({revert_reason(error)}): is it running?"
