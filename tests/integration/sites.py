"""A site as its operator starts it: a process of its own, in the folder of a shell."""

import contextlib
import json
import signal
import subprocess
import threading
from collections.abc import Iterator
from queue import Empty, Queue
from typing import Any

from plumbline.lab.site.client import SiteClient
from tests.integration.shell import Shell

PATIENCE = 60.0  # seconds, on a busy machine


class RunningSite:
    """The process, its log, and a client of it."""

    def __init__(self, shell: Shell, *options: str, port: int = 0) -> None:
        self.process = subprocess.Popen(
            [
                *(shell.program("plumbline"), "site", "--yes", "--log", "json"),
                *("--account", "TEST::9", "--interval", "0.2", "--port", str(port), *options),
            ],
            cwd=shell.folder,
            env=shell.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.lines: list[str] = []
        self._entries: Queue[dict[str, Any]] = Queue()
        threading.Thread(target=self._read, daemon=True).start()
        self.url = self.wait_for("site is open")["url"]
        self.client = SiteClient(self.url)

    def wait_for(self, event: str) -> dict[str, Any]:
        """The next line of the log that tells of this."""
        while True:
            try:
                entry = self._entries.get(timeout=PATIENCE)
            except Empty:
                raise AssertionError((event, self.lines[-20:])) from None
            if entry["event"] == event:
                return entry

    def kill(self) -> None:
        """End it as a power cut does."""
        self.process.kill()
        self.process.wait(PATIENCE)

    def stop(self) -> int:
        """End it as its operator does: its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append(line)
            with contextlib.suppress(ValueError):
                self._entries.put(json.loads(line))


@contextlib.contextmanager
def running_site(shell: Shell, *options: str) -> Iterator[RunningSite]:
    """A site that ends with the block."""
    site = RunningSite(shell, *options)
    try:
        yield site
    finally:
        if site.process.poll() is None:
            site.kill()
