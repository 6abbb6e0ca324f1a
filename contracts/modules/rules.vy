# pragma version 0.4.3
"""
@title Rules: which rounds can be judged
@license MIT
@notice Rules never change after the opening and nobody can mend a round later, so
        each value that is impossible, or that would defeat the round's own
        purpose, is refused with a reason of its own.
"""


from ..interfaces import IJudge


BPS: constant(uint256) = 10_000

# @dev Labelers must be able to reveal: a window shorter than this is a trap, seconds.
LEAST_REVEAL_WINDOW: constant(uint256) = 300

# @dev Labelers wait for the gold answers no longer than this, seconds.
LONGEST_GOLD_WINDOW: constant(uint256) = 30 * 86_400

# @dev Stakes are locked for no longer than this, seconds.
LONGEST_ROUND: constant(uint256) = 365 * 86_400

# @dev Share of a stake that a leak earns whoever shows it, bps.
LEAK_BPS: constant(uint256) = 500

# @dev Prices and stakes have 88 bits, as balances do.
_MOST: constant(uint256) = 2**88 - 1


@internal
@view
def _check(rules: IJudge.Rules, deadlines: IJudge.Deadlines, has_gold: bool):
    """
    @notice Refuses rules that cannot lead to a fair settlement.
    @param rules The rules.
    @param deadlines The deadlines.
    @param has_gold Whether gold answers are committed to.
    """
    self._check_batch(rules)
    self._check_shares(rules)
    self._check_gold(rules)
    self._check_money(rules)
    if has_gold:
        assert rules.gold_count > 0, "open: gold_root without gold_count"
    else:
        assert rules.gold_count == 0, "open: gold_count without gold_root"
    self._check_deadlines(deadlines, has_gold)


@internal
@view
def _check_deadlines(deadlines: IJudge.Deadlines, has_gold: bool):
    """
    @notice Refuses deadlines that are over, out of order, or a trap.
    @param deadlines The deadlines.
    @param has_gold Whether gold answers are committed to.
    """
    assert deadlines.commit > block.timestamp, "open: commit deadline is over"
    least: uint256 = deadlines.commit + LEAST_REVEAL_WINDOW
    assert deadlines.reveal >= least, "open: reveal window too short"
    if has_gold:
        assert deadlines.gold > deadlines.reveal, "open: gold not after reveal"
        latest: uint256 = deadlines.reveal + LONGEST_GOLD_WINDOW
        assert deadlines.gold <= latest, "open: gold window too long"
    else:
        assert deadlines.gold == 0, "open: gold deadline without gold"
    last: uint256 = max(deadlines.reveal, deadlines.gold)
    assert last <= block.timestamp + LONGEST_ROUND, "open: round too long"


@internal
@pure
def _check_batch(rules: IJudge.Rules):
    """
    @notice Refuses batches that cannot be scored.
    """
    assert rules.kind <= 1, "open: unknown kind"
    assert rules.options >= 2 and rules.options <= 16, "open: options not in 2..16"
    if rules.kind == 0:
        assert rules.width == 1, "open: nominal width is not 1"
    else:
        assert rules.width >= 2 and rules.width <= 16, "open: ordinal width not in 2..16"
        # nothing varies more than answers half at either end; if even these are
        # one-sided, best * 8 < w * T * T, every round would be void
        assert rules.width <= 4 * (rules.options - 1), "open: width too wide for scale"
    assert rules.tasks >= 12 and rules.tasks <= 256, "open: tasks not in 12..256"
    assert rules.seats >= 3 and rules.seats <= 255, "open: seats not in 3..255"
    assert rules.r_min >= 3 and rules.r_min <= rules.seats, "open: r_min not in 3..seats"


@internal
@pure
def _check_shares(rules: IJudge.Rules):
    """
    @notice Refuses thresholds that nobody could meet or miss.
    """
    assert rules.tau_bps <= BPS, "open: tau above 10000 bps"
    # the others have one vote less than there are, and lead by no more than that
    assert rules.tau_bps * rules.seats <= (rules.seats - 1) * BPS, "open: tau lets no task count"
    assert rules.rho_bps <= BPS, "open: rho above 10000 bps"
    # below the crowd's own kappa everybody would be paid in full; above twice it nobody
    bar: uint256 = rules.bar_bps
    assert bar >= BPS and bar <= 2 * BPS, "open: bar not in 10000..20000 bps"
    assert rules.refund_bps <= BPS, "open: refund above 10000 bps"
    assert rules.showup_bps <= BPS, "open: showup above 10000 bps"


@internal
@pure
def _check_gold(rules: IJudge.Rules):
    """
    @notice Refuses gold answers that say too little, or that a fair crowd would not pass.
    """
    count: uint256 = rules.gold_count
    if count > 0:
        # with two options chance meets half of them, so it takes more to tell
        least: uint256 = 8
        if rules.options == 2:
            least = 12
        assert count >= least, "open: too few gold tasks"
        # which leaves 24 tasks and more to score
        assert 4 * count <= rules.tasks, "open: gold above a quarter of tasks"
    passes: uint256 = rules.gold_pass_bps
    assert passes <= BPS, "open: gold_pass above 10000 bps"
    in_range: bool = passes >= 500 and passes <= 4_000
    assert count == 0 or in_range, "open: gold_pass not in 500..4000 bps"
    assert rules.gold_slash_bps <= BPS, "open: gold_slash above 10000 bps"
    assert count == 0 or rules.gold_slash_bps >= 1_000, "open: gold_slash below 1000 bps"


@internal
@pure
def _check_money(rules: IJudge.Rules):
    """
    @notice Refuses amounts that pay or deter nobody.
    """
    assert rules.price > 0, "open: no price"
    assert rules.price <= _MOST, "open: price too large"
    assert rules.stake <= _MOST, "open: stake too large"
    assert rules.slash_max_bps <= BPS, "open: slash_max above 10000 bps"
    assert rules.slash_max_bps >= LEAK_BPS, "open: slash_max below leak bounty"
    assert rules.slash_base_bps <= rules.slash_max_bps, "open: slash_base above slash_max"
    assert rules.stake * rules.slash_base_bps >= BPS, "open: stake too small to slash"
