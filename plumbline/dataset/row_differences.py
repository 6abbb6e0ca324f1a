"""How the rows of a file differ from those that it should hold, one by one.

Rows are told apart by the name of their item. Numbers that were computed agree if they do within
`TOLERANCE`: another machine rounds in another way.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest
from typing import Final

from plumbline.errors import PlumblineError
from plumbline.files.text import parse_json
from plumbline.formats.spreadsheet import NUMBER

TOLERANCE: Final = 2e-6
"""They are written with six digits."""

_LONGEST: Final = 60  # characters of a value that is shown
_MOST_NAMES: Final = 20_000  # items whose rows are compared one by one
_COMPARED: Final = 50  # rows of one item that are compared with each other
# Where programs have the name of an item.
_NAMES: Final = (("id",), ("data", "id"), ("metadata", "id"), ("external_id",))


class DifferenceKind(StrEnum):
    """In which way something is not what it should be."""

    CHANGED = "changed"
    MISSING = "missing"
    ADDED = "added"
    MOVED = "moved"  # in another order
    UNREADABLE = "unreadable"
    ROUND = "round"  # what the chain says of a round is another thing


@dataclass(frozen=True, slots=True)
class RowDifference:
    """Something that is not what follows from the rounds.

    place  a file with its row, or a round
    words  what is wrong, with texts of strangers as they are
    """

    kind: DifferenceKind
    place: str
    words: str

    def __str__(self) -> str:
        return f"{self.place}: {self.words}"


def row_differences(
    file: str, expected: Iterable[object], found: Iterable[object], has_cells: bool = False
) -> Iterator[RowDifference]:
    """What differs between the rows of a file and those that it should hold.

    Both are gone through several times, and most of their rows are not kept. `has_cells` says
    that values are the text of what they are, as in CSV.
    """
    wanted, there = _digests(expected), _digests(found)
    if wanted == there:
        return
    path = _path_of_names(expected)
    pairs: _Pairs = {}
    rest = _keep(pairs, 0, expected, Counter(there), path)
    rest += _keep(pairs, 1, found, Counter(wanted), path)
    is_same = not rest
    for name, (left, over) in pairs.items():
        for finding in _differences_of(file, name, left, over, has_cells):
            is_same = False
            yield finding
    if rest:
        yield RowDifference(
            DifferenceKind.CHANGED, file, f"{rest:,} more rows are not as they follow"
        )
    elif is_same and len(wanted) == len(there) and (not pairs or _moved(expected, found, path)):
        texts = enumerate(zip(wanted, there, strict=True))
        at = next(at for at, (one, other) in texts if one != other)
        words = "from here on rows are in another order"
        yield RowDifference(DifferenceKind.MOVED, f"{file}, row {at + 1}", words)


def line_differences(
    file: str, expected: Iterable[object], found: Iterable[object]
) -> Iterator[RowDifference]:
    """The first line that differs, and how many do from there on."""
    lines = [
        (number, *pair)
        for number, pair in enumerate(zip_longest(expected, found), start=1)
        if pair[0] != pair[1]
    ]
    if lines:
        number, wanted, there = lines[0]
        more = f" (and {len(lines) - 1:,} more lines)" if len(lines) > 1 else ""
        kind = (
            DifferenceKind.MISSING
            if there is None
            else DifferenceKind.ADDED
            if wanted is None
            else DifferenceKind.CHANGED
        )
        yield RowDifference(kind, f"{file}, line {number}", f"{_instead(wanted, there)}{more}")


def _differences_of(
    file: str, name: str, expected: list[object], found: list[object], has_cells: bool
) -> Iterator[RowDifference]:
    """Of the rows of one item, without those that are in both."""
    place = f"{file}, row {name}" if name else file
    for wanted, there in _paired(expected, found):
        if there is None:
            yield RowDifference(DifferenceKind.MISSING, place, f"is not there ({_shown(wanted)})")
        elif wanted is None:
            yield RowDifference(
                DifferenceKind.ADDED, place, f"does not follow from the rounds ({_shown(there)})"
            )
        else:
            fields = list(_fields(wanted, there, "", has_cells))
            if fields:
                more = f" (and {len(fields) - 1} more fields)" if len(fields) > 1 else ""
                yield RowDifference(DifferenceKind.CHANGED, place, f"{fields[0]}{more}")


def _paired(
    expected: list[object], found: list[object]
) -> Iterator[tuple[object | None, object | None]]:
    """Each row with the one that it is most like."""
    if max(len(expected), len(found)) > _COMPARED:
        yield from zip_longest(expected, found)
        return
    rest = list(found)
    for wanted in expected:
        if rest:
            nearest = max(rest, key=lambda row: _likeness(wanted, row))
            rest.remove(nearest)
            yield wanted, nearest
        else:
            yield wanted, None
    for there in rest:
        yield None, there


def _likeness(one: object, other: object) -> int:
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return sum(other.get(key) == value for key, value in one.items())
    return 0


# ---------------------------------------------------------------- fields


def _fields(expected: object, found: object, where: str, has_cells: bool) -> Iterator[str]:
    """Each value that differs, with its place and both."""
    if has_cells and isinstance(expected, str) and isinstance(found, str):
        expected, found = _meant(expected), _meant(found)
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        for key in dict.fromkeys((*expected, *found)):
            inner = f"{where}.{key}" if where else str(key)
            if key not in found or key not in expected:
                yield f"{inner} {_instead(expected.get(key), found.get(key))}"
            else:
                yield from _fields(expected[key], found[key], inner, has_cells)
    elif isinstance(expected, list) and isinstance(found, list):
        if len(expected) != len(found):
            yield f"{where} must have {len(expected)} entries, and has {len(found)}"
        else:
            for number, (wanted, there) in enumerate(zip(expected, found, strict=True)):
                yield from _fields(wanted, there, f"{where}[{number}]", has_cells=False)
    elif not _is_same(expected, found):
        yield f"{where} {_instead(expected, found)}".lstrip()


def _is_same(expected: object, found: object) -> bool:
    if isinstance(expected, float) and isinstance(found, (int, float)):
        return not isinstance(found, bool) and abs(expected - found) <= TOLERANCE
    return type(expected) is type(found) and expected == found


def _meant(cell: str) -> object:
    """What a cell of CSV is the text of, if that can have been computed: fractions, lists."""
    if "." in cell and NUMBER.fullmatch(cell):
        return float(cell)
    if cell.startswith(("[", "{")):
        try:
            return parse_json(cell, "it")
        except PlumblineError:
            return cell
    return cell


# ---------------------------------------------------------------- rows by name


_Pairs = dict[str, tuple[list[object], list[object]]]
"""Rows by the name of their item: those that should be, and those that are, without what is both"""


def _digests(rows: Iterable[object]) -> list[bytes]:
    return [_digest(row) for row in rows]


def _digest(row: object) -> bytes:
    text = json.dumps(row, sort_keys=True, default=str)
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def _keep(
    pairs: _Pairs, side: int, rows: Iterable[object], others: Counter[bytes], path: Sequence[str]
) -> int:
    """Keep those rows that are not among others as often; how many were too many to be kept."""
    rest = 0
    for row in rows:
        digest = _digest(row)
        if others[digest]:
            others[digest] -= 1
            continue
        name = _name_of(row, path)
        if name in pairs or len(pairs) < _MOST_NAMES:
            pairs.setdefault(name, ([], []))[side].append(row)
        else:
            rest += 1
    return rest


def _moved(expected: Iterable[object], found: Iterable[object], path: Sequence[str]) -> bool:
    return any(
        _name_of(one, path) != _name_of(other, path)
        for one, other in zip(expected, found, strict=True)
    )


def _path_of_names(rows: Iterable[object]) -> tuple[str, ...]:
    """Where all of these rows have the name of their item; empty if nowhere."""
    left = list(_NAMES)
    for row in rows:
        left = [path for path in left if _name_of(row, path)]
    return left[0] if left else ()


def _name_of(row: object, path: Sequence[str]) -> str:
    value = row
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return str(value) if path and isinstance(value, (str, int)) else ""


# ---------------------------------------------------------------- words


def _instead(expected: object, found: object) -> str:
    """The two, from a little before where they begin to differ."""
    one, other = _text(expected), _text(found)
    same = next(
        (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    )
    start = same - 10 if max(len(one), len(other)) > _LONGEST and same > 20 else 0
    return f"must be {_cut(one, start)}, and is {_cut(other, start)}"


def _shown(value: object) -> str:
    return _cut(_text(value), 0)


def _cut(text: str, start: int) -> str:
    end = start + _LONGEST
    return f"{'..' if start else ''}{text[start:end]}{'..' if len(text) > end else ''}"


def _text(value: object) -> str:
    return "nothing" if value is None else json.dumps(value, ensure_ascii=False, default=str)
