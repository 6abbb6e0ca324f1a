"""The command `verify`: a dataset made again from events, and compared with its folder."""

from itertools import islice
from pathlib import Path

import click

from plumbline import __version__
from plumbline.audit.dataset_checks import DatasetAudit, check_dataset
from plumbline.cli.audit.cache import cache_of, cache_option, no_cache_option
from plumbline.cli.command import Command, fail, json_option
from plumbline.cli.market import connect, open_market_at
from plumbline.cli.output import (
    advise,
    console,
    count,
    plain,
    print_json,
    progress_bars,
    say,
    table,
)
from plumbline.dataset.provenance import read_provenance
from plumbline.dataset.verifying import OnTrust
from plumbline.harmless import harmless

_LISTED = 20  # differences


@click.command(cls=Command)
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--all", "show_all", is_flag=True, help=f"Name every difference, not only the first {_LISTED}."
)
@cache_option
@no_cache_option
@json_option
def verify(
    folder: Path, show_all: bool, cache_folder: Path | None, no_cache: bool, as_json: bool
) -> None:
    """Make the dataset in FOLDER again from events alone, and name every row that differs.

    Anybody can: FOLDER says which rounds of which contract it is made of, and has their tasks. The
    rounds are audited, the labels made anew, and all files compared row by row. Exits with 1 and a
    line for each difference. Sends nothing.
    """
    provenance = read_provenance(folder)  # before a node is asked
    node = connect()
    provenance.require_chain(node.chain_id, node.genesis)
    market = open_market_at(node, provenance.deployed.address)
    with cache_of(market, cache_folder, no_cache) as cache, progress_bars() as progress:
        checked = check_dataset(market, folder, provenance, cache=cache, progress=progress)
    if as_json:
        print_json(checked.to_json())
    else:
        _show(checked)
    _end(checked, show_all, as_json)


def _show(checked: DatasetAudit) -> None:
    verification, report = checked.verification, checked.report
    provenance = verification.provenance
    say(
        f"A dataset of {count(len(provenance.rounds), 'round')} of {report.address} on chain "
        f"{report.chain_id}, as of block {report.block}."
    )
    shown = table(None, "=made again", "=compared")
    audited = f"{report.checks:,} values audited"
    shown.add_row("answers, closings, pay", _outcome(len(report.differences), audited))
    dataset = verification.dataset
    if dataset is None:
        shown.add_row("tasks, labels", "[red]no row was compared[/]")
    else:
        tasks = sum(each.tasks for each in dataset.rounds)
        shown.add_row("tasks", f"{tasks:,}, those that the rounds pin")
        shown.add_row("labels", f"{len(dataset.items):,} items, by {dataset.how.method}")
        shown.add_row("answers", f"{verification.answers:,}", end_section=True)
    for each in verification.files:
        shown.add_row(plain(each.path), _outcome(each.differences, "the same"))
    console().print(shown)
    trust = table(None, "=on the word of the requester", provenance.requester)
    for name, words in _on_trust(OnTrust.of(provenance)):
        trust.add_row(name, plain(words))
    console().print(trust)
    if verification.ignored:
        advise(f"not looked at: {plain(', '.join(verification.ignored))}")
    if checked.left_out:
        numbers = ", ".join(map(str, checked.left_out))
        advise(f"further closed rounds of the requester about the same tasks: {numbers}")
    if provenance.made_by != __version__:
        advise(
            f"it was written by version {plain(provenance.made_by)} of Plumbline, and this is "
            f"{__version__}: forms may differ without a label being another"
        )
    for remark in report.notes:
        advise(plain(remark))


def _outcome(differences: int, words: str) -> str:
    return f"[red]{count(differences, 'difference')}[/]" if differences else words


def _on_trust(trust: OnTrust) -> list[tuple[str, str]]:
    rows = [("names of items", "which row is which of the requester's own")]
    if trust.fields:
        rows.append(("kept fields", ", ".join(trust.fields)))
    if trust.groups:
        rows.append(("groups of items", ", ".join(trust.groups)))
    if trust.labelers:
        groups = ", ".join(trust.labeler_groups)
        rows.append(("groups of labelers", f"{groups} ({count(trust.labelers, 'labeler')})"))
    return rows


def _end(checked: DatasetAudit, show_all: bool, as_json: bool) -> None:
    if checked.is_clean:
        if not as_json:
            say("[bold green]Every row follows from the rounds.[/]")
        return
    findings = checked.findings
    listed = len(findings) if show_all else _LISTED
    for line in islice(findings, listed):
        click.echo(harmless(line), err=True)
    rest = len(findings) - listed
    if rest > 0:
        click.echo(f".. and {count(rest, 'more difference')}: --all names them", err=True)
    fail(f"{count(len(findings), 'difference')}, see above: do not rely on this folder")
