# pragma version 0.4.3
"""
@title Gold: tasks whose answer the requester knew
@license MIT
@notice Gold answers are a sheet like any other, and are scored like any other: see
        `scoring`. They are never scored against peers. Only sheets that pass them
        count, so a bloc that fails them is not there; and where the crowd as
        a whole does not meet them, they take its place as the reference.
        See docs/specification.md, "Gold".
"""


from ..interfaces import IJudge
from . import scoring


BPS: constant(uint256) = 10_000

# @dev A crowd whose kappa against the gold answers is below this share is captured, bps.
_LEAST_CROWD_BPS: constant(uint256) = 5_000


# @dev What gold answers say of a sheet.
struct Finding:
    # counted, and paid if anyone is
    passed: bool
    # an outlier, whatever peers say
    failed: bool
    # no better than chance
    nothing: bool


@internal
@pure
def _is_credible(target: scoring.Target, rules: IJudge.Rules) -> bool:
    """
    @notice Whether gold answers are as many as were promised, and not too one-sided: Gmax
            at least 5 / 16 of what it could be, which for two options is a fifth
            of each.
    @param target The gold answers, as what sheets are measured against.
    @param rules The terms of the round.
    """
    if target.tasks != rules.gold_count or target.tasks == 0:
        return False

    spread: uint256 = min(rules.width, unsafe_sub(rules.options, 1))
    most: uint256 = unsafe_mul(unsafe_mul(target.tasks, target.tasks), spread)
    return unsafe_mul(target.best, 16) >= unsafe_mul(most, 5)


@internal
@pure
def _examine(score: scoring.Score, rules: IJudge.Rules) -> Finding:
    """
    @notice What gold answers say of a sheet. Gmax is at most 64 * 64 * 16.
    @param score The score of the sheet against the gold answers.
    @param rules The terms of the round.
    """
    gain: uint256 = unsafe_mul(score.gain, BPS)
    loss: uint256 = unsafe_mul(score.loss, BPS)
    return Finding(
        passed=score.gain > 0 and gain >= unsafe_mul(rules.gold_pass_bps, score.best),
        failed=score.loss > 0 and loss >= unsafe_mul(rules.gold_slash_bps, score.best),
        nothing=score.gain == 0,
    )


@internal
@pure
def _pack(score: scoring.Score) -> uint256:
    """
    @notice Writes what differs between scores against the same gold answers into one word,
            as memory is dear where there are 255 of them.
    """
    return score.gain ^ (score.loss << 128)


@internal
@pure
def _unpack(word: uint256, target: scoring.Target) -> scoring.Score:
    """
    @notice Reads a score from its word.
    @param word The word.
    @param target The gold answers, as what sheets are measured against.
    """
    return scoring.Score(
        tasks=target.tasks,
        gain=word & convert(max_value(uint128), uint256),
        loss=word >> 128,
        best=target.best,
    )


@internal
@pure
def _is_captured(score: scoring.Score) -> bool:
    """
    @notice Whether the crowd does not meet the gold answers, so that it cannot judge.
    @param score The score of the consensus against the gold answers.
    """
    return unsafe_mul(score.gain, BPS) < unsafe_mul(_LEAST_CROWD_BPS, score.best)
