"""Rebuild everything from events alone and compare it with the chain."""

from __future__ import annotations

from pathlib import Path

import click

from scripts._audit_export import export_command
from scripts._audit_forensics import forensics_command
from scripts._audit_report import report_command
from scripts._command import Command, DefaultGroup, json_option
from scripts._node import market


class AuditGroup(DefaultGroup):
    """`ape run audit 3` is `ape run audit rounds 3`."""

    default = "rounds"


cache_option = click.option(
    "--cache",
    "cache_folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of logs that were read before. [default: $PLUMBLINE_VAULT/cache or "
    "~/.plumbline/cache]",
)
no_cache_option = click.option("--no-cache", is_flag=True, help="Read all logs from the node.")


@click.group(cls=AuditGroup)
def cli() -> None:
    """Rebuild everything from events alone and compare it with the chain.

    Without a subcommand: an audit of all rounds, or of those that are named (`rounds`).
    """


@cli.command(cls=Command)
@click.argument("numbers", metavar="[ROUND]...", type=int, nargs=-1)
@click.option("--to-block", type=int, help="Audit as of this block. [default: the latest]")
@click.option(
    "--tasks",
    "task_files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Task manifest to compare with the roots of rounds; may be given again.",
)
@click.option("--no-fetch", is_flag=True, help="Do not look for tasks where rounds say they are.")
@click.option("--plain", is_flag=True, help="Settle vote by vote, with the slower reference.")
@cache_option
@no_cache_option
@json_option
def rounds(
    numbers: tuple[int, ...],
    to_block: int | None,
    task_files: tuple[Path, ...],
    no_fetch: bool,
    plain: bool,
    cache_folder: Path | None,
    no_cache: bool,
    as_json: bool,
) -> None:
    """Audit ROUNDs, or everything: commitments, verdicts, pay, slashes and all balances.

    Everything is worked out again from events alone and compared with what the contract stores.
    Exits with 1 and a line for each difference. Sends nothing.
    """
    from plumbline.audit import audit
    from plumbline.audit.task_checks import sources
    from scripts import _auditing as auditing

    tasks = sources(task_files, fetch=not no_fetch)
    here = market()
    for number in numbers:
        here.round_number(number)
    with auditing.cache_of(here, cache_folder, no_cache) as cache, auditing.shown() as progress:
        report = audit(
            here.chain.w3,
            here.deployment,
            numbers or None,
            to_block,
            cache=cache,
            tasks=tasks,
            plain=plain,
            progress=progress,
        )
    auditing.show(report, here.unit, as_json)


@cli.command(cls=Command)
@click.option(
    "--interval",
    type=click.FloatRange(0.1, 3_600),
    default=5,
    show_default=True,
    help="Seconds between two looks at the chain.",
)
@click.option("--once", is_flag=True, help="Look once and end; with 1 if something is wrong.")
@cache_option
@no_cache_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON on stdout, an object a line.")
def watch(
    interval: float, once: bool, cache_folder: Path | None, no_cache: bool, as_json: bool
) -> None:
    """Follow the chain: print each event in words as it lands, and check it.

    What should never happen stands out: a difference to what follows from the events, a balance
    that does not cover the books, a verdict that is not the rule's, a reorganisation. Goes on
    when the node is away, until told to stop (Ctrl-C). Sends nothing.
    """
    from scripts import _auditing as auditing

    here = market()
    with auditing.cache_of(here, cache_folder, no_cache) as cache:
        auditing.watch(here, cache, interval, once, as_json)


cli.add_command(report_command)
cli.add_command(forensics_command)
cli.add_command(export_command)
