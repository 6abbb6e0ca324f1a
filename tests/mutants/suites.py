"""The tests that a mutant has to survive, the quickest and likeliest to notice it first."""

import io
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Final

import pytest

from tests.build import ROOT
from tests.paths import SHARED

# What questions a judge, and what plays with a deployment.
ASKED: Final = ("differential/test_rules.py", "differential/test_judge.py")
PLAYED: Final = ("attacks",)
# What draws from a pool.
_MOVES: Final = sorted(
    path.relative_to(ROOT / "tests").as_posix()
    for kind in ("draw", "pool")
    for path in (ROOT / "tests/attacks").glob(f"test_{kind}_*.py")
)
DRAWN: Final = (
    *("unit/test_seat_draw.py", *_MOVES),
    *("differential/test_draws.py", "stateful/test_pool.py"),
)
# What asks policies.
_GATES: Final = ("differential/test_gates.py", "differential/test_gate_terms.py")
SEATED: Final = (
    *_GATES,
    "attacks/test_hostile_member.py",
    "attacks/test_attestation_replay.py",
    "attacks/test_hostile_gate_token.py",
    "attacks/test_returning_participant.py",
    "attacks/test_bought_record.py",
    "attacks/test_allow_list.py",
)
# The other tests that run contracts: in boa, on revm, and on Anvil.
_BOA: Final = ("unit/test_ledger.py", "unit/test_commitment.py")
_REVM: Final = ("exhaustive", "stateful", *ASKED, *_GATES)
_SETTINGS: Final = ("ape-config.yaml", "pyproject.toml")
# One of pytest's own takes longer to collect garbage in the end than some mutants live.
_NO_PLUGINS: Final = ("-p", "no:ape_test", "-p", "no:boa_test", "-p", "no:unraisableexception")
# Rounds for judge and reference implementation: what only the other thousands tell apart is tried
# slowly.
_FEW_ROUNDS: Final = {"PLUMBLINE_DIFFERENTIAL_ROUNDS": "1500"}
_PATIENCE: Final = 900  # seconds; what takes longer has been found


def first_failure(mutated: Path | None, suites: Sequence[str]) -> str | None:
    """The first test of these suites that fails with the contracts in `mutated`; None if none.

    Runs in this process, whose modules stay loaded.
    """
    os.environ |= {"SEEDED": str(mutated or ""), **_FEW_ROUNDS}
    os.chdir(ROOT)
    noted = _FirstFailure()
    paths = [f"tests/{suite}" for suite in suites]
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        code = pytest.main([*_NO_PLUGINS, "-x", "-q", "--tb=no", *paths], plugins=[noted])
    if code == pytest.ExitCode.OK:
        return None
    return noted.test or f"pytest ended with {code!r}"


class _FirstFailure:
    """A plugin of pytest that keeps the name of the first test that failed."""

    test: str | None = None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and self.test is None:
            self.test = report.nodeid


def first_failure_in_copy(project: Path, mutated: str) -> str | None:
    """The same for the slow suites, which compile contracts themselves: those in this directory,
    which becomes a copy of the project. The suites nearest to the `mutated` file come first.
    """
    for name in _SETTINGS:
        shutil.copy(ROOT / name, project)
    for name in ("tests", "docs"):  # tests read the specification, too
        shutil.copytree(ROOT / name, project / name)
    if SHARED.exists():
        (project.parent / "shared").symlink_to(SHARED)
    pytest_ = [sys.executable, "-m", "pytest", "-p", "no:ape_test"]
    ape = [str(Path(sys.executable).with_name("ape")), "test", "-p", "no:boa_test"]
    commands = {
        "modules": [*pytest_, "-p", "no:boa_test", *(f"tests/{suite}" for suite in _REVM)],
        "modules/accounts.vy": [*pytest_, *(f"tests/{suite}" for suite in _BOA)],
        "LabelRounds.vy": [*ape, "tests/functional"],
    }
    nearest_first = sorted(commands, key=lambda near: near != mutated)
    ends = (_run(commands[near], project) for near in nearest_first)
    return next(filter(None, ends), None)


def _run(command: Sequence[str], where: Path) -> str | None:
    all_rounds = {name: value for name, value in os.environ.items() if name not in _FEW_ROUNDS}
    try:
        done = subprocess.run(
            [*command, "-x", "-q", "--tb=no"],
            cwd=where,
            env={**all_rounds, "SEEDED": ""},
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"{command[-1]}: takes too long"
    if done.returncode == pytest.ExitCode.OK:
        return None
    failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return failed[0].split(" ")[1] if failed else done.stdout[-300:]
