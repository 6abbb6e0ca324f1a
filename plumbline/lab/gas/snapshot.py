"""The figures that must not grow, one a line, so that a change shows in a diff:

    nominal K=2 T=256 N=100        close                        20343    117

Gas and bytes of calldata and signature, per labeler; `open` and what is deployed as a whole, and `a
label` per label. Lines that begin with # say what is measured.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from plumbline.errors import PlumblineError
from plumbline.lab.gas.cases import Case

_TOLERANCE_BPS: Final = 50  # a figure may grow by this before it is a regression
_CASE: Final = 42  # columns
_STEP: Final = 32


class SnapshotError(PlumblineError):
    """A snapshot that cannot be read."""


@dataclass(frozen=True, slots=True)
class GasFigure:
    """Gas and bytes of one step of one round, or of a contract: of its creation and its code."""

    case: str
    step: str
    gas: int
    size: int


def to_text(kept: Sequence[GasFigure], cases: Sequence[Case]) -> str:
    """The text of a snapshot."""
    lines = (
        "# Gas and bytes posted, per labeler; of `open` and of deployments (gas and code) in all;",
        "# of `a label` per label.",
        f"# Written by `plumbline gas --write`; holds {len(cases)} rounds:",
        *(f"#   {case.name}" for case in cases),
        *(f"{x.case:<{_CASE}}{x.step:<{_STEP}}{x.gas:>10}{x.size:>8}" for x in kept),
    )
    return "".join(f"{line}\n" for line in lines)


def from_text(text: str) -> list[GasFigure]:
    """The figures of a snapshot. Raises SnapshotError with the line number."""
    read = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("#"):
            continue
        case, step = line[:_CASE].strip(), line[_CASE : _CASE + _STEP].strip()
        values = line[_CASE + _STEP :].split()
        if not (case and step and len(values) == 2 and all(value.isdigit() for value in values)):
            raise SnapshotError(f".gas-snapshot, line {number} is no figure: write it anew")
        read.append(GasFigure(case, step, *map(int, values)))
    return read


def regressions(before: Sequence[GasFigure], now: Sequence[GasFigure]) -> list[str]:
    """A line for each figure that grew by more than half a percent, or is missing."""
    known = {(item.case, item.step): item for item in before}
    lines = []
    for item in now:
        where = f"{item.case}, {item.step}"
        old = known.pop((item.case, item.step), None)
        if old is None:
            lines.append(f"{where}: {item.gas} gas is not in the snapshot")
            continue
        for unit, was, is_now in (("gas", old.gas, item.gas), ("bytes", old.size, item.size)):
            if is_now * 10_000 > was * (10_000 + _TOLERANCE_BPS):
                lines.append(f"{where}: {was} {unit} before, {is_now} now")
    return lines + [f"{case}, {step}: not measured" for case, step in known]
