"""The command `template`: the tasks as a table, for answering in a spreadsheet."""

from pathlib import Path

import click

from plumbline.cli.command import Command, fail, round_argument
from plumbline.cli.labeler.options import from_its_uri, tasks_options
from plumbline.cli.market import open_market
from plumbline.cli.output import count, note, plain, write_text
from plumbline.formats.answers import template as to_template
from plumbline.formats.asked import asked_in
from plumbline.formats.manifest_file import load_manifest
from plumbline.protocol.manifest import require_root


@click.command(cls=Command)
@round_argument
@tasks_options
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The CSV file to be written.",
)
def template(number: int | None, tasks_file: Path | None, fetch: bool, output: Path) -> None:
    """Write the tasks of ROUND as a table to be filled in, for `commit` and `sign`.

    Left out, ROUND is the one with the tasks of --tasks, or the only one there is. A file that is
    there already is left alone: there may be answers in it.
    """
    if output.exists():
        fail(f"{output} is there already: name another file, or remove it")
    market = open_market()
    given = load_manifest(tasks_file) if tasks_file else None
    history = market.history(market.require_round(number, given.root if given else None))
    manifest = given or from_its_uri(market, history, fetch)
    require_root(manifest, history.opened.tasks_root, history.rules.tasks)
    asked = asked_in(history.rules.kind, manifest)
    question, items = asked.question, asked.items
    write_text(output, to_template(question, items))
    note(
        plain(
            f"{count(len(items), 'item' if question.has_parts else 'task')} of round "
            f"{history.round_id} in {output}: fill in the column `answer` ({question.example}; "
            f"empty is a skip), then `plumbline labeler commit {output} {history.round_id}`"
        )
    )
