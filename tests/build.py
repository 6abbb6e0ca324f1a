"""The contracts as the compiler makes them, once per state of their sources."""

import hashlib
import json
import os
import sysconfig
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
CONTRACTS = ROOT / "contracts"
SOURCES = (
    CONTRACTS / "LabelRounds.vy",
    CONTRACTS / "Judge.vy",
    CONTRACTS / "Lens.vy",
    CONTRACTS / "Multicall.vy",
    CONTRACTS / "RecordBook.vy",
    *sorted((CONTRACTS / "policies").glob("*.vy")),
    *(ROOT / "tests" / "contracts" / name for name in ("QuietToken.vy", "Token.vy", "Wallet.vy")),
)
EVM_VERSION = "cancun"

Compiled = dict[str, dict[str, Any]]


def compiled_contracts(config: pytest.Config) -> Compiled:
    """ABI and bytecode of the contracts, and of tokens and a wallet for tests, by name; with what
    is in the file SEEDED, if that is set, in the place of the contracts it names.

    Compiling takes longer than most tests, so it is kept in pytest's cache.
    """
    seeded = os.environ.get("SEEDED")
    instead = json.loads(Path(seeded).read_text()) if seeded else {}
    return {**_as_they_are(config), **instead}


def _as_they_are(config: pytest.Config) -> Compiled:
    assert config.cache is not None
    key = f"plumbline/compiled-{_fingerprint()}"
    cached: Compiled | None = config.cache.get(key, None)
    if cached is None:
        cached = compile_sources(SOURCES, formats=("abi", "bytecode", "bytecode_runtime"))
        config.cache.set(key, cached)
    return cached


def compile_sources(
    sources: Iterable[Path], root: Path = ROOT, formats: Sequence[str] = ("abi", "bytecode")
) -> Compiled:
    """What the compiler makes of Vyper files, by name; `root` is where their imports are found."""
    from vyper.cli.vyper_compile import compile_files
    from vyper.compiler.settings import Settings

    outputs = compile_files(
        [str(path) for path in sources],
        formats,
        paths=[str(root), sysconfig.get_path("purelib")],
        settings=Settings(evm_version=EVM_VERSION),
    )
    return {Path(path).stem: dict(output) for path, output in outputs.items()}


def _fingerprint() -> str:
    digest = hashlib.sha256("".join(path.stem for path in SOURCES).encode())
    for path in sorted({*CONTRACTS.rglob("*.vy"), *CONTRACTS.rglob("*.vyi"), *SOURCES}):
        digest.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()
