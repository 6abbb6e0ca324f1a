"""One round that cannot be revealed does not keep a labeler silent in the others."""

from types import SimpleNamespace
from typing import Any

import pytest

from plumbline.chain.call import Call, Receipt
from plumbline.chain.preconditions import CallError
from plumbline.files.private import StorageError
from plumbline.labeler.reveal_flow import RevealPlan, plan_reveals
from plumbline.labeler.status import SeatState, SeatStatus
from plumbline.transactions.independent import send_each
from plumbline.transactions.senders import NotLanded, Refused

ADDRESS = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
RECEIPT = Receipt("0x" + "11" * 32, 5, 60_000, 7)


def seat(number: int) -> SeatStatus:
    history: Any = SimpleNamespace(round_id=number)
    secret: Any = SimpleNamespace(sheet=(0, 0, 0, 0, 0), salt=bytes(32))
    return SeatStatus(history, SeatState.READY, "to be revealed", secret)


def planned(unfit: int | None = None) -> RevealPlan:
    """Three rounds; the answers of one of them may not fit."""

    def reveal(number: int, openings: object) -> Call:
        if number == unfit:
            raise CallError("do not fit")
        return Call(ADDRESS, b"", 0, f"round {number}")

    market: Any = SimpleNamespace(contract=SimpleNamespace(reveal=reveal))
    return plan_reveals(market, [seat(1), seat(2), seat(3)], ADDRESS)


def sent(
    plan: RevealPlan, order: list[str], **fates: Exception
) -> tuple[list[int], dict[int, str]]:
    """Which are in a block, and why others are not; `round_1` and so on is what goes wrong."""

    def send(call: Call) -> Receipt:
        order.append(call.description)
        fate = fates.get(call.description.replace(" ", "_"))
        if fate is not None:
            raise fate
        return RECEIPT

    receipts, failures = send_each(plan.calls, send)
    return list(receipts), plan.failures | failures


def test_one_that_does_not_fit_is_told_and_stops_no_other() -> None:
    order: list[str] = []
    assert sent(planned(unfit=2), order) == ([1, 3], {2: "do not fit"})
    assert order == ["round 1", "round 3"]


def test_one_that_is_refused_is_told_and_stops_no_other() -> None:
    fate = Refused("nothing was sent: no")
    assert sent(planned(), [], round_2=fate) == ([1, 3], {2: str(fate)})


def test_nothing_is_sent_behind_what_is_in_no_block() -> None:
    order: list[str] = []
    with pytest.raises(NotLanded):
        sent(planned(), order, round_1=NotLanded("in no block", "0x"))
    assert order == ["round 1"]


def test_a_full_disk_stops_them_all_and_is_what_is_told() -> None:
    order: list[str] = []
    with pytest.raises(StorageError, match="make room"):
        sent(planned(), order, round_1=StorageError("the journal cannot be written: make room"))
    assert order == ["round 1"]


def test_if_all_goes_well_there_is_nothing_to_tell() -> None:
    assert sent(planned(), []) == ([1, 2, 3], {})
