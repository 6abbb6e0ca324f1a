# pragma version 0.4.3
"""
@title What the crowd says and what the others say, from the counts of votes
@license MIT
@notice For tests. Tasks do not touch each other here, so one call tries 256 of them.
"""


from ...contracts.modules import consensus
from ...contracts.modules import planes


@internal
@pure
def _said(
    votes: uint256[planes.COUNT_DIGITS][planes.OPTIONS],
    options: uint256,
    reveals: uint256,
    tau_bps: uint256,
    ordinal: bool,
) -> consensus.Reference:
    voters: uint256[planes.COUNT_DIGITS] = consensus._total(votes, options)
    if ordinal:
        return consensus._ordinal(votes, voters, options)

    margin: uint256[planes.COUNT_DIGITS] = consensus._margin(voters, reveals, tau_bps)
    return consensus._nominal(votes, voters, options, margin)


@external
@pure
def told(
    votes: uint256[planes.COUNT_DIGITS][planes.OPTIONS],
    options: uint256,
    reveals: uint256,
    tau_bps: uint256,
    ordinal: bool,
) -> (uint256[planes.SHEET], uint256, DynArray[uint256[planes.SHEET], 17]):
    """
    @notice What the crowd says, for which tasks to everyone, and what it says to whoever
            answered 0, 1, .. K - 1 to every task, and to whoever skipped them all.
    """
    said: consensus.Reference = self._said(votes, options, reveals, tau_bps, ordinal)
    told: DynArray[uint256[planes.SHEET], 17] = []
    for x: uint256 in range(options, bound=planes.OPTIONS):
        told.append(consensus._seen_by(said, planes._constant(x), ordinal))
    told.append(consensus._seen_by(said, empty(uint256[planes.SHEET]), ordinal))
    return said.first, said.everyone, told


@external
@pure
def tells_all_alike(
    votes: uint256[planes.COUNT_DIGITS][planes.OPTIONS],
    options: uint256,
    reveals: uint256,
    tau_bps: uint256,
    ordinal: bool,
) -> DynArray[bool, 256]:
    """
    @notice For each task: if it alone is left to count, whether all are told the same.
    """
    said: consensus.Reference = self._said(votes, options, reveals, tau_bps, ordinal)
    alike: DynArray[bool, 256] = []
    for task: uint256 in range(256):
        only: consensus.Reference = consensus._restrict(said, 1 << task)
        alike.append(consensus._tells_all_alike(only, ordinal))
    return alike


@external
@pure
def restrict(
    everyone: uint256, dissenters: uint256, backers: uint256, within: uint256
) -> uint256[3]:
    reference: consensus.Reference = empty(consensus.Reference)
    reference.everyone = everyone
    reference.dissenters = dissenters
    reference.backers = backers
    reference = consensus._restrict(reference, within)
    return [reference.everyone, reference.dissenters, reference.backers]


@external
@pure
def margin(
    voters: uint256[planes.COUNT_DIGITS], reveals: uint256, tau_bps: uint256
) -> uint256[planes.COUNT_DIGITS]:
    return consensus._margin(voters, reveals, tau_bps)


@external
@pure
def total(
    votes: uint256[planes.COUNT_DIGITS][planes.OPTIONS], options: uint256
) -> uint256[planes.COUNT_DIGITS]:
    return consensus._total(votes, options)
