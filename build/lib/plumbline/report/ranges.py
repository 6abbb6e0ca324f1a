"""Which rounds: `3-18`, or `1,4,7-9`."""

import re
from collections.abc import Sequence
from typing import Final

from plumbline.report.facts import ReportError

_PART: Final = re.compile(r"([0-9]{1,9})(?:-([0-9]{1,9}))?", re.ASCII)


def parse_rounds(text: str, count: int) -> tuple[int, ...]:
    """The numbers named, ascending, each once; `count` rounds exist.

    Raises ReportError for what is no list of numbers, or names a round that does not exist.
    """
    found: set[int] = set()
    for part in text.split(","):
        match = _PART.fullmatch(part.strip())
        if match is None:
            raise ReportError(f"{text!r} names no rounds: write them like 3-18 or 1,4,7-9")
        first = int(match[1])
        last = int(match[2] or first)
        if first > last:
            raise ReportError(f"{part.strip()} begins after its end: write {last}-{first}")
        if not 1 <= first <= last <= count:
            known = f"1 to {count} exist" if count else "none is open yet"
            raise ReportError(f"{part.strip()} is beyond the rounds there are: {known}")
        found.update(range(first, last + 1))
    return tuple(sorted(found))


def in_ranges(numbers: Sequence[int]) -> str:
    """The inverse of `parse_rounds`; `numbers` ascending."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ",".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
