"""The settlement of a round: who is near, far or out, and where every wei goes.

    terms       the terms that settlement needs, and their limits
    sheet       answers as bit planes
    reference   the reference implementation; consensus, gold, kappa and crowd_kappa are its parts
    results     what a settlement says; `working` adds how it came about
    labels      the crowd's answers, from a settlement
    reasons     why each labeler got what they got, from a settlement
    probation   which terms make a round one in which newcomers earn a record
    vectorised  the same settlement on whole tables, with numpy: imported by whoever needs it

Nothing here knows of a chain, of hashes or of files.

The reference implementation is an independent check of the contract, which does the same with bit
planes: here everything is counted task by task and vote by vote. Integers only, and `//` only ever
divides what is not negative. What the rule means, where its short form leaves room:

Gold answers
    Credible if exactly as many as promised were opened, all fit, and they vary enough. If not,
    all is as if they had been withheld: every sheet counts and every task is scored by peers.
Who counts
    With credible gold answers only who passed them: nobody else has a vote, anywhere. Who does
    not count is held to what somebody who skipped the task is held to, and still scored on the
    answers given.
Tasks scored
    All but credible gold tasks. Labelers and the crowd's kappa see the same tasks; consensus and
    contested look at all T.
Reference
    Nominal: margin max(2, ceil(tau_bps*m/BPS)) where m includes the labeler's own vote. Who
    skipped has no vote to take out. Ordinal: at least 3 votes, the labeler's own included;
    q = m // 2, lo and hi the q-th and (q+1)-th smallest; who skipped is held to lo. A task
    that counts and was skipped is among T_i and in M, but adds nothing to D and c.
Consensus, which is also the crowd's own answer to a gold task
    None only without votes. Nominal: the lowest option with the most votes, by any margin.
    Ordinal: the max(1, m // 2)-th smallest vote, lo that is, and not the lower median of all.
Crowd's kappa
    Computed and reported in every mode. Nominal: a task with d = m0-1 is not in TM, but the
    votes for its unique runner-up are in I. Ordinal: T, N, M2, R and D all see only tasks
    with three votes or more. The bar is min(PPM, max(crowd*bar_bps // BPS, 300,000)), in void
    rounds too; 600,000 in gold rounds, and in a peer round for whoever is void alone and judged
    by gold.
Mode
    Void if nobody revealed, gold or not. Peers judge unless fewer than a third passed, the
    crowd is captured, fewer than r_min count, or too few tasks, too one-sided or too little
    agreement; then the gold answers do if they are credible, else the round is void.
Band, the first that holds
    Unrevealed; void; outlier; near; far. Who failed the gold tasks is an outlier whatever the score
    that judges, by which the rate goes: base if it is not below 0. Kappa is reported for near
    and far, else 0.
Money
    Of each seat revealed what was not earned goes back up to refund_bps of the price, the rest
    to the sink; all of it where gold answers are withheld, void rounds too. Pay of seats that are
    empty or silent is always refunded. Burned are all slashes, those of the silent included,
    and what does not go back, so that with L committed

        price*seats + stake*L = paid + refund + burned + sum of (stake - slash)
"""

from plumbline.settlement.reference import SettlementError, settle
from plumbline.settlement.results import Band, LabelerOutcome, Mode, Settlement
from plumbline.settlement.working import WorkedSettlement, Working

__all__ = [
    "Band",
    "LabelerOutcome",
    "Mode",
    "Settlement",
    "SettlementError",
    "WorkedSettlement",
    "Working",
    "settle",
]
