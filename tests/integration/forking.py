"""Commands without the seconds that imports and a compiler take: forked from a warm process.

A `ForkShell` is a `Shell` that can also start a command and come back to it later, count the
steps of a command, and kill one at any of them (see `killing`).
"""

import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from web3 import Web3

from plumbline.chain.deployment import Deployment
from tests.build import ROOT
from tests.integration.shell import LINKS, PATIENCE, Result, Shell, manifest_of

COMPILED = ROOT / ".build"
"""What `make compile` made, which the integration tests depend on."""

KILLED = -signal.SIGKILL


class Zygote:
    """The warm process; it ends with the tests, or when they are killed."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(ROOT / "tests/integration/zygote.py")],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._read(60)

    def ask(self, patience: float = 10, **request: Any) -> Any:
        """The answer to a request. Raises TimeoutError if there is none in time."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return self._read(patience)

    def _read(self, patience: float) -> Any:
        assert self._process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            if not selector.select(patience):
                raise TimeoutError
        line = self._process.stdout.readline()
        assert line, "the warm process is gone"
        return json.loads(line)

    def wait(self, process: int, patience: float) -> int:
        """The exit code of a child, which is killed if it is not over in time."""
        try:
            return int(self.ask(patience, wait=process)["code"])
        except TimeoutError:
            os.killpg(process, signal.SIGKILL)
            self._read(10)
            raise

    def end(self) -> None:
        """No further requests."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)


@dataclass
class Running:
    """A command under way."""

    zygote: Zygote
    process: int
    papers: Path
    _is_over: bool = False

    def result(self, patience: float = PATIENCE) -> Result:
        """Wait for it, once. Raises TimeoutError if it takes longer, and then it is gone."""
        assert not self._is_over
        self._is_over = True
        code = self.zygote.wait(self.process, patience)
        return Result(code, (self.papers / "out").read_text(), (self.papers / "err").read_text())

    def kill(self) -> Result:
        """End it as a power cut would."""
        os.killpg(self.process, signal.SIGKILL)
        return self.result(10)

    def sweep(self) -> None:
        """Leave nothing of it behind, in whatever state it is."""
        if not self._is_over:
            self.kill()


class ForkShell(Shell):
    """A shell whose processes are forked."""

    def __init__(
        self, folder: Path, url: str, zygote: Zygote, links: Sequence[str] = LINKS
    ) -> None:
        super().__init__(folder, url, links)
        self.zygote = zygote
        if links and COMPILED.exists():
            shutil.copytree(COMPILED, folder / COMPILED.name)
        self._papers = Path(tempfile.mkdtemp(prefix="papers-", dir=folder))

    def __call__(self, *arguments: str, **changes: str) -> Result:
        return self.start(*arguments, **changes).result()

    def start(self, *arguments: str, **changes: str) -> Running:
        """Start a command and do not wait for it."""
        return self._start(arguments, changes, {})

    def counted(self, *arguments: str) -> tuple[Result, list[str]]:
        """Run a command to its end: what it came to, and its steps."""
        return self._to_step(arguments, None)

    def killed(self, *arguments: str, at: int) -> Result:
        """Run a command that is killed at a step, counted from 0."""
        result, steps = self._to_step(arguments, at)
        assert (result.code, len(steps)) == (KILLED, at), (result, steps)
        return result

    def with_room(self, *arguments: str, room: int) -> tuple[Result, list[str]]:
        """Run a command on a disk that takes so many writes: what it came to, and its writes."""
        trail = self._papers / "trail"
        result = self._start(arguments, {}, {"trail": str(trail), "room": room}).result()
        return result, trail.read_text().splitlines()

    def _to_step(self, arguments: tuple[str, ...], at: int | None) -> tuple[Result, list[str]]:
        trail = self._papers / "trail"
        more = {"vault": str(self.vault), "trail": str(trail), "at": at}
        result = self._start(arguments, {}, more).result()
        return result, trail.read_text().splitlines()

    def _start(
        self, arguments: tuple[str, ...], changes: dict[str, str], more: dict[str, Any]
    ) -> Running:
        papers = Path(tempfile.mkdtemp(dir=self._papers))
        for name in ("out", "err"):
            (papers / name).touch()
        answer = self.zygote.ask(
            folder=str(self.folder),
            environment={**self.environment, **changes},
            program=self.program("plumbline"),
            arguments=arguments,
            out=str(papers / "out"),
            err=str(papers / "err"),
            **more,
        )
        return Running(self.zygote, answer["process"], papers)


@dataclass(frozen=True)
class Folder:
    """Where commands run, and the chain that they are for."""

    shell: ForkShell
    w3: Web3

    @property
    def manifest(self) -> Path:
        """Of the deployment that the commands use."""
        return manifest_of(self.shell, self.w3)


@dataclass(frozen=True)
class Project(Folder):
    """A folder with a manifest of what is deployed."""

    deployment: Deployment
