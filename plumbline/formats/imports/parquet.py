"""Parquet: a task a row, columns as JSON has them.

text, whole numbers, true and false, lists, structs    as they are
maps                                                   lists of keys and values
fractions, decimals                                    text: the shortest that means the number
dates, times                                           text, as ISO 8601 has them
categories, class labels of the library `datasets`     their names
binary, durations, NaN and infinity                    refused where they are used
"""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from plumbline.files.text import FileError, parse_json
from plumbline.formats.imports.imported import FileFormat, Source, TaskRow, TasksError, Unusable

_BATCH: Final = 1_000  # rows that are held as columns
_MOST_BYTES: Final = 2**29  # of all columns, once they are unpacked
_DATASETS: Final = b"huggingface"  # where that library keeps its features
_Conversion = Callable[[Any], object]


class Parquet(FileFormat):
    """Columns with types."""

    def rows(self, source: Source) -> Sequence[TaskRow]:
        path = source.path
        try:
            with parquet.ParquetFile(path) as file:
                return _rows(source, file)
        except FileNotFoundError:
            raise TasksError(f"{path} is not there") from None
        except RecursionError:
            raise TasksError(f"{path} is nested too deeply") from None
        except (pa.ArrowException, OSError) as error:
            reason = str(error).partition("\n")[0]
            raise TasksError(f"{path} is no Parquet file that can be read ({reason})") from None


def _rows(source: Source, file: Any) -> list[TaskRow]:
    path, schema = source.path, file.schema_arrow
    names = list(schema.names)
    if len(set(names)) != len(names):
        raise TasksError(f"{path}: two columns have the same name: rename one")
    known = {field.name: field for field in schema if not _is_binary(field.type)}
    readers = {name: _reader(field) for name, field in known.items()}
    readers |= _class_labels(schema.metadata)
    binary = {name: Unusable("holds bytes, which are no JSON") for name in names}
    rows: list[TaskRow] = []
    size, total = 0, file.metadata.num_rows
    for batch in file.iter_batches(_BATCH, columns=list(known)):
        size += batch.nbytes
        if size > _MOST_BYTES:
            raise TasksError(f"{path}: more than 512 MiB once it is unpacked: divide it")
        for fields in batch.to_pylist():
            read = {name: _value(readers[name], value) for name, value in fields.items()}
            task = {name: read.get(name, binary[name]) for name in names}
            rows.append(TaskRow(f"{path}, row {len(rows) + 1}", task))
        source.progress("reading rows", len(rows), total)
    return rows


def _is_binary(kind: Any) -> bool:
    """Whether a type has bytes in it, which are not even read: they may be large."""
    if pa.types.is_nested(kind):
        return any(_is_binary(kind.field(at).type) for at in range(kind.num_fields))
    if pa.types.is_dictionary(kind):
        return _is_binary(kind.value_type)
    return bool(
        pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
    )


def _reader(field: Any) -> _Conversion:
    """How values of a column are read."""
    return _single if field.type == pa.float32() else _plain


def _class_labels(metadata: Mapping[bytes, bytes] | None) -> dict[str, _Conversion]:
    """Readers of the columns whose numbers have names, as the library `datasets` writes them."""
    try:
        described = parse_json((metadata or {})[_DATASETS].decode(), "")
        features = described["info"]["features"]
        named = {
            column: feature["names"]
            for column, feature in features.items()
            if isinstance(feature, Mapping) and feature.get("_type") == "ClassLabel"
        }
    except (KeyError, TypeError, AttributeError, UnicodeDecodeError, FileError):
        return {}  # another program's, or nobody's

    def reader(names: list[str]) -> _Conversion:
        return lambda value: names[value] if value >= 0 else None  # -1 is none

    return {column: reader(names) for column, names in named.items() if isinstance(names, list)}


def _value(read: _Conversion, value: object) -> object:
    if value is None:
        return None
    try:
        return read(value)
    except (TypeError, ValueError, IndexError) as error:
        return Unusable(str(error))


def _single(value: float) -> object:
    """A fraction of 32 bits: fewer digits mean it than if it were one of 64."""
    return str(np.float32(value)) if math.isfinite(value) else _plain(value)


def _plain(value: Any) -> object:
    """A value as JSON has it. Raises ValueError for what has no such form."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"is {value}, which is not a number")
        return repr(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(held) for key, held in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(held) for held in value]
    raise ValueError(f"holds a {type(value).__name__}, which is not JSON: write it as text")
