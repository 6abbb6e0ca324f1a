"""The labeling page's own code, run by node.js."""

import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

_ROOT: Final = Path(__file__).parents[2]
_ESBUILD: Final = _ROOT / "node_modules" / ".bin" / "esbuild"
_DRIVER: Final = """
import { readFileSync, writeFileSync } from "node:fs";
import { run } from "./bundle.mjs";
writeFileSync(process.argv[3], await run(readFileSync(process.argv[2], "utf8")));
"""

needs_node = pytest.mark.skipif(
    shutil.which("node") is None or not _ESBUILD.exists(),
    reason="node.js or its packages are absent: install node.js 20 or later, then `make setup`",
)


def run_page_code(name: str, given: str, folder: Path) -> str:
    """What `run` of web/tests/NAME gives back for a text."""
    (folder / "given").write_text(given)
    (folder / "driver.mjs").write_text(_DRIVER)
    options = ("--bundle", "--format=esm", "--log-level=warning", "--outfile=bundle.mjs")
    subprocess.run([_ESBUILD, _ROOT / "web" / "tests" / name, *options], cwd=folder, check=True)
    subprocess.run(["node", "driver.mjs", "given", "back"], cwd=folder, check=True, timeout=60)
    return (folder / "back").read_text()
