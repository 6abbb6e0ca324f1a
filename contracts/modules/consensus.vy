# pragma version 0.4.3
"""
@title Consensus: what the crowd says, and what the others say
@license MIT
@notice Votes are counted once for all tasks. From the counts alone follows,
        for whoever answered what, the answer of the others: his
        own vote taken out.

        nominal  the reference is the leader (most votes, lowest option on
                 a tie). Its lead over the runner-up must reach a margin
                 after one's own vote is out. Taking out a vote for
                 the leader costs one of the lead, a vote for the only
                 runner-up adds one, any other changes nothing:

                   lead    margin-1          margin             above
                   counts  backers of the    all but backers    for
                   for     sole runner-up    of the leader      everyone

        ordinal  the reference is the lower median of the others. With
                 m votes and q = m // 2 it is one of two neighbours of the
                 middle, the q-th vote `lo` and the (q+1)-th `hi`: taking
                 out a vote at or below `lo` moves it up to `hi`.

        See docs/specification.md, "Reference".
"""


from . import planes


# @dev Seats of a round: what a counter of eight digits can hold.
SEATS: constant(uint256) = 255

BPS: constant(uint256) = 10_000


# @dev What the crowd says, task by task.
struct Reference:
    # tasks that count whatever one answered
    everyone: uint256
    # nominal: tasks that count unless one answered `first`
    dissenters: uint256
    # nominal: tasks that count only if one answered `second`
    backers: uint256
    # the crowd's own sheet; nominal: the leader; ordinal: lo
    first: uint256[planes.SHEET]
    # another sheet; nominal: the sole runner-up; ordinal: hi
    second: uint256[planes.SHEET]


@internal
@pure
def _total(
    votes: uint256[planes.COUNT_DIGITS][planes.OPTIONS], options: uint256
) -> uint256[planes.COUNT_DIGITS]:
    """
    @notice The number of votes on each task, whatever the option.
    """
    total: uint256[planes.COUNT_DIGITS] = votes[0]
    for x: uint256 in range(1, options, bound=planes.OPTIONS):
        total = planes._add(total, votes[x])
    return total


@internal
@pure
def _margin(
    voters: uint256[planes.COUNT_DIGITS], reveals: uint256, tau_bps: uint256
) -> uint256[planes.COUNT_DIGITS]:
    """
    @notice The lead that makes a task count: max(2, ceil(tau * m / BPS)) for m
            votes. It reaches v + 1 where tau * m > v * BPS.
    @param voters The number m of votes on each task.
    @param reveals The most votes that a task can have.
    @param tau_bps The contested margin, bps of the votes.
    """
    margin: uint256[planes.COUNT_DIGITS] = empty(uint256[planes.COUNT_DIGITS])
    margin[1] = planes.ALL
    for v: uint256 in range(2, planes.COLUMNS):
        if tau_bps * reveals <= v * BPS:
            break
        margin = planes._increment(margin, planes._more_than(voters, v * BPS // tau_bps))
    return margin


@internal
@pure
def _nominal(
    votes: uint256[planes.COUNT_DIGITS][planes.OPTIONS],
    voters: uint256[planes.COUNT_DIGITS],
    options: uint256,
    margin: uint256[planes.COUNT_DIGITS],
) -> Reference:
    """
    @notice Finds leader and runner-up, and for whom each task counts.
    """
    first: uint256[planes.COUNT_DIGITS] = votes[0]
    second: uint256[planes.COUNT_DIGITS] = empty(uint256[planes.COUNT_DIGITS])
    leader: uint256[planes.SHEET] = planes._constant(0)
    runner_up: uint256[planes.SHEET] = leader
    # tasks whose leader is ahead, and whose runner-up has votes and shares its
    # place with nobody
    ahead: uint256 = planes._more_than(first, 0)
    sole: uint256 = 0
    for x: uint256 in range(1, options, bound=planes.OPTIONS):
        overtakes: uint256 = 0
        stays_behind: uint256 = 0
        overtakes, stays_behind = planes._compare(votes[x], first)
        follows: uint256 = 0
        trails: uint256 = 0
        follows, trails = planes._compare(votes[x], second)
        follows &= ~overtakes
        # an overtaken leader is sole second unless someone shared its place
        # all along; whoever only draws level ends the runner-up's solitude
        sole = (overtakes & ahead) ^ follows ^ (trails & ~overtakes & sole)
        ahead = overtakes ^ (stays_behind & ahead)
        option: uint256[planes.SHEET] = planes._constant(x)
        runner_up = planes._choose(overtakes, leader, planes._choose(follows, option, runner_up))
        second = planes._select(overtakes, first, planes._select(follows, votes[x], second))
        leader = planes._choose(overtakes, option, leader)
        first = planes._select(overtakes, votes[x], first)

    leader[0] = planes._more_than(voters, 0)
    runner_up[0] = sole
    lead: uint256[planes.COUNT_DIGITS] = planes._subtract(first, second)
    above: uint256 = 0
    below: uint256 = 0
    above, below = planes._compare(lead, margin)
    reaches: uint256 = 0
    short: uint256 = 0
    reaches, short = planes._compare(planes._increment(lead, planes.ALL), margin)
    return Reference(
        everyone=above,
        dissenters=reaches & ~above,
        backers=below & ~short & sole,
        first=leader,
        second=runner_up,
    )


@internal
@pure
def _ordinal(
    votes: uint256[planes.COUNT_DIGITS][planes.OPTIONS],
    voters: uint256[planes.COUNT_DIGITS],
    options: uint256,
) -> Reference:
    """
    @notice Walks up the scale until q, and until q + 1, votes lie behind. A
            single vote is its own lo.
    """
    half: uint256[planes.COUNT_DIGITS] = planes._halve(voters)
    half[0] ^= voters[0] & ~planes._more_than(voters, 1)
    behind: uint256[planes.COUNT_DIGITS] = empty(uint256[planes.COUNT_DIGITS])
    low: uint256[planes.SHEET] = planes._constant(0)
    high: uint256[planes.SHEET] = low
    # tasks in which lo, and hi, lie still ahead
    low_ahead: uint256 = planes.ALL
    high_ahead: uint256 = planes.ALL
    for x: uint256 in range(options, bound=planes.OPTIONS):
        behind = planes._add(behind, votes[x])
        option: uint256[planes.SHEET] = planes._constant(x)
        passed: uint256 = 0
        still: uint256 = 0
        passed, still = planes._compare(behind, half)
        low = planes._choose(low_ahead & ~still, option, low)
        low_ahead = still
        high = planes._choose(high_ahead & passed, option, high)
        high_ahead = ~passed
    low[0] = planes._more_than(voters, 0)
    return Reference(
        everyone=planes._more_than(voters, 2),
        dissenters=0,
        backers=0,
        first=low,
        second=high,
    )


@internal
@pure
def _restrict(reference: Reference, within: uint256) -> Reference:
    """
    @notice Leaves only some tasks to count.
    """
    restricted: Reference = reference
    restricted.everyone &= within
    restricted.dissenters &= within
    restricted.backers &= within
    return restricted


@internal
@pure
def _tells_all_alike(reference: Reference, ordinal: bool) -> bool:
    """
    @notice Whether the others say the same to everyone, whatever one answered.
    @param reference What the crowd says.
    @param ordinal Whether the options are a scale.
    """
    return not ordinal and (reference.dissenters ^ reference.backers) == 0


@internal
@pure
def _seen_by(
    reference: Reference, own: uint256[planes.SHEET], ordinal: bool
) -> uint256[planes.SHEET]:
    """
    @notice What the others say to whoever answered `own`.
    @param reference What the crowd says.
    @param own The sheet of a labeler.
    @param ordinal Whether the options are a scale.
    @return uint256[5] A sheet: the tasks that count for this labeler, and
            the reference in each of them.
    """
    said: uint256[planes.SHEET] = reference.first
    counts: uint256 = reference.everyone
    if ordinal:
        not_above: uint256 = own[0] & ~planes._above(own, reference.first)
        said = planes._choose(not_above, reference.second, reference.first)
    elif (reference.dissenters ^ reference.backers) != 0:
        follows: uint256 = planes._same(own, reference.first)
        backs: uint256 = planes._same(own, reference.second)
        counts ^= (reference.dissenters & ~follows) ^ (reference.backers & backs)
    said[0] = counts
    return said
