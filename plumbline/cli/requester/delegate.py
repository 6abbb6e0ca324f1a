"""The command `delegate`: gold answers for a keeper."""

from pathlib import Path

import click

from plumbline.cli.accounts import account_of
from plumbline.cli.command import Command, account_option, fail, json_option, vault_option
from plumbline.cli.market import open_market
from plumbline.cli.output import count, plain, print_json, say, warn
from plumbline.cli.requester.gold import gold_store
from plumbline.formats import round_file
from plumbline.requester.delegating import delegate as delegate_gold

folder_option = click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for the files, a private one for each round.",
)


@click.command(cls=Command)
@click.argument("numbers", metavar="ROUND...", nargs=-1, required=True, type=int)
@folder_option
@click.option(
    "--file",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file that the round was opened from, if the vault is lost.",
)
@account_option(required=False)
@vault_option
@json_option
def delegate(
    numbers: tuple[int, ...], folder: Path, file: Path | None, alias: str | None, as_json: bool
) -> None:
    """Write the gold answers of each ROUND for a keeper, which then closes it in your place.

    Whoever has such a file knows which tasks are gold tasks: hand it to nobody but the keeper.
    Its `--delegated` folder takes it. Nothing is sent.
    """
    market = open_market()
    account = account_of(alias, market.node)
    files = {}
    if file is not None:
        wanted = round_file.load(file, market.unit)
        files[wanted.manifest.root] = wanted
    store = gold_store(market, account, files)
    histories = [market.history(market.require_round(number)) for number in numbers]
    show_delegated(delegate_gold(store, histories, folder), folder, as_json)


def show_delegated(written: dict[int, Path], folder: Path, as_json: bool) -> None:
    """What was written for which round."""
    if as_json:
        print_json({"delegated": {str(number): str(path) for number, path in written.items()}})
        return
    if not written:
        fail("none of these rounds has gold answers that are still to be opened")
    say(f"the gold answers of {count(len(written), 'round')} are in [bold]{plain(str(folder))}[/]")
    warn("whoever reads these files knows the gold tasks: hand them to nobody but your keeper")
