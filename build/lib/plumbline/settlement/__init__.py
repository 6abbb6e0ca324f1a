"""The settlement of a round: who is near, far or out, and where every wei goes.

An independent check of the contract, which does the same with bit planes: here everything is
counted task by task and vote by vote. Integers only, and `//` only ever divides what is not
negative. What the rule means, where its short form leaves room:

Tasks scored
    All but the golds that were opened, be they usable, overruled or ignored. Labelers and the
    crowd's kappa see the same tasks. Overruling, capture and consensus look at all T tasks.
Reference
    Nominal: margin max(2, ceil(tau_bps*m/BPS)) where m includes the labeler's own vote. Who
    skipped has no vote to take out. Ordinal: at least 3 votes, the labeler's own included;
    q = m // 2, lo and hi the q-th and (q+1)-th smallest; who skipped is held to lo. A task
    that counts and was skipped is among T_i and in M, but adds nothing to D and c.
Consensus, which is also the crowd's own answer to a gold
    None only without votes. Nominal: the lowest option with the most votes, by any margin.
    Ordinal: the max(1, m // 2)-th smallest vote, lo that is.
Gold
    Overruled (nominal only): the leading option is another one and has 6,667 bps of all votes
    on the task or more. None is if overruled*4 > opened. Fewer than 6 usable: nobody passes
    or fails by gold and no round is captured, but the usable are still reported.
Crowd's kappa
    Computed and reported in every mode. Nominal: a task with d = m0-1 is not in TM, but the
    votes for its unique runner-up are in I. Ordinal: T, N, M2, R and D all see only tasks
    with three votes or more. The bar is max(crowd, 300,000), in void rounds too; 600,000 in
    gold rounds.
Mode, the first that holds
    Void if revealed < r_min; gold if captured; void if too few tasks, too one-sided or too
    little agreement; peer.
Band, the first that holds
    Unrevealed; void (the round, or the labeler, for whom too few tasks is no reason in gold
    mode): at base rate an outlier if failed; outlier; near; far. In gold mode everybody is
    scored on all usable golds and on nothing else. Kappa is reported for near and far, else 0.
Money
    Unspent pay is forfeit in gold rounds and wherever gold was withheld, void rounds too. Pay
    of seats that are empty or silent is always refunded. Burned are all slashes, those of the
    silent included, and what is forfeit, so that with L committed

        price*seats + stake*L = paid + refund + burned + sum of (stake - slash)
"""

from plumbline.settlement.results import Band, LabelerOutcome, Mode, Settlement
from plumbline.settlement.settle import SettlementError, settle

__all__ = ["Band", "LabelerOutcome", "Mode", "Settlement", "SettlementError", "settle"]
