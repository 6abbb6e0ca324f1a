"""A chain of its own for every module: a real Anvil with a fresh deployment."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from web3 import HTTPProvider, Web3

from plumbline.chain.deployment import Deployment, code_hash
from plumbline.chain.node import ask_for_chain_once
from plumbline.protocol.addresses import ZERO
from tests.build import EVM_VERSION, ROOT, Compiled, compiled_contracts
from tests.integration.forking import Zygote
from tests.integration.market import Market
from tests.waiting import wait_until


@pytest.fixture(scope="session")
def compiled(pytestconfig: pytest.Config) -> Compiled:
    return compiled_contracts(pytestconfig)


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    """What a `ForkShell` forks from."""
    warm = Zygote()
    yield warm
    warm.end()


@pytest.fixture(scope="module")
def anvil() -> Iterator[str]:
    """The address of an Anvil that dies with the tests."""
    with running_anvil() as url:
        yield url


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


@pytest.fixture(scope="module")
def w3(anvil: str) -> Web3:
    made = Web3(HTTPProvider(anvil))
    ask_for_chain_once(made)
    return made


@pytest.fixture(scope="module")
def market(w3: Web3, compiled: Compiled) -> Market:
    """A fresh deployment in ether, and everybody on it."""
    return Market(w3, deploy(w3, compiled, ZERO))


def create(w3: Web3, output: Mapping[str, Any], *args: str) -> Any:
    """A contract of its own, from what the compiler gave."""
    factory = w3.eth.contract(abi=output["abi"], bytecode=output["bytecode"])
    sent = factory.constructor(*args).transact({"from": w3.eth.accounts[0]})
    receipt = w3.eth.wait_for_transaction_receipt(sent)
    return w3.eth.contract(address=receipt["contractAddress"], abi=output["abi"])


def deploy(w3: Web3, compiled: Compiled, asset: str) -> Deployment:
    """Deploy a judge and LabelRounds, and write down where they are."""
    deployer = w3.eth.accounts[0]
    sink = Account.create().address

    def create(name: str, *args: str) -> Any:
        output = compiled[name]
        factory = w3.eth.contract(abi=output["abi"], bytecode=output["bytecode"])
        transaction = factory.constructor(*args).transact({"from": deployer})
        return w3.eth.wait_for_transaction_receipt(transaction)

    judge = create("Judge")["contractAddress"]
    receipt = create("LabelRounds", asset, sink, judge)
    address = receipt["contractAddress"]
    return Deployment(
        chain_id=w3.eth.chain_id,
        address=address,
        judge=judge,
        asset=asset,
        sink=sink,
        block=receipt["blockNumber"],
        transaction="0x" + bytes(receipt["transactionHash"]).hex(),
        arguments={"asset": asset, "sink": sink, "judge": judge},
        code_hash=code_hash(w3, address),
        judge_code_hash=code_hash(w3, judge),
        compiler="0.4.3",
        evm_version=EVM_VERSION,
        abi=compiled["LabelRounds"]["abi"],
    )


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
