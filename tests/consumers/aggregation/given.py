"""Tables of answers, made up, and of real crowds where these are at hand."""

import json
from pathlib import Path
from typing import Any, Final

import numpy as np

from plumbline.aggregation.comparison import draw_gold, table_of
from plumbline.aggregation.table import UNKNOWN, AnswerTable, Integers
from plumbline.formats.recorded_answers import read
from tests.paths import SHARED

GOLD: Final = 20
REAL: Final = ("bluebirds", "chatbot_safety", "website_rating")


def give(folder: Path) -> None:
    """Writes `tables.json`: made-up tables first, then real ones."""
    write(folder, {**made_up(), **real()})


def give_sample(folder: Path) -> None:
    """The made-up ones alone: what real crowds answered is not ours to keep."""
    write(folder, made_up())


def write(folder: Path, tables: dict[str, tuple[AnswerTable, Integers]]) -> None:
    listed = {
        name: {
            "task": table.task.tolist(),
            "labeler": table.labeler.tolist(),
            "answer": table.answer.tolist(),
            "tasks": table.tasks,
            "labelers": table.labelers,
            "options": table.options,
            "is_ordinal": table.is_ordinal,
            "gold": {int(task): int(gold[task]) for task in np.flatnonzero(gold != UNKNOWN)},
        }
        for name, (table, gold) in tables.items()
    }
    text = json.dumps({"tables": listed, "wins": {n: w.tolist() for n, w in wins().items()}})
    (folder / "tables.json").write_text(text)


def read_table(table: dict[str, Any]) -> tuple[AnswerTable, Integers]:
    """A table of `tables.json`, and its gold answers."""
    task, labeler, answer = (
        np.array(table[name], dtype=np.int64) for name in ("task", "labeler", "answer")
    )
    gold = np.full(table["tasks"], UNKNOWN, dtype=np.int64)
    for number, option in table["gold"].items():
        gold[int(number)] = option
    found = AnswerTable(
        task,
        labeler,
        answer,
        tasks=table["tasks"],
        labelers=table["labelers"],
        options=table["options"],
        is_ordinal=table["is_ordinal"],
    )
    return found, gold


def made_up() -> dict[str, tuple[AnswerTable, Integers]]:
    """A complete table, a sparse one, and a scale."""
    return {
        "complete, 3 options": crowd(60, 9, 3, share=1.0, seed=1),
        "sparse, 4 options": crowd(90, 14, 4, share=0.5, seed=2),
        "a scale of 5": crowd(60, 9, 5, share=0.8, seed=3, is_ordinal=True),
    }


def crowd(
    tasks: int, labelers: int, options: int, share: float, seed: int, is_ordinal: bool = False
) -> tuple[AnswerTable, Integers]:
    """Labelers of all sorts, who are asked a share of the tasks."""
    dice = np.random.default_rng(seed)
    truth = dice.integers(0, options, tasks)
    knows = dice.random((tasks, labelers)) < dice.uniform(0.3, 0.9, labelers)
    guess = dice.integers(0, options, (tasks, labelers))
    if is_ordinal:
        near = truth[:, None] + dice.integers(-1, 2, (tasks, labelers))
        guess = np.clip(near, 0, options - 1)
    task, labeler = np.nonzero(dice.random((tasks, labelers)) < share)
    answer = np.where(knows, truth[:, None], guess)[task, labeler]
    table = AnswerTable(task, labeler, answer, tasks, labelers, options, is_ordinal=is_ordinal)
    return table, draw_gold(truth, GOLD, seed)


def real() -> dict[str, tuple[AnswerTable, Integers]]:
    """Real crowds whose truth is known."""
    found = {}
    for name in REAL:
        if (SHARED / "data" / name).is_dir():
            answers = read(SHARED / "data" / name)
            known = [UNKNOWN if each is None else each for each in answers.truth]
            found[name] = table_of(answers), draw_gold(np.array(known), GOLD, seed=0)
    return found


def wins() -> dict[str, np.ndarray[Any, np.dtype[np.int64]]]:
    """How often each thing was preferred to each other."""
    dice = np.random.default_rng(5)
    strength = np.exp(dice.normal(0, 1, 6))
    share = strength[:, None] / (strength[:, None] + strength[None, :])
    found = {}
    for met in (5, 50, 5_000):
        won = np.triu(dice.binomial(met, share), 1)
        lost = np.where(np.triu(np.ones_like(won), 1) > 0, met - won, 0)
        found[f"6 things, {met:,} times each"] = won + lost.T
    return found
