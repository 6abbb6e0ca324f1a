"""The node and the deployment that a command is about."""

import click

from plumbline.chain.discovery import find, find_at
from plumbline.chain.node import Node
from plumbline.cli import networks
from plumbline.cli.command import DEPLOYMENT, NETWORK, vault_root
from plumbline.history.market import Market
from plumbline.labeler.vault import Vault


def connect() -> Node:
    """The node that --network or the environment names."""
    return networks.connect(click.get_current_context().meta.get(NETWORK))


def connect_or_start() -> Node:
    """The node that was named, or a chain of the command's own."""
    given = click.get_current_context().meta.get(NETWORK)
    return networks.connect(given, default=networks.OWN)


def open_market() -> Market:
    """The deployment that was named, or is known on this chain. Raises DeploymentError."""
    node = connect()
    given = click.get_current_context().meta.get(DEPLOYMENT)
    return Market(node, find(node, given, vault_root()))


def open_market_at(node: Node, address: str) -> Market:
    """The deployment at an address that a file names. Raises DeploymentError."""
    given = click.get_current_context().meta.get(DEPLOYMENT)
    return Market(node, find_at(node, given, vault_root(), address))


def market_if_named() -> Market | None:
    """The deployment on the node that --network names; None if it names none."""
    return open_market() if click.get_current_context().meta.get(NETWORK) else None


def vault_of(market: Market) -> Vault:
    """The secrets of this user for a deployment."""
    return Vault(vault_root(), market.deployment.deployed, market.node.genesis)
