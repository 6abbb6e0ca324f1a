"""What `make test` leaves out of a sweep, and `make test-all` does (PLUMBLINE_ALL=1)."""

import os
from collections.abc import Sequence
from itertools import product
from typing import Any, Final, TypeVar

Case = TypeVar("Case")

ALL: Final = os.environ.get("PLUMBLINE_ALL") == "1"
"""Whether all of it is done."""


def sampled(cases: Sequence[Case], stride: int) -> Sequence[Case]:
    """All cases, or the first and each that is `stride` further on: always the same ones."""
    return cases if ALL else cases[::stride]


def combined(*axes: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Every combination; or so many that each value of an axis is there, along the diagonals."""
    if ALL:
        return list(product(*axes))
    longest = max(map(len, axes))
    return [tuple(axis[at % len(axis)] for axis in axes) for at in range(longest)]
