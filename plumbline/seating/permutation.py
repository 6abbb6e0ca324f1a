"""The shuffle of a draw: a Feistel network of 12 steps with cycle walking.

Units 0..n-1 stand in a table of `rows(n)` rows, row by row. Each step moves a row by what is hashed
of the column, or a column by what is hashed of the row. Whoever lands behind the first n cells is
shuffled again. See modules/permutation.vy, which does the same.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from eth_utils.crypto import keccak

PAIRS: Final = 6  # of steps

_ROW, _COLUMN = 0, 1


@dataclass(frozen=True, slots=True)
class Permutation:
    """A permutation of 0..n-1, n from 1 to 2^32 - 1.

    seed    128 bits
    layer   which shuffle with this seed
    """

    n: int
    seed: int
    layer: int

    def position(self, unit: int) -> int:
        """Where a unit comes to stand. Raises ValueError for one that is not in 0..n-1."""
        self._require(unit)
        position = self._forth(unit)
        while position >= self.n:
            position = self._forth(position)
        return position

    def unit_at(self, position: int) -> int:
        """Who stands at a position, the inverse. Raises ValueError as above."""
        self._require(position)
        unit = self._back(position)
        while unit >= self.n:
            unit = self._back(unit)
        return unit

    def units(self, start: int, stop: int) -> Iterator[int]:
        """Who stands at the positions from `start` to `stop`, without the last."""
        return map(self.unit_at, range(start, stop))

    @property
    def _rows(self) -> int:
        return rows(self.n)

    @property
    def _columns(self) -> int:
        return -(-self.n // self._rows)

    def _require(self, number: int) -> None:
        if not 0 <= number < self.n:
            raise ValueError(f"{number} is not in 0..{self.n - 1}")

    def _forth(self, cell: int) -> int:
        height, width = self._rows, self._columns
        row, column = divmod(cell, width)
        for pair in range(PAIRS):
            row = (row + self._mixed(pair, _ROW, column)) % height
            column = (column + self._mixed(pair, _COLUMN, row)) % width
        return row * width + column

    def _back(self, cell: int) -> int:
        height, width = self._rows, self._columns
        row, column = divmod(cell, width)
        for pair in reversed(range(PAIRS)):
            column = (column - self._mixed(pair, _COLUMN, row)) % width
            row = (row - self._mixed(pair, _ROW, column)) % height
        return row * width + column

    def _mixed(self, pair: int, moved: int, other: int) -> int:
        """248 bits of a hash: by how much a row or a column moves, given the other."""
        key = self.seed << 128 | self.layer << 64 | pair << 41 | moved << 40 | other
        return int.from_bytes(keccak(key.to_bytes(32))) >> 8


def rows(n: int) -> int:
    """The rows of the table for n units."""
    return math.isqrt(n - 1) + 1
