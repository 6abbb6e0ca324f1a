"""How far long work has come, for whoever shows it."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


def unseen(what: str, done: int, total: int) -> None:
    """Show nothing."""
