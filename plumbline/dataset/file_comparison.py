"""A file of a dataset, whoever wrote it, held against the one that should be there.

A few bytes of Parquet may stand for more than a memory holds, and its reader is a large program in
C++. So all this is done in a process of its own, which may take so much memory and so much time
and no more (where the system holds processes to that, as Linux does).
"""

import csv
import multiprocessing
import resource
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import PurePosixPath
from typing import Final, Self

import pyarrow as pa

from plumbline.dataset.row_differences import (
    DifferenceKind,
    RowDifference,
    line_differences,
    row_differences,
)
from plumbline.dataset.row_reading import RowsError, rows_of

_MEMORY: Final = 2**30  # bytes for any file,
_MEMORY_A_BYTE: Final = 64  # and for each byte of a large one
_SECONDS: Final = 900  # of a processor
_WITH_ROWS: Final = frozenset({".parquet", ".csv", ".jsonl", ".json"})


class FileComparer:
    """Compares files in a process of its own, which is started for the first of them; to be used
    as a context. `memory` is what that may take, in bytes, besides what a large file needs.
    """

    def __init__(self, memory: int = _MEMORY) -> None:
        self._memory = memory
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def differences(self, name: str, expected: bytes, found: bytes) -> list[RowDifference]:
        """What differs between two contents of a file of that name."""
        if expected == found:
            return []
        if self._pool is None:
            # Not a copy of this process, which may have threads.
            spawn = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(1, mp_context=spawn)
        try:
            return self._pool.submit(_limited, self._memory, name, expected, found).result()
        except BrokenProcessPool:
            self._end()
            return [_too_large(name)]

    def _end(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None


def _limited(memory: int, name: str, expected: bytes, found: bytes) -> list[RowDifference]:
    """In the other process."""
    memory += _MEMORY_A_BYTE * (len(expected) + len(found))
    resource.setrlimit(resource.RLIMIT_DATA, (memory, resource.RLIM_INFINITY))
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime) + _SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.RLIM_INFINITY))
    # Cells hold lists of answers.
    csv.field_size_limit(max(len(expected), len(found)))
    # What other pools do not give back would count for the next file.
    pa.set_memory_pool(pa.system_memory_pool())
    try:
        return compared(name, expected, found)
    except MemoryError:
        return [_too_large(name)]


def _too_large(name: str) -> RowDifference:
    return RowDifference(
        DifferenceKind.UNREADABLE, name, "reading it takes more memory or time than such rows do"
    )


def compared(name: str, expected: bytes, found: bytes) -> list[RowDifference]:
    """What differs, in this process. Raises MemoryError if it is too much."""
    ending = PurePosixPath(name).suffix
    try:
        wanted, there = rows_of(name, expected), rows_of(name, found)
        if there.head != wanted.head:
            return list(line_differences(f"{name}, columns", wanted.head, there.head))
        if ending not in _WITH_ROWS:
            return list(line_differences(name, wanted, there))
        return list(row_differences(name, wanted, there, has_cells=ending == ".csv"))
    except RowsError as error:
        return [RowDifference(DifferenceKind.UNREADABLE, name, str(error))]
