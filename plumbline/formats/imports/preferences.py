"""Preference files, as trainers of reward models and of direct preference optimisation take them:
rows of `prompt`, `chosen` and `rejected`, all text or all messages.

The names of these fields give the answer away. So the two are shown as A and B, the sides drawn
from a seed, and from all that the file says: who has neither cannot tell them. The field `chosen`
then holds the answer, A or B. Other columns are for the labels.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Final

from plumbline.formats.imports.file_question import FileQuestion
from plumbline.formats.imports.imported import (
    ID,
    Imported,
    ProgramFormat,
    Source,
    TaskRow,
    TasksError,
    Unusable,
    fields_of,
)
from plumbline.progress import track
from plumbline.questions.lots import Lots

_PROMPT: Final = "prompt"
_CHOSEN: Final = "chosen"
_REJECTED: Final = "rejected"
_SIDES: Final = ("A", "B")
_PRESETS: Final = {"preference": ("A", "tie", "B"), "binary": _SIDES}


class Preferences(ProgramFormat):
    """Rows of which one of two was preferred."""

    def recognises(self, rows: Sequence[TaskRow]) -> bool:
        return all(
            isinstance(row.task, Mapping)
            and _kind(row.task.get(_CHOSEN)) == _kind(row.task.get(_REJECTED)) is not None
            for row in rows
        )

    def read(self, rows: Sequence[TaskRow], source: Source) -> Imported:
        lots = Lots(_seed(rows, source.seed))
        numbered = enumerate(track(rows, "reading rows", source.progress), start=1)
        found = tuple(TaskRow(row.place, _task(row, str(number), lots)) for number, row in numbered)
        fields = dict.fromkeys(field for row in found for field in fields_of(row))
        shown = [field for field in (_PROMPT, *_SIDES) if field in fields]
        unusable = {
            field
            for row in found
            for field, value in fields_of(row).items()
            if isinstance(value, Unusable)
        }
        rest = [field for field in fields if field not in (ID, _CHOSEN, *shown, *unusable)]
        return Imported(
            "preferences",
            found,
            len(rows),
            shown=tuple(shown),
            kept=tuple(rest),
            answers=frozenset({_CHOSEN}),
            question=FileQuestion(source.path.name, _PRESETS),
            notes=(
                "the two are shown as A and B, the sides drawn; the field chosen says which it was",
            ),
        )


def _kind(side: object) -> str | None:
    """Whether a side is text or messages; None if it is neither."""
    if isinstance(side, str):
        return "text"
    if isinstance(side, list) and side and all(isinstance(each, Mapping) for each in side):
        return "messages"
    return None


def _seed(rows: Sequence[TaskRow], seed: str | None) -> bytes:
    """All that the file says, and what the requester adds."""
    digest = hashlib.sha256((seed or "").encode() + b"\0")
    for row in rows:
        plain = json.dumps(row.task, sort_keys=True, default=_written)
        digest.update(plain.encode() + b"\n")
    return digest.digest()


def _written(value: object) -> str:
    return value.reason if isinstance(value, Unusable) else repr(value)


def _task(row: TaskRow, name: str, lots: Lots) -> dict[str, object]:
    """A row with its sides drawn."""
    fields = fields_of(row)
    for side in _SIDES:
        if side in fields:
            raise TasksError(f"{row.place}: the field {side} is taken by the two sides: rename it")
    chosen, rejected = fields.get(_CHOSEN), fields.get(_REJECTED)
    if _kind(chosen) is None or _kind(chosen) != _kind(rejected):
        raise TasksError(f"{row.place}: chosen and rejected must both be text, or both messages")
    if chosen == rejected:
        raise TasksError(
            f"{row.place}: chosen and rejected are the same, so that there is nothing to prefer: "
            "leave the row out"
        )
    head: dict[str, object] = {}
    if _PROMPT not in fields and isinstance(chosen, list) and isinstance(rejected, list):
        turns = _common(chosen, rejected)
        if turns:
            head = {_PROMPT: chosen[:turns]}
            chosen, rejected = chosen[turns:], rejected[turns:]
    is_first = lots.coin(f"side of {_CHOSEN}:{name}")
    sides = (chosen, rejected) if is_first else (rejected, chosen)
    return {
        **{key: value for key, value in fields.items() if key not in (_CHOSEN, _REJECTED)},
        **head,
        **dict(zip(_SIDES, sides, strict=True)),
        _CHOSEN: _SIDES[0 if is_first else 1],
    }


def _common(one: Sequence[object], other: Sequence[object]) -> int:
    """How many turns two conversations begin with alike."""
    pairs = zip(one, other, strict=False)
    return next((turn for turn, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
