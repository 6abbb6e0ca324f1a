# pragma version 0.4.3
"""
@title What a draw is computed from, for tests to ask
@license MIT
"""


from contracts.modules import beacon
from contracts.modules import draws
from contracts.modules import permutation


@external
@view
def position(n: uint256, seed: uint256, layer: uint256, unit: uint256) -> uint256:
    return permutation._position(n, permutation._rows(n), seed, layer, unit)


@external
@view
def ones(mask: uint256) -> uint256:
    return draws._count_ones(mask)


@external
@view
def mix(header: Bytes[beacon.HEADER]) -> bytes32:
    return beacon._mix(header)


@external
@view
def opens(
    frozen: uint256,
    captured: uint256,
    window: uint256,
    seats: uint256,
    standby: uint256,
    rank: uint256,
) -> uint256:
    terms: draws.Terms = empty(draws.Terms)
    terms.frozen = frozen
    terms.captured = captured
    terms.window = window
    terms.seats = seats
    terms.standby = standby
    return draws._opens(terms, rank)
