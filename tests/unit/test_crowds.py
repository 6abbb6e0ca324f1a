"""Made-up crowds are repeatable and earn what they deserve; real ones are read as they are."""

import json
from collections import Counter
from pathlib import Path

import pytest

from plumbline.formats.recorded_answers import RecordedAnswersError, read
from plumbline.lab.crowds import CAST, Batch, Habit, invent, recorded
from plumbline.lab.demo import made_up, rules_of
from plumbline.questions.choice import Choice
from plumbline.questions.registry import question_of
from plumbline.questions.scale import Preference, Scale
from plumbline.settlement import Band, Mode, settle
from plumbline.settlement.terms import Kind, validate
from tests.paths import SHARED


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("seed", range(8))
def test_honest_work_is_paid_and_cheating_never(seed: int, number: int) -> None:
    batch = made_up(seed)[number]
    rules = rules_of(batch)
    validate(rules)
    rows = [worker.answers if worker.habit.reveals else None for worker in batch.workers]
    settlement = settle(rules, rows, batch.gold)
    assert settlement.mode is Mode.PEER
    unlucky = 0
    for worker, outcome in zip(batch.workers, settlement.labelers, strict=True):
        if worker.habit is Habit.CAREFUL:
            # Gold tasks are few: now and then a careful one does not pass, which costs the pay.
            assert outcome.slash == 0
            unlucky += outcome.band is not Band.NEAR
            assert (outcome.pay > 0) is (outcome.band is Band.NEAR)
        elif worker.habit is Habit.HASTY:
            assert outcome.slash == 0
        elif worker.habit in (Habit.CONSTANT, Habit.CONTRARIAN):
            assert outcome.band is Band.OUTLIER
        elif not worker.habit.reveals:
            assert outcome.slash == rules.stake * rules.slash_max_bps // 10_000
        else:
            assert outcome.pay == 0
    assert unlucky <= (1 if batch.gold else 0)


def test_the_same_seed_makes_the_same_crowd() -> None:
    assert made_up(7) == made_up(7)
    assert made_up(7) != made_up(8)


def test_two_dozen_of_all_habits_work() -> None:
    assert len(CAST) == 24
    assert {habit for habit, _ in CAST} == set(Habit) - {Habit.REAL}


@pytest.mark.parametrize("kind", list(Kind))
def test_skill_is_the_share_of_right_answers(kind: Kind) -> None:
    tasks = range(256)
    cast = [(Habit.CAREFUL, 0.9)] * 12
    batch = invent("x", question_of(kind, ("a", "b", "c")), tasks, 1, cast=cast)
    shares = [batch.accuracy(worker.answers) or 0 for worker in batch.workers]
    assert 0.87 < sum(shares) / len(shares) < 0.93


def test_constants_say_one_thing_and_contrarians_nothing_right() -> None:
    batch = made_up(3)[0]
    for worker in batch.workers:
        if worker.habit is Habit.CONSTANT:
            assert len(set(worker.answers)) == 1
        if worker.habit is Habit.CONTRARIAN:
            assert batch.accuracy(worker.answers) == 0
        if worker.habit is Habit.COPYCAT:
            counts = Counter(worker.answers)
            assert len(counts) == 2


def test_gold_is_true() -> None:
    batch = made_up(3)[0]
    assert len(batch.gold) == 24
    assert all(batch.truth[task] == answer for task, answer in batch.gold.items())


def load(folder: Path, skip: tuple[str, ...] = ()) -> Batch:
    return recorded(read(folder, skip))


def write(folder: Path, meta: object, answers: str, truth: str | None = None) -> Path:
    (folder / "meta.json").write_text(json.dumps(meta), encoding="utf-8")
    (folder / "answers.csv").write_text(answers, encoding="utf-8")
    if truth is not None:
        (folder / "truth.csv").write_text(truth, encoding="utf-8")
    return folder


def sheet(workers: int, tasks: int) -> str:
    rows = [f"w{worker},t{task},yes" for worker in range(workers) for task in range(tasks)]
    return "worker,task,answer\n" + "\n".join(rows) + "\n"


BINARY = {"kind": "binary", "options": ["no", "yes"], "name": "mine"}


def test_real_answers_are_read_with_their_truth(tmp_path: Path) -> None:
    answers = sheet(3, 12).replace("w1,t5,yes", "w1,t5,no").replace("w2,t0,yes\n", "")
    batch = load(write(tmp_path, BINARY, answers, "task,truth\nt5,no\nt0,yes\n"))
    assert (batch.name, batch.question) == ("mine", Choice(("no", "yes")))
    assert [worker.name for worker in batch.workers] == ["w0", "w1", "w2"]
    assert batch.workers[1].answers[5] == 0
    assert batch.workers[2].answers[0] is None
    assert batch.truth[5] == 0 and batch.truth[0] == 1 and batch.truth[1] is None
    assert batch.accuracy(batch.workers[1].answers) == 1.0
    assert batch.accuracy(batch.workers[0].answers) == 0.5


def test_all_is_read_and_the_first_of_it_fills_a_round(tmp_path: Path) -> None:
    meta = {"kind": "ordinal", "options": ["no", "so so", "yes"]}
    folder = write(tmp_path, meta, sheet(300, 300))
    crowd = read(folder)
    assert (len(crowd.answers), len(crowd.tasks), len(crowd.truth)) == (300, 300, 300)
    first = crowd.first()
    assert (len(first.answers), len(first.tasks), len(first.truth)) == (255, 256, 256)
    assert list(first.answers) == list(crowd.answers)[:255]
    assert all(len(row) == 256 for row in first.answers.values())


def test_options_can_be_skips(tmp_path: Path) -> None:
    meta = {"kind": "ordinal", "options": ["no", "so so", "yes", "broken"]}
    answers = sheet(3, 30).replace("w0,t1,yes", "w0,t1,broken")
    batch = load(write(tmp_path, meta, answers), skip=("broken",))
    assert batch.question == Scale(("no", "so so", "yes"))
    assert batch.workers[0].answers[1] is None
    assert set(batch.truth) == {None}
    assert batch.accuracy(batch.workers[0].answers) is None


def test_a_tie_lies_between_the_sides(tmp_path: Path) -> None:
    meta = {"kind": "pairwise", "options": ["1", "2", "tie"]}
    batch = load(write(tmp_path, meta, sheet(3, 12).replace("yes", "tie")))
    assert batch.question == Preference(("1", "tie", "2"))
    assert set(batch.workers[0].answers) == {1}


@pytest.mark.parametrize(
    ("meta", "answers", "reason"),
    [
        ({"kind": "numeric"}, sheet(3, 12), "names no options"),
        ({"kind": "odd", "options": ["a", "b"]}, sheet(3, 12), "answers of kind 'odd'"),
        ({"kind": "binary", "options": ["a"]}, sheet(3, 12), "1 options"),
        ({"kind": "pairwise", "options": ["a", "b", "c"]}, sheet(3, 12), "two sides"),
        (BINARY, sheet(2, 12), "2 labelers and 12 tasks"),
        (BINARY, sheet(3, 11), "3 labelers and 11 tasks"),
        (BINARY, "worker,task\n", "answers.csv, line 1: there is no column answer"),
        (BINARY, "worker,task,answer\nw,t\n", "line 2: 2 cells, and 3 columns"),
        (BINARY, sheet(3, 12) + "w1,t5,no\n", "line 38: 'w1' answered task 't5' in line 19 alr"),
        (BINARY, sheet(3, 12) + "w1,t5,yes\n", "line 38: 'w1' answered task 't5' in line 19 al"),
        (BINARY, sheet(3, 12) + "w3,t5,1\n", "line 38: '1' is not one of no, yes: name it in"),
        (
            {"kind": "choice", "options": ["1", "1.0"]},
            sheet(3, 12),
            "meta.json: options: '1' and '1.0' (numbers 1 and 2) are the same name",
        ),
    ],
)
def test_what_makes_no_round_is_refused(
    tmp_path: Path, meta: object, answers: str, reason: str
) -> None:
    with pytest.raises(RecordedAnswersError) as error:
        load(write(tmp_path, meta, answers))
    assert reason in str(error.value)


def test_an_answer_twice_in_the_truth_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path, BINARY, sheet(3, 12), "task,truth\nt5,no\nt5,yes\n")
    with pytest.raises(RecordedAnswersError, match=r"truth\.csv, line 3: task 't5' comes twice"):
        load(folder)


def test_no_answer_is_a_skip_and_any_may_be_called_one(tmp_path: Path) -> None:
    answers = sheet(3, 12).replace("w0,t1,yes", "w0,t1,").replace("w0,t2,yes", "w0,t2,lost")
    with pytest.raises(RecordedAnswersError, match="line 4: 'lost' is not one of no, yes"):
        load(write(tmp_path, BINARY, answers))
    batch = load(write(tmp_path, BINARY, answers), skip=("lost",))
    assert batch.workers[0].answers[:3] == (1, None, None)


@pytest.mark.parametrize("name", ["bluebirds", "chatbot_safety"])
def test_the_answers_at_hand_are_a_round_that_pays_and_slashes(name: str) -> None:
    folder = SHARED / "data" / name
    if not folder.exists():
        pytest.skip(f"no answers at {folder}")
    batch = load(folder)
    settlement = settle(rules_of(batch), [worker.answers for worker in batch.workers], {})
    bands = Counter(outcome.band for outcome in settlement.labelers)
    assert settlement.mode is Mode.PEER
    assert bands[Band.NEAR] > len(batch.workers) // 2
    assert bands[Band.OUTLIER] > 0


def test_a_crowd_answers_the_truth_that_it_is_given() -> None:
    truth = [task % 3 for task in range(96)]
    question = question_of(Kind.NOMINAL, ("a", "b", "c"))
    batch = invent("x", question, range(96), 1, 12, [(Habit.CAREFUL, 1.0)], truth)
    assert list(batch.truth) == truth
    assert all(truth[task] == answer for task, answer in batch.gold.items())
    (worker,) = batch.workers
    assert all(answer in (None, truth[task]) for task, answer in enumerate(worker.answers))
