"""The dataset card: what a reader of the folder should know, and what `datasets` must."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from plumbline.dataset.exports.export import DatasetTable
from plumbline.dataset.exports.front_matter import front_matter
from plumbline.dataset.records import Dataset, DatasetRound, Reliability
from plumbline.dataset.split import Split, SplitDataset
from plumbline.errors import PlumblineError
from plumbline.formats.markdown import escaped, quotation, table
from plumbline.protocol.typed_data import Deployed
from plumbline.settlement.terms import PPM
from plumbline.units import Unit

CARD: Final = "README.md"
_TITLE: Final = 80  # characters
_LICENSE: Final = re.compile(r"[a-z0-9][a-z0-9.+-]{0,63}")


@dataclass(frozen=True, slots=True)
class CardDetails:
    """What a card says besides what follows from labels.

    license    its name as the Hub has it, like cc-by-4.0; None if nobody said
    deployed   the contract that its rounds were held in
    unit       of amounts
    """

    license: str | None
    deployed: Deployed
    unit: Unit


class CardError(PlumblineError):
    """Something that a card cannot say."""


def require_license(name: str) -> None:
    """Raise CardError unless this may be the name of a license."""
    if not _LICENSE.fullmatch(name):
        raise CardError(
            f"license {name!r} is no name that hubs know: write it like cc-by-4.0, mit or other"
        )


def card(source: SplitDataset, tables: Sequence[DatasetTable], details: CardDetails) -> str:
    """The text of the card, whose default table is the first."""
    dataset = source.dataset
    tags = ["plumbline", dataset.question.name]
    head = front_matter(_title(dataset), details.license, len(dataset.items), tables, tags)
    return head + "\n\n".join(_sections(source, tables, details)) + "\n"


def _sections(
    source: SplitDataset, tables: Sequence[DatasetTable], details: CardDetails
) -> Iterator[str]:
    dataset = source.dataset
    yield f"# {escaped(_title(dataset))}"
    yield _summary(dataset)
    if dataset.instructions:
        yield "Labelers were told:"
        yield quotation(dataset.instructions)
    yield "## Loading"
    yield _loading(tables)
    yield "## How the labels were made"
    yield from _method(dataset)
    yield "## Reliability"
    yield from _reliability(dataset)
    yield "## Rounds"
    yield _rounds(dataset.rounds, details.unit)
    yield (
        "Labelers staked money on their answers and were paid by how these agree with the others "
        "and with gold tasks. A labeler who failed the gold tasks of a round is not heard in it."
    )
    yield "## Checking it"
    yield _checking(details.deployed)
    yield "## Columns"
    for each in tables:
        yield f"### {each.name}"
        yield _columns(each)


def _title(dataset: Dataset) -> str:
    """What was asked, in one line."""
    lines = dataset.instructions.strip().splitlines()
    asked = lines[0] if lines else f"Labels, {dataset.question.wording}"
    return asked if len(asked) <= _TITLE else f"{asked[:_TITLE]}.."


def _summary(dataset: Dataset) -> str:
    question = dataset.question
    tasks = [task for item in dataset.items for task in item.tasks]
    labelers = {answer.labeler for task in tasks for answer in task.answers}
    answers = sum(len(task.answers) for task in tasks)
    sure = [item.confidence for item in dataset.items if item.confidence is not None]
    choices = "" if question.has_own_choices else f": {_listed(question.choices)}"
    lines = [
        f"{_count(len(dataset.items), 'item')}, labeled in "
        f"{_count(len(dataset.rounds), 'round')} of Plumbline.",
        f"Asked was {escaped(question.wording)}{choices}.",
        f"{_count(len(labelers), 'labeler')} gave {_count(answers, 'answer')}.",
        f"Without a label: {len(dataset.items) - len(sure):,}; contested: "
        f"{sum(item.is_contested for item in dataset.items):,}.",
    ]
    if sure:
        lines.append(f"The mean confidence is {sum(sure) / len(sure):.2f}.")
    return "\n".join(lines)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(escaped, names))


def _loading(tables: Sequence[DatasetTable]) -> str:
    rows = [
        [
            f"`{each.name}`",
            escaped(each.meaning),
            *(f"{len(each.rows[split]):,}" for split in Split),
        ]
        for each in tables
    ]
    shown = table(("name", "a row is", *(f">{split.value}" for split in Split)), rows)
    return (
        "```python\nimport datasets\n\n"
        f'datasets.load_dataset("FOLDER", "{tables[0].name}", split="{Split.TRAIN.value}")\n```\n\n'
        f"{shown}"
    )


def _method(dataset: Dataset) -> Iterator[str]:
    how = dataset.how
    yield f"**{how.method}**: {how.reason}."
    if any(score.held_out for score in how.scores.values()):
        yield table(
            ("method", ">right", ">of held-out gold answers", ">weight"),
            [
                [name, f"{score.right:,}", f"{score.held_out:,}", f"{score.weight:.2f}"]
                for name, score in how.scores.items()
            ],
        )
    if how.weights:
        weights = ", ".join(f"{escaped(name)}: {much}" for name, much in how.weights.items())
        yield f"Groups of labelers are weighted ({weights})."
    yield (
        "A gold task has the gold answer as its label. The confidence is how likely the label is "
        "right; it is calibrated on gold answers where there are enough, else by what crowds "
        "usually are."
    )


def _reliability(dataset: Dataset) -> Iterator[str]:
    rows = [_reliability_row("all", dataset.reliability)]
    for kind, groups in (("items", dataset.by_group), ("labelers", dataset.by_labelers)):
        rows += [
            _reliability_row(f"{kind}: {escaped(name)}", each) for name, each in groups.items()
        ]
    yield table(
        (
            "of",
            ">Krippendorff's alpha",
            ">tasks",
            ">answers",
            ">contested",
            ">gold tasks",
            ">majority right on gold",
        ),
        rows,
    )
    yield "Of answers that are heard."


def _reliability_row(name: str, found: Reliability) -> list[str]:
    return [
        name,
        "-" if found.alpha is None else f"{found.alpha:.3f}",
        f"{found.tasks:,}",
        f"{found.answers:,}",
        f"{found.contested:,}",
        f"{found.gold_tasks:,}",
        "-" if found.accuracy is None else f"{found.accuracy:.1%}",
    ]


def _rounds(rounds: Sequence[DatasetRound], unit: Unit) -> str:
    return table(
        (
            ">round",
            "judged by",
            ">tasks",
            ">gold tasks",
            ">labelers",
            ">heard",
            ">crowd's kappa",
            ">contested",
            f">cost, {escaped(unit.symbol)}",
            "opened in",
            "closed in",
        ),
        [
            [
                str(each.round_id),
                each.mode.label,
                str(each.tasks),
                str(each.gold_tasks),
                str(each.labelers),
                str(each.passed),
                f"{each.crowd_kappa / PPM:.3f}",
                str(each.contested),
                unit.exact(each.spent).removesuffix(f" {unit.symbol}"),
                f"`0x{each.opened.hex()}`",
                f"`0x{each.closed.hex()}`",
            ]
            for each in rounds
        ],
    )


def _checking(deployed: Deployed) -> str:
    return (
        f"Every answer is on chain {deployed.chain_id}, in the events of the contract "
        f"`{deployed.address}`. `tasks` has the place of each: the round, and the number of the "
        "task in it, from 0. This makes every row again from there and says what differs:\n\n"
        "```\nplumbline requester verify FOLDER --network URL\n```\n\n"
        "Not on the chain, and on the requester's word: what items are called, which belong "
        "together, fields that were not shown, and which labeler belongs to which group."
    )


def _columns(each: DatasetTable) -> str:
    rows = [
        [_code(column.name), _type_words(column.type), escaped(column.meaning)]
        for column in each.columns
    ]
    return table(("column", "type", "what it is"), rows)


def _type_words(kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        return f"list of {_type_words(kind.value_type)}"
    if pa.types.is_struct(kind):
        return ", ".join(f"`{field.name}`" for field in kind)
    return str(kind)


def _code(name: str) -> str:
    """A name of a column, which may be anything."""
    return f"`{name}`" if name.isascii() and name.isidentifier() else escaped(name)
