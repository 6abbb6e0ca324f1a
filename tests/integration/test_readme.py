"""The blocks of commands in the README do what they say, as they stand, in a real shell."""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.build import ROOT
from tests.integration.nodes import free_port
from tests.integration.shell import PATIENCE
from tests.sampling import ALL
from tests.terminal import Terminal
from tests.waiting import wait_until

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"(?ms)^```\n(.*?)^```$", README)
COMMANDS = [block for block in BLOCKS if re.match(r"\. |plumbline|for ", block)]
# The Anvil of a test has a port of its own, and ends with it.
ANVIL = """() {
  setsid -w sh -c 'echo $$ > anvil.pid; exec %s --port %d "$@"' anvil "$@"
}"""


class Home:
    """A checkout of this project in which commands may write."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("contracts", "plumbline", "scripts", "ape-config.yaml", ".venv", ".build"):
            if (ROOT / name).exists():
                (folder / name).symlink_to(ROOT / name)
        shutil.copytree(ROOT / "docs" / "examples", folder / "docs" / "examples")
        for made in (folder / "docs" / "examples").glob("*.tasks.json"):
            made.unlink()
        port = free_port()
        self.environment = {
            **{name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ},
            "HOME": str(folder),
            "PS1": "> ",
            "PLUMBLINE_NODE": f"http://127.0.0.1:{port}",
        }
        self.anvil = ANVIL % (ROOT / ".venv/bin/anvil", port)

    def end(self) -> None:
        """The chain ends with the test."""
        pid = self.folder / "anvil.pid"
        if pid.exists():
            os.killpg(int(pid.read_text()), signal.SIGKILL)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = Home(tmp_path)
    yield made
    made.end()


def test_there_are_blocks_to_run() -> None:
    assert len(COMMANDS) == 4
    assert "make demo" in BLOCKS[0]


def test_nothing_in_a_block_of_commands_is_a_comment() -> None:
    """In zsh, the shell of a Mac, a comment that is pasted is taken for arguments."""
    for block in (BLOCKS[0], *COMMANDS):
        assert "#" not in block
        assert "`" not in block


def test_the_blocks_are_for_any_shell(tmp_path: Path) -> None:
    script = tmp_path / "blocks.sh"
    script.write_text("".join(COMMANDS))
    subprocess.run(["sh", "-n", str(script)], check=True)


@pytest.mark.skipif(
    not ALL,
    reason="in `make test-all`; here the blocks are pasted, and all other commands run like this",
)
def test_the_blocks_run_without_a_terminal(home: Home) -> None:
    script = home.folder / "block.sh"
    script.write_text(f"set -e\nanvil{home.anvil}\n" + "".join(COMMANDS))
    # Into a file, since the chain goes on and would keep a pipe open.
    with (home.folder / "said").open("wb") as said:
        code = subprocess.run(
            ["sh", str(script)],
            cwd=home.folder,
            env=home.environment,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            timeout=PATIENCE,
            check=False,
        ).returncode
    text = (home.folder / "said").read_text()
    assert code == 0, text[-4_000:]
    assert "Agrees to the wei" in text
    assert (home.folder / "report.html").exists()


def test_the_blocks_can_be_pasted_into_a_terminal_all_at_once(home: Home) -> None:
    """No command reads what was pasted for the next one."""
    environment = home.environment | {"BASH_FUNC_anvil%%": home.anvil}
    with Terminal(["bash", "--norc", "-i"], home.folder, environment) as terminal:
        terminal.type("".join(COMMANDS) + "echo $((6 * 7)) blocks are over\n")
        wait_until(
            lambda: _has_come(terminal, "42 blocks are over"), PATIENCE, lambda: terminal.seen
        )
        assert (home.folder / "report.html").exists(), terminal.seen
        assert "Agrees to the wei" in terminal.seen
        assert "Error" not in terminal.seen
        assert "[y/N]" not in terminal.seen
        assert terminal.seen.count("is seated in round 1") == 5


def _has_come(terminal: Terminal, text: str) -> bool:
    terminal.read()
    return text in terminal.seen
