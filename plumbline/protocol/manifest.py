"""The task manifest: what labelers are shown, and the Merkle root that pins it.

A round stores 32 bytes for its tasks, however long they are. A labeler who got the tasks
from anywhere computes the root and compares before answering; any single task can be shown
to a contract with a proof of at most eight hashes.

    canonical   JSON in UTF-8, keys sorted by code point, no spaces, nothing escaped that
                need not be; text, integers up to 2^53 - 1, true, false, null, lists and
                objects only, because languages disagree about how to write fractions
    leaf        keccak(keccak(index as 32 bytes || canonical JSON of the task))
    node        keccak(smaller child || larger child); an odd last one moves up as it is

Leaves are hashed twice so that no inner node passes for one, and hold their index so that no
two tasks can change places. Pairs are sorted, as in the trees of OpenZeppelin and snekmate.

What a labeler sees of a task is the task and also what is common to all: the instructions, the
names of the options and every other field of the manifest, whether this version knows it or not.
`Manifest.shown` puts these into each task, so the root pins them too.
"""

import json
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any, Final

from eth_utils.crypto import keccak

from plumbline.errors import PlumblineError

_LARGEST: Final = 2**53 - 1  # JSON readers that hold numbers as doubles are exact up to here
_LONGEST_HEAD: Final = 2**16  # bytes
_KNOWN: Final = frozenset({"instructions", "options", "question", "tasks"})


class ManifestError(PlumblineError):
    """Tasks that have no canonical form, or are not those of the round."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The tasks of a round and what is common to them.

    options       the names of the options, lowest first
    tasks         each any JSON value: a text, or an object, maybe with an `id`
    instructions  what to do, shown with every task; may be empty
    question      what kind of question it is (see `questions`); None if it does not say
    more          fields that this version does not know: kept, and pinned like the others
    """

    options: tuple[str, ...]
    tasks: tuple[object, ...]
    instructions: str = ""
    question: Mapping[str, object] | None = None
    more: Mapping[str, object] = field(default_factory=dict)

    @classmethod
    def from_json(cls, value: object) -> "Manifest":
        """Read the published form: an object with options, tasks and maybe other fields."""
        if not isinstance(value, Mapping):
            raise ManifestError("a task manifest is an object of instructions, options and tasks")
        options, tasks = value.get("options"), value.get("tasks")
        instructions = value.get("instructions", "")
        if not isinstance(options, list) or not all(isinstance(name, str) for name in options):
            raise ManifestError("options of the task manifest must be a list of names")
        if not isinstance(tasks, list):
            raise ManifestError("tasks of the task manifest must be a list")
        if not isinstance(instructions, str):
            raise ManifestError("instructions of the task manifest must be text")
        question = value.get("question")
        if question is not None and not isinstance(question, Mapping):
            raise ManifestError("the question of the task manifest must be an object")
        more = {key: held for key, held in value.items() if key not in _KNOWN}
        if "task" in more:
            raise ManifestError("a task manifest has no `task`: its tasks are the list `tasks`")
        try:
            canonical([question, more])
        except ManifestError as error:
            raise ManifestError(f"outside of its tasks, {error}") from None
        manifest = cls(tuple(options), tuple(tasks), instructions, question, more)
        _ = manifest.names  # fails here if no name is sure
        return manifest

    @property
    def head(self) -> dict[str, object]:
        """What is common to all tasks."""
        instructions = {"instructions": self.instructions} if self.instructions else {}
        question = {} if self.question is None else {"question": self.question}
        return {**self.more, **question, **instructions, "options": list(self.options)}

    def to_json(self) -> dict[str, Any]:
        """The published form."""
        return {**self.head, "tasks": list(self.tasks)}

    def shown(self, index: int) -> dict[str, object]:
        """All that a labeler is shown of a task: what its leaf pins."""
        return {**self.head, "task": self.tasks[index]}

    @property
    def leaves(self) -> list[dict[str, object]]:
        """All tasks as shown, in order. Raises ManifestError if what is common to them is long."""
        # It is hashed with each of them.
        if len(canonical(self.head)) > _LONGEST_HEAD:
            raise ManifestError(
                f"instructions, options and what else all tasks have in common take more than "
                f"{_LONGEST_HEAD:,} bytes: put long texts into a file, and say where it is"
            )
        return [self.shown(index) for index in range(len(self.tasks))]

    @property
    def root(self) -> bytes:
        """What the contract stores as `tasks_root`."""
        return tasks_root(self.leaves)

    @property
    def names(self) -> tuple[str, ...]:
        """What tasks are called in files: by their `id`, or 1, 2, .. if none has one.

        Raises ManifestError if some have one and others not, or if two have the same: what is
        said of a task by its name would be said of another.
        """
        if not self.has_ids:
            return tuple(str(number) for number in range(1, len(self.tasks) + 1))
        numbers: dict[str, int] = {}
        for number, task in enumerate(self.tasks, start=1):
            name = task.get("id") if isinstance(task, Mapping) else None
            if isinstance(name, bool) or not isinstance(name, (str, int)) or name == "":
                raise ManifestError(
                    f"task {number} has no id (a text or a whole number), and others have one: "
                    "give one to each, or to none"
                )
            if str(name) in numbers:
                raise ManifestError(
                    f"tasks {numbers[str(name)]} and {number} have the same id {name!r}: ids must "
                    "be unique"
                )
            numbers[str(name)] = number
        return tuple(numbers)

    def contents(self, hidden: Set[str]) -> list[bytes]:
        """What is to be read of each task, in canonical form: without `id` and what is `hidden`."""
        return [_written(index, _read(task, hidden)) for index, task in enumerate(self.tasks)]

    @property
    def has_ids(self) -> bool:
        """Whether any task has an `id`: then all must."""
        return any(isinstance(task, Mapping) and "id" in task for task in self.tasks)


def uri_flaw(uri: str) -> str | None:
    """Why nothing can be had from a round's uri, whatever is there; None if it may be had."""
    if "\N{REPLACEMENT CHARACTER}" in uri:
        return "is not text in UTF-8: whoever answers needs the tasks from somewhere else"
    if not all("!" <= letter <= "~" for letter in uri):
        return "holds what no address holds: whoever answers needs the tasks from somewhere else"
    return None


def canonical(task: object) -> bytes:
    """The one way to write a task; ManifestError for what has no such form."""
    _require_plain(task)
    text = json.dumps(task, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise ManifestError("a text holds half of a character (a lone surrogate)") from None


def leaf(index: int, task: object) -> bytes:
    """The leaf of a task, 32 bytes."""
    return keccak(keccak(index.to_bytes(32, "big") + _written(index, task)))


def tasks_root(tasks: Sequence[object]) -> bytes:
    """The Merkle root over tasks in order, 32 bytes."""
    return _levels(tasks)[-1][0]


def proofs(tasks: Sequence[object]) -> list[list[bytes]]:
    """For each task the siblings on the way from its leaf to the root."""
    levels = _levels(tasks)[:-1]
    return [
        [
            level[sibling]
            for height, level in enumerate(levels)
            if (sibling := index >> height ^ 1) < len(level)
        ]
        for index in range(len(tasks))
    ]


def verify(root: bytes, index: int, task: object, path: Sequence[bytes]) -> bool:
    """Whether a task is the one of that index under the root."""
    node = leaf(index, task)
    for sibling in path:
        node = _join(node, sibling)
    return node == root


def require_root(manifest: Manifest, root: bytes, tasks: int) -> None:
    """Raise ManifestError unless these are exactly the tasks of the round with that root."""
    if len(manifest.tasks) != tasks:
        raise ManifestError(
            f"the file has {len(manifest.tasks)} tasks and the round {tasks}: get the right file"
        )
    computed = manifest.root
    if computed != root:
        raise ManifestError(
            f"these are not the tasks of the round: root 0x{computed.hex()[:8]}.. is not "
            f"0x{root.hex()[:8]}.. on chain; get the file from the requester again"
        )


def _read(task: object, hidden: Set[str]) -> object:
    if not isinstance(task, Mapping) or len(task) == 1:
        return task
    return {key: value for key, value in task.items() if key != "id" and key not in hidden}


def _written(index: int, task: object) -> bytes:
    try:
        return canonical(task)
    except ManifestError as error:
        raise ManifestError(f"task {index + 1}: {error}") from None


def _levels(tasks: Sequence[object]) -> list[list[bytes]]:
    if not tasks:
        raise ManifestError("there are no tasks")
    levels = [[leaf(index, task) for index, task in enumerate(tasks)]]
    while len(levels[-1]) > 1:
        level = levels[-1]
        pairs = [level[start : start + 2] for start in range(0, len(level), 2)]
        levels.append([_join(*pair) if len(pair) == 2 else pair[0] for pair in pairs])
    return levels


def _join(left: bytes, right: bytes) -> bytes:
    return keccak(min(left, right) + max(left, right))


def _require_plain(value: object) -> None:
    if value is None or isinstance(value, (str, bool)):
        return
    if isinstance(value, int):
        if abs(value) > _LARGEST:
            raise ManifestError(f"the number {value} is too large for JSON: write it as text")
    elif isinstance(value, float):
        raise ManifestError(f"the number {value} has a fraction: write it as text")
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str):
                raise ManifestError(f"the key {key!r} is not text: put it in quotes")
            _require_plain(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            _require_plain(item)
    else:
        raise ManifestError(f"{value!r} is not JSON: write it as text, in quotes")
