"""Items that take several tasks: how the tasks of one are marked, and put together again."""

from collections.abc import Mapping, Sequence
from typing import Final

from plumbline.questions.question import PART, QuestionError

ITEM: Final = "item"
_HEAD: Final = ("id", PART)


def marked(
    shown: Mapping[str, object], suffix: str, mark: Mapping[str, object]
) -> dict[str, object]:
    """A task of an item: its fields, where it belongs, and a name of its own.

    It has one even if the item has none but its number, so that no task is called like an item.
    """
    task = {key: value for key, value in shown.items() if key != "id"}
    return {"id": f"{mark[ITEM]}/{suffix}", **task, PART: dict(mark)}


def require_fields(item: Mapping[str, object], taken: Sequence[str], name: str) -> None:
    """Raise QuestionError if an item has a field that its tasks are given."""
    for key in (PART, *taken):
        if key in item:
            raise QuestionError(f"{name}: the field {key} is taken by the question: rename it")


def grouped(tasks: Sequence[object]) -> dict[str, list[int]]:
    """The tasks of each item, in the order of the round.

    Raises QuestionError for a task that does not say to which item it belongs.
    """
    groups: dict[str, list[int]] = {}
    for number, task in enumerate(tasks):
        mark = part_of(task)
        item = None if mark is None else mark.get(ITEM)
        if isinstance(item, bool) or not isinstance(item, (str, int)):
            raise QuestionError(f"task {number + 1} does not say to which item it belongs")
        groups.setdefault(str(item), []).append(number)
    return groups


def part_of(task: object) -> Mapping[str, object] | None:
    """What a task says of where it belongs; None if it says nothing."""
    mark = task.get(PART) if isinstance(task, Mapping) else None
    return mark if isinstance(mark, Mapping) else None


def common(
    tasks: Sequence[Mapping[str, object]], own: Sequence[str], name: str
) -> dict[str, object]:
    """The fields that tasks of an item share, without those of their `own`.

    Raises QuestionError if they are not the same in all.
    """
    shared = [
        {key: value for key, value in task.items() if key not in (*_HEAD, *own)} for task in tasks
    ]
    if any(fields != shared[0] for fields in shared):
        raise QuestionError(f"the tasks of item {name} differ in what they are about")
    return shared[0]
