"""The contracts that this version knows: what their sources compile to.

builds.json is written by `make builds`; tests hold it against the sources.
"""

import functools
import hashlib
import json
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Build:
    """A contract as one compiler makes it for one version of the EVM.

    size         bytes of runtime code, without the immutables behind it
    code_hash    keccak of these, 32 bytes
    """

    contract: str
    compiler: str
    evm_version: str
    size: int
    code_hash: bytes


@functools.cache
def known_builds() -> tuple[Build, ...]:
    """All builds of the contracts of a deployment."""
    return tuple(
        Build(**{**values, "code_hash": bytes.fromhex(values["code_hash"])})
        for values in _record()["builds"]
    )


def rounds_abi() -> list[dict[str, Any]]:
    """The ABI of LabelRounds."""
    abi: list[dict[str, Any]] = _record()["abi"]
    return abi


def recorded_sources() -> str:
    """SHA-256 of the sources that the builds are of, hex; see `hash_sources`."""
    return str(_record()["sources"])


def hash_sources(folder: Path) -> str:
    """SHA-256 of all Vyper sources in a folder, hex."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.vy*")):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()


@functools.cache
def _record() -> dict[str, Any]:
    text = files("plumbline.chain").joinpath("builds.json").read_text(encoding="utf-8")
    record: dict[str, Any] = json.loads(text)
    return record
