"""The node that a command talks to is the one that was named, or there is an error that says so."""

import contextlib
import socket
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import click
import pytest
from web3 import EthereumTesterProvider, HTTPProvider, Web3

from plumbline.chain.node import Node
from plumbline.chain.transport import NoAnswer
from plumbline.cli import anvil, ape_network, networks
from plumbline.cli.networks import OWN, NodeError, connect

EMBEDDED = "ethereum:local:test"


@pytest.fixture
def listening() -> Iterator[str]:
    """The URL of something that takes connections."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What was connected to, while a command runs."""
    names: list[str] = []

    def over_http(url: str) -> Any:
        names.append(url)
        return Web3(EthereumTesterProvider())

    @contextlib.contextmanager
    def through_ape(choice: str) -> Iterator[Any]:
        names.append(choice)
        yield Web3(EthereumTesterProvider()), choice == EMBEDDED

    for variable in ("PLUMBLINE_NODE", "APE_FOUNDRY_HOST"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(networks, "_over_http", over_http)
    monkeypatch.setattr(ape_network, "connected", through_ape)
    with click.Context(click.Command("command")):
        yield names


def refused(given: str | None = None) -> str:
    with pytest.raises(NodeError) as caught:
        connect(given)
    return str(caught.value)


def test_the_option_comes_before_the_variables_and_ours_before_apes(
    asked: list[str], listening: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    dead = "http://127.0.0.1:9"
    monkeypatch.setenv("APE_FOUNDRY_HOST", listening)
    connect(None)
    monkeypatch.setenv("PLUMBLINE_NODE", dead)
    assert "(PLUMBLINE_NODE)" in refused()
    connect(listening)
    assert asked == [listening] * 2


def test_where_nothing_is_named_it_is_the_usual_place_or_that_of_the_command(
    asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(networks, "_require_listening", lambda name, origin: None)
    connect(None)
    connect(None, default="http://127.0.0.1:7777")
    assert asked == ["http://127.0.0.1:8545", "http://127.0.0.1:7777"]


def test_a_node_that_is_away_is_told_without_the_key_in_its_url() -> None:
    message = refused("http://127.0.0.1:9/v3/5ecre7?key=5ecre7")
    assert "nothing answers at http://127.0.0.1:9 (--network)" in message
    assert "5ecre7" not in message


def test_a_name_that_is_no_network_is_refused() -> None:
    assert "mainnet is not a node: give a URL" in refused("mainnet")


def test_names_with_colons_are_networks_of_ape(asked: list[str]) -> None:
    assert not connect("ethereum:sepolia:node").is_throwaway
    assert connect(EMBEDDED).is_throwaway
    assert asked == ["ethereum:sepolia:node", EMBEDDED]


def test_a_node_of_ape_is_waited_for_like_any_other(
    listening: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextlib.contextmanager
    def through_ape(choice: str) -> Iterator[Any]:
        headers = {"headers": {"Authorization": "secret"}}
        yield Web3(HTTPProvider(listening, request_kwargs=headers)), False

    monkeypatch.setattr(ape_network, "connected", through_ape)
    monkeypatch.setenv("PLUMBLINE_NODE_TIMEOUT", "0.2")
    with pytest.raises(NoAnswer, match=r"did not answer eth_chainId within 0\.2 seconds"):
        connect("ethereum:sepolia:node")


def test_without_ape_its_networks_are_told_to_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "plumbline.cli.ape_network", None)
    monkeypatch.delattr("plumbline.cli.ape_network")
    assert "not installed: give a URL" in refused("ethereum:sepolia:node")


@pytest.mark.parametrize("has_anvil", [True, False])
def test_a_chain_of_ones_own_ends_with_the_command_and_is_said_to(
    asked: list[str], monkeypatch: pytest.MonkeyPatch, has_anvil: bool
) -> None:
    ended: list[str] = []

    @contextlib.contextmanager
    def own_anvil() -> Iterator[str]:
        yield "http://127.0.0.1:1"
        ended.append("anvil")

    monkeypatch.setattr(networks, "anvil", SimpleNamespace(is_installed=lambda: has_anvil))
    monkeypatch.setattr(networks.anvil, "own_anvil", own_anvil, raising=False)
    with click.Context(click.Command("lab")):
        made: Node = connect(None, default=OWN)
        assert made.is_throwaway
        assert ended == []
    assert ended == (["anvil"] if has_anvil else [])
    assert asked == ["http://127.0.0.1:1" if has_anvil else EMBEDDED]


def test_an_anvil_that_does_not_start_is_an_error_and_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: "/bin/false")
    monkeypatch.setattr("os.killpg", lambda process, number: None)
    with pytest.raises(anvil.AnvilError, match="anvil does not start"), anvil.own_anvil():
        pass
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(anvil.AnvilError, match="not installed"), anvil.own_anvil():
        pass
