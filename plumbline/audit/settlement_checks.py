"""Whether everyone got what the rules give them: the settlement again, by the rule."""

from plumbline.audit.report import Findings
from plumbline.chain.records import Verdict
from plumbline.history.rounds import RoundHistory
from plumbline.settlement import Settlement, SettlementError
from plumbline.settlement.terms import BPS, LEAK_BOUNTY_BPS
from plumbline.settlement.vectorised import settle_sheets


def check_settlement(history: RoundHistory, findings: Findings, plain: bool = False) -> None:
    """Check every amount of the round that its own events decide.

    Only for a round whose answers fit, see `check_openings`. `plain` settles with the reference,
    vote by vote, instead of on whole tables.
    """
    _check_seats(history, findings)
    if history.closed is not None:
        _check_closing(history, findings, plain)
    if history.expired is not None:
        rules = history.rules
        findings.compare(
            "refund of the expired round",
            rules.price * rules.seats,
            history.expired.refund,
            history.round_id,
        )


def _check_seats(history: RoundHistory, findings: Findings) -> None:
    """Seats that ended without being judged."""
    rules = history.rules
    silent = rules.stake * rules.slash_max_bps // BPS
    bounty = rules.stake * LEAK_BOUNTY_BPS // BPS
    for leak in history.leaks:
        at = (history.round_id, leak.labeler)
        findings.compare("slash for the leak", silent, leak.slash, *at)
        findings.compare("bounty for the leak", bounty, leak.bounty, *at)
    for forfeit in history.forfeits:
        at = (history.round_id, forfeit.labeler)
        findings.compare("slash for silence", silent, forfeit.slash, *at)
    for release in history.released:
        at = (history.round_id, release.labeler)
        findings.compare("stake given back", rules.stake, release.stake, *at)


def _settled(history: RoundHistory, plain: bool) -> Settlement:
    if plain:
        return history.settlement()
    gold = history.gold_answers()
    sheets = [event.sheet for event in history.reveals]
    return settle_sheets(history.rules, sheets, gold, history.has_gold and not gold)


def _check_closing(history: RoundHistory, findings: Findings, plain: bool) -> None:
    closed = history.closed
    assert closed is not None
    round_id = history.round_id
    try:
        settlement = _settled(history, plain)
    except SettlementError as error:
        findings.refuse("settlement", "one by the rules", str(error), round_id)
        return
    verdict = Verdict.of(settlement, history.rules.options)
    findings.compare_fields("verdict", verdict, closed.verdict, round_id)
    lines = {line.labeler: line for line in closed.outcomes}
    for reveal, outcome in zip(history.reveals, settlement.labelers, strict=True):
        line = lines.get(reveal.labeler)
        at = (round_id, reveal.labeler)
        if line is None:
            findings.refuse("settlement of the labeler", outcome.band.label, "none", *at)
            continue
        findings.compare("band", outcome.band, line.band, *at)
        findings.compare("kappa", outcome.kappa_ppm, line.kappa, *at)
        findings.compare("pay", outcome.pay, line.pay, *at)
        findings.compare("slash", outcome.slash, line.slash, *at)
    # Only those who revealed were settled, so what is burned is the closing's own share.
    findings.compare("sum of the pay", settlement.paid, closed.paid, round_id)
    findings.compare("refund", settlement.refund, closed.refund, round_id)
    findings.compare("left to the sink", settlement.burned, closed.to_sink, round_id)
