"""What an account has sent, on disk before it goes out, so that a crash loses nothing.

Each transaction is a file of its own, from before its first broadcast until whoever asked for it
has acknowledged the outcome; then it moves to `done`. The folder of an account on a chain is

    <vault>/<chain id>-<start of the genesis hash>/journal/<account>/
        00000007.json         under way: the call, and every signed form of it
        00000007.lock         held by the process that has claimed it
        nonce.lock            held while a nonce is chosen, signed for and sent out
        done/00000007-<start of the hash>.json

A file whose lock nobody holds was left behind by a process that died. Signed forms of one file
share a nonce, so at most one of them can ever be in a block.
"""

import contextlib
import errno
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout

from plumbline.chain.call import Call
from plumbline.errors import PlumblineError
from plumbline.files.private import (
    DamagedError,
    StorageError,
    damaged,
    make_folder,
    read_record,
    set_aside,
    write_new,
    write_over,
)
from plumbline.protocol.addresses import checksum

_VERSION: Final = 1
_MODE: Final = 0o600
_TURN: Final = 120.0  # seconds until a nonce is to be had; a broadcast takes a few
_QUIET: Final = 0.7  # seconds until it is said that one is waited for


class JournalError(StorageError):
    """A journal that cannot be used."""


class FinalStatus(Enum):
    """How a transaction has ended."""

    LANDED = "landed"
    REVERTED = "reverted"  # in a block, and changed nothing but the fee
    DROPPED = "dropped"  # in no block, and never will be


@dataclass(frozen=True, slots=True)
class Attempt:
    """One signed form of a transaction.

    transaction   its hash, 0x hex
    raw           what is broadcast
    max_fee, tip  wei per gas; the same for a node without EIP-1559
    signed_at     unix seconds by the clock of this machine
    """

    transaction: str
    raw: bytes
    max_fee: int
    tip: int
    signed_at: int


@dataclass(frozen=True, slots=True)
class SentTransaction:
    """A transaction that may have gone out; `gas` is its limit, `block` where it is at last.

    `fee` is what it cost there, wei, with what a rollup takes for layer 1.

    With a block and no status it is under way once more: the chain has taken that block back.
    """

    account: str
    nonce: int
    call: Call
    gas: int
    attempts: tuple[Attempt, ...]
    status: FinalStatus | None = None
    block: int | None = None
    fee: int | None = None

    @property
    def last(self) -> Attempt:
        """The form with the highest fee."""
        return self.attempts[-1]

    def with_attempt(self, attempt: Attempt) -> "SentTransaction":
        """With one more signed form."""
        return replace(self, attempts=(*self.attempts, attempt))

    def ended(
        self, status: FinalStatus, block: int | None = None, fee: int | None = None
    ) -> "SentTransaction":
        """With its outcome."""
        return replace(self, status=status, block=block, fee=fee)


@dataclass(frozen=True, slots=True)
class Journal:
    """The transactions of one account on one chain, below `folder`."""

    folder: Path

    @classmethod
    def of(cls, chain_folder: Path, account: str) -> "Journal":
        """Where it belongs in the folder of a chain."""
        return cls(chain_folder / "journal" / checksum(account))

    @contextlib.contextmanager
    def nonce_lock(self, announce: Callable[[str], None]) -> Iterator[None]:
        """Only one process at a time chooses a nonce. Raises JournalError after two minutes.

        `announce` is told if there is anything to wait for.
        """

        def tell() -> None:
            announce(
                f"waiting, up to {_TURN:.0f} seconds, for another command of this account that is"
                " sending"
            )

        with self._locked("nonce", _TURN, tell) as is_ours:
            if not is_ours:
                raise JournalError(
                    "another command of this account has been sending for two minutes:"
                    " end it, or wait"
                )
            yield

    @contextlib.contextmanager
    def claimed(self, nonce: int) -> Iterator[bool]:
        """Whether this process may handle that transaction while in here, or another does."""
        with self._locked(f"{nonce:08d}", 0) as is_ours:
            try:
                yield is_ours
            finally:
                if is_ours and not self._path(nonce).exists():
                    self._path(nonce).with_suffix(".lock").unlink(missing_ok=True)

    def nonces(self) -> list[int]:
        """Of what is under way, left behind, or not acknowledged yet; lowest first."""
        stems = [path.stem for path in self.folder.glob("[0-9]*.json")]
        return sorted(int(stem) for stem in stems if stem.isdigit())

    def read(self, nonce: int) -> SentTransaction | None:
        """What is at a nonce, under way or not acknowledged yet. Raises StorageError."""
        return _read(self._path(nonce))

    def read_or_set_aside(self, nonce: int) -> SentTransaction | None:
        """As `read`; JournalError if it is damaged, and then it is out of the way.

        The chain knows its outcome, and nothing else has to wait. Only for who has claimed that
        nonce.
        """
        path = self._path(nonce)
        try:
            return self.read(nonce)
        except DamagedError as error:
            aside = set_aside(path, "damaged")
            raise JournalError(
                f"{error}. It is {aside} now: look up the outcome of your transaction with nonce"
                f" {nonce} before you deposit or withdraw again; everything else can be run again"
            ) from None

    def keep(self, sent: SentTransaction) -> None:
        """Write down what is about to be broadcast, or its outcome. Raises StorageError."""
        write_over(self._path(sent.nonce), _text(sent))

    def archive(self, sent: SentTransaction) -> None:
        """Move it to `done`: its outcome is acknowledged. Raises StorageError."""
        write_over(self._done_path(sent), _text(sent))
        self._path(sent.nonce).unlink(missing_ok=True)

    def landed_from(self, nonce: int) -> list[SentTransaction]:
        """What was acknowledged as landed, at that nonce or a later one; latest first."""
        landed = []
        for path in (self.folder / "done").glob("[0-9]*.json"):
            if int(path.name[:8]) < nonce:
                continue
            with contextlib.suppress(StorageError):  # of no use, and in nobody's way
                sent = _read(path)
                if sent is not None and sent.status is FinalStatus.LANDED:
                    landed.append(sent)
        return sorted(landed, key=lambda sent: sent.last.signed_at, reverse=True)

    def reopen(self, sent: SentTransaction) -> None:
        """It is under way again, as its block is not on the chain any more. Raises StorageError.

        Only for who has claimed that nonce. Nothing happens if something else is there by now.
        """
        if write_new(self._path(sent.nonce), _text(replace(sent, status=None))):
            self._done_path(sent).unlink(missing_ok=True)

    def done(self) -> list[SentTransaction]:
        """All that is over and acknowledged, by nonce."""
        done = [_read(path) for path in sorted((self.folder / "done").glob("[0-9]*.json"))]
        return [sent for sent in done if sent is not None]

    @contextlib.contextmanager
    def _locked(
        self, name: str, timeout: float, tell: Callable[[], None] | None = None
    ) -> Iterator[bool]:
        make_folder(self.folder)
        # The operating system lets go of it when the process dies, however it does.
        lock = FileLock(self.folder / f"{name}.lock", mode=_MODE, fallback_to_soft=False)
        try:
            try:
                lock.acquire(timeout=min(timeout, _QUIET))
            except Timeout:
                if tell is None:
                    raise
                tell()
                lock.acquire(timeout=timeout)
        except Timeout:
            yield False
            return
        except (OSError, NotImplementedError) as error:
            raise JournalError(_why_not(lock.lock_file, error)) from None
        try:
            yield True
        finally:
            lock.release()

    def _path(self, nonce: int) -> Path:
        return self.folder / f"{nonce:08d}.json"

    def _done_path(self, sent: SentTransaction) -> Path:
        return self.folder / "done" / f"{sent.nonce:08d}-{sent.last.transaction[2:10]}.json"


def _why_not(file: str, error: OSError | NotImplementedError) -> str:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"{file} cannot be written ({error.strerror}): make room"
    return f"{file} cannot be locked ({error}): put the vault on a local disk"


def _text(sent: SentTransaction) -> str:
    values = {
        "version": _VERSION,
        "account": sent.account,
        "nonce": sent.nonce,
        "description": sent.call.description,
        "to": sent.call.to,
        "value": str(sent.call.value),
        "data": "0x" + sent.call.data.hex(),
        "gas": sent.gas,
        "attempts": [
            {
                "transaction": attempt.transaction,
                "raw": "0x" + attempt.raw.hex(),
                "max_fee": str(attempt.max_fee),
                "tip": str(attempt.tip),
                "signed_at": attempt.signed_at,
            }
            for attempt in sent.attempts
        ],
        "status": sent.status.value if sent.status else None,
        "block": sent.block,
        "fee": None if sent.fee is None else str(sent.fee),
    }
    return json.dumps(values, indent=1) + "\n"


def _read(path: Path) -> SentTransaction | None:
    values = read_record(path, _VERSION)
    return None if values is None else _sent(values, path)


def _sent(values: Mapping[str, Any], path: Path) -> SentTransaction:
    try:
        attempts = tuple(
            Attempt(
                transaction=str(item["transaction"]),
                raw=bytes.fromhex(item["raw"][2:]),
                max_fee=int(item["max_fee"]),
                tip=int(item["tip"]),
                signed_at=int(item["signed_at"]),
            )
            for item in values["attempts"]
        )
        if not attempts:
            raise ValueError("nothing was signed")
        return SentTransaction(
            account=checksum(values["account"]),
            nonce=int(values["nonce"]),
            call=Call(
                to=None if values["to"] is None else checksum(values["to"]),
                data=bytes.fromhex(values["data"][2:]),
                value=int(values["value"]),
                description=str(values["description"]),
            ),
            gas=int(values["gas"]),
            attempts=attempts,
            status=FinalStatus(values["status"]) if values["status"] else None,
            block=None if values["block"] is None else int(values["block"]),
            fee=None if values["fee"] is None else int(values["fee"]),
        )
    except (KeyError, TypeError, ValueError, PlumblineError):
        raise damaged(path) from None
