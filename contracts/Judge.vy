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
from .modules import gold as gold_tasks
from .modules import outcomes
from .modules import planes
from .modules import rounds
from .modules import rules as allowed_rules
from .modules import scoring

implements: IJudge


BPS: constant(uint256) = 10_000

PPM: constant(uint256) = 1_000_000

_ORDINAL: constant(uint256) = 1

# @dev The full price is earned somewhat above the crowd's own kappa, but a crowd that
#      hardly agrees with itself sets no standard, ppm.
_LEAST_BAR: constant(uint256) = 300_000

# @dev The bar where gold answers judge, ppm.
_GOLD_BAR: constant(uint256) = 600_000

# @dev Fewer tasks than this cannot be scored.
_LEAST_TASKS: constant(uint256) = 12

# @dev A crowd below this kappa is noise, ppm.
_LEAST_CROWD: constant(uint256) = 50_000


# @dev What one labeler is judged by.
struct Case:
    # the score, against peers or gold answers
    score: scoring.Score
    # the kappa that earns the full price, ppm
    bar: uint256
    # neither peers nor gold answers can tell
    void: bool
    # what gold answers say; all False without credible ones
    finding: gold_tasks.Finding
    # whether credible gold answers must be passed to be paid
    has_gold: bool
    # whether finding nothing makes an outlier: peers agree, or hardly anyone passed
    nothing_counts: bool


@external
@view
def judge(
    status: uint256,
    packed_rules: uint256,
    sheets: DynArray[uint256[planes.SHEET], consensus.SEATS],
    gold: uint256[planes.SHEET],
) -> (IJudge.Verdict, DynArray[uint256, consensus.SEATS]):
    """
    @notice Settles a round, see {IJudge-judge}: gold answers first, then the count of those who
            passed them, then the scores.
    """
    rules: IJudge.Rules = rounds._unpack_rules(packed_rules, rounds._unpack(status))
    verdict: IJudge.Verdict = empty(IJudge.Verdict)
    ordinal: bool = rules.kind == _ORDINAL
    credits: uint256[planes.OPTIONS] = scoring._credits(rules.options, rules.width)
    gold_target: scoring.Target = scoring._target(gold, rules.options, rules.width, credits)
    has_gold: bool = gold_tasks._is_credible(gold_target, rules)
    if has_gold:
        verdict.usable_gold = gold[0]

    # Counted here, four sheets at a time, as an array handed to a function would be copied.
    votes: uint256[planes.COUNT_DIGITS][planes.OPTIONS] = empty(
        uint256[planes.COUNT_DIGITS][planes.OPTIONS]
    )
    hot: uint256[planes.OPTIONS][4] = empty(uint256[planes.OPTIONS][4])
    waiting: uint256 = 0
    counted: uint256 = 0
    against_gold: DynArray[uint256, consensus.SEATS] = []
    for sheet: uint256[planes.SHEET] in sheets:
        if has_gold:
            score: scoring.Score = scoring._score(sheet, gold_target, rules.options, rules.width)
            against_gold.append(gold_tasks._pack(score))
            finding: gold_tasks.Finding = gold_tasks._examine(score, rules)
            if not finding.passed:
                continue
        counted = unsafe_add(counted, 1)
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
        margin: uint256[planes.COUNT_DIGITS] = consensus._margin(voters, counted, rules.tau_bps)
        reference = consensus._nominal(votes, voters, rules.options, margin)

    crowd: uint256[planes.SHEET] = reference.first
    verdict.decided = crowd[0]
    verdict.contested = crowd[0] & ~reference.everyone
    verdict.consensus = [crowd[1], crowd[2], crowd[3], crowd[4]]
    reference = consensus._restrict(reference, planes._first(rules.tasks) & ~verdict.usable_gold)
    crowd_tasks: uint256 = 0
    crowd_best: uint256 = 0
    crowd_tasks, crowd_best, verdict.crowd_kappa = scoring._crowd(
        votes, reference, rules.options, rules.width, credits, ordinal
    )
    few: bool = has_gold and unsafe_mul(counted, 3) < len(sheets)
    captured: bool = False
    if has_gold:
        captured = gold_tasks._is_captured(
            scoring._score(crowd, gold_target, rules.options, rules.width)
        )
    if len(sheets) > 0:
        if not (
            few
            or captured
            or counted < rules.r_min
            or crowd_tasks < _LEAST_TASKS
            or scoring._one_sided(crowd_tasks, crowd_best, rules.width)
            or verdict.crowd_kappa < _LEAST_CROWD
        ):
            verdict.mode = outcomes.PEER
        elif has_gold:
            verdict.mode = outcomes.GOLD
    verdict.bar = _GOLD_BAR
    if verdict.mode != outcomes.GOLD:
        bar: uint256 = unsafe_mul(verdict.crowd_kappa, rules.bar_bps) // BPS
        verdict.bar = min(PPM, max(bar, _LEAST_BAR))

    alike: bool = consensus._tells_all_alike(reference, ordinal)
    # what they say to whoever has no vote among them
    others: uint256[planes.SHEET] = consensus._seen_by(
        reference, empty(uint256[planes.SHEET]), ordinal
    )
    common: scoring.Target = scoring._target(others, rules.options, rules.width, credits)
    rulings: DynArray[uint256, consensus.SEATS] = []
    for i: uint256 in range(len(sheets), bound=consensus.SEATS):
        sheet: uint256[planes.SHEET] = sheets[i]
        case: Case = empty(Case)
        case.bar = verdict.bar
        case.has_gold = has_gold
        gold_score: scoring.Score = empty(scoring.Score)
        if has_gold:
            gold_score = gold_tasks._unpack(against_gold[i], gold_target)
            case.finding = gold_tasks._examine(gold_score, rules)
        case.void = True
        if verdict.mode == outcomes.PEER:
            target: scoring.Target = common
            if not (alike or (has_gold and not case.finding.passed)):
                others = consensus._seen_by(reference, sheet, ordinal)
                if not planes._equal(others, common.said):
                    target = scoring._target(others, rules.options, rules.width, credits)
            case.score = scoring._score(sheet, target, rules.options, rules.width)
            case.void = case.score.tasks < _LEAST_TASKS or scoring._one_sided(
                case.score.tasks, case.score.best, rules.width
            )
            case.nothing_counts = not case.void and case.score.gain == 0
        if case.void and has_gold:
            case.void = False
            case.score = gold_score
            case.bar = _GOLD_BAR
            case.nothing_counts = few
        rulings.append(self._ruling(rules, case, planes._popcount(sheet[0])))
    return verdict, rulings


@external
@view
def accepts(rules: IJudge.Rules, deadlines: IJudge.Deadlines, has_gold: bool) -> bool:
    """
    @notice Reverts with a reason unless a round with these terms may be opened now, see
            {IJudge-accepts}.
    """
    allowed_rules._check(rules, deadlines, has_gold)
    return True


@internal
@pure
def _ruling(rules: IJudge.Rules, case: Case, answered: uint256) -> uint256:
    """
    @notice Band, pay and slash of one labeler. Pay is for the share of tasks that
            were answered.
    @param rules The terms of the round.
    @param case What the labeler is judged by.
    @param answered How many tasks the labeler answered, gold tasks too.
    @return uint256 The outcome, packed.
    """
    outcome: outcomes.Outcome = empty(outcomes.Outcome)
    if case.void:
        outcome.band = outcomes.VOID
        fee: uint256 = rules.price * rules.showup_bps // BPS
        outcome.pay = fee * answered // rules.tasks
        return outcomes._pack(outcome)

    is_outlier: bool = case.score.gain == 0
    if case.has_gold:
        is_outlier = case.finding.failed or (case.finding.nothing and case.nothing_counts)
    if is_outlier:
        outcome.band = outcomes.OUTLIER
        rate: uint256 = rules.slash_base_bps
        if case.score.loss > 0:
            spread: uint256 = rules.slash_max_bps - rules.slash_base_bps
            rate += spread * min(case.score.loss, case.score.best) // case.score.best
        outcome.slash = rules.stake * rate // BPS
        return outcomes._pack(outcome)

    # The price is below 2^88, kappa at most 10^6 and the bar at least 300,000.
    outcome.kappa = scoring._kappa(case.score)
    near: bool = unsafe_mul(outcome.kappa, BPS) >= unsafe_mul(rules.rho_bps, case.bar)
    if near and outcome.kappa > 0 and (case.finding.passed or not case.has_gold):
        outcome.band = outcomes.NEAR
        full: uint256 = unsafe_mul(rules.price, min(outcome.kappa, case.bar))
        share: uint256 = unsafe_mul(unsafe_div(full, case.bar), answered)
        outcome.pay = unsafe_div(share, rules.tasks)
    else:
        outcome.band = outcomes.FAR
    return outcomes._pack(outcome)
