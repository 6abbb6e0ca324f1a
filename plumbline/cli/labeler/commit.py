"""The commands that take a seat: `commit`, and `sign` for somebody else to relay."""

from pathlib import Path
from typing import Any

import click

from plumbline.chain.events import Committed
from plumbline.cli.command import Command, json_option, round_argument
from plumbline.cli.labeler.options import (
    commit_flow,
    commitment_options,
    lines,
    manifest_of,
    prepare,
)
from plumbline.cli.output import print_json, say, tx_json, write_text
from plumbline.cli.sending import confirm, confirm_doubt, send
from plumbline.formats.answers import read_answers
from plumbline.formats.asked import asked_in
from plumbline.labeler import consents
from plumbline.labeler.commit_flow import CommitFlow
from plumbline.protocol.commitment import consent_typed_data
from plumbline.protocol.manifest import Manifest
from plumbline.units import format_time

_answers_argument = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))


@click.command(cls=Command)
@_answers_argument
@round_argument
@commitment_options
@json_option
def commit(
    file: Path,
    number: int | None,
    tasks_file: Path | None,
    fetch: bool,
    discard: bool,
    yes: bool,
    as_json: bool,
    **given: Any,
) -> None:
    """Commit in ROUND to the answers in FILE (CSV with `task,answer`, or JSON), which stay secret.

    Left out, ROUND is the one with the tasks of --tasks, or the only one there is.
    Checks first that the tasks are those of the round, that the answers fit and that the stake
    is covered. Answers and salt are on disk before anything is sent, and go into the event
    encrypted, so that `restore` finds them again. To be run again after any crash: it never
    commits to another sheet than the one it kept.
    """
    flow, manifest = commit_flow(number, tasks_file, **given)
    if flow.landed is None:
        flow.require_commit_phase()
    manifest = manifest_of(flow, manifest, fetch)
    take_seat(flow, manifest, _answers(flow, manifest, file), discard, yes, as_json)


@click.command(cls=Command)
@_answers_argument
@round_argument
@commitment_options
@click.option("--typed-data", is_flag=True, help="Print what is to be signed, for other wallets.")
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="Instead of stdout."
)
def sign(
    file: Path,
    number: int | None,
    tasks_file: Path | None,
    fetch: bool,
    discard: bool,
    typed_data: bool,
    output: Path | None,
    yes: bool,
    **given: Any,
) -> None:
    """Sign a commitment to the answers in FILE for others to relay: it takes no ether for gas.

    Left out, ROUND is the one with the tasks of --tasks, or the only one there is.

    Prints a file for `plumbline requester relay`. It holds no secret: whoever relays it can delay
    it but change nothing, and `commit` with the same answers sends it yourself at any time.
    """
    flow, manifest = commit_flow(number, tasks_file, **given)
    landed = flow.landed
    if landed is None:
        flow.require_commit_phase()
    manifest = manifest_of(flow, manifest, fetch)
    answers = _answers(flow, manifest, file)
    if landed is not None:
        say_landed(flow, landed, answers, as_json=False)
        return
    flow.require_same(answers, discard)
    _confirm_sheet(flow, manifest, answers, yes)
    account, node = flow.labeler.account, flow.market.node
    confirm(yes, node, account, lines(flow, answers, "Agree to commit"), sends=False)
    missing = flow.missing_stake
    if missing:
        click.echo(
            f"Before it is relayed, {flow.market.unit.exact(missing)} are to be deposited: "
            f"`{flow.deposit_command}`, or anybody with --for {flow.labeler.address}",
            err=True,
        )
    prepared = prepare(flow, answers, discard)
    if typed_data:
        print_json(
            consent_typed_data(
                flow.market.deployment.deployed,
                flow.history.round_id,
                flow.labeler.address,
                flow.history.rules.stake,
                prepared.secret.digest,
                prepared.sealed,
            )
        )
        return
    text = consents.to_json(flow.consent(prepared))
    if output is None:
        click.echo(text, nl=False)
    else:
        write_text(output, text)
    click.echo(
        f"Hand it to whoever relays it (`plumbline requester relay FILE`) before "
        f"{format_time(flow.history.deadlines.commit)}. It holds no secret. `plumbline labeler "
        "commit` with the same answers sends it from your own account at any time.",
        err=True,
    )


def take_seat(
    flow: CommitFlow,
    manifest: Manifest,
    answers: list[int | None],
    discard: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Commit to these answers, or say that the seat is taken already."""
    landed = flow.landed
    if landed is not None:
        say_landed(flow, landed, answers, as_json)
        return
    flow.require_commit_phase()
    flow.require_same(answers, discard)
    flow.require_admitted()
    flow.require_stake()
    _confirm_sheet(flow, manifest, answers, yes)
    node, labeler, history = flow.market.node, flow.labeler, flow.history
    confirm(yes, node, labeler.account, lines(flow, answers, "Commit"))
    prepared = prepare(flow, answers, discard)
    receipt = send(node, labeler.account, flow.call(prepared))
    if as_json:
        print_json(
            _json(flow, prepared.secret.digest, already=False)
            | {"sealed_bytes": len(prepared.sealed), **tx_json(receipt)}
        )
        return
    say(
        f"{labeler.name} is seated in round {history.round_id}: reveal with `plumbline labeler "
        f"reveal {labeler.options}` once all seats are taken or at "
        f"{format_time(history.deadlines.commit)}, and by {format_time(history.deadlines.reveal)}"
    )


def _confirm_sheet(
    flow: CommitFlow, manifest: Manifest, answers: list[int | None], yes: bool
) -> None:
    doubt = flow.doubt(answers, manifest.options)
    if doubt:
        confirm_doubt(yes, doubt)


def say_landed(
    flow: CommitFlow, landed: Committed, answers: list[int | None] | None, as_json: bool
) -> None:
    """A second run, or one after a crash: the commitment is on chain already."""
    flow.require_kept(landed, answers)
    if as_json:
        print_json(
            _json(flow, landed.commitment, already=True)
            | {"transaction": "0x" + landed.transaction.hex(), "block": landed.block}
        )
        return
    say(
        f"{flow.labeler.name} is committed already in round {flow.history.round_id}, since block "
        f"{landed.block}, to the answers kept here: nothing was sent"
    )


def _answers(flow: CommitFlow, manifest: Manifest, file: Path) -> list[int | None]:
    asked = asked_in(flow.history.rules.kind, manifest)
    items = asked.items if asked.question.has_parts else ()
    return read_answers(file, asked.question, manifest.names, items)


def _json(flow: CommitFlow, digest: bytes, already: bool) -> dict[str, Any]:
    return {
        "round": flow.history.round_id,
        "labeler": flow.labeler.address,
        "commitment": "0x" + digest.hex(),
        "already": already,
        "reveal_by": flow.history.deadlines.reveal,
        "kept": str(flow.path),
    }
