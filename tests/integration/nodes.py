"""Nodes that are there for a while, and one that can be stopped and started again."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from web3 import HTTPProvider, Web3
from web3.types import RPCEndpoint

from plumbline.chain.node import ask_for_chain_once
from tests.build import ROOT
from tests.integration.rpc import rpc
from tests.waiting import wait_until


class Node:
    """Keeps its chain in a file, and its port."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._state = folder / "chain.json"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, with the chain it had."""
        command = [anvil_binary(), "--port", str(self.port), "--silent", "--accounts", "40"]
        self._process = subprocess.Popen(
            [*command, "--state", str(self._state)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # The package starts the real binary as a child: both must go.
            start_new_session=True,
        )
        wait_until_up(self._process, self.url)
        if self._state.exists():
            self._wind_clock()

    def stop(self) -> None:
        """Stop it once its chain is in the file."""
        self._end(signal.SIGINT)

    @contextlib.contextmanager
    def away(self) -> Iterator[None]:
        """It is stopped, and there again afterwards, also for the tests after one that fails."""
        self.stop()
        try:
            yield
        finally:
            self.start()

    def kill(self) -> None:
        """End it as a power cut would: what is in the file is the chain as it was at last."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        os.killpg(self._process.pid, how)
        self._process.wait(10)
        self._process = None
        wait_until(lambda: not self._answers(), why=lambda: "anvil does not end")

    def most_memory(self) -> int:
        """The most that one of its processes has used, bytes."""
        assert self._process is not None
        group = self._process.pid
        peaks = [0]
        for path in Path("/proc").glob("[0-9]*/status"):
            with contextlib.suppress(OSError):
                if os.getpgid(int(path.parent.name)) == group:
                    lines = path.read_text().splitlines()
                    peaks += [int(line.split()[1]) for line in lines if line.startswith("VmHWM")]
        return max(peaks) * 1024

    def connect(self) -> Web3:
        """A connection of one's own."""
        made = Web3(HTTPProvider(self.url))
        ask_for_chain_once(made)
        return made

    def _wind_clock(self) -> None:
        """It keeps its blocks, but not how far its clock was ahead; no chain's time goes back."""
        w3 = self.connect()
        latest = w3.eth.get_block("latest")["timestamp"]
        # Refused where the clock is ahead already, and then there is nothing to wind.
        w3.provider.make_request(RPCEndpoint("evm_setNextBlockTimestamp"), [latest + 1])
        rpc(w3, "evm_mine")

    def _answers(self) -> bool:
        with socket.socket() as caller:
            return caller.connect_ex(("127.0.0.1", self.port)) == 0


@contextlib.contextmanager
def running_anvil(*options: str) -> Iterator[str]:
    """The address of an Anvil that is there for a while."""
    port = free_port()
    with running_node([anvil_binary(), "--port", str(port), "--silent", *options], port) as url:
        yield url


@contextlib.contextmanager
def running_node(command: list[str], port: int) -> Iterator[str]:
    """The address of a node that is there for a while."""
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # The packages start the real binary as a child: both must go.
        start_new_session=True,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        wait_until_up(process, url)
        yield url
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(10)


def anvil_binary() -> str:
    places = [ROOT / "node_modules/.bin/anvil", Path("/tmp/anvil/node_modules/.bin/anvil")]
    on_path = shutil.which("anvil")
    for place in (places[0], Path(on_path) if on_path else places[0], places[1]):
        if place.exists():
            return str(place)
    pytest.skip("no anvil: npm install @foundry-rs/anvil@1.7.1")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def wait_until_up(process: "subprocess.Popen[bytes]", url: str) -> None:
    w3 = Web3(HTTPProvider(url))
    wait_until(lambda: process.poll() is not None or w3.is_connected(), why=lambda: url)
    assert process.poll() is None, f"the node ended with {process.returncode}"
