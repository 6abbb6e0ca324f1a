# pragma version 0.4.3
"""
@title Scores of sheets and of crowds
@license MIT
@notice For tests. A score takes all tasks of a sheet together, so one call tries many sheets.
"""


from ...contracts.interfaces import IJudge
from ...contracts.modules import consensus
from ...contracts.modules import gold as gold_tasks
from ...contracts.modules import planes
from ...contracts.modules import scoring
from ...contracts.modules import sheets


@external
@pure
def closeness(
    own: uint256[planes.SHEET], said: uint256[planes.SHEET], width: uint256
) -> uint256[planes.SHEET]:
    return scoring._closeness(own, said, width)


@external
@pure
def credible(
    many: DynArray[uint256[planes.SHEET], 300], options: uint256, width: uint256, promised: uint256
) -> DynArray[bool, 300]:
    rules: IJudge.Rules = empty(IJudge.Rules)
    rules.options = options
    rules.width = width
    rules.gold_count = promised
    found: DynArray[bool, 300] = []
    for gold: uint256[planes.SHEET] in many:
        target: scoring.Target = self._target(gold, options, width)
        found.append(gold_tasks._is_credible(target, rules))
    return found


@external
@pure
def examine(
    scores: DynArray[uint256[3], 300], pass_bps: uint256, slash_bps: uint256
) -> DynArray[bool[4], 300]:
    """
    @notice Whether sheets of (gain, loss, best) pass, fail and find nothing; and whether a
            crowd with that score is captured.
    """
    rules: IJudge.Rules = empty(IJudge.Rules)
    rules.gold_pass_bps = pass_bps
    rules.gold_slash_bps = slash_bps
    found: DynArray[bool[4], 300] = []
    for each: uint256[3] in scores:
        score: scoring.Score = scoring.Score(tasks=0, gain=each[0], loss=each[1], best=each[2])
        finding: gold_tasks.Finding = gold_tasks._examine(score, rules)
        found.append([finding.passed, finding.failed, finding.nothing, gold_tasks._is_captured(score)])
    return found


@external
@pure
def kept(gain: uint256, loss: uint256, target_sheet: uint256[planes.SHEET]) -> uint256[4]:
    """
    @notice A score against gold answers, packed and unpacked again.
    """
    target: scoring.Target = self._target(target_sheet, 16, 16)
    score: scoring.Score = scoring.Score(
        tasks=target.tasks, gain=gain, loss=loss, best=target.best
    )
    again: scoring.Score = gold_tasks._unpack(gold_tasks._pack(score), target)
    return [again.tasks, again.gain, again.loss, again.best]


@external
@pure
def expected(
    tally: uint256[planes.OPTIONS], options: uint256, width: uint256
) -> (uint256[planes.OPTIONS], uint256):
    """
    @notice S(x) for each option, and what references earn by chance among themselves.
    """
    expected: uint256 = 0
    chance: uint256 = 0
    expected, chance = scoring._expected(tally, options, scoring._credits(options, width))
    lanes: uint256[planes.OPTIONS] = empty(uint256[planes.OPTIONS])
    for x: uint256 in range(planes.OPTIONS):
        lanes[x] = (expected >> (16 * x)) & 65_535
    return lanes, chance


@external
@pure
def tally(sheet: uint256[planes.SHEET], options: uint256) -> uint256[planes.OPTIONS]:
    return scoring._tally(sheet, options)


@external
@pure
def scores(
    own: DynArray[uint256[planes.SHEET], 300],
    said: uint256[planes.SHEET],
    options: uint256,
    width: uint256,
) -> (uint256, uint256, bool, DynArray[uint256[3], 300]):
    """
    @notice T and Gmax against these references, whether they are one-sided; then gain,
            loss and kappa of each sheet.
    """
    target: scoring.Target = self._target(said, options, width)
    found: DynArray[uint256[3], 300] = []
    for sheet: uint256[planes.SHEET] in own:
        score: scoring.Score = scoring._score(sheet, target, options, width)
        found.append([score.gain, score.loss, scoring._kappa(score)])
    return (
        target.tasks,
        target.best,
        scoring._one_sided(target.tasks, target.best, width),
        found,
    )


@external
@pure
def crowd(
    votes: uint256[planes.COUNT_DIGITS][planes.OPTIONS],
    options: uint256,
    width: uint256,
    reveals: uint256,
    tau_bps: uint256,
    ordinal: bool,
) -> (uint256, uint256, uint256):
    voters: uint256[planes.COUNT_DIGITS] = consensus._total(votes, options)
    credits: uint256[planes.OPTIONS] = scoring._credits(options, width)
    if ordinal:
        said: consensus.Reference = consensus._ordinal(votes, voters, options)
        return scoring._crowd(votes, said, options, width, credits, ordinal)

    margin: uint256[planes.COUNT_DIGITS] = consensus._margin(voters, reveals, tau_bps)
    said: consensus.Reference = consensus._nominal(votes, voters, options, margin)
    return scoring._crowd(votes, said, options, width, credits, ordinal)


@external
@pure
def fit(
    many: DynArray[uint256[planes.SHEET], 300], tasks: uint256, options: uint256
) -> DynArray[bool, 300]:
    form: sheets.Form = sheets._form(tasks, options)
    found: DynArray[bool, 300] = []
    for sheet: uint256[planes.SHEET] in many:
        found.append(sheets._fits(sheet, form))
    return found


@internal
@pure
def _target(
    said: uint256[planes.SHEET], options: uint256, width: uint256
) -> scoring.Target:
    return scoring._target(said, options, width, scoring._credits(options, width))
