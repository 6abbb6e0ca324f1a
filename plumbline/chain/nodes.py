"""What a node's failing looks like."""

import re
from typing import Final

from eth_abi.exceptions import DecodingError
from requests.exceptions import ConnectionError as NoConnection
from requests.exceptions import RequestException
from web3 import Web3
from web3.exceptions import ContractLogicError, Web3Exception, Web3RPCError, Web3ValueError
from web3.providers import JSONBaseProvider
from web3.types import RPCEndpoint

from plumbline.chain.reverts import revert_reason

_FAILING: Final = re.compile(r"time[d ]?-?out|unavailable|internal error|try again", re.IGNORECASE)

UNREACHABLE: Final = NoConnection
"""There is no node, or it went away with the question."""

NODE_ERRORS: Final[tuple[type[Exception], ...]] = (
    Web3Exception,
    RequestException,
    OSError,
    ValueError,  # an answer that is no JSON, or not of the form agreed
    DecodingError,  # or empty, where there is no contract
)
"""Whatever asking a node may raise."""

TRANSPORT_ERRORS: Final[tuple[type[Exception], ...]] = (RequestException, OSError)
"""The way to the node failed: whether it got the question is unknown."""


def is_verdict(error: BaseException) -> bool:
    """Whether the node has understood the question and says no, rather than that it failed."""
    is_answer = isinstance(error, Web3RPCError | Web3ValueError | ContractLogicError)
    return is_answer and _FAILING.search(str(error)) is None


def silence(error: BaseException) -> str:
    """What to tell the user of a node whose answer was this error."""
    return f"the node does not answer ({revert_reason(error)}): is it running?"


def ask_for_chain_once(w3: Web3) -> None:
    """Remember the chain id: web3 asks for it before every call, which doubles them."""
    if isinstance(w3.provider, JSONBaseProvider):
        w3.provider.cacheable_requests = {RPCEndpoint("eth_chainId")}
        w3.provider.cache_allowed_requests = True
