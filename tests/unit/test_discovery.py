"""A deployment is adopted only if it is what the sources compile to, and found where meant."""

import inspect
import json
import sys
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from eth_utils.crypto import keccak
from web3 import EthereumTesterProvider, Web3
from web3.exceptions import Web3RPCError

from plumbline.chain.builds import rounds_abi
from plumbline.chain.call import Call
from plumbline.chain.creation import CompiledContract, Contracts, creation_call, deploy
from plumbline.chain.deployment import (
    Deployment,
    DeploymentError,
    compare,
    path_of,
    save,
    to_text,
)
from plumbline.chain.discovery import adopt, find, joined_path
from plumbline.chain.node import Node
from plumbline.protocol.addresses import ZERO
from plumbline.transactions.outbox import send
from tests.build import EVM_VERSION, Compiled, compiled_contracts
from tests.serving import served
from tests.unit.builders import person

SINK = person("sink")
NOBODY = person("nobody")


@dataclass(frozen=True)
class Place:
    """A chain in memory with a deployment on it, some blocks after its beginning."""

    node: Node
    deployment: Deployment

    @property
    def w3(self) -> Web3:
        return self.node.w3

    def create(self, code: bytes) -> str:
        """What a transaction with this init code creates."""
        sender = self.w3.eth.accounts[0]
        create: Any = {"from": sender, "data": "0x" + code.hex(), "gas": 25_000_000}
        sent = self.w3.eth.send_transaction(create)
        return str(self.w3.eth.wait_for_transaction_receipt(sent)["contractAddress"])


@pytest.fixture(scope="module")
def compiled(pytestconfig: pytest.Config) -> Compiled:
    return compiled_contracts(pytestconfig)


@pytest.fixture(scope="module")
def place(compiled: Compiled) -> Place:
    node = Node.of(Web3(EthereumTesterProvider()))
    account = Account.from_key(keccak(text="founder"))
    rich: Any = {"from": node.w3.eth.accounts[0], "to": account.address, "value": 10**20}
    for _ in range(3):
        node.w3.eth.wait_for_transaction_receipt(node.w3.eth.send_transaction(rich))
    contracts = Contracts(
        *(_contract(compiled, name) for name in ("Judge", "LabelRounds", "Multicall"))
    )
    made, _ = deploy(node, partial(send, node.w3, account), contracts, sink=SINK)
    node.w3.eth.wait_for_transaction_receipt(node.w3.eth.send_transaction(rich))
    return Place(node, made)


def _contract(compiled: Compiled, name: str) -> CompiledContract:
    output = compiled[name]
    codes = (bytes.fromhex(output[key][2:]) for key in ("bytecode", "bytecode_runtime"))
    return CompiledContract(name, output["abi"], *codes, "0.4.3", EVM_VERSION)


def deploying(runtime: bytes) -> bytes:
    """Init code: CODECOPY(0, 11, size), RETURN(0, size)."""
    size = len(runtime).to_bytes(2)
    return b"\x61" + size + b"\x80\x60\x0b\x5f\x39\x5f\xf3\x00" + runtime


# ----------------------------------------------------------------------- adopting


def test_what_is_adopted_is_what_its_deployer_wrote_down(place: Place) -> None:
    adopted = adopt(place.node, place.deployment.address.lower())
    assert adopted == replace(place.deployment, abi=rounds_abi())
    assert adopted.block > 1
    assert compare(place.w3, adopted) == []


def test_a_multicall_of_another_deployment_or_of_other_code_is_not_adopted(
    place: Place, compiled: Compiled
) -> None:
    """Calls would go to whatever it calls."""
    account = Account.from_key(keccak(text="somebody"))
    rich: Any = {"from": place.w3.eth.accounts[0], "to": account.address, "value": 10**20}
    place.w3.eth.wait_for_transaction_receipt(place.w3.eth.send_transaction(rich))
    sender = partial(send, place.w3, account)
    rounds, multicall = (_contract(compiled, name) for name in ("LabelRounds", "Multicall"))
    code = place.w3.eth.get_code(place.deployment.multicall)  # type: ignore[arg-type]
    arguments = place.deployment.arguments
    address = sender(creation_call(rounds, arguments)).created
    assert address is not None
    assert not adopt(place.node, address).has_multicall
    sender(creation_call(multicall, {"label_rounds": place.deployment.address}))
    sender(Call(None, deploying(code[:-33] + b"\0" + code[-32:]), 0, "Create another."))
    assert adopt(place.node, address).multicall == ZERO
    right = sender(creation_call(multicall, {"label_rounds": address})).created
    assert adopt(place.node, address).multicall == right


def test_where_no_contract_is_nothing_is_adopted(place: Place) -> None:
    with pytest.raises(DeploymentError, match=f"{NOBODY} is not a contract"):
        adopt(place.node, NOBODY)


@pytest.mark.parametrize("what", ["judge", "one byte changed", "cut short"])
def test_another_contract_is_not_adopted(place: Place, compiled: Compiled, what: str) -> None:
    code = bytearray(place.w3.eth.get_code(place.deployment.address))  # type: ignore[arg-type]
    if what == "judge":
        address = place.deployment.judge
    elif what == "one byte changed":
        code[1_000] ^= 1
        address = place.create(deploying(bytes(code)))
    else:
        size = len(bytes.fromhex(compiled["LabelRounds"]["bytecode_runtime"][2:]))
        address = place.create(deploying(bytes(code[: size - 1])))
    with pytest.raises(DeploymentError, match="is not LabelRounds of this version"):
        adopt(place.node, address)


def test_rounds_that_another_judge_settles_are_not_adopted(
    place: Place, compiled: Compiled
) -> None:
    """The code is right; who would judge is not."""
    output = compiled["LabelRounds"]
    factory = place.w3.eth.contract(abi=output["abi"], bytecode=output["bytecode"])
    false_judge = place.create(deploying(b"\x00"))
    sent = factory.constructor(place.deployment.asset, SINK, false_judge).transact(
        {"from": place.w3.eth.accounts[0]}
    )
    address = place.w3.eth.wait_for_transaction_receipt(sent)["contractAddress"]
    with pytest.raises(DeploymentError, match=f"{false_judge} is not Judge of this version"):
        adopt(place.node, str(address))


def test_what_another_contract_created_is_not_adopted(place: Place) -> None:
    """`deploy` does not do that; who else might, and with which arguments, nobody knows."""
    code = bytes(place.w3.eth.get_code(place.deployment.address))  # type: ignore[arg-type]
    inner = deploying(code)
    # CODECOPY(0, 17, size), CREATE(0, 0, size), and what it created is what is left out.
    size = len(inner).to_bytes(2)
    outer = b"\x61" + size + b"\x80\x60\x11\x5f\x39\x5f\x5f\xf0\x5f\x52\x60\x20\x5f\xf3" + inner
    factory = place.create(outer)
    created = "0x" + bytes(place.w3.eth.get_code(factory))[12:].hex()  # type: ignore[arg-type]
    with pytest.raises(DeploymentError, match=r"was created in block \d+ by another contract"):
        adopt(place.node, created)


def test_a_node_without_old_states_is_said_to_be_of_no_use(place: Place) -> None:
    class Pruned(EthereumTesterProvider):
        def make_request(self, method: Any, params: Any) -> Any:
            if method == "eth_getCode" and params[1] != "latest":
                raise Web3RPCError("missing trie node: state is not available")
            return place.w3.provider.make_request(method, params)

    pruned = replace(place.node, w3=Web3(Pruned()))
    with pytest.raises(DeploymentError, match="ask one that keeps old states"):
        adopt(pruned, place.deployment.address)


# ------------------------------------------------------------------------- finding


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where commands run."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


def test_the_manifest_of_the_folder_comes_before_what_was_joined(
    place: Place, folder: Path, tmp_path: Path
) -> None:
    root = tmp_path / "vault"
    with pytest.raises(DeploymentError, match="plumbline join ADDRESS"):
        find(place.node, None, root)
    joined = replace(place.deployment, compiler="joined")
    save(joined_path(root, place.node), joined)
    assert find(place.node, None, root) == joined
    save(path_of(place.node.chain_id), place.deployment)
    assert find(place.node, None, root) == place.deployment


def test_what_was_joined_on_another_chain_with_that_number_is_not_known(
    place: Place, folder: Path, tmp_path: Path
) -> None:
    """Chain ids of test chains are all the same; their first blocks are not."""
    root = tmp_path / "vault"
    other = Node.of(Web3(EthereumTesterProvider()))
    other.__dict__["genesis"] = b"\x01" * 32
    save(joined_path(root, other), place.deployment)
    with pytest.raises(DeploymentError, match="no deployment is known"):
        find(place.node, None, root)


def test_it_is_named_by_file_url_or_address(place: Place, folder: Path, tmp_path: Path) -> None:
    path = folder / "manifest.json"
    save(path, place.deployment)
    assert find(place.node, str(path), tmp_path) == place.deployment
    with served(path.read_bytes()) as url:
        assert find(place.node, url, tmp_path) == place.deployment
    found = find(place.node, place.deployment.address, tmp_path)
    assert found == replace(place.deployment, abi=rounds_abi())


@pytest.mark.parametrize(("spaces", "status"), [(0, 404), (2**20, 200)])
def test_even_a_manifest_is_not_taken_from_an_error_page_or_an_endless_one(
    place: Place, tmp_path: Path, spaces: int, status: int
) -> None:
    body = to_text(place.deployment).encode() + b" " * spaces
    with served(body, status) as url, pytest.raises(DeploymentError, match=url):
        find(place.node, url, tmp_path)


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 200), (b"[]", 200), (b"[" * 100_000, 200), (b" " * 2**20 + b"{}", 200), (b"{}", 404)],
    ids=["nothing", "a list", "deep", "too long", "not found"],
)
def test_what_a_url_sends_is_read_with_care(
    place: Place, tmp_path: Path, body: bytes, status: int
) -> None:
    usual, limit = 1_000, sys.getrecursionlimit()  # which the chain in memory has raised
    sys.setrecursionlimit(len(inspect.stack(0)) + usual)
    try:
        with served(body, status) as url, pytest.raises(DeploymentError, match=url):
            find(place.node, url, tmp_path)
    finally:
        sys.setrecursionlimit(limit)


def test_a_url_does_not_lead_elsewhere(place: Place, tmp_path: Path) -> None:
    text = to_text(place.deployment).encode()
    with (
        served(text) as target,
        served(b"", 302, Location=target) as url,
        pytest.raises(DeploymentError, match="redirects to elsewhere"),
    ):
        find(place.node, url, tmp_path)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"chain_id": 5}, "is of chain 5, and the node on"),
        ({"address": NOBODY}, "is not on this chain: was the node started anew"),
        ({"code_hash": "0x" + "11" * 32}, "another contract than that of"),
        ({"multicall_code_hash": "0x" + "11" * 32}, "another multicall than that of"),
        ({"multicall": NOBODY}, "another multicall than that of"),
    ],
)
def test_a_manifest_of_what_is_not_there_is_refused(
    place: Place, folder: Path, changes: dict[str, Any], why: str
) -> None:
    """Money would go there."""
    save(path_of(place.node.chain_id), replace(place.deployment, **changes))
    with pytest.raises(DeploymentError, match=why):
        find(place.node, None, folder)


def test_a_chain_that_ends_with_the_command_puts_no_manifest_in_doubt(
    place: Place, folder: Path
) -> None:
    """It has the number of a lasting one, whose manifest is good and stays where it is."""
    throwaway = replace(place.node, is_throwaway=True)
    with pytest.raises(DeploymentError, match="started for this command and is empty"):
        find(throwaway, None, folder)
    save(path_of(place.node.chain_id), replace(place.deployment, address=NOBODY))
    with pytest.raises(DeploymentError, match="started for this command: name its node") as caught:
        find(throwaway, None, folder)
    assert "move" not in str(caught.value)


def test_a_manifest_is_what_a_url_may_serve(place: Place) -> None:
    assert json.loads(to_text(place.deployment))["address"] == place.deployment.address


def test_a_chain_that_was_started_anew_is_said_to_be_one(place: Place) -> None:
    """In a line without hashes of what is not there."""
    fresh = Web3(EthereumTesterProvider())
    (line,) = compare(fresh, place.deployment)
    assert f"no contract at {place.deployment.address}: this chain was started anew" in line
    assert "move the manifest away" in line
    assert line.count("0x") == 1
