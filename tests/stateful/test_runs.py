"""Whatever happens in whatever order, nothing is lost, made, stuck or taken back.

FUZZ_SECONDS plays new runs for so long, each of many steps; otherwise a few, always the same.
"""

import os
import time
from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from plumbline.chain import events
from plumbline.settlement import Band, Mode
from tests.build import Compiled
from tests.stateful.machine import StatefulRun
from tests.world.adapter import Calls
from tests.world.chain import Abi
from tests.world.world import World

FUZZ_SECONDS = int(os.environ.get("FUZZ_SECONDS", "0"))

KINDS = (
    events.CommitRefused,
    events.LeakReported,
    events.RevealRefused,
    events.GoldOpened,
    events.Forfeited,
    events.Released,
    events.RoundExpired,
    events.Swept,
    events.Withdrawn,
)
MODES = [f"mode {int(mode)}" for mode in Mode]
GOLD_ENDINGS = [
    "golds none",
    "golds credible",
    "golds not as many as promised",
    "golds one-sided",
    "golds withheld",
    "few passed",
    "captured",
    "refund capped",
]
WAYS = ["withdrawals relayed", "withdrawals of wallets relayed", "relayed with enclosures"]

FEW = settings(
    max_examples=40,
    stateful_step_count=30,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)
MANY = settings(
    FEW,
    max_examples=100,
    stateful_step_count=100,
    phases=[Phase.generate, Phase.shrink],
)


@pytest.fixture(scope="module")
def seen() -> Counter[str]:
    """What runs came to, and how often."""
    return Counter()


@pytest.mark.parametrize(("number", "token"), [(1, None), (2, "Token")], ids=["ether", "token"])
def test_nothing_is_lost_made_or_stuck(
    built: Compiled, seen: Counter[str], number: int, token: str | None
) -> None:
    class Run(StatefulRun):
        world = World(built, token)

    Run.seen = seen
    end = time.monotonic() + FUZZ_SECONDS
    if not FUZZ_SECONDS:
        run_state_machine_as_test(seed(number)(Run), settings=FEW)
    while time.monotonic() < end:
        run_state_machine_as_test(Run, settings=MANY)
    print(*(f"{count:6} {what}" for what, count in sorted(seen.items())), sep="\n")


def test_runs_come_to_everything(seen: Counter[str]) -> None:
    """Runs that come to nothing would prove nothing."""
    if not seen["RoundOpened"]:
        pytest.skip("nothing was played")
    bands = [f"band {band.label}" for band in Band if band is not Band.UNREVEALED]
    kinds = [kind.__name__ for kind in KINDS]
    assert [what for what in [*kinds, *bands, *MODES, *GOLD_ENDINGS, *WAYS] if not seen[what]] == []


def test_runs_have_every_function_that_changes_something(built: Compiled) -> None:
    calls = {name for name in vars(Calls) if not name.startswith("_")} - {"conclude"}
    # which is called where a batch has enclosures
    assert Abi(built["LabelRounds"]["abi"]).actions == calls | {"commit_sealed"}
