"""What forensics has to say of a round: evidence in words, with how often it misleads.

A finding is never a verdict. It says what was seen, what would explain it, and how often a round
in which everybody works alone would show it all the same: its false-alarm rate.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from plumbline.formats.plain_data import plain_data
from plumbline.settlement import Band

SURE: Final = 1e-4  # no model of people is good enough for smaller chances than this
_AMOUNTS: Final = frozenset(
    {"pay", "slash", "pay_without", "slash_without", "net", "others", "others_without"}
)


class FindingKind(StrEnum):
    """What a finding is about."""

    AGREEMENT = "agreement"
    IDENTICAL = "identical"
    FUNDING = "funding"
    TIMING = "timing"
    READINGS = "readings"


class Severity(StrEnum):
    """How much a finding weighs: a note alone is no reason to suspect anybody."""

    STRONG = "strong"
    NOTABLE = "notable"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One piece of evidence.

    title    a few words
    words    what was seen, whole sentences
    labelers   addresses, with their checksum
    rate     share of honest rounds that show this too; None where no chance can be given
    """

    kind: FindingKind
    severity: Severity
    title: str
    words: str
    labelers: tuple[str, ...]
    rate: float | None

    @property
    def false_alarm(self) -> str:
        """How often honest labelers look like this, in words."""
        return "not known" if self.rate is None else one_in(self.rate)


@dataclass(frozen=True, slots=True)
class Gain:
    """What one labeler gets, and would get if the suspected had not taken part; wei.

    `band_without` is None for the suspected themselves.
    """

    labeler: str
    band: Band
    pay: int
    slash: int
    band_without: Band | None
    pay_without: int
    slash_without: int


@dataclass(frozen=True, slots=True)
class Gains:
    """The round settled again without some labelers, by the reference implementation.

    suspected        who was left out
    mode, mode_without   what the round is judged by: void, peer or gold
    labels_changed   tasks to which the crowd has another answer without them
    net              pay less slashes of the suspected, wei
    others, others_without   the same of everybody else
    lines            one for every labeler who revealed, in the order of the roll
    """

    suspected: tuple[str, ...]
    mode: str
    mode_without: str
    labels_changed: int
    net: int
    others: int
    others_without: int
    lines: tuple[Gain, ...]


@dataclass(frozen=True, slots=True)
class Readings:
    """In how many ways the crowd seems to read the question; about the question, naming nobody.

    sizes   labelers who share each reading, the largest first; a group that was found counts once
    alone   labelers who share theirs with nobody, or always say the same
    split   tasks to which two readings clearly have different answers, from 0, ascending
    """

    sizes: tuple[int, ...]
    alone: int
    split: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Investigation:
    """All that forensics has to say of one round.

    labelers   how many revealed
    alpha      most that a finding of agreement may have as its false-alarm rate
    tellable   labelers whose sheet would be named if it were handed in twice; None if too few
               revealed
    readings   how the crowd reads the question; None if too few revealed
    notes      what could not be looked at or told apart, and why
    """

    round_id: int
    labelers: int
    alpha: float
    tellable: int | None
    readings: Readings | None
    findings: tuple[Finding, ...]
    gains: tuple[Gains, ...]
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain data; amounts as decimal strings, since JSON readers hold numbers as doubles."""
        return plain_data(self, _AMOUNTS)


def one_in(rate: float) -> str:
    """A false-alarm rate in words: `1 of 40,000 rounds`, two digits that count."""
    if rate < SURE:
        return f"fewer than 1 of {round(1 / SURE):,} rounds"
    rounds = 1 / rate
    if rounds < 10:
        return f"{rate:.0%} of rounds"
    step = 10 ** (len(str(int(rounds))) - 2)
    return f"1 of {int(rounds) // step * step:,} rounds"


def named(labelers: Sequence[str]) -> str:
    """Labelers in a sentence, by short addresses; many by their number."""
    short = [f"{labeler[:6]}..{labeler[-4:]}" for labeler in labelers]
    if len(short) > 4:
        return f"{len(short)} labelers ({', '.join(short[:3])} and {len(short) - 3} more)"
    return f"labelers {', '.join(short[:-1])} and {short[-1]}"


def sentence(text: str) -> str:
    """With a capital letter first."""
    return text[:1].upper() + text[1:]
