"""What all answers come to, in view of what is accepted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tests.advisories.accepted import Accepted
from tests.advisories.answers import Answer, Finding


@dataclass(frozen=True)
class Verdict:
    """Every finding, beside what accepts it, if anything does; and what is accepted in vain."""

    answers: tuple[Answer, ...]
    findings: tuple[tuple[Finding, Accepted | None], ...]
    stale: tuple[Accepted, ...]

    @property
    def is_bad(self) -> bool:
        """Whether something is known that nobody has accepted."""
        return any(entry is None for _, entry in self.findings)

    @property
    def is_silent(self) -> bool:
        """Whether something is not known, because a service said nothing, or not all."""
        return any(answer.silence for answer in self.answers)


def judge(answers: Sequence[Answer], accepted: Sequence[Accepted]) -> Verdict:
    """Holds findings against what is accepted."""
    believed = _believed(answers, accepted)
    findings = [finding for answer in believed for finding in answer.findings]
    covering = [next((e for e in accepted if e.covers(each)), None) for each in findings]
    silent = {package for answer in believed if answer.silence for package in answer.packages}
    stale = [
        entry
        for entry in accepted
        if entry.package not in silent and not any(map(entry.covers, findings))
    ]
    return Verdict(tuple(believed), tuple(zip(findings, covering, strict=True)), tuple(stale))


def _believed(answers: Sequence[Answer], accepted: Sequence[Accepted]) -> list[Answer]:
    """The answers, but not those of a service that knows of nothing, not even of what is accepted.

    So answers a mirror that has the form of a service, and no advisories.
    """
    empty = [answer for answer in answers if not answer.silence and not answer.findings]
    ignored = {
        answer.service: f"it knows of nothing, not even of {entry.package}"
        for answer in empty
        for entry in accepted
        if entry.package in answer.packages
    }
    return [
        replace(answer, silence=ignored[answer.service])
        if answer in empty and answer.service in ignored
        else answer
        for answer in answers
    ]
