"""What a transaction spent its gas on, added up from traces that are written by hand."""

from dataclasses import astuple, replace
from typing import Any

import pytest

from plumbline.lab.gas.spent import SpentError, added_up

DATA = b"\x01\x00"
TRANSACTION = 21_000 + 16 + 4


def _step(op: str, gas: int, cost: int, depth: int = 1) -> dict[str, Any]:
    return {"op": op, "gas": gas, "gasCost": cost, "depth": depth}


# A push, a call of another contract that hashes and returns, a write, a stop.
TRACE = [
    _step("PUSH1", 90_000, 3),
    _step("STATICCALL", 89_997, 2_600 + 80_000),  # what it hands over, too
    _step("KECCAK256", 80_000, 36, depth=2),
    _step("RETURN", 79_964, 5, depth=2),
    _step("AND", 89_997 - 2_600 - 41, 3),
    _step("MCOPY", 87_353, 9),
    _step("LOG3", 87_344, 1_500),
    _step("SSTORE", 85_844, 5_000),
    _step("JUMPDEST", 80_844, 1),
    _step("STOP", 80_843, 0),
]
USED = TRANSACTION + 90_000 - 80_843


def test_every_instruction_is_counted_once_where_it_belongs() -> None:
    made = added_up(DATA, USED, TRACE)
    assert made.transaction == TRANSACTION
    assert (made.storage, made.logs, made.hashing) == (5_000, 1_500, 36)
    assert (made.calls, made.computing) == (2_600, 3)
    assert (made.memory, made.stack) == (9 + 5, 3 + 1)
    assert made.refund == 0
    assert sum(astuple(made)) == USED


def test_what_was_not_used_is_a_refund() -> None:
    made = added_up(DATA, USED - 4_800, TRACE)
    assert made.refund == 4_800
    assert sum(astuple(made)) - 2 * made.refund == USED - 4_800


def test_without_memory_and_stack_a_refund_is_a_fifth_at_most() -> None:
    made = added_up(DATA, USED, TRACE)
    assert made.stripped == USED - 14 - 4
    most = replace(made, refund=USED)
    assert most.stripped == made.stripped - made.stripped // 5


@pytest.mark.parametrize("used", [USED + 1, USED * 4 // 5 - 1, 0])
def test_a_trace_that_does_not_add_up_is_refused(used: int) -> None:
    with pytest.raises(SpentError, match=f"adds up to {USED} gas and the transaction used {used}:"):
        added_up(DATA, used, TRACE)
