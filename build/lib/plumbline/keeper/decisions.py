"""What is to be done for a round now, from what happened in it, the time, and what is at hand.

Pure: nothing is asked and nothing is sent. Two rules guard secrets: `history.secrecy` says when
they may be shown, and gold answers are shown only by the call that closes the round.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from plumbline.chain.records import Phase
from plumbline.history.rounds import RoundHistory
from plumbline.history.secrecy import secrecy
from plumbline.labeler.delegated_reveals import DelegatedReveal
from plumbline.labeler.vault import Secret
from plumbline.protocol.commitment import Entry, Opening
from plumbline.settlement.sheet import SheetError, require_sheet


class Step(StrEnum):
    """What a keeper may be told to do, or to leave to others."""

    REVEAL = "reveal"
    CLOSE = "close"
    FORFEIT = "forfeit"
    EXPIRE = "expire"


@dataclass(frozen=True, slots=True)
class View:
    """When and how to decide.

    now             unix seconds: of the latest block, or of the next on a chain that stands still
    head            number of the latest block
    confirmations   blocks on top of a last commitment before answers are shown
    """

    now: int
    head: int
    confirmations: int
    steps: frozenset[Step] = frozenset(Step)


@dataclass(frozen=True, slots=True)
class Action:
    """Something to be sent, and why, in words."""

    round_id: int
    reason: str

    @property
    def kind(self) -> str:
        """What it is called in logs and metrics."""
        return type(self).__name__.lower()

    @property
    def labelers(self) -> tuple[str, ...]:
        """Whom it is about, in order."""
        return ()


@dataclass(frozen=True, slots=True)
class Reveal(Action):
    """Open commitments."""

    openings: tuple[Opening, ...]

    @property
    def labelers(self) -> tuple[str, ...]:
        return tuple(opening.labeler for opening in self.openings)


@dataclass(frozen=True, slots=True)
class Conclude(Action):
    """Open all commitments and close, in one; `tasks_root` is that of the opening."""

    tasks_root: bytes
    openings: tuple[Opening, ...]
    gold: Secret | None

    @property
    def labelers(self) -> tuple[str, ...]:
        return tuple(opening.labeler for opening in self.openings)


@dataclass(frozen=True, slots=True)
class Close(Action):
    """Judge and pay; `tasks_root` is that of the opening."""

    tasks_root: bytes
    entries: tuple[Entry, ...]
    gold: Secret | None

    @property
    def labelers(self) -> tuple[str, ...]:
        return tuple(entry.labeler for entry in self.entries)


@dataclass(frozen=True, slots=True)
class Forfeit(Action):
    """Slash the silent."""

    silent: tuple[str, ...]

    @property
    def labelers(self) -> tuple[str, ...]:
        return self.silent


@dataclass(frozen=True, slots=True)
class Expire(Action):
    """Unwind a round that cannot be closed; `tasks_root` is that of the opening."""

    tasks_root: bytes
    entries: tuple[Entry, ...]

    @property
    def labelers(self) -> tuple[str, ...]:
        return tuple(entry.labeler for entry in self.entries)


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing can be done, and why, in words; `until` is a time in unix seconds, if it is one."""

    round_id: int
    reason: str
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do for a round, in this order, and what it waits for besides."""

    actions: tuple[Action, ...]
    wait: Wait | None


_URGENT: Final = (Reveal, Conclude)


def usable(
    one: RoundHistory, files: Iterable[DelegatedReveal]
) -> tuple[dict[str, Opening], dict[DelegatedReveal, str]]:
    """Which files open a seat of this round that is still to be opened, and why others do not.

    Anyone can write a file for any labeler: only what the seat holds counts.
    """
    openings: dict[str, Opening] = {}
    useless: dict[DelegatedReveal, str] = {}
    awaited = set(one.awaited)
    committed = {event.labeler: event.commitment for event in one.commitments}
    for delegated in files:
        labeler = delegated.labeler
        if labeler not in committed:
            # Perhaps not yet; it is looked at again.
            useless[delegated] = "has no seat in the round"
        elif committed[labeler] != delegated.commitment:
            useless[delegated] = "committed to something else"
        elif labeler in awaited:
            opening = delegated.opening
            try:
                require_sheet(opening.sheet, one.rules.options, one.rules.tasks)
            except SheetError as error:
                useless[delegated] = f"committed to answers that do not fit the round ({error})"
            else:
                openings[labeler] = opening
    return openings, useless


def decide(
    one: RoundHistory,
    view: View,
    openings: Mapping[str, Opening],
    gold: Secret | None,
    unclosable: bool = False,
) -> Decision:
    """What to do for a round.

    openings     of its seats, as `usable` finds them
    gold         its golds, if they are at hand
    unclosable   closing it was tried, and cannot work
    """
    found = None if one.is_over else _next(one, view, openings, gold, unclosable)
    actions = [found] if isinstance(found, Action) else []
    if Step.FORFEIT in view.steps and view.now >= one.deadlines.reveal and one.awaited:
        silent = one.awaited
        reason = "who did not reveal in time is slashed"
        actions.append(Forfeit(one.round_id, reason, silent))
    return Decision(tuple(actions), found if isinstance(found, Wait) else None)


def moot(action: Action, one: RoundHistory) -> str | None:
    """Why an action that failed is not needed any more, in words; None if it still is."""
    if isinstance(action, Reveal | Forfeit):
        if isinstance(action, Reveal) and one.is_over:
            return "the round is over"
        if not set(action.labelers) & set(one.awaited):
            return "somebody else was faster"
        return None
    if one.is_over:
        return "somebody else was faster"
    if isinstance(action, Conclude) and one.reveals:
        return "somebody revealed first: the rest is revealed, then the round is closed"
    return None


def urgency(action: Action, one: RoundHistory) -> tuple[int, int, int]:
    """To sort by: what is lost by coming late comes first."""
    if isinstance(action, _URGENT):
        return 0, one.deadlines.reveal, action.round_id
    if isinstance(action, Close) and action.gold is not None:
        return 0, one.deadlines.gold, action.round_id
    return 1, 0, action.round_id


def _next(
    one: RoundHistory,
    view: View,
    openings: Mapping[str, Opening],
    gold: Secret | None,
    unclosable: bool,
) -> Action | Wait:
    phase = one.phase_at(view.now)
    if phase is Phase.COMMIT:
        taken = f"{len(one.commitments)} of {one.rules.seats} seats are taken"
        return Wait(one.round_id, taken, one.deadlines.commit)
    if phase is Phase.REVEAL:
        return _reveal(one, view, openings, gold)
    if phase is Phase.GOLD:
        return _close_with_gold(one, view, gold)
    return _close(one, view, unclosable)


def _reveal(
    one: RoundHistory, view: View, openings: Mapping[str, Opening], gold: Secret | None
) -> Action | Wait:
    awaited = one.awaited
    ready = tuple(openings[labeler] for labeler in awaited if labeler in openings)
    if not ready or Step.REVEAL not in view.steps:
        missing = f"{len(awaited)} of {len(one.commitments)} labelers have not revealed"
        mine = "" if Step.REVEAL not in view.steps else ", and no answers of theirs are here"
        return Wait(one.round_id, missing + mine, one.deadlines.reveal)
    held = _held(one, view, f"{len(ready)} answer sheets")
    if held:
        return held
    all_here = len(ready) == len(awaited) and not one.reveals
    if all_here and Step.CLOSE in view.steps and (gold is not None or not one.has_gold):
        reason = "the answers of all are here: revealed, judged and paid in one"
        return Conclude(one.round_id, reason, one.opened.tasks_root, ready, gold)
    reason = f"nobody can commit any more: {len(ready)} of {len(awaited)} awaited are here"
    return Reveal(one.round_id, reason, ready)


def _close_with_gold(one: RoundHistory, view: View, gold: Secret | None) -> Action | Wait:
    until = one.deadlines.gold
    if Step.CLOSE not in view.steps:
        return Wait(one.round_id, "all is revealed: whoever has the golds may close it", until)
    if gold is None:
        return Wait(one.round_id, "the golds are not here: whoever has them may close it", until)
    held = _held(one, view, "the golds")
    if held:
        return held
    reason = "all is revealed, and the golds are here"
    return Close(one.round_id, reason, one.opened.tasks_root, one.entries, gold)


def _close(one: RoundHistory, view: View, unclosable: bool) -> Action | Wait:
    late = view.now >= one.expires_at
    if late and unclosable and Step.EXPIRE in view.steps:
        reason = "it cannot be closed, and 30 days are over: stakes and escrow go back"
        return Expire(one.round_id, reason, one.opened.tasks_root, one.entries)
    if Step.CLOSE not in view.steps:
        return Wait(one.round_id, "it may be closed by anyone")
    reason = "the gold deadline is over" if one.has_gold else "nothing is left to wait for"
    return Close(one.round_id, reason, one.opened.tasks_root, one.entries, None)


def _held(one: RoundHistory, view: View, what: str) -> Wait | None:
    """Whether a reorganisation of the chain might let somebody commit who has seen a secret."""
    kept_secret = secrecy(one, view.now, view.head, view.confirmations)
    if kept_secret is None:
        return None
    reason = (
        f"the last seat was taken in block {one.commitments[-1].block}: {what} are held back"
        f" until block {view.head + kept_secret.blocks}"
    )
    return Wait(one.round_id, reason)
