"""Mutation testing of the contracts: is there a test for every assert, comparison, constant and
write? See docs/mutants.md.
"""

import os
import sys
from collections.abc import Iterable, Sequence

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tests.build import CONTRACTS
from tests.mutants import page, record
from tests.mutants.hunt import Fate, Finding, hunt, hunt_slowly
from tests.mutants.operators import Mutant, mutants_of


@click.command()
@click.option("--only", default="", help="Only mutants whose line in the list has this in it.")
@click.option("--jobs", default=os.cpu_count(), show_default=True, help="Processes at a time.")
@click.option("--again", is_flag=True, help="Try those again that were killed before.")
@click.option("--tell", is_flag=True, help="Try none, and tell what is known.")
@click.option("--list", "listed", is_flag=True, help="List the mutants, and try none.")
@click.option("--slowly", is_flag=True, help="Try survivors on the functional tests, too.")
@click.option("--write", is_flag=True, help="Write docs/mutants.md.")
def main(
    only: str, jobs: int, again: bool, tell: bool, listed: bool, slowly: bool, write: bool
) -> None:
    """Make small mistakes in the contracts, one at a time, and see whether a test fails.

    Takes hours; stopped, it goes on where it was. Exits with 1 if a mutant survives that
    has no reason in tests/mutants/survivors.py, or fewer than 95% are killed.
    """
    console = Console(highlight=False, soft_wrap=True)
    mutants = [mutant for mutant in all_mutants() if only in str(mutant)]
    if listed:
        for mutant in mutants:
            console.print(str(mutant), markup=False)
        return
    known = {} if again else record.noted()
    findings = [known[mutant] for mutant in mutants if mutant in known]
    if not tell:
        findings = _tried(mutants, findings, jobs, slowly, console)
    page.show(findings, console)
    if write:
        page.write(findings, len(all_mutants()) - len(findings))
    sys.exit(0 if page.is_good(findings) else 1)


def all_mutants() -> list[Mutant]:
    """Of all contracts, file by file."""
    files = sorted(path.relative_to(CONTRACTS).as_posix() for path in CONTRACTS.rglob("*.vy"))
    return [mutant for file in files for mutant in mutants_of(file, (CONTRACTS / file).read_text())]


def _tried(
    mutants: Sequence[Mutant],
    findings: Sequence[Finding],
    jobs: int,
    slowly: bool,
    console: Console,
) -> list[Finding]:
    """All findings; tests may have come that kill who survived without a reason."""
    found = [each for each in findings if not page.is_unexplained(each)]
    done = {finding.mutant for finding in found}
    waiting = [mutant for mutant in mutants if mutant not in done]
    console.print(f"{len(mutants)} mutants, {len(waiting)} of them to try.")
    if waiting:
        found += _shown(hunt(waiting, jobs, record.killers_near), len(waiting), console)
    if slowly:
        unexplained = [each.mutant for each in found if page.is_unexplained(each)]
        found = [each for each in found if not page.is_unexplained(each)]
        found += _shown(hunt_slowly(unexplained, jobs), len(unexplained), console)
    return found


def _shown(hunted: Iterable[Finding], total: int, console: Console) -> list[Finding]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    found = []
    with Progress(*columns, TimeRemainingColumn(), console=console) as progress:
        task = progress.add_task("0 survivors", total=total)
        for finding in hunted:
            found.append(finding)
            record.note(finding)
            if page.is_unexplained(finding):
                progress.print(f"survived: {finding.mutant}", markup=False)
            alive = sum(each.fate is Fate.SURVIVED for each in found)
            progress.update(task, advance=1, description=f"{alive} survivors")
    return found


if __name__ == "__main__":
    main()
