"""Who may take a seat, as people write it: the `admission` of a round file, or a file of its own.

    0x…                                    a policy that is there
    list: people.txt                       accounts of a file, see formats/account_list
    record: {rounds: 20, kappa: 0.5}       also outliers: 10%, silent: 5%, book: 0x…
    attested: {steward: 0x…, group: speaks German}
    token: {address: 0x…, least: 1}
    draw: 0x…                              seats by lot, of a pool
    exclude: [3, 4]                        who answered in none of these rounds, all closed
    all: [ … ]                             whom each of several admits
    any: [ … ]                             whom one of several admits

Shares are written as `10%` or as a fraction, `0.1`, and kept in bps.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from plumbline.errors import PlumblineError
from plumbline.files.text import read_object
from plumbline.formats.account_list import read_accounts
from plumbline.protocol.addresses import checksum

_BPS: Final = 10_000
_SHARE: Final = re.compile(r"(\d{1,3}(?:\.\d{1,4})?)\s*(%?)", re.ASCII)
_DEEPEST: Final = 3
_KNOWN: Final = "list, record, attested, token, draw, exclude, all, any"


class AdmissionError(PlumblineError):
    """Terms of admission that mean nothing; the message names the key."""


@dataclass(frozen=True, slots=True)
class KnownPolicy:
    """A policy that is on the chain already."""

    address: str


@dataclass(frozen=True, slots=True)
class ListTerms:
    """Accounts of a list."""

    accounts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecordTerms:
    """A record: rounds that have ended, and in bps kappa and shares of rounds. `book` is the
    address of a book of the rounds that count; None for all rounds of the deployment.
    """

    rounds: int
    kappa_bps: int
    outliers_bps: int
    silent_bps: int
    book: str | None


@dataclass(frozen=True, slots=True)
class AttestedTerms:
    """What a steward attests."""

    steward: str
    group: str


@dataclass(frozen=True, slots=True)
class TokenTerms:
    """So many tokens of an ERC-721."""

    token: str
    least: int


@dataclass(frozen=True, slots=True)
class DrawTerms:
    """Seats by lot, of the pool at an address."""

    pool: str


@dataclass(frozen=True, slots=True)
class ExcludeTerms:
    """Who answered in none of some closed rounds, by number, ascending."""

    rounds: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CombinedTerms:
    """What several policies say: all of them, or any."""

    needs_all: bool
    members: tuple["AdmissionTerms", ...]


AdmissionTerms = (
    KnownPolicy
    | ListTerms
    | RecordTerms
    | AttestedTerms
    | TokenTerms
    | DrawTerms
    | ExcludeTerms
    | CombinedTerms
)


def excluding(own: AdmissionTerms | None, rounds: Iterable[int]) -> AdmissionTerms | None:
    """Terms that also exclude who answered in these rounds; as they are, without any."""
    excluded = ExcludeTerms(tuple(sorted(set(rounds))))
    if not excluded.rounds:
        return own
    return excluded if own is None else CombinedTerms(True, (own, excluded))


def load_admission(path: Path) -> AdmissionTerms:
    """The terms in a file of their own, in YAML or JSON. Raises a PlumblineError that names it."""
    values = read_object(path)
    try:
        return admission_of(values, path.parent)
    except PlumblineError as error:
        raise AdmissionError(f"{path}: {error}") from None


def admission_of(given: object, folder: Path) -> AdmissionTerms:
    """Terms from what a file says; `folder` is where it is. Raises a PlumblineError."""
    return _terms(given, folder, 0)


def _terms(given: object, folder: Path, depth: int) -> AdmissionTerms:
    if isinstance(given, str):
        return KnownPolicy(_address(given, "admission"))
    if not isinstance(given, Mapping) or len(given) != 1:
        raise AdmissionError(f"admission must be the address of a policy, or one of {_KNOWN}")
    ((name, value),) = given.items()
    if name in ("all", "any"):
        return _combined(str(name), value, folder, depth)
    if name == "list":
        return _list(value, folder)
    if name == "draw":
        return DrawTerms(_address(value, "draw"))
    reader = _READERS.get(str(name))
    if reader is None:
        raise AdmissionError(f"admission has no {name}: known are {_KNOWN}")
    return reader(value)


def _combined(name: str, value: object, folder: Path, depth: int) -> CombinedTerms:
    if not isinstance(value, list) or len(value) < 2:
        raise AdmissionError(f"{name} must be a list of two or more: each as admission itself")
    if depth >= _DEEPEST:
        raise AdmissionError(f"{name} is {depth} deep in others: a policy has no gas for more")
    members = tuple(_terms(each, folder, depth + 1) for each in value)
    return CombinedTerms(name == "all", members)


def _list(value: object, folder: Path) -> ListTerms:
    if not isinstance(value, str):
        raise AdmissionError(
            "list must be the name of a file that lists accounts, a text or a table"
        )
    return ListTerms(read_accounts(folder / value))


def _record(value: object) -> RecordTerms:
    given = _fields(value, "record", ("rounds",), ("kappa", "outliers", "silent", "book"))
    book = given.get("book")
    return RecordTerms(
        rounds=_number(given["rounds"], "record: rounds"),
        kappa_bps=_share(given.get("kappa", 0), "record: kappa"),
        outliers_bps=_share(given.get("outliers", 1), "record: outliers"),
        silent_bps=_share(given.get("silent", 1), "record: silent"),
        book=None if book is None else _address(book, "record: book"),
    )


def _attested(value: object) -> AttestedTerms:
    given = _fields(value, "attested", ("steward", "group"), ())
    group = given["group"]
    if not isinstance(group, str) or not group.strip():
        raise AdmissionError("attested: group must say in a few words what is attested")
    return AttestedTerms(_address(given["steward"], "attested: steward"), group)


def _token(value: object) -> TokenTerms:
    given = _fields(value, "token", ("address",), ("least",))
    return TokenTerms(
        _address(given["address"], "token: address"), _number(given.get("least", 1), "token: least")
    )


def _exclude(value: object) -> ExcludeTerms:
    if not isinstance(value, list) or not value:
        raise AdmissionError("exclude must be a list of rounds, by number")
    rounds = [_number(each, "exclude: a round") for each in value]
    twice = next((each for each in rounds if rounds.count(each) > 1), None)
    if twice is not None:
        raise AdmissionError(f"exclude names round {twice} twice: name each once")
    return ExcludeTerms(tuple(sorted(rounds)))


_READERS: Final[Mapping[str, Callable[[object], AdmissionTerms]]] = {
    "record": _record,
    "attested": _attested,
    "token": _token,
    "exclude": _exclude,
}


def _fields(
    value: object, name: str, needed: Sequence[str], more: Sequence[str]
) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise AdmissionError(f"{name} must say {', '.join((*needed, *more))}")
    for key in value:
        if key not in (*needed, *more):
            known = ", ".join((*needed, *more))
            raise AdmissionError(f"{name} has no {key}: known are {known}")
    for key in needed:
        if key not in value:
            raise AdmissionError(f"{name} must say {key}")
    return value


def _address(value: object, what: str) -> str:
    try:
        return checksum(str(value))
    except PlumblineError as error:
        raise AdmissionError(f"{what}: {error}") from None


def _number(value: object, what: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise AdmissionError(f"{what} is {value!r}: must be a whole number, 1 or more")
    return value


def _share(value: object, what: str) -> int:
    """A share in bps. Raises AdmissionError if it is none, or finer than a bps."""
    match = _SHARE.fullmatch(str(value).strip()) if not isinstance(value, bool) else None
    if match is None:
        raise AdmissionError(f"{what} is {value!r}: write it like 10% or 0.1")
    bps = Decimal(match[1]) * (_BPS // 100 if match[2] else _BPS)
    if bps != int(bps) or not 0 <= bps <= _BPS:
        raise AdmissionError(f"{what} is {value!r}: must be 0 to 1, in steps of 0.0001")
    return int(bps)
