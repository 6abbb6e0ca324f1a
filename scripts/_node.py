"""The node a command talks to, and the deployment on it.

Ape imports every script for any `ape run`, so nothing heavy is imported up here.
"""

from __future__ import annotations

import functools
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scripts._command import fail, vault_root

if TYPE_CHECKING:
    from pathlib import Path

    from web3 import Web3

    from plumbline.chain.contract import LabelRounds
    from plumbline.chain.deployment import Deployment
    from plumbline.chain.events import Event
    from plumbline.chain.records import Phase
    from plumbline.history.rounds import RoundHistory
    from plumbline.labeler.vault import Vault
    from plumbline.units import Unit

CONFIRMATIONS = 5
_LOCAL_CHAINS = frozenset({1337, 31337})
_LOCAL_CLIENTS = ("anvil", "ganache", "hardhat", "eth-tester", "ethereumjs testrpc")
_LONGEST_SYMBOL = 11


@dataclass(frozen=True)
class Chain:
    """The node a command talks to."""

    w3: Web3
    chain_id: int
    is_local: bool
    tells_time: bool = False  # of its next block, which is by its own clock

    @property
    def now(self) -> int:
        """Time of the next block at the earliest, unix seconds."""
        latest = int(self.w3.eth.get_block("latest")["timestamp"])
        if not self.is_local:
            return latest
        # A local chain stands still between transactions, and may have been sent ahead. The clock
        # of this computer may be another than the node's.
        if self.tells_time:
            return max(latest, int(self.w3.eth.get_block("pending")["timestamp"]))
        return max(latest, int(time.time()))

    @property
    def head(self) -> int:
        """Number of the latest block."""
        return int(self.w3.eth.block_number)

    @functools.cached_property
    def genesis(self) -> bytes:
        """Hash of block 0."""
        return bytes(self.w3.eth.get_block(0)["hash"])

    @property
    def confirmations(self) -> int:
        """Blocks after which no reorganisation is expected."""
        return 0 if self.is_local else CONFIRMATIONS


def connect() -> Chain:
    """The node that ape is connected to."""
    from ape import networks
    from web3.middleware import ExtraDataToPOAMiddleware

    from plumbline.chain.nodes import NODE_ERRORS, ask_for_chain_once

    provider = networks.provider
    w3 = provider.web3
    ask_for_chain_once(w3)
    chain_id = int(w3.eth.chain_id)
    try:
        client = w3.client_version.lower()
    except NODE_ERRORS:
        client = ""
    is_local = chain_id in _LOCAL_CHAINS or client.startswith(_LOCAL_CLIENTS)
    if not is_local and ExtraDataToPOAMiddleware not in w3.middleware_onion:
        w3.middleware_onion.inject(ExtraDataToPOAMiddleware, layer=0)
    return Chain(w3, chain_id, is_local, client.startswith("anvil"))


@dataclass(frozen=True)
class Market:
    """A deployment, and the node it is read through."""

    chain: Chain
    deployment: Deployment
    rounds: LabelRounds
    unit: Unit

    def history(self, round_id: int) -> RoundHistory:
        """All that happened in a round."""
        from plumbline.history.rounds import history

        return history(self.events(round_id))[round_id]

    def time_left(self, told: RoundHistory) -> tuple[Phase, int]:
        """The phase of a round as of now, and the seconds until it ends at the latest.

        Not asked of the node, which answers as of its latest block: on a local chain that may
        have been long ago.
        """
        from plumbline.chain.records import Phase

        now, ends = self.chain.now, told.deadlines
        phase = told.phase_at(now)
        end = {Phase.COMMIT: ends.commit, Phase.REVEAL: ends.reveal, Phase.GOLD: ends.gold}
        return phase, max(0, end.get(phase, now) - now)

    def round_number(self, given: int | None) -> int:
        """The round that was named, or the only one there is."""
        count = self.rounds.round_count()
        if given is not None:
            if not 1 <= given <= count:
                fail(
                    f"there is no round {given}: " + (f"1 to {count} exist" if count else "none is")
                )
            return given
        if count == 0:
            fail("there is no round yet: `ape run requester open FILE` opens one")
        if count > 1:
            fail(f"say which round: 1 to {count} exist, see `ape run requester status`")
        return 1

    def events(self, round_id: int | None = None) -> list[Event]:
        """All events so far, or those of a round."""
        from plumbline.chain.events import fetch

        return fetch(self.chain.w3, self.deployment, round_id=round_id)

    @property
    def vault(self) -> Vault:
        """The secrets of this user here."""
        from plumbline.labeler.vault import Vault

        return Vault(vault_root(), self.deployment.deployed, self.chain.genesis)


def market() -> Market:
    """The deployment on this chain, from its manifest; an error if it is not there."""
    from plumbline.chain.contract import LabelRounds
    from plumbline.chain.deployment import DeploymentError, load, path_of

    chain = connect()
    path = path_of(chain.chain_id)
    if not path.exists():
        raise DeploymentError(
            f"Plumbline is not deployed on chain {chain.chain_id} ({path} is not there): "
            "run `ape run deploy`"
        )
    deployment = load(path)
    _require_there(chain, deployment, path)
    unit = unit_of(chain, deployment.asset)
    return Market(chain, deployment, LabelRounds(chain.w3, deployment), unit)


def _require_there(chain: Chain, deployment: Deployment, path: Path) -> None:
    """An error unless it is this very contract that is at the address: money goes there."""
    from plumbline.chain.deployment import NO_CODE, DeploymentError, code_hash

    if deployment.chain_id != chain.chain_id:
        raise DeploymentError(
            f"{path} is of chain {deployment.chain_id}, and the node on {chain.chain_id}: restore "
            "the file"
        )
    found = code_hash(chain.w3, deployment.address)
    if found == NO_CODE:
        raise DeploymentError(
            f"the deployment in {path} is not on this chain: was the node started anew? "
            "Move the file away and run `ape run deploy`"
        )
    if found != deployment.code_hash:
        raise DeploymentError(
            f"another contract than that of {path} is at {deployment.address}: was the node "
            "started anew, or the file changed? `ape run deploy check` compares them"
        )


def unit_of(chain: Chain, asset: str) -> Unit:
    """What amounts of a deployment are in: ether, or the ERC-20 at an address."""
    from plumbline.chain.asset import Asset, NotATokenError
    from plumbline.protocol.addresses import ZERO
    from plumbline.units import ETHER, Unit

    if asset == ZERO:
        return ETHER
    token = Asset(chain.w3, asset)
    # The standard leaves both out: amounts are in the smallest unit then.
    symbol, decimals = "", 0
    with suppress(NotATokenError):
        symbol = token.symbol()
    with suppress(NotATokenError):
        decimals = token.decimals()
    # Tokens name themselves: what is no plain word could pass for something else.
    is_word = symbol.isascii() and symbol.isalnum() and len(symbol) <= _LONGEST_SYMBOL
    return Unit(symbol if is_word else "token", decimals, asset)
