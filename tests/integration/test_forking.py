"""A forked command is as good as a process of its own: the other tests rely on it."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from web3 import HTTPProvider, Web3

from plumbline.chain.deployment import path_of, save
from plumbline.protocol.addresses import ZERO
from tests.build import Compiled
from tests.integration.conftest import deploy
from tests.integration.forking import KILLED, ForkShell, Zygote
from tests.integration.nodes import running_anvil
from tests.integration.shell import Result, Shell, import_account


@dataclass
class World:
    """A chain, and a folder with a deployment on it and an account of its own."""

    shell: ForkShell
    alias: str

    def really(self, *arguments: str, **changes: str) -> Result:
        """What a process of its own comes to."""
        return Shell.__call__(self.shell, *arguments, **changes)


@pytest.fixture(scope="module")
def worlds(
    tmp_path_factory: pytest.TempPathFactory, compiled: Compiled, zygote: Zygote
) -> Iterator[list[World]]:
    """Two that differ in everything."""

    def world(alias: str, url: str) -> World:
        folder = tmp_path_factory.mktemp(alias)
        shell = ForkShell(folder, url, zygote)
        w3 = Web3(HTTPProvider(url))
        made = deploy(w3, compiled, ZERO)
        save(folder / path_of(made.chain_id), made)
        import_account(shell, w3, alias)
        return World(shell, alias)

    with running_anvil() as one, running_anvil("--chain-id", "1337") as other:
        yield [world("alice", one), world("zoe", other)]


COMMANDS: dict[str, Callable[[World], tuple[str, ...]]] = {
    "its result": lambda world: ("audit", "--json"),
    "its account": lambda world: ("labeler", "status", "--account", world.alias),
    "its mistake": lambda world: ("labeler", "deposit", "--account", "nobody"),
    "its help": lambda world: ("requester", "--help"),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_forked_commands_know_nothing_of_each_other(worlds: list[World], name: str) -> None:
    forked = [world.shell(*COMMANDS[name](world)) for world in worlds]
    assert forked == [world.really(*COMMANDS[name](world)) for world in worlds]


def test_an_account_of_another_folder_is_not_there(worlds: list[World]) -> None:
    one, other = worlds
    assert one.shell("labeler", "status", "--account", one.alias).code == 0
    assert "known are zoe" in other.shell("labeler", "status", "--account", one.alias).error


def test_a_change_of_the_environment_is_for_one_command(worlds: list[World]) -> None:
    world = worlds[0]
    assert "nothing answers" in world.shell("audit", APE_FOUNDRY_HOST="http://127.0.0.1:9").error
    assert world.shell("audit").code == 0


def test_two_commands_can_run_at_a_time(worlds: list[World]) -> None:
    started = [world.shell.start("audit", "--json") for world in worlds]
    chains = [running.result().json["chain_id"] for running in reversed(started)]
    assert chains == [1337, 31337]


def test_a_command_that_takes_too_long_is_ended(worlds: list[World]) -> None:
    shell = worlds[0].shell
    with pytest.raises(TimeoutError):
        shell.start("audit").result(0.01)
    assert shell("audit").code == 0


def test_a_killed_command_has_done_what_comes_before_and_nothing_more(
    worlds: list[World],
) -> None:
    shell = worlds[0].shell
    w3 = Web3(HTTPProvider(shell.environment["APE_FOUNDRY_HOST"]))
    sender = w3.eth.accounts[1]
    arguments = ("labeler", "deposit", "1 ether", "--account", "TEST::1", "--yes")
    result, steps = shell.counted(*arguments)
    assert result.code == 0
    assert "tell" in steps
    sent = steps.index("send")
    for at, landed in ((sent, 1), (sent + 1, 2)):
        shutil.rmtree(shell.vault)  # or it would go on from where the last one ended
        killed = shell.killed(*arguments, at=at)
        assert (killed.code, killed.out) == (KILLED, "")
        assert w3.eth.get_transaction_count(sender) == landed
