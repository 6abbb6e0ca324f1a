"""The command `answer`: the tasks on the screen, one at a time, then the commitment."""

import time
from pathlib import Path
from typing import Any

import click

from plumbline.cli.answering.app import Heading, ask
from plumbline.cli.command import Command, round_argument, same_command
from plumbline.cli.labeler.commit import say_landed, take_seat
from plumbline.cli.labeler.options import (
    commit_flow,
    commitment_options,
    copies_of,
    manifest_of,
)
from plumbline.cli.offers import offer_lines
from plumbline.cli.output import note, plain
from plumbline.formats.asked import asked_in
from plumbline.labeler.drafts import Draft
from plumbline.units import format_time


@click.command(cls=Command)
@round_argument
@commitment_options
def answer(
    number: int | None,
    tasks_file: Path | None,
    fetch: bool,
    discard: bool,
    yes: bool,
    **given: Any,
) -> None:
    """Answer the tasks of ROUND one at a time on the screen, then commit.

    Left out, ROUND is the one with the tasks of --tasks, or the only one there is.

    Every answer is on disk before the next task is shown, so you can stop at any time and go on
    later. Before anything is signed you see what is at stake and by when it must be revealed.
    """
    flow, given_tasks = commit_flow(number, tasks_file, **given)
    history, unit, node = flow.history, flow.market.unit, flow.market.node
    landed = flow.landed
    if landed is not None:
        say_landed(flow, landed, None, as_json=False)
        return
    flow.require_commit_phase()
    flow.require_stake()
    manifest = manifest_of(flow, given_tasks, fetch)
    copies = copies_of(flow, manifest, tasks_file, fetch)
    asked = asked_in(history.rules.kind, manifest)
    path = flow.vault.draft_path(history.round_id, flow.labeler.address)
    draft = Draft.open(path, manifest.root, history.rules.tasks, history.rules.options)
    heading = Heading(
        round_id=history.round_id,
        stake=unit.exact(history.rules.stake),
        price=unit.exact(history.rules.price),
        reveal_by=format_time(history.deadlines.reveal),
        commit_deadline=history.deadlines.commit,
        asked=asked,
    )
    for line in offer_lines(flow.market.offer(history), history.requester, unit):
        note(plain(line))
    ahead = node.now - int(time.time())  # a local chain may have been sent ahead
    answers = ask(manifest, heading, draft, lambda: int(time.time()) + ahead, copies)
    if answers is None:
        note(plain(f"kept in {draft.path} for later: `{same_command(history.round_id)}`"))
        return
    take_seat(flow, manifest, answers, discard, yes, as_json=False)
    draft.discard()
