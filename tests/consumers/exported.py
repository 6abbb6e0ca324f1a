"""Folders as `requester dataset` writes them, of made-up rounds of every kind of question.

The rounds are made-up, and the rest is not: labels, tables and cards are what the library makes of
them. Some of the texts are such as break programs: quotes, markup, other scripts, what looks like
nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from plumbline.dataset.exports.card import CardDetails
from plumbline.dataset.exports.folder import dataset_files, formats_for
from plumbline.dataset.labeling import label
from plumbline.dataset.records import Dataset
from plumbline.dataset.sources import ItemSource, SourceRound
from plumbline.dataset.split import SplitDataset
from plumbline.protocol.manifest import Manifest
from plumbline.questions.checklist import Checklist
from plumbline.questions.choice import Binary, Choice
from plumbline.questions.lots import Lots
from plumbline.questions.question import Question
from plumbline.questions.ranking import Ranking
from plumbline.questions.scale import Preference, Range, Scale
from plumbline.settlement.terms import MIN_TASKS, usual_terms
from plumbline.units import ETHER
from tests.unit.builders import DEPLOYED, StagedRound, labeler
from tests.unit.datasets import dataset

_LABELERS: Final = 7
_RIGHT: Final = 0.8
_TEST_PERCENT: Final = 25
_ODD: Final = (
    "NA",
    'She said "no, <b>never</b>", & left; 10% of it',
    "two\nlines, and\ta tab",
    "السلام عليكم ≠ 你好 🙂",
    "=1+1",
    "null",
    "  a space before and behind ",
    "{{ $text }} %s {0} \\n",
)


@dataclass(frozen=True, slots=True)
class Job:
    """What is asked about what, and how many of the tasks are gold tasks."""

    question: Question
    instructions: str
    items: Sequence[Mapping[str, object]]
    gold_count: int = 0


def _text(number: int) -> str:
    return _ODD[number] if number < len(_ODD) else f"text {number}"


def _turns(number: int) -> list[dict[str, str]]:
    return [
        {"role": "user", "content": f"Hello {number}"},
        {"role": "assistant", "content": "Hi."},
        {"role": "user", "content": _text(number)},
    ]


def _reply(number: int, side: str) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": f"Reply {side}, {number}"}]


JOBS: Final[Mapping[str, Job]] = {
    # "yes" and "no" are no words in YAML, and "NA" is nothing in a CSV file.
    "choice": Job(
        Choice.of(("yes", "no", "NA")),
        "Is it about money?",
        [{"text": _text(n)} for n in range(24)],
    ),
    "replies": Job(
        Binary.of(("good", "bad")),
        "Is the reply good?",
        [{"prompt": _text(n), "completion": f"Reply to {n}"} for n in range(48)],
        gold_count=12,
    ),
    "preference": Job(
        Preference.of(None),
        "Which reply is better?",
        [{"prompt": _text(n), "A": f"Yes, {n}", "B": f"No, {n}"} for n in range(24)],
    ),
    "conversations": Job(
        Preference.of(None),
        "Which reply is better?",
        [{"prompt": _turns(n), "A": _reply(n, "A"), "B": _reply(n, "B")} for n in range(24)],
    ),
    "ranking": Job(
        Ranking.of(None),
        "Put the best first.",
        [
            {"prompt": _text(n), "items": [f"first, {n}", f"second, {n}", f"third <{n}>"]}
            for n in range(12)
        ],
    ),
    "labels": Job(
        Checklist.of(("rude", "off topic", 'a "lie"')),
        "Which apply?",
        [{"text": _text(n)} for n in range(12)],
    ),
    "scale": Job(
        Scale.of(("bad", "fair", "good")),
        "How clear is it?",
        [{"text": _text(n)} for n in range(24)],
    ),
    "range": Job(
        Range.of({"from": 0, "to": 100, "step": 25}),
        "How much of it is true?",
        [{"text": _text(n), "facts": {"number": n, "said": _text(n)}} for n in range(24)],
    ),
}


def give(folder: Path) -> None:
    """A folder for each kind of question, and one of another round of the same name and shape."""
    for name, job in JOBS.items():
        write(folder / name, job)
    write(folder / "again" / "choice", JOBS["choice"], seed=2)


def give_sample(folder: Path) -> None:
    """A few small ones, whose labels are made up as well: what is kept depends on no method."""
    for name in ("choice", "preference", "ranking"):
        job = JOBS[name]
        parts = len(job.question.parts(job.items[0], "item", Lots(b"")))
        items = job.items[: MIN_TASKS // parts]
        options = len(job.question.options)
        likely = [
            [_likely(options, number, part) for part in range(parts)]
            for number in range(len(items))
        ]
        gold = {} if parts > 1 else {number: [number % options] for number in range(options)}
        made_up = dataset(job.question, items, likely, gold, {"source": "a file"})
        _write(folder / name, made_up)


def _likely(options: int, number: int, part: int) -> list[float]:
    """How likely each option is: one of them in turn, and less so in later parts."""
    chosen = number % options
    sure = 0.9 - 0.1 * part
    rest = (1 - sure) / (options - 1)
    return [round(sure if option == chosen else rest, 6) for option in range(options)]


def write(folder: Path, job: Job, seed: int = 1) -> None:
    """The dataset of a job."""
    _write(folder, label([_closed(job, seed)]))


def _write(folder: Path, found: Dataset) -> None:
    source = SplitDataset(found, _TEST_PERCENT)
    details = CardDetails("cc-by-4.0", DEPLOYED, ETHER)
    for file in dataset_files(source, formats_for(found.question), details):
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)


def _closed(job: Job, seed: int) -> SourceRound:
    """Its round, answered by a crowd that is right four times out of five."""
    question = job.question
    named = {f"item {n}": {"id": f"item {n}", **item} for n, item in enumerate(job.items)}
    lots = Lots(b"seed")
    tasks = [part.task for name, item in named.items() for part in question.parts(item, name, lots)]
    manifest = Manifest(question.options, tuple(tasks), job.instructions, question.to_json())
    options = len(question.options)
    rules = usual_terms(
        question.kind,
        options,
        question.width,
        len(tasks),
        price=10**15,
        stake=10**15,
        seats=_LABELERS,
        gold_count=job.gold_count,
    )
    dice = np.random.default_rng((seed, len(tasks), options))
    truth = dice.integers(0, options, len(tasks))
    truth[: job.gold_count] = np.arange(job.gold_count) % options
    knows = dice.random((_LABELERS, len(tasks))) < _RIGHT
    said = np.where(knows, truth, dice.integers(0, options, (_LABELERS, len(tasks))))
    rows = {labeler(n): [int(option) for option in row] for n, row in enumerate(said)}
    gold = {task: task % options for task in range(job.gold_count)}
    staged = StagedRound(rules, dict(rows), gold, tasks_root=manifest.root)
    staged.commit().reveal().close()
    sources = {name: ItemSource(name, None, {"source": f"file {name}"}) for name in named}
    return SourceRound.of(staged.history, manifest, sources)
