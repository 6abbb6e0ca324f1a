"""The node that a command talks to: --network, or what the environment names."""

import os
import socket
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

import click
from web3 import HTTPProvider, Web3

from plumbline.chain.node import Node
from plumbline.chain.transport import PATIENCE, PatientProvider
from plumbline.cli import anvil
from plumbline.cli.environment import seconds_in
from plumbline.cli.output import note
from plumbline.errors import PlumblineError

_DEFAULT: Final = "http://127.0.0.1:8545"
OWN: Final = "own"
"""A chain that ends with the command: Anvil or, where there is none, the one that ape embeds."""

_EMBEDDED: Final = "ethereum:local:test"

_VARIABLES: Final = ("PLUMBLINE_NODE", "APE_FOUNDRY_HOST")
_PATIENCE: Final = "PLUMBLINE_NODE_TIMEOUT"


class NodeError(PlumblineError):
    """A node that does not answer, or a name that is not understood."""


def connect(given: str | None, default: str = _DEFAULT) -> Node:
    """The node for the running command, until that ends. Raises NodeError if there is none."""
    name, origin = _named(given, default)
    context = click.get_current_context()
    if name == OWN:
        if not anvil.is_installed():
            return _through_ape(_EMBEDDED)
        w3 = _over_http(context.with_resource(anvil.own_anvil()))
        return Node.of(w3, is_throwaway=True)
    if urlsplit(name).scheme in ("http", "https"):
        _require_listening(name, origin)
        return Node.of(_over_http(name))
    if ":" in name:
        return _through_ape(name)
    raise NodeError(
        f"{origin} {name} is not a node: give a URL like {_DEFAULT}, or a network of ape like "
        f"{_EMBEDDED}"
    )


def _named(given: str | None, default: str) -> tuple[str, str]:
    """The name of the node, and where it was given."""
    if given:
        return given, "--network"
    for variable in _VARIABLES:
        if os.environ.get(variable):
            return os.environ[variable], f"{variable}="
    return default, "the default"


def _over_http(url: str) -> Web3:
    return Web3(_patient(url))


def _patient(url: str, headers: Mapping[str, str] | None = None) -> PatientProvider:
    return PatientProvider(url, seconds_in(_PATIENCE, PATIENCE), note, headers)


def _require_listening(name: str, origin: str) -> None:
    url = urlsplit(name)
    port = url.port or (443 if url.scheme == "https" else 80)
    try:
        socket.create_connection((url.hostname or "", port), timeout=5).close()
    except OSError:
        # Not the whole URL, which may hold a key.
        where = f"{url.scheme}://{url.hostname}:{port}"
        raise NodeError(
            f"nothing answers at {where} ({origin.rstrip('=')}): start `anvil --accounts 40` "
            "there, or name another node with --network URL"
        ) from None


def _through_ape(choice: str) -> Node:
    try:
        from plumbline.cli import ape_network
    except ImportError:
        raise NodeError(
            f"--network {choice} is a network of ape, which is not installed: give a URL, or "
            "`pip install plumbline[ape]`"
        ) from None
    context = click.get_current_context()
    w3, is_throwaway = context.with_resource(ape_network.connected(choice))
    if isinstance(w3.provider, HTTPProvider) and w3.provider.endpoint_uri:
        # Ape waits for half an hour, and takes a rate limit for an answer.
        headers = w3.provider.get_request_kwargs()["headers"]
        w3.provider = _patient(w3.provider.endpoint_uri, headers)
    return Node.of(w3, is_throwaway)
