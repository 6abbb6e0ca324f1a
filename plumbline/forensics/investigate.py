"""All evidence of a round, put together."""

from collections.abc import Sequence
from typing import Final

from plumbline.chain.events import Event, LabelerEvent
from plumbline.errors import PlumblineError
from plumbline.forensics.findings import (
    Finding,
    FindingKind,
    Investigation,
    Readings,
    Severity,
    named,
    one_in,
    sentence,
)
from plumbline.forensics.gains import gains_of
from plumbline.forensics.groups import FEWEST_VOICES, Group, search, tellable
from plumbline.forensics.links import (
    SharedAddress,
    chance_of_overlap,
    most_together,
    shared_addresses,
    shared_transactions,
)
from plumbline.forensics.model import as_answers, indicators
from plumbline.forensics.schools import find_schools
from plumbline.forensics.simulation import named_groups, voices_of
from plumbline.history.rounds import RoundHistory
from plumbline.settlement.sheet import Sheet

_STRONG: Final = 1e-4  # false-alarm rate from which on evidence is called strong
_ALPHA: Final = 0.01
_TASKS_SHOWN: Final = 12  # of those that split the crowd


class ForensicsError(PlumblineError):
    """A question that forensics cannot answer."""


def investigate(
    history: RoundHistory, events: Sequence[Event], alpha: float = _ALPHA
) -> Investigation:
    """What in a round speaks for labelers who did not work alone.

    `events` are those of the whole deployment; deposits and withdrawals are looked up in them.
    Answers are compared as far as they were revealed. `alpha` is the most that the false-alarm
    rate of a finding of agreement may be. Raises ForensicsError for an `alpha` that is no such
    share, SheetError if answers do not fit the round.
    """
    if not 0 < alpha < 1:
        raise ForensicsError(f"alpha is {alpha}: give a share between 0 and 1, like 0.01")
    labelers = [event.labeler for event in history.reveals]
    rows = history.answers()
    notes = []
    found: tuple[Group, ...] = ()
    readings = told = None
    if len(rows) < FEWEST_VOICES:
        notes.append(
            f"Only {len(rows)} revealed: agreement can be weighed from {FEWEST_VOICES} labelers on."
        )
    else:
        answers = as_answers(rows)
        found = named_groups(answers, history.rules.options, alpha)
        readings = readings_of(rows, history.rules.options, found)
        told = len(tellable(answers, history.rules.options, alpha))
        if 2 * told < len(rows):
            notes.append(
                "This round is too small, or too much agreed on, to tell one sheet that was handed"
                f" in twice from two people who read the question alike: {_seen(told, len(rows))}."
            )
    groups = [tuple(labelers[row] for row in group.members) for group in found]
    findings = [_agreement(group, names) for group, names in zip(found, groups, strict=True)]
    findings += _identical(history, found, groups)
    findings += _funding(shared_addresses(events, labelers), groups, len(labelers), alpha)
    findings += _timing("committed", history.commitments, groups, alpha)
    findings += _timing("revealed", history.reveals, groups, alpha)
    if readings is not None and len(readings.sizes) > 1:
        findings.append(_split(readings, history.rules.tasks))
    order = list(Severity)
    return Investigation(
        round_id=history.round_id,
        labelers=len(labelers),
        alpha=alpha,
        tellable=told,
        readings=readings,
        findings=tuple(sorted(findings, key=lambda finding: order.index(finding.severity))),
        gains=tuple(gains_of(history, names) for names in groups),
        notes=tuple(notes),
    )


def readings_of(
    rows: Sequence[Sequence[int | None]], options: int, groups: Sequence[Group] | None = None
) -> Readings | None:
    """In how many ways labelers read the question, by their rows of answers; None of too few.

    Of each of the groups that did not work alone one counts; they are looked for if not given.
    """
    if len(rows) < FEWEST_VOICES or not rows[0]:
        return None
    answers = as_answers(rows)
    if groups is None:
        groups = search(answers, options, _ALPHA)
    schools = find_schools(indicators(answers[voices_of(len(answers), groups)], options))
    return Readings(schools.sizes, schools.alone, schools.split)


def _seen(told: int, everybody: int) -> str:
    if not told:
        return "no pair could be named"
    return f"it would be noticed for {told} of {everybody} labelers only"


def _weight(rate: float) -> Severity:
    return Severity.STRONG if rate <= _STRONG else Severity.NOTABLE


def _agreement(group: Group, names: tuple[str, ...]) -> Finding:
    memberships = group.memberships
    count = len(memberships)
    differing = sum(member.differing for member in memberships)
    shared = sum(member.shared for member in memberships)
    expected = sum(member.expected for member in memberships)
    against = sum(member.against for member in memberships) / count
    if count == 2:
        how = f"differ on {differing // 2} of {shared // 2} tasks that both answered"
        strangers = f"{expected / 2:.0f}"
    else:
        how = f"differ from what most of their group say on {differing / shared:.1%} of their tasks"
        strangers = f"{expected / shared:.0%}"
    words = (
        f"{sentence(named(names))} {how}; who has no more in common with them than the crowd would"
        f" on about {strangers}, and people who read the question alike slip more often than this."
        f" On {against:.0f} tasks they say together what most others do not. Among labelers who"
        f" work alone, such a group turns up in {one_in(group.rate)}."
    )
    what = "Two labelers differ" if count == 2 else f"{count} labelers differ"
    title = f"{what} less than people who read alike"
    return Finding(FindingKind.AGREEMENT, _weight(group.rate), title, words, names, group.rate)


def _split(readings: Readings, tasks: int) -> Finding:
    """The crowd's readings, as a note about the question."""
    *most, least = [str(size) for size in readings.sizes]
    shown = ", ".join(str(task) for task in readings.split[:_TASKS_SHOWN])
    more = len(readings.split) - _TASKS_SHOWN
    which = f": {shown}{f' and {more} more' if more > 0 else ''}" if readings.split else ""
    alone = f" {readings.alone} fit none of them." if readings.alone else ""
    words = (
        f"{' and '.join([', '.join(most), least])} labelers answer alike, each of them in a way of"
        f" their own.{alone} Their answers clearly differ on {len(readings.split)} of {tasks}"
        f" tasks{which}. That is about the question and not about anybody: look at some of these"
        " tasks, say in the guideline which reading is meant, and ask them again."
    )
    title = f"The question seems to be read in {len(readings.sizes)} ways"
    return Finding(FindingKind.READINGS, Severity.NOTE, title, words, (), None)


def _identical(
    history: RoundHistory, groups: Sequence[Group], names_of: Sequence[tuple[str, ...]]
) -> list[Finding]:
    """Sheets that are the same to the last answer, unless they give one answer to everything.

    They name nobody unless their labelers are of one of the groups.
    """
    same: dict[Sheet, list[str]] = {}
    for event in history.reveals:
        same.setdefault(event.sheet, []).append(event.labeler)
    findings = []
    for sheet, names in same.items():
        if len(names) < 2 or _is_constant(sheet):
            continue
        rate = next(
            (
                group.rate
                for group, members in zip(groups, names_of, strict=True)
                if set(names) <= set(members)
            ),
            None,
        )
        answered = sheet[0].bit_count()
        if rate is None:
            words = (
                f"{len(names)} labelers gave the same {answered} answers. This round cannot tell"
                " that from people who read the question alike: others differ on too few of these"
                " tasks, or there are too few others. So nobody is named."
            )
        else:
            words = (
                f"{sentence(named(names))} gave the same {answered} answers. Among labelers who"
                f" work alone that happens in {one_in(rate)}."
            )
        severity = Severity.NOTE if rate is None else _weight(rate)
        title = f"{len(names)} identical sheets"
        suspects = () if rate is None else tuple(names)
        findings.append(Finding(FindingKind.IDENTICAL, severity, title, words, suspects, rate))
    return findings


def _is_constant(sheet: Sheet) -> bool:
    """Nothing but one option and skips: a habit that needs no other labeler."""
    answered, *digits = sheet
    return all(digit in (0, answered) for digit in digits)


def _funding(
    shared: Sequence[SharedAddress], groups: Sequence[tuple[str, ...]], everybody: int, alpha: float
) -> list[Finding]:
    findings = []
    for link in shared:
        parts = []
        if link.paid:
            parts.append(f"paid in for {link.paid} of them")
        if link.received:
            parts.append(f"received what {link.received} of them withdrew")
        if link.address in link.labelers:
            parts.append("is one of them")
        words = f"{sentence(named(link.labelers))} share an address: {link.address} "
        words += f"{', and '.join(parts)}."
        if link.elsewhere:
            plural = "" if link.elsewhere == 1 else "s"
            words += (
                f" It did so for {link.elsewhere} other account{plural}, as a service or a"
                " requester may."
            )
        rate, severity = None, Severity.NOTE
        overlap = max(
            (
                (len(set(group) & set(link.labelers)), group)
                for group in groups
                if len(set(group) & set(link.labelers)) > 1
            ),
            default=None,
        )
        if overlap is None:
            words += " By itself that says nothing of their answers."
        else:
            both, group = overlap
            rate = chance_of_overlap(everybody, len(link.labelers), len(group), both)
            severity = _weight(rate) if rate <= alpha else Severity.NOTE
            words += (
                f" {both} of them are in the group of {len(group)} that agrees; if money had"
                f" nothing to do with it, that would be so in {one_in(rate)}."
            )
        title = f"{len(link.labelers)} labelers share a funding address"
        findings.append(Finding(FindingKind.FUNDING, severity, title, words, link.labelers, rate))
    return findings


def _timing(
    done: str, events: Sequence[LabelerEvent], groups: Sequence[tuple[str, ...]], alpha: float
) -> list[Finding]:
    """Whether those who agree also came together."""
    findings = []
    batches = shared_transactions(events)
    for group in groups:
        together = most_together(batches, group, len(events))
        if together is None or together[2] > alpha:
            continue
        batch, both, rate = together
        names = tuple(labeler for labeler in group if labeler in batch.labelers)
        others = len(batch.labelers) - both
        company = (
            f"with {others} other{'' if others == 1 else 's'}" if others else "and nobody else"
        )
        words = (
            f"{sentence(named(names))}, of the group that agrees, {done} in one transaction in"
            f" block {batch.block}, {company}. Relayers send many at once; if they picked"
            f" blindly, so many would be together in {one_in(rate)}."
        )
        title = f"{both} of them {done} together"
        findings.append(Finding(FindingKind.TIMING, _weight(rate), title, words, names, rate))
    return findings
