"""The page of one task: what is asked, the task, the options."""

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
from plumbline.labeler.drafts import SKIP, Mark
from plumbline.questions.question import Layout

_SIDE_BY_SIDE = 96  # columns from which on two texts stand next to each other
_OTHERS = 7  # rows of everything else, at least
_INSTRUCTIONS = 4  # rows of the instructions on the page


class TaskArea(VerticalScroll):
    """The text of a task, which scrolls; the page hears when its size is another."""

    def on_resize(self) -> None:
        page = self.screen
        assert isinstance(page, TaskPage)
        page.call_after_refresh(page.show_said)


class TaskPage(AnswerPage):
    """Shows the task that the application is at, and takes an answer to it."""

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
    TaskPage #options { height: auto; padding: 0 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.cursor: int | None = None
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
        yield Static(id="said", markup=False)
        yield Static(id="options", markup=False)
        yield from self.bottom()

    def on_mount(self) -> None:
        area = self.query_one("#task", VerticalScroll)
        self.watch(area, "scroll_y", self.show_said, init=False)
        self.watch(area, "virtual_size", self.show_said, init=False)

    def show_task(self) -> None:
        """Another task than before: from its top, with no option under the cursor."""
        self.cursor = None
        self.query_one("#task", VerticalScroll).scroll_home(animate=False)
        self.show()

    def show(self) -> None:
        """Draw everything anew."""
        if self.answering.at >= len(self.answering.draft.marks):
            return  # about to be covered by the review
        super().show()
        self._show_instructions()
        self._show_text()
        self._show_options()
        self.show_said()

    def hints(self) -> list[tuple[str, str]]:
        ordinal = self.answering.heading.question.layout is Layout.SCALE
        scale = [("←→", "move"), ("Enter", "give")] if ordinal else []
        files = self.answering.media.files(self.answering.manifest.tasks[self.answering.at])
        return [
            *([("o", "open")] if files else []),
            ("Space", "skip"),
            ("Bksp", "back"),
            ("?", "help"),
            ("q", "quit"),
            *scale,
            ("r", "review"),
            ("u", "next open"),
            ("g", "go to"),
            ("i", "instructions"),
        ]

    def press(self, key: str, letter: str) -> None:
        """Act on a key."""
        app = self.answering
        option = next((place for place, keys in enumerate(app.keys) if letter in keys), None)
        ordinal = app.heading.question.layout is Layout.SCALE
        if option is not None:
            app.mark(option)
        elif letter == "s" or key == "space":
            app.mark(SKIP)
        elif key == "delete":
            app.clear()
        elif letter == "o":
            app.open_media()
        elif letter == "r":
            app.go(len(app.draft.marks))
        elif key == "enter":
            self._enter()
        elif key == "escape" and self.cursor is not None:
            self.cursor = None
            self._show_options()
        elif key in ("left", "right") and ordinal:
            self._move(-1 if key == "left" else 1)
        elif key in ("backspace", "left"):
            app.back()
        elif key == "right":
            app.go(app.at + 1)
        elif not scroll_by_key(self.query_one("#task", VerticalScroll), key):
            super().press(key, letter)

    def _enter(self) -> None:
        app = self.answering
        kept = app.draft.marks[app.at]
        if self.cursor is not None:
            app.mark(self.cursor)
        elif kept is not None:
            app.go(app.at + 1)
        else:
            app.say("Nothing is chosen yet: press the key of an option, or Space to skip")

    def _move(self, step: int) -> None:
        """Along the scale, from the answer given or else from the middle, where no one stands."""
        app = self.answering
        last = len(app.keys) - 1
        kept = app.draft.marks[app.at]
        start = self.cursor if self.cursor is not None else kept if isinstance(kept, int) else None
        if start is None:
            there = last // 2 + 1 if step > 0 else (last + 1) // 2 - 1
        else:
            there = start + step
        self.cursor = min(max(there, 0), last)
        self._show_options()

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
        text = task_text(app.manifest.tasks[app.at], app.heading.question.hidden, app.media.said)
        name = app.names[app.at]
        before = list(text.before)
        pair = self.query_one("#pair", Horizontal)
        first, last = self.query_one("#before", Static), self.query_one("#after", Static)
        beside = text.pair if self.size.width >= _SIDE_BY_SIDE else None
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

    def _show_options(self) -> None:
        app = self.answering
        kept: Mark = app.draft.marks[app.at]
        height = self.size.height
        # A third of the page, half of it if a name had to be cut otherwise.
        for rows in (height // 3, min(height // 2, height - _OTHERS)):
            drawn, self.names_cut = draw_options(
                app.manifest.options,
                app.keys,
                self.size.width - 2,
                max(2, rows),
                kept if isinstance(kept, int) else None,
                self.cursor,
            )
            if not self.names_cut:
                break
        self.query_one("#options", Static).update(drawn)

    def show_said(self) -> None:
        """What the last key did, or how this task stands; and whether there is more of it."""
        app = self.answering
        if app.at >= len(app.draft.marks):
            return
        kept = app.draft.marks[app.at]
        said = app.said or ("This task is skipped." if kept == SKIP else "")
        if self.names_cut:
            said = f"? shows all options in full{'   ' if said else ''}{said}"
        area = self.query_one("#task", VerticalScroll)
        below = area.max_scroll_y - round(area.scroll_y)
        if below > 0:
            lines = f"{below} more line{'' if below == 1 else 's'}"
            said = f"▼ {lines}: ↓ or PgDn{'   ' if said else ''}{said}"
        self.query_one("#said", Static).update(Content(harmless(said)))
