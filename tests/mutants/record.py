"""What was found out, kept on disk: a hunt that was stopped goes on where it was."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Final

from tests.build import ROOT
from tests.mutants.hunt import Fate, Finding, code_without_mistakes
from tests.mutants.operators import Mutant

_FILE: Final = ROOT / ".cache" / "mutants.jsonl"
_LIKELY: Final = 5  # test files that are tried before all


def note(finding: Finding, file: Path = _FILE) -> None:
    """Keeps a finding about the contracts as they are now."""
    file.parent.mkdir(exist_ok=True)
    line = {"contracts": code_without_mistakes(), "mutant": asdict(finding.mutant)}
    with file.open("a") as record:
        record.write(json.dumps({**line, "fate": finding.fate, "by": finding.by}) + "\n")


def noted(file: Path = _FILE) -> dict[Mutant, Finding]:
    """The last finding about each mutant of the contracts as they are now."""
    if not file.exists():
        return {}
    now, found = code_without_mistakes(), {}
    for line in map(json.loads, file.read_text().splitlines()):
        if line["contracts"] == now:
            mutant = Mutant(**line["mutant"])
            found[mutant] = Finding(mutant, Fate(line["fate"]), line["by"])
    return found


def killers_near(mutant: Mutant, file: Path = _FILE) -> list[str]:
    """Test files under tests/ that killed mutants of the same source file, the nearest first, of
    whatever state of the contracts: they are likely to kill this one, too.
    """
    if not file.exists():
        return []
    killed = [
        (abs(line["mutant"]["line"] - mutant.line), line["by"].partition("::")[0])
        for line in map(json.loads, file.read_text().splitlines())
        if line["fate"] == Fate.KILLED and line["mutant"]["file"] == mutant.file
    ]
    nearest = dict.fromkeys(path.removeprefix("tests/") for _, path in sorted(killed))
    return [path for path in nearest if (ROOT / "tests" / path).is_file()][:_LIKELY]
