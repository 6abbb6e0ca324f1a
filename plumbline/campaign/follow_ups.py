"""The file of a campaign's follow-up rounds: which items are asked again together.

It lies beside the campaign file, FILE.follow-ups.json, and is on disk before anything is sent:

    version, chain_id, genesis, contract, requester   where, and for whom
    rounds    of each: tasks_root, seats, admission (null for that of the campaign file), excluded
              (rounds by number), items (by name, in their order)

What is asked again was decided from what had been answered by then, so unlike the state file it
cannot be made anew from the campaign file and the chain: it belongs to the campaign file. It says
nothing of gold; that every known answer in a follow-up round is gold takes the campaign file.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from plumbline.errors import PlumblineError
from plumbline.files.private import damaged, read_record, write_over
from plumbline.files.values import integer, word
from plumbline.formats.deployment_fields import deployment_fields, deployment_of
from plumbline.protocol.addresses import checksum
from plumbline.protocol.typed_data import Deployed

_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A follow-up round.

    seats       how many labelers answer it
    admission   policy contract; None for that of the campaign file
    excluded    earlier rounds of the deployment: who answered in one of them gets no seat
    items       by name, in their order
    """

    root: bytes
    seats: int
    admission: str | None
    excluded: tuple[int, ...]
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FollowUps:
    """Those of a campaign. `genesis` is the hash of block 0."""

    deployed: Deployed
    genesis: bytes
    requester: str
    rounds: tuple[FollowUp, ...]


def follow_ups_path(campaign_file: Path) -> Path:
    """Where the follow-up rounds of a campaign are written down."""
    return campaign_file.with_suffix(".follow-ups.json")


def read_follow_ups(path: Path) -> FollowUps | None:
    """What the file says; None if there is none. Raises StorageError if it is damaged."""
    values = read_record(path, _VERSION)
    if values is None:
        return None
    try:
        deployed, genesis = deployment_of(values)
        return FollowUps(
            deployed=deployed,
            genesis=genesis,
            requester=checksum(values["requester"]),
            rounds=tuple(_round(each) for each in values["rounds"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError, PlumblineError):
        raise damaged(path) from None


def write_follow_ups(path: Path, follow_ups: FollowUps) -> None:
    """Write it, all of it or nothing. Raises StorageError."""
    values = {
        "version": _VERSION,
        **deployment_fields(follow_ups.deployed, follow_ups.genesis),
        "requester": follow_ups.requester,
        "rounds": [
            {
                "tasks_root": "0x" + each.root.hex(),
                "seats": each.seats,
                "admission": each.admission,
                "excluded": list(each.excluded),
                "items": list(each.items),
            }
            for each in follow_ups.rounds
        ],
    }
    write_over(path, json.dumps(values, ensure_ascii=False, indent=1) + "\n")


def _round(values: Mapping[str, Any]) -> FollowUp:
    items, admission, excluded = values["items"], values["admission"], values["excluded"]
    if not isinstance(excluded, list):
        raise ValueError("excluded are not rounds")
    if not isinstance(items, list) or not all(isinstance(name, str) for name in items):
        raise ValueError("items are not names")
    return FollowUp(
        word(values["tasks_root"]),
        integer(values["seats"]),
        None if admission is None else checksum(admission),
        tuple(integer(each) for each in excluded),
        tuple(items),
    )
