"""A program in a pseudo-terminal of its own, typed to and read as a person does."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

PATIENCE = 60  # seconds for a text to come


class Terminal:
    """24 lines of 80 characters; as a context, the program is over at its end."""

    def __init__(
        self,
        command: list[str],
        folder: Path | None = None,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env={**environment, "TERM": "xterm-256color"},
        )
        os.close(slave)
        self.seen = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.kill()

    def wait_for(self, text: str) -> None:
        """Read until a text has come."""
        end = time.monotonic() + PATIENCE
        while text not in self.seen:
            assert time.monotonic() < end, self.seen[-2_000:]
            self.read()

    def read(self) -> None:
        """Read what has come, if anything comes soon."""
        if select.select([self.master], [], [], 0.2)[0]:
            self.seen += os.read(self.master, 65_536).decode(errors="replace")

    def type(self, keys: str) -> None:
        """Press keys; what was seen before is forgotten."""
        self.seen = ""
        os.write(self.master, keys.encode())

    def close(self) -> None:
        """Close the window, without a signal to the program in it."""
        if self.master >= 0:
            os.close(self.master)
            self.master = -1

    def kill(self) -> None:
        """End the program, if it has not ended, as a power cut would."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.close()
