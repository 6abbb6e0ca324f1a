"""The round file: what a requester writes to open a round, in YAML or JSON.

    preset: binary                 # or choice, scale, preference
    tasks: tasks.csv               # or a list right here
    price: 0.01 ether              # pay of one labeler who is near the crowd
    stake: 0.02 ether              # what each labeler locks
    gold: {3: yes, 17: no, ...}    # task -> answer that the requester knows; or the field that
                                   # has it; or no_gold: true

That is enough. Everything else has a preset:

    options         names of the options, lowest first, or how many there are
    instructions    what labelers are to do, shown with each task
    format          that of the file of tasks, where its ending does not tell
    config          the settings of the program that wrote it, such as a labeling config
    question        which question of these is asked
    id              the field that tasks are called by (id)
    show            the fields that labelers see (all that have no other use)
    media           the fields that hold names of files: long texts, images, audio
    group           the field that says which tasks belong together
    keep            the fields that are carried to the labels, and never published
    delimiter       what separates the cells of tasks in a .csv file
    seed            what is shuffled is drawn from it, and from all that the file says
    gold_count      how many of the answers in `gold` to draw, evenly over the options (all)
    seats           how many labelers at most (9)
    commit, reveal, gold_window    how long each phase lasts at most (1d each)
    uri             where labelers find the tasks; if it ends in /, they go by their root there
    admission       who may take a seat, see formats/admission_terms; whoever comes first
    probation       in a round where newcomers earn a record: the book that it counts in, or true
    width, r_min, tau_bps, rho_bps, bar_bps, refund_bps, slash_base_bps, slash_max_bps,
    showup_bps, gold_pass_bps, gold_slash_bps  terms of the settlement

How many gold tasks the terms promise follows from `gold` and `gold_count`.
"""

import difflib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from plumbline.errors import PlumblineError
from plumbline.files.text import read_object
from plumbline.formats.admission_terms import AdmissionTerms, admission_of
from plumbline.formats.gold_choice import draw
from plumbline.formats.imports.file_question import FileQuestion, FileQuestionError
from plumbline.formats.imports.imported import Imported, Source, TasksKeyError
from plumbline.formats.imports.registry import import_tasks
from plumbline.formats.manifest_file import LARGEST_MANIFEST
from plumbline.formats.media_files import MediaFile, MediaKeyError, attach_media, media_src
from plumbline.formats.names import Names, NamesError, quoted
from plumbline.formats.published import Publication, manifest_name
from plumbline.formats.table import DELIMITERS
from plumbline.formats.task_pool import PoolError, TaskPool, pool_of
from plumbline.formats.tasks import Columns, FieldUses, TaskList, task_list
from plumbline.progress import Progress, no_progress
from plumbline.protocol.addresses import checksum
from plumbline.protocol.limits import (
    MAX_GOLD_SECONDS,
    MAX_ROUND_SECONDS,
    MAX_URI_BYTES,
    MIN_REVEAL_SECONDS,
)
from plumbline.protocol.manifest import Manifest, canonical
from plumbline.protocol.media import media_in
from plumbline.questions.question import Question, QuestionError
from plumbline.questions.registry import question_named
from plumbline.settlement.gold import is_credible
from plumbline.settlement.probation import FEWEST_SEATS, probation_flaw
from plumbline.settlement.terms import (
    MAX_AMOUNT,
    MAX_TASKS,
    TASKS_PER_GOLD,
    USUAL_SHARES,
    ScoringTerms,
    fewest_gold_tasks,
    usual_gold_count,
    usual_terms,
    validate,
)
from plumbline.units import ETHER, Unit, parse_duration

_FIELD: Final = "a field of the tasks"
_NO_FILES: Final[Mapping[str, MediaFile]] = MappingProxyType({})
_DAY: Final = 86_400
_SEATS: Final = 9
# One seat in so many, without gold, from which on one random sheet in all of a bloc's seats gains,
# and earns more than honest work (docs/incentives.md).
_BLOC_GAINS: Final = 5
_BLOC_LEADS: Final = 3
_TERMS: Final = (  # that may be set, besides price, stake and seats
    "width",
    "r_min",
    "tau_bps",
    "rho_bps",
    "bar_bps",
    "refund_bps",
    "slash_base_bps",
    "slash_max_bps",
    "showup_bps",
    "gold_pass_bps",
    "gold_slash_bps",
)
ROUND_KEYS: Final = (
    "preset",
    "options",
    "instructions",
    "tasks",
    "format",
    "config",
    "question",
    "id",
    "show",
    "media",
    "group",
    "keep",
    "delimiter",
    "gold",
    "gold_count",
    "no_gold",
    "seed",
    "price",
    "stake",
    "seats",
    "commit",
    "reveal",
    "gold_window",
    "uri",
    "admission",
    "probation",
    *_TERMS,
)


class RoundFileError(PlumblineError):
    """A round file from which no round can be opened; the message names the key."""


class NoGoldError(RoundFileError):
    """A round file without gold answers that does not say so."""


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """What is asked, whatever is paid for it: tasks with known answers, and instructions; with how
    their file was read, and where its fields went."""

    pool: TaskPool
    instructions: str
    imported: Imported
    uses: FieldUses

    @property
    def manifest(self) -> Manifest:
        """All of it, as labelers would get it in one."""
        return self.manifest_of(self.pool.tasks)

    def manifest_of(self, tasks: tuple[object, ...]) -> Manifest:
        """Some of its tasks, as labelers get them."""
        question = self.pool.question
        return Manifest(question.options, tasks, self.instructions, question.to_json())


@dataclass(frozen=True, slots=True)
class Probation:
    """That newcomers earn a record in a round: in which book; None in the records of all rounds."""

    book: str | None


@dataclass(frozen=True, slots=True)
class RoundFile:
    """A round as its requester wants it.

    question                what is asked
    manifest                what labelers are shown
    gold                    task (its number) -> option, secret until the close; may be empty
    rules                   the terms of the settlement, amounts in the smallest unit
    commit_seconds ...      how long the phases last at most; gold_seconds 0 without gold
    uri                     where the manifest is published; may be empty
    admission               who may take a seat; None for whoever comes first
    probation               whether newcomers are to earn a record in it; None if not
    files                   those that the tasks refer to, by their hash
    """

    question: Question
    manifest: Manifest
    gold: Mapping[int, int]
    rules: ScoringTerms
    commit_seconds: int
    reveal_seconds: int
    gold_seconds: int
    uri: str
    admission: AdmissionTerms | None
    files: Mapping[str, MediaFile] = field(default_factory=dict)
    probation: Probation | None = None

    @property
    def publication(self) -> Publication:
        """What labelers get."""
        return Publication.of(self.manifest, self.files)

    @property
    def escrow(self) -> int:
        """What opening takes from the requester's balance, in the smallest unit."""
        return self.rules.price * self.rules.seats

    def deadlines(self, now: int) -> tuple[int, int, int]:
        """Ends of commit, reveal and gold phase, unix seconds, the last 0 without gold."""
        commit = now + self.commit_seconds
        reveal = commit + self.reveal_seconds
        return commit, reveal, reveal + self.gold_seconds if self.gold else 0

    @property
    def gold_shares(self) -> list[tuple[str, int]]:
        """How many gold answers are of each option, by name, in the order of the options."""
        counts = Counter(self.gold.values())
        return [(name, counts[option]) for option, name in enumerate(self.manifest.options)]

    @property
    def advice(self) -> list[str]:
        """What is allowed but seldom wise, one sentence each."""
        advice = self._advice_on_gold() if self.gold else self._advice_without_gold()
        contents = self.manifest.contents(self.question.hidden)
        alike = len(contents) - len(set(contents))
        if alike:
            advice.append(f"{alike} tasks read like another one: labelers cannot tell them apart")
        elsewhere = {media.src for media in media_in(self.manifest.tasks)}
        elsewhere -= {media_src(sha256) for sha256 in self.files}
        if elsewhere:
            advice.append(
                f"tasks refer to content at other addresses ({len(elsewhere)}): nobody looked "
                "whether it is there and has its hash"
            )
        if not self.uri:
            advice.append("no uri: hand the tasks to labelers in another way")
        return advice

    def _advice_without_gold(self) -> list[str]:
        tasks, seats = self.rules.tasks, self.rules.seats
        gains, leads = (max(2, -(-seats // part)) for part in (_BLOC_GAINS, _BLOC_LEADS))
        advice = [
            f"without gold {gains} of {seats} seats that share one random sheet gain, and "
            f"{leads} earn more than honest work: open the round to people you know only"
        ]
        if seats < _SEATS:
            advice.append(f"only {seats} seats: without gold take {_SEATS} seats or more")
        if tasks < 48:
            advice.append(f"only {tasks} tasks: below 48 rounds without gold are often void")
        return advice

    def _advice_on_gold(self) -> list[str]:
        rules = self.rules
        enough = usual_gold_count(rules.options, MAX_TASKS)
        strictest = USUAL_SHARES["gold_pass_bps"]
        each = rules.gold_count / rules.options
        rare = [name for name, count in self.gold_shares if count * 2 < each]
        advice = []
        if rules.gold_count < enough:
            advice.append(
                f"few gold tasks, {rules.gold_count}: with {enough} (and {enough * TASKS_PER_GOLD} "
                "tasks) no sheet without work pays, and fewer honest people fail by bad luck"
            )
        if rare:
            advice.append(
                f"few gold tasks are {' or '.join(rare)}: pick them evenly over the options, "
                "else one wrong answer weighs too much"
            )
        if rules.gold_pass_bps > strictest:
            advice.append(
                f"gold_pass_bps {rules.gold_pass_bps} makes gold tasks hard to pass: honest people "
                f"who fail are not paid, and their answers are not counted ({strictest} is usual)"
            )
        return advice


def load(path: Path, unit: Unit = ETHER, no_gold: bool = False) -> RoundFile:
    """Read a round file. Raises a PlumblineError that names file and key.

    `no_gold` says, like the key of that name, that a round without gold is meant.
    """
    values = read_object(path)
    try:
        return parse(values, path.parent, unit, no_gold)
    except NoGoldError as error:
        raise NoGoldError(f"{path}: {error}") from None
    except PlumblineError as error:
        raise RoundFileError(f"{path}: {error}") from None


def load_questionnaire(path: Path, progress: Progress = no_progress) -> Questionnaire:
    """What a round file asks, whether it has gold answers or not, and whatever it says of money.

    Raises a PlumblineError that names file and key.
    """
    values = read_values(path)
    try:
        says_none = values.get("gold") is None and "no_gold" not in values
        return questionnaire_in(values, path.parent, says_none, progress)
    except PlumblineError as error:
        raise RoundFileError(f"{path}: {error}") from None


def parse(values: object, folder: Path, unit: Unit = ETHER, no_gold: bool = False) -> RoundFile:
    """A round from the values of its file; `folder` is where it is, `no_gold` as in `load`."""
    given = require_keys(values, ROUND_KEYS, "round")
    return round_about(given, folder, questionnaire_in(given, folder, no_gold), unit)


def round_about(
    values: Mapping[str, Any], folder: Path, asked: Questionnaire, unit: Unit
) -> RoundFile:
    """A round that asks all of this, with the money, times and terms of a file."""
    manifest = _one_manifest(asked)
    gold = _drawn(values, asked, manifest.root)
    return round_of(values, folder, asked.pool.question, manifest, gold, unit, asked.pool.files)


def require_keys(values: object, known: Sequence[str], of: str) -> Mapping[str, Any]:
    """The values of a file that is `of` something, and has no other keys than those known."""
    if not isinstance(values, Mapping):
        raise RoundFileError("must be an object of keys and values, see docs/examples")
    for key in values:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, n=1)
            hint = f": do you mean {near[0]}?" if near else f": known are {', '.join(known)}"
            raise RoundFileError(f"{key} is not a key of a {of}{hint}")
    return values


def read_values(path: Path) -> Mapping[str, Any]:
    """What a round file says, key by key. Raises a PlumblineError that names file and key."""
    try:
        return require_keys(read_object(path), ROUND_KEYS, "round")
    except RoundFileError as error:
        raise RoundFileError(f"{path}: {error}") from None


def questionnaire_in(
    values: Mapping[str, Any],
    folder: Path,
    no_gold: bool = False,
    progress: Progress = no_progress,
    is_numbered: bool = False,
) -> Questionnaire:
    """What a file asks; `no_gold` as in `load`, `is_numbered` as in `task_pool.pool_of`."""
    imported = _imported(values, folder, progress)
    question = _question(values, imported.question)
    instructions = _instructions(values, imported.question)
    pool, uses = _pool(values, folder, imported, question, no_gold, is_numbered)
    asked = Questionnaire(pool, instructions, imported, uses)
    _require_different(asked.manifest, question, pool.known)
    return asked


def round_of(
    values: Mapping[str, Any],
    folder: Path,
    question: Question,
    manifest: Manifest,
    gold: Mapping[int, int],
    unit: Unit,
    files: Mapping[str, MediaFile] = _NO_FILES,
) -> RoundFile:
    """A round of these tasks, with the files that they refer to, and of these gold answers, with
    the money, times and terms of a file."""
    rules = rules_of(values, question, len(manifest.tasks), len(gold), unit)
    round_file = RoundFile(
        question=question,
        manifest=manifest,
        gold=gold,
        rules=rules,
        commit_seconds=parse_duration(values.get("commit", _DAY), "commit"),
        reveal_seconds=parse_duration(values.get("reveal", _DAY), "reveal"),
        gold_seconds=parse_duration(values.get("gold_window", _DAY), "gold_window") if gold else 0,
        uri=_uri(values, manifest),
        admission=_admission(values, folder),
        files=files,
        probation=probation_of(values),
    )
    _require_possible(round_file)
    return round_file


def load_publication(path: Path) -> Publication:
    """What a round file publishes, whatever it says of money, gold answers and terms.

    Raises a PlumblineError that names file and key.
    """
    asked = load_questionnaire(path)
    try:
        return Publication.of(_one_manifest(asked), asked.pool.files)
    except PlumblineError as error:
        raise RoundFileError(f"{path}: {error}") from None


def _one_manifest(asked: Questionnaire) -> Manifest:
    """The manifest of a round that asks all of it. Raises RoundFileError if it is too large."""
    manifest = asked.manifest
    size = len(canonical(manifest.to_json()))
    if size > LARGEST_MANIFEST:
        raise RoundFileError(
            f"tasks take {size:,} bytes: at most {LARGEST_MANIFEST:,}; put long texts into files "
            "and name these in a field that is listed in media"
        )
    return manifest


def _question(values: Mapping[str, object], own: FileQuestion | None) -> Question:
    """What is asked: what the round file says, and for what it does not say that of its tasks."""
    preset, options = values.get("preset"), _options(values.get("options"))
    try:
        if preset is None and own is not None:
            return own.asked(None, options)
        try:
            kind = question_named(preset)
        except QuestionError as error:
            raise RoundFileError(f"preset: {error}") from None
        return kind.of(options) if own is None else own.asked(kind, options)
    except (QuestionError, FileQuestionError) as error:
        raise RoundFileError(str(error)) from None


def _instructions(values: Mapping[str, object], own: FileQuestion | None) -> str:
    given = _text(values, "instructions")
    try:
        return given if own is None else own.instructions_with(given)
    except FileQuestionError as error:
        raise RoundFileError(str(error)) from None


def _options(given: object) -> object:
    """What the file says of options, names as a tuple."""
    if given is None or isinstance(given, Mapping):
        return given
    if isinstance(given, int) and not isinstance(given, bool):
        return given
    if not isinstance(given, list):
        raise RoundFileError("options must be a list of names, or their number")
    names = tuple(str(name).strip() for name in given)
    if any(isinstance(name, (bool, list, dict, type(None))) for name in given):
        raise RoundFileError("options must be names: put true, false and null in quotes")
    if any(not name.isprintable() for name in names):
        raise RoundFileError("options must be names in one line, without marks that nobody sees")
    try:
        Names.of(names, has_case=False)
    except NamesError as error:
        raise RoundFileError(f"options: {error}") from None
    return names


def _imported(values: Mapping[str, object], folder: Path, progress: Progress) -> Imported:
    """The tasks as their file has them."""
    given, config = values.get("tasks"), _named(values, "config", "a file")
    source = Source(
        path=folder / given if isinstance(given, str) else folder,
        delimiter=_delimiter(values),
        config=None if config is None else folder / config,
        question=_named(values, "question", "a question of the file"),
        seed=_seed(values),
        progress=progress,
    )
    try:
        return import_tasks(given, source, _named(values, "format", "a format"))
    except TasksKeyError as error:
        raise RoundFileError(str(error)) from None
    except PlumblineError as error:
        raise RoundFileError(f"tasks: {error}") from None


def _tasks(
    values: Mapping[str, object], folder: Path, imported: Imported, question: Question
) -> TaskList:
    given, gold = values.get("tasks"), values.get("gold")
    columns = Columns(
        name=_named(values, "id", _FIELD),
        show=_fields(values, "show"),
        gold=gold if isinstance(gold, str) else None,
        group=_named(values, "group", _FIELD),
        keep=_fields(values, "keep") or (),
    )
    try:
        tasks = task_list(imported, question.choices, columns)
        # Files are beside the tasks that name them.
        path = folder / given if isinstance(given, str) else folder
        fields, beside = _fields(values, "media") or (), path if path.is_dir() else path.parent
        attached = attach_media(tasks.published, tasks.places, fields, beside)
    except (TasksKeyError, MediaKeyError) as error:
        raise RoundFileError(str(error)) from None
    except PlumblineError as error:
        raise RoundFileError(f"tasks: {error}") from None
    return replace(tasks, published=attached.tasks, files=attached.files)


def _named(values: Mapping[str, object], key: str, what: str) -> str | None:
    given = values.get(key)
    if given is None or (isinstance(given, str) and given):
        return given
    raise RoundFileError(f"{key} is {quoted(given)}: must be the name of {what}")


def _seed(values: Mapping[str, object]) -> str | None:
    seed = values.get("seed")
    if seed is not None and (not isinstance(seed, str) or not seed):
        raise RoundFileError("seed must be a text, in quotes if need be")
    return seed


def _fields(values: Mapping[str, object], key: str) -> tuple[str, ...] | None:
    given = values.get(key)
    if given is None:
        return None
    if not isinstance(given, list) or not given or not all(isinstance(name, str) for name in given):
        raise RoundFileError(f"{key} must be a list of fields of the tasks, like [text, picture]")
    return tuple(given)


def _delimiter(values: Mapping[str, object]) -> str | None:
    given = values.get("delimiter")
    if given is None:
        return None
    mark = "\t" if given == "tab" else given
    if not isinstance(mark, str) or mark not in DELIMITERS:
        raise RoundFileError(f"delimiter is {quoted(given)}: give ',' or ';' or '|' or tab")
    return mark


def _pool(
    values: Mapping[str, object],
    folder: Path,
    imported: Imported,
    question: Question,
    no_gold: bool,
    is_numbered: bool,
) -> tuple[TaskPool, FieldUses]:
    """All tasks, with the answers that are known to them, and where their fields went."""
    gold = values.get("gold")
    if (gold is not None and not isinstance(gold, (str, Mapping))) or gold == {}:
        raise RoundFileError("gold must be an object {task: answer}, or a field of the tasks")
    tasks = _tasks(values, folder, imported, question)
    _require_gold_said(values, no_gold)
    try:
        pool = pool_of(question, tasks, gold, _seed(values), is_numbered)
    except PoolError as error:
        raise RoundFileError(str(error)) from None
    if isinstance(gold, str) and not pool.known:
        raise RoundFileError(f"gold: the field {gold} is empty in all tasks")
    return pool, tasks.uses


def _require_gold_said(values: Mapping[str, object], no_gold: bool) -> None:
    """Either gold answers are given, or somebody says that there are none."""
    said = values.get("no_gold", False)
    if not isinstance(said, bool):
        raise RoundFileError(f"no_gold is {said!r}: must be true or false")
    if values.get("gold") is None:
        if not said and not no_gold:
            raise NoGoldError("no gold answers: add them, or say no_gold")
    elif said or no_gold:
        raise RoundFileError("gold is given and no_gold said: leave out one")


def _require_different(manifest: Manifest, question: Question, known: Mapping[int, int]) -> None:
    """Tasks that read alike cannot have different answers, and not all can be one."""
    contents = manifest.contents(question.hidden)
    answers: dict[bytes, int] = {}
    for number, option in known.items():
        other = answers.setdefault(contents[number], number)
        if known[other] != option:
            raise RoundFileError(
                f"gold of tasks {manifest.names[other]} and {manifest.names[number]} differ, and "
                "the tasks read alike: is something left out that labelers should see?"
            )
    if len(set(contents)) == 1 < len(contents):
        raise RoundFileError(
            f"all {len(manifest.tasks)} tasks read alike: is something left out that labelers "
            "should see?"
        )


def _drawn(values: Mapping[str, object], asked: Questionnaire, root: bytes) -> dict[int, int]:
    known, tasks = asked.pool.known, len(asked.pool.tasks)
    if "gold_count" not in values:
        options, most = len(asked.pool.question.options), min(tasks, MAX_TASKS) // TASKS_PER_GOLD
        if len(known) > most >= fewest_gold_tasks(options):
            if probation_of(values) is not None:
                return draw(known, most, root)
            raise RoundFileError(
                f"gold has {len(known)} answers, and {most} of {tasks} tasks can be gold tasks: "
                f"say how many to draw, like `gold_count: {usual_gold_count(options, tasks)}`"
            )
        return known
    count = integer_of(values, "gold_count", 0)
    if not 1 <= count <= len(known):
        raise RoundFileError(f"gold_count is {count}: gold has {len(known)} answers to draw from")
    return draw(known, count, root)


def rules_of(
    values: Mapping[str, object], question: Question, tasks: int, gold_count: int, unit: Unit
) -> ScoringTerms:
    """The terms that a file sets for a round of so many tasks and gold answers."""
    for key in ("price", "stake"):
        if key not in values:
            raise RoundFileError(f"{key} is missing: {unit.exact(10**16)} for example")
    usual = usual_terms(
        kind=question.kind,
        options=len(question.options),
        width=question.width,
        tasks=tasks,
        price=unit.parse(values["price"], "price"),
        stake=unit.parse(values["stake"], "stake"),
        seats=integer_of(values, "seats", usual_seats(values)),
        gold_count=gold_count,
    )
    given: dict[str, Any] = {key: integer_of(values, key, getattr(usual, key)) for key in _TERMS}
    rules = replace(usual, **given)
    validate(rules)
    return rules


def _require_possible(round_file: RoundFile) -> None:
    """What the contract would refuse beyond the limits of `terms`, and what is never meant."""
    if round_file.escrow > MAX_AMOUNT:
        raise RoundFileError("price times seats is more than the books can hold")
    if round_file.reveal_seconds < MIN_REVEAL_SECONDS:
        raise RoundFileError(f"reveal is {round_file.reveal_seconds}s: give labelers 5m or more")
    if round_file.gold_seconds > MAX_GOLD_SECONDS:
        raise RoundFileError(
            "gold_window: gold answers are opened within 30 days after the reveals"
        )
    if (
        sum((round_file.commit_seconds, round_file.reveal_seconds, round_file.gold_seconds))
        >= MAX_ROUND_SECONDS
    ):
        raise RoundFileError("commit, reveal and gold_window: a round lasts less than a year")
    if round_file.gold and not is_credible(round_file.rules, round_file.gold):
        raise RoundFileError(
            "gold is too one-sided and would count as withheld: "
            "pick gold tasks evenly over the options"
        )
    if round_file.probation is not None:
        flaw = probation_flaw(round_file.rules, round_file.admission is None)
        if flaw is not None:
            raise RoundFileError(f"probation: {flaw}")
    if len(round_file.uri.encode()) > MAX_URI_BYTES or not round_file.uri.isascii():
        raise RoundFileError(f"uri must be at most {MAX_URI_BYTES} ASCII characters")


def _uri(values: Mapping[str, object], manifest: Manifest) -> str:
    """Where the tasks are; in a place that is said with / at its end they go by their root."""
    given = _text(values, "uri")
    return given + manifest_name(manifest.root) if given.endswith("/") else given


def _admission(values: Mapping[str, object], folder: Path) -> AdmissionTerms | None:
    given = values.get("admission")
    return None if given is None else admission_of(given, folder)


def probation_of(values: Mapping[str, object]) -> Probation | None:
    """Whether a file is about probation rounds, and in which book they count."""
    given = values.get("probation", False)
    if given is None or isinstance(given, bool):
        return Probation(None) if given else None
    try:
        return Probation(checksum(str(given)))
    except PlumblineError as error:
        raise RoundFileError(f"probation must be the address of a book, or true: {error}") from None


def usual_seats(values: Mapping[str, object]) -> int:
    """The seats of a round whose file does not say how many."""
    return _SEATS if probation_of(values) is None else FEWEST_SEATS


def integer_of(values: Mapping[str, object], key: str, preset: int) -> int:
    """A whole number, or `preset` if the file does not say it."""
    value = values.get(key, preset)
    if isinstance(value, bool) or not isinstance(value, int):
        raise RoundFileError(f"{key} is {value!r}: must be an integer")
    return value


def _text(values: Mapping[str, object], key: str) -> str:
    value = values.get(key, "")
    if not isinstance(value, str):
        raise RoundFileError(f"{key} is {value!r}: must be text, in quotes if need be")
    return value
