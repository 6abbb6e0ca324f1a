"""Does what a Label Studio server is given come back?"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from plumbline.formats.imports.file_question import FileQuestion
from plumbline.formats.imports.imported import Source, Unusable, fields_of
from plumbline.formats.imports.registry import import_tasks
from tests.consumers.findings import Finding, silent

Task = Mapping[str, Any]

_COUNTS: Final = ("task_count", "annotation_count", "prediction_count")
_BESIDE: Final = frozenset({"annotations", "predictions"})


def findings(given: Path, returned: Mapping[str, Any]) -> Iterator[Finding]:
    """What it exported of each file, held against the file."""
    configs = sorted(given.rglob("label_config.xml"))
    files = {
        str(tasks.relative_to(given)): (config, tasks)
        for config in configs
        for tasks in sorted(config.parent.glob("*.json"))
    }
    yield Finding(
        "every labeling config makes a project",
        bool(files) and set(files) == set(returned["files"]),
        f"{len(configs)} projects, {len(files)} files of tasks",
    )
    for name, (config, tasks) in files.items():
        if name in returned["files"]:
            yield from _of_file(name, config, tasks, returned["files"][name])
    yield from _silence(returned["silence"])


def _of_file(name: str, config: Path, path: Path, there: Mapping[str, Any]) -> Iterator[Finding]:
    if "exported" not in there:
        yield Finding("every file is imported", False, f"{there['status']} {there['error']}", name)
        return
    tasks: Sequence[Task] = json.loads(path.read_text(encoding="utf-8"))
    counts = (len(tasks), _number(tasks, "annotations"), _number(tasks, "predictions"))
    counted = tuple(there["counted"][key] for key in _COUNTS)
    yield Finding(
        "every file is imported: tasks, annotations and predictions",
        counts == counted,
        "{} tasks, {} annotations, {} predictions".format(*counted),
        name,
    )
    exported: Sequence[Task] = there["exported"]
    yield Finding(
        "the data and the meta of tasks come back unchanged",
        [(task["data"], task["meta"]) for task in exported]
        == [(task["data"], task["meta"]) for task in tasks],
        on=name,
    )
    if counts[1]:
        yield Finding(
            "annotations come back unchanged, and which of them are ground truths",
            list(map(_annotations, exported)) == list(map(_annotations, tasks)),
            on=name,
        )
    yield Finding(
        "predictions come back unchanged, with score and version",
        _by_task(exported, there["predictions"]) == _predictions(tasks),
        on=name,
    )
    with TemporaryDirectory() as folder:
        export = Path(folder, "export.json")
        export.write_text(json.dumps(exported), encoding="utf-8")
        ours, theirs = _read(path, config), _read(export, config)
    yield Finding(
        "our importer reads the export as it reads what we wrote",
        ours == theirs,
        f"{len(ours.rows)} tasks",
        name,
    )


@dataclass(frozen=True, slots=True)
class _Imported:
    """What our importer makes of a file, but for what annotators made of it in their program's
    words."""

    rows: Sequence[Mapping[str, object]]
    shown: object
    question: FileQuestion | None


def _read(path: Path, config: Path) -> _Imported:
    found = import_tasks(str(path), Source(path, config=config), "label-studio")
    rows = [
        {
            key: value.reason if isinstance(value, Unusable) else value
            for key, value in fields_of(row).items()
            if key not in _BESIDE
        }
        for row in found.rows
    ]
    return _Imported(rows, found.shown, found.question)


def _number(tasks: Sequence[Task], key: str) -> int:
    return sum(len(task.get(key) or ()) for task in tasks)


def _annotations(task: Task) -> list[str]:
    """Of a task, in whatever order."""
    return sorted(
        json.dumps([each["ground_truth"], each["result"]], sort_keys=True)
        for each in task["annotations"]
    )


def _by_task(exported: Sequence[Task], predictions: Sequence[Task]) -> dict[str, Any]:
    """What is predicted of the tasks of a server, by our names of them."""
    names = {task["id"]: task["data"]["id"] for task in exported}
    return {
        names[each["task"]]: (each["model_version"], each["score"], each["result"])
        for each in predictions
    }


def _predictions(tasks: Sequence[Task]) -> dict[str, Any]:
    return {
        task["data"]["id"]: (each["model_version"], each["score"], each["result"])
        for task in tasks
        for each in task["predictions"]
    }


def _silence(there: Mapping[str, Any]) -> Iterator[Finding]:
    status, values = there["unknown choice"]
    yield silent(
        "an annotation with a choice that the config does not have is taken",
        status == 201 and values == [{"choices": ["eggs"]}],
        f"{status}, {values}",
    )
    yield silent("so is a prediction", there["unknown choice, predicted"] == 201, "201")
    yield silent(
        "so is an annotation of a control that the config does not have",
        there["unknown control"] == 201,
        f"{there['unknown control']}",
    )
    status, data = there["more fields"]
    yield silent(
        "fields of a task that the config does not show are kept",
        status == 201 and set(data) == {"text", "weight", "plumbline"},
        f"{status}, {sorted(data)}",
    )
    status, scores = there["score"]
    yield silent(
        "a score of 7.5 is taken", status == 201 and scores == [7.5], f"{status}, {scores}"
    )
    yield silent(
        "a task that is imported again is there twice",
        there["same task twice"] == 3,
    )
    yield silent(
        "its CSV does not say which annotations are ground truths, and leaves out the skipped",
        "ground_truth" not in there["CSV"] and there["CSV"].count("\r\n") == 3,
    )
    yield silent(
        "nor does its JSON_MIN",
        all("ground_truth" not in row for row in there["JSON_MIN"]) and len(there["JSON_MIN"]) == 2,
    )
    status, text = there["own export"]
    yield Finding(
        "its own JSON export with predictions is an error of the server (500) when it is imported "
        "again",
        status == 500,
        json.loads(text)["detail"],
    )
    yield Finding(
        "without predictions that export is imported",
        there["own export without predictions"] == 201,
    )
    yield Finding(
        "a task without a field that the config shows is refused", there["missing field"] == 400
    )
    yield Finding(
        "an annotation by a user who is not there is refused", there["unknown annotator"][0] == 400
    )
