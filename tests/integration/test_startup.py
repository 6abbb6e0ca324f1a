"""Commands start quickly: in processor time, as a ratio to importing web3, in one run.

A start lasts until the first question to the node, at which the process is killed here.
"""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from web3 import Web3

from plumbline.chain.deployment import to_text
from plumbline.protocol.addresses import ZERO
from tests.build import Compiled
from tests.integration.conftest import deploy
from tests.integration.shell import PATIENCE, Shell

READS = {
    "requester status": ("requester", "status"),
    "labeler status": ("labeler", "status", "--account", "TEST::1"),
    "requester labels": ("requester", "labels"),
    "audit": ("audit", "--no-cache"),
}
SIGNS = {
    "labeler deposit": ("labeler", "deposit", "1 gwei", "--account", "TEST::1", "--yes"),
    "labeler commit": ("labeler", "commit", "a.csv", "--account", "TEST::1", "--yes"),
}
MOST_READING = 1.5
MOST_SIGNING = 3.0
TIMES = 3

HEAVY = {
    "ape",
    "eth",
    "eth_tester",
    "jinja2",
    "matplotlib",
    "pandas",
    "pyarrow",
    "textual",
    "vyper",
}
"""What no command imports that reads or signs."""

LIGHTER = HEAVY | {"numpy"}
"""Nor what only shows how things stand."""

RUNS = {
    "requester status": LIGHTER,
    "labeler status": LIGHTER,
    "labeler deposit": LIGHTER,
    "audit": HEAVY,
}

MODULES = """
import json, sys
from plumbline.cli.main import cli
try:
    cli(sys.argv[1:])
except SystemExit as end:
    assert end.code == 0, end.code
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


@pytest.fixture(scope="module")
def shell(
    tmp_path_factory: pytest.TempPathFactory, anvil: str, w3: Web3, compiled: Compiled
) -> Shell:
    """A folder with the manifest of a deployment."""
    folder: Path = tmp_path_factory.mktemp("startup")
    shell = Shell(folder, anvil)
    manifest = folder / "deployment.json"
    manifest.write_text(to_text(deploy(w3, compiled, ZERO)))
    shell.environment |= {"PLUMBLINE_DEPLOYMENT": str(manifest)}
    return shell


def processor_seconds(command: list[str], shell: Shell) -> float:
    """What a process takes of the processor, to its end or to the first question to its node."""
    with socket.create_server(("127.0.0.1", 0)) as node:
        node.settimeout(0.005)
        url = f"http://127.0.0.1:{node.getsockname()[1]}"
        process = subprocess.Popen(
            command,
            # As installed: with byte code, which the first time round writes.
            env={**shell.environment, "APE_FOUNDRY_HOST": url, "PYTHONDONTWRITEBYTECODE": ""},
            cwd=shell.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while True:
            ended, _, usage = os.wait4(process.pid, os.WNOHANG)
            if ended:
                return usage.ru_utime + usage.ru_stime
            try:
                node.accept()[0].close()
                os.kill(process.pid, signal.SIGKILL)
            except TimeoutError:
                pass


@pytest.fixture(scope="module")
def seconds(shell: Shell) -> Iterator[dict[str, float]]:
    """The least that each took, in turns, so that a busy machine is busy for all."""
    commands = {"web3": [sys.executable, "-c", "import web3"]}
    for name, arguments in (READS | SIGNS).items():
        commands[name] = [shell.program("plumbline"), *arguments]
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(TIMES):
        for name, command in commands.items():
            taken[name].append(processor_seconds(command, shell))
    least = {name: min(values) for name, values in taken.items()}
    for name, value in least.items():
        print(f"{name:<18} {value:.2f} s, {value / least['web3']:.2f} times web3")
    yield least


@pytest.mark.parametrize("name", READS)
def test_what_only_reads_starts_within_one_and_a_half_times_web3(
    seconds: dict[str, float], name: str
) -> None:
    assert seconds[name] <= MOST_READING * seconds["web3"]


@pytest.mark.parametrize("name", SIGNS)
def test_what_signs_starts_within_three_times_web3(seconds: dict[str, float], name: str) -> None:
    assert seconds[name] <= MOST_SIGNING * seconds["web3"]


@pytest.mark.parametrize("name", RUNS)
def test_no_command_imports_what_it_does_not_need(shell: Shell, name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", MODULES, *(READS | SIGNS)[name]],
        env=shell.environment,
        cwd=shell.folder,
        check=True,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    imported = set(json.loads(done.stdout.strip().splitlines()[-1]))
    assert "web3" in imported
    assert imported & RUNS[name] == set()
