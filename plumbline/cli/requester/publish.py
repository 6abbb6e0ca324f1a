"""The command `publish`: what labelers get, as files that go by their content."""

from pathlib import Path
from typing import Final

import click

from plumbline.cli.command import OfflineCommand, json_option
from plumbline.cli.output import count, plain, print_json, say
from plumbline.formats.published import Publication
from plumbline.formats.round_file import load_publication

WHERE: Final = (
    "a file that ends in .json, or a folder, where the tasks go by their root, for `requester "
    "serve` and every web server"
)
FOLDER: Final = Path("published")


@click.command(cls=OfflineCommand)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--to",
    "where",
    type=click.Path(path_type=Path),
    default=FOLDER,
    show_default=True,
    help=f"Where to: {WHERE}.",
)
@json_option
def publish(file: Path, where: Path, as_json: bool) -> None:
    """Write the tasks of FILE, a round file, as labelers get them, with all that they refer to.

    Needs no node and sends nothing. Written are <root>.json and media/<sha256>, nothing of the
    gold answers; what is there already is left as it is.
    """
    publication = load_publication(file)
    path = publication.place_in(where)
    publication.require_free(path)
    publication.write(path)
    if as_json:
        print_json(
            {
                "tasks_root": "0x" + publication.manifest.root.hex(),
                "tasks_file": str(path),
                "media": [str(path.parent / name) for name in publication.media_names],
                "media_bytes": publication.media_size,
            }
        )
        return
    say(f"{count(len(publication.manifest.tasks), 'task')} are in [bold]{plain(str(path))}[/]")
    if publication.files:
        say(plain(media_words(publication, path)))


def media_words(publication: Publication, path: Path) -> str:
    """The files that go with tasks which are at `path`."""
    return (
        f"with {count(len(publication.files), 'file')} ({publication.media_size:,} bytes) that "
        f"they refer to, in {path.parent / 'media'}"
    )
