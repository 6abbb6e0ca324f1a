"""What is to be done for a round now, from its history, the time, and the secrets at hand.

Pure: nothing is asked and nothing is sent. Two rules guard secrets: `history.secrecy` says when
they may be shown, and gold answers are shown only by the call that closes the round.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from plumbline.chain.records import Phase
from plumbline.errors import PlumblineError
from plumbline.history.rounds import RoundHistory
from plumbline.history.secrecy import secrecy
from plumbline.labeler.consents import Consent
from plumbline.labeler.delegated_reveals import DelegatedReveal
from plumbline.labeler.vault import Secret
from plumbline.protocol.commitment import Opening, RollEntry
from plumbline.settlement.sheet import SheetError, require_sheet


class Step(StrEnum):
    """What a keeper may do, or leave to others."""

    REVEAL = "reveal"
    CLOSE = "close"
    FORFEIT = "forfeit"
    EXPIRE = "expire"
    CAPTURE = "capture"
    REPORT = "report"
    RELAY = "relay"


class StepsError(PlumblineError):
    """A choice of steps that a keeper cannot work with."""


def parse_steps(text: str) -> frozenset[Step]:
    """The steps in a list by commas. Raises StepsError."""
    known = {step.value: step for step in Step}
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in known:
            raise StepsError(f"{name!r} is not one of {', '.join(known)}")
    if not names:
        raise StepsError(f"no step is named: name some of {', '.join(known)}")
    steps = frozenset(known[name] for name in names)
    if Step.EXPIRE in steps and Step.CLOSE not in steps:
        # Expiring takes from labelers what a closing would have paid them.
        raise StepsError("expire needs close, which is always tried first")
    return steps


@dataclass(frozen=True, slots=True)
class DecisionContext:
    """What decisions depend on besides the round.

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
    """A transaction that is due, and why, in words."""

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

    @property
    def subject(self) -> tuple[object, ...]:
        """What it is about besides the round, where a round may have several of its kind."""
        return ()


@dataclass(frozen=True, slots=True)
class PoolAction(Action):
    """One that calls a pool that seats are drawn from, not the rounds."""

    pool: str
    draw_id: int

    @property
    def subject(self) -> tuple[object, ...]:
        return self.pool, self.draw_id


@dataclass(frozen=True, slots=True)
class Relay(Action):
    """Take seats for labelers who signed that they want them."""

    consents: tuple[Consent, ...]

    @property
    def labelers(self) -> tuple[str, ...]:
        return tuple(consent.labeler for consent in self.consents)

    @property
    def subject(self) -> tuple[object, ...]:
        return self.labelers[:1]


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
    entries: tuple[RollEntry, ...]
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
    entries: tuple[RollEntry, ...]

    @property
    def labelers(self) -> tuple[str, ...]:
        return tuple(entry.labeler for entry in self.entries)


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing can be done, and why, in words; `until` is when that ends, unix seconds, if known."""

    round_id: int
    reason: str
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do for a round, in this order, and what it waits for besides."""

    actions: tuple[Action, ...]
    wait: Wait | None


_URGENT: Final = (Reveal, Conclude)


def match_openings(
    history: RoundHistory, files: Iterable[DelegatedReveal]
) -> tuple[dict[str, Opening], dict[DelegatedReveal, str]]:
    """By labeler, the files that open an awaited seat of this round; and why the others do not.

    Anyone can write a file for any labeler: only what the seat holds counts.
    """
    openings: dict[str, Opening] = {}
    unusable: dict[DelegatedReveal, str] = {}
    awaited = set(history.awaited)
    committed = {event.labeler: event.commitment for event in history.commitments}
    for delegated in files:
        labeler = delegated.labeler
        if labeler not in committed:
            # Perhaps not yet; it is looked at again.
            unusable[delegated] = "has no seat in the round"
        elif committed[labeler] != delegated.commitment:
            unusable[delegated] = "committed to something else"
        elif labeler in awaited:
            opening = delegated.opening
            try:
                require_sheet(opening.sheet, history.rules.options, history.rules.tasks)
            except SheetError as error:
                unusable[delegated] = f"committed to answers that do not fit the round ({error})"
            else:
                openings[labeler] = opening
    return openings, unusable


def decide(
    history: RoundHistory,
    context: DecisionContext,
    openings: Mapping[str, Opening],
    gold: Secret | None,
    unclosable: bool = False,
) -> Decision:
    """What to do for a round.

    openings     of its seats, from `match_openings`
    gold         its gold answers, if they are in the vault
    unclosable   closing it was tried, and cannot work
    """
    next_step = None if history.is_over else _next(history, context, openings, gold, unclosable)
    actions = [next_step] if isinstance(next_step, Action) else []
    if (
        Step.FORFEIT in context.steps
        and context.now >= history.deadlines.reveal
        and history.awaited
    ):
        silent = history.awaited
        reason = "those who did not reveal in time are slashed"
        actions.append(Forfeit(history.round_id, reason, silent))
    return Decision(tuple(actions), next_step if isinstance(next_step, Wait) else None)


def why_superfluous(action: Action, history: RoundHistory) -> str | None:
    """Why an action that failed is not needed any more, in words; None if it still is."""
    if isinstance(action, Reveal | Forfeit):
        if isinstance(action, Reveal) and history.is_over:
            return "the round is over"
        if not set(action.labelers) & set(history.awaited):
            return "somebody else was faster"
        return None
    if isinstance(action, Relay):
        if len(history.commitments) >= history.rules.seats:
            return "no seat is left"
        if all(history.commitment_of(labeler) for labeler in action.labelers):
            return "somebody else was faster"
        return None
    if history.is_over:
        return "somebody else was faster"
    if isinstance(action, Conclude) and history.reveals:
        return "somebody revealed first: the rest is revealed, then the round is closed"
    return None


def urgency(action: Action, history: RoundHistory) -> tuple[int, int, int]:
    """To sort by: what is lost by coming late comes first."""
    if isinstance(action, _URGENT):
        return 0, history.deadlines.reveal, action.round_id
    if isinstance(action, Close) and action.gold is not None:
        return 0, history.deadlines.gold, action.round_id
    if isinstance(action, Relay) or (isinstance(action, PoolAction) and not action.labelers):
        return 0, history.deadlines.commit, action.round_id
    return 1, 0, action.round_id


def _next(
    history: RoundHistory,
    context: DecisionContext,
    openings: Mapping[str, Opening],
    gold: Secret | None,
    unclosable: bool,
) -> Action | Wait:
    phase = history.phase_at(context.now)
    if phase is Phase.COMMIT:
        taken = f"{len(history.commitments)} of {history.rules.seats} seats are taken"
        return Wait(history.round_id, taken, history.deadlines.commit)
    if phase is Phase.REVEAL:
        return _reveal(history, context, openings, gold)
    if phase is Phase.GOLD:
        return _close_with_gold(history, context, gold)
    return _close(history, context, unclosable)


def _reveal(
    history: RoundHistory,
    context: DecisionContext,
    openings: Mapping[str, Opening],
    gold: Secret | None,
) -> Action | Wait:
    awaited = history.awaited
    ready = tuple(openings[labeler] for labeler in awaited if labeler in openings)
    if not ready or Step.REVEAL not in context.steps:
        missing = f"{len(awaited)} of {len(history.commitments)} labelers have not revealed"
        if Step.REVEAL in context.steps:
            missing += ", and no answers of theirs are here"
        return Wait(history.round_id, missing, history.deadlines.reveal)
    held = _held(history, context, f"{len(ready)} answer sheets")
    if held:
        return held
    all_here = len(ready) == len(awaited) and not history.reveals
    if all_here and Step.CLOSE in context.steps and (gold is not None or not history.has_gold):
        reason = "the answers of all are here: revealed, judged and paid in one"
        return Conclude(history.round_id, reason, history.opened.tasks_root, ready, gold)
    reason = f"nobody can commit any more: {len(ready)} of {len(awaited)} awaited are here"
    return Reveal(history.round_id, reason, ready)


def _close_with_gold(
    history: RoundHistory, context: DecisionContext, gold: Secret | None
) -> Action | Wait:
    until = history.deadlines.gold
    if Step.CLOSE not in context.steps:
        return Wait(
            history.round_id, "all is revealed: whoever has the gold answers may close it", until
        )
    if gold is None:
        return Wait(
            history.round_id, "the gold answers are not here: whoever has them may close it", until
        )
    held = _held(history, context, "the gold answers")
    if held:
        return held
    reason = "all is revealed, and the gold answers are here"
    return Close(history.round_id, reason, history.opened.tasks_root, history.entries, gold)


def _close(history: RoundHistory, context: DecisionContext, unclosable: bool) -> Action | Wait:
    late = context.now >= history.expires_at
    if late and unclosable and Step.EXPIRE in context.steps:
        reason = "it cannot be closed, and 30 days are over: stakes and escrow go back"
        return Expire(history.round_id, reason, history.opened.tasks_root, history.entries)
    if Step.CLOSE not in context.steps:
        return Wait(history.round_id, "it may be closed by anyone")
    reason = "the gold deadline is over" if history.has_gold else "nothing is left to wait for"
    return Close(history.round_id, reason, history.opened.tasks_root, history.entries, None)


def _held(history: RoundHistory, context: DecisionContext, what: str) -> Wait | None:
    """Whether a reorganisation of the chain might let somebody commit who has seen a secret."""
    why = secrecy(history, context.now, context.head, context.confirmations)
    if why is None:
        return None
    reason = (
        f"the last seat was taken in block {history.commitments[-1].block}: {what} are held back"
        f" until block {context.head + why.blocks}"
    )
    return Wait(history.round_id, reason)
