"""Telling what happens, and of what lasts only its beginning."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from plumbline.keeper.activity import Done, Happening, Outcome
from plumbline.keeper.decisions import Wait
from plumbline.labeler.delegated_reveals import Contents, DelegatedReveal

_PAST_TENSE: Final = {
    "reveal": "revealed",
    "conclude": "concluded",
    "close": "closed",
    "forfeit": "forfeited",
    "expire": "expired",
}


class Teller:
    """Makes happenings of what a keeper does and sees."""

    def __init__(self, tell: Callable[[Happening], None]) -> None:
        """`tell` is called at once, from the keeper's own thread."""
        self._tell = tell
        self._told: dict[Any, Any] = {}

    def say(self, level: str, what: str, **fields: Any) -> None:
        """Tell it."""
        self._tell(Happening(level, what, fields))

    def once(self, key: Any, state: Any, level: str, what: str, **fields: Any) -> None:
        """Tell a state when it begins, or is another; None is no state."""
        if self._told.get(key) == state:
            return
        self._told[key] = state
        if state is not None:
            self.say(level, what, **fields)

    def forget(self, round_id: int) -> None:
        """A round that needs nothing any more."""
        self._told.pop(("wait", round_id), None)

    def wait(self, round_id: int, wait: Wait | None) -> None:
        """What a round waits for, when it begins to."""
        fields: dict[str, Any] = {"round": round_id}
        if wait:
            fields["reason"] = wait.reason
            if wait.until is not None:
                fields["until"] = wait.until
        self.once(("wait", round_id), wait, "info", "waiting", **fields)

    def refused(self, contents: Contents) -> None:
        """Files that cannot be used."""
        for path, reason in contents.refused.items():
            key = ("file", path)
            self.once(key, reason, "warning", "a file is unusable", reason=reason)

    def useless(self, round_id: int, useless: Mapping[DelegatedReveal, str]) -> None:
        """Answers that open no seat."""
        for delegated, reason in useless.items():
            key = ("useless", round_id, delegated.labeler, delegated.commitment)
            fields = {"round": round_id, "labeler": delegated.labeler, "reason": reason}
            self.once(key, reason, "warning", "delegated answers are useless", **fields)

    def done(self, done: Done) -> None:
        """What came of an action."""
        fields: dict[str, Any] = {"round": done.round_id, "labelers": done.labelers}
        words = {
            Outcome.DONE: _PAST_TENSE[done.kind],
            Outcome.PLANNED: f"would {done.kind}",
            Outcome.OVERTAKEN: f"did not {done.kind}",
            Outcome.FAILED: f"failed to {done.kind}",
            Outcome.UNKNOWN: f"sent to {done.kind}, in no block yet",
        }
        if done.transaction:
            fields["transaction"] = done.transaction
        if done.block is not None:
            fields |= {"block": done.block, "gas": done.gas_used, "fee_wei": str(done.fee)}
        elif done.outcome is Outcome.PLANNED:
            fields["gas"] = done.gas_used
        fields["reason"] = done.reason
        what = words[done.outcome]
        level = "error" if done.outcome.is_trouble else "info"
        if done.outcome is Outcome.PLANNED:
            # Every tick plans the same again.
            key = ("plan", done.round_id, done.kind)
            self.once(key, (done.labelers, done.reason), level, what, **fields)
            return
        self._tell(Happening(level, what, fields, done))
