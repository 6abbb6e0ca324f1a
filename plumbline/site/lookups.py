"""What takes long or is a stranger's, looked up aside: nobody waits for it, and a slow one stops
no other."""

import threading
import time
from collections.abc import Callable, Hashable, Iterable
from queue import Queue
from typing import Final, Generic, TypeVar

from plumbline.chain.node_errors import NODE_ERRORS
from plumbline.errors import PlumblineError

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_FAILURES: Final[tuple[type[Exception], ...]] = (PlumblineError, *NODE_ERRORS)
_FIRST_PAUSE, _LONGEST_PAUSE = 15.0, 960.0  # seconds until a failure is tried again


class Lookups(Generic[K, V]):
    """Values by key, and why one cannot be had. Failures are tried again, ever more rarely."""

    def __init__(self, look: Callable[[K], V], workers: int) -> None:
        """`look` runs in threads of this, as many as there are `workers`. It may raise
        PlumblineError, or whatever a node that is asked raises.
        """
        self._look = look
        self._queue: Queue[K | None] = Queue()
        self._lock = threading.Lock()
        self._found: dict[K, V] = {}
        self._failed: dict[K, tuple[str, float, float]] = {}  # why, until when, for how long
        self._under_way: set[K] = set()
        # What hangs must not keep the process from ending.
        for _ in range(workers):
            threading.Thread(target=self._work, daemon=True).start()

    def keep(self, wanted: Iterable[K]) -> None:
        """Look these up, those that are not known, and forget all others."""
        now = time.monotonic()
        keys = list(dict.fromkeys(wanted))
        with self._lock:
            for known in (self._found, self._failed):
                for key in known.keys() - set(keys):
                    del known[key]
            for key in keys:
                is_due = key not in self._failed or self._failed[key][1] <= now
                if key not in self._found and key not in self._under_way and is_due:
                    self._under_way.add(key)
                    self._queue.put(key)

    def found(self, key: K) -> V | None:
        """The value, once it is known."""
        with self._lock:
            return self._found.get(key)

    def failure(self, key: K) -> str | None:
        """Why it cannot be had, as of the last attempt."""
        with self._lock:
            return self._failed[key][0] if key in self._failed else None

    def stop(self) -> None:
        """Begin nothing more, once what was asked for is done."""
        self._queue.put(None)

    def _work(self) -> None:
        while (key := self._queue.get()) is not None:
            self._run(key)
        self._queue.put(None)  # for the next of them

    def _run(self, key: K) -> None:
        value: V | None = None
        why: str | None = None
        try:
            value = self._look(key)
        except _FAILURES as error:
            why = str(error)
        except Exception as error:  # a mistake of ours: said, and no end of the thread
            why = f"it could not be looked up ({type(error).__name__})"
        with self._lock:
            self._under_way.discard(key)
            if why is None and value is not None:
                self._failed.pop(key, None)
                self._found[key] = value
                return
            pause = min(_LONGEST_PAUSE, 2 * self._failed[key][2]) if key in self._failed else 0
            pause = pause or _FIRST_PAUSE
            self._failed[key] = (why or "it is not there", time.monotonic() + pause, pause)
