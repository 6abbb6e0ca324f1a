"""Stake, commit, reveal, and see what came of it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scripts._command import Command, account_option, json_option, vault_option, yes_option
from scripts._labelers import labeler_of, wallet_option
from scripts._node import market
from scripts._opening import committed_rounds, export, kept_secret, seat_of
from scripts._opening import restore as restore_all
from scripts._opening import reveal as reveal_all
from scripts._output import console, left, note, pairs, plain, print_json, table, when
from scripts._seating import Seating, evidence_from, manifest_of, say_landed, signature_from
from scripts._seating import commit as commit_to
from scripts._seating import sign as sign_for

if TYPE_CHECKING:
    from plumbline.history.rounds import RoundHistory
    from scripts._node import Market


@click.group()
def cli() -> None:
    """Deposit a stake, commit to answers in secret, reveal them and withdraw the pay."""


@cli.command(cls=Command)
@click.argument("amount")
@click.option(
    "--for",
    "owner",
    metavar="ADDRESS",
    help="Whose balance it is added to: a labeler without ether, a wallet contract. "
    "[default: the account's]",
)
@account_option(needed=True)
@vault_option
@yes_option
@json_option
def deposit(amount: str, owner: str | None, alias: str, yes: bool, as_json: bool) -> None:
    """Add AMOUNT, like `0.05 ether`, to the free balance, of which stakes are locked."""
    from scripts._money import deposit as pay_in

    pay_in(amount, owner, alias, yes, as_json)


@cli.command(cls=Command)
@click.argument("amount", default="all")
@click.option("--to", help="Who gets it. [default: the account itself]")
@account_option(needed=True)
@vault_option
@yes_option
@json_option
def withdraw(amount: str, to: str | None, alias: str, yes: bool, as_json: bool) -> None:
    """Pay out AMOUNT (like `0.05 ether`, or all) of the free balance."""
    from scripts._money import withdraw as pay_out

    pay_out(amount, to, alias, yes, as_json, needed=True)


# -------------------------------------------------------------------------- commit


def _seat_options(command: Any) -> Any:
    """What all commands share that make a commitment."""
    file_type = click.Path(dir_okay=False, path_type=Path)
    for option in reversed(
        [
            click.option(
                "--tasks",
                "tasks_file",
                type=file_type,
                help="Task file from the requester. [default: from the uri of the round]",
            ),
            click.option(
                "--evidence",
                "evidence_file",
                type=file_type,
                help="JSON list of 0x words, if the round's policy wants to see any.",
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
            click.option(
                "--stored-key",
                is_flag=True,
                help="For an account that never signs typed data: keep a random key on disk. "
                "Who loses it cannot reveal.",
            ),
            wallet_option,
            click.option(
                "--signature",
                help="With --wallet: what its owners signed elsewhere, see `sign --typed-data`.",
            ),
            account_option(needed=True),
            vault_option,
            yes_option,
        ]
    ):
        command = option(command)
    return command


_round_option = click.option(
    "--round", "number", type=int, help="The round. [default: if there is only one]"
)
_answers_argument = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))


@cli.command(cls=Command)
@click.argument("number", metavar="[ROUND]", type=int, required=False)
@_seat_options
def answer(
    number: int | None, tasks_file: Path | None, discard: bool, yes: bool, **given: Any
) -> None:
    """Answer the tasks of ROUND one at a time on the screen, then commit.

    Every answer is on disk before the next task is shown, so you can stop at any time and go on
    later. Before anything is signed you see what is at stake and by when it must be revealed.
    """
    from plumbline.labeler.drafts import Draft
    from scripts.answering.app import Heading, ask

    seating = _seating(number, **given)
    here, one, landed = seating.here, seating.one, seating.landed
    if landed is not None:
        say_landed(seating, landed, None, as_json=False)
        return
    seating.require_commit_phase()
    seating.require_stake()
    manifest = manifest_of(one, tasks_file)
    path = here.vault.draft_path(one.round_id, seating.who.address)
    draft = Draft.open(path, manifest.root, one.rules.tasks, one.rules.options)
    heading = Heading(
        round_id=one.round_id,
        stake=here.unit.exact(one.rules.stake),
        price=here.unit.exact(one.rules.price),
        reveal_by=when(one.deadlines.reveal),
        commit_deadline=one.deadlines.commit,
        kind=one.rules.kind,
    )
    ahead = here.chain.now - int(time.time())  # a local chain may have been sent ahead
    answers = ask(manifest, heading, draft, lambda: int(time.time()) + ahead)
    if answers is None:
        note(
            f"kept in {draft.path} for later: `ape run labeler answer {one.round_id} "
            f"{seating.who.options}`"
        )
        return
    commit_to(seating, answers, discard, yes, as_json=False)
    draft.discard()


@cli.command(cls=Command)
@_answers_argument
@_round_option
@_seat_options
@json_option
def commit(
    file: Path,
    number: int | None,
    tasks_file: Path | None,
    discard: bool,
    yes: bool,
    as_json: bool,
    **given: Any,
) -> None:
    """Commit to the answers in FILE (CSV with `task,answer`, or JSON), which stay secret.

    Checks first that the tasks are those of the round, that the answers fit and that the stake
    is covered. Answers and salt are on disk before anything is sent, and go into the event
    encrypted, so that `restore` finds them again. To be run again after any crash: it never
    commits to another sheet than the one it kept.
    """
    seating = _seating(number, **given)
    if seating.landed is None:
        seating.require_commit_phase()
    commit_to(seating, _answers(seating, file, tasks_file), discard, yes, as_json)


@cli.command(cls=Command)
@_answers_argument
@_round_option
@_seat_options
@click.option("--typed-data", is_flag=True, help="Print what is to be signed, for other wallets.")
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="Instead of stdout."
)
def sign(
    file: Path,
    number: int | None,
    tasks_file: Path | None,
    discard: bool,
    typed_data: bool,
    output: Path | None,
    yes: bool,
    **given: Any,
) -> None:
    """Sign a commitment to the answers in FILE for others to carry: it takes no ether for gas.

    Prints a file for `ape run requester relay`. It holds no secret: whoever carries it can delay
    it but change nothing, and `commit` with the same answers sends it yourself at any time.
    """
    seating = _seating(number, **given)
    if seating.landed is None:
        seating.require_commit_phase()
    sign_for(seating, _answers(seating, file, tasks_file), discard, typed_data, output, yes)


def _seating(
    number: int | None,
    alias: str,
    wallet: str | None,
    signature: str | None,
    evidence_file: Path | None,
    unsealed: bool,
    stored_key: bool,
) -> Seating:
    here = market()
    who = labeler_of(here, alias, wallet, sends=True)
    one = here.history(here.round_number(number))
    evidence = evidence_from(evidence_file)
    given = signature_from(signature)
    return Seating(here, who, one, evidence, not unsealed, stored_key, given)


def _answers(seating: Seating, file: Path, tasks_file: Path | None) -> list[int | None]:
    from plumbline.formats.answers import read_answers

    manifest = manifest_of(seating.one, tasks_file)
    return read_answers(file, manifest.options, manifest.names)


# -------------------------------------------------------------------------- reveal


@cli.command(cls=Command)
@click.option("--round", "number", type=int, help="The round. [default: all that can be]")
@click.option(
    "--export",
    "target",
    type=click.Path(path_type=Path),
    help="Send nothing: write what a keeper needs to reveal in your place to this file, or into "
    "this folder.",
)
@wallet_option
@account_option(needed=True)
@vault_option
@yes_option
@json_option
def reveal(
    number: int | None,
    target: Path | None,
    wallet: str | None,
    alias: str,
    yes: bool,
    as_json: bool,
) -> None:
    """Open the commitment in a round, or in all rounds where it is time.

    To be run again after any crash: what is revealed already is said and left alone. With
    --export somebody else can do it; until the commit phase is over, whoever has that file can
    take 5% of the stake with it and have you slashed.
    """
    here = market()
    if target is None:
        reveal_all(here, labeler_of(here, alias, wallet, sends=True), number, yes, as_json)
    else:
        export(here, labeler_of(here, alias, wallet, sends=False), number, target, yes)


@cli.command(cls=Command)
@click.option("--no-reveal", is_flag=True, help="Only restore, reveal nothing.")
@wallet_option
@account_option(needed=True)
@vault_option
@yes_option
@json_option
def restore(no_reveal: bool, wallet: str | None, alias: str, yes: bool, as_json: bool) -> None:
    """Get answers and salts of all open rounds back from the chain, with the wallet alone.

    For a new or an empty machine. What was committed with sealed answers is decrypted from the
    events, checked against the commitment and kept; what can be revealed by now is revealed.
    """
    here = market()
    who = labeler_of(here, alias, wallet, sends=not no_reveal)
    restore_all(here, who, not no_reveal, yes, as_json)


# -------------------------------------------------------------------------- status


@cli.command(cls=Command)
@wallet_option
@account_option(needed=True)
@vault_option
@json_option
def status(wallet: str | None, alias: str, as_json: bool) -> None:
    """Show balances, record, and the rounds taken part in with what is still to be done."""
    here = market()
    account = labeler_of(here, alias, wallet, sends=False)
    books = here.rounds.account(account.address)
    told = committed_rounds(here, account.address)
    under_way = account.outbox.under_way()
    if as_json:
        print_json(
            {
                "labeler": account.address,
                "free": str(books.free),
                "locked": str(books.locked),
                "rounds_ended": books.rounds,
                "near": books.near,
                "outlier": books.outlier,
                "unrevealed": books.unrevealed,
                "kappa_bps": books.kappa,
                "under_way": [
                    {"transaction": sent.last.transaction, "description": sent.call.description}
                    for sent in under_way
                ],
                "rounds": [_seat_json(here, one, account.address) for one in told],
            }
        )
        return
    made = pairs(f"{account.name}, {account.address}")
    made.add_row("free", here.unit.short(books.free))
    made.add_row("locked in seats", here.unit.short(books.locked))
    made.add_row(
        "record",
        f"{books.rounds} round{'' if books.rounds == 1 else 's'}: {books.near} near, "
        f"{books.outlier} outlier, {books.unrevealed} not revealed",
    )
    made.add_row(
        "moving kappa", f"{books.kappa / 10_000:.2f}, begun at 0: the latest round weighs an eighth"
    )
    console().print(made)
    for sent in under_way:
        note(
            f"[yellow]Under way:[/] {plain(sent.call.description)} Transaction "
            f"{sent.last.transaction} was in no block when it was last looked for; the next "
            "command that sends goes on from there."
        )
    if not told:
        return
    seats = table(
        "Seats",
        ">round",
        "=phase",
        ">stake",
        "=answers",
        "=reveal by",
        ">left",
        "state",
    )
    for one in told:
        seat = _seat_json(here, one, account.address)
        seats.add_row(
            str(one.round_id),
            seat["phase"],
            here.unit.short(one.rules.stake),
            "kept here" if seat["kept"] else "[red]not here[/]",
            when(one.deadlines.reveal) if seat["open"] else "",
            left(max(0, one.deadlines.reveal - here.chain.now)) if seat["open"] else "",
            seat["state"],
        )
    console().print(seats)


def _seat_json(here: Market, one: RoundHistory, labeler: str) -> dict[str, Any]:
    phase, _ = here.time_left(one)
    state = seat_of(here, one, labeler).state
    for event in one.outcomes:
        if event.labeler == labeler:
            money = (
                f", paid {here.unit.short(event.pay)}"
                if event.pay
                else f", slashed {here.unit.short(event.slash)}"
                if event.slash
                else ""
            )
            state = f"{event.band.label}{money}"
    return {
        "round": one.round_id,
        "phase": phase.label,
        "open": labeler in one.awaited,
        "reveal_by": one.deadlines.reveal,
        "kept": kept_secret(here, one, labeler) is not None,
        "state": state,
    }
