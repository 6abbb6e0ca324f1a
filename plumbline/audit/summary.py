"""A round in one line."""

from plumbline.audit.report import RoundSummary
from plumbline.history.round_money import money_of
from plumbline.history.rounds import RoundHistory


def summary_of(history: RoundHistory) -> RoundSummary:
    """What its events say it came to."""
    closed, rules, money = history.closed, history.rules, money_of(history)
    return RoundSummary(
        round_id=history.round_id,
        requester=history.requester,
        state="closed" if closed else "expired" if history.expired else "open",
        mode=closed.verdict.mode_label if closed else "",
        gold_withheld=closed is not None and closed.verdict.gold_withheld(rules),
        tasks=rules.tasks,
        seats=rules.seats,
        committed=len(history.commitments),
        revealed=len(history.reveals),
        gone=history.gone,
        crowd_kappa=closed.verdict.crowd_kappa if closed else 0,
        escrow=money.in_escrow,
        paid=money.paid,
        refund=money.refund,
        slashed=money.slashed + money.bounties,
        bounties=money.bounties,
        to_sink=money.to_sink,
    )
