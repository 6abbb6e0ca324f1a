"""One judge for all: it has no state."""

from pathlib import Path
from typing import Any

import boa
import pytest

CONTRACTS = Path(__file__).resolve().parents[2] / "contracts"


@pytest.fixture(scope="session")
def judge() -> Any:
    return boa.load(str(CONTRACTS / "Judge.vy"))
