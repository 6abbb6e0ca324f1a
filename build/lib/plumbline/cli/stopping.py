"""Ending at a signal what goes on until told to stop."""

import signal
import threading


class StopOnSignal:
    """Set by SIGTERM and SIGINT: what is under way is finished, nothing new is begun."""

    def __init__(self) -> None:
        self._event = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)

    def is_set(self) -> bool:
        """Whether to end."""
        return self._event.is_set()

    def sleep(self, seconds: float) -> None:
        """Pause, or less if told to end."""
        self._event.wait(seconds)

    def _on_signal(self, number: int, frame: object) -> None:
        self._event.set()
        # Whoever asks twice does not want to wait.
        signal.signal(number, signal.SIG_DFL)
