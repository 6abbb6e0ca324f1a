"""The page of an item with several labels that may apply to it."""

from typing import ClassVar

from textual.content import Content

from plumbline.cli.answering.task_page import Hints, TaskPage


class ChecklistPage(TaskPage):
    """Keys tick labels and take ticks off, Enter keeps them. That none applies is said outright."""

    FIRST: ClassVar[Hints] = (("Enter", "keep"), ("-", "none applies"))

    def __init__(self) -> None:
        super().__init__()
        # Other ticks than those in the draft; None as long as no key was pressed.
        self.ticked: frozenset[int] | None = None
        self._asked = False

    def take(self, key: str, letter: str) -> bool:
        app = self.answering
        asked, self._asked = self._asked, False
        label = next((place for place, keys in enumerate(app.keys) if letter in keys), None)
        if label is not None:
            self._tick(self._shown ^ {label})
        elif letter == "-":
            self._none()
        elif key == "enter":
            self._enter(asked)
        else:
            return False
        return True

    def forget(self) -> None:
        self.ticked, self._asked = None, False

    @property
    def pending(self) -> str:
        if self.ticked is None or self.ticked == frozenset(self.kept or ()):
            return ""
        return "These ticks are not kept yet: Enter keeps them, Esc drops them."

    @property
    def standing(self) -> str:
        nothing = self.kept == () and not self.ticked
        return "You said that none applies." if nothing else super().standing

    def draw_answer(self, rows: int) -> Content:
        return self.draw_names(rows, self._shown, None)

    @property
    def _shown(self) -> frozenset[int]:
        return frozenset(self.kept or ()) if self.ticked is None else self.ticked

    def _tick(self, ticked: frozenset[int]) -> None:
        self.ticked = ticked
        self.answering.say("")

    def _none(self) -> None:
        if self._shown:
            self._tick(frozenset())
            self.answering.say("All ticks are off: - again says that none applies.")
        else:
            self.answering.keep(())

    def _enter(self, asked: bool) -> None:
        if self.ticked is None and self.given is not None:
            self.go_on("")
        elif self._shown or asked:
            self.answering.keep(sorted(self._shown))
        else:
            self._asked = True
            self.answering.say("Nothing is ticked: Enter again says that none applies, Space skips")
