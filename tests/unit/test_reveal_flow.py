"""What can be revealed is, whatever is wrong elsewhere; who cannot reveal hands it over, or
gets the answers back.
"""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from plumbline.chain.call import Call, Receipt
from plumbline.chain.events import Committed
from plumbline.chain.preconditions import CallError
from plumbline.chain.records import Phase
from plumbline.files.private import StorageError
from plumbline.labeler.reveal_flow import (
    RevealError,
    RevealPlan,
    plan_handover,
    plan_reveals,
    restore_seats,
    seats_to_reveal,
)
from plumbline.labeler.seats import prepare
from plumbline.labeler.status import SeatState, SeatStatus
from plumbline.labeler.vault import Vault
from plumbline.protocol.master_key import random_key
from plumbline.transactions.independent import send_each
from plumbline.transactions.senders import NotLanded, Refused
from tests.unit.builders import (
    COMMIT,
    DEPLOYED,
    GENESIS,
    LABELERS,
    SMALL,
    Chain,
    answers_of,
    keyring_of,
)
from tests.unit.markets import MadeUpMarket

ADDRESS = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
RECEIPT = Receipt("0x" + "11" * 32, 5, 60_000, 7)


def seat(number: int) -> SeatStatus:
    history: Any = SimpleNamespace(round_id=number)
    secret: Any = SimpleNamespace(sheet=(0, 0, 0, 0, 0), salt=bytes(32))
    return SeatStatus(history, Phase.REVEAL, SeatState.READY, "to be revealed", True, True, secret)


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


# ---------------------------------------------------------------- which seats, and whose


A, B, *_ = LABELERS


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault", DEPLOYED, GENESIS)


def committed(vault: Vault, *rounds: int, keep: bool = True) -> Chain:
    """Three rounds with seats of B; A has one in these, and its answers."""
    chain = Chain(deposits=False)
    for number in (1, 2, 3):
        staged = chain.open(SMALL).commit(B, *([A] if number in rounds else []))
        if number in rounds and keep:
            row, salt = answers_of(A, SMALL), staged.opening(A).salt
            vault.keep_answers(number, A, row, SMALL.options, salt)
    return chain


def market(chain: Chain, now: int = COMMIT) -> MadeUpMarket:
    return MadeUpMarket.of(chain, now=now)


def test_all_seats_of_a_labeler_are_looked_at_or_the_one_that_is_meant(vault: Vault) -> None:
    here = market(committed(vault, 1, 3))
    seats = seats_to_reveal(here, vault, A, "me", None)
    assert [seat.history.round_id for seat in seats] == [1, 3]
    (seat,) = seats_to_reveal(here, vault, A, "me", 3)
    assert (seat.history.round_id, seat.state) == (3, SeatState.READY)
    plan = plan_reveals(here, seats, A)
    names = [here.called(call) for call in plan.calls.values()]
    assert [(name, values["round_id"]) for name, values in names] == [("reveal", 1), ("reveal", 3)]
    assert [values["labelers"] for _, values in names] == [[A]] * 2


def test_a_seat_that_is_meant_and_is_not_ready_is_an_error(vault: Vault) -> None:
    chain = committed(vault, 1)
    with pytest.raises(RevealError, match="round 1: others may commit"):
        seats_to_reveal(market(chain, COMMIT - 1), vault, A, "me", 1)
    with pytest.raises(RevealError, match="round 2: not committed"):
        seats_to_reveal(market(chain), vault, A, "me", 2)
    with pytest.raises(RevealError, match="me has taken no seat"):
        seats_to_reveal(
            market(committed(vault)), Vault(vault.root / "no", DEPLOYED, GENESIS), A, "me", None
        )


def test_nothing_is_planned_for_a_seat_whose_secret_must_not_be_shown(vault: Vault) -> None:
    here = market(committed(vault, 1, 2), COMMIT - 1)
    seats = seats_to_reveal(here, vault, A, "me", None)
    assert [seat.state for seat in seats] == [SeatState.COMMIT_PHASE] * 2
    assert plan_reveals(here, seats, A).calls == {}


# --------------------------------------------------------------------------- handovers


def test_a_handover_opens_the_seat_and_is_early_while_others_may_commit(
    vault: Vault, tmp_path: Path
) -> None:
    chain, target = committed(vault, 1), tmp_path / "seat.json"
    for now, is_early in ((COMMIT - 1, True), (COMMIT, False)):
        (handover,), missing = plan_handover(market(chain, now), vault, A, "me", 1, target)
        assert (handover.path, handover.is_early, missing) == (target, is_early, [])
        landed = chain.history(1).commitment_of(A)
        assert landed is not None
        assert handover.reveal.commitment == landed.commitment
        assert handover.reveal.labeler == A


def test_several_go_into_a_folder_each_in_a_file_of_its_own(vault: Vault, tmp_path: Path) -> None:
    here = market(committed(vault, 1, 2))
    with pytest.raises(RevealError, match="2 rounds are to be revealed: name a folder"):
        plan_handover(here, vault, A, "me", None, tmp_path / "seat.json")
    handovers, _ = plan_handover(here, vault, A, "me", None, tmp_path)
    assert len({handover.path for handover in handovers}) == 2
    assert {handover.path.parent for handover in handovers} == {tmp_path}


def test_answers_that_are_not_here_cannot_be_handed_over(vault: Vault, tmp_path: Path) -> None:
    chain = committed(vault, 1, 2)
    vault.answers_path(2, A).unlink()
    _, missing = plan_handover(market(chain), vault, A, "me", None, tmp_path)
    assert missing == [2]
    with pytest.raises(RevealError, match="nothing was written: the answers are not here"):
        plan_handover(market(chain), vault, A, "me", 2, tmp_path)


def test_where_nothing_is_awaited_there_is_nothing_to_hand_over(
    vault: Vault, tmp_path: Path
) -> None:
    with pytest.raises(RevealError, match="me has nothing to reveal in round 2"):
        plan_handover(market(committed(vault, 1)), vault, A, "me", 2, tmp_path)
    with pytest.raises(RevealError, match=r"me has nothing to reveal$"):
        plan_handover(market(committed(vault)), vault, A, "me", None, tmp_path)


# ---------------------------------------------------------------------------- restoring


def test_what_cannot_be_restored_is_told_by_round_and_stops_no_other(vault: Vault) -> None:
    key = random_key(0)
    chain = committed(vault, 1, 2, 3, keep=False)
    row = answers_of(A, SMALL)
    for number in (1, 3):
        prepared = prepare(Vault(vault.root / "x", DEPLOYED, GENESIS), key, number, A, row, 2)
        place = next(
            at
            for at, event in enumerate(chain.events)
            if isinstance(event, Committed) and (event.round_id, event.labeler) == (number, A)
        )
        landed = replace(
            chain.events[place],  # type: ignore[type-var]
            commitment=prepared.secret.digest,
            sealed=prepared.sealed if number == 3 else b"",
        )
        chain.events[place] = landed
    histories = [chain.history(number) for number in (1, 2, 3)]
    failures = restore_seats(vault, keyring_of(key), histories, A)
    assert failures.keys() == {1, 2}
    assert "without sealed answers" in failures[1]
    kept = vault.answers(3, A)
    assert kept is not None and kept.answers == row
    assert (
        restore_seats(vault, keyring_of(), [histories[2]], A) == {}
    )  # nothing to be done any more
