"""Running the programs, one after the other."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.consumers.environments import PLACE, UnavailableError, environment, versions
from tests.consumers.findings import Finding, Kind
from tests.consumers.registry import RETURNED, SAMPLES, Consumer, ProgramError

RECORDED: Final = "recorded.json"


@dataclass(frozen=True, slots=True)
class Run:
    """A run of a consumer.

    versions   of its packages; empty if its environment cannot be had
    skipped    why it was not run
    failed     why it did not come to its end
    """

    consumer: Consumer
    versions: dict[str, str]
    findings: Sequence[Finding] = ()
    seconds: float = 0.0
    skipped: str = ""
    failed: str = ""

    @property
    def broken(self) -> list[Finding]:
        """What does not hold."""
        return [finding for finding in self.findings if not finding.holds]

    @property
    def is_good(self) -> bool:
        """Whether nothing speaks against it: it may have been skipped."""
        return not self.failed and not self.broken

    def count(self, kind: Kind) -> int:
        """How many findings of a kind there are."""
        return sum(finding.kind is kind for finding in self.findings)

    @property
    def result(self) -> str:
        """In a word or two."""
        if self.skipped:
            return "skipped"
        if self.failed:
            return "FAILED"
        return f"FAILED ({len(self.broken)})" if self.broken else "passed"


def run(consumer: Consumer) -> Run:
    """Makes the environment, runs the program, and looks at what came of it."""
    begun = time.monotonic()
    try:
        python = environment(consumer.name)
    except UnavailableError as error:
        return Run(consumer, {}, skipped=str(error))
    packages = versions(consumer.name, python)
    folder = PLACE / "runs" / consumer.name
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as given:
        consumer.give(Path(given))
        try:
            returned = consumer.run(python, Path(given), folder)
        except ProgramError as error:
            return Run(consumer, packages, seconds=time.monotonic() - begun, failed=str(error))
        findings = consumer.findings(Path(given), returned)
    return Run(consumer, packages, findings, time.monotonic() - begun)


def record(consumer: Consumer) -> None:
    """Keeps a small run: what was given, and what came of it. Raises as `run` does not."""
    python = environment(consumer.name)
    packages = versions(consumer.name, python)
    folder = PLACE / "runs" / consumer.name
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as given:
        consumer.give_sample(Path(given))
        returned = consumer.run(python, Path(given), folder)
    kept = SAMPLES / consumer.name
    kept.mkdir(parents=True, exist_ok=True)
    (kept / RETURNED).write_text(json.dumps(returned, ensure_ascii=False) + "\n", "utf-8")
    about = {"date": today().isoformat(), "versions": packages}
    (kept / RECORDED).write_text(json.dumps(about, indent=1) + "\n")


def today() -> date:
    """In UTC."""
    return datetime.now(UTC).date()
