"""Bugs planted into copies of the contracts, to see that a test would find them."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.build import CONTRACTS, Compiled, compile_sources


@dataclass(frozen=True)
class Bug:
    """`old` occurs once in that file of contracts/."""

    name: str
    file: str
    old: str
    new: str


def plant(bug: Bug, where: Path) -> Compiled:
    """The contract that money is in, compiled with the bug; `where` is an empty directory."""
    copy = where / "contracts"
    shutil.copytree(CONTRACTS, copy)
    source = (copy / bug.file).read_text()
    assert source.count(bug.old) == 1, f"{bug.old!r} is not in {bug.file} once: plant it anew"
    (copy / bug.file).write_text(source.replace(bug.old, bug.new))
    return compile_sources([copy / "LabelRounds.vy"], root=where)
