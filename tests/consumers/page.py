"""docs/consumers.md: what a run showed."""

from collections.abc import Iterator, Sequence
from typing import Final

from tests.build import ROOT
from tests.consumers.findings import Finding, Kind
from tests.consumers.runs import Run, today

PAGE: Final = ROOT / "docs" / "consumers.md"
_INTRODUCTION: Final = """\
# Programs that read what we write

`make consumers` runs programs that requesters use, as they are published, each in an environment
of its own: on datasets as `requester dataset` writes them, and on tables of answers.
It wrote this page on {date}, and all that is said here was seen in that run.
A small run of each is kept with the tests (`tests/consumers/samples`), and `make test` holds what
our code writes today against it.

"""
_SINGLE: Final = 6
"""How many findings of a sort are told one by one."""
_SECTIONS: Final = {
    Kind.AGREES: ("| what holds | seen |", ""),
    Kind.DIFFERS: ("| where figures differ, and why | seen |", ""),
    Kind.SILENT: (
        "| in silence | seen |",
        "Without an error or a warning:\n\n",
    ),
}


def write(runs: Sequence[Run]) -> None:
    """Writes the page of a run of all programs."""
    PAGE.write_text(text(runs), encoding="utf-8")


def text(runs: Sequence[Run]) -> str:
    """The page."""
    return _INTRODUCTION.format(date=today().isoformat()) + "\n".join(_lines(runs)) + "\n"


def _lines(runs: Sequence[Run]) -> Iterator[str]:
    yield "| program | versions | checks | differences | in silence | seconds | result |"
    yield "|---|---|---|---|---|---|---|"
    for run in runs:
        packages = ", ".join(f"{name} {version}" for name, version in run.versions.items())
        counts = " | ".join(str(run.count(kind)) for kind in Kind)
        yield (
            f"| {run.consumer.title} | {packages} | {counts} | {run.seconds:.0f} | {run.result} |"
        )
    for run in runs:
        yield f"\n## {run.consumer.title}\n\n{run.consumer.note}\n"
        if run.skipped or run.failed:
            yield f"{run.result}: {_cell(run.skipped or run.failed)}"
        blocks = [
            "\n".join(_table(kind, found))
            for kind in Kind
            if (found := [each for each in run.findings if each.kind is kind])
        ]
        yield "\n\n".join(blocks)


def _table(kind: Kind, findings: Sequence[Finding]) -> Iterator[str]:
    heading, before = _SECTIONS[kind]
    yield f"{before}{heading}"
    yield "|---|---|"
    for says in dict.fromkeys(finding.says for finding in findings):
        same = [finding for finding in findings if finding.says == says]
        seen = "; ".join(filter(None, map(_seen, same))) if len(same) <= _SINGLE else _all(same)
        broken = "" if all(finding.holds for finding in same) else "**not so**: "
        yield f"| {broken}{_cell(says)} | {_cell(seen)} |"


def _all(same: Sequence[Finding]) -> str:
    """What was seen of many: how many there were, what there was, and what does not hold."""
    seen = dict.fromkeys(finding.seen for finding in same if finding.holds and finding.seen)
    broken = [_seen(finding) for finding in same if not finding.holds]
    return "; ".join([f"{len(same)} times", *seen, *broken])


def _seen(finding: Finding) -> str:
    seen = (
        f"{finding.on}: {finding.seen}"
        if finding.on and finding.seen
        else (finding.seen or finding.on)
    )
    return seen if finding.holds else f"{seen} (not so)"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
