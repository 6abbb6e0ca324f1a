"""A browser driven by WebDriver, as WebKit is: Playwright drives only a WebKit of its own make.

https://www.w3.org/TR/webdriver2/
"""

import contextlib
import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final

from tests.integration.nodes import free_port
from tests.waiting import wait_until

PATIENCE: Final = 60.0  # seconds for an answer, on a busy machine
ELEMENT: Final = "element-6066-11e4-a52e-4f735466cecf"
"""The name under which WebDriver hands out elements."""


class WebDriverError(Exception):
    """What the driver refuses: the name of the error, and what it says."""


class WebDriver:
    """A session with one browser."""

    def __init__(self, port: int, capabilities: Mapping[str, object]) -> None:
        self._port = port
        self._session = ""
        made = self.ask("POST", "", {"capabilities": {"alwaysMatch": capabilities}})
        self._session = f"/{made['sessionId']}"
        told = made["capabilities"]
        self.version = f"{told['browserName']} {told['browserVersion']}"

    def ask(self, method: str, path: str, values: Mapping[str, object] | None = None) -> Any:
        """The value of an answer. Raises WebDriverError."""
        connection = HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
        with contextlib.closing(connection):
            body = None if method != "POST" else json.dumps(values or {})
            connection.request(method, f"/session{self._session}{path}", body)
            answer = connection.getresponse()
            value = json.loads(answer.read())["value"]
        if answer.status != 200:
            raise WebDriverError(f"{value['error']}: {value['message']}")
        return value

    def run(self, script: str, *given: object) -> Any:
        """What the body of a function returns, `arguments` being what is given."""
        return self.ask("POST", "/execute/sync", {"script": script, "args": list(given)})

    def element(self, selector: str) -> str:
        """The first element of a CSS selector. Raises WebDriverError if there is none."""
        asked = {"using": "css selector", "value": selector}
        return str(self.ask("POST", "/element", asked)[ELEMENT])

    def close(self) -> None:
        """End the browser."""
        self.ask("DELETE", "")


@contextlib.contextmanager
def running_driver(command: Sequence[str], environment: Mapping[str, str]) -> Iterator[int]:
    """A driver that ends with the block, with all that it started: its port."""
    port = free_port()
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [*command, f"--port={port}"],
            env={**os.environ, **environment},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            wait_until(lambda: _is_ready(port), why=lambda: _text_of(log))
            yield port
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(PATIENCE)


def _is_ready(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    with contextlib.closing(connection), contextlib.suppress(OSError):
        connection.request("GET", "/status")
        return bool(json.loads(connection.getresponse().read())["value"]["ready"])
    return False


def _text_of(log: Any) -> str:
    log.seek(0)
    return str(log.read().decode(errors="replace"))


@contextlib.contextmanager
def running_display(folder: Path) -> Iterator[str]:
    """A screen in memory that ends with the block: its name for `DISPLAY`."""
    reads, writes = os.pipe()
    command = [
        "Xvfb",
        "-displayfd",
        str(writes),
        "-screen",
        "0",
        "1400x1000x24",
        "-nolisten",
        "tcp",
    ]
    with (folder / "xvfb.log").open("wb") as log:
        process = subprocess.Popen(command, stderr=log, pass_fds=[writes])
        os.close(writes)
        try:
            with os.fdopen(reads) as said:
                number = said.readline().strip()
            assert number, (folder / "xvfb.log").read_text()
            yield f":{number}"
        finally:
            process.terminate()
            process.wait(PATIENCE)
