"""What forensics says of a round: who is named, in which words, and who gains."""

import json
import random
from collections.abc import Sequence

import numpy as np
import pytest

from plumbline.forensics import (
    Finding,
    FindingKind,
    ForensicsError,
    Investigation,
    Severity,
    investigate,
)
from plumbline.forensics.findings import named, one_in
from plumbline.forensics.links import (
    chance_of_overlap,
    most_together,
    shared_addresses,
    shared_transactions,
)
from plumbline.lab.forensics_crowds import draw_crowd
from plumbline.settlement import Band, settle
from plumbline.settlement.consensus import Row
from plumbline.settlement.terms import Kind
from tests.unit.builders import STRANGER, Chain, closed_round, labeler, person, terms

PEOPLE = [labeler(number) for number in range(20)]


def crowd(seed: int = 3, labelers: int = 16, tasks: int = 96, options: int = 2) -> list[Row]:
    """Of one school."""
    answers = draw_crowd(np.random.default_rng(seed), labelers, tasks, options, 1).answers
    return [[None if x < 0 else int(x) for x in row] for row in answers]


def with_copies(copies: int = 3, seed: int = 3, tasks: int = 96) -> list[Row]:
    """The first hand in one sheet, drawn blindly."""
    dice = random.Random(seed)
    return [[dice.randrange(2) for _ in range(tasks)]] * copies + crowd(seed, tasks=tasks)[copies:]


def two_readings(sharp: float = 0.95) -> list[Row]:
    """Ten for whom the tasks that 5 divides count, and six for whom they do not."""
    dice = random.Random(7)
    means = [[int(task % 5 == 0 or task % 3 == 0) for task in range(120)]] * 10
    means += [[int(task % 3 == 0) for task in range(120)]] * 6
    return [[x if dice.random() < sharp else 1 - x for x in row] for row in means]


def look(chain: Chain) -> Investigation:
    return investigate(chain.history(), chain.events)


def of(found: Investigation, kind: FindingKind) -> list[Finding]:
    return [finding for finding in found.findings if finding.kind is kind]


def simple(rows: Sequence[Row], **changes: int) -> Chain:
    return closed_round(rows, names=PEOPLE[: len(rows)], **changes)


# ------------------------------------------------------------------------ agreement


def test_an_honest_round_has_no_findings() -> None:
    found = look(simple(crowd()))
    assert (found.findings, found.gains, found.notes) == ((), (), ())
    assert (found.round_id, found.labelers, found.alpha) == (1, 16, 0.01)


def test_copies_are_named_with_what_was_seen_and_how_often_it_misleads() -> None:
    rows = with_copies(2, tasks=200)
    found = look(simple(rows))
    agreement, identical = found.findings
    assert {agreement.kind, identical.kind} == {FindingKind.AGREEMENT, FindingKind.IDENTICAL}
    assert agreement.labelers == identical.labelers == tuple(PEOPLE[:2])
    assert agreement.rate == identical.rate
    assert agreement.rate is not None
    assert agreement.rate < 2e-3
    assert agreement.severity is Severity.NOTABLE
    assert agreement.title == "Two labelers differ less than people who read alike"
    for words in ("differ on 0 of 200 tasks", "who work alone, such a group turns up in"):
        assert words in agreement.words
    assert "gave the same 200 answers" in identical.words


def test_a_larger_group_is_one_finding() -> None:
    found = look(simple(with_copies(4)))
    (agreement,) = of(found, FindingKind.AGREEMENT)
    assert set(agreement.labelers) == set(PEOPLE[:4])
    of_more_tasks = of(look(simple(with_copies(6, tasks=240))), FindingKind.AGREEMENT)
    assert [one.severity for one in of_more_tasks] == [Severity.STRONG]
    assert agreement.title == "4 labelers differ less than people who read alike"
    assert "differ from what most of their group say on 0.0% of their tasks" in agreement.words


def test_two_readings_are_a_note_about_the_question_that_names_nobody() -> None:
    found = look(simple(two_readings()))
    (note,) = found.findings
    assert (note.kind, note.severity) == (FindingKind.READINGS, Severity.NOTE)
    assert (note.labelers, note.rate) == ((), None)
    assert note.title == "The question seems to be read in 2 ways"
    assert "10 and 6 labelers answer alike" in note.words
    assert "about the question and not about anybody" in note.words
    assert "0x" not in note.words
    assert found.readings is not None
    assert (found.readings.sizes, found.readings.alone) == ((10, 6), 0)
    split = {task for task in range(120) if task % 5 == 0 and task % 3}
    assert len(split & set(found.readings.split)) > 0.9 * len(split)
    assert len(set(found.readings.split) - split) <= 2
    shown = json.dumps(found.to_json()["readings"])
    assert json.loads(shown).keys() == {"sizes", "alone", "split"}


def test_a_round_too_small_to_tell_copies_from_readers_says_so() -> None:
    rows = crowd(tasks=16)
    rows[1] = rows[0]
    found = look(simple(rows))
    assert of(found, FindingKind.AGREEMENT) == []
    (note,) = found.notes
    assert note.startswith("This round is too small")
    assert found.tellable == 0 and "no pair could be named" in note
    larger = look(simple(crowd(tasks=160)))
    assert larger.notes == () and larger.tellable is not None
    assert 8 < larger.tellable <= larger.labelers


def test_of_how_many_labelers_a_copy_would_be_noticed_is_told() -> None:
    rows = crowd(tasks=64)
    found = look(simple(rows))
    assert found.tellable is not None
    assert 0 < found.tellable < 8
    (note,) = found.notes
    assert f"it would be noticed for {found.tellable} of 16 labelers only" in note
    assert found.to_json()["tellable"] == found.tellable


def test_no_word_is_a_verdict() -> None:
    found = look(simple(with_copies(5)))
    words = " ".join(f"{one.title} {one.words}" for one in found.findings).lower()
    for verdict in ("cheat", "collu", "guilty", "fraud", "proof", "proves"):
        assert verdict not in words


def test_identical_sheets_on_which_nobody_differs_are_a_note() -> None:
    rows: list[Row] = [[0, 1] * 24] * 7
    found = look(simple(rows))
    (finding,) = found.findings
    assert (finding.kind, finding.severity, finding.rate) == (
        FindingKind.IDENTICAL,
        Severity.NOTE,
        None,
    )
    assert "cannot tell that from people who read the question alike" in finding.words
    assert finding.labelers == ()
    assert "0x" not in finding.words


def test_who_always_says_the_same_needs_no_other_labeler() -> None:
    rows = crowd()
    rows[4] = rows[5] = [1] * 96
    assert look(simple(rows)).findings == ()


def test_few_labelers_are_not_compared_and_that_is_said() -> None:
    dice = random.Random(1)
    rows = [[dice.randrange(2) for _ in range(96)]] * 3
    found = look(simple(rows))
    assert of(found, FindingKind.AGREEMENT) == []
    assert found.notes == ("Only 3 revealed: agreement can be weighed from 5 labelers on.",)


def test_a_scale_is_looked_at_like_anything_else() -> None:
    dice = random.Random(2)
    rows = crowd(2, 14, options=5)
    rows[0] = rows[1] = [dice.randrange(5) for _ in range(96)]
    found = look(simple(rows, kind=Kind.ORDINAL, options=5, width=3))
    (agreement,) = of(found, FindingKind.AGREEMENT)
    assert agreement.labelers == tuple(PEOPLE[:2])


def test_the_same_round_gives_the_same_findings() -> None:
    chain = simple(with_copies())
    assert look(chain) == look(chain)


@pytest.mark.parametrize("alpha", [0, 1, -0.1, 2])
def test_alpha_must_be_a_share(alpha: float) -> None:
    chain = simple(crowd())
    with pytest.raises(ForensicsError, match="between 0 and 1"):
        investigate(chain.history(), chain.events, alpha)


def test_a_round_under_way_is_looked_at_as_far_as_it_went() -> None:
    rows = with_copies()
    chain = Chain()
    crowd = dict(zip(PEOPLE, rows, strict=False))
    staged = chain.open(terms(seats=16, tasks=96), crowd).commit()
    assert look(chain).labelers == 0
    staged.reveal(*PEOPLE[:12])
    found = look(chain)
    assert found.labelers == 12
    assert len(of(found, FindingKind.AGREEMENT)) == 1


# ------------------------------------------------------------------------ who gains


def test_gains_are_the_settlement_without_them() -> None:
    rows = with_copies(6)
    chain = simple(rows)
    found = look(chain)
    (gains,) = found.gains
    assert set(gains.suspected) == set(PEOPLE[:6])
    rules = chain.history().rules
    before, after = settle(rules, rows, {}), settle(rules, rows[6:], {})
    assert gains.net == sum(one.pay - one.slash for one in before.labelers[:6])
    assert gains.others == sum(one.pay - one.slash for one in before.labelers[6:])
    assert gains.others_without == sum(one.pay - one.slash for one in after.labelers)
    changed = zip(before.consensus, after.consensus, strict=True)
    assert gains.labels_changed == sum(a != b for a, b in changed) > 0
    assert [line.band_without is None for line in gains.lines] == [True] * 6 + [False] * 10
    assert gains.lines[7].pay_without == after.labelers[1].pay
    assert gains.lines[0].pay == before.labelers[0].pay
    assert gains.lines[0].pay_without == 0


def test_gains_count_golds_as_they_were_opened() -> None:
    rows = with_copies(7)
    rules, chain = terms(seats=16, tasks=96, gold_count=12), Chain()
    gold = {task: rows[10][task] or 0 for task in range(12)}
    crowd = dict(zip(PEOPLE, rows, strict=False))
    chain.open(rules, crowd, gold=gold).commit().reveal().close()
    (gains,) = look(chain).gains
    made = settle(rules, rows, gold)
    assert [line.pay for line in gains.lines] == [one.pay for one in made.labelers]
    assert made != settle(rules, rows, {})


def test_plain_data_has_amounts_as_text_and_bands_by_name() -> None:
    found = look(simple(with_copies(5)))
    plain = json.loads(json.dumps(found.to_json()))
    first = plain["gains"][0]["lines"][0]
    assert first["band"] in {band.label for band in Band}
    assert first["pay"] == str(found.gains[0].lines[0].pay)
    assert plain["gains"][0]["net"] == str(found.gains[0].net)
    assert plain["findings"][0]["severity"] == found.findings[0].severity.value
    assert plain["findings"][0]["labelers"] == list(found.findings[0].labelers)


# ---------------------------------------------------------------------------- money


def test_a_shared_funding_address_alone_is_a_note() -> None:
    chain = simple(crowd())
    for one in PEOPLE[3:6]:
        chain.deposit(one, 10, STRANGER)
    chain.deposit(person("somebody else"), 10, STRANGER)
    (finding,) = look(chain).findings
    assert (finding.kind, finding.severity, finding.rate) == (
        FindingKind.FUNDING,
        Severity.NOTE,
        None,
    )
    assert finding.labelers == tuple(PEOPLE[3:6])
    assert f"{STRANGER} paid in for 3 of them." in finding.words
    assert "for 1 other account," in finding.words
    assert "By itself that says nothing" in finding.words


def test_a_funding_address_of_those_who_agree_is_weighed_by_chance() -> None:
    chain = simple(with_copies(4))
    for one in PEOPLE[:4]:
        chain.deposit(one, 10, STRANGER)
    (finding,) = of(look(chain), FindingKind.FUNDING)
    assert finding.rate == pytest.approx(1 / 1820)  # one of the ways to draw 4 of 16
    assert finding.severity is Severity.NOTABLE
    assert "if money had nothing to do with it" in finding.words


def test_a_funding_address_that_merely_touches_a_group_stays_a_note() -> None:
    chain = simple(with_copies(4))
    for one in (*PEOPLE[:2], *PEOPLE[6:14]):
        chain.deposit(one, 10, STRANGER)
    (finding,) = of(look(chain), FindingKind.FUNDING)
    assert finding.severity is Severity.NOTE
    assert finding.rate is not None
    assert finding.rate > 0.5


def test_shared_addresses_are_payers_receivers_and_labelers_who_pay_for_others() -> None:
    chain = Chain()
    chain.deposit(PEOPLE[0], 1)
    chain.deposit(PEOPLE[1], 1, PEOPLE[0])
    chain.withdraw(PEOPLE[2], 1, STRANGER)
    chain.deposit(PEOPLE[3], 1, STRANGER)
    chain.withdraw(PEOPLE[4], 1)
    chain.deposit(person("not here"), 1, person("lonely"))
    found = shared_addresses(chain.events, PEOPLE[:6])
    assert {(one.address, one.labelers, one.paid, one.received) for one in found} == {
        (PEOPLE[0], tuple(PEOPLE[:2]), 1, 0),
        (STRANGER, (PEOPLE[2], PEOPLE[3]), 1, 1),
    }


# --------------------------------------------------------------------------- timing


def test_a_relayers_batches_say_nothing() -> None:
    rows = crowd()
    assert look(closed_round(rows, batch=8, names=PEOPLE[:16])).findings == ()
    # Nor do they where the group is spread over them.
    names = [*PEOPLE[0:2], *PEOPLE[4:10], *PEOPLE[2:4], *PEOPLE[10:16]]
    spread_out = dict(zip(PEOPLE, with_copies(4), strict=False))
    chain = closed_round([spread_out[name] for name in names], batch=8, names=names)
    assert of(look(chain), FindingKind.TIMING) == []
    assert len(of(look(chain), FindingKind.AGREEMENT)) == 1


def test_a_group_that_came_alone_in_one_transaction_is_told() -> None:
    chain = closed_round(with_copies(4), batch=4, names=PEOPLE[:16])
    committed, revealed = of(look(chain), FindingKind.TIMING)
    assert committed.labelers == revealed.labelers == tuple(PEOPLE[:4])
    assert committed.rate == pytest.approx(4 / 1820)  # in any of four transactions
    assert "committed in one transaction" in committed.words
    assert "in block 118, and nobody else" in committed.words
    assert "revealed in one transaction" in revealed.words


def test_the_transaction_that_is_least_by_chance_is_told() -> None:
    chain = Chain()
    staged = chain.open(terms(seats=12))
    staged.commit(*PEOPLE[:8], batch=8).commit(*PEOPLE[8:12], batch=2)
    batches = shared_transactions(chain.history().commitments)
    assert [len(batch.labelers) for batch in batches] == [8, 2, 2]
    best = most_together(batches, [*PEOPLE[:2], *PEOPLE[8:10]], 12)
    assert best is not None
    assert best[0].labelers == tuple(PEOPLE[8:10])
    assert best[1:] == (2, pytest.approx(3 * 6 / 66))
    assert most_together(batches, PEOPLE[8:9], 12) is None


def test_the_chance_of_an_overlap_is_that_of_counting() -> None:
    assert chance_of_overlap(10, 4, 3, 0) == 1
    assert chance_of_overlap(10, 4, 3, 3) == pytest.approx(4 / 120)
    assert chance_of_overlap(10, 4, 3, 2) == pytest.approx((6 * 6 + 4) / 120)


# ---------------------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        (1 / 4_123, "1 of 4,100 rounds"),
        (0.01, "1 of 100 rounds"),
        (1 / 12.4, "1 of 12 rounds"),
        (0.5, "50% of rounds"),
        (1e-9, "fewer than 1 of 10,000 rounds"),
    ],
)
def test_rates_are_told_as_rounds(rate: float, words: str) -> None:
    assert one_in(rate) == words


def test_many_labelers_are_told_by_number() -> None:
    assert named(PEOPLE[:2]).count("0x") == 2
    assert named(PEOPLE[:9]).startswith("9 labelers (0x")
    assert named(PEOPLE[:9]).endswith("and 6 more)")
