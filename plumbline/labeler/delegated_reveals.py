"""Delegated reveals: the answers that a labeler has somebody else reveal, a file for each seat.

Whoever has such a file before the commit phase ends can take a share of the stake with it and
have the labeler slashed; afterwards it can only be used for what it is for. The format is JSON:

    version, chain_id, genesis, contract   which deployment, on which chain
    round, labeler, commitment             whose seat, and what it holds
    options, answers                       an option or null for each task
    salt                                   32 bytes, in hex as every hash here

What is read here hashes to the commitment that it names. Whether that
commitment is on chain is for the reader to look up.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from plumbline.errors import PlumblineError
from plumbline.files.private import StorageError, damaged, read_record, write_new
from plumbline.files.values import integer, word
from plumbline.formats.deployment_fields import deployment_fields, deployment_of
from plumbline.labeler.vault import Secret
from plumbline.protocol.addresses import checksum
from plumbline.protocol.commitment import Opening, commitment
from plumbline.protocol.typed_data import Deployed
from plumbline.settlement.sheet import pack
from plumbline.settlement.terms import MAX_OPTIONS, MIN_OPTIONS

_VERSION: Final = 1
_LARGEST: Final = 64 * 1024  # bytes; 256 answers take two thousand


class DelegatedRevealError(StorageError):
    """A delegated reveal that cannot be used, or cannot be written."""


@dataclass(frozen=True, slots=True)
class DelegatedReveal:
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
        """The arguments of `reveal`."""
        return Opening(self.labeler, pack(self.answers, self.options), self.salt)

    @classmethod
    def of(
        cls, secret: Secret, deployed: Deployed, genesis: bytes, round_id: int, labeler: str
    ) -> "DelegatedReveal":
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


def file_in(folder: Path, delegated: DelegatedReveal) -> Path:
    """A name that no other seat of any deployment has."""
    where = place_of(delegated.deployed, delegated.genesis)
    return folder / f"{where}-round-{delegated.round_id}-{delegated.labeler}.json"


def write(path: Path, delegated: DelegatedReveal) -> None:
    """Write a private file, all of it or nothing; the same again is no error.

    Raises DelegatedRevealError if something else is there already, StorageError if it cannot be.
    """
    _require_consistent(delegated, path)
    text = to_json(delegated)
    if write_new(path, text):
        return
    try:
        same = read(path, delegated.deployed, delegated.genesis) == delegated
    except StorageError:
        same = False
    if not same:
        raise DelegatedRevealError(f"{path} is something else already: name another file")


def to_json(delegated: DelegatedReveal) -> str:
    """The text of a file."""
    values = {
        "version": _VERSION,
        **deployment_fields(delegated.deployed, delegated.genesis),
        "round": delegated.round_id,
        "labeler": delegated.labeler,
        "commitment": "0x" + delegated.commitment.hex(),
        "options": delegated.options,
        "answers": list(delegated.answers),
        "salt": "0x" + delegated.salt.hex(),
    }
    return json.dumps(values) + "\n"


def read(path: Path, deployed: Deployed, genesis: bytes) -> DelegatedReveal:
    """Read a file for one deployment on one chain.

    Raises StorageError if it is missing, damaged, for another deployment, or does not hash to
    the commitment it names.
    """
    return parse(values_of(path), path, deployed, genesis)


def parse(values: Any, source: Path | str, deployed: Deployed, genesis: bytes) -> DelegatedReveal:
    """As `read`, from the values of the file; `source` is what errors call it."""
    delegated = _parsed(values, source)
    require_here(source, (delegated.deployed, delegated.genesis), (deployed, genesis))
    _require_consistent(delegated, source)
    return delegated


def require_here(
    source: Path | str, of: tuple[Deployed, bytes], here: tuple[Deployed, bytes]
) -> None:
    """Raise DelegatedRevealError unless a file is for this deployment on this chain."""
    if (of[0].chain_id, of[1]) != (here[0].chain_id, here[1]):
        raise DelegatedRevealError(
            f"{source} is for another chain ({of[0].chain_id}, begun with"
            f" 0x{of[1].hex()[:8]}..): export it again on this one"
        )
    if of[0].address != here[0].address:
        raise DelegatedRevealError(
            f"{source} is for the contract {of[0].address}, not {here[0].address}"
        )


def place_of(deployed: Deployed, genesis: bytes) -> str:
    """What tells files of one deployment from those of others, in their names."""
    return f"{deployed.chain_id}-{genesis.hex()[:8]}-{deployed.address}"


def values_of(path: Path) -> Mapping[str, Any]:
    """Files come from strangers: nothing they hold may do more than be refused.

    Raises StorageError.
    """
    try:
        if not path.is_file():
            raise DelegatedRevealError(f"{path} is not there, or is not a file")
        if path.stat().st_size > _LARGEST:
            raise DelegatedRevealError(
                f"{path} is larger than any sheet of answers: is it the right file?"
            )
        values = read_record(path, _VERSION)
    except OSError as error:
        raise DelegatedRevealError(f"{path} cannot be read ({error.strerror})") from None
    except RecursionError:
        raise damaged(path) from None
    if values is None:
        raise DelegatedRevealError(f"{path} is not there")
    return values


def _parsed(values: Any, source: Path | str) -> DelegatedReveal:
    try:
        if integer(values["version"]) != _VERSION:
            raise ValueError("of another version")
        if not MIN_OPTIONS <= integer(values["options"]) <= MAX_OPTIONS:
            raise ValueError("not a possible number of options")
        deployed, genesis = deployment_of(values)
        return DelegatedReveal(
            deployed=deployed,
            genesis=genesis,
            round_id=integer(values["round"]),
            labeler=checksum(values["labeler"]),
            options=integer(values["options"]),
            answers=tuple(
                None if answer is None else integer(answer) for answer in values["answers"]
            ),
            salt=word(values["salt"]),
            commitment=word(values["commitment"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError, PlumblineError):
        raise damaged(source) from None


def _require_consistent(delegated: DelegatedReveal, source: Path | str) -> None:
    """The answers must be what the commitment is of."""
    try:
        opening = delegated.opening
        expected = commitment(
            delegated.deployed.domain,
            delegated.round_id,
            opening.labeler,
            opening.sheet,
            opening.salt,
        )
    except PlumblineError:
        raise damaged(source) from None
    if expected != delegated.commitment:
        raise DelegatedRevealError(
            f"{source} does not hash to the commitment it names: it was altered, export it again"
        )
