"""What goes into the log: every event, and of a state that lasts only its beginning."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from plumbline.keeper.activity import ActionOutcome, ActionResult, LogEntry
from plumbline.keeper.decisions import Wait
from plumbline.keeper.relay_decisions import HeldCommitment
from plumbline.labeler.delegated_reveals import DelegatedReveal

_PAST_TENSE: Final = {
    "reveal": "revealed",
    "conclude": "concluded",
    "close": "closed",
    "forfeit": "forfeited",
    "expire": "expired",
    "capture": "captured",
    "rearm": "rearmed",
    "report": "reported",
    "relay": "relayed",
}


class Announcer:
    """Makes log entries of what a keeper does and sees."""

    def __init__(self, write: Callable[[LogEntry], None]) -> None:
        """`write` is called at once, from the keeper's own thread."""
        self._write = write
        self._announced: dict[Any, Any] = {}

    def log(self, level: str, message: str, **fields: Any) -> None:
        """Announce an event."""
        self._write(LogEntry(level, message, fields))

    def log_change(self, key: Any, state: Any, level: str, message: str, **fields: Any) -> None:
        """Announce a state when it begins or changes; None where there is none."""
        if self._announced.get(key) == state:
            return
        self._announced[key] = state
        if state is not None:
            self.log(level, message, **fields)

    def forget(self, round_id: int) -> None:
        """A round that needs nothing any more."""
        self._announced.pop(("wait", round_id), None)

    def wait(self, round_id: int, wait: Wait | None) -> None:
        """What a round waits for, when it begins to."""
        fields: dict[str, Any] = {"round": round_id}
        if wait:
            fields["reason"] = wait.reason
            if wait.until is not None:
                fields["until"] = wait.until
        self.log_change(("wait", round_id), wait, "info", "waiting", **fields)

    def commitments(self, held: Sequence[HeldCommitment]) -> None:
        """Signed commitments that are not relayed, now or ever."""
        for each in held:
            if each.is_done:
                continue
            consent = each.consent
            fields: dict[str, Any] = {"round": consent.round_id, "labeler": consent.labeler}
            fields["reason"] = each.reason
            if each.until is not None:
                fields["until"] = each.until
            key, state = ("commitment", consent), (each.reason, each.until)
            if each.is_final:
                self.log_change(key, state, "warning", "a commitment is dropped", **fields)
            else:
                self.log_change(key, state, "info", "a commitment is held", **fields)

    def refused(self, refused: Mapping[Path, str]) -> None:
        """Files that cannot be used."""
        for path, reason in refused.items():
            key = ("file", path)
            self.log_change(key, reason, "warning", "a file is unusable", reason=reason)

    def odd(self, remarks: Sequence[str]) -> None:
        """What is odd about rounds, which stops no other."""
        for remark in remarks:
            self.log_change(("odd", remark), True, "warning", "a round is odd", reason=remark)

    def unreadable(self, policies: Mapping[str, str]) -> None:
        """Policies and pools that cannot be read, by address, which stops no other."""
        for address, reason in policies.items():
            key = ("policy", address)
            self.log_change(key, reason, "warning", "a policy cannot be read", reason=reason)

    def draws(self, waits: Sequence[Wait]) -> None:
        """What draws wait for, when they begin to."""
        for wait in waits:
            key = ("draw", wait.round_id, wait.until)
            self.log_change(key, True, "info", "waiting", round=wait.round_id, reason=wait.reason)

    def unusable(self, round_id: int, unusable: Mapping[DelegatedReveal, str]) -> None:
        """Answers that open no seat."""
        for delegated, reason in unusable.items():
            key = ("unusable", round_id, delegated.labeler, delegated.commitment)
            fields = {"round": round_id, "labeler": delegated.labeler, "reason": reason}
            self.log_change(key, reason, "warning", "delegated answers are unusable", **fields)

    def result(self, result: ActionResult) -> None:
        """The result of an action."""
        fields: dict[str, Any] = {"round": result.round_id, "labelers": result.labelers}
        messages = {
            ActionOutcome.DONE: _PAST_TENSE[result.kind],
            ActionOutcome.PLANNED: f"would {result.kind}",
            ActionOutcome.OVERTAKEN: f"did not {result.kind}",
            ActionOutcome.FAILED: f"failed to {result.kind}",
            ActionOutcome.UNKNOWN: f"sent to {result.kind}, in no block yet",
        }
        if result.transaction:
            fields["transaction"] = result.transaction
        if result.block is not None:
            fields |= {"block": result.block, "gas": result.gas_used, "fee_wei": str(result.fee)}
        elif result.outcome is ActionOutcome.PLANNED:
            fields["gas"] = result.gas_used
        if result.sharing > 1:
            fields["sharing"] = result.sharing
        fields["reason"] = result.reason
        message = messages[result.outcome]
        level = "error" if result.outcome.is_trouble else "info"
        if result.outcome is ActionOutcome.PLANNED:
            # Every tick plans the same again.
            key = ("plan", result.round_id, result.kind)
            self.log_change(key, (result.labelers, result.reason), level, message, **fields)
            return
        self._write(LogEntry(level, message, fields, result))
