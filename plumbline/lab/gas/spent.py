"""What a transaction spends its gas on, instruction by instruction.

A node that can trace (`debug_traceCall`, as Anvil can) tells which instructions ran, and the gas
there was before each. What is not an instruction is the transaction itself with its
calldata, and the refund at the end.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from eth_typing import HexStr
from eth_utils.conversions import to_hex
from web3 import Web3
from web3.types import RPCEndpoint

from plumbline.errors import PlumblineError
from plumbline.lab.gas import floor
from plumbline.lab.gas.measure import Measured

# Any other instruction moves something about the stack, or jumps.
_PARTS: Final = {
    "storage": "SLOAD SSTORE",
    "logs": "LOG0 LOG1 LOG2 LOG3 LOG4",
    "hashing": "KECCAK256",
    "calls": "CALL STATICCALL DELEGATECALL",
    "computing": "AND OR XOR NOT SHL SHR SAR BYTE ADD SUB MUL DIV SDIV MOD SMOD ADDMOD MULMOD EXP "
    "SIGNEXTEND LT GT SLT SGT EQ ISZERO",
    "memory": "MLOAD MSTORE MSTORE8 MCOPY CALLDATALOAD CALLDATACOPY CODECOPY RETURNDATACOPY RETURN",
}
_PART_OF: Final = {name: part for part, names in _PARTS.items() for name in names.split()}


class SpentError(PlumblineError):
    """A node that does not tell what a transaction did."""


@dataclass(frozen=True, slots=True)
class Spent:
    """Gas of a transaction by what it was for.

    `calls` is what calling another contract costs, with the memory for question and answer, and
    ecrecover; what a contract does that is called is counted like the rest. `stack`: putting
    constants and variables where an instruction wants them, and jumps.
    """

    transaction: int
    storage: int
    logs: int
    hashing: int
    calls: int
    computing: int
    memory: int
    stack: int
    refund: int

    @property
    def fees(self) -> int:
        """What the fee schedule asks for, as in a floor."""
        return self.transaction + self.storage + self.logs

    @property
    def stripped(self) -> int:
        """What it would use if memory, stack and jumps were free."""
        needed = self.fees + self.hashing + self.calls + self.computing
        return needed - min(self.refund, needed // floor.REFUND_SHARE)


@dataclass(frozen=True, slots=True)
class Traced:
    """A step and what it spent its gas on."""

    step: Measured
    spent: Spent


def trace(w3: Web3, step: Measured) -> Traced:
    """What a step spent its gas on. Raises SpentError if the node does not tell.

    It is called once more on the block before its own, in which it was alone.
    """
    done = w3.eth.get_transaction(HexStr(step.transaction))
    call = {"from": done["from"], "to": done["to"], "data": to_hex(done["input"])}
    call |= {"value": to_hex(done["value"]), "gas": to_hex(done["gas"])}
    options = {"disableStorage": True, "disableStack": True, "enableMemory": False}
    asked = [call, hex(done["blockNumber"] - 1), options]
    answer = w3.provider.make_request(RPCEndpoint("debug_traceCall"), asked)
    steps = (answer.get("result") or {}).get("structLogs")
    if not steps:
        raise SpentError("the node does not trace calls: measure on Anvil")
    return Traced(step, added_up(bytes(done["input"]), step.gas, steps))


def added_up(data: bytes, used: int, steps: Sequence[Mapping[str, Any]]) -> Spent:
    """A transaction with this calldata that used so much gas, from its trace.

    Raises SpentError if the parts do not make up what was used.
    """
    parts = Counter[str]()
    for instruction, gas in _each(steps):
        parts[_PART_OF.get(instruction, "stack")] += gas
    transaction = floor.TRANSACTION + floor.calldata(data)
    everything = transaction + parts.total()
    if not 0 <= everything - used <= everything // floor.REFUND_SHARE:
        raise SpentError(
            f"the node's trace adds up to {everything} gas and the transaction used {used}: "
            "measure on Anvil"
        )
    named = {part: parts[part] for part in (*_PARTS, "stack")}
    return Spent(transaction=transaction, refund=everything - used, **named)


def _each(steps: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, int]]:
    """Every instruction and its gas, without what it handed to another contract."""
    for step, after in pairwise(steps):
        gas = step["gasCost"]
        if after["depth"] == step["depth"]:
            gas = step["gas"] - after["gas"]
        elif after["depth"] > step["depth"]:
            gas -= after["gas"]
        yield step["op"], gas
    yield steps[-1]["op"], steps[-1]["gasCost"]
