"""All evidence of a round, put together."""

from collections.abc import Sequence
from typing import Final

from plumbline.chain.events import Event, LabelerEvent
from plumbline.errors import PlumblineError
from plumbline.forensics.findings import (
    Finding,
    FindingKind,
    Findings,
    Severity,
    named,
    one_in,
    sentence,
)
from plumbline.forensics.gains import gains_of
from plumbline.forensics.groups import FEWEST_VOICES, Group, Search, search
from plumbline.forensics.links import (
    Purse,
    chance_of_overlap,
    clusters,
    most_together,
    purses,
)
from plumbline.forensics.model import as_answers
from plumbline.history.rounds import RoundHistory
from plumbline.settlement.sheet import Sheet, unpack

_STRONG: Final = 1e-4  # false-alarm rate from which on evidence is called strong


class ForensicsError(PlumblineError):
    """A question that forensics cannot answer."""


def investigate(one: RoundHistory, events: Sequence[Event], alpha: float = 0.01) -> Findings:
    """What in a round speaks for labelers who did not work alone.

    `events` are those of the whole deployment; deposits and withdrawals are looked up in them.
    Answers are compared as far as they were revealed. `alpha` is the most that the false-alarm
    rate of a finding of agreement may be. Raises ForensicsError for an `alpha` that is no such
    share, SheetError if answers do not fit the round.
    """
    if not 0 < alpha < 1:
        raise ForensicsError(f"alpha is {alpha}: give a share between 0 and 1, like 0.01")
    rules = one.rules
    labelers = [event.labeler for event in one.reveals]
    rows = [unpack(event.sheet, rules.options, rules.tasks) for event in one.reveals]
    notes = []
    found = Search((), 1.0)
    if len(rows) < FEWEST_VOICES:
        notes.append(
            f"Only {len(rows)} revealed: agreement can be weighed from {FEWEST_VOICES} labelers on."
        )
    else:
        found = search(as_answers(rows), rules.options, alpha)
    groups = [tuple(labelers[row] for row in group.members) for group in found.groups]
    findings = [_agreement(group, names) for group, names in zip(found.groups, groups, strict=True)]
    findings += _identical(one, found.groups, groups)
    findings += _funding(purses(events, labelers), groups, len(labelers), alpha)
    findings += _timing("committed", one.commitments, groups, alpha)
    findings += _timing("revealed", one.reveals, groups, alpha)
    order = list(Severity)
    return Findings(
        round_id=one.round_id,
        labelers=len(labelers),
        alpha=alpha,
        spread=found.spread,
        findings=tuple(sorted(findings, key=lambda finding: order.index(finding.severity))),
        gains=tuple(gains_of(one, names) for names in groups),
        notes=tuple(notes),
    )


def _weight(rate: float) -> Severity:
    return Severity.STRONG if rate <= _STRONG else Severity.NOTABLE


def _agreement(group: Group, names: tuple[str, ...]) -> Finding:
    links = group.links
    disputed = sum(link.disputed for link in links)
    among = "disputed tasks, where at least a fifth of everybody else differ from them"
    seen = sum(link.disputed_agreed for link in links)
    explained = sum(link.disputed_expected for link in links)
    if not disputed:
        among = "tasks"
        disputed = sum(link.shared for link in links)
        seen = sum(link.agreed for link in links)
        explained = sum(link.expected for link in links)
    against = sum(link.against for link in links) / len(links)
    by_chance = sum(link.against_expected for link in links) / len(links)
    count = len(links)
    if count == 2:
        how = (
            f"agree on {seen // 2} of {disputed // 2} {among}; their accuracy and the"
            f" difficulty of the tasks explain {explained / 2:.0f}"
        )
    else:
        how = (
            f"agree with what most of their group say on {seen / disputed:.0%} of"
            f" {disputed / count:.0f} {among}; their accuracy and the difficulty of the tasks"
            f" explain {explained / disputed:.0%}"
        )
    words = (
        f"{sentence(named(names))} {how}. On {against:.0f} tasks they say together what most"
        f" others do not; {by_chance:.0f} are explained. Among labelers of their accuracy who"
        f" work alone, such a group turns up in {one_in(group.rate)}."
    )
    what = "Two labelers agree" if count == 2 else f"{count} labelers agree"
    title = f"{what} more than accuracy explains"
    return Finding(FindingKind.AGREEMENT, _weight(group.rate), title, words, names, group.rate)


def _identical(
    one: RoundHistory, found: Sequence[Group], groups: Sequence[tuple[str, ...]]
) -> list[Finding]:
    """Sheets that are the same to the last answer, unless they give one answer to everything."""
    same: dict[Sheet, list[str]] = {}
    for event in one.reveals:
        same.setdefault(event.sheet, []).append(event.labeler)
    findings = []
    for sheet, names in same.items():
        if len(names) < 2 or _is_constant(sheet):
            continue
        rate = next(
            (
                group.rate
                for group, members in zip(found, groups, strict=True)
                if set(names) <= set(members)
            ),
            None,
        )
        answered = sheet[0].bit_count()
        words = f"{sentence(named(names))} gave the same {answered} answers. "
        if rate is None:
            words += (
                "So few of the others differ that it may be no more than being right, or there"
                " are too few others to tell."
            )
        else:
            words += f"Among labelers who work alone that happens in {one_in(rate)}."
        severity = Severity.NOTE if rate is None else _weight(rate)
        title = f"{len(names)} identical sheets"
        findings.append(Finding(FindingKind.IDENTICAL, severity, title, words, tuple(names), rate))
    return findings


def _is_constant(sheet: Sheet) -> bool:
    """Nothing but one option and skips: a habit that needs no other labeler."""
    answered, *digits = sheet
    return all(digit in (0, answered) for digit in digits)


def _funding(
    found: Sequence[Purse], groups: Sequence[tuple[str, ...]], everybody: int, alpha: float
) -> list[Finding]:
    findings = []
    for purse in found:
        parts = []
        if purse.paid:
            parts.append(f"paid in for {purse.paid} of them")
        if purse.received:
            parts.append(f"received what {purse.received} of them withdrew")
        if purse.address in purse.labelers:
            parts.append("is one of them")
        words = f"{sentence(named(purse.labelers))} share an address: {purse.address} "
        words += f"{', and '.join(parts)}."
        if purse.elsewhere:
            plural = "" if purse.elsewhere == 1 else "s"
            words += (
                f" It did so for {purse.elsewhere} other account{plural}, as a service or a"
                " requester may."
            )
        rate, severity = None, Severity.NOTE
        overlap = max(
            (
                (len(set(group) & set(purse.labelers)), group)
                for group in groups
                if len(set(group) & set(purse.labelers)) > 1
            ),
            default=None,
        )
        if overlap is None:
            words += " By itself that says nothing of their answers."
        else:
            both, group = overlap
            rate = chance_of_overlap(everybody, len(purse.labelers), len(group), both)
            severity = _weight(rate) if rate <= alpha else Severity.NOTE
            words += (
                f" {both} of them are in the group of {len(group)} that agrees; if money had"
                f" nothing to do with it, that would be so in {one_in(rate)}."
            )
        title = f"{len(purse.labelers)} labelers share a purse"
        findings.append(Finding(FindingKind.FUNDING, severity, title, words, purse.labelers, rate))
    return findings


def _timing(
    done: str, events: Sequence[LabelerEvent], groups: Sequence[tuple[str, ...]], alpha: float
) -> list[Finding]:
    """Whether those who agree also came together."""
    findings = []
    batches = clusters(events)
    for group in groups:
        together = most_together(batches, group, len(events))
        if together is None or together[2] > alpha:
            continue
        batch, both, rate = together
        names = tuple(one for one in group if one in batch.labelers)
        others = len(batch.labelers) - both
        company = (
            f"with {others} other{'' if others == 1 else 's'}" if others else "and nobody else"
        )
        words = (
            f"{sentence(named(names))}, of the group that agrees, {done} in one transaction in"
            f" block {batch.block}, {company}. Relayers carry many at once; if they picked"
            f" blindly, so many would be together in {one_in(rate)}."
        )
        title = f"{both} of them {done} together"
        findings.append(Finding(FindingKind.TIMING, _weight(rate), title, words, names, rate))
    return findings
