"""The labels of a closed round, for whoever paid for them."""

import csv
import io
import json
from dataclasses import dataclass

from plumbline.errors import PlumblineError
from plumbline.history.rounds import RoundHistory
from plumbline.protocol.manifest import Manifest, require_root
from plumbline.settlement.labels import labels


class LabelsError(PlumblineError):
    """A round that has no labels yet."""


@dataclass(frozen=True, slots=True)
class NamedLabel:
    """A label with the names of task and options; `votes` for each option, in their order."""

    task: str
    label: str | None
    contested: bool
    votes: dict[str, int]
    gold: str | None


def named_labels(history: RoundHistory, manifest: Manifest | None) -> list[NamedLabel]:
    """The labels of all tasks. Without a manifest tasks and options go by number.

    Raises LabelsError if the round is not closed, and an error if these are not its tasks.
    """
    if history.closed is None:
        raise LabelsError(
            f"round {history.round_id} is not closed: `plumbline requester close "
            f"{history.round_id}`, or look ahead with `plumbline rewards preview "
            f"{history.round_id}`"
        )
    rules = history.rules
    tasks = [str(task) for task in range(rules.tasks)]
    options = [str(option) for option in range(rules.options)]
    if manifest is not None:
        require_root(manifest, history.opened.tasks_root, rules.tasks)
        tasks, options = list(manifest.names), list(manifest.options)
    return [
        NamedLabel(
            task=tasks[label.task],
            label=None if label.consensus is None else options[label.consensus],
            contested=label.contested,
            votes=dict(zip(options, label.votes, strict=True)),
            gold=None if label.gold is None else options[label.gold],
        )
        for label in labels(history.settlement())
    ]


def to_json(records: list[NamedLabel]) -> str:
    """A list of objects, one for each task."""
    values = [
        {
            "task": record.task,
            "label": record.label,
            "contested": record.contested,
            "votes": record.votes,
            "gold": record.gold,
        }
        for record in records
    ]
    return json.dumps(values, indent=2, ensure_ascii=False) + "\n"


def to_csv(records: list[NamedLabel]) -> str:
    """A row for each task, with a column of votes for each option."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    options = list(records[0].votes) if records else []
    rows.writerow(["task", "label", "contested", "gold", *(f"votes {name}" for name in options)])
    for record in records:
        rows.writerow(
            [
                record.task,
                record.label or "",
                "no votes" if record.label is None else "yes" if record.contested else "no",
                record.gold or "",
                *record.votes.values(),
            ]
        )
    return text.getvalue()
