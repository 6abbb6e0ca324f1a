"""What a keeper does is what is due: no secret is shown early, nothing legal is left undone."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from plumbline.chain.events import Committed
from plumbline.history.rounds import EXPIRY, RoundHistory
from plumbline.keeper.decisions import (
    Action,
    Close,
    Conclude,
    Decision,
    DecisionContext,
    Expire,
    Forfeit,
    Reveal,
    Step,
    decide,
    match_openings,
    urgency,
    why_superfluous,
)
from plumbline.protocol.commitment import EMPTY_HASH
from tests.unit.builders import (
    COMMIT,
    GOLD,
    LABELERS,
    OPENED_IN,
    REVEAL,
    SMALL,
    StagedRound,
    delegated_reveal,
    gold_secret,
    small_round,
)

A, B, C, D, E, F = LABELERS
SECRET = gold_secret(SMALL, {})
FULL = (A, B, C, D)  # as many as there are seats
LAST = OPENED_IN + 4  # the block in which the last of four seats is taken
ALL = frozenset(Step)


def decided(
    history: RoundHistory,
    now: int,
    delegated: Iterable[str] = (),
    head: int = 10_000,
    confirmations: int = 5,
    gold: bool = False,
    unclosable: bool = False,
    steps: frozenset[Step] = ALL,
) -> Decision:
    openings, _ = match_openings(history, [delegated_reveal(labeler) for labeler in delegated])
    context = DecisionContext(now, head, confirmations, steps)
    return decide(history, context, openings, SECRET if gold else None, unclosable)


def kinds(decision: Decision) -> list[str]:
    return [action.kind for action in decision.actions]


# ------------------------------------------------------- no secret is shown early


@pytest.mark.parametrize(
    ("now", "expected"), [(COMMIT - 1, []), (COMMIT, ["reveal"]), (REVEAL - 1, ["reveal"])]
)
def test_answers_are_revealed_from_the_commit_deadline_on(now: int, expected: list[str]) -> None:
    history = small_round().commit(A, B, C).history
    decision = decided(history, now, [A, B])
    assert kinds(decision) == expected
    if not expected:
        assert decision.wait is not None
        assert decision.wait.reason == "3 of 4 seats are taken"
        assert decision.wait.until == COMMIT


@pytest.mark.parametrize("has_gold", [False, True])
@pytest.mark.parametrize(
    ("head", "confirmations", "shown"),
    [(LAST, 0, True), (LAST, 1, False), (LAST + 4, 5, False), (LAST + 5, 5, True)],
)
def test_after_an_early_end_answers_wait_until_it_cannot_be_taken_back(
    has_gold: bool, head: int, confirmations: int, shown: bool
) -> None:
    """All seats are taken before the deadline: a reorganisation could free one again."""
    history = small_round(has_gold=has_gold).commit(*FULL).history
    for delegated in ([A], FULL):
        decision = decided(history, 500, delegated, head, confirmations, gold=True)
        assert bool(decision.actions) is shown
        if not shown:
            assert decision.wait is not None
            until = LAST + confirmations
            assert f"last seat was taken in block {LAST}" in decision.wait.reason
            assert decision.wait.reason.endswith(f"held back until block {until}")


def test_once_the_deadline_is_over_too_nothing_has_to_be_waited_for() -> None:
    history = small_round().commit(*FULL).history
    assert not decided(history, COMMIT - 1, FULL, head=LAST).actions
    assert kinds(decided(history, COMMIT, FULL, head=LAST)) == ["conclude"]


@pytest.mark.parametrize(("head", "shown"), [(LAST + 4, False), (LAST + 5, True)])
def test_gold_answers_wait_for_it_as_well(head: int, shown: bool) -> None:
    """Others may reveal too early; gold answers shown then are known to who commits after all."""
    history = small_round(has_gold=True).commit(*FULL).reveal(*FULL).history
    decision = decided(history, 500, head=head, gold=True)
    assert kinds(decision) == (["close"] if shown else [])
    assert shown or (decision.wait and "the gold answers are held back" in decision.wait.reason)


def test_a_closing_without_secrets_waits_for_nothing() -> None:
    history = small_round().commit(*FULL).reveal(*FULL).history
    assert kinds(decided(history, 500, head=LAST)) == ["close"]


# ------------------------------------------------------------------------- reveal


def test_only_what_is_here_and_awaited_is_revealed() -> None:
    history = small_round().commit(A, B, C, D).leak(C).reveal(D).history
    (action,) = decided(history, COMMIT, [A, C, D, E]).actions
    assert isinstance(action, Reveal)
    assert action.labelers == (A,)


def test_without_answers_of_anybody_a_reveal_is_waited_for() -> None:
    decision = decided(small_round().commit(A, B, C).reveal(B).history, REVEAL - 1)
    assert decision.actions == ()
    assert decision.wait is not None
    assert decision.wait.until == REVEAL
    assert "2 of 3 labelers have not revealed" in decision.wait.reason


@pytest.mark.parametrize("delegated", [[], FULL])
def test_from_the_reveal_deadline_on_the_silent_are_slashed(delegated: Iterable[str]) -> None:
    history = small_round().commit(A, B, C).reveal(B).history
    assert kinds(decided(history, REVEAL - 1)) == []
    decision = decided(history, REVEAL, delegated)
    assert kinds(decision) == ["close", "forfeit"]
    assert decision.actions[1].labelers == (A, C)


# ----------------------------------------------------------------------- conclude


@pytest.mark.parametrize(
    ("staged", "delegated", "gold", "expected"),
    [
        (small_round().commit(A, B, C), (A, B, C), False, ["conclude"]),
        (small_round().commit(A, B, C), (A, B), False, ["reveal"]),
        (small_round().commit(A, B, C).leak(C), (A, B), False, ["conclude"]),
        (small_round().commit(A, B, C).reveal(C), (A, B), False, ["reveal"]),
        (small_round(has_gold=True).commit(A, B, C), (A, B, C), False, ["reveal"]),
        (small_round(has_gold=True).commit(A, B, C), (A, B, C), True, ["conclude"]),
    ],
)
def test_reveal_and_close_are_one_if_all_is_here(
    staged: StagedRound, delegated: tuple[str, ...], gold: bool, expected: list[str]
) -> None:
    decision = decided(staged.history, COMMIT, delegated, gold=gold)
    assert kinds(decision) == expected
    (action,) = decision.actions
    assert action.labelers == delegated
    if isinstance(action, Conclude):
        assert action.gold == (SECRET if gold else None)


# -------------------------------------------------------------------------- close


@pytest.mark.parametrize(
    ("now", "gold", "expected"),
    [
        (REVEAL - 1, True, []),
        (REVEAL, True, ["close with gold", "forfeit"]),
        (REVEAL, False, ["forfeit"]),
        (GOLD - 1, True, ["close with gold", "forfeit"]),
        (GOLD - 1, False, ["forfeit"]),
        (GOLD, True, ["close", "forfeit"]),
        (GOLD, False, ["close", "forfeit"]),
    ],
)
def test_gold_answers_close_a_round_until_their_deadline_and_anyone_afterwards(
    now: int, gold: bool, expected: list[str]
) -> None:
    history = small_round(has_gold=True).commit(A, B, C).reveal(A, B).history
    decision = decided(history, now, gold=gold)
    found = [
        action.kind + (" with gold" if isinstance(action, Close) and action.gold else "")
        for action in decision.actions
    ]
    assert found == expected
    if expected == ["forfeit"]:
        assert decision.wait is not None
        assert decision.wait.until == GOLD
        assert "the gold answers are not here" in decision.wait.reason


def test_a_round_with_gold_that_all_revealed_early_waits_for_its_gold_answers() -> None:
    history = small_round(has_gold=True).commit(*FULL).reveal(*FULL).history
    assert kinds(decided(history, COMMIT, gold=True)) == ["close"]
    assert kinds(decided(history, COMMIT)) == []


def test_a_close_is_handed_the_roll_in_its_order() -> None:
    history = small_round().commit(A, B, C).reveal(C, A, B).history
    (action,) = decided(history, COMMIT).actions
    assert isinstance(action, Close)
    assert (action.entries, action.labelers) == (history.entries, (C, A, B))


@pytest.mark.parametrize(("now", "expected"), [(COMMIT - 1, []), (COMMIT, ["close"])])
def test_a_round_that_nobody_came_to_is_closed_too(now: int, expected: list[str]) -> None:
    assert kinds(decided(small_round().history, now)) == expected


def test_a_round_whose_labelers_all_leaked_is_closed_at_its_deadline() -> None:
    history = small_round().commit(A).leak(A).history
    assert kinds(decided(history, COMMIT - 1)) == []
    assert kinds(decided(history, COMMIT)) == ["close"]


# ------------------------------------------------------------------------- expire


@pytest.mark.parametrize(
    ("has_gold", "last"), [(False, REVEAL), (True, GOLD)], ids=["plain", "gold"]
)
def test_a_round_is_unwound_only_if_closing_failed_and_thirty_days_are_over(
    has_gold: bool, last: int
) -> None:
    history = small_round(has_gold=has_gold).commit(A, B).reveal(A, B).history
    over = last + EXPIRY
    assert kinds(decided(history, over, unclosable=False)) == ["close"]
    assert kinds(decided(history, over - 1, unclosable=True)) == ["close"]
    (action,) = decided(history, over, unclosable=True).actions
    assert isinstance(action, Expire)
    assert action.entries == history.entries
    only_close = frozenset({Step.CLOSE})
    assert kinds(decided(history, over, unclosable=True, steps=only_close)) == ["close"]


# ------------------------------------------------------------------ ended and left


@pytest.mark.parametrize("end", ["close", "expire"])
def test_the_silent_of_a_round_that_is_over_are_slashed_too(end: str) -> None:
    staged = small_round().commit(A, B, C).reveal(A)
    getattr(staged, end)()
    assert kinds(decided(staged.history, REVEAL)) == ["forfeit"]
    assert decided(staged.forfeit(B, C).history, REVEAL) == Decision((), None)


@pytest.mark.parametrize(
    ("staged", "now", "expected"),
    [
        (small_round().commit(A, B, C), COMMIT, {"reveal"}),
        (small_round().commit(A, B, C).reveal(A, B, C), COMMIT, {"close"}),
        (small_round().commit(A, B, C), REVEAL, {"close", "forfeit"}),
        (small_round(has_gold=True).commit(A, B, C), GOLD - 1, {"close", "forfeit"}),
    ],
)
@pytest.mark.parametrize("steps", [set(), {"reveal"}, {"close"}, {"forfeit"}])
def test_steps_left_to_others_are_not_taken(
    staged: StagedRound, now: int, expected: set[str], steps: set[str]
) -> None:
    chosen = frozenset(Step(step) for step in steps)
    decision = decided(staged.history, now, [A, B, C], gold=True, steps=chosen)
    found = set(kinds(decision))
    assert found <= steps
    assert found == expected & steps
    if not found and expected != {"forfeit"}:
        assert decision.wait is not None


def test_all_here_is_only_revealed_if_closing_is_left_to_others() -> None:
    steps = frozenset({Step.REVEAL})
    assert kinds(decided(small_round().commit(A, B).history, COMMIT, [A, B], steps=steps)) == [
        "reveal"
    ]


# --------------------------------------------------------- what files are good for


def test_only_what_a_seat_holds_opens_it() -> None:
    history = small_round().commit(A, B, C).leak(C).history
    forged = replace(delegated_reveal(B), commitment=b"\x01" * 32)
    files = [delegated_reveal(A), forged, delegated_reveal(C), delegated_reveal(D)]
    openings, unusable = match_openings(history, files)
    assert openings == {A: delegated_reveal(A).opening}
    assert unusable == {
        forged: "committed to something else",
        delegated_reveal(D): "has no seat in the round",
    }


def test_a_forged_file_does_not_hide_the_right_one() -> None:
    history = small_round().commit(A, B, C).history
    forged = replace(delegated_reveal(A), commitment=b"\x01" * 32)
    for files in ([forged, delegated_reveal(A)], [delegated_reveal(A), forged]):
        assert match_openings(history, files)[0] == {A: delegated_reveal(A).opening}


def test_answers_that_do_not_fit_the_round_stop_no_others() -> None:
    """They were committed to, and can never be revealed."""
    staged = small_round().commit(A, B)
    small = replace(staged.history.opened, rules=replace(staged.terms, tasks=11))
    history = replace(staged.history, opened=small)
    openings, unusable = match_openings(history, [delegated_reveal(A), delegated_reveal(B)])
    assert openings == {}
    assert all("do not fit the round" in reason for reason in unusable.values())


# -------------------------------------------------------------------- being late


def action_of(staged: StagedRound, now: int, kind: type[Action], **more: bool) -> Action:
    files = [event.labeler for event in staged.events if isinstance(event, Committed)]
    found = decided(staged.history, now, files, **more)  # type: ignore[arg-type]
    (action,) = [action for action in found.actions if isinstance(action, kind)]
    return action


def test_what_somebody_else_did_first_is_no_failure() -> None:
    reveal = action_of(small_round().commit(A, B, C).reveal(C), COMMIT, Reveal)
    assert why_superfluous(reveal, small_round().commit(A, B, C).reveal(C, A).history) is None
    assert why_superfluous(reveal, small_round().commit(A, B, C).reveal(C, A, B).history)
    assert why_superfluous(reveal, small_round().commit(A, B, C).reveal(C, A).close().history)

    conclude = action_of(small_round().commit(A, B), COMMIT, Conclude)
    assert why_superfluous(conclude, small_round().commit(A, B).history) is None
    assert why_superfluous(conclude, small_round().commit(A, B).reveal(A).history)

    close = action_of(small_round().commit(A, B).reveal(A), REVEAL, Close)
    assert why_superfluous(close, small_round().commit(A, B).reveal(A).forfeit(B).history) is None
    assert why_superfluous(close, small_round().commit(A, B).reveal(A).close().history)
    assert why_superfluous(close, small_round().commit(A, B).reveal(A).expire().history)

    forfeit = action_of(small_round().commit(A, B, C), REVEAL, Forfeit)
    assert why_superfluous(forfeit, small_round().commit(A, B, C).close().history) is None
    assert why_superfluous(forfeit, small_round().commit(A, B, C).forfeit(A, B).history) is None
    assert why_superfluous(forfeit, small_round().commit(A, B, C).forfeit(A, B, C).history)


def test_what_is_lost_by_coming_late_comes_first() -> None:
    reveal = small_round(3).commit(A, B)
    gold = small_round(2, has_gold=True).commit(A).reveal(A)
    plain = small_round(1).commit(A, B).reveal(A)
    ranks = [
        urgency(Reveal(3, "", ()), reveal.history),
        urgency(Close(2, "", EMPTY_HASH, (), SECRET), gold.history),
        urgency(Close(1, "", EMPTY_HASH, (), None), plain.history),
        urgency(Forfeit(2, "", ()), gold.history),
    ]
    assert ranks == sorted(ranks)
