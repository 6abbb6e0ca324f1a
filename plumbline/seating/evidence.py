"""The words that a policy is shown. `AllOf` gets a part for each member, `AnyOf` one part and for
whom it is.
"""

from collections.abc import Sequence
from typing import Final

from plumbline.errors import PlumblineError
from plumbline.protocol.limits import MAX_EVIDENCE

Evidence = tuple[bytes, ...]
"""At most 20 words of 32 bytes."""

_LENGTH_BITS: Final = 8  # of a part, in the first word


class EvidenceError(PlumblineError):
    """Evidence of the wrong form, or more of it than a policy takes."""


def for_all(parts: Sequence[Evidence]) -> Evidence:
    """What `AllOf` is shown: the parts of its members, in their order.

    Nothing, if no member is shown anything. Raises EvidenceError.
    """
    lengths = sum(len(part) << _LENGTH_BITS * number for number, part in enumerate(parts))
    if not lengths:
        return ()
    return _limited((lengths.to_bytes(32, "big"), *(word for part in parts for word in part)))


def for_any(number: int, part: Evidence) -> Evidence:
    """What `AnyOf` is shown: which of its members is asked, from 0, and with what.

    Raises EvidenceError.
    """
    return _limited((number.to_bytes(32, "big"), *part))


def parts_of(evidence: Evidence, members: int) -> tuple[Evidence, ...]:
    """The part of each member of `AllOf`. Raises EvidenceError."""
    lengths, rest = (int.from_bytes(evidence[0], "big"), evidence[1:]) if evidence else (0, ())
    parts = []
    for _ in range(members):
        length = lengths & (1 << _LENGTH_BITS) - 1
        if length > len(rest):
            raise EvidenceError("the evidence is shorter than it says")
        parts.append(rest[:length])
        lengths, rest = lengths >> _LENGTH_BITS, rest[length:]
    if rest or lengths:
        raise EvidenceError(f"the evidence holds more than {members} parts")
    return tuple(parts)


def choice_of(evidence: Evidence, members: int) -> tuple[int, Evidence]:
    """Which member of `AnyOf` is asked, from 0, and with what. Raises EvidenceError."""
    if not evidence:
        raise EvidenceError("the evidence does not say which policy is to be asked")
    number = int.from_bytes(evidence[0], "big")
    if number >= members:
        raise EvidenceError(f"the evidence names policy {number}: there are {members}, from 0")
    return number, evidence[1:]


def _limited(evidence: Evidence) -> Evidence:
    if len(evidence) > MAX_EVIDENCE:
        raise EvidenceError(
            f"{len(evidence)} words of evidence: a policy takes {MAX_EVIDENCE}. Ask for policies "
            "that are shown less"
        )
    return evidence
