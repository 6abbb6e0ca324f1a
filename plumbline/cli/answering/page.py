"""What the pages of items and that of the review have in common."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from plumbline.cli.answering.dialogs import AskNumber, AskQuit, Reading
from plumbline.cli.answering.head import draw_head
from plumbline.cli.answering.help import help_text
from plumbline.harmless import harmless

if TYPE_CHECKING:
    from plumbline.cli.answering.app import Answering

_KEY_STYLE = "bold $accent"
_LOW = 18  # rows of a terminal


class AnswerPage(Screen[None]):
    """A page with the head on top, keys at the bottom, and a line for what went wrong.

    Every key comes to `on_key`: no widget has the focus, so that none takes a key for itself.
    """

    # Whether one comes back to this page once an item that one went to from it is answered.
    RETURNS: ClassVar[bool] = False
    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = []
    DEFAULT_CSS = """
    AnswerPage { layout: vertical; background: $background; overflow: hidden; }
    AnswerPage .head { height: auto; padding: 0 1; background: $surface; }
    AnswerPage .banner { height: auto; padding: 0 1; display: none; }
    AnswerPage.-low .banner.-warning {
        height: 1; text-wrap: nowrap; text-overflow: ellipsis;
    }
    AnswerPage .banner.-warning { background: $warning; color: $background; text-style: bold; }
    AnswerPage .banner.-error { background: $error; color: $text; text-style: bold; }
    AnswerPage .keys { height: auto; padding: 0 1; background: $surface; }
    """

    @property
    def answering(self) -> "Answering":
        """The application, by its own type."""
        return cast("Answering", self.app)

    @property
    def pending(self) -> str:
        """What was begun on this page and is not in the draft, as a remark; empty if nothing."""
        return ""

    @property
    def is_low(self) -> bool:
        """Whether every row counts."""
        return self.size.height < _LOW

    def top(self) -> ComposeResult:
        """What stands on top of each page."""
        yield Static(classes="head", markup=False)
        yield Static(classes="banner", markup=False)

    def bottom(self) -> ComposeResult:
        """What stands at the bottom of each page."""
        yield Static(classes="keys", markup=False)

    def on_mount(self) -> None:
        self.show()

    def on_screen_resume(self) -> None:
        self.show_again()

    def on_resize(self) -> None:
        # Sizes of the parts are known only once they are laid out.
        self.call_after_refresh(self.show_again)

    @property
    def is_composed(self) -> bool:
        """Whether there is anything on the page yet: events may come before."""
        return bool(self.query(".keys"))

    def show_again(self) -> None:
        """Draw everything anew if it was drawn before."""
        if self.is_composed:
            self.show()

    def show(self) -> None:
        """Draw everything anew."""
        self.set_class(self.is_low, "-low")
        self.show_head()
        self.query_one(".keys", Static).update(self._keys())

    def show_head(self) -> None:
        """Draw what changes with time."""
        app = self.answering
        width = max(1, self.size.width - 2)
        self.query_one(".head", Static).update(
            draw_head(app.heading, app.draft, app.at, app.seconds_left, width, self.is_low)
        )
        banner = self.query_one(".banner", Static)
        text, is_error = app.banner
        banner.display = bool(text)
        banner.set_class(is_error, "-error")
        banner.set_class(not is_error, "-warning")
        banner.update(Content(harmless(text, "\n")))

    def hints(self) -> list[tuple[str, str]]:
        """Keys and what they do, what matters most in front."""
        raise NotImplementedError

    def on_key(self, event: events.Key) -> None:
        """Every key that is pressed on the page."""
        if self.app.screen is not self:
            return
        event.stop()
        event.prevent_default()
        letter = (event.character or "").lower()
        if not self.answering.is_held(event) or self.may_repeat(letter):
            self.press(event.key, letter)

    def may_repeat(self, letter: str) -> bool:
        """Whether the same key at once again is meant, and not one that is held down."""
        del letter
        return False

    def press(self, key: str, letter: str) -> None:
        """Act on a key; those that mean the same on every page are done here."""
        app = self.answering
        if letter == "q" or key in ("ctrl+c", "ctrl+q"):
            app.push_screen(AskQuit(app.draft, app.noun, self.pending), self._quit)
        elif letter == "g":
            app.push_screen(AskNumber(len(app.items), app.noun), self._go)
        elif letter == "u":
            self._next_open()
        elif letter == "i":
            self.read_instructions()
        elif letter == "?":
            app.push_screen(Reading("Help", help_text(app)))

    def read_instructions(self) -> None:
        """The instructions on a page of their own."""
        said = self.answering.manifest.instructions
        self.app.push_screen(
            Reading("Instructions", Content(harmless(said, "\n") if said else "There are none."))
        )

    def _quit(self, agreed: bool | None) -> None:
        if agreed:
            self.app.exit(None)

    def _go(self, number: int | None) -> None:
        if number is not None:
            self.answering.go(number - 1, from_review=self.RETURNS)

    def _next_open(self) -> None:
        app = self.answering
        missing = app.draft.missing
        later = [place for place in missing if place > app.at]
        if missing:
            app.go((later or missing)[0], from_review=self.RETURNS)
        else:
            app.go(len(app.items))

    def _keys(self) -> Content:
        """As many as fit in a line."""
        room = self.size.width - 2
        parts: list[Content] = []
        for key, meaning in self.hints():
            part = Content.assemble((key, _KEY_STYLE), f" {meaning}")
            room -= part.cell_length + 2 * bool(parts)
            if room < 0:
                break
            parts.append(part)
        return Content("  ").join(parts)
