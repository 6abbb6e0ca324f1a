"""What `datasets` reads from exported folders.

    python -m tests.consumers.datasets.program GIVEN RETURNED

GIVEN has exported folders; RETURNED is a file.
"""

import json
import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

import datasets
import pyarrow as pa
import pyarrow.parquet as pq

_ROWS: Final = {"text": ["NA", "", "no"], "label": ["yes", "no", "yes"]}
_HEAD: Final = """---
configs:
- config_name: a
  data_files: a.parquet
{more}---
"""
_FEATURES: Final = """dataset_info:
- config_name: a
  features:
  - name: text
    dtype: string
  - name: label
    dtype:
      class_label:
        names:
          '0': {first}
          '1': {second}
"""


def main(given: Path, returned: Path) -> None:
    """Runs all of it."""
    datasets.disable_progress_bars()
    folders = sorted(path.parent for path in given.rglob("README.md"))
    with tempfile.TemporaryDirectory() as cache:
        load = partial(datasets.load_dataset, cache_dir=cache)
        found = {
            "folders": {
                str(folder.relative_to(given)): of_folder(folder, load) for folder in folders
            },
            "silence": of_silence(load),
        }
    returned.write_text(json.dumps(found, ensure_ascii=False, default=repr))


Load = Callable[..., Any]


def of_folder(folder: Path, load: Load) -> dict[str, Any]:
    """All of its configs, and its CSV and JSON Lines beside them."""
    names = datasets.get_dataset_config_names(str(folder))
    loose = {
        path.name: read(load(kind, data_files=str(path)))["train"]["rows"]
        for path, kind in ((folder / "labels.csv", "csv"), (folder / "labels.jsonl", "json"))
        if path.is_file()
    }
    return {
        "default": datasets.get_dataset_default_config_name(str(folder)),
        "configs": {name: read(load(str(folder), name)) for name in names},
        "loose": {name: len(rows) for name, rows in loose.items()},
        "text as CSV": [row.get("text") for row in loose.get("labels.csv", [])],
        "rows as JSON Lines": loose.get("labels.jsonl"),
    }


def read(found: datasets.DatasetDict) -> dict[str, Any]:
    """By split: its features, and its rows, in which classes have their names."""
    return {
        split: {
            "features": rows.features.to_dict(),
            "rows": [named(row, rows.features) for row in rows],
        }
        for split, rows in found.items()
    }


def named(row: Mapping[str, Any], features: datasets.Features) -> dict[str, Any]:
    """A row in which a class is a name and not a number."""
    found = dict(row)
    for name, feature in features.items():
        inner = feature.feature if isinstance(feature, datasets.List) else feature
        if isinstance(inner, datasets.ClassLabel) and found[name] is not None:
            found[name] = inner.int2str(found[name])
    return found


# ---------------------------------------------------------------- what is done without a word


def of_silence(load: Load) -> dict[str, Any]:
    """What odd folders and files are taken for: rows, or an error."""

    def tried(head: str, rows: Mapping[str, Any] = _ROWS, name: str = "a", **more: str) -> Any:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            (folder / "README.md").write_text(head)
            pq.write_table(pa.table(dict(rows)), folder / "a.parquet")
            for file, text in more.items():
                (folder / file.replace("_", ".")).write_text(text)
            return outcome(lambda: load(place, name)["train"])

    def outcome(act: Callable[[], datasets.Dataset]) -> Any:
        try:
            rows = act()
        except Exception as error:
            return f"{type(error).__name__}: {error}"[:300]
        return [named(row, rows.features) for row in rows]

    def table(text: str, kind: str = "csv", **options: Any) -> Any:
        with tempfile.NamedTemporaryFile("w", suffix=f".{kind}") as file:
            file.write(text)
            file.flush()
            return outcome(lambda: load(kind, data_files=file.name, **options)["train"])

    def rewritten() -> list[Any]:
        with tempfile.TemporaryDirectory() as place:
            path = Path(place, "a.parquet")
            Path(place, "README.md").write_text(_HEAD.format(more=""))
            seen = []
            for label in ("yes", "no!"):
                pq.write_table(pa.table({"label": [label]}), path)
                seen.append(outcome(lambda: load(place, "a")["train"]))
            return seen

    text = "text,label\nNA,yes\n,no\nno,yes\n007,no\n"
    short = _FEATURES.replace("  - name: text\n    dtype: string\n", "")
    sizes = "  splits:\n  - name: train\n    num_examples: 99\n    num_bytes: 1\n"
    quoted = _FEATURES.format(first="'yes'", second="'no'")
    mixed = "- config_name: b\n  data_files: b.csv\n"
    return {
        "csv": table(text),
        "csv, nothing is null": table(text, keep_default_na=False),
        "csv of digits": table("id,label\n007,1\n010,2\n"),
        "json of several types": table('{"a": 1}\n{"a": "x"}\n', "json"),
        "json with fewer keys": table('{"a": 1, "b": 2}\n{"a": 3}\n', "json"),
        "json with dates": table('{"a": "2026-11-30"}\n', "json"),
        "quoted classes": tried(_HEAD.format(more=quoted)),
        "bare classes": tried(_HEAD.format(more=_FEATURES.format(first="yes", second="no"))),
        "class that is not named": tried(
            _HEAD.format(more=_FEATURES.format(first="'yes'", second="'maybe'"))
        ),
        "column that is not named": tried(
            _HEAD.format(more=short.format(first="'yes'", second="'no'"))
        ),
        "wrong sizes": tried(_HEAD.format(more=quoted + sizes)),
        "two file formats": tried(_HEAD.format(more=mixed), name="b", b_csv="text\nhi\n"),
        "two file formats, first": tried(_HEAD.format(more=mixed), b_csv="text\nhi\n"),
        "unknown key": tried(_HEAD.format(more="- config_name: c\n  data_file: c.parquet\n")),
        "written anew": rewritten(),
    }


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
