# pragma version 0.4.3
"""
@title Permutation: a shuffle of which one place is computed at a time
@license MIT
@notice A Feistel network of 12 steps on a table of about sqrt(n) * sqrt(n) cells, row by row.
        Whoever lands behind the first n cells is shuffled again until it does not
        (cycle walking), so 0..n-1 is mapped onto itself. It takes 2,600 gas,
        however large n is; fewer steps leave pairs that a chi-square test finds.
"""


# @dev Steps in pairs: one for the row, one for the column.
PAIRS: constant(uint256) = 6

# @dev Fewer cells than there are rows lie behind the first n, so for n up to 1,024 nobody
#      walks on more often. Above, each walk ends with 31 in 32 at least.
_WALKS: constant(uint256) = 32


@internal
@pure
def _rows(n: uint256) -> uint256:
    """
    @notice The rows of the table for n units, at least one; at most 2^16 for 32 bits.
    """
    return isqrt(n - 1) + 1


@internal
@pure
def _position(n: uint256, rows: uint256, seed: uint256, layer: uint256, unit: uint256) -> uint256:
    """
    @notice Where a unit below n comes to stand, a number below n.
    @param n How many there are, 32 bits.
    @param rows As {_rows} says.
    @param seed What decides, 128 bits.
    @param layer Which shuffle with this seed, 64 bits.
    @param unit Who.
    """
    key: uint256 = (seed << 128) + (layer << 64)
    columns: uint256 = (n + rows - 1) // rows
    position: uint256 = unit
    for walk: uint256 in range(_WALKS):
        row: uint256 = position // columns
        column: uint256 = position % columns
        for pair: uint256 in range(PAIRS):
            step: uint256 = unsafe_add(key, pair << 41)
            mixed: bytes32 = keccak256(convert(unsafe_add(step, column), bytes32))
            row = unsafe_add(row, convert(mixed, uint256) >> 8) % rows
            mixed = keccak256(convert(unsafe_add(step, unsafe_add(1 << 40, row)), bytes32))
            column = unsafe_add(column, convert(mixed, uint256) >> 8) % columns
        position = unsafe_add(unsafe_mul(row, columns), column)
        if position < n:
            return position

    raise "draw: walked too far"
