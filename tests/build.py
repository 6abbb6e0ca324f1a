"""The contracts as the compiler makes them, once per state of their sources.

`python -m tests.build`, a part of `make compile`, compiles them, warnings being errors.
"""

import hashlib
import json
import os
import sysconfig
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from plumbline.files.atomic import write_whole

ROOT = Path(__file__).resolve().parents[1]
CONTRACTS = ROOT / "contracts"
DEPLOYABLE = [path for path in sorted(CONTRACTS.rglob("*.vy")) if path.parent.name != "modules"]
SOURCES = (
    *DEPLOYABLE,
    *(ROOT / "tests" / "contracts" / name for name in ("QuietToken.vy", "Token.vy", "Wallet.vy")),
)
KEPT = ".cache/contracts"
EVM_VERSION = "cancun"

Compiled = dict[str, dict[str, Any]]


def compiled_contracts(config: pytest.Config) -> Compiled:
    """ABI and bytecode of the contracts, and of tokens and a wallet for tests, by name; with what
    is in the file SEEDED, if that is set, in the place of the contracts it names.

    Compiling takes longer than most tests, so the result is kept in a folder of the project.
    """
    seeded = os.environ.get("SEEDED")
    instead = json.loads(Path(seeded).read_text()) if seeded else {}
    return {**_as_they_are(config.rootpath / KEPT), **instead}


def _as_they_are(folder: Path) -> Compiled:
    """Compiled by one process, however many ask at a time."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / f"{_fingerprint()}.json"
    with FileLock(folder / ".lock"):
        if not kept.exists():
            formats = ("abi", "bytecode", "bytecode_runtime")
            compiled = compile_sources(SOURCES, formats=formats, warnings="error")
            for old in folder.glob("*.json"):
                old.unlink()
            write_whole(kept, json.dumps(compiled).encode())
        found: Compiled = json.loads(kept.read_bytes())
    return found


def compile_sources(
    sources: Iterable[Path],
    root: Path = ROOT,
    formats: Sequence[str] = ("abi", "bytecode"),
    warnings: str | None = None,
) -> Compiled:
    """What the compiler makes of Vyper files, by name; `root` is where their imports are found,
    and `warnings` is "error" if there may be none.
    """
    from vyper.cli.vyper_compile import compile_files
    from vyper.compiler.settings import Settings

    outputs = compile_files(
        [str(path) for path in sources],
        formats,
        paths=[str(root), sysconfig.get_path("purelib")],
        settings=Settings(evm_version=EVM_VERSION),
        warnings_control=warnings,
    )
    return {Path(path).stem: dict(output) for path, output in outputs.items()}


def _fingerprint() -> str:
    used = (version(package) for package in ("vyper", "snekmate"))
    digest = hashlib.sha256(" ".join((*used, *(path.stem for path in SOURCES))).encode())
    for path in sorted({*CONTRACTS.rglob("*.vy"), *CONTRACTS.rglob("*.vyi"), *SOURCES}):
        digest.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


if __name__ == "__main__":
    _as_they_are(ROOT / KEPT)
