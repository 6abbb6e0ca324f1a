"""The programs that are run."""

import importlib
import json
import os
import subprocess
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.build import ROOT
from tests.consumers.findings import Finding

SAMPLES: Final = Path(__file__).resolve().parent / "samples"
RETURNED: Final = "returned.json"
_LONGEST: Final = 1_200  # seconds
# Nothing is fetched while programs run.
_OFFLINE: Final = {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "OMP_NUM_THREADS": "1"}


class ProgramError(Exception):
    """A program that did not come to its end."""


@dataclass(frozen=True, slots=True)
class Consumer:
    """A program, or several of a kind, that has a folder of its name here.

    title    what people call it
    given    what it is given: tables of answers, or exported datasets
    note     how it is run, a sentence or two
    """

    name: str
    title: str
    given: str
    note: str

    def give(self, folder: Path) -> None:
        """Writes what it is given."""
        _module(f"{self.given}.give")(folder)

    def give_sample(self, folder: Path) -> None:
        """Writes the part of it whose results are kept."""
        _module(f"{self.given}.give_sample")(folder)

    def findings(self, given: Path, returned: Mapping[str, Any]) -> list[Finding]:
        """What it showed."""
        found: Iterable[Finding] = _module(f"tests.consumers.{self.name}.findings.findings")(
            given, returned
        )
        return list(found)

    def run(self, python: Path, given: Path, folder: Path) -> dict[str, Any]:
        """What it made of what it was given. Raises ProgramError."""
        returned = folder / RETURNED
        returned.unlink(missing_ok=True)
        program = f"tests.consumers.{self.name}.program"
        command = [str(python), "-m", program, str(given), str(returned)]
        log = folder / "log"
        settings = {"HF_HOME": str(folder / "cache"), **_OFFLINE}
        with log.open("wb") as written:
            try:
                code = subprocess.run(
                    command,
                    cwd=ROOT,
                    env={**os.environ, **settings},
                    stdout=written,
                    stderr=written,
                    timeout=_LONGEST,
                    check=False,
                ).returncode
            except subprocess.TimeoutExpired:
                raise ProgramError(f"not done after {_LONGEST} s: {log}") from None
        if code or not returned.is_file():
            last = log.read_text(errors="replace").strip().splitlines()[-1:] or [
                f"exit code {code}"
            ]
            raise ProgramError(f"{last[0][:300]} ({log})")
        found: dict[str, Any] = json.loads(returned.read_text(encoding="utf-8"))
        return found


def _module(place: str) -> Callable[..., Any]:
    module, _, name = place.rpartition(".")
    found: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return found


_EXPORTED: Final = "tests.consumers.exported"
CONSUMERS: Final = (
    Consumer(
        "trl",
        "TRL",
        _EXPORTED,
        "A trainer takes one step on up to sixteen rows of a file that names it. Model (a Llama of "
        "one layer) and tokenizer (a token a byte) are made at random on the spot.",
    ),
    Consumer(
        "datasets",
        "datasets",
        _EXPORTED,
        "`load_dataset(FOLDER, CONFIG)` of every config of folders of every kind of question.",
    ),
    Consumer(
        "label_studio",
        "Label Studio",
        _EXPORTED,
        "A server with a database of its own (SQLite) is started, given every file through its "
        "API, and asked for its export.",
    ),
    Consumer(
        "argilla",
        "Argilla",
        _EXPORTED,
        "Its server needs Elasticsearch, which is no package of Python: its SDK is run, and a "
        "stand-in takes what that sends. What a server would refuse was not seen.",
    ),
    Consumer(
        "aggregation",
        "crowd-kit, krippendorff, choix, scikit-learn",
        "tests.consumers.aggregation.given",
        "Of methods is seen how many labels differ, and by how much a probability does at most. "
        "Real crowds are those of [aggregation.md](aggregation.md), where they are at hand. "
        "crowd-kit gets our smoothing by tasks of known truth that everybody answered in every "
        "way, or by a step of ours in the place of its own.",
    ),
)
