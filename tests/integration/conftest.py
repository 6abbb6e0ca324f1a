"""A chain of its own for every module: a real Anvil with a fresh deployment."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from eth_account import Account
from web3 import HTTPProvider, Web3

from plumbline.chain.deployment import Deployment, code_hash, path_of, save
from plumbline.chain.node import ask_for_chain_once
from plumbline.protocol.addresses import ZERO
from tests.build import EVM_VERSION, Compiled, compiled_contracts
from tests.integration.forking import ForkShell, Project, Zygote
from tests.integration.market import Market
from tests.integration.moody import MoodyNode
from tests.integration.nodes import Node, running_anvil
from tests.integration.paperwork import write_answers
from tests.integration.shell import Shell
from tests.integration.stages import RewindableRound


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


@pytest.fixture
def moody(anvil: str) -> Iterator[MoodyNode]:
    """A node before that Anvil, which does as a test says."""
    node = MoodyNode(anvil)
    yield node
    node.proxy.stop()


@pytest.fixture(scope="module")
def w3(anvil: str) -> Web3:
    made = Web3(HTTPProvider(anvil))
    ask_for_chain_once(made)
    return made


@pytest.fixture(scope="module")
def market(w3: Web3, compiled: Compiled) -> Market:
    """A fresh deployment in ether, and everybody on it."""
    return Market(w3, deploy(w3, compiled, ZERO))


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """One that can be stopped and started, for modules that do not use `anvil`."""
    lasting = Node(tmp_path_factory.mktemp("chain"))
    lasting.start()
    yield lasting
    lasting.stop()


@pytest.fixture(scope="module")
def project(
    tmp_path_factory: pytest.TempPathFactory,
    anvil: str,
    w3: Web3,
    compiled: Compiled,
    zygote: Zygote,
) -> Project:
    """A fresh deployment in ether, its manifest in a folder, and answers to a round beside it."""
    shell = ForkShell(tmp_path_factory.mktemp("project"), anvil, zygote)
    deployment = deploy_for(shell, w3, compiled)
    write_answers(shell.folder)
    return Project(shell, w3, deployment)


@pytest.fixture(scope="module")
def staged(project: Project) -> RewindableRound:
    """A round that has been played to its end, stage by stage."""
    made = RewindableRound(project)
    made.play()
    return made


def create(w3: Web3, output: Mapping[str, Any], *args: str) -> Any:
    """A contract of its own, from what the compiler gave."""
    factory = w3.eth.contract(abi=output["abi"], bytecode=output["bytecode"])
    sent = factory.constructor(*args).transact({"from": w3.eth.accounts[0]})
    receipt = w3.eth.wait_for_transaction_receipt(sent)
    return w3.eth.contract(address=receipt["contractAddress"], abi=output["abi"])


def deploy_for(shell: Shell, w3: Web3, compiled: Compiled) -> Deployment:
    """A fresh deployment in ether, whose manifest the commands of a shell find."""
    deployment = deploy(w3, compiled, ZERO)
    save(shell.folder / path_of(deployment.chain_id), deployment)
    return deployment


def deploy(w3: Web3, compiled: Compiled, asset: str) -> Deployment:
    """Deploy the contracts, and write down where they are."""
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
    multicall = create("Multicall", address)["contractAddress"]
    return Deployment(
        chain_id=w3.eth.chain_id,
        address=address,
        judge=judge,
        multicall=multicall,
        asset=asset,
        sink=sink,
        block=receipt["blockNumber"],
        transaction="0x" + bytes(receipt["transactionHash"]).hex(),
        arguments={"asset": asset, "sink": sink, "judge": judge},
        code_hash=code_hash(w3, address),
        judge_code_hash=code_hash(w3, judge),
        multicall_code_hash=code_hash(w3, multicall),
        compiler="0.4.3",
        evm_version=EVM_VERSION,
        abi=compiled["LabelRounds"]["abi"],
    )
