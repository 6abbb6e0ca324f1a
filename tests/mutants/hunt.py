"""What becomes of a mutant: compiled, compared with the original, and handed to the tests."""

import gc
import hashlib
import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from vyper.exceptions import VyperException

from tests.build import CONTRACTS, Compiled, compile_sources
from tests.mutants.operators import Mutant
from tests.mutants.suites import (
    ASKED,
    DRAWN,
    PLAYED,
    SEATED,
    first_failure,
    first_failure_in_copy,
)
from tests.seeding import copy_with

# What is deployed, and the suites that run with a build of it.
_JUDGE: Final = "Judge.vy"
_ROUNDS: Final = "LabelRounds.vy"
_MULTICALL: Final = "Multicall.vy"
_DRAW: Final = "policies/SeatDraw.vy"
_BOOK: Final = "RecordBook.vy"
_POLICIES: Final = tuple(
    f"policies/{name}.vy"
    for name in (
        *("MerkleAllowList", "RecordGate", "SignedAdmission", "TokenGate"),
        *("ExcludeParticipants", "AllOf", "AnyOf"),
    )
)
_SUITES: Final = {
    **{_JUDGE: ASKED, _ROUNDS: PLAYED, _MULTICALL: PLAYED},
    **dict.fromkeys((_BOOK, *_POLICIES), SEATED),
    _DRAW: DRAWN,
}
_IMPORT: Final = re.compile(r"^from \.+(?:modules)? import (\w+)", re.MULTILINE)


class Fate(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    SURVIVED = "survived"
    SAME = "same code"  # the compiler makes the same of it
    REFUSED = "does not compile"


@dataclass(frozen=True)
class Finding:
    """A mutant, its fate, and the test that failed first."""

    mutant: Mutant
    fate: Fate
    by: str = ""


Likely = Callable[[Mutant], Sequence[str]]


def hunt(mutants: Sequence[Mutant], jobs: int, likely: Likely) -> Iterator[Finding]:
    """Findings of the quick suites as they come, from so many processes at a time, a new one for
    each mutant. Test files that are `likely` to kill a mutant come first. The tests must pass
    without one: AssertionError otherwise.
    """
    failed = first_failure(None, [*ASKED, *PLAYED, *SEATED, *DRAWN])  # so all modules are loaded
    assert failed is None, f"without a mutant there already fails {failed}"
    original()
    gc.collect()
    gc.freeze()  # what is loaded stays
    yield from _at_once(partial(fate_of, likely), mutants, jobs)


def hunt_slowly(mutants: Sequence[Mutant], jobs: int) -> Iterator[Finding]:
    """The same for those that survived the quick suites, with the slow ones."""
    if mutants:
        with _project_with(None) as project:
            failed = first_failure_in_copy(project, "")
        assert failed is None, f"without a mutant there already fails {failed}"
    yield from _at_once(slow_fate_of, mutants, jobs)


def _at_once(
    find: Callable[[Mutant], Finding], mutants: Sequence[Mutant], jobs: int
) -> Iterator[Finding]:
    with get_context("fork").Pool(jobs, maxtasksperchild=1) as pool:
        yield from pool.imap_unordered(find, mutants)


@cache
def original() -> Compiled:
    """The contracts without a mistake, by name."""
    return compile_sources([CONTRACTS / file for file in _SUITES])


@cache
def code_without_mistakes() -> str:
    """Changes with the code of the contracts, but not with what is only said of it."""
    code = json.dumps([_code(built) for _, built in sorted(original().items())])
    return hashlib.sha256(code.encode()).hexdigest()


def fate_of(likely: Likely, mutant: Mutant) -> Finding:
    """Tries one mutant out. The judge is questioned first, as that takes a second."""
    gc.disable()  # this process ends soon, and the compiler makes a million small things
    with _project_with(mutant) as project, redirect_stderr(io.StringIO()):
        mutated = project / "mutated.json"
        changed: Compiled = {}
        try:
            for contract, suites in _SUITES.items():
                if mutant.file not in _files_of(contract):
                    continue
                changed |= _changed(project / "contracts" / contract, project)
                mutated.write_text(json.dumps(changed))
                first = [test for test in likely(mutant) if test.startswith(suites)]
                if changed and (test := _first_of(mutated, first) or _first_of(mutated, suites)):
                    return Finding(mutant, Fate.KILLED, test)
        except VyperException:
            return Finding(mutant, Fate.REFUSED)
    return Finding(mutant, Fate.SURVIVED if changed else Fate.SAME)


def _first_of(mutated: Path, suites: Sequence[str]) -> str | None:
    return first_failure(mutated, suites) if suites else None


def slow_fate_of(mutant: Mutant) -> Finding:
    """Tries one out in a copy of the project."""
    with _project_with(mutant) as project:
        test = first_failure_in_copy(project, mutant.file)
    return Finding(mutant, Fate.KILLED if test else Fate.SURVIVED, test or "")


@contextmanager
def _project_with(mutant: Mutant | None) -> Iterator[Path]:
    """A directory with the contracts, among them the mutant; it is gone afterwards."""
    file = mutant.file if mutant else _JUDGE
    source = (CONTRACTS / file).read_text()
    with TemporaryDirectory(prefix="plumbline-mutant-") as directory:
        project = Path(directory) / "project"
        project.mkdir()
        copy_with(file, mutant.applied(source) if mutant else source, project)
        yield project


def _changed(contract: Path, project: Path) -> Compiled:
    """The contract by its name, if its code is another than the original's."""
    compiled = compile_sources([contract], root=project)
    return {
        name: built for name, built in compiled.items() if _code(built) != _code(original()[name])
    }


def _code(built: dict[str, Any]) -> str:
    """What deploys a contract, and so what is deployed, without what is said of the sources."""
    creation: str = built["bytecode"]
    metadata = int(creation[-4:], 16)  # its length in bytes, these two among them
    return creation[: -2 * metadata]


@cache
def _files_of(contract: str) -> frozenset[str]:
    """The files that a contract is made from, under contracts/."""
    files, waiting = set[str](), [contract]
    while waiting:
        file = waiting.pop()
        files.add(file)
        for name in _IMPORT.findall((CONTRACTS / file).read_text()):
            imported = f"modules/{name}.vy"
            if imported not in files and (CONTRACTS / imported).exists():
                waiting.append(imported)
    return frozenset(files)
