"""The chain inside this process as web3 sees a node: as far as the library asks about policies."""

from typing import Any

from hexbytes import HexBytes
from web3.exceptions import ContractLogicError

from tests.world.chain import MOST_GAS, Chain, Refused


class LocalEth:
    """What is under `w3.eth`."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self.chain_id = chain.id

    def get_block(self, block: Any) -> dict[str, int]:
        return {"number": 1, "timestamp": self._chain.now}

    def get_code(self, address: str, block: Any = "latest") -> HexBytes:
        return HexBytes(self._chain.code_at(address))

    def call(self, call: dict[str, Any], block: Any = "latest") -> HexBytes:
        try:
            gas = call.get("gas", MOST_GAS)
            return HexBytes(self._chain.ask(call["to"], bytes(call["data"]), gas))
        except Refused as error:
            raise ContractLogicError(error.reason) from None


class LocalNode:
    """What is passed for a `Web3`."""

    def __init__(self, chain: Chain) -> None:
        self.eth = LocalEth(chain)
