"""The test chain that ape runs, spoken to directly: a refusal that ape explains with a trace
takes a second and a half, one read from the node a hundredth of that."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final
from warnings import catch_warnings, simplefilter

from ape.managers.chain import ChainManager
from vyper.cli.vyper_compile import compile_files
from vyper.compiler.settings import Settings
from web3.contract import Contract
from web3.exceptions import ContractLogicError
from web3.types import TxParams, TxReceipt

MOCKS: Final = Path(__file__).resolve().parents[1] / "contracts"
# What one transaction may use (EIP-7825): more than this no action may ever need.
MOST_GAS: Final = 2**24


class Refused(Exception):
    """A transaction reverted; holds the reason, empty if none was given."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Chain:
    """Blocks, time and transactions."""

    def __init__(self, manager: ChainManager) -> None:
        self._manager = manager
        self.w3 = manager.provider.web3
        # It has the node say which chain it is before every call.
        self.w3.middleware_onion.remove("validation")
        self.id = manager.chain_id

    @property
    def now(self) -> int:
        """The time of the latest block, which is what views see."""
        return int(self.w3.eth.get_block("latest")["timestamp"])

    def next_at(self, timestamp: int) -> None:
        """The next block, and so the next transaction, has this time."""
        assert timestamp > self.now, "time runs one way"
        self._manager.pending_timestamp = timestamp

    def wait_until(self, timestamp: int) -> None:
        """The latest block has this time."""
        assert timestamp > self.now, "time runs one way"
        self._manager.mine(timestamp=timestamp)

    @contextmanager
    def undone(self) -> Iterator[None]:
        """What is done inside has not happened afterwards."""
        snapshot = self._manager.snapshot()
        yield
        self._manager.restore(snapshot)

    def send(self, sender: str, to: str | None, data: str, value: int = 0) -> TxReceipt:
        """One transaction, in a block of its own. Raises Refused with the reason."""
        transaction: TxParams = {"from": sender, "data": data, "value": value, "gas": MOST_GAS}
        if to is None:
            self._try(transaction)  # before, since an address is made of the nonce
        else:
            transaction["to"] = to
        sent = self.w3.eth.send_transaction(transaction)
        receipt = self.w3.eth.wait_for_transaction_receipt(sent, poll_latency=0.005)
        if receipt["status"] != 1:
            # Nothing has changed, not even the time, so it reverts again for the same reason.
            self._try(transaction)
            raise AssertionError("a transaction failed, but not twice")
        return receipt

    def deploy(
        self, sender: str, abi: list[Any], bytecode: str, *args: Any, value: int = 0
    ) -> Contract:
        factory = self.w3.eth.contract(abi=abi, bytecode=bytecode)
        receipt = self.send(sender, None, factory.constructor(*args).data_in_transaction, value)
        return self.w3.eth.contract(address=receipt["contractAddress"], abi=abi)

    def mock(self, sender: str, name: str, *args: Any, value: int = 0) -> Contract:
        """Deploys one of tests/contracts."""
        abi, bytecode = _compiled(name)
        return self.deploy(sender, abi, bytecode, *args, value=value)

    def code(self, sender: str, runtime: bytes) -> str:
        """Deploys any code."""
        return str(self.send(sender, None, _returning(runtime).hex())["contractAddress"])

    def parrot(self, sender: str, answer: bytes, reverts: bool = False) -> str:
        """Deploys what gives the same answer to every question."""
        return self.code(sender, _returning(answer, 0xFD if reverts else 0xF3))

    def do(self, sender: str, contract: Contract, name: str, *args: Any) -> None:
        """Calls a mock."""
        self.send(sender, contract.address, contract.encode_abi(name, args))

    def _try(self, transaction: TxParams) -> None:
        try:
            self.w3.eth.call(transaction)
        except ContractLogicError as error:
            reason = str(error.message).removeprefix("execution reverted").removeprefix(": ")
            raise Refused(reason) from None


def _returning(data: bytes, end: int = 0xF3) -> bytes:
    """Code that ends with what follows it: CODECOPY(0, 12, size), RETURN(0, size)."""
    size = len(data)
    return bytes([0x60, size, 0x60, 12, 0x60, 0, 0x39, 0x60, size, 0x60, 0, end]) + data


@cache
def _compiled(name: str) -> tuple[list[Any], str]:
    with catch_warnings():
        simplefilter("ignore")  # a bomb cannot but be deprecated
        settings = Settings(evm_version="cancun")
        outputs = compile_files([MOCKS / f"{name}.vy"], ["abi", "bytecode"], settings=settings)
    (output,) = outputs.values()
    return output["abi"], output["bytecode"]
