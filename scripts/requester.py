"""Open rounds, close them and take the labels home."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scripts._accounts import account_of
from scripts._command import Command, account_option, fail, json_option, vault_option, yes_option
from scripts._node import market
from scripts._output import (
    console,
    left,
    note,
    pairs,
    plain,
    print_json,
    short,
    table,
    tx_json,
)
from scripts._sending import confirm, outbox, send, sender_of

if TYPE_CHECKING:
    from plumbline.chain.call import Call, Receipt
    from plumbline.chain.events import RoundOpened
    from plumbline.formats.round_file import RoundFile
    from plumbline.history.rounds import RoundHistory
    from plumbline.labeler.vault import Secret, Vault
    from scripts._node import Market


@click.group()
def cli() -> None:
    """Open a round, see how it stands, close it and take the labels home."""


# ---------------------------------------------------------------------------- open


@cli.command(name="open", cls=Command)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--again", is_flag=True, help="Open another round though this file has one already.")
@click.option(
    "--publish",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write the tasks for labelers. [default: FILE with the ending .tasks.json]",
)
@account_option(needed=False)
@vault_option
@yes_option
@json_option
def open_round(
    file: Path,
    again: bool,
    publish: Path | None,
    alias: str | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Open a round from FILE, in YAML or JSON.

    FILE holds the tasks, the price and the stake; everything else has a preset (docs/examples).
    What is missing of the escrow, price times seats, is deposited first. Golds and their salt
    are on disk before anything is sent: without them the round cannot be closed with gold.
    """
    from plumbline.chain.events import RoundOpened
    from plumbline.formats import round_file as roundfile

    here = market()
    account = sender_of(alias, here.chain)
    wanted = roundfile.load(file, here.unit)
    published = publish or file.with_suffix(".tasks.json")

    def is_same(call: Call) -> bool:
        return here.rounds.is_opening(call, wanted.rules, wanted.manifest.root)

    landed = outbox(here.chain, account).take_if(is_same)
    if any(is_same(sent.call) for sent in outbox(here.chain, account).under_way()):
        fail(f"another command opens a round from {file} right now: wait for it")
    if landed is not None:
        # An earlier run of this very command was interrupted after it had opened the round.
        _say_opened(here, wanted, published, [landed], as_json)
        return
    mine = [
        event
        for event in here.events()
        if isinstance(event, RoundOpened) and event.requester == account.address
    ]
    same = [
        event
        for event in mine
        if event.tasks_root == wanted.manifest.root and event.rules == wanted.rules
    ]
    if same and not again:
        fail(
            f"{account.name} opened round {same[-1].round_id} from this file already: "
            "add --again to open another"
        )
    for advice in wanted.advice:
        note(f"[yellow]Note:[/] {advice}")
    if same and wanted.gold:
        note("[yellow]Note:[/] golds used before are public once the earlier round is closed")
    receipts = _open(here, account, wanted, published, mine, yes)
    _say_opened(here, wanted, published, receipts, as_json)


def _open(
    here: Market,
    account: Any,
    wanted: RoundFile,
    published: Path,
    mine: list[RoundOpened],
    yes: bool,
) -> list[Receipt]:
    """Deposit what is missing, and open."""
    from plumbline.chain.records import Deadlines
    from plumbline.protocol.addresses import ZERO
    from plumbline.protocol.commitment import EMPTY_HASH
    from scripts._money import paid_calls, send_all

    missing = max(0, wanted.escrow - here.rounds.account(account.address).free)
    calls = paid_calls(here, account, missing, here.rounds.deposit(missing)) if missing else []
    unit, rules = here.unit, wanted.rules
    lines = [call.description for call in calls]
    lines.append(
        f"Open a round of {rules.tasks} tasks and {rules.seats} seats at {here.rounds.address}: "
        f"{unit.exact(wanted.escrow)} go into escrow ({unit.exact(rules.price)} a seat), each "
        f"labeler locks {unit.exact(rules.stake)}."
    )
    if wanted.gold:
        folder = here.vault.folder / "gold"
        lines.append(f"{len(wanted.gold)} golds and their salt are kept in {folder}")
    confirm(yes, here.chain, account, lines)
    _publish(wanted, published)
    golds = _keep_gold(here.vault, account.address, wanted, mine) if wanted.gold else None
    receipts = send_all(here, account, calls)
    call = here.rounds.open(
        rules,
        Deadlines(*wanted.deadlines(here.chain.now)),
        wanted.manifest.root,
        golds.digest if golds else EMPTY_HASH,
        wanted.admission or ZERO,
        wanted.uri,
    )
    return [*receipts, send(here.chain, account, call)]


def _say_opened(
    here: Market, wanted: RoundFile, published: Path, receipts: list[Receipt], as_json: bool
) -> None:
    from plumbline.chain.events import RoundOpened, decode

    (opened,) = (
        event
        for event in decode(receipts[-1].logs, here.deployment.abi)
        if isinstance(event, RoundOpened)
    )
    if as_json:
        ends = opened.deadlines
        print_json(
            {
                "round": opened.round_id,
                "requester": opened.requester,
                "escrow": str(wanted.escrow),
                "tasks_root": "0x" + opened.tasks_root.hex(),
                "gold_root": "0x" + opened.gold_root.hex(),
                "deadlines": {"commit": ends.commit, "reveal": ends.reveal, "gold": ends.gold},
                "tasks_file": str(published),
                "transactions": [tx_json(receipt) for receipt in receipts],
            }
        )
        return
    console().print(_round_table(here, here.history(opened.round_id)))
    console().print(f"Hand [bold]{published}[/] to the labelers.", soft_wrap=True)


def _publish(wanted: RoundFile, path: Path) -> None:
    text = json.dumps(wanted.manifest.to_json(), ensure_ascii=False, indent=1) + "\n"
    try:
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        fail(f"{path} cannot be written ({error.strerror}): nothing was sent; use --publish")


def _keep_gold(vault: Vault, requester: str, wanted: RoundFile, mine: list[RoundOpened]) -> Secret:
    """Golds kept by an opening that did not land are used again, those on chain never."""
    used = {event.gold_root for event in mine}
    answers = [wanted.gold.get(task) for task in range(wanted.rules.tasks)]
    for secret in vault.golds(requester):
        if secret.digest not in used and secret.answers == answers:
            return secret
    return vault.keep_gold(requester, wanted.gold, wanted.rules.options, wanted.rules.tasks)


# -------------------------------------------------------------------------- status


@cli.command(cls=Command)
@click.argument("number", metavar="[ROUND]", type=int, required=False)
@account_option(needed=False)
@json_option
def status(number: int | None, alias: str | None, as_json: bool) -> None:
    """Show phase and time left, seats, reveals and escrow of ROUND, or of all rounds.

    With --account only the rounds of that requester are listed.
    """
    from plumbline.history.rounds import history

    here = market()
    if number is not None:
        told = [here.history(here.round_number(number))]
    else:
        told = list(history(here.events()).values())
        if alias:
            owner = account_of(alias, here.chain).address
            told = [one for one in told if one.requester == owner]
    if as_json:
        print_json([_round_json(here, one) for one in told])
    elif number is not None:
        console().print(_round_table(here, told[0]))
    elif told:
        console().print(_rounds_table(here, told))
    else:
        console().print("no rounds yet: `ape run requester open FILE` opens one")


def _escrow(one: RoundHistory) -> int:
    return 0 if one.is_over else one.rules.price * one.rules.seats


def _end(one: RoundHistory) -> str:
    from plumbline.settlement import Mode

    if one.expired:
        return "expired"
    return Mode(one.closed.verdict.mode).label if one.closed else ""


def _rounds_table(here: Market, told: list[RoundHistory]) -> Any:
    made = table(
        f"Rounds on chain {here.chain.chain_id}",
        ">round",
        "=requester",
        "=kind",
        ">tasks",
        "=phase",
        ">left",
        ">seats",
        ">revealed",
        ">silent",
        ">escrow",
        "=judged",
    )
    for one in told:
        phase, seconds = here.time_left(one)
        made.add_row(
            str(one.round_id),
            short(one.requester),
            f"{one.rules.kind.label} {one.rules.options}",
            str(one.rules.tasks),
            phase.label,
            left(seconds),
            f"{len(one.commitments)}/{one.rules.seats}",
            str(len(one.reveals)),
            str(one.gone),
            here.unit.short(_escrow(one)),
            _end(one),
        )
    return made


def _round_table(here: Market, one: RoundHistory) -> Any:
    unit, rules = here.unit, one.rules
    phase, seconds = here.time_left(one)
    made = pairs(f"Round {one.round_id}")
    made.add_row("requester", one.requester)
    made.add_row("phase", phase.label + (f", {left(seconds)} left" if seconds else ""))
    made.add_row("tasks", f"{rules.tasks}, {rules.kind.label} with {rules.options} options")
    made.add_row("price, stake", f"{unit.short(rules.price)}, {unit.short(rules.stake)}")
    made.add_row("seats taken", f"{len(one.commitments)} of {rules.seats}")
    made.add_row("revealed", f"{len(one.reveals)}, at least {rules.r_min} are needed")
    made.add_row("silent or leaked", f"{one.gone} slashed, {len(one.awaited)} not revealed")
    made.add_row("escrow", unit.short(_escrow(one)))
    if one.has_gold:
        made.add_row("gold", "opened" if one.gold else "committed to")
    if one.closed:
        verdict = one.closed.verdict
        made.add_row("judged", f"{_end(one)}, crowd's kappa {verdict.crowd_kappa / 1e6:.2f}")
        made.add_row("paid", unit.short(one.closed.paid))
        made.add_row("refunded", unit.short(one.closed.refund))
        made.add_row("to the sink", unit.short(one.closed.to_sink))
    if one.expired:
        made.add_row("expired", f"refunded {unit.short(one.expired.refund)}")
    return made


def _round_json(here: Market, one: RoundHistory) -> dict[str, Any]:
    phase, seconds = here.time_left(one)
    value: dict[str, Any] = {
        "round": one.round_id,
        "requester": one.requester,
        "phase": phase.label,
        "seconds_left": seconds,
        "terms": one.rules.to_vector(),
        "committed": len(one.commitments),
        "revealed": len(one.reveals),
        "gone": one.gone,
        "awaited": list(one.awaited),
        "escrow": str(_escrow(one)),
        "has_gold": one.has_gold,
        "tasks_root": "0x" + one.opened.tasks_root.hex(),
        "uri": one.opened.uri,
    }
    if one.closed:
        value["mode"] = _end(one)
        value["crowd_kappa_ppm"] = one.closed.verdict.crowd_kappa
        value["paid"] = str(one.closed.paid)
        value["refund"] = str(one.closed.refund)
        value["to_sink"] = str(one.closed.to_sink)
    return value


# --------------------------------------------------------------------------- close


@cli.command(cls=Command)
@click.argument("number", metavar="[ROUND]", type=int, required=False)
@account_option(needed=False)
@vault_option
@yes_option
@json_option
def close(number: int | None, alias: str | None, yes: bool, as_json: bool) -> None:
    """Judge and pay ROUND, opening its golds in the same call; then slash the silent.

    ROUND may be left out if only one is open. All revealed answers are gathered from events.
    Anyone may close; only the requester has the golds.
    """
    here = market()
    account = sender_of(alias, here.chain)
    one = here.history(_closable(here, account, number))
    calls = []
    lines = []
    if one.is_over:
        note(f"Round {one.round_id} is closed already.")
    else:
        gold = _gold_to_open(here, one, account.address, here.vault)
        sheet, salt = (gold.sheet, gold.salt) if gold else (None, None)
        root = one.opened.tasks_root
        calls.append(here.rounds.close(one.round_id, root, one.entries, sheet, salt))
        lines.append(calls[0].description)
    if one.awaited and here.chain.now >= one.deadlines.reveal:
        calls.append(here.rounds.forfeit(one.round_id, one.awaited))
        lines.append(calls[-1].description)
    if not calls:
        if as_json:
            print_json(_round_json(here, one))
        return
    confirm(yes, here.chain, account, lines)
    receipts = [send(here.chain, account, call) for call in calls]
    one = here.history(one.round_id)
    if as_json:
        done = {"transactions": [tx_json(receipt) for receipt in receipts]}
        print_json(_round_json(here, one) | done)
        return
    console().print(_round_table(here, one))
    console().print(_outcomes(here, one))


def _closable(here: Market, account: Any, number: int | None) -> int:
    """The round that was named, or the only one with anything left to do."""
    from plumbline.chain.events import RoundEvent, decode
    from plumbline.history.rounds import history

    if number is not None:
        return here.round_number(number)
    unfinished = [
        one.round_id
        for one in history(here.events()).values()
        if not one.is_over or (one.awaited and here.chain.now >= one.deadlines.reveal)
    ]
    if len(unfinished) == 1:
        return unfinished[0]
    if unfinished:
        fail(f"say which round: {', '.join(map(str, unfinished))} are open")
    # An earlier run may have been interrupted after the last thing that was to be done.
    landed = outbox(here.chain, account).take_if(here.rounds.is_ending)
    if landed is not None:
        event, *_ = decode(landed.logs, here.deployment.abi)
        if isinstance(event, RoundEvent):
            return event.round_id
    fail("no round is open: see `ape run requester status`")


def _gold_to_open(here: Market, one: RoundHistory, sender: str, vault: Vault) -> Secret | None:
    """The golds to close with; an error if it is not yet time, or if they are not here."""
    from plumbline.chain.records import Phase
    from plumbline.units import format_duration

    phase, seconds = here.time_left(one)
    name = f"round {one.round_id}"
    if phase is Phase.COMMIT:
        fail(
            f"{name} is still in its commit phase for {format_duration(seconds)}, "
            f"{len(one.commitments)} of {one.rules.seats} seats are taken: close it after the "
            "reveals"
        )
    if phase is Phase.REVEAL:
        fail(
            f"{len(one.awaited)} of {len(one.commitments)} labelers of {name} have not revealed "
            f"and may for {format_duration(seconds)}: close it then"
        )
    if phase is Phase.DUE:
        if one.has_gold:
            note("[yellow]Note:[/] the gold deadline is over: what is not earned goes to the sink")
        return None
    blocks = one.blocks_until_final(here.chain.now, here.chain.head, here.chain.confirmations)
    if blocks:
        fail(
            f"the seats of {name} were taken a moment ago, and a reorganisation could free one for "
            f"somebody who has seen the golds: close it after {blocks} more blocks"
        )
    gold = vault.gold(one.requester, one.opened.gold_root)
    if gold is None:
        whose = f"of {short(one.requester)} " if sender != one.requester else ""
        fail(
            f"the golds {whose}for {name} are not in {vault.folder}: close it from where it was "
            f"opened; in {format_duration(seconds)} anyone can close it without gold"
        )
    return gold


def _outcomes(here: Market, one: RoundHistory) -> Any:
    from scripts._scenes import band

    made = table(
        f"What became of the labelers of round {one.round_id}",
        "=labeler",
        "=band",
        ">kappa",
        ">pay",
        ">slash",
    )
    for event in one.outcomes:
        made.add_row(
            event.labeler,
            band(event.band.label),
            f"{event.kappa / 1e6:.2f}",
            here.unit.short(event.pay),
            here.unit.short(event.slash),
        )
    for gone in (*one.forfeits, *one.leaks):
        made.add_row(gone.labeler, band("unrevealed"), "", "", here.unit.short(gone.slash))
    return made


# --------------------------------------------------------------------------- relay


@cli.command(cls=Command)
@click.argument("files", nargs=-1, required=True, type=click.Path(dir_okay=False, path_type=Path))
@account_option(needed=False)
@vault_option
@yes_option
@json_option
def relay(files: tuple[Path, ...], alias: str | None, yes: bool, as_json: bool) -> None:
    """Carry commitments that labelers signed: FILES are from `ape run labeler sign`.

    As many as fit go into one transaction, and you pay the gas. What no longer applies is left
    out and said: a seat that is taken, a stake that is not covered, a phase that is over. You can
    change nothing in what was signed, and whoever runs this again carries nothing twice.
    """
    from scripts._relaying import relay as carry

    carry(files, alias, yes, as_json)


# -------------------------------------------------------------------------- labels


@cli.command(cls=Command)
@click.argument("number", metavar="[ROUND]", type=int, required=False)
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table")
@click.option(
    "--tasks", "tasks_file", type=click.Path(path_type=Path), help="Task file, for the names."
)
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="Instead of stdout."
)
@json_option
def labels(
    number: int | None, form: str, tasks_file: Path | None, output: Path | None, as_json: bool
) -> None:
    """Write the labels of a closed ROUND: the crowd's answer to each task and how firm it is.

    A label is contested where the votes are too close to count for everyone, as the verdict has
    it. Without --tasks tasks and options go by number.
    """
    from plumbline.formats.manifest_file import load_manifest
    from plumbline.protocol.manifest import require_root
    from plumbline.settlement.labels import labels as labels_of

    here = market()
    one = here.history(here.round_number(number))
    if one.closed is None:
        fail(
            f"round {one.round_id} is not closed: `ape run requester close {one.round_id}`, or "
            f"look ahead with `ape run rewards preview {one.round_id}`"
        )
    rules = one.rules
    tasks = [str(task) for task in range(rules.tasks)]
    options = [str(option) for option in range(rules.options)]
    if tasks_file:
        manifest = load_manifest(tasks_file)
        require_root(manifest, one.opened.tasks_root, rules.tasks)
        tasks, options = list(manifest.names), list(manifest.options)
    found = labels_of(one.settlement())
    records = [
        {
            "task": tasks[label.task],
            "label": None if label.consensus is None else options[label.consensus],
            "contested": label.contested,
            "votes": dict(zip(options, label.votes, strict=True)),
            "gold": None if label.gold is None else options[label.gold],
        }
        for label in found
    ]
    if output and form == "table":
        form = "json" if output.suffix == ".json" else "csv"
    text = _written(records, options, "json" if as_json else form)
    if output:
        try:
            output.write_text(text, encoding="utf-8")
        except OSError as error:
            fail(f"{output} cannot be written ({error.strerror})")
        note(f"{len(records)} labels of round {one.round_id} are in {output}")
    elif text:
        click.echo(text, nl=False)
    else:
        contested = sum(label.contested for label in found)
        made = table(
            f"Labels of round {one.round_id}",
            "=task",
            "=label",
            *(f">{plain(option)}" for option in options),
            "=contested",
            "=gold",
            caption=f"{len(records)} labels, {contested} contested, round judged {_end(one)}",
        )
        for record in records:
            made.add_row(
                plain(record["task"]),
                plain(record["label"] or "-"),
                *(str(votes) if votes else "." for votes in record["votes"].values()),
                "[yellow]contested[/]" if record["contested"] else "",
                plain(record["gold"] or ""),
            )
        console().print(made)


def _written(records: list[dict[str, Any]], options: list[str], form: str) -> str:
    import csv
    import io

    if form == "json":
        return json.dumps(records, indent=2, ensure_ascii=False) + "\n"
    if form == "table":
        return ""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["task", "label", "contested", "gold", *(f"votes {name}" for name in options)])
    for record in records:
        rows.writerow(
            [
                record["task"],
                record["label"] or "",
                "yes" if record["contested"] else "no",
                record["gold"] or "",
                *record["votes"].values(),
            ]
        )
    return text.getvalue()


# ------------------------------------------------------------------------ withdraw


@cli.command(cls=Command)
@click.argument("amount", default="all")
@click.option("--to", help="Who gets it. [default: the account itself]")
@account_option(needed=False)
@vault_option
@yes_option
@json_option
def withdraw(amount: str, to: str | None, alias: str | None, yes: bool, as_json: bool) -> None:
    """Pay out AMOUNT (like `0.05 ether`, or all) of the free balance."""
    from scripts._money import withdraw as pay_out

    pay_out(amount, to, alias, yes, as_json, needed=False)
