"""Rounds that are made up for tests are such as a chain could have."""

import pytest

from plumbline.audit import check_events
from plumbline.history.ledger import replay
from tests.differential.crowds import random_round
from tests.unit.builders import DOMAIN, Chain, StagedRound, every_state, labeler

STATES = every_state()


@pytest.mark.parametrize("name", STATES)
def test_an_audit_finds_nothing_but_that_nobody_paid_in(name: str) -> None:
    found = check_events(STATES[name].events, DOMAIN)
    assert {difference.what.split(" of ")[0] for difference in found} <= {"balance"}


@pytest.mark.parametrize("seed", range(20))
def test_an_audit_finds_nothing_where_everybody_paid_in(seed: int) -> None:
    chain = Chain()
    for crowd in (random_round(seed), random_round(seed + 20)):
        StagedRound.of(crowd, chain=chain).commit(batch=3).reveal(batch=4).close().forfeit()
    chain.sweep(replay(chain.events).sink)
    chain.deposit(labeler(0), 5)
    chain.withdraw(labeler(0), 5)
    StagedRound.of(random_round(seed), chain=chain).commit().reveal().expire().forfeit()
    assert check_events(chain.events, DOMAIN) == []
