"""The command `policy list`: the root of an allow list, and the proofs of its accounts."""

from pathlib import Path

import click

from plumbline.cli.command import OfflineCommand, json_option
from plumbline.cli.output import count, print_json, say, write_text
from plumbline.cli.policy.words import evidence_text
from plumbline.formats.account_list import read_accounts
from plumbline.seating.merkle_list import MerkleList


@click.command(name="list", cls=OfflineCommand)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--proofs",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to write the proof of each account into, as 0x….json.",
)
@json_option
def list_accounts(file: Path, proofs: Path | None, as_json: bool) -> None:
    """Read the accounts in FILE, and say the root that an allow list of them keeps on the chain.

    FILE has an account on each line, or is a .csv with them in a column `labeler`, `account` or
    `address`. With --proofs each account gets a file for `labeler commit --evidence`, so that the
    list itself need not be shown. Needs no node; the policy is created by `policy deploy`, or by
    opening a round with `admission: {list: FILE}`.
    """
    accounts = MerkleList(read_accounts(file))
    if proofs is not None:
        proofs.mkdir(parents=True, exist_ok=True)
        for account in accounts.accounts:
            write_text(proofs / f"{account}.json", evidence_text(accounts.proof(account)))
    root = "0x" + accounts.root.hex()
    if as_json:
        print_json({"accounts": len(accounts.accounts), "root": root})
        return
    say(f"{count(len(accounts.accounts), 'account')}, root {root}")
    if proofs is not None:
        say(f"Hand each labeler the own file in [bold]{proofs}[/].")
