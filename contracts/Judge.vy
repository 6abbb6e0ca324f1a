# pragma version 0.4.3
"""
@title Judge
@license MIT
@notice Settles rounds. It holds no money, no state and no reference to
        anything, so whoever doubts a verdict asks it again. The rule stands in
        docs/specification.md; the work is done on planes, see `planes`.
"""


from .interfaces import IJudge
from .modules import consensus
from .modules import gold as golds
from .modules import outcomes
from .modules import planes
from .modules import rules as allowed_rules
from .modules import scoring

implements: IJudge


BPS: constant(uint256) = 10_000

_ORDINAL: constant(uint256) = 1

# @dev Modes of a round.
_VOID_ROUND: constant(uint256) = 0
_PEER: constant(uint256) = 1
_GOLD: constant(uint256) = 2

# @dev The full price is earned at the crowd's own kappa, but a crowd that hardly
#      agrees with itself sets no standard, ppm.
_LEAST_BAR: constant(uint256) = 300_000

# @dev The bar where golds take the crowd's place, ppm.
_GOLD_BAR: constant(uint256) = 600_000

# @dev Fewer tasks than this cannot be scored.
_LEAST_TASKS: constant(uint256) = 12

# @dev A crowd below this kappa is noise, ppm.
_LEAST_CROWD: constant(uint256) = 50_000


@external
@view
def judge(
    rules: IJudge.Rules,
    sheets: DynArray[uint256[planes.SHEET], consensus.SEATS],
    gold: uint256[planes.SHEET],
) -> (IJudge.Verdict, DynArray[uint256, consensus.SEATS]):
    """
    @notice Settles a round, see {IJudge-judge}.
    """
    ordinal: bool = rules.kind == _ORDINAL
    # Counted here, four sheets at a time, as an array handed to a function would be copied.
    votes: uint256[planes.COUNT_DIGITS][planes.OPTIONS] = empty(
        uint256[planes.COUNT_DIGITS][planes.OPTIONS]
    )
    hot: uint256[planes.OPTIONS][4] = empty(uint256[planes.OPTIONS][4])
    waiting: uint256 = 0
    for sheet: uint256[planes.SHEET] in sheets:
        hot[waiting] = planes._one_hot(sheet, rules.options)
        waiting = unsafe_add(waiting, 1)
        if waiting == 4:
            waiting = 0
            for x: uint256 in range(rules.options, bound=planes.OPTIONS):
                votes[x] = planes._add_four(votes[x], hot[0][x], hot[1][x], hot[2][x], hot[3][x])
    for k: uint256 in range(waiting, bound=3):
        for x: uint256 in range(rules.options, bound=planes.OPTIONS):
            votes[x] = planes._increment(votes[x], hot[k][x])

    voters: uint256[planes.COUNT_DIGITS] = consensus._total(votes, rules.options)
    reference: consensus.Reference = empty(consensus.Reference)
    if ordinal:
        reference = consensus._ordinal(votes, voters, rules.options)
    else:
        margin: uint256[planes.COUNT_DIGITS] = consensus._margin(voters, len(sheets), rules.tau_bps)
        reference = consensus._nominal(votes, voters, rules.options, margin)

    verdict: IJudge.Verdict = empty(IJudge.Verdict)
    crowd: uint256[planes.SHEET] = reference.first
    verdict.decided = crowd[0]
    verdict.contested = crowd[0] & ~reference.everyone
    verdict.consensus = [crowd[1], crowd[2], crowd[3], crowd[4]]
    standing: uint256[planes.SHEET] = golds._standing(gold, reference, voters, ordinal)
    verdict.usable_gold = standing[0]
    usable: uint256 = planes._popcount(standing[0])
    gold_counts: bool = usable >= golds.LEAST_GOLDS
    captured: bool = False
    if gold_counts:
        matched: uint256 = golds._matches(crowd, standing, rules.width)
        captured = matched * BPS < golds.LEAST_MATCH_BPS * usable

    reference = consensus._restrict(reference, planes._first(rules.tasks) & ~gold[0])
    crowd_tasks: uint256 = 0
    crowd_best: uint256 = 0
    crowd_tasks, crowd_best, verdict.crowd_kappa = scoring._crowd(
        votes, reference, rules.options, rules.width, ordinal
    )
    verdict.bar = max(verdict.crowd_kappa, _LEAST_BAR)
    if len(sheets) < rules.r_min:
        verdict.mode = _VOID_ROUND
    elif captured:
        verdict.mode = _GOLD
        verdict.bar = _GOLD_BAR
        reference = golds._reference(standing)
    elif (
        crowd_tasks < _LEAST_TASKS
        or scoring._one_sided(crowd_tasks, crowd_best, rules.width)
        or verdict.crowd_kappa < _LEAST_CROWD
    ):
        verdict.mode = _VOID_ROUND
    else:
        verdict.mode = _PEER

    void: bool = verdict.mode == _VOID_ROUND
    # golds in the crowd's place are scored however few they are
    least: uint256 = 0
    if verdict.mode == _PEER:
        least = _LEAST_TASKS
    alike: bool = consensus._tells_all_alike(reference, ordinal)
    told: uint256[planes.SHEET] = reference.first
    told[0] = reference.everyone
    common: scoring.Target = scoring._target(told, rules.options, rules.width)
    rulings: DynArray[uint256, consensus.SEATS] = []
    for sheet: uint256[planes.SHEET] in sheets:
        passed: bool = True
        failed: bool = False
        if gold_counts:
            matched: uint256 = golds._matches(sheet, standing, rules.width)
            passed = matched * BPS >= rules.gold_pass_bps * usable
            failed = matched * BPS <= rules.gold_slash_bps * usable

        score: scoring.Score = empty(scoring.Score)
        if not void:
            if not alike:
                told = consensus._seen_by(reference, sheet, ordinal)
            if alike or planes._equal(told, common.said):
                score = scoring._score(sheet, common, rules.options, rules.width)
            else:
                own: scoring.Target = scoring._target(told, rules.options, rules.width)
                score = scoring._score(sheet, own, rules.options, rules.width)
        unscored: bool = (
            void
            or scoring._one_sided(score.tasks, score.best, rules.width)
            or (score.tasks < least)
        )
        rulings.append(self._ruling(rules, verdict.bar, score, unscored, passed, failed))
    return verdict, rulings


@external
@view
def accepts(rules: IJudge.Rules, has_gold: bool) -> bool:
    """
    @notice Reverts with a reason unless rounds with these rules can be judged, see
            {IJudge-accepts}.
    """
    allowed_rules._check(rules, has_gold)
    return True


@internal
@pure
def _ruling(
    rules: IJudge.Rules,
    bar: uint256,
    score: scoring.Score,
    unscored: bool,
    passed: bool,
    failed: bool,
) -> uint256:
    """
    @notice Band, pay and slash of one labeler.
    @param rules The terms of the round.
    @param bar The kappa that earns the full price, ppm.
    @param score The labeler's score.
    @param unscored Whether the round is void, or this labeler: then only golds can tell.
    @param passed Whether golds allow pay.
    @param failed Whether golds alone make an outlier.
    @return uint256 The outcome, packed.
    """
    outcome: outcomes.Outcome = empty(outcomes.Outcome)
    if unscored and not failed:
        outcome.band = outcomes.VOID
        if passed:
            outcome.pay = rules.price * rules.showup_bps // BPS
        return outcomes._pack(outcome)

    if failed or score.gain == 0:
        outcome.band = outcomes.OUTLIER
        rate: uint256 = rules.slash_base_bps
        if not unscored and score.loss > 0:
            spread: uint256 = rules.slash_max_bps - rules.slash_base_bps
            rate += spread * min(score.loss, score.best) // score.best
        outcome.slash = rules.stake * rate // BPS
        return outcomes._pack(outcome)

    # The price is below 2^88, kappa at most 10^6 and the bar at least 300,000.
    outcome.kappa = scoring._kappa(score)
    if passed and unsafe_mul(outcome.kappa, BPS) >= unsafe_mul(rules.rho_bps, bar):
        outcome.band = outcomes.NEAR
        outcome.pay = unsafe_div(unsafe_mul(rules.price, min(outcome.kappa, bar)), bar)
    else:
        outcome.band = outcomes.FAR
    return outcomes._pack(outcome)
