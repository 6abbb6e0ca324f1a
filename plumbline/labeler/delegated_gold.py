"""Delegated gold: the gold answers of a round that a requester has somebody else open.

Whoever has such a file knows the gold tasks of the round, so it is for a keeper whom the requester
trusts. A keeper closes the round with it, and nothing else can be done with it on the chain. The
format is JSON:

    version, chain_id, genesis, contract   which deployment, on which chain
    requester, gold_root                   whose gold answers, and their hash on the chain
    options, answers                       the option of each gold task, null for all others
    salt                                   32 bytes, in hex as every hash here

What is read here hashes to the gold root that it names.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from plumbline.errors import PlumblineError
from plumbline.files.private import StorageError, damaged, write_new
from plumbline.files.values import integer, word
from plumbline.formats.deployment_fields import deployment_fields, deployment_of
from plumbline.labeler.delegated_reveals import place_of, require_here, values_of
from plumbline.labeler.vault import Secret
from plumbline.protocol.addresses import checksum
from plumbline.protocol.commitment import gold_root
from plumbline.protocol.typed_data import Deployed
from plumbline.settlement.sheet import pack
from plumbline.settlement.terms import MAX_OPTIONS, MIN_OPTIONS

_VERSION: Final = 1


class DelegatedGoldError(StorageError):
    """Delegated gold that cannot be used, or cannot be written."""


@dataclass(frozen=True, slots=True)
class DelegatedGold:
    """What it takes to close a round with gold. `genesis` is the hash of block 0 of the chain."""

    deployed: Deployed
    genesis: bytes
    requester: str
    secret: Secret

    @property
    def owner(self) -> tuple[str, bytes]:
        """Whose it is, and its gold root."""
        return self.requester, self.secret.digest


def gold_file_in(folder: Path, gold: DelegatedGold) -> Path:
    """A name that no other gold of any deployment has."""
    where = place_of(gold.deployed, gold.genesis)
    return folder / f"{where}-gold-{gold.secret.digest.hex()}.json"


def write_gold(path: Path, gold: DelegatedGold) -> None:
    """Write a private file, all of it or nothing; the same again is no error.

    Raises DelegatedGoldError if something else is there already, StorageError if it cannot be.
    """
    secret = gold.secret
    values = {
        "version": _VERSION,
        **deployment_fields(gold.deployed, gold.genesis),
        "requester": gold.requester,
        "gold_root": "0x" + secret.digest.hex(),
        "options": secret.options,
        "answers": secret.answers,
        "salt": "0x" + secret.salt.hex(),
    }
    if write_new(path, json.dumps(values) + "\n"):
        return
    try:
        same = parse_gold(values_of(path), path, gold.deployed, gold.genesis) == gold
    except StorageError:
        same = False
    if not same:
        raise DelegatedGoldError(f"{path} is something else already: name another folder")


def parse_gold(
    values: Mapping[str, Any], path: Path, deployed: Deployed, genesis: bytes
) -> DelegatedGold:
    """Delegated gold for one deployment on one chain, from the values of its file.

    Raises StorageError if it is damaged, for another deployment, or does not hash to its root.
    """
    gold = _parsed(values, path)
    require_here(path, (gold.deployed, gold.genesis), (deployed, genesis))
    secret = gold.secret
    root = gold_root(deployed.domain, gold.requester, secret.sheet, secret.salt)
    if root != secret.digest:
        raise DelegatedGoldError(
            f"{path} does not hash to the gold root it names: it was altered, delegate it again"
        )
    return gold


def _parsed(values: Mapping[str, Any], path: Path) -> DelegatedGold:
    try:
        options = integer(values["options"])
        if not MIN_OPTIONS <= options <= MAX_OPTIONS:
            raise ValueError("not a possible number of options")
        answers = [None if answer is None else integer(answer) for answer in values["answers"]]
        deployed, genesis = deployment_of(values)
        return DelegatedGold(
            deployed=deployed,
            genesis=genesis,
            requester=checksum(values["requester"]),
            secret=Secret(
                options=options,
                tasks=len(answers),
                sheet=pack(answers, options),
                salt=word(values["salt"]),
                digest=word(values["gold_root"]),
            ),
        )
    except (KeyError, TypeError, ValueError, AttributeError, PlumblineError):
        raise damaged(path) from None
