"""Forensics: what in a round speaks for labelers who did not work alone.

    model        what the crowd would answer to a task
    pairs        how far apart two sheets are, and how far apart they should be
    sharpness    how seldom people who read alike may differ
    groups       labelers who differ less than that, one group after the other
    schools      how many readings of the question there are, and which tasks split them
    simulation   the round again, everybody working alone
    links        whose money it is, and who relayed for them
    gains        the round settled again without them
    findings     all of it in words
    investigate  puts it together

Evidence, never a verdict: docs/forensics.md says how often it misleads, as measured by
`plumbline audit forensics --measure` on made-up and on real crowds.
"""

from plumbline.forensics.findings import (
    Finding,
    FindingKind,
    Gain,
    Gains,
    Investigation,
    Readings,
    Severity,
)
from plumbline.forensics.investigate import ForensicsError, investigate, readings_of

__all__ = [
    "Finding",
    "FindingKind",
    "ForensicsError",
    "Gain",
    "Gains",
    "Investigation",
    "Readings",
    "Severity",
    "investigate",
    "readings_of",
]
