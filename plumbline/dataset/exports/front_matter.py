"""The YAML that a dataset card begins with: what `datasets` and the Hub read."""

import hashlib
from collections.abc import Sequence
from typing import Any, Final

import pyarrow as pa
import yaml

from plumbline.dataset.exports.export import Column, DatasetTable
from plumbline.dataset.exports.parquet import parquet_path, splits_of
from plumbline.dataset.split import Split

_SIZES: Final = (
    (10**3, "n<1K"),
    (10**4, "1K<n<10K"),
    (10**5, "10K<n<100K"),
    (10**6, "100K<n<1M"),
    (10**7, "1M<n<10M"),
)
_LARGER: Final = "10M<n<100M"
_DIGITS: Final = 16  # of the digest of rows
_NAMES: Final = {
    pa.string(): "string",
    pa.int64(): "int64",
    pa.float64(): "float64",
    pa.bool_(): "bool",
}


class _Dumper(yaml.SafeDumper):
    """Texts that are no plain word stand in double quotes, in one line."""


def _represent(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    is_word = text.isascii() and text.replace("_", "").isalnum() and not text[0].isdigit()
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if is_word else '"')


_Dumper.add_representer(str, _represent)


def front_matter(
    title: str,
    license_name: str | None,
    items: int,
    tables: Sequence[DatasetTable],
    tags: Sequence[str],
) -> str:
    """All of it, between its lines of dashes; the first table is the default."""
    values: dict[str, object] = {
        "pretty_name": title,
        "license": license_name or "unknown",
        "annotations_creators": ["crowdsourced"],
        "size_categories": [next((name for most, name in _SIZES if items < most), _LARGER)],
        "task_categories": list(dict.fromkeys(task for table in tables for task in table.tasks)),
        "tags": list(tags),
        "configs": [
            {
                "config_name": table.name,
                **({"default": True} if number == 0 else {}),
                "data_files": [
                    {"split": split.value, "path": parquet_path(table, split)}
                    for split in splits_of(table)
                ],
            }
            for number, table in enumerate(tables)
        ],
        "dataset_info": [
            {
                "config_name": table.name,
                "description": f"{table.meaning}; rows {_digest(table)}",
                "features": list(map(_feature, table.columns)),
            }
            for table in tables
        ],
    }
    text = yaml.dump(values, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=2**31)
    return f"---\n{text}---\n"


def _digest(table: DatasetTable) -> str:
    """What tells its rows from others.

    `datasets` keeps what it has read under the name of the folder and this front matter: of a
    folder that is written anew it reads the old rows, unless something differs here.
    """
    digest = hashlib.sha256()
    for split in Split:
        for row in table.rows[split]:
            digest.update(f"{split.value} {row!r}\n".encode())
    return digest.hexdigest()[:_DIGITS]


def _feature(column: Column) -> dict[str, object]:
    return {"name": column.name, **_typed(column.type, column.classes)}


def _typed(kind: pa.DataType, classes: Sequence[str] = ()) -> dict[str, object]:
    """What a feature says of its type."""
    if pa.types.is_list(kind):
        return {"list": _entry(kind.value_type, classes)}
    return {"dtype": _scalar(kind, classes)}


def _entry(kind: pa.DataType, classes: Sequence[str]) -> object:
    if pa.types.is_struct(kind):
        return [{"name": field.name, **_typed(field.type)} for field in kind]
    if pa.types.is_list(kind):
        return {"list": _entry(kind.value_type, classes)}
    return _scalar(kind, classes)


def _scalar(kind: pa.DataType, classes: Sequence[str]) -> Any:
    if not classes:
        return _NAMES[kind]
    return {"class_label": {"names": {str(at): name for at, name in enumerate(classes)}}}
