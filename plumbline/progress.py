"""How far long work has come, for whoever shows it."""

from collections.abc import Callable, Collection, Iterator
from typing import TypeVar

T = TypeVar("T")

Progress = Callable[[str, int, int], None]
"""Called with a name of the work, how much of it is done, and how much there is."""


def no_progress(what: str, done: int, total: int) -> None:
    """Ignore it: show nothing."""


def track(items: Collection[T], what: str, progress: Progress) -> Iterator[T]:
    """The items one by one. Each counts as done once the next one is asked for."""
    for done, item in enumerate(items, 1):
        yield item
        progress(what, done, len(items))
