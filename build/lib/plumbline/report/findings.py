"""What a report needs to know of a finding, whoever made it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol


class Finding(Protocol):
    """Something about labelers that an auditor should look at.

    title, words   what it is, in a line and in a few sentences
    labelers       the addresses concerned
    kind           what sort of finding, a word
    severity       a word, a number or an enumeration
    false_alarm    how often honest labelers look like this: words, or a share of 1
    """

    @property
    def title(self) -> str: ...
    @property
    def words(self) -> str: ...
    @property
    def labelers(self) -> Sequence[str]: ...
    @property
    def kind(self) -> object: ...
    @property
    def severity(self) -> object: ...
    @property
    def false_alarm(self) -> object: ...


@dataclass(frozen=True, slots=True)
class FindingLine:
    """A finding as the page shows it."""

    title: str
    words: str
    labelers: tuple[str, ...]
    kind: str
    severity: str
    false_alarm: str


def line_of(finding: Finding) -> FindingLine:
    """All of it as text."""
    return FindingLine(
        title=finding.title,
        words=finding.words,
        labelers=tuple(finding.labelers),
        kind=_word(finding.kind),
        severity=_word(finding.severity),
        false_alarm=_chance(finding.false_alarm),
    )


def _word(value: object) -> str:
    if isinstance(value, Enum):
        # Numbers of an enumeration mean nothing to a reader, its texts do.
        value = value.value if isinstance(value.value, str) else value.name.lower()
    return str(value).replace("_", " ")


def _chance(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "" if value is None else _word(value)
    if 0 < value < 0.0001:
        return "less than 1 in 10,000"
    return f"{value:.2%}"
