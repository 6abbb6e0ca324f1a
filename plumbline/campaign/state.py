"""The state file of a campaign: what is in which round, and what has been done so far.

It lies beside the campaign file, FILE.state.json, private and always whole:

    version, chain_id, genesis, contract, requester   where, and for whom
    rounds    of each: tasks_root, items (by name, in their order), round (null until it is opened)
    fees      wei that the requester paid for each transaction of the campaign

Nothing of it is needed to go on: the rounds follow from the campaign file, follow-up rounds from
the file that lists them, and what was opened from the chain, so an empty machine makes it anew. It
is there to notice what must not be: tasks that were changed when rounds had been opened, another
chain, a node that is behind. It says nothing of gold.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from plumbline.campaign.follow_ups import follow_ups_path
from plumbline.campaign.rounds import Campaign
from plumbline.errors import PlumblineError
from plumbline.files.private import StorageError, damaged, read_record, write_over
from plumbline.files.values import hex_bytes, integer, word
from plumbline.formats.deployment_fields import deployment_fields, deployment_of
from plumbline.protocol.addresses import checksum
from plumbline.protocol.typed_data import Deployed

_VERSION: Final = 1


class StateError(StorageError):
    """A state file that is not of this campaign, or not of this chain."""


@dataclass(frozen=True, slots=True)
class RecordedRound:
    """A round of the campaign; `round_id` is None until it is opened."""

    root: bytes
    items: tuple[str, ...]
    round_id: int | None


@dataclass(frozen=True, slots=True)
class CampaignState:
    """What has been done. `genesis` is the hash of block 0, `fees` wei by transaction."""

    deployed: Deployed
    genesis: bytes
    requester: str
    rounds: tuple[RecordedRound, ...]
    fees: Mapping[bytes, int] = field(default_factory=dict)

    @property
    def opened(self) -> dict[bytes, int]:
        """The rounds that are open or were, by the root of their tasks."""
        return {each.root: each.round_id for each in self.rounds if each.round_id is not None}


def state_path(campaign_file: Path) -> Path:
    """Where the state of a campaign is."""
    return campaign_file.with_suffix(".state.json")


def read_state(path: Path) -> CampaignState | None:
    """What a state file says; None if there is none. Raises StorageError if it is damaged."""
    try:
        values = read_record(path, _VERSION)
        return None if values is None else _parsed(values, path)
    except StorageError as error:
        raise StateError(f"{error}; or remove it: it is made anew from the chain") from None


def write_state(path: Path, state: CampaignState) -> None:
    """Write it, all of it or nothing. Raises StorageError."""
    values = {
        "version": _VERSION,
        **deployment_fields(state.deployed, state.genesis),
        "requester": state.requester,
        "rounds": [
            {
                "tasks_root": "0x" + each.root.hex(),
                "round": each.round_id,
                "items": list(each.items),
            }
            for each in state.rounds
        ],
        "fees": {"0x" + key.hex(): str(fee) for key, fee in state.fees.items()},
    }
    write_over(path, json.dumps(values, ensure_ascii=False, indent=1) + "\n")


def require_same_campaign(
    state: CampaignState,
    path: Path,
    campaign: Campaign,
    deployed: Deployed,
    genesis: bytes,
    requester: str,
) -> None:
    """Raise StateError unless the state is that of this campaign, here.

    Tasks, gold answers and `batch` may change until the first round is opened; money, times and
    limits at any time: they count for what is opened afterwards.
    """
    if (state.deployed, state.genesis) != (deployed, genesis):
        raise StateError(
            f"{path} is of another chain or deployment ({state.deployed.address} on chain "
            f"{state.deployed.chain_id}): move it away if the campaign is to be done here as well"
        )
    if not state.opened:
        return
    if state.requester != requester:
        raise StateError(
            f"the campaign was begun by {state.requester}, not {requester}: use that account"
        )
    first = tuple(each.root for each in campaign.first_rounds)
    if tuple(each.root for each in state.rounds[: len(first)]) != first:
        raise StateError(
            f"{campaign.path}: tasks, gold answers, batch or what is shown were changed after "
            f"{len(state.opened)} of {len(state.rounds)} rounds had been opened: put them back as "
            f"they were, or ask the new tasks in a campaign file of their own ({path} has what "
            "was in each round)"
        )
    lost = [number for root, number in state.opened.items() if root not in campaign.by_root]
    if lost:
        raise StateError(
            f"{path} has round {lost[0]}, a follow-up round that {follow_ups_path(campaign.path)} "
            "does not have: put that file back as it was"
        )


def _parsed(values: Mapping[str, Any], path: Path) -> CampaignState:
    try:
        deployed, genesis = deployment_of(values)
        return CampaignState(
            deployed=deployed,
            genesis=genesis,
            requester=checksum(values["requester"]),
            rounds=tuple(_round(each) for each in values["rounds"]),
            fees={hex_bytes(key, 32, 32): _amount(fee) for key, fee in values["fees"].items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError, PlumblineError):
        raise damaged(path) from None


def _round(values: Mapping[str, Any]) -> RecordedRound:
    number, items = values["round"], values["items"]
    if not isinstance(items, list) or not all(isinstance(name, str) for name in items):
        raise ValueError("items are not names")
    return RecordedRound(
        word(values["tasks_root"]), tuple(items), None if number is None else integer(number)
    )


def _amount(value: object) -> int:
    if not isinstance(value, str) or not (value.isascii() and value.isdigit()):
        raise ValueError("not an amount")
    return int(value)
