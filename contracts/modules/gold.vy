# pragma version 0.4.3
"""
@title Gold: tasks whose answer the requester knew
@license MIT
@notice Golds are a sheet like any other. They are never scored against
        peers; they decide who may be paid, and, where the crowd
        as a whole misses them, they take its place as the reference.
        See docs/specification.md, "Gold".
"""


from . import consensus
from . import planes
from . import scoring


# @dev Fewer usable golds than this say nothing about a labeler.
LEAST_GOLDS: constant(uint256) = 6

# @dev A crowd that matches less than this share of the golds is captured, bps.
LEAST_MATCH_BPS: constant(uint256) = 8_000


@internal
@pure
def _standing(
    gold: uint256[planes.SHEET],
    reference: consensus.Reference,
    voters: uint256[planes.COUNT_DIGITS],
    ordinal: bool,
) -> uint256[planes.SHEET]:
    """
    @notice The golds that the crowd does not overrule. A nominal gold is
            overruled when another option leads with at least 6,667 bps
            of the votes: as there are at most 255, that is with more
            than two of three, or more than twice the rest. But a
            crowd that overrules more than a quarter of them is itself
            in doubt, and then all golds stand.
    @param gold The golds, as a sheet.
    @param reference What the crowd says about all tasks.
    @param voters The number of votes on each task.
    @param ordinal Whether the options are a scale.
    @return uint256[5] The golds that can be used, as a sheet.
    """
    if ordinal or gold[0] == 0:
        return gold

    half: uint256[planes.COUNT_DIGITS] = planes._halve(reference.support)
    rest: uint256[planes.COUNT_DIGITS] = planes._subtract(voters, reference.support)
    more: uint256 = 0
    less: uint256 = 0
    more, less = planes._compare(half, rest)
    # n > 2 * rest, where n = 2 * half + (n is odd)
    two_thirds: uint256 = more ^ (reference.support[0] & ~more & ~less)
    against: uint256 = ~planes._same(gold, reference.first)
    overruled: uint256 = gold[0] & two_thirds & against
    if planes._popcount(overruled) * 4 > planes._popcount(gold[0]):
        return gold

    standing: uint256[planes.SHEET] = gold
    standing[0] ^= overruled
    return standing


@internal
@pure
def _reference(standing: uint256[planes.SHEET]) -> consensus.Reference:
    """
    @notice Golds in the place of what the crowd says: they count for everyone.
    @param standing The golds that can be used, as a sheet.
    """
    return consensus.Reference(
        everyone=standing[0],
        dissenters=0,
        backers=0,
        first=standing,
        second=standing,
        support=empty(uint256[planes.COUNT_DIGITS]),
    )


@internal
@pure
def _matches(
    sheet: uint256[planes.SHEET], standing: uint256[planes.SHEET], width: uint256
) -> uint256:
    """
    @notice How many golds a sheet meets, on a scale within w // 2.
    @param sheet The sheet.
    @param standing The golds that can be used, as a sheet.
    @param width The width w of the credit.
    @return uint256 The number of matches.
    """
    near: uint256[planes.SHEET] = scoring._closeness(sheet, standing, width // 2 + 1)
    return planes._popcount(near[0])
