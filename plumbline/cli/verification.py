"""What block explorers need to verify a contract: the compiler's standard JSON, and its output."""

import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from vyper.cli.vyper_json import compile_json  # type: ignore[import-untyped]
from vyper.compiler.input_bundle import FilesystemInputBundle  # type: ignore[import-untyped]
from vyper.compiler.phases import CompilerData  # type: ignore[import-untyped]
from vyper.utils import get_long_version  # type: ignore[import-untyped]

from plumbline.errors import PlumblineError

_FOLDER: Final = Path("contracts")


class SourcesError(PlumblineError):
    """Sources that are not here, or do not compile."""


@dataclass(frozen=True, slots=True)
class VerifiableSource:
    """A contract's sources as the compiler takes them, and what it makes of them.

    place     of the contract among the sources, as `contracts/Judge.vy`
    compiler  as explorers write it, `v0.4.3+commit.bff19ea2`
    """

    place: str
    compiler: str
    standard_json: dict[str, Any]
    abi: list[dict[str, Any]]
    runtime_code: bytes


def verifiable(root: Path, name: str, evm_version: str) -> VerifiableSource:
    """A contract below `root`. Raises SourcesError."""
    place = (_FOLDER / f"{name}.vy").as_posix()
    if not (root / place).is_file():
        raise SourcesError(
            f"no sources of the contracts are in {root}: run this in a checkout of Plumbline"
        )
    given = _standard_json(root, place, evm_version)
    made = compile_json(given)["contracts"][place][name]
    return VerifiableSource(
        place=place,
        compiler=f"v{get_long_version()}",
        standard_json=given,
        abi=made["abi"],
        runtime_code=bytes.fromhex(made["evm"]["deployedBytecode"]["object"].removeprefix("0x")),
    )


def _standard_json(root: Path, place: str, evm_version: str) -> dict[str, Any]:
    """Under the names that the sources import each other by, wherever they are on this computer."""
    installed = Path(sysconfig.get_path("purelib"))
    files = FilesystemInputBundle([installed, root])
    data = CompilerData(files.load_file(root / place), input_bundle=files)
    contents = {}
    for source in (*data.resolved_imports.compiler_inputs, data.file_input):
        if not source.from_builtin:
            name = _name(Path(source.resolved_path).resolve(), root, installed)
            contents[name] = {"content": source.contents}
    return {
        "language": "Vyper",
        "sources": dict(sorted(contents.items())),
        "settings": {
            "evmVersion": evm_version,
            "search_paths": ["."],
            "outputSelection": {place: ["*"]},
        },
    }


def _name(path: Path, root: Path, installed: Path) -> str:
    ours = (root / _FOLDER).resolve()
    if path.is_relative_to(ours):
        return (_FOLDER / path.relative_to(ours)).as_posix()
    return path.relative_to(installed.resolve()).as_posix()
