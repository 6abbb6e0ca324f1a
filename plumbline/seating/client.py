"""A contract of this package on a chain: what it is, its views, and calls that are built."""

from typing import Any

from eth_abi.abi import encode
from eth_abi.exceptions import DecodingError, EncodingError
from eth_typing import BlockIdentifier
from eth_utils.abi import collapse_if_tuple, function_abi_to_4byte_selector
from eth_utils.crypto import keccak
from hexbytes import HexBytes
from web3 import Web3
from web3.types import TxParams

from plumbline.chain.abi import view_functions
from plumbline.chain.builds import seating_abi, seating_builds
from plumbline.chain.call import Call
from plumbline.chain.node_errors import NODE_ERRORS, TRANSPORT_ERRORS, no_answer
from plumbline.errors import PlumblineError
from plumbline.protocol.addresses import checksum


class SeatingError(PlumblineError):
    """A policy or a book that is not there, or that the node does not answer for."""


class SeatingContract:
    """One contract, by its kind: the name of its source."""

    def __init__(self, w3: Web3, address: str, kind: str) -> None:
        """Asks the node nothing; see `kind_of` for what is there."""
        self.w3 = w3
        self.address = checksum(address)
        self.kind = kind
        self._views = view_functions(seating_abi(kind))

    def read(self, name: str, *args: Any, block: BlockIdentifier = "latest") -> Any:
        """What a view returns. Raises SeatingError."""
        view = self._views[name]
        try:
            call: TxParams = {"to": self.address, "data": HexBytes(view.encode_call(args))}
            return view.decode_result(bytes(self.w3.eth.call(call, block)))
        except EncodingError as error:
            raise SeatingError(f"{name} cannot be asked ({error}): check its arguments") from None
        except DecodingError:
            raise SeatingError(f"there is no {self.kind} at {self.address}: check it") from None
        except NODE_ERRORS as error:
            raise SeatingError(f"{self.kind} at {self.address}: {no_answer(error)}") from None

    def call(self, name: str, args: list[Any], description: str, value: int = 0) -> Call:
        """A call that changes something, to be sent by anyone; `value` is in wei.

        Raises SeatingError for arguments that do not fit.
        """
        try:
            data = call_data(self.kind, name, args)
        except EncodingError as error:
            raise SeatingError(f"{name} cannot be encoded ({error}): check its arguments") from None
        return Call(self.address, data, value, description)


def call_data(kind: str, name: str, args: list[Any]) -> bytes:
    """The data of a call of a function."""
    types = [collapse_if_tuple(dict(item)) for item in _function(kind, name)["inputs"]]
    return selector_of(kind, name) + encode(types, args)


def selector_of(kind: str, name: str) -> bytes:
    """The four bytes that calls of a function begin with."""
    return bytes(function_abi_to_4byte_selector(_function(kind, name)))


def _function(kind: str, name: str) -> Any:
    return next(each for each in seating_abi(kind) if each.get("name") == name)


def kind_of(code: bytes) -> str:
    """The name of the contract that this is the code of; empty if it is none of ours."""
    for build in seating_builds():
        # Vyper appends a contract's immutables to its code.
        if code and keccak(code[: build.size]) == build.code_hash:
            return build.contract
    return ""


def code_at(w3: Web3, address: str, block: BlockIdentifier = "latest") -> bytes:
    """The code at an address. Raises SeatingError if there is none, or the node is silent."""
    try:
        code = bytes(w3.eth.get_code(checksum(address), block))
    except NODE_ERRORS as error:
        raise SeatingError(no_answer(error)) from None
    if not code:
        raise SeatingError(f"{address} is not a contract: check the address and the network")
    return code


def ask(
    w3: Web3, address: str, data: bytes, gas: int | None = None, block: BlockIdentifier = "latest"
) -> bytes | None:
    """What a stranger's contract answers; None if it reverts. Raises SeatingError if the node
    cannot be reached.
    """
    call: TxParams = {"to": checksum(address), "data": HexBytes(data)}
    if gas is not None:
        call["gas"] = gas
    try:
        return bytes(w3.eth.call(call, block))
    except TRANSPORT_ERRORS as error:
        raise SeatingError(no_answer(error)) from None
    except NODE_ERRORS:
        return None
