"""Stateful runs find bugs that are seeded into a copy of the contracts, each in seconds of play.

Compiling takes longer than finding, so `make seeded` runs this, and `make test` does not.
"""

from pathlib import Path

import pytest
from hypothesis import Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.build import Compiled
from tests.seeding import Bug, seed_bug
from tests.stateful.machine import StatefulRun
from tests.stateful.test_runs import FEW
from tests.world.world import World

HUNT = settings(FEW, max_examples=400, phases=[Phase.generate])


ROUNDS = "LabelRounds.vy"
ACCOUNTS = "modules/accounts.vy"
PHASES = "modules/rounds.vy"

BUGS = (
    Bug("a slash is not taken", ACCOUNTS, "- outcome.slash + outcome.pay", "+ outcome.pay"),
    Bug("a slash is paid", ACCOUNTS, "= stake - outcome.slash", "= stake + outcome.slash"),
    Bug("a lock leaves the balance", ACCOUNTS, "= account - stake + (s", "= account + (s"),
    Bug("a lock needs no cover", ACCOUNTS, "if account & MOST < stake:", "if stake == 1:"),
    Bug("a stake stays locked", ACCOUNTS, "account - (stake << _LOCKED) +", "account +"),
    Bug("a withdrawal is not booked", ACCOUNTS, "    self._debit(msg.sender, amount)\n", ""),
    Bug("the sink can be swept twice", ACCOUNTS, "    self.sink_balance = 0\n", ""),
    Bug("deposits have no bound", ACCOUNTS, "self._held() <= MOST", "self._held() > 0"),
    Bug("an opening costs nothing", ROUNDS, "rules.price * rules.seats)\n    acc", "0)\n    acc"),
    Bug("withheld gold pays", ROUNDS, "if verdict.mode == 2 or (", "if verdict.mode == 2 and ("),
    Bug("wrong gold pays", ROUNDS, "if verdict.mode == 2 or (", "if ("),
    Bug("a round can be closed twice", ROUNDS, "closed.is_closed = True", "pass"),
    Bug("a round expires at once", ROUNDS, "(status) + EXPIRY,", "(status),"),
    Bug("who leaked forfeits too", ROUNDS, "(bytes32) or seat == _LEAKED:", "(bytes32):"),
    Bug("a leak is still awaited", ROUNDS, "= _LEAKED\n    status.gone += 1", "= _LEAKED"),
    Bug("a bounty is made of nothing", ROUNDS, "_sink(slash - bounty)", "_sink(slash)"),
    Bug("the roll is forgotten", ROUNDS, "    self._rounds[round_id].roll = roll\n", ""),
    Bug("anything is on the roll", ROUNDS, 'roll, "close: not', 'roll or True, "close: not'),
    Bug("some may be concluded", ROUNDS, "len(labelers) == rounds._awaited", "0 < rounds._awaited"),
    Bug("a batch ends with its first", ROUNDS, "                continue", "                break"),
    Bug("a second more", PHASES, "stamp < status.deadlines.c", "stamp <= status.deadlines.c"),
    Bug("gold for ever", PHASES, " and block.timestamp < status.deadlines.gold", ""),
    Bug("one seat too many", PHASES, "committed < status.seats:", "committed <= status.seats:"),
)  # fmt: skip


@pytest.mark.parametrize("bug", BUGS, ids=[bug.name for bug in BUGS])
def test_stateful_runs_find_it(built: Compiled, bug: Bug, tmp_path: Path) -> None:
    with_bug = seed_bug(bug, tmp_path)

    @seed(1)
    class Run(StatefulRun):
        world = World({**built, **with_bug})

    with pytest.raises(Exception) as caught:
        run_state_machine_as_test(Run, settings=HUNT)
    print(f"{bug.name}: {caught.type.__name__} {str(caught.value)[:150]}")
