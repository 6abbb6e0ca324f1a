"""Killing a command at a chosen step, and counting its steps.

A step is a moment just before a command changes anything that its next run can see:

    link, rename, remove   a file in the vault, a manifest, or the state of a campaign comes under
                           its name, or goes
    send                   a transaction is handed to the node
    tell                   the first word of the result, on stdout

Between two steps nothing changes that has a name, so to kill before each of them, the last one
being the telling of the result, is to kill before and after every change: killed before the step
that follows a `send`, the node has the transaction, and nobody has been told. Locks are left
out, which the operating system lets go of by itself.

The interpreter itself reports all this to an audit hook before it happens, so no code of the
commands is replaced, and none can get around it.
"""

import io
import os
import re
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

KINDS: Final = frozenset(
    {"link file", "remove file", "rename journal", "remove journal", "send", "tell"}
)
"""The kinds of steps that a command of one round has."""

STATE: Final = "rename file"
"""The kind of step in which the state of a campaign, or its follow-up rounds, are written."""

_MANIFESTS: Final = "deployments"
_STATE: Final = (".state.json", ".follow-ups.json")
_SEND: Final = b"eth_sendRawTransaction"


def kind_of(step: str) -> str:
    """What is done in a step: files of the journal, which are numbered, are told from others."""
    what, *name = step.split()
    if not name:
        return what
    return f"{what} {'journal' if re.match(r'[0-9]{8}', name[0]) else 'file'}"


def sample(steps: Sequence[str]) -> list[int]:
    """Where to kill a command of which others like it are killed at every step.

    Before each transaction and each change of a file, and when the last transaction is out and
    the journal does not know yet what came of it.
    """
    sends = [at for at, step in enumerate(steps) if step == "send"]
    files = [at for at, step in enumerate(steps) if kind_of(step).endswith(" file")]
    after = [sends[-1] + 1] if sends else []
    return sorted({*sends, *files, *after})


def arm(vault: Path, trail: Path, at: int | None) -> None:
    """From now on write every step to `trail`, a line each, and do not survive step `at`."""
    steps = _Steps(vault.absolute(), os.open(trail, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), at)
    sys.addaudithook(steps.hear)
    sys.stdout = _Stdout(steps)


class _Steps:
    """Counts, from 0."""

    def __init__(self, vault: Path, trail: int, at: int | None) -> None:
        self._vault = vault
        self._trail = trail
        self._at = at
        self._count = 0

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        """What the interpreter is about to do."""
        if event == "http.client.send":
            if isinstance(arguments[1], bytes) and _SEND in arguments[1]:
                self.take("send")
        elif event in ("os.link", "os.rename"):  # os.replace is reported as a renaming
            self._touch(event.removeprefix("os."), arguments[1])
        elif event == "os.remove" and Path(os.fsdecode(arguments[0])).exists():
            self._touch("remove", arguments[0])

    def _touch(self, what: str, path: Any) -> None:
        absolute = Path(os.fsdecode(path)).absolute()
        is_kept = absolute.is_relative_to(self._vault) or absolute.parent.name == _MANIFESTS
        is_kept = is_kept or absolute.name.endswith(_STATE)
        if is_kept and absolute.suffix != ".lock":
            self.take(f"{what} {absolute.name}")

    def take(self, name: str) -> None:
        """One step, unless it is one too many."""
        if self._count == self._at:
            os.kill(os.getpid(), signal.SIGKILL)
        self._count += 1
        os.write(self._trail, f"{name}\n".encode())


class _Stdout(io.TextIOWrapper):
    """Stdout that says when it is first written to."""

    def __init__(self, steps: _Steps) -> None:
        super().__init__(io.FileIO(1, "w", closefd=False), "utf-8")
        self._steps: _Steps | None = steps

    def write(self, text: str) -> int:
        """Write, after having said so."""
        if self._steps is not None and text:
            self._steps.take("tell")
            self._steps = None
        return super().write(text)
