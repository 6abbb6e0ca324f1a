"""The example of reward models labels in three ways as it says, and its model learns."""

import importlib
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.build import ROOT

FOLDER = ROOT / "docs" / "examples" / "reward_model"
PRICE = 100.0  # of an answer


@pytest.fixture(scope="module")
def modules() -> Iterator[dict[str, Any]]:
    """Its modules, which import each other by their names alone."""
    sys.path.insert(0, str(FOLDER))
    try:
        yield {name: importlib.import_module(name) for name in ("campaign", "train")}
    finally:
        sys.path.remove(str(FOLDER))
        for name in ("campaign", "train"):
            sys.modules.pop(name, None)


def outcome(
    modules: Mapping[str, Any],
    folder: Path,
    votes: Sequence[str],
    spent: float,
    gold: Sequence[int] = (),
    wrong: Sequence[int] = (),
) -> Any:
    """A campaign of pairs of which A is always better; `votes` are the answers to each, `wrong`
    the rows for training that say B."""
    pair = modules["campaign"].Pair
    pairs = {f"p{n}": pair("prompt", f"good {n}", f"bad {n}", 0) for n in range(len(votes))}
    rows = [
        {"id": f"p{n}", "is_gold": n in gold, "answers": [{"answer": vote} for vote in given]}
        for n, given in enumerate(votes)
    ]
    taught = []
    for n in range(len(votes)):
        chosen, rejected = ("bad", "good") if n in wrong else ("good", "bad")
        taught.append({"id": f"p{n}", "chosen": f"{chosen} {n}", "rejected": f"{rejected} {n}"})
    (folder / "data").mkdir()
    for name, table in (("labels", rows), ("reward", taught)):
        pq.write_table(pa.Table.from_pylist(table), folder / "data" / f"{name}-train.parquet")
    return modules["campaign"].Outcome(folder, pairs, PRICE, int(spent))


def test_plurality_asks_what_the_money_pays_for_and_counts_everybody(
    modules: dict[str, Any], tmp_path: Path
) -> None:
    made = outcome(modules, tmp_path, ["AAB", "BBA", "AB", "A", "AAA"], spent=9 * PRICE, gold=[0])
    found = modules["train"].plurality(made)
    assert [(one.chosen, one.is_right) for one in found] == [
        ("good 0", True),
        ("bad 1", False),
        ("good 3", True),
    ]


def test_labels_are_the_rows_for_training_without_gold_tasks(
    modules: dict[str, Any], tmp_path: Path
) -> None:
    made = outcome(modules, tmp_path, ["A", "A", "A"], spent=0, gold=[1], wrong=[2])
    found = modules["train"].labels(made)
    assert [(one.chosen, one.is_right) for one in found] == [("good 0", True), ("bad 2", False)]
    true = modules["train"].truth(made)
    assert [(one.chosen, one.is_right) for one in true] == [("good 0", True), ("good 2", True)]


def test_the_model_learns_what_makes_a_reply_better_and_wrong_labels_harm_it(
    modules: dict[str, Any],
) -> None:
    campaign, train = modules["campaign"], modules["train"]
    language = campaign.Language(random.Random(1))
    taught = [language.pair() for _ in range(400)]
    asked = [language.pair() for _ in range(1_000)]
    right = [train.lesson(pair, pair.truth) for pair in taught]
    dice = random.Random(2)
    wrong = [train.lesson(pair, pair.truth ^ (dice.random() < 0.35)) for pair in taught]
    good, bad = (train.accuracy(train.train(each), asked) for each in (right, wrong))
    assert good > 0.75 > 0.7 > bad > 0.5


def test_fresh_pairs_are_of_the_same_language_and_of_no_campaign(modules: dict[str, Any]) -> None:
    campaign = modules["campaign"]
    language = campaign.Language(random.Random("campaign 3"))
    asked = {(pair.a, pair.b) for pair in (language.pair() for _ in range(200))}
    fresh = campaign.fresh_pairs(3, 200)
    assert not asked & {(pair.a, pair.b) for pair in fresh}
    assert all(language._of(pair.b) > language._of(pair.a) for pair in fresh if pair.truth)
    assert 60 < sum(pair.truth for pair in fresh) < 140
