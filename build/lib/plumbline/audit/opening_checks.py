"""Whether all that was opened is what had been committed to."""

from collections.abc import Mapping

from plumbline.audit.report import Findings
from plumbline.chain.events import LeakReported, Revealed
from plumbline.history.rounds import RoundHistory
from plumbline.protocol.commitment import commitment, gold_root
from plumbline.settlement.sheet import SheetError, require_sheet


def check_openings(history: RoundHistory, domain: bytes, findings: Findings) -> bool:
    """Check reveals, leaks and golds against their commitments.

    Returns whether all answers fit the round, so that it can be settled.
    """
    seats = {event.labeler: event.commitment for event in reversed(history.commitments)}
    for leak in history.leaks:
        _check_commitment(seats, leak, domain, findings)
    fit = True
    for reveal in history.reveals:
        _check_commitment(seats, reveal, domain, findings)
        fit = _fits(history, reveal.sheet, reveal.labeler, "answers", findings) and fit
    if history.gold is not None:
        gold = history.gold
        fit = _fits(history, gold.sheet, None, "golds", findings) and fit
        findings.compare(
            "gold root",
            gold_root(domain, history.requester, gold.sheet, gold.salt),
            history.opened.gold_root,
            history.round_id,
        )
    return fit


def _check_commitment(
    seats: Mapping[str, bytes], event: Revealed | LeakReported, domain: bytes, findings: Findings
) -> None:
    findings.compare(
        "commitment to what was opened",
        commitment(domain, event.round_id, event.labeler, event.sheet, event.salt),
        seats.get(event.labeler),
        event.round_id,
        event.labeler,
    )


def _fits(
    history: RoundHistory,
    sheet: tuple[int, ...],
    labeler: str | None,
    what: str,
    findings: Findings,
) -> bool:
    findings.checks += 1
    try:
        require_sheet(sheet, history.rules.options, history.rules.tasks)
    except SheetError as error:
        findings.refuse(what, "a sheet of this round", str(error), history.round_id, labeler)
        return False
    return True
