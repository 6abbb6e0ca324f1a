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


@dataclass(frozen=True, slots=True)
class SeatingBuild(Build):
    """A policy, or a contract that policies read: anyone creates one, from a wheel too.

    init_code    what creates it, without the arguments of its constructor
    """

    init_code: bytes


@functools.cache
def known_builds() -> tuple[Build, ...]:
    """All builds of the contracts of a deployment."""
    return tuple(
        Build(**{**values, "code_hash": bytes.fromhex(values["code_hash"])})
        for values in _record()["builds"]
    )


@functools.cache
def seating_builds() -> tuple[SeatingBuild, ...]:
    """All builds of the contracts that decide who is seated."""
    return tuple(
        SeatingBuild(
            **{
                **values,
                "code_hash": bytes.fromhex(values["code_hash"]),
                "init_code": bytes.fromhex(values["init_code"]),
            }
        )
        for values in _record()["seating"]
    )


def seating_abi(contract: str) -> list[dict[str, Any]]:
    """The ABI of one of these contracts, by its name."""
    abi: list[dict[str, Any]] = _record()["seating_abi"][contract]
    return abi


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
