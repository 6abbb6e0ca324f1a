"""The page of one item: what is asked, its text, and the answer to it.

How an answer is given is for the pages of the single layouts.
"""

from collections.abc import Collection
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from plumbline.cli.answering.dialogs import scroll_by_key
from plumbline.cli.answering.option_view import draw_options
from plumbline.cli.answering.page import AnswerPage
from plumbline.cli.answering.sections import draw_section, in_blocks
from plumbline.formats.task_text import task_text
from plumbline.harmless import harmless
from plumbline.labeler.drafts import SKIP
from plumbline.labeler.item_draft import Given
from plumbline.questions.question import Item

Hints = tuple[tuple[str, str], ...]
"""Keys, and what each does."""

SIDE_BY_SIDE = 96  # columns from which on two texts stand next to each other
_OTHERS = 7  # rows of everything else, at least
_INSTRUCTIONS = 4  # rows of the instructions on the page
_LEAVING = frozenset({"space", "backspace", "left", "right"})
_LEAVING_LETTERS = frozenset("srug")


class TaskArea(VerticalScroll):
    """The text of an item, which scrolls; the page hears when its size is another."""

    def on_resize(self) -> None:
        page = self.screen
        assert isinstance(page, TaskPage)
        page.call_after_refresh(page.show_said)


class TaskPage(AnswerPage):
    """Shows the item that the application is at, and takes an answer to it."""

    DEFAULT_CSS = """
    TaskPage #instructions {
        height: auto; padding: 0 1; border-bottom: solid $surface-lighten-2;
    }
    TaskPage #task { height: 1fr; min-height: 2; padding: 1 1 0 1; scrollbar-size-vertical: 1; }
    TaskPage.-low #task { padding: 0 1; }
    TaskPage.-low #instructions { border: none; text-style: bold; }
    TaskPage #before, TaskPage #after { height: auto; max-width: 100; }
    TaskPage #pair { height: auto; }
    TaskPage #pair Static { width: 1fr; height: auto; padding: 0 1; }
    TaskPage #pair #right { border-left: solid $surface-lighten-2; }
    TaskPage #pair.-first { margin-top: 1; }
    TaskPage #pair.-last { margin-bottom: 1; }
    TaskPage #said {
        height: 1; padding: 0 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis;
    }
    TaskPage #choices { height: auto; }
    TaskPage #choices.-below { margin-top: 1; }
    TaskPage #answer { height: auto; padding: 0 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.names_cut = False

    def compose(self) -> ComposeResult:
        yield from self.top()
        yield Static(id="instructions", markup=False)
        with TaskArea(id="task", can_focus=False):
            yield Static(id="before", markup=False)
            with Horizontal(id="pair"):
                yield Static(id="left", markup=False)
                yield Static(id="right", markup=False)
            yield Static(id="after", markup=False)
            yield Static(id="choices", markup=False)
        yield Static(id="said", markup=False)
        yield Static(id="answer", markup=False)
        yield from self.bottom()

    def on_mount(self) -> None:
        area = self.query_one("#task", VerticalScroll)
        self.watch(area, "scroll_y", self.show_said, init=False)
        self.watch(area, "virtual_size", self.show_said, init=False)

    # ------------------------------------------------------------ what a layout says

    # Keys that give an answer, and what they do: to be shown first of all, and after the others.
    FIRST: ClassVar[Hints] = ()
    THEN: ClassVar[Hints] = ()

    def take(self, key: str, letter: str) -> bool:
        """Act on a key that gives an answer, or a part of one; whether it was one."""
        raise NotImplementedError

    def forget(self) -> None:
        """Drop whatever was begun and is not in the draft."""
        raise NotImplementedError

    def draw_answer(self, rows: int) -> Content:
        """What there is to choose and what is chosen, in so many rows if that is possible."""
        raise NotImplementedError

    def draw_choices(self) -> Content | None:
        """What is to be read of the choices below the item's text; None if they are names."""
        return None

    @property
    def standing(self) -> str:
        """How this item stands, where the answer does not show it."""
        return "This is skipped." if self.given == SKIP else ""

    # ------------------------------------------------------------ the same for all

    @property
    def item(self) -> Item:
        """The item that is shown."""
        return self.answering.items[self.answering.at]

    @property
    def given(self) -> Given:
        """The answer to it that is in the draft."""
        return self.answering.draft.given[self.answering.at]

    @property
    def kept(self) -> tuple[int, ...] | None:
        """The choices that are in the draft; None if it is open or skipped."""
        given = self.given
        return given if isinstance(given, tuple) else None

    def show_item(self) -> None:
        """Another item than before: from its top, with nothing chosen that is not in the draft."""
        self.forget()
        self.query_one("#task", VerticalScroll).scroll_home(animate=False)
        self.show()

    def show(self) -> None:
        """Draw everything anew."""
        if self.answering.at >= len(self.answering.items):
            return  # about to be covered by the review
        super().show()
        self._show_instructions()
        self._show_text()
        self.show_answer()
        self.show_said()

    def hints(self) -> list[tuple[str, str]]:
        files = self.answering.media.files(self.answering.content)
        return [
            *([("o", "open")] if files else []),
            *self.FIRST,
            ("Space", "skip"),
            ("Bksp", "back"),
            ("?", "help"),
            ("q", "quit"),
            *self.THEN,
            ("r", "review"),
            ("u", "next open"),
            ("g", "go to"),
            ("i", "instructions"),
        ]

    def press(self, key: str, letter: str) -> None:
        """Act on a key."""
        app = self.answering
        if self.take(key, letter):
            return
        if self.pending and (key in _LEAVING or letter in _LEAVING_LETTERS):
            app.say(self.pending)
        elif letter == "s" or key == "space":
            app.skip()
        elif key == "escape" or (key == "delete" and self.pending):
            self.forget()
            app.say("")
        elif key == "delete":
            app.clear()
        elif letter == "o":
            app.open_media()
        elif letter == "r":
            app.go(len(app.items))
        elif key in ("backspace", "left"):
            app.back()
        elif key == "right":
            app.go(app.at + 1)
        elif not scroll_by_key(self.query_one("#task", VerticalScroll), key):
            super().press(key, letter)

    def go_on(self, remark: str) -> None:
        """To the next item if this one is answered or skipped; else only a remark."""
        if self.given is not None:
            self.answering.go(self.answering.at + 1)
        else:
            self.answering.say(remark)

    def show_answer(self) -> None:
        """Draw the answer anew."""
        height = self.size.height
        # A third of the page, half of it if a name had to be cut otherwise.
        for rows in (height // 3, min(height // 2, height - _OTHERS)):
            drawn = self.draw_answer(max(2, rows))
            if not self.names_cut:
                break
        self.query_one("#answer", Static).update(drawn)

    def draw_names(self, rows: int, given: Collection[int], cursor: int | None) -> Content:
        """Choices by their names, with their keys."""
        app = self.answering
        names = [str(choice) for choice in self.item.choices]
        drawn, self.names_cut = draw_options(
            names, app.keys, self.size.width - 2, rows, given, cursor
        )
        return drawn

    def _show_instructions(self) -> None:
        app = self.answering
        place = self.query_one("#instructions", Static)
        said = harmless(app.manifest.instructions, "\n").strip()
        place.display = bool(said)
        width, rows = max(1, self.size.width - 2), 1 if self.is_low else _INSTRUCTIONS
        lines = Content(said).wrap(width)
        if len(lines) > rows:
            more = Content(" .. i shows all")
            rest = lines[rows - 1].truncate(max(1, width - more.cell_length))
            lines = [*lines[: rows - 1], Content.assemble(rest, more)]
        place.update(Content("\n").join(lines))

    def _show_text(self) -> None:
        app = self.answering
        text = task_text(self.item.shown, app.question.hidden, app.media.said)
        name = app.names[app.at]
        before = list(text.before)
        pair = self.query_one("#pair", Horizontal)
        first, last = self.query_one("#before", Static), self.query_one("#after", Static)
        beside = text.pair if self.size.width >= SIDE_BY_SIDE else None
        blocks = before if beside else list(text.sections)
        shown = in_blocks(blocks)
        if name:
            shown = Content("\n").join([Content.styled(name, "dim"), *([shown] if blocks else [])])
        first.display = bool(shown.plain)
        first.update(shown)
        pair.display = beside is not None
        last.display = beside is not None and bool(text.after)
        if beside:
            self.query_one("#left", Static).update(draw_section(beside[0]))
            self.query_one("#right", Static).update(draw_section(beside[1]))
            pair.set_class(first.display, "-first")
            pair.set_class(last.display, "-last")
            last.update(in_blocks(text.after))
        choices = self.draw_choices()
        place = self.query_one("#choices", Static)
        place.display = choices is not None
        place.set_class(first.display or pair.display, "-below")
        if choices is not None:
            place.update(choices)

    def show_said(self) -> None:
        """What the last key did, or how this item stands; and whether there is more of it."""
        app = self.answering
        if app.at >= len(app.items):
            return
        said = app.said or self.standing
        if self.names_cut:
            said = f"? shows all names in full{'   ' if said else ''}{said}"
        area = self.query_one("#task", VerticalScroll)
        below = area.max_scroll_y - round(area.scroll_y)
        if below > 0:
            lines = f"{below} more line{'' if below == 1 else 's'}"
            said = f"▼ {lines}: ↓ or PgDn{'   ' if said else ''}{said}"
        self.query_one("#said", Static).update(Content(harmless(said)))
