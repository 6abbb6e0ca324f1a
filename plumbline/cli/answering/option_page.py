"""Pages of items with one answer: one of several options, a place on a scale, a number."""

from typing import ClassVar

from textual.content import Content

from plumbline.cli.answering.task_page import Hints, TaskPage


class OptionPage(TaskPage):
    """One of several: its key gives it."""

    def take(self, key: str, letter: str) -> bool:
        app = self.answering
        option = next((place for place, keys in enumerate(app.keys) if letter in keys), None)
        if option is not None:
            app.keep((option,))
        elif key == "enter":
            self.go_on("Nothing is chosen yet: press the key of an option, or Space to skip")
        else:
            return False
        return True

    def forget(self) -> None:
        """There is nothing to forget: an answer is in the draft at once."""

    def draw_answer(self, rows: int) -> Content:
        return self.draw_names(rows, self.kept or (), None)


class ScalePage(OptionPage):
    """A place in a row: arrows move a cursor there, and Enter gives what is under it."""

    THEN: ClassVar[Hints] = (("←→", "move"), ("Enter", "give"))

    def __init__(self) -> None:
        super().__init__()
        self.cursor: int | None = None

    def take(self, key: str, letter: str) -> bool:
        if key in ("left", "right"):
            self._move(-1 if key == "left" else 1)
        elif key == "enter" and self.cursor is not None:
            self.answering.keep((self.cursor,))
        else:
            return super().take(key, letter)
        return True

    def forget(self) -> None:
        self.cursor = None

    def draw_answer(self, rows: int) -> Content:
        return self.draw_names(rows, self.kept or (), self.cursor)

    def _move(self, step: int) -> None:
        """Along the scale, from the answer given or else from the middle, where no one stands."""
        last = len(self.item.choices) - 1
        (start,) = (self.cursor,) if self.cursor is not None else self.kept or (None,)
        if start is None:
            there = last // 2 + 1 if step > 0 else (last + 1) // 2 - 1
        else:
            there = start + step
        self.cursor = min(max(there, 0), last)
        self.show_answer()


class NumberPage(ScalePage):
    """A number is typed, and Enter gives it; where all have one digit, that gives it at once."""

    FIRST: ClassVar[Hints] = (("Enter", "give"),)
    THEN: ClassVar[Hints] = (("←→", "move"),)

    def __init__(self) -> None:
        super().__init__()
        self.typed = ""

    def take(self, key: str, letter: str) -> bool:
        if letter and letter in "-0123456789":
            self._type(letter)
        elif key == "backspace" and self.typed:
            self._come_to(self.typed[:-1])
        elif key in ("left", "right"):
            self.typed = ""
            self.answering.say("")
            return super().take(key, letter)
        elif key == "enter" and self.cursor is None:
            self.go_on("Type a number and press Enter, or Space to skip")
        else:
            return key == "enter" and super().take(key, letter)
        return True

    def may_repeat(self, letter: str) -> bool:
        """As in 11 and 100: where it takes Enter, no digit too many gives an answer."""
        return letter.isdigit() and any(len(number) > 1 for number in self._numbers)

    def forget(self) -> None:
        super().forget()
        self.typed = ""

    @property
    def _numbers(self) -> list[str]:
        return [str(choice) for choice in self.item.choices]

    def _type(self, letter: str) -> None:
        numbers, typed = self._numbers, self.typed + letter
        if not any(number.startswith(typed) for number in numbers):
            step = int(numbers[1]) - int(numbers[0])
            by = f" in steps of {step}" if step > 1 else ""
            self.answering.say(f"There is no {typed}: it is {numbers[0]} to {numbers[-1]}{by}")
        elif all(len(number) == 1 for number in numbers):
            self.answering.keep((numbers.index(typed),))
        else:
            self._come_to(typed)

    def _come_to(self, typed: str) -> None:
        """The cursor to the number that was typed, or else to the first that begins so."""
        app, numbers = self.answering, self._numbers
        self.typed, self.cursor = typed, None
        if not typed:
            app.say("")
            return
        found = typed if typed in numbers else next(n for n in numbers if n.startswith(typed))
        self.cursor = numbers.index(found)
        app.say(f"{app.question.words(self.item, (self.cursor,))}: Enter gives it")
