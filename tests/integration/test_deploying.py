"""`deploy` in trouble and on rollups, its rehearsal, and what it gives block explorers."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from web3 import Web3

from plumbline.chain.deployment import compare, load
from tests.integration.forking import Folder, ForkShell, Zygote
from tests.integration.moody import NO_FUNDS, SEND, MoodyNode
from tests.integration.rpc import rpc
from tests.integration.shell import import_account
from tests.sampling import ALL

DEPLOY = ("deploy", "--yes")
ETHER = 10**18


@pytest.fixture(scope="module")
def folder(
    tmp_path_factory: pytest.TempPathFactory, anvil: str, w3: Web3, zygote: Zygote
) -> Folder:
    return Folder(ForkShell(tmp_path_factory.mktemp("project"), anvil, zygote), w3)


@pytest.fixture(autouse=True)
def anew(folder: Folder) -> Iterator[None]:
    """Nothing was ever deployed."""
    beginning = rpc(folder.w3, "evm_snapshot")
    yield
    assert rpc(folder.w3, "evm_revert", beginning)
    for path in (folder.shell.vault, folder.manifest.parent):
        shutil.rmtree(path, ignore_errors=True)


def sent(folder: Folder) -> int:
    return folder.w3.eth.get_transaction_count(folder.w3.eth.accounts[0])


def test_a_rehearsal_says_what_it_would_create_and_sends_nothing(folder: Folder) -> None:
    planned = folder.shell.good("deploy", "--dry-run", "--json").json
    assert sent(folder) == 0
    assert not folder.manifest.parent.exists() and not folder.shell.vault.exists()
    shown = folder.shell.good("deploy", "--dry-run")
    assert "Nothing was signed or sent" in shown.said
    done = folder.shell.good(*DEPLOY, "--json").json
    judge, *_ = contracts = planned["contracts"]
    addresses = [done[name] for name in ("judge", "address", "multicall")]
    assert [each["address"] for each in contracts] == addresses
    gas = sum(each["gas"] for each in contracts)
    assert gas == pytest.approx(done["gas_used"], rel=0.001)
    code = folder.w3.eth.get_code(done["judge"])
    assert judge["code_size"] == len(code)
    assert int(planned["cost"]) < int(planned["cost_at_most"]) < ETHER
    assert judge["address"] in shown.out and f"{judge['code_size']:,} bytes" in shown.out


def test_a_node_that_cannot_pretend_is_asked_for_less(folder: Folder, moody: MoodyNode) -> None:
    """State overrides are no standard: without them the gas is told from that of the judge."""

    def refuse(method: str, params: list[Any]) -> dict[str, Any] | None:
        is_override = method == "eth_estimateGas" and len(params) > 2
        return {"code": -32_602, "message": "too many arguments"} if is_override else None

    exact = folder.shell.good("deploy", "--dry-run", "--json").json
    moody.refuse = refuse
    planned = folder.shell("deploy", "--dry-run", "--json", PLUMBLINE_NODE=moody.url).json
    for one, other in zip(exact["contracts"], planned["contracts"], strict=True):
        assert one["gas"] == pytest.approx(other["gas"], rel=0.1)
    assert moody.refusals == 2


def test_who_cannot_pay_for_all_contracts_creates_none(folder: Folder) -> None:
    address = import_account(folder.shell, folder.w3, "poor", 10**16)
    result = folder.shell(*DEPLOY, "--account", "poor")
    assert "nothing was sent: not enough funds" in result.error
    assert "for all contracts" in result.error and "are missing" in result.error
    assert folder.w3.eth.get_transaction_count(address) == 0  # type: ignore[arg-type]


def test_refused_half_way_it_goes_on_with_the_contracts_that_are_there(
    folder: Folder, moody: MoodyNode
) -> None:
    """However often: the fee may rise in between, or somebody spend the ether."""
    for nth, created in ((2, 1), (1, 1), (2, 2), (1, 2)):
        moody.refuse_nth(SEND, nth, NO_FUNDS)
        result = folder.shell(*DEPLOY, PLUMBLINE_NODE=moody.url)
        assert "nothing was sent: insufficient funds" in result.error, result
        assert moody.refusals == 1
        assert sent(folder) == created
    again = folder.shell.good(*DEPLOY)
    for block, name in enumerate(("Judge", "LabelRounds"), start=1):
        assert f'"Create {name}." is done, in block {block}' in again.said
    assert sent(folder) == 3
    assert compare(folder.w3, load(folder.manifest)) == []


@pytest.mark.parametrize(("created", "gas"), [(1, 6_700_000), (2, 700_000)])
def test_what_is_there_need_not_be_paid_for_again(
    folder: Folder, moody: MoodyNode, created: int, gas: int
) -> None:
    address = import_account(folder.shell, folder.w3, "careful", ETHER)
    moody.refuse_nth(SEND, created + 1, NO_FUNDS)
    command = (*DEPLOY, "--account", "careful")
    assert folder.shell(*command, PLUMBLINE_NODE=moody.url).code == 1
    price = folder.w3.eth.get_block("latest")["baseFeePerGas"]
    # Enough for what is left with its margins, and not for more.
    rpc(folder.w3, "anvil_setBalance", address, hex(gas * (2 * price + 10**9)))
    result = folder.shell(*command)
    assert result.code == 0, result
    assert folder.w3.eth.get_transaction_count(address) == 3  # type: ignore[arg-type]


def test_a_rollup_whose_estimates_hold_the_layer_1_part_can_be_deployed_to(
    folder: Folder, moody: MoodyNode
) -> None:
    """Four times what Anvil says, which is above the cap of Ethereum; and its fee is told."""

    def change(method: str, result: Any) -> Any:
        if method == "eth_estimateGas":
            return hex(4 * int(result, 16))
        if method == "eth_getTransactionReceipt" and result is not None:
            return {**result, "l1Fee": hex(ETHER)}
        return result

    moody.change = change
    result = folder.shell(*DEPLOY, PLUMBLINE_NODE=moody.url)
    assert result.code == 0, result
    assert compare(folder.w3, load(folder.manifest)) == []
    limits = [
        folder.w3.eth.get_transaction_by_block(number, 0)["gas"]  # type: ignore[arg-type]
        for number in (1, 2, 3)
    ]
    assert max(limits) > 1 << 24
    assert re.search(r"gas [\d,]+ \(3\.0\d+ ETH\)", result.said)
    journal = folder.shell.vault.glob("*/journal/*/done/*.json")
    fees = [int(json.loads(path.read_text())["fee"]) for path in journal]
    assert len(fees) == 3 and min(fees) > ETHER


def test_a_cap_that_is_named_is_kept_to(folder: Folder) -> None:
    result = folder.shell(*DEPLOY, PLUMBLINE_GAS_CAP="4,000,000")
    assert "gas is above the cap of 4,000,000 (PLUMBLINE_GAS_CAP)" in result.error
    assert "PLUMBLINE_GAS_CAP=many is not a whole number" in (
        folder.shell(*DEPLOY, PLUMBLINE_GAS_CAP="many").error
    )
    assert sent(folder) == 0


def test_what_explorers_get_compiles_to_what_is_deployed(folder: Folder) -> None:
    """To the byte, with the arguments behind it; in an empty folder, from that file alone.

    Without PLUMBLINE_ALL=1 the judge, which takes longest, is compiled by the command alone.
    """
    done = folder.shell.good(*DEPLOY, "--json").json
    bundle = folder.shell.good("deploy", "bundle", "--json").json
    place = folder.shell.folder / bundle["folder"]
    assert json.loads((place / "bundle.json").read_text())["contracts"] == bundle["contracts"]
    empty = folder.shell.folder / "empty"
    empty.mkdir()
    for number, name in enumerate(("Judge", "LabelRounds", "Multicall"), start=1):
        facts = bundle["contracts"][name]
        given = (place / facts["standard_json"]).resolve()
        text = given.read_text()
        assert "site-packages" not in text and str(folder.shell.folder) not in text
        if name == "Judge" and not ALL:
            continue
        made = compiled(folder, given, empty)
        source, _, contract = facts["contract"].partition(":")
        output = made["contracts"][source][contract]
        created = folder.w3.eth.get_transaction_by_block(number, 0)  # type: ignore[arg-type]
        init_code = output["evm"]["bytecode"]["object"]
        assert bytes(created["input"]).hex() == init_code[2:] + facts["constructor_arguments"]
        code = bytes(folder.w3.eth.get_code(facts["address"])).hex()
        # Behind it are the immutables: the arguments, and what is derived from them.
        assert code.startswith(output["evm"]["deployedBytecode"]["object"][2:])
        assert json.loads((place / facts["abi"]).read_text()) == output["abi"]
        assert bundle["compiler"].startswith(f"vyper v{made['compiler'].removeprefix('vyper-')}+")
    assert bundle["contracts"]["LabelRounds"]["address"] == done["address"]


def compiled(folder: Folder, given: Path, place: Path) -> Any:
    """What the pinned compiler makes of a standard JSON input."""
    program = folder.shell.program("vyper-json")
    done = subprocess.run([program, str(given)], cwd=place, capture_output=True, check=True)
    return json.loads(done.stdout)


def test_sources_that_are_not_what_is_deployed_are_not_handed_out(folder: Folder) -> None:
    folder.shell.good(*DEPLOY)
    judge = load(folder.manifest).judge
    rpc(folder.w3, "anvil_setCode", judge, "0x6000")
    result = folder.shell("deploy", "bundle")
    assert "nothing was written: the code of Judge" in result.error
    assert not list(folder.manifest.parent.glob("*-sources"))


def test_the_lens_reads_what_a_deployment_stores(folder: Folder, compiled_lens: Any) -> None:
    done = folder.shell.good(*DEPLOY, "--json").json
    made = folder.shell.good("deploy", "lens", "--yes", "--json").json
    lens = folder.w3.eth.contract(address=made["lens"], abi=compiled_lens["abi"])
    assert lens.functions.seat(done["address"], 1, folder.w3.eth.accounts[0]).call() == [
        bytes(32),
        False,
    ]


@pytest.fixture(scope="module")
def compiled_lens(compiled: Any) -> Any:
    return compiled["Lens"]
