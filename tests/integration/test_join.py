"""Taking part in somebody else's deployment: by `join`, by --deployment, from any folder."""

import json
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from web3 import Web3

from plumbline.chain.deployment import Deployment, load
from plumbline.protocol.addresses import ZERO
from tests.build import Compiled
from tests.integration.conftest import deploy
from tests.integration.forking import ForkShell, Zygote
from tests.integration.paperwork import STAKE, write_answers, write_round
from tests.integration.rpc import rpc
from tests.integration.shell import Result, manifest_of
from tests.serving import served

COMMAND = ("join",)
WHO = ("--account", "TEST::1", "--yes")
NOBODY = "0x000000000000000000000000000000000000bEEF"


@pytest.fixture(scope="module")
def founder(tmp_path_factory: pytest.TempPathFactory, anvil: str, zygote: Zygote) -> ForkShell:
    """Who has deployed, and opened a round."""
    shell = ForkShell(tmp_path_factory.mktemp("founder"), anvil, zygote)
    write_round(shell.folder)
    shell.good("deploy", "--yes")
    shell.good("requester", "open", "round.json", "--yes")
    return shell


@pytest.fixture(scope="module")
def deployment(founder: ForkShell, w3: Web3) -> Deployment:
    return load(manifest_of(founder, w3))


@pytest.fixture(scope="module")
def other(deployment: Deployment, w3: Web3, compiled: Compiled) -> Deployment:
    """Another of the same contracts, on the same chain."""
    return deploy(w3, compiled, ZERO)


@pytest.fixture
def guest(tmp_path: Path, anvil: str, zygote: Zygote) -> ForkShell:
    """A folder without a manifest or sources, and an empty vault."""
    return ForkShell(tmp_path, anvil, zygote, links=())


def elsewhere(shell: ForkShell, folder: Path) -> ForkShell:
    """The same user, in another folder."""
    folder.mkdir()
    moved = ForkShell(folder, shell.environment["APE_FOUNDRY_HOST"], shell.zygote, links=())
    moved.vault = shell.vault
    moved.environment["PLUMBLINE_VAULT"] = str(shell.vault)
    return moved


def kept(shell: ForkShell) -> list[Path]:
    """All files in its vault."""
    return [path for path in shell.vault.rglob("*") if path.is_file()]


# ---------------------------------------------------------------------------- join


def test_a_labeler_without_a_deployment_is_told_to_join_one(
    guest: ForkShell, founder: ForkShell
) -> None:
    error = guest("labeler", "status", "--account", "TEST::1").error
    assert "no deployment is known on chain 31337: `plumbline join ADDRESS` adopts one" in error


def test_joining_writes_the_manifest_that_its_deployer_has(
    guest: ForkShell, deployment: Deployment
) -> None:
    joined = guest.good("join", deployment.address, "--json").json
    path = Path(joined["manifest"])
    assert path.is_relative_to(guest.vault)
    assert (joined["address"], joined["block"]) == (deployment.address, deployment.block)
    assert load(path) == deployment


def test_who_has_joined_takes_part_from_any_folder(
    guest: ForkShell, deployment: Deployment, founder: ForkShell, w3: Web3, tmp_path: Path
) -> None:
    before = rpc(w3, "evm_snapshot")
    assert "rounds so far" in guest.good("join", deployment.address).said
    for number, shell in enumerate((guest, elsewhere(guest, tmp_path / "another"))):
        answers = write_answers(shell.folder)
        shutil.copy(founder.folder / "round.tasks.json", shell.folder)
        who = ("--account", f"TEST::{number + 1}", "--yes")
        tasks = ("--tasks", "round.tasks.json")
        assert shell.good("requester", "status", "--json").json[0]["round"] == 1
        shell.good("labeler", "deposit", "0.02 ether", *who)
        shell.good("labeler", "commit", answers.name, *tasks, *who)
        status = shell.good("labeler", "status", *who[:2], "--json").json
        assert status["locked"] == str(STAKE)
        assert shell.good("audit", "--json").json["is_clean"]
    assert rpc(w3, "evm_revert", before)


@pytest.mark.parametrize("contract", ["nobody", "judge"])
def test_what_is_not_such_a_contract_is_refused_and_nothing_is_written(
    guest: ForkShell, deployment: Deployment, contract: str
) -> None:
    address = {"nobody": NOBODY, "judge": deployment.judge}[contract]
    why = {"nobody": "is not a contract", "judge": "is not LabelRounds of this version"}[contract]
    assert why in guest("join", address).error
    assert kept(guest) == []


def test_joining_again_is_no_error_and_changes_nothing(
    guest: ForkShell, deployment: Deployment
) -> None:
    first = guest.good("join", deployment.address, "--json").json
    before = {path: path.read_bytes() for path in kept(guest)}
    assert guest.good("join", deployment.address, "--json").json == first
    assert {path: path.read_bytes() for path in kept(guest)} == before


def test_another_deployment_on_the_chain_does_not_replace_the_first(
    guest: ForkShell, deployment: Deployment, other: Deployment
) -> None:
    path = Path(guest.good("join", deployment.address, "--json").json["manifest"])
    assert "exists: move it away" in guest("join", other.address).error
    assert load(path) == deployment
    named = guest.good("join", other.address, "--output", "other.json", "--json").json
    assert named["manifest"] == "other.json"
    assert load(guest.folder / "other.json").address == other.address
    assert load(path) == deployment


def test_killed_at_any_step_and_run_again_it_has_joined_once(
    guest: ForkShell, deployment: Deployment
) -> None:
    command = (*COMMAND, deployment.address)
    result, steps = guest.counted(*command)
    assert result.code == 0
    assert "link deployment.json" in steps
    for at in range(len(steps)):
        shutil.rmtree(guest.vault)
        guest.killed(*command, at=at)
        path = Path(guest.good(*command, "--json").json["manifest"])
        assert load(path) == deployment, steps[at]
        assert guest.good("requester", "status").code == 0


# -------------------------------------------------------------------- --deployment


def test_a_deployment_is_named_by_file_url_or_address(
    guest: ForkShell, founder: ForkShell, deployment: Deployment, w3: Web3
) -> None:
    manifest = manifest_of(founder, w3)
    expected = _lasting(founder.good("requester", "status", "--json"))
    with served(manifest.read_bytes()) as url:
        for given in (str(manifest), url, deployment.address):
            named = guest.good("requester", "status", "--json", "--deployment", given)
            assert _lasting(named) == expected, given
            variable = guest("requester", "status", "--json", PLUMBLINE_DEPLOYMENT=given)
            assert _lasting(variable) == expected, given
    assert kept(guest) == []


def test_what_is_named_comes_before_what_was_joined(
    guest: ForkShell, deployment: Deployment, other: Deployment
) -> None:
    guest.good("join", deployment.address)
    assert len(guest.good("requester", "status", "--json").json) == 1
    named = guest.good("requester", "status", "--json", "--deployment", other.address)
    assert named.json == []


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b"{}", b" " * 2**20 + b"{}"],
    ids=["nothing", "a list", "half", "empty", "too long"],
)
def test_what_a_url_sends_must_be_a_manifest(
    guest: ForkShell, founder: ForkShell, body: bytes
) -> None:
    with served(body) as url:
        error = guest("requester", "status", "--deployment", url).error
    assert url in error
    reasons = ("is not a manifest", "lacks chain_id", "larger than 1 MiB")
    assert any(reason in error for reason in reasons), error


def test_a_manifest_of_another_contract_is_refused(
    guest: ForkShell, founder: ForkShell, deployment: Deployment, w3: Web3
) -> None:
    """Money would go there."""
    values = json.loads(manifest_of(founder, w3).read_text())
    for changes, why in (
        ({"address": deployment.judge}, "another contract than that of"),
        ({"address": NOBODY}, "is not on this chain"),
        ({"chain_id": 1}, "is of chain 1, and the node on 31337"),
    ):
        path = guest.folder / "changed.json"
        path.write_text(json.dumps({**values, **changes}))
        assert why in guest("requester", "status", "--deployment", str(path)).error


# ----------------------------------------------------------------------------- node


def test_the_node_is_the_option_or_one_of_two_variables_in_that_order(
    guest: ForkShell, founder: ForkShell, deployment: Deployment, anvil: str
) -> None:
    ask = ("requester", "status", "--deployment", deployment.address)
    dead = "http://127.0.0.1:9"
    assert guest(*ask, PLUMBLINE_NODE=anvil, APE_FOUNDRY_HOST=dead).code == 0
    assert guest(*ask, "--network", anvil, PLUMBLINE_NODE=dead).code == 0
    error = guest(*ask, PLUMBLINE_NODE=dead).error
    assert f"nothing answers at {dead} (PLUMBLINE_NODE)" in error


# ------------------------------------------------------------------- throwaway chains


def test_a_chain_that_ends_with_the_command_says_so_and_leaves_no_manifest(
    founder: ForkShell, deployment: Deployment, w3: Web3
) -> None:
    """Nor is a good manifest of a chain with that number said to be in the way."""
    embedded = ("--network", "ethereum:local:test")
    good = founder.folder / "deployments" / "1337.json"
    good.write_text(manifest_of(founder, w3).read_text())
    before = good.read_bytes()
    try:
        deployed = founder.good("deploy", "--yes", "--json", *embedded)
        assert deployed.json["manifest"] is None
        assert "this chain ends with the command" in deployed.said
        asked = founder("requester", "status", *embedded)
        assert "which was started for this command" in asked.error
        assert "move" not in asked.error
        assert good.read_bytes() == before
    finally:
        good.unlink()
    asked = founder("requester", "status", *embedded)
    assert "started for this command and is empty" in asked.error
    assert "started for this command" in founder("join", deployment.address, *embedded).error


# --------------------------------------------------------------------------- ape run


def test_ape_run_is_the_same_group(founder: ForkShell, deployment: Deployment) -> None:
    """The same help, but for options of ape's own, the same result and the same error."""
    direct, through = (
        [
            run("requester", "--help").out.partition("Commands:")[2],
            _lasting(run("requester", "status", "--json")),
            run("requester", "status", "7").error,
        ]
        for run in (founder, partial(founder.run, "ape", "run"))
    )
    assert "withdraw" in direct[0]
    assert through == direct


def _lasting(result: Result) -> list[dict[str, Any]]:
    """What a list of rounds says that time does not change."""
    return [{**row, "seconds_left": None} for row in result.json]
