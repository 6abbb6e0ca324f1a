"""How long an action that has failed is left alone."""

from collections.abc import Callable
from typing import Final

from plumbline.keeper.decisions import Action

_FIRST: Final = 5.0  # seconds
_LONGEST: Final = 120.0  # a window to reveal may be five minutes


class Backoff:
    """Remembers failures of each kind of action in each round, and doubles the pause each time.

    An action about other labelers than before is tried at once.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` in seconds, from any start."""
        self._clock = clock
        self._failed: dict[tuple[object, ...], tuple[tuple[str, ...], int, float]] = {}

    def allows(self, action: Action) -> bool:
        """Whether it is time to try it, again or for the first time."""
        about, _, again = self._failed.get(self._key(action), ((), 0, 0.0))
        return about != self._about(action) or self._clock() >= again

    def failed(self, action: Action) -> float:
        """Count a failure: how many seconds the action is left alone."""
        about, times, _ = self._failed.get(self._key(action), ((), 0, 0.0))
        times = times + 1 if about == self._about(action) else 1
        pause = min(_FIRST * 2.0 ** min(times - 1, 16), _LONGEST)
        self._failed[self._key(action)] = (self._about(action), times, self._clock() + pause)
        return pause

    def succeeded(self, action: Action) -> None:
        """Forget its failures: it is done, or not needed any more."""
        self._failed.pop(self._key(action), None)

    @staticmethod
    def _key(action: Action) -> tuple[object, ...]:
        return action.round_id, action.kind, *action.subject

    @staticmethod
    def _about(action: Action) -> tuple[str, ...]:
        with_gold = "gold" if getattr(action, "gold", None) else ""
        return (with_gold, *action.labelers)
