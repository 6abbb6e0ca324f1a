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

        The double sums would take K * K steps. But the credit is a tent,
        and a tent is two boxes laid over each other: `s(x, y)` is the number
        of windows of width w, among all positions on the scale, that
        hold both `x` and `y`. So one window slides up the scale:

            w = 3            x=2 y=3
            positions     [ . . ]              holds x, not y
                            [ . . ]            both
                              [ . . ]          both
                                [ . . ]        y, not x       s = 2

        And both sums are had at once: a word is wide enough for two numbers
        side by side, c(x) in its lower half and M(x) in its upper one.
        They are added and taken away together; multiplied by the
        upper half alone, they become the terms of the two sums.
"""


from . import consensus
from . import planes


PPM: constant(uint256) = 1_000_000

# @dev Positions of a window of at most 16 on a scale of at most 16.
_POSITIONS: constant(uint256) = 31

# @dev The lower half of a word that holds two numbers side by side.
_LOWER: constant(uint256) = 2**128 - 1


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
def _side_by_side(a: uint256, b: uint256) -> uint256:
    """
    @notice Counts two planes into one word.
    """
    return planes._popcount(a) ^ (planes._popcount(b) << 128)


@internal
@pure
def _marginals(
    own: uint256[planes.SHEET], said: uint256[planes.SHEET], options: uint256
) -> DynArray[uint256, planes.OPTIONS]:
    """
    @notice How often each option was answered, and how often it was the
            reference. Options are gone through as in {planes-_one_hot}.
    @param own The answers, a sheet.
    @param said The references, a sheet.
    @param options The number of options K, 2..16.
    @return DynArray c(x) and M(x), side by side, for each option (and perhaps up to
            two more that nobody can choose).
    """
    marginals: DynArray[uint256, planes.OPTIONS] = []
    own_column: uint256[4] = planes._columns(own)
    said_column: uint256[4] = planes._columns(said)
    own_row: uint256[4] = planes._rows(own)
    said_row: uint256[4] = planes._rows(said)
    for r: uint256 in range(4):
        a: uint256 = own_row[r]
        b: uint256 = said_row[r]
        marginals.append(self._side_by_side(a & own_column[0], b & said_column[0]))
        marginals.append(self._side_by_side(a & own_column[1], b & said_column[1]))
        if len(marginals) >= options:
            break
        marginals.append(self._side_by_side(a & own_column[2], b & said_column[2]))
        marginals.append(self._side_by_side(a & own_column[3], b & said_column[3]))
        if len(marginals) >= options:
            break
    return marginals


@internal
@pure
def _expected(marginals: DynArray[uint256, planes.OPTIONS], width: uint256) -> uint256:
    """
    @notice The two double sums, with a sliding window. All marginals
            together are below 2^17, so the halves never touch.
    @param marginals c(x) and M(x), side by side.
    @param width The width w of the window.
    @return uint256 sum_xy c(x) * M(y) * s(x, y), and sum_xy M(x) * M(y) * s(x, y)
            in the upper half.
    """
    sums: uint256 = 0
    if width == 1:
        for inside: uint256 in marginals:
            sums = unsafe_add(sums, unsafe_mul(inside, inside >> 128))
        return sums

    options: uint256 = len(marginals)
    inside: uint256 = 0
    for head: uint256 in range(unsafe_sub(unsafe_add(options, width), 1), bound=_POSITIONS):
        if head < options:
            inside = unsafe_add(inside, marginals[head])
        if head >= width:
            inside = unsafe_sub(inside, marginals[unsafe_sub(head, width)])
        sums = unsafe_add(sums, unsafe_mul(inside, inside >> 128))
    return sums


@internal
@pure
def _score(
    own: uint256[planes.SHEET], said: uint256[planes.SHEET], options: uint256, width: uint256
) -> Score:
    """
    @notice The score of one labeler. Sums stay far below 2^128: there are at most
            256 tasks, and the credit of each is at most 16.
    @param own The labeler's sheet.
    @param said What the others say to this labeler, as a sheet.
    @param options The number of options K.
    @param width The width w of the credit.
    """
    voted: uint256[planes.SHEET] = own
    voted[0] &= said[0]
    tasks: uint256 = planes._popcount(said[0])
    observed: uint256 = unsafe_mul(tasks, self._credit(voted, said, width))
    sums: uint256 = self._expected(self._marginals(voted, said, options), width)
    chance: uint256 = sums & _LOWER
    perfect: uint256 = unsafe_mul(unsafe_mul(tasks, tasks), width)
    score: Score = Score(tasks=tasks, gain=0, loss=0, best=unsafe_sub(perfect, sums >> 128))
    if observed > chance:
        score.gain = unsafe_sub(observed, chance)
    else:
        score.loss = unsafe_sub(chance, observed)
    return score


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
    marginals: DynArray[uint256, planes.OPTIONS] = self._marginals(first, second, options)
    voters: uint256 = 0
    credit: uint256 = 0
    for x: uint256 in range(options, bound=planes.OPTIONS):
        option: uint256[planes.SHEET] = planes._constant(x)
        said: uint256[planes.SHEET] = consensus._seen_by(reference, option, ordinal)
        answers: uint256 = planes._weigh(votes[x], said[0])
        voters += answers
        references: uint256 = (marginals[x] & _LOWER) + (marginals[x] >> 128)
        marginals[x] = answers ^ (references << 128)

        near: uint256[planes.SHEET] = self._closeness(option, said, width)
        credit += width * planes._weigh(votes[x], near[0])
        if width > 1:
            for j: uint256 in range(planes.DIGITS):
                credit -= planes._weigh(votes[x], near[0] & near[j + 1]) << j

    tasks: uint256 = planes._popcount(first[0])
    observed: uint256 = 4 * tasks * credit
    sums: uint256 = self._expected(marginals, width)
    chance: uint256 = 2 * (sums & _LOWER)
    best: uint256 = 4 * tasks * tasks * width - (sums >> 128)
    kappa: uint256 = 0
    if observed > chance:
        kappa = unsafe_div((observed - chance) * tasks * PPM, voters * best)
    return tasks, best // 4, kappa
