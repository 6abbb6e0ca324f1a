"""Seats that are drawn: who is, who stands by and who is not is told, and seated in turn."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from web3 import Web3

from plumbline.seating.draw import Draw
from tests.browser.conftest import Contexts
from tests.browser.people import STAKE, OpenRound, Requesters, TestWallet, Visitor
from tests.integration.drawing import DAY, SEATS, DrawMarket
from tests.integration.sites import RunningSite
from tests.waiting import wait_until


@dataclass
class Drawn:
    """A round whose seats were drawn, and its pool; `ranked` has the members in turn."""

    there: OpenRound
    drawing: DrawMarket
    draw: Draw
    ranked: list[str]


@pytest.fixture(scope="module")
def drawn(requesters: Requesters, site: RunningSite) -> Drawn:
    drawing = DrawMarket(requesters.market)
    there = requesters.open(admission=drawing.pool.address, window=DAY)
    draw = drawing.draw([there.number])
    capture(drawing, draw, site)
    draw = drawing.pool.drawn(draw.number)
    made = Drawn(there, drawing, draw, list(drawing.owners.values()))
    made.ranked.sort(key=lambda role: position(site, made, role)["rank"])
    return made


def capture(drawing: DrawMarket, draw: Draw, site: RunningSite) -> None:
    """Until the block of the seed has come; the keeper of the site captures it."""
    drawing.mine(draw.seed_block - drawing.w3.eth.block_number + 4)
    site.wait_for("captured")


def position(site: RunningSite, drawn: Drawn, role: str) -> Any:
    """The place of a member, once the site knows of the draw."""
    path = f"/api/rounds/{drawn.there.number}?labeler={drawn.drawing.market.actor(role).address}"

    def told() -> Any:
        return site.client.get(path).json["you"]["position"]

    wait_until(lambda: (told() or {}).get("rank") is not None, why=told)
    return told()


def moment(visitor: Visitor, time: int) -> str:
    """A time as the page writes it."""
    code = "time => new Intl.DateTimeFormat('en-GB', {dateStyle: 'medium', timeStyle: 'short'})"
    return str(visitor.page.evaluate(code + ".format(new Date(1000 * time))", time))


Member = Callable[[str], Visitor]


@pytest.fixture
def member(contexts: Contexts, w3: Web3, site: RunningSite, requesters: Requesters) -> Member:
    """A visitor with the wallet of a member, and a stake paid in."""

    def new(role: str) -> Visitor:
        wallet = TestWallet.of(w3, role)
        deposit = requesters.market.rounds.deposit_for(wallet.address, STAKE)
        requesters.market.send("requester", deposit)
        return Visitor(contexts(wallet), site.url)

    return new


def test_who_is_drawn_sees_by_when_to_commit_and_does(
    member: Member, drawn: Drawn, site: RunningSite
) -> None:
    role, number = drawn.ranked[0], drawn.there.number
    visitor = member(role).connected(f"/round/{number}")
    told = visitor.panel(f"You are drawn: number 1, for {SEATS} seats. Commit within")
    standby = position(site, drawn, role)["standby_from"]
    assert standby == position(site, drawn, drawn.ranked[SEATS])["admitted_at"]
    assert f"from {moment(visitor, standby)} on those who stand by are let in" in told
    assert visitor.violations() == {}
    visitor.answer(number)
    visitor.page.locator("#commit").click()
    visitor.seat("You have a seat")


def test_who_stands_by_hands_in_at_once_and_is_seated_when_the_turn_comes(
    member: Member, drawn: Drawn, site: RunningSite
) -> None:
    role, number = drawn.ranked[SEATS], drawn.there.number
    rounds, labeler = drawn.drawing.market.rounds, drawn.drawing.market.actor(role).address
    visitor = member(role).connected(f"/round/{number}")
    turn = position(site, drawn, role)["admitted_at"]
    words = f"You stand by (number {SEATS + 1}, for {SEATS} seats): you are let in from "
    visitor.panel(words + moment(visitor, turn))
    visitor.answer(number)
    # The contract would refuse it as yet, so no transaction is offered.
    assert visitor.page.locator("#commit-self").count() == 0
    visitor.page.locator("#commit").click()
    visitor.seat("Handed in: you stand by")
    visitor.page.reload()
    visitor.seat("Handed in: you stand by")
    told = visitor.panel(words + moment(visitor, turn))
    assert "Leave 0.02 ETH of your balance free" in told and "reveal by" in told
    assert rounds.seat(number, labeler).is_empty
    assert visitor.violations() == {}
    visitor.go(f"/round/{number}/answer")  # what was signed is not changed any more
    visitor.seat("Handed in: you stand by")
    drawn.drawing.market.wait_until(turn)
    visitor.seat("You have a seat")
    assert not rounds.seat(number, labeler).is_empty


def test_who_gets_no_seat_is_told_why_and_signs_nothing(
    member: Member, drawn: Drawn, visitor: Visitor, wallet: TestWallet
) -> None:
    number = drawn.there.number
    last = member(drawn.ranked[-1]).connected(f"/round/{number}")
    last.panel("behind all who stand by. Take another round: each draw shuffles anew.")
    visitor.connected(f"/round/{number}")
    pool = drawn.drawing.pool.address
    visitor.panel(f"no seat: No unit in the pool {pool}. Join it for rounds to come")
    assert visitor.violations(320) == {}
    visitor.answer(number)
    visitor.page.get_by_text("no seat: No unit in the pool").wait_for()
    assert visitor.page.locator("#commit, #commit-self").count() == 0
    assert not [method for method, _ in wallet.asked if "sign" in method]


def test_who_stands_by_in_vain_is_told_that_nothing_is_locked(member: Member, drawn: Drawn) -> None:
    number, drawing = drawn.there.number, drawn.drawing
    visitor = member(drawn.ranked[SEATS + 1]).connected()
    visitor.answer(number)
    visitor.page.locator("#commit").click()
    visitor.seat("Handed in: you stand by")
    rounds = drawing.market.rounds
    for unit, role in drawing.owners.items():
        is_free = rounds.seat(number, drawing.address(unit)).is_empty
        if role in drawn.ranked[:SEATS] and is_free and rounds.round(number).committed < SEATS:
            drawing.commit(number, drawn.draw, unit)
    visitor.seat("Too late for this round")
    visitor.panel("What you signed was not used: nothing is locked for it.")


def test_a_round_is_followed_from_before_the_draw_until_one_is_drawn(
    member: Member, drawn: Drawn, requesters: Requesters, site: RunningSite
) -> None:
    there = requesters.open(admission=drawn.drawing.pool.address, window=DAY)
    visitor = member(drawn.ranked[0]).connected(f"/round/{there.number}")
    visitor.panel(f"The seats of round {there.number} are not drawn yet.")
    visitor.answer(there.number)  # beforehand: to be signed later
    visitor.page.get_by_text("are not drawn yet").wait_for()
    made = drawn.drawing.draw([there.number])
    visitor.page.get_by_text("is not captured yet").wait_for()
    assert visitor.page.locator("#commit").count() == 0
    capture(drawn.drawing, made, site)
    rank = position(site, Drawn(there, drawn.drawing, made, []), drawn.ranked[0])["rank"]
    # Where the lot falls is chance: a seat, a place behind it, or none.
    found = "Sign and commit" if rank <= 3 * SEATS else "behind all who stand by"
    visitor.page.locator("main", has_text=found).wait_for()
