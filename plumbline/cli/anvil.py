"""An Anvil that lives as long as a command."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from plumbline.cli.accounts import MNEMONIC
from plumbline.errors import PlumblineError

ACCOUNTS: Final = 40
_TIMEOUT: Final = 20.0  # seconds until it listens


class AnvilError(PlumblineError):
    """An Anvil that is not installed or does not start."""


def is_installed() -> bool:
    """Whether there is an Anvil to start."""
    return shutil.which("anvil") is not None


@contextmanager
def own_anvil() -> Iterator[str]:
    """Start one on a free port: its URL, until the end."""
    program = shutil.which("anvil")
    if program is None:
        raise AnvilError("anvil is not installed: `make setup`, or name a node with --network URL")
    port = _free_port()
    # Gas is free, so that what accounts hold is what the contract pays and takes.
    command = [program, "--silent", "--port", str(port), "--mnemonic", MNEMONIC]
    command += ["--accounts", str(ACCOUNTS), "--balance", "1000000"]
    command += ["--block-base-fee-per-gas", "0", "--gas-price", "0"]
    with subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # The package from npm starts the real program as a child: both must go.
        start_new_session=True,
    ) as process:
        try:
            _wait_for(process, port)
            yield f"http://127.0.0.1:{port}"
        finally:
            os.killpg(process.pid, signal.SIGTERM)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + _TIMEOUT
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AnvilError("anvil does not start: run `anvil` by itself to see why")
