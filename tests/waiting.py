"""Waiting until something is so."""

import time
from collections.abc import Callable

PAUSE = 0.05  # seconds between two looks


def wait_until(
    is_so: Callable[[], object], patience: float = 30, why: Callable[[], object] = str
) -> None:
    """Return once it is; fail after that many seconds, with what `why` says then."""
    deadline = time.monotonic() + patience
    while not is_so():
        assert time.monotonic() < deadline, why()
        time.sleep(PAUSE)
