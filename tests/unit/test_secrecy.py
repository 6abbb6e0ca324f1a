"""No secret is shown while anybody could still commit, or could after a reorganisation."""

import pytest

from plumbline.history.secrecy import Secrecy, secrecy
from tests.unit.builders import COMMIT, LABELERS, SMALL, StagedRound, small_round

A, B, C, D, *_ = LABELERS
CONFIRMATIONS = 5


def full() -> StagedRound:
    """All four seats are taken."""
    assert SMALL.seats == 4
    return small_round().commit(A, B, C, D)


def told(staged: StagedRound, now: int, since_last: int = 0) -> Secrecy | None:
    """So many blocks after the last commitment."""
    head = staged.events[-1].block + since_last
    return secrecy(staged.history, now, head, CONFIRMATIONS)


@pytest.mark.parametrize("labelers", [(), (A,), (A, B, C)])
def test_while_seats_are_left_nothing_is_shown_before_the_deadline(
    labelers: tuple[str, ...],
) -> None:
    staged = small_round().commit(*labelers)
    assert told(staged, COMMIT - 1, 1_000) == Secrecy(COMMIT, 0)
    assert told(staged, COMMIT, 1_000) is None


@pytest.mark.parametrize(("since_last", "missing"), [(0, 5), (1, 4), (4, 1)])
def test_seats_that_were_taken_a_moment_ago_may_become_free_again(
    since_last: int, missing: int
) -> None:
    assert told(full(), COMMIT - 1, since_last) == Secrecy(None, missing)


def test_with_blocks_enough_on_the_last_commitment_all_may_be_shown() -> None:
    assert told(full(), COMMIT - 1, CONFIRMATIONS) is None


def test_it_is_the_last_commitment_that_blocks_are_counted_from() -> None:
    first = full().history.commitments[0].block
    assert secrecy(full().history, COMMIT - 1, first + CONFIRMATIONS, CONFIRMATIONS) is not None


def test_once_the_deadline_is_over_no_blocks_are_waited_for() -> None:
    assert told(full(), COMMIT, 0) is None


def test_a_chain_without_reorganisations_needs_no_blocks() -> None:
    past = full().history
    assert secrecy(past, COMMIT - 1, past.commitments[-1].block, 0) is None
