"""Nodes that limit, refuse, or keep silent: what the commands make of them, on a real Anvil."""

import socket
import time
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest

from tests.integration.forking import Project
from tests.integration.moody import COMPUTE_UNITS, MoodyNode

DEPOSIT = ("labeler", "deposit", "0.02 ether", "--account", "TEST::1", "--yes")


@pytest.fixture
def silent() -> Iterator[str]:
    """The URL of a server that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def through(project: Project, url: str, *arguments: str, **changes: str) -> Any:
    return project.shell(*arguments, PLUMBLINE_NODE=url, **changes)


@pytest.mark.parametrize(
    "command",
    [
        ("labeler", "status", "--account", "TEST::1"),
        DEPOSIT,
        ("requester", "status"),
        ("requester", "close", "--yes"),
        ("audit",),
        ("audit", "watch"),
        ("keeper", "--once", "--yes"),
        ("join", "0x" + "11" * 20),
        ("deploy", "--yes"),
        ("deploy", "check"),
        ("rewards", "preview", "1"),
    ],
    ids=" ".join,
)
def test_a_node_that_never_answers_is_told_by_every_command(
    project: Project, silent: str, command: tuple[str, ...]
) -> None:
    began = time.monotonic()
    result = through(project, silent, *command, PLUMBLINE_NODE_TIMEOUT="0.5")
    assert time.monotonic() - began < 15
    assert "the node took the connection and did not answer eth_chainId" in result.error
    assert result.out == ""
    assert len(result.err.strip().splitlines()) == 1


def test_a_rate_limit_in_the_middle_is_waited_out_and_said(
    project: Project, moody: MoodyNode
) -> None:
    """Once for every kind of question, also when the transaction is handed over."""
    limited: set[str] = set()

    def refuse(method: str, params: list[Any]) -> dict[str, Any] | None:
        if method in limited or method not in (
            *("eth_getLogs", "eth_estimateGas", "eth_sendRawTransaction"),
        ):
            return None
        limited.add(method)
        return COMPUTE_UNITS

    moody.refuse = refuse
    result = through(project, moody.url, *DEPOSIT)
    assert result.code == 0, result
    assert "the node limits how often it is asked: waiting 1 second" in result.said
    audited = through(project, moody.url, "audit", "--no-cache")
    assert audited.code == 0, audited
    assert moody.refusals == 3


def test_a_range_limit_told_as_a_status_costs_little_time(
    project: Project, moody: MoodyNode
) -> None:
    def refuse(method: str, params: list[Any]) -> HTTPStatus | None:
        if method != "eth_getLogs":
            return None
        width = int(params[0]["toBlock"], 16) - int(params[0]["fromBlock"], 16) + 1
        return HTTPStatus.BAD_REQUEST if width > 10 else None

    moody.refuse = refuse
    project.w3.provider.make_request("anvil_mine", [hex(300)])  # type: ignore[arg-type]
    began = time.monotonic()
    result = through(project, moody.url, "audit", "--no-cache")
    assert result.code == 0, result
    assert time.monotonic() - began < 30
    assert 0 < moody.refusals < 20
