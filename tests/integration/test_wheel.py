"""The package as people install it: a wheel in an empty environment, without ape or matplotlib."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from web3 import Web3

from plumbline import __version__
from plumbline.chain.deployment import to_text
from plumbline.planning.table import SETTINGS
from tests.build import ROOT
from tests.integration.market import Market, terms

BYTE_CODE = shutil.ignore_patterns("__pycache__")
LOCK = ROOT / "requirements.lock"
CROWD = (0.95, 0.9, 0.9, 0.95, 0.0)


@dataclass(frozen=True)
class Installed:
    """An environment with nothing but the wheel and what it asks for."""

    python: Path
    folder: Path

    def __call__(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run the command, far from the sources."""
        environment = {"HOME": str(self.folder), "PATH": os.environ["PATH"], "COLUMNS": "100"}
        return subprocess.run(
            [str(self.python.with_name("plumbline")), *arguments],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def packages(self) -> set[str]:
        """The names of all that is installed."""
        listed = json.loads(uv("pip", "list", "--python", str(self.python), "--format", "json"))
        return {package["name"] for package in listed}


def uv(*arguments: str) -> str:
    program = Path(sys.executable).with_name("uv")
    done = subprocess.run([str(program), *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _copy(folder: Path) -> Path:
    """What goes into the wheel: building leaves files beside it."""
    shutil.copytree(ROOT / "plumbline", folder / "plumbline", ignore=BYTE_CODE)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("wheel")
    uv("build", "--quiet", "--wheel", "--out-dir", str(folder), str(_copy(folder / "project")))
    (wheel,) = folder.glob("plumbline-*.whl")
    environment = folder / "environment"
    uv("venv", "--quiet", "--python", sys.executable, str(environment))
    python = environment / "bin" / "python"
    # The versions that everything else is tested with.
    uv("pip", "install", "--quiet", "--python", str(python), "--constraint", str(LOCK), str(wheel))
    return Installed(python, folder)


@pytest.fixture(scope="module")
def recorded(
    tmp_path_factory: pytest.TempPathFactory, market: Market, w3: Web3
) -> tuple[Path, Path]:
    """The manifest of a deployment with a round that is over, and its recorded log."""
    folder = tmp_path_factory.mktemp("recorded")
    batch = market.open(terms(gold_count=12), gold_tasks=range(12))
    market.commit(batch, CROWD)
    market.reveal(batch, list(batch.openings))
    market.close(batch)
    manifest = folder / "deployment.json"
    manifest.write_text(to_text(market.deployment))
    return manifest, folder / "cache"


def test_it_is_named_and_versioned(installed: Installed) -> None:
    assert installed("--version").stdout == f"plumbline, version {__version__}\n"


def test_neither_ape_nor_what_measures_comes_along(installed: Installed) -> None:
    heavy = {"eth-ape", "vyper", "matplotlib", "pandas", "pyarrow", "textual", "titanoboa"}
    assert installed.packages() & heavy == set()


def test_the_table_of_what_to_expect_comes_along(installed: Installed) -> None:
    program = "from plumbline.planning.table import shipped; print(len(shipped().cells))"
    command = [str(installed.python), "-I", "-c", program]
    done = subprocess.run(command, cwd=installed.folder, capture_output=True, text=True, check=True)
    assert int(done.stdout) == len(SETTINGS)


def test_every_group_explains_itself(installed: Installed) -> None:
    for group in ("deploy", "join", "requester", "labeler", "audit", "rewards"):
        done = installed(group, "--help")
        assert done.returncode == 0, done.stderr
        assert "Usage: plumbline" in done.stdout


def test_it_audits_a_recorded_log(
    installed: Installed, recorded: tuple[Path, Path], anvil: str
) -> None:
    manifest, cache = recorded
    arguments = ("audit", "--json", "--deployment", str(manifest), "--cache", str(cache))
    first = installed(*arguments, "--network", anvil)
    assert first.returncode == 0, first.stderr
    report = json.loads(first.stdout)
    assert report["differences"] == []
    assert len(report["rounds"]) == 1
    log = next(cache.rglob("*"))
    assert log.stat().st_size > 1_000
    again = installed(*arguments, "--network", anvil)
    assert json.loads(again.stdout) == report


def test_a_command_without_its_extra_says_which_to_install(installed: Installed) -> None:
    for arguments, extra in (
        (("keeper", "--help"), "keeper"),
        (("audit", "report", "--help"), "report"),
        (("labeler", "answer", "--help"), "labeler"),
        (("demo", "--help"), "ape"),
    ):
        done = installed(*arguments)
        assert done.returncode == 1
        assert f"pip install 'plumbline[{extra}]'" in done.stderr
        assert "Traceback" not in done.stderr
