"""Answers that a labeler hands to somebody else to reveal, one file a seat.

Whoever has such a file before the commit phase ends can take a share of the stake with it and
have the labeler slashed; afterwards it can only be used for what it is for. The format is JSON:

    version, chain_id, genesis, contract   which deployment, on which chain
    round, labeler, commitment             whose seat, and what it holds
    options, answers                       an option or null for each task
    salt                                   32 bytes, in hex as every hash here

What is read here hashes to the commitment that it names. Whether that one is on chain is for
the reader to look up.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from plumbline.errors import PlumblineError
from plumbline.files.private import StorageError, damaged, read_record, write_new
from plumbline.labeler.vault import Secret
from plumbline.protocol.addresses import checksum
from plumbline.protocol.commitment import Opening, commitment
from plumbline.protocol.typed_data import Deployed
from plumbline.settlement.sheet import pack
from plumbline.settlement.terms import MAX_OPTIONS, MIN_OPTIONS

_VERSION: Final = 1
_LARGEST: Final = 64 * 1024  # bytes; 256 answers take two thousand
_WORD: Final = 32


class EntrustedError(StorageError):
    """A file of entrusted answers that cannot be used, or cannot be written."""


@dataclass(frozen=True, slots=True)
class Entrusted:
    """What it takes to open one seat. `genesis` is the hash of block 0 of the chain."""

    deployed: Deployed
    genesis: bytes
    round_id: int
    labeler: str
    options: int
    answers: tuple[int | None, ...]
    salt: bytes
    commitment: bytes

    @property
    def opening(self) -> Opening:
        """In the form in which it is revealed."""
        return Opening(self.labeler, pack(self.answers, self.options), self.salt)

    @classmethod
    def of(
        cls, secret: Secret, deployed: Deployed, genesis: bytes, round_id: int, labeler: str
    ) -> "Entrusted":
        """From a secret of the labeler's own vault."""
        return cls(
            deployed=deployed,
            genesis=genesis,
            round_id=round_id,
            labeler=checksum(labeler),
            options=secret.options,
            answers=tuple(secret.answers),
            salt=secret.salt,
            commitment=secret.digest,
        )


@dataclass(frozen=True, slots=True)
class Contents:
    """What a folder holds: what can be used, and why the rest cannot."""

    entrusted: tuple[Entrusted, ...]
    refused: Mapping[Path, str]


class Folder:
    """A folder that files are put into; each is read once, and again if it changes."""

    def __init__(self, path: Path, deployed: Deployed, genesis: bytes) -> None:
        """It need not be there yet."""
        self.path = path
        self._deployed = deployed
        self._genesis = genesis
        self._read: dict[Path, tuple[tuple[int, int, int], Entrusted | str]] = {}

    def contents(self) -> Contents:
        """All `*.json` that is there now. One that cannot be used stops no other."""
        now: dict[Path, tuple[tuple[int, int, int], Entrusted | str]] = {}
        for path in self._paths():
            try:
                found = path.stat()
            except OSError:
                continue  # taken away meanwhile
            mark = (found.st_ino, found.st_size, found.st_mtime_ns)
            known = self._read.get(path)
            now[path] = known if known and known[0] == mark else (mark, self._try(path))
        self._read = now
        values = [(path, value) for path, (_, value) in now.items()]
        return Contents(
            tuple(value for _, value in values if isinstance(value, Entrusted)),
            {path: value for path, value in values if isinstance(value, str)},
        )

    def _paths(self) -> list[Path]:
        try:
            return sorted(self.path.glob("*.json"))
        except OSError:
            return []

    def _try(self, path: Path) -> Entrusted | str:
        try:
            return read(path, self._deployed, self._genesis)
        except PlumblineError as error:
            return str(error)


def file_in(folder: Path, entrusted: Entrusted) -> Path:
    """A name that no other seat of any deployment has."""
    deployed = entrusted.deployed
    where = f"{deployed.chain_id}-{entrusted.genesis.hex()[:8]}-{deployed.address}"
    return folder / f"{where}-round-{entrusted.round_id}-{entrusted.labeler}.json"


def write(path: Path, entrusted: Entrusted) -> None:
    """Write a private file, all of it or nothing; the same again is no error.

    Raises EntrustedError if something else is there already, StorageError if it cannot be.
    """
    _require_whole(entrusted, path)
    values = {
        "version": _VERSION,
        "chain_id": entrusted.deployed.chain_id,
        "genesis": "0x" + entrusted.genesis.hex(),
        "contract": entrusted.deployed.address,
        "round": entrusted.round_id,
        "labeler": entrusted.labeler,
        "commitment": "0x" + entrusted.commitment.hex(),
        "options": entrusted.options,
        "answers": list(entrusted.answers),
        "salt": "0x" + entrusted.salt.hex(),
    }
    if write_new(path, json.dumps(values) + "\n"):
        return
    try:
        same = read(path, entrusted.deployed, entrusted.genesis) == entrusted
    except StorageError:
        same = False
    if not same:
        raise EntrustedError(f"{path} is something else already: name another file")


def read(path: Path, deployed: Deployed, genesis: bytes) -> Entrusted:
    """Read a file for one deployment on one chain.

    Raises StorageError if it is missing, damaged, for another deployment, or does not hash to
    the commitment it names.
    """
    entrusted = _parsed(_values(path), path)
    if entrusted.deployed.chain_id != deployed.chain_id or entrusted.genesis != genesis:
        raise EntrustedError(
            f"{path} is for another chain ({entrusted.deployed.chain_id}, begun with"
            f" 0x{entrusted.genesis.hex()[:8]}..): export it again on this one"
        )
    if entrusted.deployed.address != deployed.address:
        raise EntrustedError(
            f"{path} is for the contract {entrusted.deployed.address}, not {deployed.address}"
        )
    _require_whole(entrusted, path)
    return entrusted


def _values(path: Path) -> Mapping[str, Any]:
    """Files come from strangers: nothing they hold may do more than be refused."""
    try:
        if not path.is_file():
            raise EntrustedError(f"{path} is not there, or is no file")
        if path.stat().st_size > _LARGEST:
            raise EntrustedError(f"{path} is larger than any sheet of answers: is it the file?")
        values = read_record(path, _VERSION)
    except OSError as error:
        raise EntrustedError(f"{path} cannot be read ({error.strerror})") from None
    except RecursionError:
        raise damaged(path) from None
    if values is None:
        raise EntrustedError(f"{path} is not there")
    return values


def _parsed(values: Mapping[str, Any], path: Path) -> Entrusted:
    try:
        if not MIN_OPTIONS <= _whole(values["options"]) <= MAX_OPTIONS:
            raise ValueError("no number of options")
        return Entrusted(
            deployed=Deployed(_whole(values["chain_id"]), checksum(values["contract"])),
            genesis=_word(values["genesis"]),
            round_id=_whole(values["round"]),
            labeler=checksum(values["labeler"]),
            options=_whole(values["options"]),
            answers=tuple(
                None if answer is None else _whole(answer) for answer in values["answers"]
            ),
            salt=_word(values["salt"]),
            commitment=_word(values["commitment"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError, PlumblineError):
        raise damaged(path) from None


def _require_whole(entrusted: Entrusted, path: Path) -> None:
    """The answers must be what the commitment is of."""
    try:
        opening = entrusted.opening
        made = commitment(
            entrusted.deployed.domain,
            entrusted.round_id,
            opening.labeler,
            opening.sheet,
            opening.salt,
        )
    except PlumblineError:
        raise damaged(path) from None
    if made != entrusted.commitment:
        raise EntrustedError(
            f"{path} does not hash to the commitment it names: it was altered, export it again"
        )


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("no whole number")
    return value


def _word(value: Any) -> bytes:
    word = bytes.fromhex(value.removeprefix("0x"))
    if len(word) != _WORD:
        raise ValueError("no word")
    return word
