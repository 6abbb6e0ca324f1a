"""Logs on the disk, so that the next audit reads only what is new.

A file for each deployment: a line that says which, then a line for every stretch of blocks that
was read, with the checkpoint it ends at. Each line begins with a digest of itself and of all
lines before it:

    <digest> {"version": 1, "chain": 1, "genesis": "..", "address": "0x.."}
    <digest> {"block": 120, "hash": "..", "time": 1700000000, "logs": [..]}
    <digest> {"block": 184, ...}

From the first line on that is incomplete or does not follow, the file is cut off: a crash, a full
disk or another program leaves such lines behind. What was cut off is read from the node again.
The digest is not a signature: the cache is a convenience of whoever owns the folder (0700), and
what an audit concludes from it is compared with the chain.
"""

import hashlib
import itertools
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout

from plumbline.chain.logs import Log
from plumbline.files.locations import chain_folder
from plumbline.files.private import StorageError, make_folder
from plumbline.protocol.typed_data import Deployed

_VERSION: Final = 1
_MODE: Final = 0o600
_DIGEST: Final = 16  # bytes
_SPARSE: Final = 1_000  # blocks without a log that are worth a line


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A block up to which everything was read."""

    block: int
    hash: bytes
    timestamp: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """All logs after the previous checkpoint, up to and including this one."""

    checkpoint: Checkpoint
    logs: tuple[Log, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    """Where a line ends in the file, what it covers (-1 the heading), and its digest."""

    end: int
    block: int
    digest: bytes


class LogCache:
    """The cached logs of one deployment. `remarks` lists what went wrong with the file.

    A cache that cannot be written keeps nothing: no audit fails for it.
    """

    def __init__(self, folder: Path, deployed: Deployed) -> None:
        """Touches nothing yet. `folder` is for all deployments."""
        self._folder = folder
        self._deployed = deployed
        self._path: Path | None = None
        self._lock: FileLock | None = None
        self._lines: list[_Line] = []
        self.remarks: list[str] = []

    def load(self, genesis: bytes) -> list[Stretch]:
        """What is kept of the chain whose block 0 has that hash; later calls add to it."""
        chain = chain_folder(self._deployed.chain_id, genesis)
        path = self._folder / chain / f"{self._deployed.address}.logs"
        try:
            make_folder(path.parent)
            lock = FileLock(f"{path}.lock", timeout=0, mode=_MODE, fallback_to_soft=False)
            lock.acquire()
        except Timeout:
            self._give_up(f"another process uses the cache {path}: read from the node instead")
            return []
        except (OSError, StorageError, NotImplementedError) as error:
            self._give_up(f"the cache {path} cannot be used ({error}): name another with --cache")
            return []
        self._lock, self._path = lock, path
        heading = {
            "version": _VERSION,
            "chain": self._deployed.chain_id,
            "genesis": genesis.hex(),
            "address": self._deployed.address,
        }
        return self._load(path, heading)

    def keep(self, stretch: Stretch) -> None:
        """Add what was read after all that is there."""
        if self._path is None:
            return
        end = stretch.checkpoint
        is_first = len(self._lines) == 1
        if not stretch.logs and not is_first and end.block - self._lines[-1].block < _SPARSE:
            return  # the next one covers it
        body = {
            "block": end.block,
            "hash": end.hash.hex(),
            "time": end.timestamp,
            "logs": [
                [
                    log.block,
                    log.index,
                    log.transaction.hex(),
                    [topic.hex() for topic in log.topics],
                    log.data.hex(),
                ]
                for log in stretch.logs
            ],
        }
        self._append(self._path, body, end.block)

    def rewind(self, block: int) -> None:
        """Forget what was read after that block."""
        if self._path is None:
            return
        keep = [line for line in self._lines if line.block <= block]
        if len(keep) < len(self._lines):
            self._lines = keep
            self._cut(self._path, keep[-1].end if keep else 0)

    def discard(self, why: str) -> None:
        """Forget everything, and remember why."""
        self.remarks.append(f"the cache {self._path} was discarded: {why}")
        self.rewind(self._lines[0].block if self._lines else -1)

    def close(self) -> None:
        """Leave the file to others. What is kept stays."""
        if self._lock is not None:
            self._lock.release()
            self._lock, self._path = None, None

    # ---------------------------------------------------------------- internal

    def _load(self, path: Path, heading: dict[str, Any]) -> list[Stretch]:
        try:
            raw = path.read_bytes()
        except FileNotFoundError:
            raw = b""
        except OSError as error:
            self._give_up(f"the cache {path} cannot be read ({error.strerror}): check the file")
            return []
        stretches: list[Stretch] = []
        start = 0
        for line in raw.splitlines(keepends=True):
            body = self._checked(line)
            if body is None:
                break
            if not self._lines:
                if body != heading:
                    break
                block = -1
            else:
                stretch = _stretch(body, stretches)
                if stretch is None:
                    break
                stretches.append(stretch)
                block = stretch.checkpoint.block
            start += len(line)
            self._lines.append(_Line(start, block, bytes.fromhex(line[: 2 * _DIGEST].decode())))
        if start < len(raw):
            known = f"after block {stretches[-1].checkpoint.block}" if stretches else "or foreign"
            self.remarks.append(
                f"the cache {path} is damaged {known}: that part was discarded and is read again"
            )
            self._cut(path, start)
        if not self._lines:
            self._append(path, heading, -1)
        return stretches

    def _checked(self, line: bytes) -> Any:
        """What a line says; None if it is incomplete, or does not follow those before."""
        digest, _, body = line.partition(b" ")
        if not body.endswith(b"\n") or digest != self._digest(body).hex().encode():
            return None
        try:
            return json.loads(body)
        except ValueError:
            return None

    def _digest(self, body: bytes) -> bytes:
        before = self._lines[-1].digest if self._lines else b""
        return hashlib.blake2b(before + body, digest_size=_DIGEST).digest()

    def _append(self, path: Path, body: dict[str, Any], block: int) -> None:
        text = json.dumps(body, separators=(",", ":")).encode() + b"\n"
        digest = self._digest(text)
        line = digest.hex().encode() + b" " + text
        end = (self._lines[-1].end if self._lines else 0) + len(line)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, _MODE)
            with os.fdopen(handle, "wb") as file:
                file.write(line)
        except OSError as error:
            self._give_up(f"the cache {path} cannot be written ({error.strerror}): make room")
            return
        self._lines.append(_Line(end, block, digest))

    def _cut(self, path: Path, end: int) -> None:
        try:
            os.truncate(path, end)
        except OSError as error:
            self._give_up(f"the cache {path} cannot be written ({error.strerror}): remove it")

    def _give_up(self, why: str) -> None:
        self.remarks.append(why)
        self.close()


def _stretch(body: Any, before: Sequence[Stretch]) -> Stretch | None:
    """A line after the heading; None unless it follows those before."""
    try:
        end = Checkpoint(int(body["block"]), bytes.fromhex(body["hash"]), int(body["time"]))
        logs = tuple(
            Log(
                int(block),
                int(index),
                bytes.fromhex(transaction),
                tuple(bytes.fromhex(topic) for topic in topics),
                bytes.fromhex(data),
            )
            for block, index, transaction, topics, data in body["logs"]
        )
    except (KeyError, TypeError, ValueError):
        return None
    first = before[-1].checkpoint.block + 1 if before else 0
    places = [(log.block, log.index) for log in logs]
    in_order = all(place < after for place, after in itertools.pairwise(places))
    within = not places or (first <= places[0][0] and places[-1][0] <= end.block)
    return Stretch(end, logs) if in_order and within and first <= end.block else None
