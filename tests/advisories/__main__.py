"""The gate for known vulnerabilities of what is installed: `make advisories`."""

import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click
from rich.console import Console

from tests.advisories import npm, osv, page
from tests.advisories.accepted import ACCEPTED, read
from tests.advisories.answers import Answer
from tests.advisories.verdict import judge
from tests.locks import NPM_LOCK, PYTHON_LOCKS

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.option("--strict", is_flag=True, help="Fail as well if a service does not answer.")
@click.option("--accepted", type=_FILE, default=ACCEPTED, help="Another list of what is accepted.")
@click.option("--note", type=_FILE, help="A file that is there afterwards if one did not answer.")
def main(strict: bool, accepted: Path, note: Path | None) -> None:
    """Ask OSV and npm whether a package of a lock is known to be vulnerable.

    Exits with 1 if one is, and tests/advisories/accepted.toml has no reason to accept that. A
    service that does not answer does not decide whether a change is good: it is told, and that is
    all, but for --strict. PIP_AUDIT_OSV_URL and npm_config_registry name other services.
    """
    try:
        entries = read(accepted)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    verdict = judge(answers(), entries)
    page.show(verdict, Console(highlight=False, soft_wrap=True))
    if note is not None:
        note.unlink(missing_ok=True)
        if verdict.is_silent:
            note.parent.mkdir(parents=True, exist_ok=True)
            note.touch()
    sys.exit(1 if verdict.is_bad or (strict and verdict.is_silent) else 0)


def answers() -> Sequence[Answer]:
    """About every lock, all asked at a time."""
    with ThreadPoolExecutor() as pool:
        python = [pool.submit(osv.ask, lock) for lock in PYTHON_LOCKS]
        return [each.result() for each in (*python, pool.submit(npm.ask, NPM_LOCK))]


if __name__ == "__main__":
    main()
