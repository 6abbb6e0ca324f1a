"""`make consumers`."""

import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from tests.consumers import page
from tests.consumers.environments import UnavailableError
from tests.consumers.findings import Kind
from tests.consumers.registry import CONSUMERS, ProgramError
from tests.consumers.runs import Run, record, run

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("names", nargs=-1, type=click.Choice([each.name for each in CONSUMERS]))
@click.option("--record", "is_kept", is_flag=True, help="Keep a small run of each with the tests.")
@click.option("--note", type=_FILE, help="A file that is there afterwards if one was skipped.")
def main(names: Sequence[str], is_kept: bool, note: Path | None) -> None:
    """Run the programs that read what we write, all or some of them.

    A run of all writes docs/consumers.md. Exits with 1 if something does not hold any more.
    """
    chosen = [each for each in CONSUMERS if not names or each.name in names]
    console = Console(highlight=False, soft_wrap=True)
    if is_kept:
        for consumer in chosen:
            try:
                record(consumer)
            except (ProgramError, UnavailableError) as error:
                raise click.ClickException(f"{consumer.title}: {error}") from None
            console.print(f"{consumer.title}: kept")
        return
    console.print(f"Running {len(chosen)} programs at once, in some minutes ...")
    with ThreadPoolExecutor(len(chosen)) as pool:
        runs = list(pool.map(run, chosen))
    show(runs, console)
    if not names:
        page.write(runs)
        console.print(f"Written: {page.PAGE}")
    if note is not None:
        note.unlink(missing_ok=True)
        if any(each.skipped for each in runs):
            note.parent.mkdir(parents=True, exist_ok=True)
            note.touch()
    sys.exit(0 if all(each.is_good for each in runs) else 1)


def show(runs: Sequence[Run], console: Console) -> None:
    """A table of the runs, and what is wrong with them."""
    table = Table("program", "version", *(kind.value for kind in Kind), "seconds", "result")
    for each in runs:
        version = " ".join(f"{name} {number}" for name, number in each.versions.items())
        counts = [str(each.count(kind)) for kind in Kind]
        table.add_row(each.consumer.name, version, *counts, f"{each.seconds:.0f}", each.result)
    console.print(table)
    for each in runs:
        for finding in each.broken:
            on = f" ({finding.on})" if finding.on else ""
            console.print(f"{each.consumer.name}: not so: {finding.says}{on}: {finding.seen}")
        if each.skipped or each.failed:
            console.print(f"{each.consumer.name}: {each.result}: {each.skipped or each.failed}")


if __name__ == "__main__":
    main()
