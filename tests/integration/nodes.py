"""An Anvil that can be stopped and started again with the same chain."""

import contextlib
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

from web3 import HTTPProvider, Web3
from web3.types import RPCEndpoint

from plumbline.chain.node import ask_for_chain_once
from tests.integration.conftest import anvil_binary, free_port, wait_until_up
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
