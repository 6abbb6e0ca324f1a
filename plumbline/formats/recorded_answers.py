"""Answers that a real crowd once gave: a folder with answers.csv, meta.json and maybe truth.csv."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from plumbline.errors import PlumblineError
from plumbline.files.text import parse_json, read_text
from plumbline.settlement.terms import MAX_OPTIONS, MAX_SEATS, MAX_TASKS, MIN_SEATS, MIN_TASKS, Kind

Answers = tuple[int | None, ...]

_NOMINAL_KINDS: Final = frozenset({"binary", "categorical", "nominal", "choice"})
_ORDINAL_KINDS: Final = frozenset({"ordinal", "scale"})
_PREFERENCE_KINDS: Final = frozenset({"pairwise", "preference"})


class RecordedAnswersError(PlumblineError):
    """Real answers that no round can be made of."""


@dataclass(frozen=True, slots=True)
class RecordedAnswers:
    """What labelers answered: an option, or None for a skip, to each of the tasks.

    answers  by labeler, in the order of the file
    truth    by task, None where not known
    """

    name: str
    kind: Kind
    options: tuple[str, ...]
    width: int
    tasks: tuple[str, ...]
    answers: Mapping[str, Answers]
    truth: Answers


def read(folder: Path, skip: Sequence[str] = ()) -> RecordedAnswers:
    """The first labelers and tasks of a folder, as many as a round holds.

    An answer that is no option of meta.json is taken for a skip; so are the options in `skip`.
    Raises RecordedAnswersError if no round can be made of it.
    """
    meta = parse_json(read_text(folder / "meta.json"), str(folder / "meta.json"))
    kind, options, width = _shape(meta, folder, skip)
    index = {option: number for number, option in enumerate(options)}
    given = _table(folder / "answers.csv", ("worker", "task", "answer"))
    sheets: dict[str, dict[str, int | None]] = {}
    for labeler, task, answer in given:
        sheets.setdefault(labeler, {})[task] = index.get(answer)
    tasks = tuple(dict.fromkeys(task for _, task, _ in given))[:MAX_TASKS]
    labelers = list(sheets)[:MAX_SEATS]
    if len(labelers) < MIN_SEATS or len(tasks) < MIN_TASKS:
        raise RecordedAnswersError(
            f"{folder} has {len(labelers)} labelers and {len(tasks)} tasks: a round needs "
            f"{MIN_SEATS} and {MIN_TASKS}"
        )
    truth: dict[str, int | None] = {}
    if (folder / "truth.csv").exists():
        rows = _table(folder / "truth.csv", ("task", "truth"))
        truth = {task: index.get(answer) for task, answer in rows}
    name = str(meta.get("name", folder.name))
    answers = {who: tuple(sheets[who].get(task) for task in tasks) for who in labelers}
    known = tuple(truth.get(task) for task in tasks)
    return RecordedAnswers(name, kind, options, width, tasks, answers, known)


def _shape(meta: Any, folder: Path, skip: Sequence[str]) -> tuple[Kind, tuple[str, ...], int]:
    where = folder / "meta.json"
    if not isinstance(meta, dict) or not isinstance(meta.get("options"), list):
        raise RecordedAnswersError(
            f"{where} names no options: only answers from a list make a round"
        )
    options = tuple(str(option) for option in meta["options"] if str(option) not in skip)
    if not 2 <= len(options) <= MAX_OPTIONS:
        raise RecordedAnswersError(
            f"{where} names {len(options)} options: a round has 2 to {MAX_OPTIONS}"
        )
    kind = meta.get("kind")
    if kind in _NOMINAL_KINDS:
        return Kind.NOMINAL, options, 1
    if kind in _PREFERENCE_KINDS:
        # A tie lies between the two sides, wherever the file lists it.
        sides = [option for option in options if option.lower() != "tie"]
        ties = [option for option in options if option.lower() == "tie"]
        if len(sides) != 2 or len(ties) > 1:
            raise RecordedAnswersError(f"{where}: a preference has two sides and maybe a tie")
        ordered = (sides[0], *ties, sides[1])
        return (Kind.ORDINAL, ordered, 2) if ties else (Kind.NOMINAL, ordered, 1)
    if kind in _ORDINAL_KINDS:
        return Kind.ORDINAL, options, max(2, (len(options) + 1) // 2)
    raise RecordedAnswersError(f"{where}: answers of kind {kind!r} make no round")


def _table(path: Path, columns: Sequence[str]) -> list[tuple[str, ...]]:
    rows = csv.DictReader(io.StringIO(read_text(path), newline=""))
    missing = set(columns) - set(rows.fieldnames or ())
    if missing:
        raise RecordedAnswersError(f"{path} lacks the column {sorted(missing)[0]}")
    table = []
    for row in rows:
        values = tuple(row[column] for column in columns)
        if None in values:
            raise RecordedAnswersError(f"{path}, line {rows.line_num}: a column is missing")
        table.append(values)
    return table
