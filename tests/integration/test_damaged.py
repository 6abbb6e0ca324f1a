"""What a person sees when a file is damaged, the chain is another, or the clock is wrong."""

import json
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from web3 import Web3

from tests.build import Compiled
from tests.integration.conftest import deploy_for
from tests.integration.forking import Folder, ForkShell, Zygote
from tests.integration.nodes import running_anvil
from tests.integration.paperwork import write_answers, write_round
from tests.integration.rpc import rpc
from tests.integration.shell import Result, pass_time, vault_of
from tests.integration.stages import COMMIT

HOURS = 3_600
DEPOSIT = ("labeler", "deposit", "0.02 ether", "--account", "TEST::1", "--yes")


class Place(Folder):
    """A folder whose round waits for the gold answers, on a chain of its own."""

    def close(self) -> Result:
        return self.shell("requester", "close", "1", "--yes")


def open_round(shell: ForkShell, w3: Web3, compiled: Compiled) -> None:
    """Deploy, and open a round with gold tasks for three."""
    deploy_for(shell, w3, compiled)
    write_round(shell.folder, seats=3)
    write_answers(shell.folder)
    shell.good("requester", "open", "round.json", "--yes")


def seat(shell: ForkShell, who: str) -> None:
    shell.good("labeler", "deposit", "0.02 ether", "--account", who, "--yes")
    shell.good(*COMMIT, "--account", who, "--yes")


@pytest.fixture(scope="module")
def place(
    tmp_path_factory: pytest.TempPathFactory,
    anvil: str,
    w3: Web3,
    compiled: Compiled,
    zygote: Zygote,
) -> Place:
    shell = ForkShell(tmp_path_factory.mktemp("project"), anvil, zygote)
    open_round(shell, w3, compiled)
    seat(shell, "TEST::1")
    return Place(shell, w3)


@pytest.fixture
def restored(place: Place, tmp_path: Path) -> Iterator[None]:
    """Files and chain are put back afterwards."""
    before = rpc(place.w3, "evm_snapshot")
    for name in ("secrets", "deployments"):
        shutil.copytree(place.shell.folder / name, tmp_path / name)
    yield
    for name in ("secrets", "deployments"):
        shutil.rmtree(place.shell.folder / name)
        shutil.copytree(tmp_path / name, place.shell.folder / name)
    rpc(place.w3, "evm_revert", before)


# ---------------------------------------------------------------------- the manifest


def _without_end(text: str) -> str:
    return text[: len(text) // 2]


def _changed(**values: object) -> Callable[[str], str]:
    return lambda text: json.dumps({**json.loads(text), **values})


DAMAGES: dict[str, tuple[Callable[[str], str], str]] = {
    "cut off": (_without_end, "is not valid JSON"),
    "emptied": (lambda text: "", "is not valid JSON"),
    "of another chain": (_changed(chain_id=1), "is of chain 1, and the node on 31337"),
    "another contract": (_changed(code_hash="0x" + "11" * 32), "another contract than that of"),
    "an address of nobody": (_changed(address="0x" + "11" * 20), "is not on this chain"),
    "without its functions": (_changed(abi=[]), "restore the file"),
}


@pytest.mark.usefixtures("restored")
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_manifest_sends_no_money_anywhere(place: Place, damage: str) -> None:
    change, words = DAMAGES[damage]
    place.manifest.write_text(change(place.manifest.read_text()))
    head = place.w3.eth.block_number
    result = place.shell(*DEPOSIT)
    assert words in result.error
    assert place.manifest.name in result.error
    assert place.w3.eth.block_number == head


# ------------------------------------------------------------------- journal, vault, cache


@pytest.mark.usefixtures("restored")
def test_a_damaged_journal_says_what_to_look_up_and_is_out_of_the_way(place: Place) -> None:
    labeler = place.w3.eth.accounts[1]
    journal = vault_of(place.shell, place.w3).chain_folder / "journal" / labeler
    (journal / "00000002.json").write_text('{"version": 1, "acc')
    damaged = place.shell(*DEPOSIT)
    assert "look up the outcome of your transaction with nonce 2" in damaged.error
    place.shell.good(*DEPOSIT)
    (done, *_) = (journal / "done").glob("*.json")
    done.write_text("")
    place.shell.good(*DEPOSIT)


@pytest.mark.usefixtures("restored")
def test_damaged_answers_come_back_from_the_chain(place: Place) -> None:
    labeler = place.w3.eth.accounts[1]
    vault = vault_of(place.shell, place.w3)
    before = vault.answers(1, labeler)
    vault.answers_path(1, labeler).write_text("{}")
    place.shell.good("labeler", "restore", "--account", "TEST::1", "--yes")
    assert vault.answers(1, labeler) == before


@pytest.mark.usefixtures("restored")
def test_a_damaged_fingerprint_of_the_key_stops_nobody(place: Place) -> None:
    """The wallet makes the key again; the chain has what it was used for."""
    labeler = place.w3.eth.accounts[1]
    vault = vault_of(place.shell, place.w3)
    vault.key_path(labeler, labeler, 0).write_text('{"version": 1')
    vault.answers_path(1, labeler).unlink()
    place.shell.good("labeler", "restore", "--account", "TEST::1", "--yes")
    assert vault.answers(1, labeler) is not None


@pytest.mark.usefixtures("restored")
def test_damaged_golds_are_named_and_the_round_ends_without_them(place: Place) -> None:
    """They come back from a copy; without one everybody may close once their deadline is over."""
    (gold,) = (vault_of(place.shell, place.w3).folder / "gold").glob("*.json")
    whole = gold.read_text()
    gold.write_text(whole.replace('"sealed": "0x', '"sealed": "0x00')[:-9])
    pass_time(place.w3, 2 * HOURS + 60)
    assert f"{gold.name} is damaged: restore it from a copy" in place.close().error
    gold.write_text(whole)
    result = place.close()
    assert result.code == 0, result


@pytest.mark.usefixtures("restored")
def test_a_damaged_cache_costs_a_reading_and_nothing_else(place: Place) -> None:
    place.shell.good("audit")
    (cache,) = place.shell.vault.glob("cache/*/*.logs")
    cache.write_bytes(cache.read_bytes()[:-40] + b"?" * 20)
    audited = place.shell.good("audit")
    assert "is damaged" in audited.said and "Agrees to the wei" in audited.out
    assert "is damaged" not in place.shell.good("audit").said


# --------------------------------------------------------------------------- the chain


@pytest.mark.parametrize(
    "command",
    [DEPOSIT, ("keeper", "--once", "--yes"), ("audit",), ("requester", "open", "round.json", "-y")],
    ids=lambda command: command[0],
)
def test_a_chain_that_was_started_anew_is_noticed_before_anything_is_sent(
    place: Place, empty: str, command: tuple[str, ...]
) -> None:
    result = place.shell(*command, APE_FOUNDRY_HOST=empty)
    assert "is not on this chain: was the node started anew?" in result.error
    assert "plumbline deploy" in result.error


def test_another_contract_at_the_same_address_is_noticed(place: Place, empty: str) -> None:
    """As when a later version was deployed to the new chain by the same account."""
    w3 = Web3(Web3.HTTPProvider(empty))
    address = json.loads(place.manifest.read_text())["address"]
    rpc(w3, "anvil_setCode", address, "0x5f5ff3")
    result = place.shell(*DEPOSIT, APE_FOUNDRY_HOST=empty)
    assert "another contract than that of deployments/31337.json is at" in result.error
    assert "`plumbline deploy check`" in result.error
    rpc(w3, "anvil_setCode", address, "0x")


@pytest.fixture(scope="module")
def empty() -> Iterator[str]:
    """A chain with the same number, and nothing on it."""
    with running_anvil() as url:
        yield url


# --------------------------------------------------------------------------- the clock


@pytest.mark.parametrize("hours", [-5, 5])
def test_a_round_goes_by_the_clock_of_the_chain(
    tmp_path: Path, compiled: Compiled, zygote: Zygote, hours: int
) -> None:
    """The computer's own is hours before or behind it."""
    with running_anvil("--timestamp", str(int(time.time()) + hours * HOURS)) as url:
        w3 = Web3(Web3.HTTPProvider(url))
        shell = ForkShell(tmp_path, url, zygote)
        open_round(shell, w3, compiled)
        seat(shell, "TEST::1")
        early = shell("labeler", "reveal", "1", "--account", "TEST::1", "--yes")
        assert "whoever reveals now gives the answers away" in early.error
        pass_time(w3, HOURS)
        shell.good("labeler", "reveal", "--account", "TEST::1", "--yes")
        pass_time(w3, HOURS)
        closed = shell.good("keeper", "--once", "--yes", "--json").json
        assert [one["action"] for one in closed["done"]] == ["close"]
