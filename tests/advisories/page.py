"""What is told of a verdict."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tests.advisories.verdict import Verdict


def show(verdict: Verdict, console: Console) -> None:
    """Prints the findings, who did not answer, what is stale, and in a last line all of it."""
    reasons = list(dict.fromkeys(entry.reason for _, entry in verdict.findings if entry))
    if verdict.findings:
        console.print(_table(verdict, reasons))
    for number, reason in enumerate(reasons, 1):
        console.print(f"reason {number}: {reason}", markup=False)
    for entry in verdict.stale:
        console.print(f"stale in accepted.toml, nothing known is like it: {entry}", markup=False)
    for answer in verdict.answers:
        if answer.silence:
            packages = f"{len(answer.packages)} packages of {answer.lock}"
            line = f"NOT ASKED: {packages}: no answer from {answer.service}: {answer.silence}"
            console.print(line, markup=False)
    console.print(_summary(verdict), markup=False)


def _table(verdict: Verdict, reasons: Sequence[str]) -> Table:
    # Nothing is cut off, however narrow the terminal is.
    table = Table()
    table.add_column("id", no_wrap=True)
    for title in ("package", "where", "mended in", "accepted"):
        table.add_column(title, overflow="fold")
    for finding, entry in verdict.findings:
        accepted = f"reason {reasons.index(entry.reason) + 1}" if entry else "NO"
        package, place = escape(str(finding.package)), escape(finding.place)
        table.add_row(escape(finding.ids[0]), package, place, escape(finding.mended), accepted)
    return table


def _summary(verdict: Verdict) -> str:
    asked = [
        f"{answer.service} about {len(answer.packages)} packages of {answer.lock}"
        for answer in verdict.answers
        if not answer.silence
    ]
    if not asked:
        return "Nobody answered, so nothing is known for or against any package."
    bad = sum(entry is None for _, entry in verdict.findings)
    found = f"{len(verdict.findings)} known vulnerabilities, {bad} of them not accepted"
    rest = "; of the others nothing is known" if verdict.is_silent else ""
    advice = " Update them, or say in tests/advisories/accepted.toml why not." if bad else ""
    return f"Asked {', '.join(asked)}: {found}{rest}.{advice}"
