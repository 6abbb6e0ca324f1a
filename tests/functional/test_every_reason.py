"""No revert goes untested: every reason in the contracts is named by some test.

Those of rounds by a test here, on a node; those of seats by any that plays with pools and policies.
"""

import re
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
CONTRACTS = HERE.parents[1] / "contracts"
REASON = re.compile(r'"([a-z]+: [^"\n]+)"')
SEATING = ("beacon", "closings", "composition", "draws", "permutation", "pool", "RecordBook")
# A position that leaves the pool 32 times in a row is seen in no test.
NEVER = {"draw: walked too far"}


def reasons(of_seats: bool) -> list[str]:
    found = set()
    for path in CONTRACTS.rglob("*.vy"):
        is_of_seats = path.stem in SEATING or path.parent.name == "policies"
        if is_of_seats == of_seats:
            found |= set(REASON.findall(path.read_text()))
    return sorted(found - NEVER)


@pytest.mark.parametrize("reason", reasons(of_seats=False))
def test_a_test_refuses_something_for_this_reason(reason):
    tests = "\n".join(path.read_text() for path in HERE.glob("test_*.py"))
    # openings are refused in a table that leaves out what all of them begin with
    names = (reason, reason.removeprefix("open: "))
    assert any(f'"{name}"' in tests for name in names)


@pytest.mark.parametrize("reason", reasons(of_seats=True))
def test_a_test_refuses_a_seat_or_a_draw_for_this_reason(reason):
    folders = ("unit", "attacks", "differential", "stateful", "integration", "functional")
    paths = [path for folder in folders for path in (HERE.parent / folder).glob("test_*.py")]
    # Tables leave out what all of them begin with, and the limit that they are about.
    words = re.sub(r" [0-9.]+( bps)?$", "", reason.partition(": ")[2])
    assert any(words in path.read_text() for path in paths)


def test_reasons_are_found():
    assert len(reasons(of_seats=False)) > 60 and len(reasons(of_seats=True)) > 60
