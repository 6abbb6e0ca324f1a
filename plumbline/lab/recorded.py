"""Real answers from a folder, as a batch that a round can be played of."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from plumbline.errors import PlumblineError
from plumbline.files.text import parse_json, read_text
from plumbline.lab.crowds import Batch, Habit, Worker
from plumbline.settlement.terms import MAX_OPTIONS, MAX_SEATS, MAX_TASKS, MIN_SEATS, MIN_TASKS, Kind

_NOMINAL_KINDS: Final = frozenset({"binary", "categorical", "nominal", "choice"})
_ORDINAL_KINDS: Final = frozenset({"ordinal", "scale"})
_PREFERENCE_KINDS: Final = frozenset({"pairwise", "preference"})


class CrowdError(PlumblineError):
    """Real answers that no round can be made of."""


def load(folder: Path, most: int = MAX_SEATS, skip: Sequence[str] = ()) -> Batch:
    """Real answers from a folder with answers.csv, meta.json and maybe truth.csv.

    Uses the first labelers and tasks of the file, as many as a round holds. An answer that is
    no option of meta.json is taken for a skip; so are the options in `skip`.
    """
    meta = parse_json(read_text(folder / "meta.json"), str(folder / "meta.json"))
    kind, options, width = _shape(meta, folder, skip)
    index = {option: number for number, option in enumerate(options)}
    given = _table(folder / "answers.csv", ("worker", "task", "answer"))
    sheets: dict[str, dict[str, int | None]] = {}
    for worker, task, answer in given:
        sheets.setdefault(worker, {})[task] = index.get(answer)
    tasks = list(dict.fromkeys(task for _, task, _ in given))[:MAX_TASKS]
    workers = list(sheets)[: min(most, MAX_SEATS)]
    if len(workers) < MIN_SEATS or len(tasks) < MIN_TASKS:
        raise CrowdError(
            f"{folder} has {len(workers)} labelers and {len(tasks)} tasks: a round needs "
            f"{MIN_SEATS} and {MIN_TASKS}"
        )
    truth: dict[str, int | None] = {}
    if (folder / "truth.csv").exists():
        rows = _table(folder / "truth.csv", ("task", "truth"))
        truth = {task: index.get(answer) for task, answer in rows}
    crowd = tuple(
        Worker(name, Habit.REAL, tuple(sheets[name].get(task) for task in tasks))
        for name in workers
    )
    known = tuple(truth.get(task) for task in tasks)
    name = str(meta.get("name", folder.name))
    return Batch(name, kind, options, width, tuple(tasks), known, {}, crowd)


def _shape(meta: Any, folder: Path, skip: Sequence[str]) -> tuple[Kind, tuple[str, ...], int]:
    where = folder / "meta.json"
    if not isinstance(meta, dict) or not isinstance(meta.get("options"), list):
        raise CrowdError(f"{where} names no options: only answers from a list make a round")
    options = tuple(str(option) for option in meta["options"] if str(option) not in skip)
    if not 2 <= len(options) <= MAX_OPTIONS:
        raise CrowdError(f"{where} names {len(options)} options: a round has 2 to {MAX_OPTIONS}")
    kind = meta.get("kind")
    if kind in _NOMINAL_KINDS:
        return Kind.NOMINAL, options, 1
    if kind in _PREFERENCE_KINDS:
        # A tie lies between the two sides, wherever the file lists it.
        sides = [option for option in options if option.lower() != "tie"]
        ties = [option for option in options if option.lower() == "tie"]
        if len(sides) != 2 or len(ties) > 1:
            raise CrowdError(f"{where}: a preference has two sides and maybe a tie")
        ordered = (sides[0], *ties, sides[1])
        return (Kind.ORDINAL, ordered, 2) if ties else (Kind.NOMINAL, ordered, 1)
    if kind in _ORDINAL_KINDS:
        return Kind.ORDINAL, options, max(2, (len(options) + 1) // 2)
    raise CrowdError(f"{where}: answers of kind {kind!r} make no round")


def _table(path: Path, columns: Sequence[str]) -> list[tuple[str, ...]]:
    rows = csv.DictReader(io.StringIO(read_text(path), newline=""))
    missing = set(columns) - set(rows.fieldnames or ())
    if missing:
        raise CrowdError(f"{path} lacks the column {sorted(missing)[0]}")
    table = []
    for row in rows:
        values = tuple(row[column] for column in columns)
        if None in values:
            raise CrowdError(f"{path}, line {rows.line_num}: a column is missing")
        table.append(values)
    return table
