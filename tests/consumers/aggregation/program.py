"""What crowd-kit, krippendorff, choix and scikit-learn make of tables of answers.

    python -m tests.consumers.aggregation.program GIVEN RETURNED

GIVEN has `tables.json`, as `given.py` writes it; RETURNED is a file.
"""

import json
import sys
import warnings
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import Any, Final

import choix
import krippendorff
import numpy as np
import pandas as pd
from crowdkit.aggregation import MACE, BradleyTerry, DawidSkene, MajorityVote
from crowdkit.aggregation.classification.mace import normalize
from crowdkit.metrics.data import alpha_krippendorff
from sklearn.metrics import cohen_kappa_score

_STEPS: Final = 100
# What our methods take everybody to have answered before.
_ANSWERS: Final = 1
_GUESSES: Final = 0.5
_STRATEGY: Final = 1.0


def main(given: Path, returned: Path) -> None:
    """Runs all of it."""
    asked = json.loads((given / "tables.json").read_text())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas, about what crowd-kit uses of it
        found = {
            "tables": {name: of_table(table) for name, table in asked["tables"].items()},
            "wins": {name: of_wins(np.array(wins)) for name, wins in asked["wins"].items()},
            "silence": of_silence(asked["tables"]["sparse, 4 options"]),
        }
    returned.write_text(json.dumps(found))


def of_table(table: Mapping[str, Any]) -> dict[str, Any]:
    """Distributions by task, and how reliable the answers are."""
    answers = frame(table)
    gold = pd.Series({int(task): label for task, label in table["gold"].items()}, dtype=np.int64)
    sheets = answers.pivot(index="worker", columns="task", values="label")
    counts = np.stack([(sheets == option).sum().to_numpy() for option in range(table["options"])])
    return {
        "majority": rows(MajorityVote().fit_predict_proba(answers), table),
        "dawid-skene": rows(DawidSkene(_STEPS).fit_predict_proba(answers), table),
        "dawid-skene, smoothed": rows(smoothed(answers, table, gold.iloc[:0]), table),
        "dawid-skene, smoothed, with gold answers": rows(smoothed(answers, table, gold), table),
        "mace": rows(MACE(n_restarts=1).fit_predict_proba(answers), table),
        "mace, smoothed": rows(in_order(SmoothedMace(1, _STEPS, "em"), answers), table),
        "alpha": {
            level: krippendorff.alpha(value_counts=counts.T, level_of_measurement=level)
            for level in ("nominal", "ordinal")
        },
        "alpha of crowd-kit": float(alpha_krippendorff(answers)),
        "kappa": [
            cohen_kappa_score(*(sheets.loc[list(pair)].dropna(axis=1).astype(int).to_numpy()))
            for pair in combinations(sheets.index[:4], 2)
        ],
    }


def frame(table: Mapping[str, Any]) -> pd.DataFrame:
    """As crowd-kit has answers."""
    columns = {"task": "task", "worker": "labeler", "label": "answer"}
    return pd.DataFrame({theirs: table[ours] for theirs, ours in columns.items()})


def rows(probabilities: pd.DataFrame, table: Mapping[str, Any]) -> list[list[float]]:
    """By task and option; an option that nobody gave has no column there."""
    whole = probabilities.reindex(
        index=range(table["tasks"]), columns=range(table["options"]), fill_value=0.0
    )
    return [[round(float(p), 9) for p in row] for row in whole.to_numpy()]


def smoothed(
    answers: pd.DataFrame, table: Mapping[str, Any], gold: "pd.Series[int]"
) -> pd.DataFrame:
    """Dawid and Skene where everybody has given each answer to each truth once before.

    crowd-kit has no smoothing: so there is a task more for each option, whose truth is known, and
    to which everybody gave all answers.
    """
    options = range(table["options"])
    before = pd.DataFrame(
        [
            (table["tasks"] + truth, worker, label)
            for truth in options
            for worker in answers["worker"].unique()
            for label in options
            for _ in range(_ANSWERS)
        ],
        columns=["task", "worker", "label"],
    )
    truths = pd.Series({table["tasks"] + truth: truth for truth in options}, dtype=np.int64)
    known = pd.concat([gold, truths])
    method = DawidSkene(_STEPS, tol=-np.inf)
    return method.fit_predict_proba(pd.concat([answers, before], ignore_index=True), known)


class SmoothedMace(MACE):
    """MACE with our smoothing: crowd-kit's own cannot be set."""

    def _m_step(self, knowing: pd.DataFrame, strategy: pd.DataFrame) -> None:
        self.spamming_ = normalize(knowing.to_numpy(), _GUESSES)
        self.thetas_ = normalize(strategy.to_numpy(), _STRATEGY)


def in_order(method: MACE, answers: pd.DataFrame) -> pd.DataFrame:
    """With workers and options numbered as they first appear.

    crowd-kit's MACE numbers them so in one place and by size in another: it mixes up all others.
    """
    labels, names = pd.factorize(answers["label"])
    workers, _ = pd.factorize(answers["worker"])
    found = method.fit_predict_proba(answers.assign(label=labels, worker=workers))
    return found.set_axis(names[found.columns], axis=1)


def of_wins(wins: np.ndarray) -> dict[str, Any]:
    """Strengths that sum to 1."""
    log = choix.ilsr_pairwise_dense(wins, alpha=1e-9)
    games = pd.DataFrame(
        [
            ("anybody", winner, loser, winner)
            for winner, loser in zip(*np.nonzero(wins), strict=True)
            for _ in range(int(wins[winner, loser]))
        ],
        columns=["worker", "left", "right", "label"],
    )
    # Any other tolerance ends it at the second step: it compares a step with itself.
    theirs = BradleyTerry(n_iter=10_000, tol=-1).fit_predict(games)
    early = BradleyTerry(n_iter=10_000).fit_predict(games)
    return {
        "choix": list(np.exp(log) / np.exp(log).sum()),
        "crowd-kit": list(theirs.reindex(range(len(wins)), fill_value=0.0)),
        "crowd-kit, with a tolerance": list(early.reindex(range(len(wins)), fill_value=0.0)),
    }


def of_silence(table: Mapping[str, Any]) -> dict[str, Any]:
    """What is done without a word: to a table, and to three labelers on two tasks."""
    answers = frame(table)
    mace = MACE(n_restarts=1).fit_predict_proba(answers)
    renamed = in_order(MACE(n_restarts=1), answers)[mace.columns]
    few = pd.DataFrame(
        [(0, 0, 0), (0, 1, 1), (0, 2, 1), (1, 0, 0), (1, 1, 0)],
        columns=["task", "worker", "label"],
    )
    shares = MajorityVote().fit_predict_proba(few)
    weighted = MajorityVote().fit_predict_proba(few.assign(weight=[9, 1, 1, 1, 1]))
    twice = MajorityVote().fit_predict_proba(pd.concat([few, few.iloc[:1]]))
    probabilities = DawidSkene(10).fit_predict_proba(few, pd.Series({0: 5}))
    elsewhere = DawidSkene(10).fit_predict_proba(few, pd.Series({77: 1}))
    ties = pd.DataFrame(
        [("anybody", "a", "b", winner) for winner in ("a", "b", "tie")],
        columns=["worker", "left", "right", "label"],
    )
    numbers = [[1, 2, 3, 3], [1, 2, 3, 1]]
    return {
        "weight": bool(shares.equals(weighted)),
        "twice": float(twice.loc[0, 0]),
        "restarts": bool(mace.equals(MACE(n_restarts=5).fit_predict_proba(answers))),
        "smoothing": bool(mace.equals(MACE(1, smoothing=9.0).fit_predict_proba(answers))),
        "renamed": float((mace - renamed).abs().max().max()),
        "no option": int(probabilities.idxmax(axis=1)[0]),
        "no task": bool(elsewhere.equals(DawidSkene(10).fit_predict_proba(few))),
        "tie": [str(score) for score in BradleyTerry(10).fit_predict(ties)],
        "level": [
            krippendorff.alpha(numbers),
            krippendorff.alpha(numbers, level_of_measurement="interval"),
        ],
        "pairs": list(choix.ilsr_pairwise(3, [(0, 1), (1, 0)], alpha=0.01)),
    }


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
