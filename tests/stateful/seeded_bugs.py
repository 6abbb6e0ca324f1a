"""Stateful runs find bugs that are seeded into a copy of the contracts, each in seconds of play.

Compiling takes longer than finding, so `make seeded` runs this, and `make test` does not.
"""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.build import Compiled
from tests.seeding import Bug, seed_bug
from tests.stateful.machine import StatefulRun
from tests.stateful.test_pool import STEPS, PoolRun, funded
from tests.stateful.test_runs import FEW
from tests.world.draws import Pool
from tests.world.world import World

HUNT = settings(FEW, max_examples=400, phases=[Phase.generate])
POOL_RUNS = 30


ROUNDS = "LabelRounds.vy"
ACCOUNTS = "modules/accounts.vy"
PHASES = "modules/rounds.vy"
JUDGE = "Judge.vy"
GOLD = "modules/gold.vy"
HASHES = "modules/commitments.vy"
DRAW = "policies/SeatDraw.vy"
POOL = "modules/pool.vy"
DRAWS = "modules/draws.vy"
PERMUTATION = "modules/permutation.vy"
BEACON = "modules/beacon.vy"

BUGS = (
    Bug("a slash is not taken", ACCOUNTS, "- outcome.slash + outcome.pay", "+ outcome.pay"),
    Bug("a slash is paid", ACCOUNTS, "= stake - outcome.slash", "= stake + outcome.slash"),
    Bug("a lock leaves the balance", ACCOUNTS, "= account - stake + (s", "= account + (s"),
    Bug("a lock needs no cover", ACCOUNTS, "if account & MOST < stake:", "if stake == 1:"),
    Bug("a stake stays locked", ACCOUNTS, "account - (stake << _LOCKED) +", "account +"),
    Bug("a withdrawal is not booked", ACCOUNTS, "    self._debit(owner, amount)\n", ""),
    Bug("the sink can be swept twice", ACCOUNTS, "    self.sink_balance = 0\n", ""),
    Bug("deposits have no bound", ACCOUNTS, "money._held() <= MOST", "money._held() > 0"),
    Bug("an opening costs nothing", ROUNDS, "rules.price * rules.seats)\n    acc", "0)\n    acc"),
    Bug("withheld gold pays", ROUNDS, "not status.has_gold or verdict.usable_gold != 0", "True"),
    Bug("nothing goes back", ROUNDS, "not status.has_gold or verdict.usable_gold != 0", "False"),
    Bug("all goes back", ROUNDS, "min(price - outcome.pay, most_back)", "price - outcome.pay"),
    Bug("what is not paid stays", ROUNDS, "- paid - back", "- price * status.revealed"),
    Bug("no payroll of pay", HASHES, "abi_encode(payroll, labeler, ruling)", "abi_encode(payroll)"),
    Bug("gold is not needed", JUDGE, "if not finding.passed:", "if False:"),
    Bug("failing is paid", JUDGE, " and (case.finding.passed or not case.has_gold):", ":"),
    Bug("failing costs nothing", JUDGE, "case.finding.failed or (", "("),
    Bug("any number of gold tasks", GOLD, "target.tasks != rules.gold_count or ", ""),
    Bug("one-sided gold", GOLD, "unsafe_mul(target.best, 16)", "unsafe_mul(target.best, 99)"),
    Bug("skips are paid", JUDGE, "unsafe_div(share, rules.tasks)", "unsafe_div(full, case.bar)"),
    Bug("a void sheet is paid whole", JUDGE, "fee * answered // rules.tasks", "fee"),
    Bug("few are many", JUDGE, "few: bool = has_gold and", "few: bool = False and"),
    Bug("no crowd is captured", JUDGE, "            or captured\n", ""),
    Bug("a nonce is used again", ROUNDS, "self.nonces[owner] = nonce + 1", "pass"),
    Bug("a fee may be all", ACCOUNTS, "assert amount > fee", "assert amount >= fee"),
    Bug("a fee comes on top", ACCOUNTS, "unsafe_sub(amount, fee)", "amount"),
    Bug("a fee is kept", ACCOUNTS, "        self._credit(msg.sender, fee)", "        pass"),
    Bug("a withdrawal is late", ROUNDS, "timestamp < deadline,", "timestamp <= deadline,"),
    Bug("a round can be closed twice", ROUNDS, "assert not status.is_closed", "assert True"),
    Bug("a round expires at once", ROUNDS, "(status) + EXPIRY,", "(status),"),
    Bug("who leaked forfeits too", ROUNDS, "(bytes32) or seat == _LEAKED:", "(bytes32):"),
    Bug("a leak is still awaited", ROUNDS, "    self._advance(round_id, rounds.GONE)\n", ""),
    Bug("a bounty is made of nothing", ROUNDS, "_sink(slash - bounty)", "_sink(slash)"),
    Bug("the roll is forgotten", ROUNDS, "    self._rounds[round_id].roll = roll\n", ""),
    Bug("anything is on the roll", ROUNDS, 'roll, "close: not', 'roll or True, "close: not'),
    Bug("some may be concluded", ROUNDS, "len(labelers) == rounds._awaited", "0 < rounds._awaited"),
    Bug("a batch ends with its first", ROUNDS, "            continue\n", "            break\n"),
    Bug("a second more", PHASES, "stamp < status.deadlines.c", "stamp <= status.deadlines.c"),
    Bug("gold for ever", PHASES, " and block.timestamp < status.deadlines.gold", ""),
    Bug("one seat too many", PHASES, "committed < status.seats:", "committed <= status.seats:"),
)  # fmt: skip

POOL_BUGS = (
    Bug("units are ripe too early", POOL, "ripe = state.middle", "ripe = state.units"),
    Bug("days without a word count as one", POOL, "if now > state.epoch + 1:", "if False:"),
    Bug("a hole is never filled", POOL, "    state.holes -= state.filled_before\n    s", "    s"),
    Bug("a hole is filled at once", POOL, "state.filled += 1\n", "state.holes -= 1\n"),
    Bug("a hole is filled twice", POOL, "    state.filled = 0\n", ""),
    Bug("who leaves makes no hole", POOL, "    state.holes += 1\n", ""),
    Bug("the young leave", POOL, "assert member.joined + RIPENING <= state.epoch", "assert True"),
    Bug("anyone ends a membership", POOL, "assert member.owner == msg.sender", "assert True"),
    Bug("one leaves twice", POOL, 'assert member.left == 0, "leave', 'assert True, "leave'),
    Bug("a bond is back at once", POOL, "> member.left + LONGEST_WINDOW", "> member.left"),
    Bug("a member's bond is paid back", POOL, "assert member.left > 0", "assert True"),
    Bug("a bond is released twice", POOL, "    self._units[unit] = state.freed << 160\n", ""),
    Bug("a strike costs nothing", POOL, "[member.owner] += BOND - lost", "[member.owner] += BOND"),
    Bug("what is lost is nobody's", POOL, "    self._sink(lost)\n", ""),
    Bug("a freed number is lost", POOL, "    state.freed = unit + 1\n", ""),
    Bug("older free numbers are lost", POOL, "self._units[unit] >> 160", "0"),
    Bug("a credit is paid twice", POOL, "    self.balances[msg.sender] = 0\n", ""),
    Bug("what is swept stays", POOL, "    self._due_to_sink = 1\n    log", "    log"),
    Bug("a unit is whose money it was", POOL, "member.owner = owner", "member.owner = msg.sender"),
    Bug("a round is drawn twice", DRAW, "assert self._drawn[word] & low == 0", "assert True"),
    Bug("a seed is captured twice", DRAW, "assert terms.captured == 0", "assert True"),
    Bug("who came is reported", DRAW, "assert seat == empty(bytes32)", "assert True"),
    Bug("a fee is not booked", DRAW, "    pool._sink(fee)\n", ""),
    Bug("the first in line do not wait", DRAWS, "captured + begin + (turn", "captured + (turn"),
    Bug("all are reported where few came", DRAW, "assert enough", "assert True"),
    Bug("who stands by is admitted at once", DRAW, "if block.timestamp < opens:", "if False:"),
    Bug("all layers are one shuffle", DRAWS, "index // terms.layer, unit", "0, unit"),
    Bug("a draw is forgotten", DRAW, "    pool._write(state)\n", ""),
    Bug("a seed comes too late", DRAW, "block.timestamp < terms.frozen + terms.window", "True"),
    Bug("who has time is reported", DRAW, "assert block.timestamp >= turn", "assert True"),
    Bug("a shuffle with two steps less", PERMUTATION, "(uint256) = 6", "(uint256) = 5"),
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


@pytest.mark.parametrize("bug", POOL_BUGS, ids=[bug.name for bug in POOL_BUGS])
def test_runs_of_a_pool_find_it(built: Compiled, bug: Bug, tmp_path: Path) -> None:
    with_bug = {**built, **seed_bug(bug, tmp_path)}
    pool = Pool(funded(World(with_bug)), with_bug)
    with pytest.raises(Exception) as caught:
        for number in range(1, POOL_RUNS + 1):
            with pool.undone():
                PoolRun(pool, number, Counter()).play(2 * STEPS)
    print(f"{bug.name}: run {number}: {caught.type.__name__} {str(caught.value)[:150]}")
