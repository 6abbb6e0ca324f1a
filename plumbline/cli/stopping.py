"""Commands that go on until a signal."""

import signal
import threading

import click

interval_option = click.option(
    "--interval",
    type=click.FloatRange(0.1, 3_600),
    default=5,
    show_default=True,
    help="Seconds between two looks at the chain.",
)


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
        """Pause, until the signal at the longest."""
        self._event.wait(seconds)

    def _on_signal(self, number: int, frame: object) -> None:
        self._event.set()
        # Whoever asks twice does not want to wait.
        signal.signal(number, signal.SIG_DFL)


class WakeOrStop(StopOnSignal):
    """The same, with pauses that can be cut short."""

    def __init__(self) -> None:
        self._woken = threading.Event()
        super().__init__()

    def wake(self) -> None:
        """End the pause that there is, or the next one. From any thread."""
        self._woken.set()

    def sleep(self, seconds: float) -> None:
        """Pause, until it is woken or to end at the longest."""
        self._woken.wait(seconds)
        self._woken.clear()

    def _on_signal(self, number: int, frame: object) -> None:
        super()._on_signal(number, frame)
        self._woken.set()
