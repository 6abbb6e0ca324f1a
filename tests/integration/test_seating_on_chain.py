"""The simulator of seats and the chain agree: who is drawn, who has a seat, in which order."""

import pytest

from plumbline.lab.play import Stage
from plumbline.lab.seating import arena
from plumbline.lab.seating.arena import check
from plumbline.lab.seating.pools import PoolCase, SeatTaken
from tests.integration.market import Market

SMALL = PoolCase(units=18, bloc=4, seats=3, rounds=2)


@pytest.fixture(scope="module")
def stage(market: Market) -> Stage:
    return market.stage()


@pytest.mark.parametrize(
    "case",
    [
        SMALL,
        PoolCase(units=18, bloc=6, accounts=1, seats=3, rounds=2, absent=0.5),
        PoolCase(units=15, bloc=5, seats=3, rounds=2, holes=0.2, hoards=True),
    ],
    ids=["a bloc", "in one account", "holes, and a bloc that hoards"],
)
def test_every_seat_of_the_simulator_is_one_of_the_chain(stage: Stage, case: PoolCase) -> None:
    found = check(stage, case, "small", 1, seed=1)
    assert found.differences == ()
    assert len(found.seating.bloc) == case.rounds
    assert 0 < found.seating.taken.sum() <= case.rounds * case.seats
    if case.accounts == 1:
        assert found.seating.bloc.max() <= 1


def test_a_simulator_that_admits_too_early_is_found_out(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = arena.take_seats

    def early(*given: object) -> list[SeatTaken]:
        return [SeatTaken(seat.unit, 0.0) for seat in honest(*given)]  # type: ignore[arg-type]

    monkeypatch.setattr(arena, "take_seats", early)
    # Whoever is drawn of so large a bloc leaves the seat to somebody who stands by.
    found = check(stage, PoolCase(units=18, bloc=16, seats=3, rounds=2, hoards=True), "", 1, seed=1)
    assert any("seats on the chain" in each for each in found.differences)
