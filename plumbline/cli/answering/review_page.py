"""The page after the last item: how often each option was given, what was skipped, hand in."""

from collections import Counter
from itertools import product

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from plumbline.cli.answering.page import AnswerPage
from plumbline.cli.output import count
from plumbline.formats.task_text import excerpt
from plumbline.harmless import harmless
from plumbline.labeler.drafts import SKIP
from plumbline.labeler.item_draft import Given
from plumbline.questions.question import NONE, Layout

_BESIDE = 96  # columns from which on the counts stand beside the list
_NAMES = (24, 14, 8)  # columns of an option's name in the counts, the first that fits
_COUNT = 10  # columns of number and share
_BARS = (20, 8, 0)  # columns of a bar, the first that fits
_ANSWER = 12  # columns of an answer in the list
_ANSWERS = 24  # where it may have several parts
_SKIPPED, _OPEN = "skipped", "open"


class ReviewPage(AnswerPage):
    """Shows what would be handed in."""

    RETURNS = True

    DEFAULT_CSS = """
    ReviewPage #body { height: 1fr; padding: 1 1 0 1; layout: vertical; }
    ReviewPage #body.-beside { layout: horizontal; }
    ReviewPage #counts {
        height: auto; width: 100%; margin-bottom: 1; text-wrap: nowrap; text-overflow: clip;
    }
    ReviewPage .-beside #counts { max-height: 100%; width: auto; margin-right: 4; }
    ReviewPage.-low #body { padding: 0 1; }
    ReviewPage.-low #counts { margin: 0; }
    ReviewPage #right { height: 1fr; width: 1fr; }
    ReviewPage #title { height: auto; text-style: bold; }
    ReviewPage OptionList {
        height: 1fr; border: none; padding: 0; background: $background;
        scrollbar-size-vertical: 1;
    }
    ReviewPage OptionList > .option-list--option { text-wrap: nowrap; text-overflow: ellipsis; }
    ReviewPage OptionList > .option-list--option-highlighted {
        background: $accent; color: $background; text-style: bold;
    }
    ReviewPage #hand { height: auto; padding: 0 1; margin: 0 1; border: round $accent; }
    ReviewPage #hand.-ready { border: heavy $success; }
    ReviewPage.-low #hand { border: none; margin: 0; text-style: bold; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.lists_all = False
        self._marked: int | None = None

    def compose(self) -> ComposeResult:
        yield from self.top()
        with Horizontal(id="body"):
            yield Static(id="counts", markup=False)
            with Vertical(id="right"):
                yield Static(id="title", markup=False)
                tasks = OptionList(id="tasks", markup=False)
                tasks.can_focus = False
                yield tasks
        yield Static(id="hand", markup=False)
        yield from self.bottom()

    def on_mount(self) -> None:
        draft = self.answering.draft
        # What is not answered, if anything. The page above draws itself by its own on_mount.
        self.lists_all = draft.answered == len(draft.items)

    def show(self) -> None:
        """Draw everything anew."""
        super().show()
        beside = self.size.width >= _BESIDE
        self.query_one("#body").set_class(beside, "-beside")
        self._show_counts(beside)
        self._show_tasks()
        self._show_hand()

    def hints(self) -> list[tuple[str, str]]:
        return [
            ("c", "commit"),
            ("↑↓ Enter", "go there"),
            ("Bksp", "back"),
            ("?", "help"),
            ("q", "quit"),
            ("a", "not answered" if self.lists_all else f"all {self.answering.noun}s"),
            ("u", "next open"),
            ("g", "go to"),
            ("i", "instructions"),
        ]

    def press(self, key: str, letter: str) -> None:
        """Act on a key."""
        app = self.answering
        tasks = self.query_one("#tasks", OptionList)
        if letter == "c":
            app.hand_in()
        elif letter == "a":
            self.lists_all = not self.lists_all
            self.show()
        elif key == "backspace":
            app.back()
        elif key == "enter":
            if tasks.highlighted is not None:
                app.go(self._listed()[tasks.highlighted], from_review=True)
        elif key in ("up", "down", "pageup", "pagedown", "home", "end"):
            {
                "up": tasks.action_cursor_up,
                "down": tasks.action_cursor_down,
                "pageup": tasks.action_page_up,
                "pagedown": tasks.action_page_down,
                "home": tasks.action_first,
                "end": tasks.action_last,
            }[key]()
        else:
            super().press(key, letter)

    def _listed(self) -> list[int]:
        draft = self.answering.draft
        if self.lists_all:
            return list(range(len(draft.items)))
        return sorted([*draft.skipped, *draft.missing])

    def _said_of(self, place: int) -> str:
        app = self.answering
        given = app.draft.given[place]
        if isinstance(given, tuple):
            return harmless(app.question.words(app.items[place], given))
        return _SKIPPED if given == SKIP else _OPEN

    def _counted(self) -> list[tuple[str, int, bool]]:
        """What to count, how often it is there, and whether it is an answer."""
        app = self.answering
        given: Counter[Given] = Counter(app.draft.given)
        chosen = Counter(
            choice for each in app.draft.given if isinstance(each, tuple) for choice in each
        )
        if app.question.has_own_choices:
            rows = [("answered", app.draft.answered, True)]
        else:
            choices = app.items[0].choices
            rows = [(harmless(str(name)), chosen[n], True) for n, name in enumerate(choices)]
        if app.question.layout is Layout.CHECKLIST:
            rows.append((NONE, given[()], True))
        rows.append((_SKIPPED, given[SKIP], False))
        return [*rows, (_OPEN, given[None], False)] if given[None] else rows

    def _show_counts(self, beside: bool) -> None:
        counted = self._counted()
        most = max(times for _, times, _ in counted)
        names = [Content(name) for name, _, _ in counted]
        longest = max(name.cell_length for name in names)
        limit = self.size.height // (2 if beside else 3)
        # Where it is crowded the bars go first, for the numbers say it all, then ends of names.
        for wide, bars in product((min(longest, room) for room in _NAMES), _BARS):
            # Two columns between counts, and one of the page's own on either side.
            across = 1 if beside else max(1, (self.size.width - 1) // (wide + bars + _COUNT + 2))
            rows = -(-len(counted) // across)
            if rows <= limit:
                break
        lines = []
        items = len(self.answering.items)
        for (_, times, is_answer), name in zip(counted, names, strict=True):
            length = -(-times * bars // max(most, 1))
            style, glyph = ("$success", "█") if is_answer else ("$warning", "▒")
            lines.append(
                Content.assemble(
                    name.truncate(wide, ellipsis=True, pad=True),
                    (f" {times:>3}", "bold"),
                    f" {times / items:4.0%} ",
                    (glyph * length + " " * (bars - length), style),
                )
            )
        self.query_one("#counts", Static).update(
            Content("\n").join([Content("  ").join(lines[row::rows]) for row in range(rows)])
        )

    def _show_tasks(self) -> None:
        app = self.answering
        listed = self._listed()
        skipped, missing = len(app.draft.skipped), len(app.draft.missing)
        title = (
            f"All {len(listed)} {app.noun}s"
            if self.lists_all
            else f"{skipped} skipped, {missing} open"
            if listed
            else f"Every {app.noun} is answered"
        )
        self.query_one("#title", Static).update(title)
        tasks = self.query_one("#tasks", OptionList)
        before = tasks.highlighted
        self._marked = None
        tasks.clear_options()
        tasks.add_options([Option(self._line(place, False)) for place in listed])
        if listed:
            tasks.highlighted = min(before or 0, len(listed) - 1)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """A triangle for whoever sees no colours."""
        listed, tasks = self._listed(), event.option_list
        for place, here in ((self._marked, False), (tasks.highlighted, True)):
            if place is not None and place < min(len(listed), tasks.option_count):
                tasks.replace_option_prompt_at_index(place, self._line(listed[place], here))
        self._marked = tasks.highlighted

    def _line(self, place: int, here: bool) -> Content:
        """An item in the list."""
        app = self.answering
        # Without padding and scroll bar.
        room = max(8, (self.query_one("#tasks").size.width or self.size.width) - 3)
        number = len(str(len(app.items)))
        said = Content(self._said_of(place))
        wide = min(_ANSWERS, room // 2) if app.question.has_parts else _ANSWER
        item = app.items[place]
        return Content.assemble(
            "▸" if here else " ",
            (f"{place + 1:>{number}} ", "bold"),
            said.truncate(wide, ellipsis=True, pad=True),
            " ",
            excerpt(item.shown or list(item.choices), room, app.question.hidden),
        ).truncate(room, ellipsis=True)

    def _show_hand(self) -> None:
        app = self.answering
        draft, heading = app.draft, app.heading
        place = self.query_one("#hand", Static)
        ready = draft.done and app.seconds_left > 0
        place.set_class(ready, "-ready")
        if app.seconds_left <= 0:
            text = Content(
                f"The commit phase is over: nothing can be handed in. The draft stays in "
                f"{draft.path}"
            )
        elif not draft.done:
            text = Content.assemble(
                f"{len(draft.missing)} of {len(draft.items)} {app.noun}s are open. ",
                (" u ", "bold reverse"),
                " goes to the next. When all are answered or skipped, ",
                (" c ", "bold reverse"),
                " hands the answers in.",
            )
        else:
            answers, skips = count(draft.answered, "answer"), count(len(draft.skipped), "skip")
            text = Content.assemble(
                (" c ", "bold reverse"),
                f" hands in {answers} and {skips}{self._tasks()}: commit, and lock "
                f"{harmless(heading.stake)}. They stay secret until you reveal, by "
                f"{harmless(heading.reveal_by)}.",
            )
        place.update(text)

    def _tasks(self) -> str:
        """How many tasks of the round the answers are, where items are several."""
        draft = self.answering.draft
        if not draft.question.has_parts:
            return ""
        skipped = draft.tasks(draft.skipped)
        return f" ({draft.tasks(range(len(draft.items))) - skipped} and {skipped} tasks)"
