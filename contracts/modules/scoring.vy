# pragma version 0.4.3
"""
@title Scoring: agreement beyond chance
@license MIT
@notice The score of a sheet against references is Cohen's weighted kappa:
        observed agreement less the agreement of two independent
        sheets with the same marginals, over what is left for a perfect one.

            s(x, y) = max(0, w - abs(x - y))         credit, w = 1 if nominal
            G       = T * D - sum_xy c(x) * M(y) * s(x, y)
            Gmax    = T * T * w - sum_xy M(x) * M(y) * s(x, y)
            kappa   = G / Gmax

        D is the sum of the credits, c(x) how often `x` was answered, M(y)
        how often `y` was the reference. See docs/specification.md,
        "Score", and J. Cohen, "Weighted kappa", Psychological Bulletin 70 (1968).

        Summed over the references first, the double sums become single ones
        over the options, with

            S(x) = sum_y M(y) * s(x, y)

        the credit that `x` would have earned if it were the answer to every
        task. S is the same for all for whom the same references count,
        so it is worked out once for them, see {Target}.

        And S itself takes K steps, not K * K, as all S(x) share a word, 16 bits each (S is
        at most 256 * 16, twice that for a crowd): each reference adds the credits that
        all options have against it, a row of such lanes. The next row is
        the same one lane up, as only the distance matters:

            w = 3, K = 5      x = 4    3    2    1    0
            s(x, 1)               0    1    2    3    2
            s(x, 2)               1    2    3    2    1
"""


from . import consensus
from . import planes


PPM: constant(uint256) = 1_000_000

# @dev A lane has so many bits.
_LANE: constant(uint256) = 16

_LANE_MASK: constant(uint256) = 65_535


# @dev What a labeler is measured against.
struct Target:
    # the tasks that count, and the reference in each of them
    said: uint256[planes.SHEET]
    # T, the number of tasks that count
    tasks: uint256
    # S(x), a lane for each option
    expected: uint256
    # Gmax
    best: uint256


# @dev Agreement beyond chance, as a fraction with its sign kept apart.
struct Score:
    # T, the number of tasks that count
    tasks: uint256
    # G where it is positive, else 0
    gain: uint256
    # -G where G is negative, else 0
    loss: uint256
    # Gmax
    best: uint256


@internal
@pure
def _closeness(
    own: uint256[planes.SHEET], said: uint256[planes.SHEET], width: uint256
) -> uint256[planes.SHEET]:
    """
    @notice Where answers come near the references, and how near.
    @param own The answers, a sheet.
    @param said The references, a sheet.
    @param width The distance w, 1..16, from which on there is no credit.
    @return uint256[5] A sheet of the distances below w.
    """
    if width == 1:
        return [planes._same(own, said), 0, 0, 0, 0]

    distance: uint256[planes.SHEET] = planes._distance(own, said)
    distance[0] &= ~planes._above(distance, planes._constant(unsafe_sub(width, 1)))
    return distance


@internal
@pure
def _credit(
    own: uint256[planes.SHEET], said: uint256[planes.SHEET], width: uint256
) -> uint256:
    """
    @notice D, the sum of the credits: w for each answer that comes near,
            less the distances, whose digit `j` weighs `2^j`.
    """
    if width == 1:
        return planes._popcount(planes._same(own, said))

    near: uint256[planes.SHEET] = self._closeness(own, said, width)
    credit: uint256 = unsafe_mul(width, planes._popcount(near[0]))
    for j: uint256 in range(planes.DIGITS):
        share: uint256 = near[0] & near[unsafe_add(j, 1)]
        credit = unsafe_sub(credit, planes._popcount(share) << j)
    return credit


@internal
@pure
def _tally(sheet: uint256[planes.SHEET], options: uint256) -> uint256[planes.OPTIONS]:
    """
    @notice How often each option is the answer.
    @param sheet The sheet.
    @param options The number of options K, 2..16.
    @return uint256[16] The number of tasks for each option.
    """
    column: uint256[4] = planes._columns(sheet)
    row: uint256[4] = planes._rows(sheet)
    tally: uint256[planes.OPTIONS] = empty(uint256[planes.OPTIONS])
    x: uint256 = 0
    for across: uint256 in row:
        tally[x] = planes._popcount(across & column[0])
        tally[unsafe_add(x, 1)] = planes._popcount(across & column[1])
        tally[unsafe_add(x, 2)] = planes._popcount(across & column[2])
        tally[unsafe_add(x, 3)] = planes._popcount(across & column[3])
        x = unsafe_add(x, 4)
        if x >= options:
            break
    return tally


@internal
@pure
def _credits(options: uint256, width: uint256) -> uint256[planes.OPTIONS]:
    """
    @notice s(x, y), a row for each reference `y`, and in it a lane for each answer `x`.
    @param options The number of options K.
    @param width The width w of the credit.
    @return uint256[16] The rows; lanes of options that there are not mean nothing.
    """
    row: uint256 = 0
    for x: uint256 in range(width, bound=planes.OPTIONS):
        row ^= unsafe_sub(width, x) << unsafe_mul(_LANE, x)
    credits: uint256[planes.OPTIONS] = empty(uint256[planes.OPTIONS])
    credits[0] = row
    for y: uint256 in range(1, options, bound=planes.OPTIONS):
        row <<= _LANE
        if y < width:
            row ^= unsafe_sub(width, y)
        credits[y] = row
    return credits


@internal
@pure
def _expected(
    tally: uint256[planes.OPTIONS], options: uint256, credits: uint256[planes.OPTIONS]
) -> (uint256, uint256):
    """
    @notice S(x) = sum_y M(y) * s(x, y), and what references earn by chance among themselves.
    @param tally M(y), how often each option is the reference.
    @param options The number of options K.
    @param credits The rows of s(x, y), see {_credits}.
    @return uint256 S(x), a lane for each option.
    @return uint256 sum_x M(x) * S(x).
    """
    expected: uint256 = 0
    for y: uint256 in range(options, bound=planes.OPTIONS):
        expected = unsafe_add(expected, unsafe_mul(tally[y], credits[y]))
    chance: uint256 = 0
    rest: uint256 = expected
    for x: uint256 in range(options, bound=planes.OPTIONS):
        chance = unsafe_add(chance, unsafe_mul(tally[x], rest & _LANE_MASK))
        rest >>= _LANE
    return expected, chance


@internal
@pure
def _target(
    said: uint256[planes.SHEET],
    options: uint256,
    width: uint256,
    credits: uint256[planes.OPTIONS],
) -> Target:
    """
    @notice Works out what is the same for all for whom the same references count.
    @param said What the others say, as a sheet.
    @param options The number of options K.
    @param width The width w of the credit.
    @param credits The rows of s(x, y), see {_credits}.
    """
    expected: uint256 = 0
    chance: uint256 = 0
    expected, chance = self._expected(self._tally(said, options), options, credits)
    tasks: uint256 = planes._popcount(said[0])
    most: uint256 = unsafe_mul(unsafe_mul(tasks, tasks), width)
    return Target(said=said, tasks=tasks, expected=expected, best=unsafe_sub(most, chance))


@internal
@pure
def _score(
    own: uint256[planes.SHEET], target: Target, options: uint256, width: uint256
) -> Score:
    """
    @notice The score of one labeler. Sums stay far below 2^256: there are at most
            256 tasks, and the credit of each is at most 16.
    @param own The labeler's sheet.
    @param target What it is measured against.
    @param options The number of options K.
    @param width The width w of the credit.
    """
    voted: uint256[planes.SHEET] = own
    voted[0] &= target.said[0]
    observed: uint256 = unsafe_mul(target.tasks, self._credit(voted, target.said, width))
    chance: uint256 = self._chance(voted, target.expected, options)
    score: Score = Score(tasks=target.tasks, gain=0, loss=0, best=target.best)
    if observed > chance:
        score.gain = unsafe_sub(observed, chance)
    else:
        score.loss = unsafe_sub(chance, observed)
    return score


@internal
@pure
def _chance(voted: uint256[planes.SHEET], expected: uint256, options: uint256) -> uint256:
    """
    @notice sum_x c(x) * S(x), option by option as in {planes-_one_hot}.
    @param voted The answers that count, a sheet.
    @param expected S(x), a lane for each option.
    @param options The number of options K.
    """
    if options == 2:
        return unsafe_add(
            unsafe_mul(planes._popcount(voted[0] & ~voted[1]), expected & _LANE_MASK),
            unsafe_mul(planes._popcount(voted[0] & voted[1]), (expected >> _LANE) & _LANE_MASK),
        )

    column: uint256[4] = planes._columns(voted)
    row: uint256[4] = planes._rows(voted)
    chance: uint256 = 0
    rest: uint256 = expected
    for across: uint256 in row:
        chance = unsafe_add(
            chance,
            unsafe_add(
                unsafe_add(
                    unsafe_mul(planes._popcount(across & column[0]), rest & _LANE_MASK),
                    unsafe_mul(planes._popcount(across & column[1]), (rest >> 16) & _LANE_MASK),
                ),
                unsafe_add(
                    unsafe_mul(planes._popcount(across & column[2]), (rest >> 32) & _LANE_MASK),
                    unsafe_mul(planes._popcount(across & column[3]), (rest >> 48) & _LANE_MASK),
                ),
            ),
        )
        rest >>= 64
        if rest == 0:
            break
    return chance


@internal
@pure
def _one_sided(tasks: uint256, best: uint256, width: uint256) -> bool:
    """
    @notice Whether references vary too little to tell knowledge from
            habit: Gmax below an eighth of w * T * T, or nothing at all.
    """
    return unsafe_mul(best, 8) < unsafe_mul(unsafe_mul(tasks, tasks), width)


@internal
@pure
def _kappa(score: Score) -> uint256:
    """
    @notice kappa in ppm, 0 where the score is not positive. (A Gmax of
            0 leaves no gain either, and unsafe_div makes 0 of 0 / 0.)
    """
    return unsafe_div(unsafe_mul(score.gain, PPM), score.best)


@internal
@pure
def _crowd(
    votes: uint256[planes.COUNT_DIGITS][planes.OPTIONS],
    reference: consensus.Reference,
    options: uint256,
    width: uint256,
    credits: uint256[planes.OPTIONS],
    ordinal: bool,
) -> (uint256, uint256, uint256):
    """
    @notice The score of the average voter, from the counts alone: all
            who answered `x` somewhere are one labeler who answered `x`
            everywhere, each task weighted by how many they are.
            An ordinal task has two references, lo and hi, a nominal
            one has its leader twice, so all sums are kept fourfold.
    @param votes A counter for each option.
    @param reference What the crowd says, on the tasks that are scored.
    @param options The number of options K.
    @param width The width w of the credit.
    @param credits The rows of s(x, y), see {_credits}.
    @param ordinal Whether the options are a scale.
    @return uint256 T, the number of tasks that count.
    @return uint256 Gmax of the crowd.
    @return uint256 kappa of the crowd, ppm.
    """
    first: uint256[planes.SHEET] = reference.first
    first[0] = reference.everyone ^ reference.dissenters
    second: uint256[planes.SHEET] = first
    if ordinal:
        second = reference.second
        second[0] = first[0]
    tally: uint256[planes.OPTIONS] = self._tally(first, options)
    other: uint256[planes.OPTIONS] = tally
    if ordinal:
        other = self._tally(second, options)
    for x: uint256 in range(options, bound=planes.OPTIONS):
        tally[x] += other[x]
    expected: uint256 = 0
    among: uint256 = 0
    expected, among = self._expected(tally, options, credits)

    voters: uint256 = 0
    credit: uint256 = 0
    chance: uint256 = 0
    tasks: uint256 = planes._popcount(first[0])
    best: uint256 = 4 * tasks * tasks * width - among
    for x: uint256 in range(options, bound=planes.OPTIONS):
        option: uint256[planes.SHEET] = planes._constant(x)
        said: uint256[planes.SHEET] = consensus._seen_by(reference, option, ordinal)
        answers: uint256 = planes._weigh(votes[x], said[0])
        voters += answers
        chance += 2 * answers * (expected & _LANE_MASK)
        expected >>= _LANE

        near: uint256[planes.SHEET] = self._closeness(option, said, width)
        credit += width * planes._weigh(votes[x], near[0])
        if width > 1:
            for j: uint256 in range(planes.DIGITS):
                credit -= planes._weigh(votes[x], near[0] & near[j + 1]) << j

    observed: uint256 = 4 * tasks * credit
    kappa: uint256 = 0
    if observed > chance:
        kappa = unsafe_div((observed - chance) * tasks * PPM, voters * best)
    return tasks, best // 4, kappa
