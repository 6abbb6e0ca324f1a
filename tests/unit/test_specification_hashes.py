"""The hashes in the specification are those of the library, types and example alike."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from eth_utils.crypto import keccak

from plumbline.protocol.commitment import (
    commitment,
    consent_message,
    gold_root,
    roll_of,
)
from plumbline.protocol.manifest import Manifest
from plumbline.protocol.outcomes import Outcome, payroll_of
from plumbline.protocol.typed_data import Deployed, digest
from plumbline.protocol.withdrawal import Withdrawal
from plumbline.settlement import Band
from plumbline.settlement.sheet import pack

PAGE: Final = (Path(__file__).resolve().parents[2] / "docs/specification.md").read_text()
TYPES: Final = dict(re.findall(r"\| \*\*H0\.\d\*\* \| `([^`]+)` \| `0x([0-9a-f]{64})` \|", PAGE))
EXAMPLE: Final = dict(re.findall(r"\| \*\*(H7\.\d)\*\* \| [^|]+ \| `0x([0-9a-f]{64})` \|", PAGE))

HERE: Final = Deployed(1, "0x" + "11" * 20)
LABELER: Final = "0x" + "22" * 20
SALT: Final = b"\x33" * 32
SHEET: Final = pack([2, None, 1], 3)  # D1.3
COMMITMENT: Final = commitment(HERE.domain, 1, LABELER, SHEET, SALT)
TASKS_ROOT: Final = Manifest(options=("a", "b"), tasks=("x", "y", "z")).root
WITHDRAWAL: Final = Withdrawal(LABELER, 1_000_000, LABELER, 1_000, 2_000_000_000, 0)
NEAR: Final = Outcome(LABELER, Band.NEAR, kappa=500_000, pay=737_180, slash=0)

HASHES: Final[dict[str, Callable[[], bytes]]] = {
    "H7.1": lambda: HERE.domain,
    "H7.2": lambda: COMMITMENT,
    "H7.3": lambda: gold_root(HERE.domain, LABELER, SHEET, SALT),
    "H7.4": lambda: digest(consent_message(HERE, 1, LABELER, 2_000_000, COMMITMENT, b"")),
    "H7.5": lambda: roll_of(TASKS_ROOT, [(LABELER, SHEET)]),
    "H7.6": lambda: TASKS_ROOT,
    "H7.7": lambda: digest(WITHDRAWAL.message(HERE)),
    "H7.8": lambda: payroll_of([NEAR]),
}


def test_types_have_the_hashes_that_the_specification_gives() -> None:
    # H0.3, H0.4, H0.5, H0.6, H0.7
    assert len(TYPES) == 5
    assert {name: keccak(text=name).hex() for name in TYPES} == TYPES


@pytest.mark.parametrize("number", HASHES)
def test_the_example_has_the_hashes_that_the_library_computes(number: str) -> None:
    # H1.1, H2.1, H3.1, H3.5, H4.1, H5.2, H7.1, H7.2, H7.3, H7.4, H7.5
    # H7.6, H7.7, H7.8
    assert HASHES.keys() == EXAMPLE.keys()
    assert HASHES[number]().hex() == EXAMPLE[number]
