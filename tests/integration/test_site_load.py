"""Many labelers at one site that is killed in the middle: what it acknowledged is on the chain."""

import sys
from pathlib import Path

import pytest
from eth_account import Account
from web3 import Web3

from plumbline.cli.accounts import test_keys as keys_of_everybody
from plumbline.lab.play import Stage
from plumbline.lab.site.load import LoadPlan, SiteLoad
from plumbline.progress import no_progress
from plumbline.protocol.addresses import ZERO
from tests.build import Compiled
from tests.integration.conftest import deploy
from tests.integration.shell import Shell

LABELERS = 40


@pytest.fixture(scope="module")
def stage(w3: Web3, compiled: Compiled) -> Stage:
    keys = [Account.from_key(key) for key in keys_of_everybody(2)]
    return Stage(w3, deploy(w3, compiled, ZERO), keys)


def test_nothing_that_was_acknowledged_is_lost(tmp_path: Path, anvil: str, stage: Stage) -> None:
    shell = Shell(tmp_path, anvil)
    command = (shell.program("plumbline"), "site")
    result = SiteLoad(stage, LoadPlan(LABELERS), command, tmp_path, no_progress).run()
    assert [phase.kills for phase in result.phases] == [1, 1]
    assert len(result.history.reveals) == LABELERS and result.history.closed is not None
    if sys.platform == "linux":
        assert 0 < result.memory < 2**29
    log = (tmp_path / "site.log").read_text()
    assert log.count('"site is open"') == 3 and '"critical"' not in log
