# pragma version 0.4.3
"""
@title Draws: what was drawn, and who may sit where
@license MIT
@notice A draw is for some rounds of one requester. Two words hold it:

            terms    first round 48 | n 32 | frozen 34 | seed block 40 | captured after 21
                     | window 21 | seats 8 | rounds of a layer 8 | rows 20 | standby 12
                     | liable 1
            luck     rounds (bit i: round first + i) 128 | seed 128

        The units that were ripe when it was drawn are shuffled once for each layer of rounds,
        and each round of a layer lists an equal piece, from best to worst rank. The best ranks,
        one for each seat, are drawn; those behind them stand by, and are admitted one after
        the other between 55% and 95% of the window, which runs from the capture of
        the seed to the first commit deadline of its rounds.
"""


from . import permutation


# @dev The numbers that a draw may span.
SPAN: constant(uint256) = 128

# @dev Standby ranks for each seat, and at most.
STANDBY: constant(uint256) = 2
MOST_STANDBY: constant(uint256) = 2**12 - 1

# @dev The window's share from which, and at which all of, those who stand by are admitted, %.
_BEGIN: constant(uint256) = 55
_END: constant(uint256) = 95

_ROUND: constant(uint256) = 2**48 - 1
_COUNT: constant(uint256) = 2**32 - 1
_TIME: constant(uint256) = 2**34 - 1
_BLOCK: constant(uint256) = 2**40 - 1
_WINDOW: constant(uint256) = 2**21 - 1
_ROWS: constant(uint256) = 2**20 - 1

# @dev For counting ones: every other bit, every other pair, every other four, every byte's lowest.
_ONES: constant(uint256) = max_value(uint256) // 3
_PAIRS: constant(uint256) = max_value(uint256) // 5
_FOURS: constant(uint256) = max_value(uint256) // 17
_BYTES: constant(uint256) = max_value(uint256) // 255


struct Terms:
    # the lowest of the rounds
    first: uint256
    # numbers that were ripe, holes with them
    n: uint256
    # when it was drawn, unix seconds: who had left by then is not in it
    frozen: uint256
    seed_block: uint256
    # when the seed was captured, and when the first commit deadline is, seconds from then on;
    # captured is zero before
    captured: uint256
    window: uint256
    # of each round
    seats: uint256
    # rounds that share a shuffle, in which nobody is listed twice
    layer: uint256
    # of the shuffle's table
    rows: uint256
    # ranks that stand by, for each round
    standby: uint256
    # whether absence can be reported: the rounds ask nobody but the draw
    liable: bool


struct Draw:
    terms: uint256
    luck: uint256


@internal
@pure
def _rank(terms: Terms, luck: uint256, place: uint256, unit: uint256) -> (bool, uint256):
    """
    @notice Where a unit stands in the list of a round.
    @param terms The terms of the draw, with a seed.
    @param luck Its rounds and its seed.
    @param place The round, counted from the first one.
    @param unit Whose rank, below n.
    @return bool Whether it is listed there.
    @return uint256 Its rank, from 0.
    """
    index: uint256 = self._count_ones(luck & ((1 << place) - 1))
    position: uint256 = permutation._position(
        terms.n, terms.rows, luck >> 128, index // terms.layer, unit
    )
    length: uint256 = terms.n // terms.layer
    start: uint256 = index % terms.layer * length
    if position < start or position >= start + length:
        return False, 0

    return True, position - start


@internal
@pure
def _opens(terms: Terms, rank: uint256) -> uint256:
    """
    @notice From when on a rank is admitted, unix seconds, or zero if it never is.
    """
    captured: uint256 = terms.frozen + terms.captured
    if rank < terms.seats:
        return captured

    turn: uint256 = rank - terms.seats + 1
    if turn > terms.standby:
        return 0

    length: uint256 = terms.window - terms.captured
    begin: uint256 = length * _BEGIN // 100
    rise: uint256 = length * _END // 100 - begin
    return captured + begin + (turn * rise + terms.standby - 1) // terms.standby


@internal
@pure
def _count_ones(mask: uint256) -> uint256:
    """
    @notice How many bits are set, of 128.
    """
    sums: uint256 = unsafe_sub(mask, (mask >> 1) & _ONES)
    sums = unsafe_add(sums & _PAIRS, (sums >> 2) & _PAIRS)
    sums = unsafe_add(sums, sums >> 4) & _FOURS
    return unsafe_mul(sums, _BYTES) >> 248


@internal
@pure
def _unpack(word: uint256) -> Terms:
    """
    @notice Reads the terms from their slot.
    """
    return Terms(
        first=word & _ROUND,
        n=(word >> 48) & _COUNT,
        frozen=(word >> 80) & _TIME,
        seed_block=(word >> 114) & _BLOCK,
        captured=(word >> 154) & _WINDOW,
        window=(word >> 175) & _WINDOW,
        seats=(word >> 196) & 255,
        layer=(word >> 204) & 255,
        rows=(word >> 212) & _ROWS,
        standby=(word >> 232) & MOST_STANDBY,
        liable=(word >> 244) == 1,
    )


@internal
@pure
def _pack(terms: Terms) -> uint256:
    """
    @notice Writes the terms into one word; all fields were bounded by the draw.
    """
    return (
        terms.first
        + (terms.n << 48)
        + (terms.frozen << 80)
        + (terms.seed_block << 114)
        + (terms.captured << 154)
        + (terms.window << 175)
        + (terms.seats << 196)
        + (terms.layer << 204)
        + (terms.rows << 212)
        + (terms.standby << 232)
        + (convert(terms.liable, uint256) << 244)
    )
