"""No revert goes untested: every reason in the contracts is named by some test here."""

import re
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
CONTRACTS = HERE.parents[1] / "contracts"
REASON = re.compile(r'"([a-z]+: [^"\n]+)"')


def reasons() -> list[str]:
    found = {
        reason for path in CONTRACTS.rglob("*.vy") for reason in REASON.findall(path.read_text())
    }
    return sorted(found)


@pytest.mark.parametrize("reason", reasons())
def test_a_test_refuses_something_for_this_reason(reason):
    tests = "\n".join(path.read_text() for path in HERE.glob("test_*.py"))
    # openings are refused in a table that leaves out what all of them begin with
    names = (reason, reason.removeprefix("open: "))
    assert any(f'"{name}"' in tests for name in names)


def test_reasons_are_found():
    assert len(reasons()) > 60
