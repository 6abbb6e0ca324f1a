"""Argilla: records as its client and its server write them, best with their settings.

    records with `fields`, `metadata`, `responses` ..    what `to_json` writes
    flat records                                         what `to_dict(flatten=True)`, tables and
                                                         the server's datasets have
    a folder with records.json and .argilla              what `Dataset.to_disk` writes

Fields are shown; what the settings call metadata and vectors may be kept. A question that has
options, or a rating or a ranking, can be asked. Responses and suggestions are never shown: the
field of a question's name holds what all who responded agree on (drafts and what was discarded
are left out where records tell them), and of each status there is a field, like `label.submitted`.
"""

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final

from plumbline.files.text import parse_json, read_text
from plumbline.formats.imports.file_question import FileQuestion
from plumbline.formats.imports.imported import (
    Imported,
    NoAnswerError,
    ProgramFormat,
    Source,
    TaskRow,
    TasksError,
    TasksKeyError,
    Unusable,
    fields_of,
)
from plumbline.formats.names import listed, quoted
from plumbline.progress import track
from plumbline.questions.ranking import THINGS

_SETTINGS: Final = Path(".argilla") / "settings.json"
_RECORDS: Final = Path("records.json")
_PARTS: Final = ("metadata", "vectors", "suggestions", "responses")
_STATUSES: Final = ("submitted", "draft", "discarded")
_FLAT: Final = frozenset({"_server_id", "status"})
_LONGEST: Final = 131_072  # characters of a list as Python writes it


@dataclass(frozen=True, slots=True)
class _Question:
    """A question of the settings. `options` are pairs of value and text, as responses have them and
    as people see them."""

    name: str
    kind: str
    guidelines: str
    options: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Settings:
    path: Path
    fields: tuple[str, ...]
    chats: frozenset[str]
    questions: tuple[_Question, ...]
    guidelines: str


class Argilla(ProgramFormat):
    """Records of Argilla."""

    config: ClassVar[str | None] = ".json"

    def recognises(self, rows: Sequence[TaskRow]) -> bool:
        tasks = [row.task for row in rows]
        return all(_is_nested(task) for task in tasks) or all(_is_flat(task) for task in tasks)

    def folder(self, path: Path) -> tuple[Path, Path] | None:
        records, settings = path / _RECORDS, path / _SETTINGS
        return (records, settings) if records.is_file() and settings.is_file() else None

    def read(self, rows: Sequence[TaskRow], source: Source) -> Imported:
        is_nested = all(_is_nested(row.task) for row in rows)
        if not self.recognises(rows):
            raise TasksError(f"{source.path} holds no records of Argilla: leave format out")
        settings = _settings(source.config) if source.config else None
        question = _asked(settings, source) if settings else None
        if settings is None and source.question is not None:
            raise TasksKeyError("question is one of the settings: name these, as `config: FILE`")
        shown = settings.fields if settings else tuple(_fields(rows)) if is_nested else ()
        if not shown and settings:
            raise TasksError(f"{settings.path} names no fields")
        reader = _RecordReader(settings, question, shown)
        found = [
            TaskRow(row.place, reader.record(row.place, _flat(row)))
            for row in track(rows, "reading records", source.progress)
        ]
        every = {field for row in found for field in fields_of(row)}
        return Imported(
            "argilla",
            tuple(found),
            len(rows),
            shown=reader.shown,
            answers=frozenset(field for field in every if reader.is_answer(field)),
            question=reader.question,
            notes=tuple(_notes(settings, question, found)),
        )


def _notes(
    settings: _Settings | None, asked: _Question | None, rows: Sequence[TaskRow]
) -> Iterator[str]:
    if settings is None or asked is None:
        yield "no settings are named: the round file says what is asked"
        return
    others = [question for question in settings.questions if question is not asked]
    if others:
        listed_ = ", ".join(f"{other.name} ({other.kind})" for other in others)
        yield f"not asked: {listed_}"
    known = [row for row in rows if fields_of(row).get(asked.name) is not None]
    has_status = any(f"{asked.name}.{_STATUSES[0]}" in fields_of(row) for row in known)
    if known:
        whose = "" if has_status else ", drafts among them, as these records do not tell"
        yield f"records whose responses agree{whose}, in the field {asked.name}: {len(known)}"


# ---------------------------------------------------------------- settings


def _settings(path: Path) -> _Settings:
    settings = parse_json(read_text(path), str(path))
    try:
        fields = [(str(field["name"]), _kind(field)) for field in settings["fields"]]
        questions = tuple(_question(given) for given in settings["questions"])
        guidelines = settings.get("guidelines")
    except (KeyError, TypeError, AttributeError):
        raise TasksError(
            f"{path} are no settings of Argilla: fields and questions are wanted"
        ) from None
    return _Settings(
        path,
        tuple(name for name, _ in fields),
        frozenset(name for name, kind in fields if kind == "chat"),
        questions,
        guidelines if isinstance(guidelines, str) else "",
    )


def _kind(given: Mapping[str, object]) -> str:
    """The type of a field or a question."""
    settings = given["settings"]
    typed = settings if isinstance(settings, Mapping) else {}
    return str(typed.get("type", given.get("type")))


def _question(given: Mapping[str, object]) -> _Question:
    name, settings = str(given["name"]), given["settings"]
    options = settings.get("options") if isinstance(settings, Mapping) else None
    title, description = given.get("title"), given.get("description")
    guidelines = [
        text.strip()
        for text in (title, description)
        if isinstance(text, str) and text.strip() and text.strip() != name
    ]
    return _Question(
        name,
        _kind(given),
        "\n\n".join(guidelines),
        tuple(
            (str(option["value"]), str(option.get("text") or option["value"]))
            for option in (options if isinstance(options, list) else ())
        ),
    )


def _asked(settings: _Settings, source: Source) -> _Question:
    """The question that is asked."""
    able = [question for question in settings.questions if question.kind in _ASKED]
    if source.question is not None:
        named = [each for each in settings.questions if each.name == source.question]
        if not named:
            names = listed([question.name for question in settings.questions])
            raise TasksKeyError(
                f"question is {quoted(source.question)}, and {settings.path} has {names}"
            )
        if named[0] not in able:
            raise TasksKeyError(
                f"question: {named[0].name} is of kind {named[0].kind}, which cannot be settled: "
                f"it can for {', '.join(_ASKED)}"
            )
        return named[0]
    if len(able) > 1:
        raise TasksKeyError(
            f"{settings.path} asks {' and '.join(question.name for question in able)}: say which "
            f"is asked, like `question: {able[0].name}`"
        )
    if not able:
        raise TasksError(
            f"{settings.path} asks nothing that can be settled: it can for {', '.join(_ASKED)}"
        )
    return able[0]


# ---------------------------------------------------------------- records


def _is_nested(task: object) -> bool:
    return (
        isinstance(task, Mapping)
        and isinstance(task.get("fields"), Mapping)
        and any(part in task for part in _PARTS)
    )


def _is_flat(task: object) -> bool:
    return isinstance(task, Mapping) and set(task) >= _FLAT


def _fields(rows: Sequence[TaskRow]) -> dict[str, None]:
    """The names of fields of nested records, in their order."""
    names: dict[str, None] = {}
    for row in rows:
        fields = fields_of(row)["fields"]
        names |= dict.fromkeys(map(str, fields if isinstance(fields, Mapping) else ()))
    return names


def _flat(row: TaskRow) -> dict[str, object]:
    """A record with a name for each of its values, as in flat ones."""
    record = fields_of(row)
    if not _is_nested(record):
        return dict(record)
    flat: dict[str, object] = {
        key: value for key, value in record.items() if key not in ("fields", *_PARTS)
    }

    def put(name: str, value: object) -> None:
        if name in flat:
            raise TasksError(f"{row.place}: two values are called {quoted(name)}: rename one")
        flat[name] = value

    for part in ("fields", "metadata", "vectors"):
        for name, value in _object(record.get(part), row.place, part).items():
            put(str(name), value)
    for name, suggested in _object(record.get("suggestions"), row.place, "suggestions").items():
        suggestion = _object(suggested, row.place, "suggestions")
        put(f"{name}.suggestion", suggestion.get("value"))
        for key in ("score", "agent"):
            put(f"{name}.suggestion.{key}", suggestion.get(key))
    for name, given in _object(record.get("responses"), row.place, "responses").items():
        if not isinstance(given, list) or not all(isinstance(each, Mapping) for each in given):
            raise TasksError(f"{row.place}: responses to {name} must be a list of objects")
        put(f"{name}.responses", [each.get("value") for each in given])
        put(f"{name}.responses.users", [each.get("user_id") for each in given])
        if given and all("status" in each for each in given):
            put(f"{name}.responses.status", [each["status"] for each in given])
    return flat


def _object(value: object, place: str, name: str) -> Mapping[str, object]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise TasksError(f"{place}: {name} must be an object")
    return value


@dataclass(frozen=True, slots=True)
class _RecordReader:
    """Records as rows of a question; without settings there is none, and the round file asks."""

    settings: _Settings | None
    asked: _Question | None
    fields: tuple[str, ...]

    @property
    def question(self) -> FileQuestion | None:
        """What is asked."""
        if self.settings is None or self.asked is None:
            return None
        presets = _ASKED[self.asked.kind](self.asked)
        guidelines = [self.settings.guidelines.strip(), self.asked.guidelines]
        options = tuple(text for _, text in self.asked.options)
        return FileQuestion(
            self.settings.path.name,
            dict.fromkeys(presets, None if self.is_ranking else options),
            "\n\n".join(text for text in guidelines if text),
        )

    @property
    def is_ranking(self) -> bool:
        """Whether things are put in order."""
        return self.asked is not None and self.asked.kind == "ranking"

    @property
    def shown(self) -> tuple[str, ...]:
        """The fields that labelers see, the things to be ranked last."""
        ranked = set(self.ranked)
        rest = tuple(field for field in self.fields if field not in ranked)
        return (*rest, THINGS) if self.is_ranking else rest

    @property
    def ranked(self) -> tuple[str, ...]:
        """The fields that are ranked, if options are called by them."""
        if self.asked is None or not self.is_ranking:
            return ()
        names = tuple(value for value, _ in self.asked.options)
        return names if set(names) <= set(self.fields) else ()

    def is_answer(self, field: str) -> bool:
        """Whether a field holds what others answered."""
        name, _, rest = field.partition(".")
        if rest.split(".")[0] in ("responses", "suggestion", *_STATUSES):
            return True
        return self.asked is not None and name == self.asked.name and name not in self.fields

    def record(self, place: str, flat: dict[str, object]) -> dict[str, object]:
        """A record with its things to be ranked, and what was answered."""
        for name in self.settings.chats if self.settings else ():
            if isinstance(flat.get(name), str):
                flat[name] = _python(flat[name])
        if self.asked is None:
            return flat
        if self.is_ranking:
            if THINGS in flat:
                raise TasksError(f"{place}: the field {THINGS} is taken by the ranking: rename it")
            options = self.asked.options
            flat[THINGS] = [flat.get(name) for name in self.ranked] or [t for _, t in options]
        name = self.asked.name
        values = _python(flat.get(f"{name}.responses"))
        statuses = _python(flat.get(f"{name}.responses.status"))
        if values in (None, ""):
            return flat
        if isinstance(values, Unusable) or not isinstance(values, list):
            if name not in flat:
                flat[name] = values if isinstance(values, Unusable) else Unusable("is no list")
            return flat
        if isinstance(statuses, list) and len(statuses) == len(values):
            by_status = {
                status: [each for each, own in zip(values, statuses, strict=True) if own == status]
                for status in _STATUSES
            }
            flat |= {f"{name}.{status}": held for status, held in by_status.items()}
            values = by_status[_STATUSES[0]]
        flat.setdefault(name, self.agreed(values))
        return flat

    def agreed(self, values: Sequence[object]) -> object:
        """What all responses say; None if they say different things, or there is none."""
        try:
            answers = [self.answer(value) for value in values]
        except NoAnswerError as error:
            return Unusable(str(error))
        return answers[0] if answers and all(each == answers[0] for each in answers) else None

    def answer(self, value: object) -> object:
        """A response as the question has it. Raises NoAnswerError if it is none."""
        assert self.asked is not None
        texts = dict(self.asked.options)
        if self.asked.kind in ("multi_label_selection", "ranking"):
            given = value if isinstance(value, list) else [value]
            if self.is_ranking and all(isinstance(each, Mapping) for each in given):
                given = _ranked(given)
            names = [str(each) for each in given]
            if any(name not in texts for name in names):
                raise NoAnswerError(f"is {quoted(value)}, which are not options of the settings")
            if not self.is_ranking:
                return [texts[name] for name in names]
            order = list(texts)
            if sorted(names) != sorted(order):
                raise NoAnswerError(f"is {quoted(value)}, which does not rank all options")
            return [order.index(name) + 1 for name in names]
        if isinstance(value, bool) or str(value) not in texts:
            raise NoAnswerError(f"is {quoted(value)}, which is no option of the settings")
        return texts[str(value)]


def _ranked(given: Sequence[Any]) -> list[object]:
    """Options as older versions rank them, each with its rank. Raises NoAnswerError for ties."""
    ranks = {each.get("rank"): each.get("value") for each in given}
    numbers = [rank for rank in ranks if isinstance(rank, int)]
    if len(numbers) < len(given):
        raise NoAnswerError("ranks two options alike, or one not at all")
    return [ranks[rank] for rank in sorted(numbers)]


def _selection(question: _Question) -> tuple[str, ...]:
    if len(question.options) == 2:
        return "binary", "choice"
    return "choice", "scale", "range", "preference"


_ASKED: Final[Mapping[str, Callable[[_Question], tuple[str, ...]]]] = {
    "label_selection": _selection,
    "multi_label_selection": lambda question: ("labels",),
    "rating": lambda question: ("scale", "range"),
    "ranking": lambda question: ("ranking",),
}
"""The kinds of questions that can be asked, each with the presets that it may be."""


def _python(value: object) -> object:
    """A list that a table holds as Python writes it; what is no text, as it is."""
    if not isinstance(value, str) or not value.startswith("["):
        return value
    flaw = Unusable("is a list as Python writes it: export records as JSON or Parquet")
    if len(value) > _LONGEST:
        return flaw
    try:
        found: object = ast.literal_eval(value)
    except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
        return flaw
    return found
