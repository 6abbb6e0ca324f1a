"""Every command that can lose something by being killed is killed in tests, or it is said why not.

A command that takes --account and --yes signs; one that takes --vault may change what is in it.
"""

from collections.abc import Iterator, Sequence

import click
import pytest

from plumbline.cli.main import cli
from tests.integration import test_deploy_killed, test_join
from tests.integration.stages import STAGES

READS = "changes nothing"
EXCEPTIONS = {
    "labeler answer": "test_wallet kills it in a terminal; it ends in the flow of commit",
    "keeper": "test_keeper kills it with a transaction under way; it sends by the same outbox",
    "site": "test_site kills it with a transaction under way; it sends by the same outbox",
    "campaign delegate": "writes whole files, the same ones each time",
    "campaign labels": READS,
    "policy attest": "writes a whole file, and keeps nothing",
    "labeler rotate-key": "keeps one whole file once the wallet has signed, and nothing before",
    "labeler rounds": READS,
    "campaign status": READS,
    "pool status": READS,
    "labeler status": READS,
    "labeler record": READS,
    "requester status": READS,
    "requester dataset": "writes a folder whole, the same one each time",
    "requester delegate": "writes whole files, the same ones each time",
    "rewards preview": READS,
}


def leaves(command: click.Command, *path: str) -> Iterator[tuple[str, click.Command]]:
    """All commands that are no groups, by what is typed to run them."""
    if not isinstance(command, click.Group):
        yield " ".join(path), command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        inner = command.get_command(context, name)
        assert inner is not None
        yield from leaves(inner, *path, name)


COMMANDS = dict(leaves(cli))


def options(name: str) -> set[str]:
    return {option for parameter in COMMANDS[name].params for option in parameter.opts}


def named(arguments: Sequence[str]) -> str:
    """The command that these arguments run."""
    for length in (2, 1):
        name = " ".join(arguments[:length])
        if name in COMMANDS:
            return name
    return f"{arguments[0]} new"  # of a group that has a default


KILLED = {
    *(named(stage.arguments) for stage in STAGES.values()),
    named(test_deploy_killed.COMMAND),
    named(test_join.COMMAND),
}


@pytest.mark.parametrize(
    "name", [name for name in COMMANDS if {"--account", "--vault"} & options(name)]
)
def test_a_command_that_may_change_something_is_killed_or_has_a_reason(name: str) -> None:
    assert (name in KILLED) != (name in EXCEPTIONS)


def test_only_commands_that_do_not_sign_are_said_to_change_nothing() -> None:
    readers = [name for name, reason in EXCEPTIONS.items() if reason is READS]
    assert [name for name in readers if "--yes" in options(name)] == []


def test_commands_that_sign_say_so_with_their_options() -> None:
    """Else the test above would not see them."""
    signs = {name for name in COMMANDS if "--yes" in options(name)}
    assert {name for name in signs if not {"--account", "--vault"} <= options(name)} == set()
    assert signs >= KILLED - {named(test_join.COMMAND)}


def test_no_command_is_listed_that_is_not_there() -> None:
    assert {*KILLED, *EXCEPTIONS} - COMMANDS.keys() == set()
