"""Bugs seeded into copies of the contracts, to see that a test would find them."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.build import CONTRACTS, Compiled, compile_sources

_DRAWING = (
    *("policies/SeatDraw", "modules/beacon", "modules/draws", "modules/permutation"),
    "modules/pool",
)
_JUDGING = ("Judge", "modules/consensus", "modules/gold", "modules/rules", "modules/scoring")
# Modules of policies, and one that has each.
_SHARED = {"modules/composition": "policies/AllOf", "modules/closings": "RecordBook"}


@dataclass(frozen=True)
class Bug:
    """`old` occurs once in that file of contracts/."""

    name: str
    file: str
    old: str
    new: str

    @property
    def contract(self) -> str:
        """The contract that has it: the one that money is in, unless it is another's file."""
        name = self.file.removesuffix(".vy")
        if name in _JUDGING:
            return "Judge"
        if name in _DRAWING:
            return "policies/SeatDraw"
        if name in _SHARED:
            return _SHARED[name]
        stands_alone = name in ("Multicall", "RecordBook") or name.startswith("policies/")
        return name if stands_alone else "LabelRounds"


def seed_bug(bug: Bug, where: Path) -> Compiled:
    """The contract that has the bug, compiled with it; `where` is an empty directory."""
    source = (CONTRACTS / bug.file).read_text()
    assert source.count(bug.old) == 1, f"{bug.old!r} is not in {bug.file} once: seed it anew"
    copy = copy_with(bug.file, source.replace(bug.old, bug.new), where)
    return compile_sources([copy / f"{bug.contract}.vy"], root=where)


def copy_with(file: str, source: str, where: Path) -> Path:
    """A copy of contracts/ in that directory, in which that file has another source."""
    copy = where / "contracts"
    shutil.copytree(CONTRACTS, copy)
    (copy / file).write_text(source)
    return copy
