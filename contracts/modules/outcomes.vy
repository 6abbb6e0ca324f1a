# pragma version 0.4.3
"""
@title Outcomes: how a round, and one labeler, ends
@license MIT
@notice A judge hands over one word for each labeler, as memory is dear where there
        are 255 of them:

            band 8 | kappa 24 | pay 88 | slash 88                 (bits, from the low end)
"""


# @dev Modes: what a round was judged by.
VOID_ROUND: constant(uint256) = 0
PEER: constant(uint256) = 1
GOLD: constant(uint256) = 2

# @dev Bands of a labeler.
UNREVEALED: constant(uint256) = 0
OUTLIER: constant(uint256) = 1
FAR: constant(uint256) = 2
NEAR: constant(uint256) = 3
VOID: constant(uint256) = 4

_AMOUNT: constant(uint256) = 2**88 - 1
_KAPPA: constant(uint256) = 2**24 - 1


struct Outcome:
    # in a judge's word never UNREVEALED: that is not for it to say
    band: uint256
    # ppm, 0 unless near or far
    kappa: uint256
    # wei
    pay: uint256
    slash: uint256


@internal
@pure
def _pack(outcome: Outcome) -> uint256:
    """
    @notice Writes an outcome into one word. kappa is at most 10^6, pay at most
            the price and slash at most the stake, so all of them fit.
    """
    return (
        outcome.band
        ^ (outcome.kappa << 8)
        ^ (outcome.pay << 32)
        ^ (outcome.slash << 120)
    )


@internal
@pure
def _unpack(word: uint256) -> Outcome:
    """
    @notice Reads an outcome from its word.
    """
    return Outcome(
        band=word & 255,
        kappa=(word >> 8) & _KAPPA,
        pay=(word >> 32) & _AMOUNT,
        slash=word >> 120,
    )
