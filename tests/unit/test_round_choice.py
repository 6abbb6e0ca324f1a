"""Which round a command is about: one way to name it, and none needed where one can be meant."""

import click
import pytest

from plumbline.history.market import RoundChoiceError
from tests.unit.builders import SMALL, small_round
from tests.unit.markets import MadeUpMarket
from tests.unit.test_killable import COMMANDS

ROOT, OTHER, NOWHERE = b"\x01" * 32, b"\x02" * 32, b"\x03" * 32


def test_every_command_names_its_round_in_the_same_way() -> None:
    """As its last argument, which may be left out; `audit rounds` takes several.

    Only `requester delegate` insists: secrets go nowhere because a number was left out.
    """
    ways = {}
    for name, command in COMMANDS.items():
        options = {option for each in command.params for option in each.opts}
        assert "--round" not in options, name
        for each in command.params:
            if isinstance(each, click.Argument) and each.name in ("number", "numbers"):
                ways[name] = (each.metavar, each.required, each is _last_argument(command))
    one = ("[ROUND]", False, True)
    several = ways.pop("audit rounds")
    assert several == ("[ROUND]...", False, True)
    assert ways.pop("requester delegate") == ("ROUND...", True, True)
    assert set(ways.values()) == {one}
    assert {"labeler reveal", "labeler commit", "labeler sign", "requester close"} <= set(ways)


def _last_argument(command: click.Command) -> click.Parameter:
    return [each for each in command.params if isinstance(each, click.Argument)][-1]


def market() -> MadeUpMarket:
    """Rounds 1 and 3 are about the same tasks."""
    chain = small_round(tasks_root=ROOT).chain
    chain.open(SMALL, tasks_root=OTHER)
    chain.open(SMALL, tasks_root=ROOT)
    return MadeUpMarket.of(chain)


def test_tasks_name_their_round_if_there_is_one() -> None:
    assert market().require_round(None, OTHER) == 2
    assert market().require_round(3, OTHER) == 3  # what is named counts, and is checked later
    with pytest.raises(RoundChoiceError, match="say which round: 1, 3 are about these tasks"):
        market().require_round(None, ROOT)
    with pytest.raises(RoundChoiceError, match="none of the rounds 1 to 3 is about these tasks"):
        market().require_round(None, NOWHERE)
    with pytest.raises(RoundChoiceError, match="say which round: 1 to 3 exist"):
        market().require_round(None)
