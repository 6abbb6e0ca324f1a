"""Does `datasets` read what we wrote?"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from plumbline.dataset.exports.card import CARD
from tests.consumers.findings import Finding, silent

Row = Mapping[str, Any]


def findings(given: Path, returned: Mapping[str, Any]) -> Iterator[Finding]:
    """What it read of each folder, held against the Parquet files and the card."""
    folders = {str(card.parent.relative_to(given)): card.parent for card in given.rglob(CARD)}
    yield Finding(
        "every folder is one that `load_dataset` knows",
        set(folders) == set(returned["folders"]),
        f"{len(folders)} folders",
    )
    for name, folder in sorted(folders.items()):
        read = returned["folders"].get(name)
        if read is not None:
            yield from _of_folder(name, folder, read)
    yield from _silence(returned["silence"])


def _of_folder(name: str, folder: Path, read: Mapping[str, Any]) -> Iterator[Finding]:
    card = yaml.safe_load((folder / CARD).read_text(encoding="utf-8").split("---\n")[1])
    configs = {config["config_name"]: config for config in card["configs"]}
    described = {info["config_name"]: info["features"] for info in card["dataset_info"]}
    yield Finding(
        "every config is listed, and the labels are the default",
        list(read["configs"]) == list(configs) and read["default"] == next(iter(configs)),
        f"{len(configs)} configs",
        name,
    )
    whole = 0
    same_rows = same_features = True
    for config, found in read["configs"].items():
        files = {file["split"]: folder / file["path"] for file in configs[config]["data_files"]}
        same_rows &= set(files) == set(found)
        for split, path in files.items():
            table = pq.read_table(path)
            whole += len(table)
            there = found.get(split, {"rows": (), "features": {}})
            same_rows &= table.to_pylist() == list(there["rows"])
            same_features &= _fits(table.schema, there["features"], described[config])
    yield Finding("every split of every config has its rows", same_rows, f"{whole:,} rows", name)
    yield Finding(
        "columns have the types and the names of classes that the card says",
        same_features,
        "",
        name,
    )
    labels = _labels(folder)
    yield Finding(
        "labels.csv has a row for each item",
        read["loose"].get("labels.csv") == len(labels),
        "",
        name,
    )
    lines = {row["id"]: row for row in read["rows as JSON Lines"] or ()}
    yield Finding(
        "labels.jsonl has the rows of Parquet",
        lines == {row["id"]: row for row in labels},
        f"{len(lines)} rows",
        name,
    )


def _labels(folder: Path) -> Sequence[Row]:
    return [
        row
        for path in sorted((folder / "data").glob("labels-*.parquet"))
        for row in pq.read_table(path).to_pylist()
    ]


def _fits(schema: pa.Schema, read: Row, described: Sequence[Row]) -> bool:
    """Whether features are the columns of a file, and classes are named as the card has them."""
    if list(read) != schema.names or [each["name"] for each in described] != schema.names:
        return False
    for field, each in zip(schema, described, strict=True):
        feature = read[field.name]
        classes = _classes(each)
        if classes is not None:
            if _inner(feature).get("names") != classes:
                return False
        elif pa.types.is_list(field.type):
            if feature["_type"] != "List":
                return False
        elif feature["dtype"] != {"double": "float64"}.get(str(field.type), str(field.type)):
            return False
    return True


def _classes(described: Row) -> list[str] | None:
    """The names of the classes of a column, or of the entries of its lists."""
    kind = described.get("dtype", described.get("list"))
    named = kind.get("class_label") if isinstance(kind, Mapping) else None
    if named is None and isinstance(kind, Mapping) and isinstance(kind.get("dtype"), Mapping):
        named = kind["dtype"].get("class_label")
    return list(named["names"].values()) if named else None


def _inner(feature: Row) -> Row:
    inner: Row = feature.get("feature", feature)
    return inner


def _silence(there: Mapping[str, Any]) -> Iterator[Finding]:
    nothing = [row["text"] for row in there["csv"]]
    yield silent(
        "a CSV's `NA` and empty cells become null (`keep_default_na=False` keeps them)",
        nothing == [None, None, "no", "007"]
        and [row["text"] for row in there["csv, nothing is null"]] == ["NA", "", "no", "007"],
        f"{nothing}",
    )
    ids = [row["id"] for row in there["csv of digits"]]
    yield silent("a CSV's `007` becomes 7, if the column has only such", ids == [7, 10], f"{ids}")
    fewer = [row["b"] for row in there["json with fewer keys"]]
    yield silent("a key that a line of JSON lacks becomes null", fewer == [2, None], f"{fewer}")
    (date,) = there["json with dates"]
    yield silent(
        "a text of JSON Lines that looks like a date becomes one, if all of the column do",
        date["a"].startswith("datetime"),
        f"{date['a']}",
    )
    yield silent(
        "a folder whose card has configs is kept by the card alone: other rows under the same card "
        "and folder's name are not read (so our cards tell rows apart)",
        there["written anew"][0] == there["written anew"][1],
        "the old rows",
    )
    for says, key in (
        ("a config's file in another format than Parquet is refused", "two file formats"),
        ("classes that YAML takes for true and false are refused", "bare classes"),
        ("a class that the card does not name is refused", "class that is not named"),
        ("a column that the card does not list is refused", "column that is not named"),
        ("sizes in the card that are wrong are refused", "wrong sizes"),
    ):
        error = there[key]
        yield Finding(says, isinstance(error, str), str(error).partition(":")[0])
