"""Environments of their own: what a program needs, pinned with hashes, under `.build/consumers`."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.build import ROOT
from tests.locks import asked_for, canonical

HERE: Final = Path(__file__).resolve().parent
PLACE: Final = ROOT / ".build" / "consumers"
_TORCH: Final = HERE / "trl" / "torch.lock"


class UnavailableError(Exception):
    """An environment that cannot be had here, and why."""


def environment(name: str) -> Path:
    """Its Python, after installing what is missing. Raises UnavailableError."""
    locks = sorted((HERE / name).glob("*.lock"))
    digest = hashlib.sha256(b"".join(lock.read_bytes() for lock in locks)).hexdigest()
    stamp, python = PLACE / name / ".stamp", PLACE / name / "bin" / "python"
    if not stamp.is_file() or stamp.read_text() != digest:
        _uv("venv", "--clear", "--python", sys.executable, str(PLACE / name))
        try:
            _uv("pip", "sync", "--require-hashes", "--python", str(python), *map(str, locks))
        except UnavailableError as error:
            raise UnavailableError(f"{error}{_remedy(locks)}") from None
        stamp.write_text(digest)
    return python


def versions(name: str, python: Path) -> dict[str, str]:
    """The versions of the packages that it asks for by name."""
    lines = asked_for((HERE / name / "requirements.in").read_text())
    wanted = [canonical(line.split("==")[0]) for line in lines]
    code = (
        "import sys; from importlib.metadata import version; "
        "print(*(version(name) for name in sys.argv[1:]))"
    )
    found = subprocess.run(
        [python, "-c", code, *wanted], check=True, capture_output=True, text=True
    ).stdout.split()
    return dict(zip(wanted, found, strict=True))


def _uv(*arguments: str) -> None:
    # uv does not know pip's name for a folder of wheels.
    wheels = {"UV_FIND_LINKS": os.environ.get("PIP_FIND_LINKS", "")}
    settings: Mapping[str, str] = {key: value for key, value in wheels.items() if value}
    uv = Path(sys.executable).parent / "uv"
    done = subprocess.run(
        [uv, *arguments, "-q"],
        env={**settings, **os.environ},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise UnavailableError(" ".join(done.stderr.split())[:300])


def _remedy(locks: list[Path]) -> str:
    if _TORCH not in locks:
        return ""
    return (
        " (torch for the CPU alone is wanted, not the build of several GB that has CUDA: put its "
        f"wheel, that of {_TORCH.relative_to(ROOT)}, into a folder, and PIP_FIND_LINKS=FOLDER)"
    )
