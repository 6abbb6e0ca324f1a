"""The node that everything goes through: which chain it is on, and what time it is there."""

import functools
import time
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from web3 import Web3
from web3.middleware import ExtraDataToPOAMiddleware
from web3.providers import JSONBaseProvider
from web3.types import RPCEndpoint

from plumbline.chain.node_errors import NODE_ERRORS, SILENT
from plumbline.files.download import is_public

CONFIRMATIONS: Final = 5
"""Blocks after which no reorganisation of a public chain is expected."""

_LOCAL_CHAINS: Final = frozenset({1337, 31337})
_LOCAL_CLIENTS: Final = ("anvil", "ganache", "hardhat", "ethereumtester", "ethereumjs testrpc")


@dataclass(frozen=True)
class Node:
    """A node, and what is known of it.

    is_local        a development chain, where test accounts have ether
    gives_time      of its next block, which is by its own clock
    is_throwaway    the chain ends with this process, and all that is on it
    """

    w3: Web3
    chain_id: int
    is_local: bool
    gives_time: bool = False
    is_throwaway: bool = False

    @classmethod
    def of(cls, w3: Web3, is_throwaway: bool = False) -> "Node":
        """Ask a node what it is. Raises what asking a node raises."""
        ask_for_chain_once(w3)
        chain_id = int(w3.eth.chain_id)
        try:
            client = w3.client_version.lower()
        except SILENT:
            raise
        except NODE_ERRORS:
            client = ""
        is_local = chain_id in _LOCAL_CHAINS or client.startswith(_LOCAL_CLIENTS)
        if not is_local and ExtraDataToPOAMiddleware not in w3.middleware_onion:
            w3.middleware_onion.inject(ExtraDataToPOAMiddleware, layer=0)
        return cls(w3, chain_id, is_local, client.startswith("anvil"), is_throwaway)

    @property
    def is_here(self) -> bool:
        """A development chain on this computer or in its network: private addresses are its own."""
        address = getattr(self.w3.provider, "endpoint_uri", None)
        if not self.is_local or address is None:
            return self.is_local
        host = urlsplit(str(address)).hostname or ""
        try:
            return host == "localhost" or not is_public(host)
        except ValueError:
            return False  # a name, which may be of anybody

    @property
    def now(self) -> int:
        """Time of the next block at the earliest, unix seconds."""
        latest = int(self.w3.eth.get_block("latest")["timestamp"])
        if not self.is_local:
            return latest
        # A local chain stands still between transactions, and may have been sent ahead. The clock
        # of this computer may be another than the node's.
        if self.gives_time:
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


def ask_for_chain_once(w3: Web3) -> None:
    """Remember the chain id: web3 asks for it before every call, which doubles them."""
    if isinstance(w3.provider, JSONBaseProvider):
        w3.provider.cacheable_requests = {RPCEndpoint("eth_chainId")}
        w3.provider.cache_allowed_requests = True
