"""A round in one line."""

from plumbline.audit.report import RoundSummary
from plumbline.history.rounds import RoundHistory
from plumbline.settlement import Mode


def summary_of(past: RoundHistory) -> RoundSummary:
    """What its events say it came to."""
    closed, rules = past.closed, past.rules
    judged = sum(event.slash for event in past.outcomes)
    silent = sum(event.slash for event in past.leaks)
    silent += sum(event.slash for event in past.forfeits)
    bounties = sum(event.bounty for event in past.leaks)
    refund = closed.refund if closed else past.expired.refund if past.expired else 0
    return RoundSummary(
        round_id=past.round_id,
        requester=past.requester,
        state="closed" if closed else "expired" if past.expired else "open",
        mode=_mode(closed.verdict.mode) if closed else "",
        tasks=rules.tasks,
        seats=rules.seats,
        committed=len(past.commitments),
        revealed=len(past.reveals),
        gone=past.gone,
        crowd_kappa=closed.verdict.crowd_kappa if closed else 0,
        escrow=0 if past.is_over else rules.price * rules.seats,
        paid=closed.paid if closed else 0,
        refund=refund,
        slashed=judged + silent,
        bounties=bounties,
        to_sink=(closed.to_sink if closed else 0) + silent - bounties,
    )


def _mode(number: int) -> str:
    """The name of a mode; a number that is none is noted with the verdict."""
    return next((mode.label for mode in Mode if mode == number), str(number))
