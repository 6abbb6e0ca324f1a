"""A labeler is told how a seat stands, and gets the secret only when it may be shown."""

from pathlib import Path

import pytest

from plumbline.labeler.status import SeatState, SeatStatus, kept_secret, rounds_of, seat_status
from plumbline.labeler.vault import Vault
from tests.unit.builders import (
    COMMIT,
    DEPLOYED,
    GENESIS,
    LABELERS,
    REVEAL,
    SMALL,
    Chain,
    StagedRound,
    answers_of,
    small_round,
)
from tests.unit.markets import MadeUpMarket

A, B, C, D, *_ = LABELERS


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault", DEPLOYED, GENESIS)


def keep(vault: Vault, staged: StagedRound, who: str) -> None:
    """As `who` does before committing."""
    rows, salt = answers_of(who, SMALL), staged.opening(who).salt
    vault.keep_answers(staged.round_id, who, rows, SMALL.options, salt)


def status(vault: Vault, staged: StagedRound, now: int, since_last: int = 1_000) -> SeatStatus:
    """Of A, so many blocks after the last event."""
    head = staged.events[-1].block + since_last
    market = MadeUpMarket.of(staged.chain, now=now, head=head)
    return seat_status(market, vault, staged.history, A)


def test_who_has_no_seat_is_told_to_commit(vault: Vault) -> None:
    seat = status(vault, small_round().commit(B), COMMIT - 1)
    assert (seat.state, seat.secret) == (SeatState.NOT_COMMITTED, None)
    assert "commit" in seat.words


def test_the_secret_is_not_given_while_others_may_commit(vault: Vault) -> None:
    staged = small_round().commit(A, B)
    keep(vault, staged, A)
    seat = status(vault, staged, COMMIT - 1)
    assert (seat.state, seat.secret) == (SeatState.COMMIT_PHASE, None)
    assert "gives the answers away" in seat.words


def test_the_secret_is_not_given_while_a_seat_could_become_free_again(vault: Vault) -> None:
    staged = small_round().commit(A, B, C, D)
    keep(vault, staged, A)
    seat = status(vault, staged, COMMIT - 1, since_last=2)
    assert (seat.state, seat.secret) == (SeatState.UNCONFIRMED, None)
    assert "wait 3 more blocks" in seat.words
    assert status(vault, staged, COMMIT - 1, since_last=5).state is SeatState.READY


def test_a_seat_is_ready_with_its_secret_until_the_deadline(vault: Vault) -> None:
    staged = small_round().commit(A, B)
    keep(vault, staged, A)
    for now in (COMMIT, REVEAL - 1):
        seat = status(vault, staged, now)
        assert seat.state is SeatState.READY
        assert seat.secret is not None
        assert seat.secret.digest == staged.history.commitments[0].commitment
    late = status(vault, staged, REVEAL)
    assert (late.state, late.secret) == (SeatState.TOO_LATE, None)


@pytest.mark.parametrize("what", ["nothing", "other answers", "half a file"])
def test_what_does_not_open_the_commitment_is_as_good_as_nothing(vault: Vault, what: str) -> None:
    staged = small_round().commit(A, B)
    path = vault.answers_path(1, A)
    if what == "other answers":
        others = [1 - int(answer or 0) for answer in answers_of(A, SMALL)]
        vault.keep_answers(1, A, [*others], SMALL.options, bytes(32))
    elif what == "half a file":
        keep(vault, staged, A)
        path.write_text(path.read_text()[:40])
    seat = status(vault, staged, COMMIT)
    assert (seat.state, seat.secret) == (SeatState.NOT_KEPT, None)
    assert "labeler restore" in seat.words
    assert kept_secret(vault, staged.history, A) is None


def test_a_revealed_seat_has_its_block_and_once_closed_its_outcome(vault: Vault) -> None:
    staged = small_round().commit(A, B, C).reveal(A, B, C)
    seat = status(vault, staged, COMMIT)
    assert (seat.state, seat.outcome) == (SeatState.REVEALED, None)
    assert f"in block {staged.history.reveals[0].block}" in seat.words
    closed = status(vault, staged.close(), COMMIT)
    assert closed.outcome is not None
    assert closed.outcome.labeler == A


def test_a_lost_seat_is_said_to_be_lost(vault: Vault) -> None:
    forfeited = small_round().commit(A, B, C).reveal(B, C).close().forfeit(A)
    leaked = small_round().commit(A, B).leak(A)
    for staged in (forfeited, leaked):
        assert status(vault, staged, REVEAL).state is SeatState.LOST


def test_rounds_of_a_labeler_are_those_committed_to_or_about_to_be(vault: Vault) -> None:
    """One that was answered and whose commitment is not on chain yet is not forgotten."""
    chain = Chain(deposits=False)
    rounds = [chain.open(SMALL) for _ in range(4)]
    rounds[1].commit(A)
    rounds[2].commit(B)
    keep(vault, rounds[3], A)
    market = MadeUpMarket.of(chain)
    assert [past.round_id for past in rounds_of(market, vault, A)] == [2, 4]
