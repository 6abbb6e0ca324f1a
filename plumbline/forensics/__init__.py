"""Forensics: what in a round speaks for labelers who did not work alone.

    model        what honest answers would be
    pairs        how much more two labelers agree than that, and how likely it is
    groups       labelers who agree too much, one group after the other
    links        whose money it is, and who relayed for them
    gains        the round settled again without them
    findings     all of it in words
    investigate  puts it together

Evidence, never a verdict: docs/forensics.md says how often it misleads, as measured by
`plumbline audit forensics --measure` on made-up and on real crowds.
"""

from plumbline.forensics.findings import Finding, FindingKind, Gain, Gains, Investigation, Severity
from plumbline.forensics.investigate import ForensicsError, investigate

__all__ = [
    "Finding",
    "FindingKind",
    "ForensicsError",
    "Gain",
    "Gains",
    "Investigation",
    "Severity",
    "investigate",
]
