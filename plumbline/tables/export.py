"""From a node to files: the tables of a range of blocks."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from web3 import Web3

from plumbline.chain.blocks import block_at, times_of
from plumbline.chain.deployment import Deployment
from plumbline.chain.events import Event, RoundEvent, RoundOpened, fetch
from plumbline.progress import Progress, no_progress
from plumbline.tables.files import path_of, require_room, to_arrow, write
from plumbline.tables.rows import TablesError, rows_of
from plumbline.tables.schemas import SCHEMAS


@dataclass(frozen=True, slots=True)
class Written:
    """A file that was written: `rows` of a table."""

    table: str
    rows: int
    bytes: int
    path: Path


@dataclass(frozen=True, slots=True)
class Export:
    """What was exported: blocks `first` to `last`, included."""

    chain_id: int
    address: str
    first: int
    last: int
    events: int
    files: tuple[Written, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "chain_id": self.chain_id,
            "address": self.address,
            "from_block": self.first,
            "to_block": self.last,
            "events": self.events,
            "files": [
                {
                    "table": file.table,
                    "rows": file.rows,
                    "bytes": file.bytes,
                    "path": str(file.path),
                }
                for file in self.files
            ],
        }


def export_tables(
    w3: Web3,
    deployment: Deployment,
    folder: Path,
    from_block: int | None = None,
    to_block: int | None = None,
    with_times: bool = True,
    progress: Progress = no_progress,
) -> Export:
    """Write all tables of the blocks from `from_block` (or the deployment) to `to_block` (or the
    latest), included.

    Several may write into one folder at once, each its own range: nothing but the range and the
    openings of its rounds is looked at. Writing a range again replaces it. Raises TablesError
    for a range that is none or overlaps another in the folder, or if the chain was reorganised
    meanwhile; BlockError or EventsError if the node does not answer.
    """
    end = block_at(w3, to_block)
    last = end.block
    first = deployment.block if from_block is None else max(from_block, deployment.block)
    if first > last:
        raise TablesError(f"there is no block from {first} to {last}: the range is empty")
    require_room(folder, first, last)
    events = fetch(w3, deployment, first, last)
    openings = _openings(w3, deployment, events, last, progress)
    times = times_of(w3, (event.block for event in events), progress) if with_times else None
    if block_at(w3, last).hash != end.hash:
        raise TablesError(f"the chain was reorganised at block {last}: export again")
    about = {
        "chain_id": str(deployment.chain_id),
        "contract": deployment.address,
        "asset": deployment.asset,
        "from_block": str(first),
        "to_block": str(last),
        "block_hash": "0x" + end.hash.hex(),
    }
    rows = rows_of(events, openings, times)
    files = []
    for done, name in enumerate(SCHEMAS):
        progress("Writing tables", done, len(SCHEMAS))
        path = path_of(folder, name, first, last)
        write(to_arrow(name, rows[name], about), path)
        files.append(Written(name, len(rows[name]), path.stat().st_size, path))
    return Export(deployment.chain_id, deployment.address, first, last, len(events), tuple(files))


def _openings(
    w3: Web3, deployment: Deployment, events: Sequence[Event], last: int, progress: Progress
) -> dict[int, RoundOpened]:
    """The openings of all rounds in the events; those of before are looked up by their number."""
    openings = {event.round_id: event for event in events if isinstance(event, RoundOpened)}
    missing = sorted(
        {event.round_id for event in events if isinstance(event, RoundEvent)} - openings.keys()
    )
    for done, round_id in enumerate(missing):
        progress("Looking up rounds opened before", done, len(missing))
        for event in fetch(w3, deployment, to_block=last, round_id=round_id):
            if isinstance(event, RoundOpened):
                openings[round_id] = event
                break
    return openings
