"""Answers that a real crowd once gave: a folder with answers.csv, meta.json and maybe truth.csv."""

from collections.abc import Container, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Self

from plumbline.errors import PlumblineError
from plumbline.files.text import parse_json, read_text
from plumbline.formats.names import SKIPS, Names, NamesError, listed, look_of, quoted
from plumbline.formats.spreadsheet import unguarded
from plumbline.formats.table import TableError, read_table
from plumbline.questions.choice import Choice
from plumbline.questions.question import Question
from plumbline.questions.scale import Preference, Scale
from plumbline.settlement.terms import MAX_OPTIONS, MAX_SEATS, MAX_TASKS, MIN_SEATS, MIN_TASKS

Answers = tuple[int | None, ...]

_NOMINAL_KINDS: Final = frozenset({"binary", "categorical", "nominal", "choice"})
_ORDINAL_KINDS: Final = frozenset({"ordinal", "scale"})
_PREFERENCE_KINDS: Final = frozenset({"pairwise", "preference"})


class RecordedAnswersError(PlumblineError):
    """Real answers that no round can be made of."""


@dataclass(frozen=True, slots=True)
class RecordedAnswers:
    """What labelers answered: an option, or None for a skip, to each of the tasks.

    question  that they are answers to
    answers   by labeler, in the order of the file
    truth     by task, None where not known
    """

    name: str
    question: Question
    tasks: tuple[str, ...]
    answers: Mapping[str, Answers]
    truth: Answers

    def first(self) -> Self:
        """Its first labelers and tasks, as many as a round holds."""
        return self.part(range(len(self.tasks))[:MAX_TASKS], list(self.answers)[:MAX_SEATS])

    def part(self, tasks: Sequence[int], labelers: Container[str]) -> Self:
        """Some of its tasks, by number, and of its labelers."""
        rows = {
            who: tuple(row[task] for task in tasks)
            for who, row in self.answers.items()
            if who in labelers
        }
        return replace(
            self,
            tasks=tuple(self.tasks[task] for task in tasks),
            truth=tuple(self.truth[task] for task in tasks),
            answers=rows,
        )


def read(folder: Path, skip: Sequence[str] = ()) -> RecordedAnswers:
    """All that is in a folder; it may be more than a round holds.

    An empty answer is a skip; so are `-`, `skip` and the options in `skip`, which need not be
    among those of meta.json. Raises RecordedAnswersError if no round can be made of it.
    """
    meta = parse_json(read_text(folder / "meta.json"), str(folder / "meta.json"))
    named = frozenset(look_of(name, has_case=False) for name in skip)
    question = _question(meta, folder, named)
    read = _Reader(_names(folder, question.options), named | SKIPS)
    sheets = read.sheets(folder / "answers.csv")
    tasks = tuple(dict.fromkeys(task for sheet in sheets.values() for task in sheet))
    labelers = list(sheets)
    if len(labelers) < MIN_SEATS or len(tasks) < MIN_TASKS:
        raise RecordedAnswersError(
            f"{folder} has {len(labelers)} labelers and {len(tasks)} tasks: a round needs "
            f"{MIN_SEATS} and {MIN_TASKS}"
        )
    truth = read.truth(folder / "truth.csv") if (folder / "truth.csv").exists() else {}
    name = str(meta.get("name", folder.name))
    answers = {who: tuple(sheets[who].get(task) for task in tasks) for who in labelers}
    known = tuple(truth.get(task) for task in tasks)
    return RecordedAnswers(name, question, tasks, answers, known)


def _names(folder: Path, options: Sequence[str]) -> Names:
    try:
        return Names.of(options, has_case=False)
    except NamesError as error:
        raise RecordedAnswersError(f"{folder / 'meta.json'}: options: {error}") from None


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads answers by the names of options; `skips` are looks of names."""

    options: Names
    skips: Set[str]

    def sheets(self, path: Path) -> dict[str, dict[str, int | None]]:
        """Labeler -> task -> option, in the order of the file."""
        sheets: dict[str, dict[str, int | None]] = {}
        lines: dict[tuple[str, str], int] = {}
        for line, (labeler, task, answer) in _rows(path, ("worker", "task", "answer")):
            before = lines.setdefault((labeler, task), line)
            if before != line:
                raise RecordedAnswersError(
                    f"{path}, line {line}: {quoted(labeler)} answered task {quoted(task)} in line "
                    f"{before} already: leave one of them"
                )
            sheets.setdefault(labeler, {})[task] = self._option(answer, f"{path}, line {line}")
        return sheets

    def truth(self, path: Path) -> dict[str, int | None]:
        """Task -> option."""
        truth: dict[str, int | None] = {}
        for line, (task, answer) in _rows(path, ("task", "truth")):
            if task in truth:
                raise RecordedAnswersError(f"{path}, line {line}: task {quoted(task)} comes twice")
            truth[task] = self._option(answer, f"{path}, line {line}")
        return truth

    def _option(self, answer: str, place: str) -> int | None:
        option = self.options.find(answer)
        if option is None and look_of(answer, has_case=False) not in self.skips:
            raise RecordedAnswersError(
                f"{place}: {quoted(answer)} is not one of {listed(self.options.names)}: name it in "
                "meta.json, or as one to skip"
            )
        return option


def _question(meta: Any, folder: Path, skips: Set[str]) -> Question:
    where = folder / "meta.json"
    if not isinstance(meta, dict) or not isinstance(meta.get("options"), list):
        raise RecordedAnswersError(
            f"{where} names no options: only answers from a list make a round"
        )
    named = [str(option) for option in meta["options"]]
    options = tuple(name for name in named if look_of(name, has_case=False) not in skips)
    if not 2 <= len(options) <= MAX_OPTIONS:
        raise RecordedAnswersError(
            f"{where} names {len(options)} options: a round has 2 to {MAX_OPTIONS}"
        )
    kind = meta.get("kind")
    if kind in _NOMINAL_KINDS:
        return Choice(options)
    if kind in _PREFERENCE_KINDS:
        # A tie lies between the two sides, wherever the file lists it.
        sides = [option for option in options if option.lower() != "tie"]
        ties = [option for option in options if option.lower() == "tie"]
        if len(sides) != 2 or len(ties) > 1:
            raise RecordedAnswersError(f"{where}: a preference has two sides and maybe a tie")
        ordered = (sides[0], *ties, sides[1])
        return Preference(ordered) if ties else Choice(ordered)
    if kind in _ORDINAL_KINDS:
        return Scale(options)
    raise RecordedAnswersError(f"{where}: answers of kind {kind!r} make no round")


def _rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The cells of these columns, without blanks around them, and the line of each row."""
    try:
        table = read_table(path)
        places = [table.column(name) for name in columns]
    except TableError as error:
        raise RecordedAnswersError(str(error)) from None
    for row in table.rows:
        yield row.line, tuple(unguarded(row.cells[place].strip()) for place in places)
