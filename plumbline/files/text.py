"""Reading what people and strangers write: YAML and JSON, strictly.

A file that means something else than its writer thought costs money here. So YAML is read as
YAML 1.2 has it (`no` and `on` are text and not false and true, 1:30 is not a number and a
date is text) and a key that comes twice is an error, in JSON too.

A text that was made to break its reader only gets an error: brackets are counted before anything
that calls itself looks at them (a library may have raised Python's limit until it is no
protection), no number has more digits than one can mean, and none is infinite. Names for parts of
YAML (`&`, `*`) are refused, since a hundred of them stand for more than a memory holds.
"""

import json
import math
import re
from pathlib import Path
from typing import Any, Final

import yaml

from plumbline.errors import PlumblineError

_TEXT_LIMIT: Final = 64 * 2**20  # bytes; more is a mistake, and would fill the memory
_DEEPEST: Final = 64  # lists and objects within each other
_MOST_DIGITS: Final = 100  # of a whole number: 2**256 has 78
# A text in quotes, whole or not, or a bracket; possessive, so that every letter is seen once.
_STRUCTURE: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")  # byte order marks
# Line breaks of YAML 1.1 and ordinary letters of YAML 1.2.
_ODD_BREAKS: Final = re.compile("[\x85\u2028\u2029]")


class FileError(PlumblineError):
    """A file that cannot be read."""


class _Loader(yaml.SafeLoader):
    """SafeLoader with the core schema of YAML 1.2 and without double keys."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012
    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Part of a document. Raises FileError if it is too deep, or stands for another."""
        place = self.peek_event()  # type: ignore[no-untyped-call]
        line = place.start_mark.line + 1
        if isinstance(place, yaml.AliasEvent) or getattr(place, "anchor", None) is not None:
            raise FileError(
                f"line {line}: names for parts (& and *) are not read: write it out, or put text "
                "in quotes"
            )
        self.depth += 1
        if self.depth > _DEEPEST:
            raise FileError(f"line {line}: nested too deeply")
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    mapping: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, (str, int)):
            raise FileError(f"line {key_node.start_mark.line + 1}: {key!r} is not a key")
        if key in mapping:
            raise FileError(f"line {key_node.start_mark.line + 1}: {key} comes twice")
        mapping[key] = loader.construct_object(value_node, deep=True)
    return mapping


def _integer(loader: _Loader, node: yaml.ScalarNode) -> int:
    """010 is ten, not eight."""
    try:
        return whole_number(loader.construct_scalar(node))
    except FileError as error:
        raise FileError(f"line {node.start_mark.line + 1}: {error}") from None


def _fraction(loader: _Loader, node: yaml.ScalarNode) -> float:
    try:
        return _finite(loader.construct_scalar(node))
    except FileError as error:
        raise FileError(f"line {node.start_mark.line + 1}: {error}") from None


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
for _tag, _pattern, _first in (
    ("bool", r"true|false", "tf"),
    ("null", r"~|null|", "~n"),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    (
        "float",
        r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?",
        "-+.0123456789",
    ),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), [*_first, ""]
    )
_Loader.add_constructor("tag:yaml.org,2002:int", _integer)
_Loader.add_constructor("tag:yaml.org,2002:float", _fraction)


def read_text(path: Path) -> str:
    """The text of a file in UTF-8, with or without a byte order mark; line ends stay as they are.

    Raises FileError, which says how to convert a file in another encoding.
    """
    try:
        if path.stat().st_size > _TEXT_LIMIT:
            raise FileError(f"{path} is larger than 64 MiB: is it the right file?")
        content = path.read_bytes()
    except FileNotFoundError:
        raise FileError(f"{path} is not there") from None
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}") from None
    if content.startswith(_UTF_16):
        raise FileError(f"{path} is text in UTF-16, not in UTF-8: {_conversion(path, 'UTF-16')}")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise FileError(
            f"{path}, line {line}: not text in UTF-8 (byte 0x{content[error.start]:02x}): "
            f"{_conversion(path, 'WINDOWS-1252')}"
        ) from None


def _conversion(path: Path, encoding: str) -> str:
    return f"save it as UTF-8, or `iconv -f {encoding} -t UTF-8 {path.name} > NEW`"


def read_object(path: Path) -> Any:
    """What a YAML or JSON file says; by its ending, .json or .yaml or .yml."""
    text = read_text(path)
    if path.suffix.lower() == ".json":
        return parse_json(text, str(path))
    if path.suffix.lower() not in (".yaml", ".yml"):
        raise FileError(f"{path} must end in .yaml or .json")
    odd = _ODD_BREAKS.search(text)
    if odd:
        line = text.count("\n", 0, odd.start()) + 1
        code = f"{ord(odd[0]):04X}"
        raise FileError(
            f"{path}, line {line}: the character U+{code}, which not all YAML takes for the same: "
            f"write \\u{code} in double quotes"
        )
    try:
        return yaml.load(text, _Loader)
    except FileError as error:
        raise FileError(f"{path}, {error}") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise FileError(f"{path}, line {line}: not valid YAML, {error.problem}") from None
    except RecursionError:
        raise FileError(f"{path} is nested too deeply") from None
    except (yaml.YAMLError, ValueError, KeyError, TypeError, AttributeError):
        # The last four: a value that is not of the type that its tag says.
        raise FileError(f"{path} is not valid YAML") from None


def parse_json(text: str, name: str) -> Any:
    """What a JSON text says; `name` is put before errors. Raises FileError."""
    try:
        _require_shallow(text)
        return json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=_refuse,
            parse_int=whole_number,
            parse_float=_finite,
        )
    except json.JSONDecodeError as error:
        raise FileError(f"{name}, line {error.lineno}: not valid JSON, {error.msg}") from None
    except FileError as error:
        raise FileError(f"{name}: {error}") from None


def whole_number(digits: str) -> int:
    """A number in digits, maybe with a sign. Raises FileError if there are too many to be meant.

    Python refuses 4,301 digits with an error of its own, and to print what was computed of 4,300.
    """
    if len(digits) > _MOST_DIGITS:
        raise FileError(f"a number of {len(digits):,} digits is too large")
    return int(digits)


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise FileError("a number is too large")
    return value


def _require_shallow(text: str) -> None:
    """Raise FileError unless a JSON text is one that a recursive reader may be given."""
    if text.count("[") + text.count("{") <= _DEEPEST:
        return
    depth = 0
    for match in _STRUCTURE.finditer(text):
        first = text[match.start()]
        depth += (first in "[{") - (first in "]}")
        if depth > _DEEPEST:
            line = text.count("\n", 0, match.start()) + 1
            raise FileError(f"line {line} is nested too deeply")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping: dict[str, Any] = {}
    for key, value in pairs:
        if key in mapping:
            raise FileError(f"{key} comes twice")
        mapping[key] = value
    return mapping


def _refuse(constant: str) -> Any:
    raise FileError(f"{constant} is not a number")
