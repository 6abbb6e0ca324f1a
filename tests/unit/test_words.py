"""What the library says to people: why a call failed."""

import pytest
import requests
from requests.exceptions import ConnectionError as NoConnection
from requests.exceptions import ConnectTimeout, HTTPError, ReadTimeout
from web3.exceptions import ContractLogicError

from plumbline.chain.node_errors import no_answer
from plumbline.chain.reverts import revert_reason

ERROR_DATA = (
    "0x08c379a0"
    + f"{32:064x}"
    + f"{len('close: not yet'):064x}"
    + b"close: not yet".ljust(32, b"\0").hex()
)


class NodeError(Exception):
    """An error with what web3 and ape hang on theirs."""

    def __init__(self, message: str, **attributes: object) -> None:
        super().__init__(message)
        self.__dict__.update(attributes)


@pytest.mark.parametrize(
    "error",
    [
        NodeError("execution reverted: close: not yet"),
        NodeError("VM Exception while processing transaction: revert close: not yet"),
        NodeError("Error: VM Exception: reverted with reason string 'close: not yet'"),
        NodeError("execution reverted", data=ERROR_DATA),
        NodeError("something else", data={"0xab": {"error": "revert", "return": ERROR_DATA}}),
        NodeError("something else", data=bytes.fromhex(ERROR_DATA[2:])),
        NodeError("Transaction failed.", revert_message="close: not yet"),
        NodeError("odd", rpc_response={"error": {"code": 3, "data": ERROR_DATA}}),
    ],
)
def test_the_reason_is_found_whoever_reports_it(error: Exception) -> None:
    assert revert_reason(error) == "close: not yet"


def test_the_reason_is_found_in_what_caused_the_error() -> None:
    try:
        try:
            raise NodeError("execution reverted: account: not enough free")
        except NodeError as cause:
            raise RuntimeError("call failed") from cause
    except RuntimeError as error:
        assert revert_reason(error) == "account: not enough free"


def test_without_a_reason_the_first_line_is_told() -> None:
    assert revert_reason(ValueError("nonce too low\nmore")) == "nonce too low"
    assert revert_reason(ValueError()) == "ValueError"
    response = {"error": {"code": -32003, "message": "Insufficient funds"}}
    assert revert_reason(NodeError("{...}", rpc_response=response)) == "Insufficient funds"
    assert revert_reason(NodeError("execution reverted", data="0x")) == "execution reverted"
    assert revert_reason(ContractLogicError("execution reverted", "0x")) == "execution reverted"
    assert revert_reason(NodeError("broken", data=ERROR_DATA[:40])) == "broken"


def answer_of(status: int) -> requests.Response:
    answer = requests.Response()
    answer.status_code = status
    return answer


@pytest.mark.parametrize(
    ("error", "how"),
    [
        # Which of the first two a node that is stopped gives is a matter of microseconds.
        (NoConnection("HTTPConnectionPool(host='node', port=1): Max"), "the connection failed"),
        (
            NoConnection(("Connection aborted.", ConnectionResetError(104, "gone"))),
            "the connection failed",
        ),
        (NoConnection("execution reverted: close: not yet"), "the connection failed"),
        (ReadTimeout("HTTPConnectionPool(host='node', port=1): Read"), "no answer in time"),
        (ConnectTimeout("HTTPConnectionPool(host='node', port=1): Max"), "no answer in time"),
        (HTTPError("401 Unauthorized: https://node/KEY", response=answer_of(401)), "HTTP 401"),
    ],
)
def test_a_silent_node_is_told_in_one_way_and_without_its_address(
    error: Exception, how: str
) -> None:
    assert no_answer(error) == f"the node does not answer ({how}): is it running?"
