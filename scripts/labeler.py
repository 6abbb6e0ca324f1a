"""Stake, commit, reveal, and see what came of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scripts._common import (
    Command,
    account_of,
    account_option,
    confirm,
    console,
    fail,
    json_option,
    left,
    market,
    note,
    pairs,
    print_json,
    send,
    table,
    tx_json,
    tx_line,
    vault_option,
    yes_option,
)

if TYPE_CHECKING:
    from plumbline.events import Committed
    from plumbline.manifest import Manifest
    from plumbline.rounds import RoundHistory
    from plumbline.vault import Secret, Vault
    from scripts._common import Market

_WORD = 32


@click.group()
def cli() -> None:
    """Deposit a stake, commit to answers in secret, reveal them and withdraw the pay."""


@cli.command(cls=Command)
@click.argument("amount")
@account_option(needed=True)
@yes_option
@json_option
def deposit(amount: str, alias: str, yes: bool, as_json: bool) -> None:
    """Add AMOUNT, like `0.05 ether`, to the free balance, of which stakes are locked."""
    from scripts._money import deposit as pay_in

    pay_in(amount, alias, yes, as_json, needed=True)


@cli.command(cls=Command)
@click.argument("amount", default="all")
@click.option("--to", help="Who gets it. [default: the account itself]")
@account_option(needed=True)
@yes_option
@json_option
def withdraw(amount: str, to: str | None, alias: str, yes: bool, as_json: bool) -> None:
    """Pay out AMOUNT (like `0.05 ether`, or all) of the free balance."""
    from scripts._money import withdraw as pay_out

    pay_out(amount, to, alias, yes, as_json, needed=True)


# -------------------------------------------------------------------------- commit


@cli.command(cls=Command)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--round", "number", type=int, help="The round. [default: if there is only one]")
@click.option(
    "--tasks",
    "tasks_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Task file from the requester. [default: from the uri of the round]",
)
@click.option(
    "--evidence",
    "evidence_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="JSON list of 0x words, if the round's policy wants to see any.",
)
@click.option("--discard", is_flag=True, help="Set aside answers kept before but not committed.")
@account_option(needed=True)
@vault_option
@yes_option
@json_option
def commit(
    file: Path,
    number: int | None,
    tasks_file: Path | None,
    evidence_file: Path | None,
    discard: bool,
    alias: str,
    vault_root: Path | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Commit to the answers in FILE (CSV with `task,answer`, or JSON), which stay secret.

    Checks first that the tasks are those of the round, that the answers fit and that the stake
    is covered. Answers and salt are on disk before anything is sent. To be run again after any
    crash: it never commits to another sheet than the one it kept.
    """
    from plumbline.answers import read_answers

    here = market()
    account = account_of(alias, here.chain, needed=True)
    vault = here.vault(vault_root)
    one = here.history(here.round_number(number))
    kept = vault.answers(one.round_id, account.address)
    landed = one.commitment_of(account.address)
    if landed is not None:
        _say_landed(here, one, landed, kept, account, as_json)
        return
    _require_commit_phase(here, one)
    manifest = _manifest(one, tasks_file)
    answers = read_answers(file, manifest.options, manifest.names)
    if kept is not None and kept.answers != answers:
        if not discard:
            fail(
                f"other answers for round {one.round_id} are kept in "
                f"{vault.answers_path(one.round_id, account.address)}, but are not committed: "
                "commit those, or add --discard to set them aside"
            )
        kept = None
    evidence = _evidence(evidence_file)
    _require_stake(here, one, account)
    skips = sum(answer is None for answer in answers)
    rules, unit = one.rules, here.unit
    confirm(
        yes,
        here.chain,
        account,
        [
            f"Commit to {len(answers) - skips} answers and {skips} skips in round {one.round_id} "
            f"at {here.rounds.address} and lock {unit.exact(rules.stake)}.",
            f"Reveal them by {_when(one.deadlines.reveal)}: who is silent loses "
            f"{unit.exact(rules.stake * rules.slash_max_bps // 10_000)}, an outlier "
            f"{unit.exact(rules.stake * rules.slash_base_bps // 10_000)} or more.",
            f"Answers and salt are kept in {vault.answers_path(one.round_id, account.address)}.",
        ],
    )
    if kept is None and discard:
        vault.discard_answers(one.round_id, account.address)
    secret = vault.keep_answers(one.round_id, account.address, answers, rules.options)
    call = here.rounds.commit(one.round_id, secret.digest, rules.stake, evidence=evidence)
    receipt = send(here.chain, account, call)
    if as_json:
        print_json(
            {
                "round": one.round_id,
                "labeler": account.address,
                "commitment": "0x" + secret.digest.hex(),
                "already": False,
                "reveal_by": one.deadlines.reveal,
                "kept": str(vault.answers_path(one.round_id, account.address)),
                **tx_json(receipt),
            }
        )
        return
    console().print(tx_line(receipt), soft_wrap=True)
    console().print(
        f"{account.name} is seated in round {one.round_id}: reveal with `ape run labeler reveal` "
        f"once all seats are taken or at {_when(one.deadlines.commit)}, "
        f"and by {_when(one.deadlines.reveal)}",
        soft_wrap=True,
    )


def _say_landed(
    here: Market,
    one: RoundHistory,
    landed: Committed,
    kept: Secret | None,
    account: Any,
    as_json: bool,
) -> None:
    """A second run, or one after a crash: the commitment is on chain already."""
    if kept is None or kept.digest != landed.commitment:
        fail(
            f"{account.name} committed in round {one.round_id} (block {landed.block}) to answers "
            "that are not kept here: reveal from where they are"
        )
    if as_json:
        print_json(
            {
                "round": one.round_id,
                "labeler": account.address,
                "commitment": "0x" + landed.commitment.hex(),
                "already": True,
                "reveal_by": one.deadlines.reveal,
                "transaction": "0x" + landed.transaction.hex(),
                "block": landed.block,
            }
        )
        return
    console().print(
        f"{account.name} is committed already in round {one.round_id}, since block "
        f"{landed.block}, to the answers kept here: nothing was sent",
        soft_wrap=True,
    )


def _require_commit_phase(here: Market, one: RoundHistory) -> None:
    from plumbline.views import Phase

    phase, _ = here.time_left(one)
    if phase is Phase.COMMIT:
        return
    taken = len(one.commitments) == one.rules.seats
    why = (
        f"all {one.rules.seats} seats are taken"
        if taken
        else f"it ended at {_when(one.deadlines.commit)}"
    )
    fail(f"the commit phase of round {one.round_id} is over, {why}: take part in another round")


def _manifest(one: RoundHistory, tasks_file: Path | None) -> Manifest:
    from plumbline.download import fetch_manifest, load_manifest
    from plumbline.manifest import require_root

    manifest = load_manifest(tasks_file) if tasks_file else fetch_manifest(one.opened.uri)
    require_root(manifest, one.opened.tasks_root, one.rules.tasks)
    if len(manifest.options) != one.rules.options:
        fail(
            f"the tasks name {len(manifest.options)} options and round {one.round_id} has "
            f"{one.rules.options}: the requester made a mistake, stay out of it"
        )
    return manifest


def _evidence(path: Path | None) -> list[bytes]:
    from plumbline.textfiles import parse_json, read_text

    if path is None:
        return []
    words = parse_json(read_text(path), str(path))
    try:
        made = [bytes.fromhex(str(word).removeprefix("0x")) for word in words]
    except (TypeError, ValueError):
        made = [b""]
    if any(len(word) != _WORD for word in made):
        fail(f"{path} must hold a list of words, 0x and 64 hex digits each")
    return made


def _require_stake(here: Market, one: RoundHistory, account: Any) -> None:
    free = here.rounds.account(account.address).free
    missing = one.rules.stake - free
    if missing > 0:
        amount = here.unit.exact(missing)
        fail(
            f"{account.name} has {here.unit.exact(free)} free and the stake is "
            f"{here.unit.exact(one.rules.stake)}: {amount} are missing, "
            f'`ape run labeler deposit "{amount}" --account {account.name}`'
        )


def _when(timestamp: int) -> str:
    return datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


# -------------------------------------------------------------------------- reveal


@cli.command(cls=Command)
@click.option("--round", "number", type=int, help="The round. [default: all that can be]")
@account_option(needed=True)
@vault_option
@yes_option
@json_option
def reveal(
    number: int | None, alias: str, vault_root: Path | None, yes: bool, as_json: bool
) -> None:
    """Open the commitment in a round, or in all rounds where it is time.

    To be run again after any crash: what is revealed already is said and left alone.
    """
    here = market()
    account = account_of(alias, here.chain, needed=True)
    vault = here.vault(vault_root)
    count = here.rounds.round_count()
    numbers = (
        [here.round_number(number)]
        if number is not None
        else [each for each in vault.rounds_answered(account.address) if each <= count]
    )
    if not numbers:
        fail(f"no answers of {account.name} are kept in {vault.folder}: commit first")
    ready, said = [], []
    for each in numbers:
        one = here.history(each)
        secret, why = _openable(here, one, vault, account.address)
        said.append({"round": each, "state": why})
        if secret is not None:
            ready.append((one, secret))
        elif number is None:
            note(f"round {each}: {why}")
    if not ready:
        if number is not None and not said[0]["state"].startswith("revealed already"):
            fail(f"round {number}: {said[0]['state']}")
        if as_json:
            print_json({"labeler": account.address, "rounds": said, "transactions": []})
        else:
            console().print(f"{account.name}: nothing to reveal now", soft_wrap=True)
            if number is not None:
                console().print(f"round {number}: {said[0]['state']}", soft_wrap=True)
        return
    calls = [
        here.rounds.reveal(one.round_id, [_opening(account.address, secret)])
        for one, secret in ready
    ]
    confirm(yes, here.chain, account, [call.description for call in calls])
    receipts = [send(here.chain, account, call) for call in calls]
    if as_json:
        done = [tx_json(receipt) for receipt in receipts]
        print_json({"labeler": account.address, "rounds": said, "transactions": done})
        return
    for (one, _), receipt in zip(ready, receipts, strict=True):
        console().print(tx_line(receipt), soft_wrap=True)
        console().print(f"{account.name} revealed in round {one.round_id}", soft_wrap=True)


def _opening(labeler: str, secret: Secret) -> Any:
    from plumbline.contract import Opening

    return Opening(labeler, secret.sheet, secret.salt)


def _openable(
    here: Market, one: RoundHistory, vault: Vault, labeler: str
) -> tuple[Secret | None, str]:
    """The secret to open a seat with, or None; and how things stand, in words."""
    from plumbline.units import format_duration
    from plumbline.views import Phase

    landed = one.commitment_of(labeler)
    if landed is None:
        return None, "not committed: run `ape run labeler commit` again if the phase is not over"
    for event in one.reveals:
        if event.labeler == labeler:
            return None, f"revealed already, in block {event.block}"
    for gone in (*one.forfeits, *one.leaks):
        if gone.labeler == labeler:
            return None, f"slashed as silent or leaked, in block {gone.block}"
    phase, seconds = here.time_left(one)
    if phase is Phase.COMMIT:
        return None, (
            f"others may commit for {format_duration(seconds)} yet: whoever reveals now gives "
            "the answers away"
        )
    if phase is not Phase.REVEAL:
        return None, f"too late, reveals ended at {_when(one.deadlines.reveal)}"
    secret = vault.answers(one.round_id, labeler)
    if secret is None or secret.digest != landed.commitment:
        return None, f"the answers are not kept in {vault.folder}: reveal from where they are"
    return secret, f"to be revealed, {format_duration(seconds)} left"


# -------------------------------------------------------------------------- status


@cli.command(cls=Command)
@account_option(needed=True)
@vault_option
@json_option
def status(alias: str, vault_root: Path | None, as_json: bool) -> None:
    """Show balances, record, and the rounds taken part in with what is still to be done."""
    from plumbline.rounds import history

    here = market()
    account = account_of(alias, here.chain, needed=True)
    vault = here.vault(vault_root)
    books = here.rounds.account(account.address)
    told = [
        one
        for one in history(here.events()).values()
        if one.commitment_of(account.address) is not None
    ]
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
                "rounds": [_seat_json(here, one, vault, account.address) for one in told],
            }
        )
        return
    made = pairs(f"{account.name}, {account.address}")
    made.add_row("free", here.unit.short(books.free))
    made.add_row("locked in seats", here.unit.short(books.locked))
    made.add_row(
        "record",
        f"{books.rounds} rounds: {books.near} near, {books.outlier} outlier, "
        f"{books.unrevealed} not revealed",
    )
    made.add_row("average kappa", f"{books.kappa / 10_000:.2f}")
    console().print(made)
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
        seat = _seat_json(here, one, vault, account.address)
        seats.add_row(
            str(one.round_id),
            seat["phase"],
            here.unit.short(one.rules.stake),
            "kept here" if seat["kept"] else "[red]not here[/]",
            _when(one.deadlines.reveal) if seat["open"] else "",
            left(max(0, one.deadlines.reveal - here.chain.now)) if seat["open"] else "",
            seat["state"],
        )
    console().print(seats)


def _seat_json(here: Market, one: RoundHistory, vault: Vault, labeler: str) -> dict[str, Any]:
    phase, _ = here.time_left(one)
    landed = one.commitment_of(labeler)
    secret = vault.answers(one.round_id, labeler)
    kept = secret is not None and landed is not None and secret.digest == landed.commitment
    _, state = _openable(here, one, vault, labeler)
    for event in one.settled:
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
        "kept": kept,
        "state": state,
    }
