"""What the commands of a labeler share: options, files that are given, and who it is."""

from pathlib import Path
from typing import Any, Final

import click

from plumbline.cli.accounts import account_of
from plumbline.cli.command import account_option, fail, vault_option, vault_root, yes_option
from plumbline.cli.market import open_market, vault_of
from plumbline.cli.offers import offer_lines
from plumbline.cli.output import count, plain, progress_bars, warn
from plumbline.cli.sending import sender_of
from plumbline.errors import PlumblineError
from plumbline.files.text import parse_json, read_text
from plumbline.files.values import word
from plumbline.formats.manifest_file import fetch_manifest, load_manifest
from plumbline.formats.media_copies import AbsentMediaError, MediaCopies, MediaSource
from plumbline.history.market import Market
from plumbline.history.rounds import RoundHistory
from plumbline.labeler.commit_flow import CommitFlow
from plumbline.labeler.identity import Labeler
from plumbline.labeler.seats import Prepared
from plumbline.protocol.manifest import Manifest
from plumbline.protocol.media import media_in
from plumbline.units import format_time

UNLOCK_LINE: Final = (
    "A message that unlocks your secret answers (no transaction). Sign it only where you answer "
    "tasks yourself: whoever has the signature can take your stake."
)

_WARNINGS: Final = 10  # tasks that lack something

wallet_option = click.option(
    "--wallet",
    metavar="ADDRESS",
    help="The labeler is this wallet contract (EIP-1271), and the account signs for it.",
)


stored_key_option = click.option(
    "--stored-key",
    is_flag=True,
    help="For an account that never signs typed data: keep a random key on disk. Whoever loses it "
    "cannot reveal.",
)


def tasks_options(command: Any) -> Any:
    """Where the tasks of a round are to be had."""
    file_type = click.Path(dir_okay=False, path_type=Path)
    for option in (
        click.option(
            "--fetch",
            is_flag=True,
            help="Get the task file, and what tasks refer to, from where the round says: http(s) "
            "addresses that the requester wrote.",
        ),
        click.option("--tasks", "tasks_file", type=file_type, help="Task file from the requester."),
    ):
        command = option(command)
    return command


def commitment_options(command: Any) -> Any:
    """What all commands share that make a commitment."""
    file_type = click.Path(dir_okay=False, path_type=Path)
    for option in reversed(
        [
            click.option(
                "--evidence",
                "evidence_file",
                type=file_type,
                help="JSON list of 0x words, if the round's policy wants to see any. [default: "
                "what the pool says, where seats are drawn]",
            ),
            click.option(
                "--discard", is_flag=True, help="Set aside answers kept before but not committed."
            ),
            click.option(
                "--unsealed",
                is_flag=True,
                help="Do not put the encrypted answers on chain: a little gas is saved, and "
                "`restore` cannot help.",
            ),
            stored_key_option,
            wallet_option,
            click.option(
                "--signature",
                help="With --wallet: what its owners signed elsewhere, see `sign --typed-data`.",
            ),
            account_option(required=True),
            vault_option,
            yes_option,
        ]
    ):
        command = option(command)
    return tasks_options(command)


def labeler_of(market: Market, alias: str, wallet: str | None, sends: bool) -> Labeler:
    """The labeler of a command; if it `sends`, once what earlier runs left behind is finished."""
    node = market.node
    account = (
        sender_of(alias, node, required=True) if sends else account_of(alias, node, required=True)
    )
    return Labeler.of(node, account, wallet)


def commit_flow(
    number: int | None,
    tasks_file: Path | None,
    alias: str,
    wallet: str | None,
    signature: str | None,
    evidence_file: Path | None,
    unsealed: bool,
    stored_key: bool,
) -> tuple[CommitFlow, Manifest | None]:
    """The seat that a command is about, and the tasks if they were given as a file."""
    market = open_market()
    labeler = labeler_of(market, alias, wallet, sends=True)
    manifest = load_manifest(tasks_file) if tasks_file else None
    flow = CommitFlow(
        market=market,
        vault=vault_of(market),
        labeler=labeler,
        history=market.history(market.require_round(number, manifest.root if manifest else None)),
        given=None if evidence_file is None else read_evidence(evidence_file),
        is_sealed=not unsealed,
        may_store_key=stored_key,
        wallet_signature=signature_from(signature),
    )
    return flow, manifest


def manifest_of(flow: CommitFlow, given: Manifest | None, fetch: bool) -> Manifest:
    """The tasks of a round, which are those that the requester committed to."""
    manifest = given or from_its_uri(flow.market, flow.history, fetch)
    flow.require_tasks(manifest)
    return manifest


def from_its_uri(market: Market, history: RoundHistory, fetch: bool) -> Manifest:
    """What is where the round says that its tasks are: yet to be compared with its root."""
    uri = history.opened.uri
    if not fetch:
        at = f"are said to be at {uri}: --fetch gets them, or" if uri else "are nowhere on chain:"
        fail(f"the tasks {at} get them and name them with --tasks FILE")
    return fetch_manifest(uri, private=market.node.is_here)


def copies_of(
    flow: CommitFlow, manifest: Manifest, tasks_file: Path | None, fetch: bool
) -> MediaCopies | None:
    """What the tasks refer to, as far as it can be shown; None if they refer to nothing.

    Says which tasks lack something, and ends the command if what they lack was not asked for.
    """
    wanted = list(media_in(manifest.tasks))
    if not wanted:
        return None
    source = MediaSource(
        folder=tasks_file.parent if tasks_file else None,
        uri=flow.history.opened.uri,
        may_fetch=fetch,
        is_private=flow.market.node.is_here,
    )
    copies = MediaCopies(vault_root() / "cache" / "media", source)
    with progress_bars() as progress:
        reasons = copies.collect(wanted, progress)
    absent = [error for error in reasons.values() if isinstance(error, AbsentMediaError)]
    if absent:
        fail(f"{count(len(absent), 'file')} of these tasks: {absent[0]}")
    lacking = [
        f"task {name}: {reasons[media.sha256]}"
        for name, task in zip(manifest.names, manifest.tasks, strict=True)
        for media in media_in(task)
        if media.sha256 in reasons
    ]
    for line in lacking[:_WARNINGS]:
        warn(plain(line))
    if len(lacking) > _WARNINGS:
        warn(f"and {len(lacking) - _WARNINGS:,} more like these")
    return copies


def lines(flow: CommitFlow, answers: list[int | None], action: str) -> list[str]:
    """What is signed, what is at stake and by when it must be revealed."""
    stake, unit = flow.at_stake(answers), flow.market.unit
    offer = stake.offer
    owner = f" of {flow.labeler.address}." if flow.labeler.is_wallet else "."
    where = ", and encrypted on chain." if flow.is_sealed else " only: they are not sealed."
    return [
        UNLOCK_LINE,
        f"{action} to {stake.answered} answers and {stake.skipped} skips in round "
        f"{flow.history.round_id} at {flow.market.contract.address} and lock "
        f"{unit.exact(offer.stake)}{owner}",
        f"Reveal them by {format_time(offer.reveal_by)}.",
        *offer_lines(offer, flow.history.requester, unit),
        f"Answers and salt are kept in {flow.path}{where}",
    ]


def prepare(flow: CommitFlow, answers: list[int | None], discard: bool) -> Prepared:
    """The secret of a seat, on disk; says so if its key had to be stored too."""
    unlocked = flow.unlock()
    if unlocked.warning:
        warn(unlocked.warning)
    return flow.prepare(unlocked, answers, discard)


def read_evidence(path: Path | None) -> tuple[bytes, ...]:
    """What the policy of a round wants to see."""
    if path is None:
        return ()
    try:
        return tuple(map(word, parse_json(read_text(path), str(path))))
    except (TypeError, ValueError):
        fail(f"{path} must hold a list of words, 0x and 64 hex digits each")


def signature_from(text: str | None) -> bytes | None:
    """A signature made elsewhere."""
    if text is None:
        return None
    try:
        return bytes.fromhex(text.strip().removeprefix("0x"))
    except ValueError:
        raise PlumblineError("--signature is not hex: give 0x and the digits") from None
