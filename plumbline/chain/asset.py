"""What a deployment pays in: ether or one ERC-20."""

import functools
from contextlib import suppress
from typing import Any, Final

from eth_abi.exceptions import DecodingError
from eth_typing import BlockIdentifier
from hexbytes import HexBytes
from web3 import Web3
from web3.types import TxParams

from plumbline.chain.abi import view_functions
from plumbline.chain.call import Call
from plumbline.chain.node_errors import NODE_ERRORS, is_rejection, no_answer
from plumbline.chain.reverts import revert_reason
from plumbline.chain.wallets import is_contract
from plumbline.errors import PlumblineError
from plumbline.protocol.addresses import ZERO, checksum
from plumbline.units import ETHER, Unit

_LONGEST_SYMBOL: Final = 11


class AssetError(PlumblineError):
    """A request that makes no sense for ether, or that the node does not answer."""


class NotATokenError(AssetError):
    """The contract at the address does not answer as an ERC-20 does."""


def _function(name: str, inputs: list[str], output: str, mutability: str) -> dict[str, Any]:
    return {
        "type": "function",
        "name": name,
        "inputs": [{"name": f"argument{i}", "type": kind} for i, kind in enumerate(inputs)],
        "outputs": [{"name": "", "type": output}],
        "stateMutability": mutability,
    }


_ERC20: Final = [
    _function("balanceOf", ["address"], "uint256", "view"),
    _function("allowance", ["address", "address"], "uint256", "view"),
    _function("decimals", [], "uint8", "view"),
    _function("symbol", [], "string", "view"),
    _function("approve", ["address", "uint256"], "bool", "nonpayable"),
]
_VIEWS: Final = view_functions(_ERC20)


class Asset:
    """Ether, or an ERC-20, on one chain. Amounts are in the smallest unit.

    What asks the chain raises NotATokenError if a token answers otherwise than an ERC-20, and
    AssetError if the node does not answer.
    """

    def __init__(self, w3: Web3, address: str) -> None:
        """`address` is the token, or the zero address for ether."""
        self.address = checksum(address)
        self._w3 = w3
        self._token = w3.eth.contract(address=self.address, abi=_ERC20)

    @property
    def is_ether(self) -> bool:
        """Whether it is ether."""
        return self.address == ZERO

    def balance(self, owner: str, block: BlockIdentifier = "latest") -> int:
        """The balance of an address."""
        if self.is_ether:
            return int(self._w3.eth.get_balance(checksum(owner), block))
        return int(self._read("balanceOf", checksum(owner), block=block))

    def allowance(self, owner: str, spender: str) -> int:
        """What `spender` may take from `owner`. Raises AssetError for ether."""
        self._require_token()
        return int(self._read("allowance", checksum(owner), checksum(spender)))

    def decimals(self) -> int:
        """How many decimals a whole unit has; 18 for ether."""
        return 18 if self.is_ether else int(self._read("decimals"))

    def symbol(self) -> str:
        """The short name; `ether` for ether."""
        return "ether" if self.is_ether else str(self._read("symbol"))

    @functools.cached_property
    def unit(self) -> Unit:
        """How people write its amounts."""
        if self.is_ether:
            return ETHER
        # The standard leaves both out: amounts are in the smallest unit then.
        symbol, decimals = "", 0
        with suppress(NotATokenError):
            symbol = self.symbol()
        with suppress(NotATokenError):
            decimals = self.decimals()
        # Tokens name themselves: anything but a plain word could pass for something else.
        is_word = symbol.isascii() and symbol.isalnum() and len(symbol) <= _LONGEST_SYMBOL
        return Unit(symbol if is_word else "token", decimals, self.address)

    @property
    def description(self) -> str:
        """What it is, for whoever is to pay in it."""
        if self.is_ether:
            return "ether"
        return f"{self.unit.symbol} (ERC-20 {self.address}, {self.unit.decimals} decimals)"

    def require_contract(self) -> None:
        """Raise NotATokenError unless it is ether, or a contract that answers as an ERC-20 does."""
        if self.is_ether:
            return
        if not is_contract(self._w3, self.address):
            raise NotATokenError(
                f"{self.address} is not a contract on chain {self._w3.eth.chain_id}: give the "
                "address of an ERC-20"
            )
        self.balance(self.address)

    def approve(self, spender: str, amount: int) -> Call:
        """Let `spender` take so much from the sender. Raises AssetError for ether."""
        self._require_token()
        if not 0 <= amount < 1 << 256:
            raise AssetError(f"amount {amount} does not fit into 256 bits: give a smaller one")
        data = self._token.encode_abi("approve", args=[checksum(spender), amount])
        return Call(
            to=self.address,
            data=bytes.fromhex(data[2:]),
            value=0,
            description=f"Allow {spender} to take {self.unit.exact(amount)} from you.",
        )

    def _read(self, name: str, *args: str, block: BlockIdentifier = "latest") -> Any:
        view = _VIEWS[name]
        call: TxParams = {"to": self.address, "data": HexBytes(view.encode_call(args))}
        try:
            return view.decode_result(bytes(self._w3.eth.call(call, block)))
        except NODE_ERRORS as error:
            if not (isinstance(error, DecodingError) or is_rejection(error)):
                raise AssetError(no_answer(error)) from None
            raise NotATokenError(
                f"{self.address} does not answer {name} ({revert_reason(error)}):"
                " is it an ERC-20 of this chain?"
            ) from None

    def _require_token(self) -> None:
        if self.is_ether:
            raise AssetError("ether needs no allowance: it is sent along with the deposit")
