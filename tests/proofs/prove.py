"""Proves what `check_` functions claim, for all their arguments, on the bytecode of the compiler.

`make proofs` runs this; what follows is handed on to halmos, e.g. `--function check_compare`.
"""

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from vyper.cli.vyper_compile import compile_files
from vyper.compiler.settings import Settings

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
HALMOS = ROOT / ".build" / "proofs" / "bin" / "halmos"
SOURCES = sorted(HERE.glob("*Proofs.vy"))
FORMATS = ["abi", "bytecode", "bytecode_runtime", "method_identifiers"]
# Yices comes as a wheel along with halmos. No loop is longer than the sixteen options.
OPTIONS = ["--solver", "yices", "--storage-layout", "generic", "--loop", "16"]


def artifact(name: str, built: dict[str, Any]) -> dict[str, Any]:
    """What halmos wants to see is a build of Foundry's."""
    selectors = {key: value[2:].zfill(8) for key, value in built["method_identifiers"].items()}
    contract = {"nodeType": "ContractDefinition", "name": name, "contractKind": "contract"}
    return {
        "abi": built["abi"],
        "bytecode": {"object": built["bytecode"], "linkReferences": {}},
        "deployedBytecode": {"object": built["bytecode_runtime"], "linkReferences": {}},
        "methodIdentifiers": selectors,
        "metadata": {"compiler": {"version": "0.4.3"}, "output": {"devdoc": {"methods": {}}}},
        "ast": {"absolutePath": f"{name}.vy", "id": 1, "nodes": [{**contract, "nodes": []}]},
        "id": 0,
    }


def main() -> int:
    built = compile_files(
        [str(path) for path in SOURCES],
        FORMATS,
        paths=[str(ROOT), sysconfig.get_path("purelib")],
        settings=Settings(evm_version="cancun"),
    )
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for path, output in built.items():
            name = Path(path).stem
            home = folder / "out" / f"{name}.sol"
            home.mkdir(parents=True)
            (home / f"{name}.json").write_text(json.dumps(artifact(name, output)))
        # Halmos would have Foundry build; all is built.
        forge = folder / "bin" / "forge"
        forge.parent.mkdir()
        forge.write_text("#!/bin/sh\n")
        forge.chmod(0o755)
        search = os.pathsep.join([str(forge.parent), str(HALMOS.parent), os.environ["PATH"]])
        command = [str(HALMOS), "--root", str(folder), *OPTIONS, *sys.argv[1:]]
        return subprocess.run(
            command, check=False, env={**os.environ, "PATH": search, "HOME": temporary}
        ).returncode


if __name__ == "__main__":
    sys.exit(main())
