"""A chain inside this process (revm): transactions, time, ether and code.

A transaction takes some hundred-thousandths of a second here, and the close of a round one or two
thousandths, a hundred times less than in boa: so runs and attacks are played by the thousand.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final
from warnings import catch_warnings, simplefilter

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError
from eth_utils.abi import collapse_if_tuple, function_abi_to_4byte_selector
from pyrevm import EVM, AccountInfo, BlockEnv, CfgEnv, Env

from plumbline.chain.logs import Log
from plumbline.protocol.addresses import ZERO, checksum
from tests.build import compile_sources

MOCKS: Final = Path(__file__).resolve().parents[1] / "contracts"
MOST_GAS: Final = 2**24  # what one transaction may use (EIP-7825)
# Gas that the first access to a slot and the first write to it add. All that happens here is as
# if in one transaction, so what was touched before is warm, and what was written is dirty.
COLD: Final = 4_800
_BLOCK_GAS: Final = 60_000_000
_RANDAO: Final = b"\xbe" * 32  # what the beacon says in every block

_REVERT: Final = re.compile("output: 0x08c379a0([0-9a-f]*)")  # Error(string)
_DEPLOYER: Final = "0x" + "d0" * 20


class Refused(Exception):
    """A transaction reverted; holds the reason, empty if none was given."""

    def __init__(self, reason: str, said: str = "") -> None:
        """`said` is all that the chain said of it."""
        super().__init__(reason or said)
        self.reason = reason


class Abi:
    """Encodes calls and decodes answers."""

    def __init__(self, entries: Sequence[Mapping[str, Any]]) -> None:
        self.entries = entries
        self._functions = {
            entry["name"]: (
                function_abi_to_4byte_selector(entry),
                [collapse_if_tuple(item) for item in entry["inputs"]],
                [collapse_if_tuple(item) for item in entry["outputs"]],
            )
            for entry in entries
            if entry["type"] == "function"
        }

    @property
    def actions(self) -> set[str]:
        """The names of all functions that may change something."""
        return {
            entry["name"]
            for entry in self.entries
            if entry["type"] == "function" and entry["stateMutability"] in ("nonpayable", "payable")
        }

    def data(self, name: str, *args: Any) -> bytes:
        """A call of that function."""
        selector, inputs, _ = self._functions[name]
        return selector + encode(inputs, args)

    def values(self, name: str, output: bytes) -> Any:
        """What that function returned: one value, or a tuple of several."""
        values = decode(self._functions[name][2], output)
        return values[0] if len(values) == 1 else values


class Contract:
    """A contract of the tests: `token.send(owner, "approve", spender, 1)`."""

    def __init__(self, chain: "Chain", address: str, abi: Abi) -> None:
        self.chain = chain
        self.address = address
        self.abi = abi

    def send(self, sender: str, name: str, *args: Any, value: int = 0) -> list[Log]:
        return self.chain.send(sender, self.address, self.abi.data(name, *args), value)

    def ask(self, name: str, *args: Any) -> Any:
        output = self.chain.ask(self.address, self.abi.data(name, *args))
        return self.abi.values(name, output)


class Chain:
    """Blocks, time and transactions."""

    def __init__(self, now: int, chain_id: int = 31_337) -> None:
        """`now` is the time of the first block, unix seconds."""
        self.id = chain_id
        self.now = now
        self.height = 0  # number of the block that transactions are in
        self.gas_used = 0  # by the last transaction that was not refused, see COLD
        environment = Env(cfg=CfgEnv(chain_id=chain_id))
        self._evm = EVM(env=environment, spec_id="CANCUN", gas_limit=_BLOCK_GAS)
        self._at(now, self.height)

    def wait_until(self, timestamp: int) -> None:
        """From now on blocks have this time; several may have the same."""
        assert timestamp >= self.now, "time runs one way"
        self._at(timestamp, self.height)

    def mine(self, blocks: int) -> None:
        """So many blocks pass, and no time."""
        self._at(self.now, self.height + blocks)

    def _at(self, timestamp: int, height: int, randao: bytes = _RANDAO) -> None:
        self.now, self.height = timestamp, height
        block = BlockEnv(number=height, timestamp=timestamp, prevrandao=randao)
        self._evm.set_block_env(block)

    @contextmanager
    def undone(self) -> Iterator[None]:
        """What is done inside, and the time that passes, has not happened afterwards."""
        now, height, before = self.now, self.height, self._evm.snapshot()
        try:
            yield
        finally:
            self._evm.revert(before)
            self._at(now, height)

    @contextmanager
    def without_beacon(self, randao: int = 0) -> Iterator[None]:
        """Blocks have a constant where the beacon's randomness should be."""
        self._at(self.now, self.height, randao.to_bytes(32))
        try:
            yield
        finally:
            self._at(self.now, self.height)

    def send(
        self,
        sender: str,
        to: str,
        data: bytes,
        value: int = 0,
        gas: int = MOST_GAS,
        logged_by: str | None = None,
    ) -> list[Log]:
        """One transaction, and what was logged in it by the contract that it is sent to, or by
        another. Raises Refused with the reason.
        """
        self._call(sender, to, data, value, gas)
        return self.logs_of(logged_by or to)

    def logs_of(self, address: str) -> list[Log]:
        """What a contract logged in the last transaction."""
        return [
            Log(0, place, b"", *log.data)
            for place, log in enumerate(self._evm.result.logs)
            if log.address == checksum(address)
        ]

    def ask(self, to: str, data: bytes, gas: int = MOST_GAS) -> bytes:
        """A question that changes nothing. Raises Refused."""
        return self._call(ZERO, to, data, 0, gas, is_static=True)

    def _call(
        self, sender: str, to: str, data: bytes, value: int, gas: int, is_static: bool = False
    ) -> bytes:
        try:
            output = self._evm.message_call(sender, to, data, value, gas, is_static=is_static)
        except RuntimeError as error:
            raise Refused(_reason(str(error)), str(error)) from None
        finally:
            self._evm.reset_transient_storage()
        self.gas_used = self._evm.result.gas_used
        return bytes(output)

    def code_at(self, address: str) -> bytes:
        """The code of a contract; empty if there is none."""
        return bytes(self._evm.get_code(address) or b"")

    def balance(self, owner: str) -> int:
        """Ether, wei."""
        return int(self._evm.get_balance(owner))

    def give(self, owner: str, amount: int) -> None:
        """Ether out of nothing, wei."""
        self._evm.set_balance(owner, self.balance(owner) + amount)

    def deploy(self, built: Mapping[str, Any], *args: Any, value: int = 0) -> Contract:
        """Deploys what the compiler made."""
        abi = Abi(built["abi"])
        inputs = [
            collapse_if_tuple(item)
            for entry in built["abi"]
            if entry["type"] == "constructor"
            for item in entry["inputs"]
        ]
        code = bytes.fromhex(built["bytecode"][2:]) + encode(inputs, args)
        return Contract(self, self.code(code, value), abi)

    def code(self, creation: bytes, value: int = 0) -> str:
        """Runs any creation code; the address of what it leaves. Raises Refused."""
        self.give(_DEPLOYER, value)
        try:
            return checksum(self._evm.deploy(_DEPLOYER, creation, value))
        except RuntimeError as error:
            raise Refused(_reason(str(error)), str(error)) from None

    def gas_of_creating(self, creation: bytes) -> int:
        """What a transaction with this creation code takes."""
        self.code(creation)
        return int(self._evm.result.gas_used)

    def mock(self, name: str, *args: Any, value: int = 0) -> Contract:
        """Deploys one of tests/contracts."""
        return self.deploy(_compiled(MOCKS / f"{name}.vy"), *args, value=value)

    def parrot(self, answer: bytes, reverts: bool = False) -> str:
        """Deploys what gives the same answer to every question."""
        return self.code(_returning(_returning(answer, 0xFD if reverts else 0xF3)))

    def raw(self, runtime: str) -> str:
        """Deploys code given as hex digits."""
        return self.code(_returning(bytes.fromhex(runtime)))

    def place(self, address: str, runtime: str) -> None:
        """Puts code given as hex digits at an address, as a chain has its system contracts."""
        self._evm.insert_account_info(address, AccountInfo(code=bytes.fromhex(runtime)))

    def store(self, address: str, slot: int, word: int) -> None:
        """Writes into the storage of a contract what thousands of transactions would."""
        self._evm.insert_account_storage(address, slot, word)


def _returning(data: bytes, end: int = 0xF3) -> bytes:
    """Code that ends with what follows it: CODECOPY(0, 14, size), RETURN(0, size)."""
    size = len(data).to_bytes(2, "big")
    copy = bytes([0x61, *size, 0x60, 14, 0x60, 0, 0x39])
    return copy + bytes([0x61, *size, 0x60, 0, end]) + data


def _reason(error: str) -> str:
    """The reason in what revm says of a transaction that reverted; empty if there is none."""
    found = _REVERT.search(error)
    if found is None:
        return ""
    try:
        (reason,) = decode(["string"], bytes.fromhex(found[1]))
    except DecodingError:
        return ""
    return str(reason)


@cache
def _compiled(path: Path) -> dict[str, Any]:
    with catch_warnings():
        simplefilter("ignore")  # a bomb cannot but be deprecated
        return compile_sources([path])[path.stem]
