"""Small windows over a page: something to read, a number to go to, whether to quit."""

from typing import TypeVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from plumbline.labeler.item_draft import ItemDraft

Answer = TypeVar("Answer")

_SCROLL_KEYS = frozenset({"up", "down", "pageup", "pagedown", "home", "end"})


def scroll_by_key(area: VerticalScroll, key: str) -> bool:
    """Scroll an area that has no focus; whether the key was one for that."""
    if key not in _SCROLL_KEYS:
        return False
    move = {
        "up": area.scroll_up,
        "down": area.scroll_down,
        "pageup": area.scroll_page_up,
        "pagedown": area.scroll_page_down,
        "home": area.scroll_home,
        "end": area.scroll_end,
    }[key]
    move(animate=False)
    return True


class Dialog(ModalScreen[Answer]):
    """A window over the page."""

    AUTO_FOCUS = None
    DEFAULT_CSS = """
    Dialog { align: center middle; }
    Dialog > Vertical {
        width: 76; max-width: 96%; height: auto; max-height: 96%;
        border: round $accent; padding: 0 1; background: $surface;
    }
    Dialog .title { text-style: bold; color: $accent; }
    Dialog VerticalScroll { height: auto; max-height: 100%; scrollbar-size-vertical: 1; }
    Dialog .hint { color: $text-muted; height: auto; }
    Dialog Input { border: round $accent; width: 100%; height: 3; }
    """

    def close_with(self, answer: Answer) -> None:
        """Close, once: a second key of the same read comes when the window is gone already."""
        if self.is_current:
            self.dismiss(answer)


class Reading(Dialog[None]):
    """A text, which scrolls."""

    DEFAULT_CSS = """
    Reading > Vertical { height: 96%; }
    Reading VerticalScroll { height: 1fr; }
    """

    def __init__(self, title: str, text: Content) -> None:
        super().__init__()
        self._title, self._text = title, text

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(self._title, classes="title", markup=False)
            with VerticalScroll(can_focus=False):
                yield Static(self._text, markup=False)
            yield Static("Arrows scroll, any other key closes", classes="hint", markup=False)

    def on_key(self, event: events.Key) -> None:
        event.stop()
        event.prevent_default()
        if not scroll_by_key(self.query_one(VerticalScroll), event.key):
            self.close_with(None)


class AskNumber(Dialog[int | None]):
    """The number of a task or an item, from 1."""

    def __init__(self, last: int, noun: str) -> None:
        super().__init__()
        self._last, self._noun = last, noun

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(f"Go to {self._noun} (1 to {self._last})", classes="title", markup=False)
            yield Input(restrict=r"[0-9]*", max_length=3)
            yield Static("Enter goes there, Esc stays", classes="hint", markup=False)

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        number = int(event.value) if event.value else 0
        if 1 <= number <= self._last:
            self.close_with(number)
            return
        event.input.value = ""
        self.query_one(".hint", Static).update(
            f"There is no {self._noun} {number}: 1 to {self._last}. Esc stays"
            if event.value
            else "Type a number and press Enter. Esc stays"
        )

    def on_key(self, event: events.Key) -> None:
        if event.key in ("escape", "ctrl+c"):
            event.stop()
            self.close_with(None)


class AskQuit(Dialog[bool]):
    """Whether to stop for now, and what stays."""

    def __init__(self, draft: ItemDraft, noun: str, pending: str) -> None:
        super().__init__()
        self._draft, self._noun, self._pending = draft, noun, pending

    def compose(self) -> ComposeResult:
        draft = self._draft
        items, left = len(draft.items), len(draft.missing)
        with Vertical():
            yield Static("Stop for now?", classes="title", markup=False)
            pending = f"{self._pending}\n" if self._pending else ""
            yield Static(
                f"{pending}Nothing is handed in yet. The draft stays, {items - left} of {items} "
                f"{self._noun}s done, and the same command goes on from here. It is kept in\n"
                f"{draft.path}",
                markup=False,
            )
            yield Static("\nq or Enter stops, any other key stays", classes="hint", markup=False)

    def on_key(self, event: events.Key) -> None:
        event.stop()
        event.prevent_default()
        self.close_with(event.key in ("q", "Q", "enter", "ctrl+c", "ctrl+q"))
