"""Settling a round from a file, without any chain."""

from collections.abc import Mapping
from typing import Any

from plumbline.errors import PlumblineError
from plumbline.files.text import whole_number
from plumbline.settlement import Settlement, settle
from plumbline.settlement.terms import ScoringTerms, validate


class OfflineRoundError(PlumblineError):
    """A file that does not describe a round."""


def settle_offline(value: object) -> Settlement:
    """Settle a round in the form of a vector: terms, answers, gold and gold_withheld.

    `gold` is what was opened: empty if the terms promise none, or if they are withheld.
    `gold_withheld` may say which, and must then be true exactly if gold answers were promised
    and none opened. Raises a PlumblineError that says what is wrong with it.
    """
    if not isinstance(value, Mapping):
        raise OfflineRoundError(
            "a round is an object of terms, answers and maybe gold, gold_withheld"
        )
    terms_value = value.get("terms")
    if not isinstance(terms_value, Mapping):
        raise OfflineRoundError("terms are missing: give an object")
    terms = ScoringTerms.from_vector(terms_value)
    validate(terms)
    gold = _gold(value.get("gold", {}))
    _require_withheld(value, withheld=terms.has_gold and not gold)
    return settle(terms, _rows(value.get("answers")), gold)


def _require_withheld(value: Mapping[Any, object], withheld: bool) -> None:
    said = value.get("gold_withheld", withheld)
    if not isinstance(said, bool):
        raise OfflineRoundError(f"gold_withheld is {said!r}: must be true or false")
    if said and not withheld:
        raise OfflineRoundError("gold_withheld is true, but gold was opened or gold_count is 0")
    if withheld and not said:
        raise OfflineRoundError(
            "gold_withheld is false, but gold answers are promised and none given"
        )


def _rows(value: object) -> list[list[int | None] | None]:
    if not isinstance(value, list):
        raise OfflineRoundError("answers are missing: give a list with a row for each labeler")
    rows: list[list[int | None] | None] = []
    for labeler, row in enumerate(value):
        if row is None:
            rows.append(None)
            continue
        if not isinstance(row, list) or not all(_is_answer(answer) for answer in row):
            raise OfflineRoundError(
                f"answers of labeler {labeler} must be a list of numbers and nulls"
            )
        rows.append(row)
    return rows


def _is_answer(value: Any) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool))


def _gold(value: object) -> dict[int, int]:
    if not isinstance(value, Mapping):
        raise OfflineRoundError("gold must be an object {task: answer}")
    gold: dict[int, int] = {}
    for task, answer in value.items():
        text = str(task)
        # One spelling of each number, so that no task is there twice.
        if not text.isascii() or not text.isdigit() or text != (text.lstrip("0") or "0"):
            raise OfflineRoundError(f"gold has a task {task!r}: must be a number from 0")
        if not _is_answer(answer) or answer is None:
            raise OfflineRoundError(
                f"gold of task {task} is {answer!r}: must be the number of an option"
            )
        gold[whole_number(text)] = answer
    return gold
