"""The numbers of a report add up to the wei, and say what the settlement says."""

from dataclasses import replace
from typing import Any

import pytest

from plumbline.chain.events import Committed, Event, GoldOpened, RoundClosed
from plumbline.history.round_money import money_of, sum_of
from plumbline.history.rounds import history
from plumbline.report.facts import RoundFacts, facts_of
from plumbline.report.labelers import AWAITED, RELEASED
from plumbline.report.people import people_of
from plumbline.report.plots.timeline import moments
from plumbline.settlement import Band, Mode, settle
from plumbline.settlement.terms import BPS, PPM, Kind
from tests.differential.crowds import random_round
from tests.unit.builders import (
    GOLD_TERMS,
    HOUR,
    OPENED,
    TERMS,
    UNREVEALED,
    StagedRound,
    careful,
    every_state,
    labeler,
    modes,
    with_gold,
)

STATES = every_state()


def facts(staged: StagedRound, now: int = OPENED) -> RoundFacts:
    return facts_of(staged.history, now, staged.times, staged.deposits)


# ------------------------------------------------------------------------- money


@pytest.mark.parametrize("seed", range(120))
def test_money_in_is_money_out_in_every_round(seed: int) -> None:
    staged = StagedRound.of(random_round(seed)).commit().reveal().close().forfeit()
    found = facts(staged)
    money, rules = found.money, staged.terms
    assert money.total_in == rules.price * rules.seats + rules.stake * len(found.labelers)
    assert money.missing == 0
    assert (money.in_escrow, money.locked) == (0, 0)
    assert sum(one.pay for one in found.labelers) == money.paid
    assert sum(one.slash for one in found.labelers) == money.slashed + money.bounties
    assert sum(one.back or 0 for one in found.labelers) == money.returned
    whole = settle(rules, list(staged.answers.values()), staged.gold)
    assert (money.paid, money.refund, money.to_sink) == (whole.paid, whole.refund, whole.burned)


@pytest.mark.parametrize("name", STATES)
def test_money_is_accounted_for_in_every_state(name: str) -> None:
    staged = STATES[name]
    money = facts(staged).money
    assert money.missing == 0
    over = staged.history.is_over
    assert (money.in_escrow == 0) is over
    undecided = [one for one in facts(staged).labelers if one.back is None]
    assert money.locked == staged.terms.stake * len(undecided)


def test_a_leak_pays_a_bounty_out_of_the_slash() -> None:
    staged = STATES["leaked"]
    money = money_of(staged.history)
    stake = staged.terms.stake
    assert money.bounties == stake * 500 // BPS
    assert money.slashed == 2 * (stake * 5_000 // BPS) - money.bounties


def without_a_wei(closed: RoundClosed, lost: str) -> RoundClosed:
    """The same closing with one wei less of the pay, the refund or what the sink gets."""
    first, *others = closed.outcomes
    changes: dict[str, dict[str, Any]] = {
        "pay": {"outcomes": (replace(first, pay=first.pay - 1), *others)},
        "refund": {"refund": closed.refund - 1},
        "to_sink": {"to_sink": closed.to_sink - 1},
    }
    return replace(closed, **changes[lost])


@pytest.mark.parametrize("lost", ["pay", "refund", "to_sink"])
def test_a_wei_that_events_lose_is_missed(lost: str) -> None:
    events: list[Event] = [
        without_a_wei(event, lost) if isinstance(event, RoundClosed) else event
        for event in STATES["closed"].events
    ]
    assert money_of(history(events)[1]).missing == 1


def test_money_of_many_rounds_is_the_sum() -> None:
    parts = [money_of(staged.history) for staged in STATES.values()]
    total = sum_of(parts)
    assert total.total_in == sum(part.total_in for part in parts) == total.total_out
    assert total.bounties == sum(part.bounties for part in parts) > 0


# ---------------------------------------------------------------------- labelers


@pytest.mark.parametrize("seed", range(60))
def test_scores_are_the_kappas_that_were_settled(seed: int) -> None:
    staged = StagedRound.of(random_round(seed)).commit().reveal().close()
    for one in facts(staged).labelers:
        if one.band in (Band.NEAR.label, Band.FAR.label):
            assert one.score is not None
            assert one.kappa_ppm == pytest.approx(max(0, one.score) * PPM, abs=1.001)
        elif one.band in (Band.VOID.label, UNREVEALED):
            assert (one.score, one.kappa_ppm) == (None, None)
        elif one.band == Band.OUTLIER.label and not staged.gold:
            assert one.score is not None and one.score <= 0


def test_scores_tell_a_constant_answer_from_a_contrarian() -> None:
    crowd = careful(9)
    constant: list[int | None] = [1] * TERMS.tasks
    contrary: list[int | None] = [(task + 1) % 2 for task in range(TERMS.tasks)]
    rows = [*crowd.answers[:7], constant, contrary]
    lines = facts(StagedRound.of(replace(crowd, answers=rows)).commit().reveal().close()).labelers
    assert [one.score for one in lines[7:]] == [0, -1]
    assert [one.band for one in lines[7:]] == ["outlier", "outlier"]
    assert lines[7].reason == "no better than chance"
    assert lines[8].reason == "contradicts the others"


def test_bands_and_counts_of_every_state() -> None:
    def counts(name: str) -> dict[str, int]:
        return facts(STATES[name]).counts

    assert counts("opened") == {}
    assert counts("committing") == {AWAITED: 4}
    assert counts("revealing") == {"near": 4, AWAITED: 5}
    assert counts("closed") == {"near": 7, UNREVEALED: 2}
    assert counts("void for few") == {UNREVEALED: 4, "void": 2}
    assert counts("nobody revealed") == {UNREVEALED: 4}
    assert counts("expired") == {UNREVEALED: 2, RELEASED: 7}


def test_what_is_not_decided_is_not_final() -> None:
    revealing = facts(STATES["revealing"]).labelers
    assert not any(one.is_final for one in revealing)
    assert all(one.back is None for one in revealing)
    silent = [one for one in facts(STATES["closed"]).labelers if one.band == UNREVEALED]
    assert [(one.is_final, one.back, one.slash) for one in silent] == [(False, None, 0)] * 2
    slashed = [one for one in facts(STATES["forfeited"]).labelers if one.band == UNREVEALED]
    assert [one.is_final for one in slashed] == [True, True]
    assert all(one.slash == TERMS.stake // 2 for one in slashed)


def test_reasons_of_seats_that_nobody_judged() -> None:
    assert [one.reason for one in facts(STATES["leaked"]).labelers[7:]] == [
        "never revealed",
        "answers were shown before the deadline",
    ]
    assert facts(STATES["closed"]).labelers[8].reason == "never revealed, not slashed yet"
    assert facts(STATES["committing"]).labelers[0].reason == "has not revealed yet"
    assert facts(STATES["expired"]).labelers[0].reason == "the round expired: stake back"


@pytest.mark.parametrize("changes", [{"pay": 5}, {"slash": 5}, {"band": Band.FAR}, {"kappa": 123}])
def test_a_settlement_that_the_rules_do_not_give_is_not_explained_away(
    changes: dict[str, object],
) -> None:
    events = list(STATES["closed"].events)
    place = next(i for i, event in enumerate(events) if isinstance(event, RoundClosed))
    first, *others = events[place].outcomes
    events[place] = replace(events[place], outcomes=(replace(first, **changes), *others))
    lines = facts_of(history(events)[1], OPENED, {}).labelers
    assert lines[0].reason == "not what the rules give: see the audit"
    assert lines[1].reason == "agrees in part: 91% of pay"


def test_answers_that_are_none_leave_what_events_say() -> None:
    staged = StagedRound.of(careful(5)).commit().reveal().close()
    events = [
        replace(event, sheet=(0, 1, 0, 0, 0)) if type(event).__name__ == "Revealed" else event
        for event in staged.events
    ]
    found = facts_of(history(events)[1], OPENED, {})
    assert found.settlement is None
    assert found.agreement.order == ()
    assert {one.band for one in found.labelers} == {"near"}
    assert {one.reason for one in found.labelers} == {"answers cannot be read: see the audit"}
    assert found.money.missing == 0


def test_golds_that_are_none_leave_what_events_say() -> None:
    events = [
        replace(event, sheet=(1 << 255, 0, 0, 0, 0)) if isinstance(event, GoldOpened) else event
        for event in STATES["gold"].events
    ]
    found = facts_of(history(events)[1], OPENED, {})
    assert (found.settlement, found.gold_tasks) == (None, ())
    assert {one.band for one in found.labelers} == {"near"}


def test_answers_of_somebody_without_a_seat_are_compared_with_nobodys() -> None:
    events = [
        event
        for event in STATES["closed"].events
        if not (isinstance(event, Committed) and event.labeler == labeler(3))
    ]
    found = facts_of(history(events)[1], OPENED, {})
    assert len(found.labelers) == 8
    assert found.agreement.order == ()


def test_times_are_those_of_the_blocks() -> None:
    one = facts(STATES["closed"]).labelers[0]
    assert (one.deposited, one.committed, one.revealed) == (OPENED - 10, OPENED + 10, OPENED + 100)
    unknown = facts_of(STATES["closed"].history, OPENED, {}).labelers[0]
    assert (unknown.deposited, unknown.committed, unknown.revealed) == (None, None, None)


def test_a_deposit_after_the_commitment_is_not_its_own() -> None:
    staged = StagedRound.of(careful(3)).commit()
    late = [replace(event, block=1_000) for event in staged.deposits]
    lines = facts_of(staged.history, OPENED, staged.times | {1_000: OPENED + 9_999}, late).labelers
    assert [one.deposited for one in lines] == [None] * 3


# ------------------------------------------------------------------ gold, tasks


def test_modes_are_what_the_rounds_are_named_for() -> None:
    assert {name: facts(STATES[name]).mode for name in modes()} == modes()


def test_a_void_round_says_why() -> None:
    assert facts(STATES["void for few"]).why_void == "only 2 revealed, and the terms ask for 3"
    assert "too one-sided" in facts(STATES["void for one side"]).why_void
    assert "hardly agrees" in facts(STATES["void for noise"]).why_void
    assert facts(STATES["nobody revealed"]).why_void == "nobody revealed"
    rows = [[*row[:11], *[None] * 13] for row in careful(9).answers if row is not None]
    few = replace(careful(9), answers=rows)
    assert "only 11 tasks count" in facts(StagedRound.of(few).commit().reveal().close()).why_void
    assert facts(STATES["closed"]).why_void == ""


def test_golds_are_as_they_were_opened() -> None:
    states = {name: facts(staged).gold_state for name, staged in STATES.items()}
    assert states["closed"] == "none"
    assert states["gold awaited"] == "sealed"
    assert states["gold"] == states["by gold"] == "opened"
    assert states["gold not credible"] == "not credible"
    assert states["gold withheld"] == "withheld"
    gold_tasks = facts(STATES["gold"]).gold_tasks
    assert [gold.status for gold in gold_tasks] == ["agrees"] * 12
    # Each of the first eight gold tasks was missed by the one labeler who errs there.
    assert [gold.right for gold in gold_tasks] == [7] * 8 + [8] * 4
    # One wrong of twelve, evenly split: 1 - 2/12.
    scores = [one.gold_score for one in facts(STATES["gold"]).labelers]
    assert scores == pytest.approx([10 / 12] * 8)
    assert {one.passed for one in facts(STATES["gold"]).labelers} == {True}
    # Nobody passed gold answers that all are wrong, so that no vote counts.
    by_gold = facts(STATES["by gold"])
    assert {gold.status for gold in by_gold.gold_tasks} == {"missed"}
    assert {gold.label.consensus for gold in by_gold.gold_tasks} == {None}
    assert [one.gold_score for one in by_gold.labelers] == pytest.approx([-10 / 12] * 8)
    assert {one.passed for one in by_gold.labelers} == {False}
    assert [facts(STATES[name]).passed for name in ("gold", "by gold", "gold withheld")] == [
        8,
        0,
        0,
    ]
    assert {one.passed for one in facts(STATES["gold withheld"]).labelers} == {None}


def test_a_gold_that_the_crowd_answers_otherwise_is_said_to_be_missed() -> None:
    crowd = with_gold(8)
    crowd = replace(crowd, gold={**crowd.gold, 3: 0})
    found = facts(StagedRound.of(crowd).commit().reveal().close())
    assert [gold.label.task for gold in found.gold_tasks if gold.status == "missed"] == [3]


def test_gold_answers_of_a_scale_are_right_on_the_spot() -> None:
    scale = replace(GOLD_TERMS, kind=Kind.ORDINAL, options=5, width=4)
    found = facts(StagedRound.of(with_gold(7, rules=scale)).commit().reveal().close())
    whole = found.settlement
    assert whole is not None and whole.mode is Mode.PEER
    assert all(gold.status == "agrees" for gold in found.gold_tasks)
    assert [gold.right for gold in found.gold_tasks] == [6] * 7 + [7] * 5


def test_contested_tasks_come_closest_first() -> None:
    crowd = careful(8)
    rows = [list(row or ()) for row in crowd.answers]
    for number in range(4):
        rows[number][20] = 1  # 4 : 4 with those who say 0
        rows[number][21] = 0 if number < 3 else 1  # 3 : 5
        rows[number][22] = None if number else 1
    found = facts(StagedRound.of(replace(crowd, answers=rows)).commit().reveal().close())
    # A lead of two votes is not one for those who gave the answer that leads.
    assert [(label.task, label.votes) for label in found.contested] == [(20, (4, 4)), (21, (3, 5))]


@pytest.mark.parametrize("seed", range(40))
def test_what_is_contested_is_what_the_verdict_says(seed: int) -> None:
    staged = StagedRound.of(random_round(seed)).commit().reveal().close()
    closed = staged.history.closed
    assert closed is not None
    plane = sum(1 << label.task for label in facts(staged).labels if label.contested)
    assert plane == closed.verdict.contested


# ---------------------------------------------------------------- times, people


def test_moments_are_in_order_and_have_letters() -> None:
    found = moments(facts(STATES["gold"]))
    assert [moment.letter for moment in found] == [chr(65 + i) for i in range(len(found))]
    assert [moment.time for moment in found] == sorted(moment.time for moment in found)
    names = {moment.name: moment.time for moment in found}
    assert names["opened"] == OPENED
    assert names["first commitment"] == OPENED + 10
    assert names["reveal deadline"] == OPENED + 2 * HOUR
    assert names["gold deadline"] == OPENED + 3 * HOUR
    assert names["closed"] == OPENED + 170
    assert [moment.name for moment in found if moment.is_deadline] == [
        "commit deadline",
        "reveal deadline",
        "gold deadline",
    ]
    assert moments(facts_of(STATES["gold"].history, OPENED, {})) == ()


def test_moments_at_one_time_share_a_letter() -> None:
    staged = STATES["closed"]
    at_once = dict.fromkeys(staged.times, OPENED)
    found = moments(facts_of(staged.history, OPENED, at_once))
    assert found[0].name == (
        "opened / first commitment / last commitment / first reveal / last reveal / closed"
    )
    assert len(found) == 3


def test_people_add_up_over_rounds_and_previews_are_no_money() -> None:
    closed = StagedRound.of(careful(5), round_id=1).commit().reveal().close()
    opened = StagedRound.of(careful(5), round_id=2).commit().reveal()
    people = people_of([facts(closed), facts(opened)])
    assert len(people) == 5
    assert {one.past for one in people} == {((1, "near"), (2, AWAITED))}
    assert sum(one.pay for one in people) == facts(closed).money.paid
    both = people_of([facts(closed), facts(closed)])
    assert [one.net for one in both] == [2 * one.net for one in people_of([facts(closed)])]


def test_people_who_earned_most_come_first() -> None:
    staged = STATES["forfeited"]
    people = people_of([facts(staged)])
    assert [one.net for one in people] == sorted((one.net for one in people), reverse=True)
    assert {one.address for one in people[-2:]} == {labeler(7), labeler(8)}
    assert people[-1].kappa is None
