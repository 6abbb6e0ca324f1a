"""The command `serve`: published tasks over HTTP."""

import json
from pathlib import Path

import click

from plumbline.cli.command import OfflineCommand, fail
from plumbline.cli.listening import host_option, port_option
from plumbline.cli.output import plain, say
from plumbline.cli.requester.publish import FOLDER
from plumbline.cli.stopping import StopOnSignal
from plumbline.formats.published import PublishedFolder
from plumbline.requester.task_server import Answered, TaskServer

_TICK = 0.5  # seconds


@click.command(cls=OfflineCommand)
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=FOLDER,
    show_default=True,
    help="Where the tasks are, as `publish` and `open --publish` write them.",
)
@host_option
@port_option(8_000)
@click.option("--json", "as_json", is_flag=True, help="Print a line of JSON for each event.")
def serve(folder: Path, host: str, port: int, as_json: bool) -> None:
    """Hand out published tasks over HTTP until stopped (Ctrl-C).

    Tasks go by their root, what they refer to by its hash, and a file that is not what it is
    called is not handed out. Nothing else of the folder is, nothing is listed and nothing
    written. Tasks that are published meanwhile are there at once. Who asks is not noted.
    """
    if not folder.is_dir():
        fail(f"there is no folder {folder}: `plumbline requester publish FILE --to {folder}`")
    stop = StopOnSignal()

    def log(answered: Answered) -> None:
        if as_json:
            _print_line("request", **_to_json(answered))
        else:
            say(
                f"{answered.status} {plain(answered.method)} {plain(answered.path)} "
                f"{answered.size:,} bytes"
            )

    published = PublishedFolder(folder)
    server = TaskServer(published, host, port, log)
    server.start()
    roots = published.roots
    if as_json:
        _print_line("serving", url=server.url, folder=str(folder), roots=roots)
    else:
        say(f"serving the folder [bold]{plain(str(folder))}[/] at {server.url} until Ctrl-C")
        for root in roots:
            say(f"{server.url}{root}.json")
        if not roots:
            say("there are no tasks in it yet")
    while not stop.is_set():
        stop.sleep(_TICK)
    server.stop()
    if as_json:
        _print_line("stopped")
    else:
        say("stopped")


def _to_json(answered: Answered) -> dict[str, object]:
    return {
        "method": answered.method,
        "path": answered.path,
        "status": answered.status,
        "bytes": answered.size,
        "seconds": round(answered.seconds, 3),
    }


def _print_line(event: str, **values: object) -> None:
    click.echo(json.dumps({"event": event, **values}))
