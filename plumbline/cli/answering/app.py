"""Answering the tasks of a round in the terminal, one item at a time.

    answers = ask(manifest, heading, draft, now)

returns the answers to be committed, or None if the labeler stops for now. Every answer is in the
draft, on disk, before the next item is shown; the draft stays in either case, and is for the
caller to discard once the answers are kept in the vault.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, Final

from textual import events
from textual.app import App
from textual.binding import BindingType

from plumbline.cli.answering.checklist_page import ChecklistPage
from plumbline.cli.answering.head import SOON, VERY_SOON, Heading
from plumbline.cli.answering.media import MediaView, open_files
from plumbline.cli.answering.option_page import NumberPage, OptionPage, ScalePage
from plumbline.cli.answering.page import AnswerPage
from plumbline.cli.answering.ranking_page import RankingPage
from plumbline.cli.answering.review_page import ReviewPage
from plumbline.cli.answering.task_page import TaskPage
from plumbline.errors import PlumblineError
from plumbline.files.private import StorageError
from plumbline.formats.media_copies import MediaCopies
from plumbline.harmless import harmless
from plumbline.labeler.drafts import Draft
from plumbline.labeler.item_draft import ItemDraft
from plumbline.protocol.manifest import Manifest
from plumbline.questions.question import Layout

__all__ = ["Answering", "AnsweringError", "Heading", "ask"]

_TICK = 1.0  # seconds
_HELD = 0.08  # seconds between two of the same key of which the second does not count
_PAGES: Final[Mapping[Layout, type[TaskPage]]] = {
    Layout.OPTIONS: OptionPage,
    Layout.SCALE: ScalePage,
    Layout.NUMBER: NumberPage,
    Layout.RANKING: RankingPage,
    Layout.CHECKLIST: ChecklistPage,
}


class AnsweringError(PlumblineError):
    """Answering in the terminal is not possible, or broke off."""


def ask(
    manifest: Manifest,
    heading: Heading,
    draft: Draft,
    now: Callable[[], int],
    copies: MediaCopies | None = None,
) -> list[int | None] | None:
    """The answers, once the labeler hands them in; None if the labeler stops, the draft stays.

    `draft` is one opened with the root of this manifest. `now` is asked every second, so it must
    be quick and not raise; at the deadline it counts, nothing can be handed in. `copies` are of
    what the tasks refer to.
    """
    if draft.root != manifest.root:
        raise ValueError("the draft was opened with another root")
    # Textual reads stdin and writes to stderr.
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise AnsweringError(
            "answering needs a terminal: write the answers to a file and commit that"
        )
    app = Answering(manifest, heading, draft, now, copies=copies)
    # Without the mouse the terminal's own way to mark and copy text works.
    answers = app.run(mouse=False)
    if app.return_code:
        raise AnsweringError(f"answering broke off; all answers so far are in {draft.path}")
    return answers


class Answering(App[list[int | None] | None]):
    """Where one is, and what keys do to the draft; the pages draw it.

    at      the item that is shown, the number of items for the review
    said    what the last key did, in words
    held    seconds within which the same key again counts as held down and is ignored
    """

    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = []
    TITLE = "Plumbline"

    def __init__(
        self,
        manifest: Manifest,
        heading: Heading,
        draft: Draft,
        now: Callable[[], int],
        held: float = _HELD,
        copies: MediaCopies | None = None,
    ) -> None:
        super().__init__()
        self.animation_level = "none"
        self.manifest, self.heading = manifest, heading
        self.question, self.items = heading.asked.question, heading.asked.items
        self.draft = ItemDraft(self.question, self.items, draft)
        self.media = MediaView(copies)
        self.keys = self.question.hotkeys()
        self.names = [harmless(item.name) for item in self.items]
        if self.names == [str(number) for number in range(1, len(self.items) + 1)]:
            # What only counts is shown as a number already.
            self.names = [""] * len(self.items)
        self.at = self.draft.at
        self.said = ""
        self._now, self._held = now, held
        self._pressed: tuple[str, float] = ("", 0.0)
        self._trouble = ""
        self._warned = 0
        self._returning = False

    @property
    def seconds_left(self) -> int:
        """Seconds until the commit deadline."""
        return self.heading.commit_deadline - self._now()

    @property
    def content(self) -> tuple[object, ...]:
        """All that there is to see of the item that is shown; nothing in the review."""
        if self.at >= len(self.items):
            return ()
        item = self.items[self.at]
        return item.shown, item.choices

    @property
    def banner(self) -> tuple[str, bool]:
        """What must not be overlooked, and whether it is an error rather than a warning."""
        if self._trouble:
            return f"! NOT SAVED: {self._trouble}. Then press the key again.", True
        left = self.seconds_left
        if self.media.is_altered(self.content):
            return "!! Part of this is NOT what the round was opened with: it is not shown.", True
        if left <= 0:
            return "!! The commit phase is over: these answers can no longer be handed in.", True
        if left < VERY_SOON:
            return "!! Less than 10 minutes: skip what is open, then r and c.", False
        if left < SOON:
            return "! Less than an hour until the commit phase ends.", False
        return "", False

    def get_default_screen(self) -> TaskPage:
        """The page of an item, below all others."""
        return _PAGES[self.question.layout]()

    def on_mount(self) -> None:
        if len(self.draft.missing) < len(self.items):
            self.said = "Welcome back: going on where you stopped."
        self._warned = self._urgency()
        if self.at == len(self.items):
            self._show()
        self.set_interval(_TICK, self._tick)

    def is_held(self, event: events.Key) -> bool:
        """Whether a key is being held down: one answer is meant, not ten a second."""
        key, time = self._pressed
        self._pressed = (event.key, event.time)
        moves = ("up", "down", "left", "right", "pageup", "pagedown", "backspace")
        return event.key == key and event.key not in moves and event.time - time < self._held

    def say(self, text: str) -> None:
        """A remark on what a key did, until the next one."""
        self.said = text
        self._refresh()

    @property
    def noun(self) -> str:
        """What people call what they are shown."""
        return "item" if self.question.has_parts else "task"

    def keep(self, chosen: Sequence[int]) -> None:
        """Answer the item with choices of it, keep that, and only then go on."""
        place, there = self.at, self._next
        if self._kept(lambda: self.draft.keep(place, chosen, there)):
            self._say_kept(self.question.words(self.items[place], chosen))
            self._come_to(there)

    def skip(self) -> None:
        """Skip the item, keep that, and only then go on."""
        place, there = self.at, self._next
        if self._kept(lambda: self.draft.skip(place, there)):
            self._say_kept("skipped")
            self._come_to(there)

    def clear(self) -> None:
        """Take the answer to the item back."""
        if self.draft.given[self.at] is None:
            self.say("There is nothing to take back.")
        elif self._kept(lambda: self.draft.clear(self.at)):
            self.say(f"{self.noun.title()} {self.at + 1}: taken back.")

    def back(self) -> None:
        """To the item before."""
        if self.at == 0:
            self.say(f"This is the first {self.noun}.")
        else:
            self.go(self.at - 1)

    def go(self, at: int, from_review: bool = False) -> None:
        """To an item, or to the review; `from_review` if an answer there leads back to it."""
        self.said = ""
        # Where one is can be lost with a full disk; an answer cannot.
        self._kept(lambda: self.draft.go(at))
        self._come_to(at)
        self._returning = from_review

    def open_media(self) -> None:
        """Have another program show the images and sounds of the item."""
        files = self.media.files(self.content)
        self.say(open_files(files) if files else "There is no image and no sound to open")

    def hand_in(self) -> None:
        """Return the answers, if they are complete and it is not too late."""
        if self.draft.done and self.seconds_left > 0:
            self.exit(self.draft.answers())
        else:
            self.bell()

    @property
    def _next(self) -> int:
        return len(self.items) if self._returning else self.at + 1

    def _say_kept(self, what: str) -> None:
        self.said = f"{self.noun.title()} {self.at + 1}: {what}.  Bksp to change it."

    def _come_to(self, at: int) -> None:
        self.at = at
        self._returning = False
        self._show()

    def _show(self) -> None:
        """The page of where one is."""
        reviewing = isinstance(self.screen, ReviewPage)
        if self.at < len(self.items):
            if reviewing:
                self.pop_screen()
            page = self.screen
            assert isinstance(page, TaskPage)
            page.show_item()
        elif not reviewing:
            self.push_screen(ReviewPage())

    def _kept(self, change: Callable[[], None]) -> bool:
        try:
            change()
        except StorageError as error:
            self._trouble = str(error)
            self.bell()
            self._refresh()
            return False
        self._trouble = ""
        return True

    def _refresh(self) -> None:
        if isinstance(self.screen, AnswerPage):
            self.screen.show_again()

    def _urgency(self) -> int:
        left = self.seconds_left
        return sum(left < limit for limit in (SOON, VERY_SOON, 1))

    def _tick(self) -> None:
        if not self.is_headless and not sys.stdin.isatty():
            # The terminal was closed: nobody is there, and reading would return at once for ever.
            self.exit(None)
            return
        urgency = self._urgency()
        if urgency > self._warned:
            self._warned = urgency
            self.bell()
            self._refresh()
        elif isinstance(self.screen, AnswerPage) and self.screen.is_composed:
            self.screen.show_head()
