"""The page of an item whose things are put in order."""

from typing import ClassVar, Final

from textual.content import Content

from plumbline.cli.answering.sections import NAME_STYLE, beside
from plumbline.cli.answering.task_page import SIDE_BY_SIDE, Hints, TaskPage
from plumbline.formats.task_text import excerpt, readable

_KEY_STYLE: Final = "bold reverse"
_RANKS: Final = ("best", "2nd", "3rd", "4th", "5th", "6th")
_RANK: Final = 6  # columns of a rank and a space
_SHORTEST, _LONGEST = 8, 24  # columns of a thing in the line of the order


class RankingPage(TaskPage):
    """Numbers are typed, best first; what is left is the last. With two things one key is all."""

    FIRST: ClassVar[Hints] = (("Enter", "keep"),)

    def __init__(self) -> None:
        super().__init__()
        self.order: list[int] = []

    def take(self, key: str, letter: str) -> bool:
        app = self.answering
        numbers = [keys[0] for keys in app.keys[: len(self.item.choices)]]
        if letter in numbers:
            self._place(numbers.index(letter))
        elif key == "enter":
            self._enter()
        elif key == "backspace" and self.order:
            self.order.pop()
            self.answering.say("")
        else:
            return False
        return True

    def forget(self) -> None:
        self.order = []

    @property
    def pending(self) -> str:
        if not self.order:
            return ""
        return "This order is not kept yet: Enter keeps it, Esc drops it."

    def draw_choices(self) -> Content:
        """The things with their numbers and, as far as they have one, their places."""
        width = max(1, self.size.width - 3)
        places = {choice: _RANKS[rank] for rank, choice in enumerate(self._shown)}
        ranks = [places.get(choice, "") for choice in range(len(self.item.choices))]
        badges = [Content.styled(f" {number} ", _KEY_STYLE) for number in range(1, len(ranks) + 1)]
        said = self.answering.media.said
        texts = [Content(readable(thing, said) or "(empty)") for thing in self.item.choices]
        things = list(zip(badges, ranks, texts, strict=True))
        room = width - badges[0].cell_length - _RANK - 1
        if all("\n" not in text.plain and text.cell_length <= room for text in texts):
            lines = [
                Content.assemble(badge, " ", (f"{rank:<{_RANK}}", NAME_STYLE), text)
                for badge, rank, text in things
            ]
            return Content("\n").join(lines)
        blocks = [
            Content.assemble(badge, " ", (rank, NAME_STYLE), "\n", text)
            for badge, rank, text in things
        ]
        if width >= len(blocks) * SIDE_BY_SIDE // 2:
            return beside(blocks, width)
        return Content("\n\n").join(blocks)

    def draw_answer(self, rows: int) -> Content:
        """The order, a place for each thing."""
        del rows
        things = self.item.choices
        title = "✓ Best first: " if self.kept and not self.order else "Best first: "
        # A number with its spaces, and what stands between two.
        room = (self.size.width - 2 - len(title)) // len(things) - 3 - 3
        parts = []
        for rank in range(len(things)):
            if rank >= len(self._shown):
                parts.append(Content(" · "))
                continue
            choice = self._shown[rank]
            text = f" {excerpt(things[choice], _LONGEST + 1)}" if room >= _SHORTEST else ""
            name = Content(text).truncate(min(room, _LONGEST), ellipsis=True)
            parts.append(Content.assemble((f" {choice + 1} ", _KEY_STYLE), name))
        return Content.assemble((title, "bold"), Content(" > ").join(parts))

    @property
    def _shown(self) -> tuple[int, ...]:
        """The order as far as it goes: what is typed, or else what is in the draft."""
        things = range(len(self.item.choices))
        if not self.order:
            return self.kept or ()
        left = [thing for thing in things if thing not in self.order]
        return (*self.order, *(left if len(left) == 1 else []))

    def _place(self, thing: int) -> None:
        if thing in self._shown and self.order:
            whole = len(self._shown) == len(self.item.choices)
            keeps = "Enter keeps the order, " if whole else ""
            self.answering.say(f"{thing + 1} has its place: {keeps}Bksp takes the last back")
            return
        self.order.append(thing)
        if len(self.item.choices) == 2:
            self.answering.keep(self._shown)
        elif len(self._shown) == len(self.item.choices):
            self.answering.say("Enter keeps this order, Bksp takes back.")
        else:
            self.answering.say("")

    def _enter(self) -> None:
        left = [str(n + 1) for n in range(len(self.item.choices)) if n not in self._shown]
        if not self.order:
            self.go_on("Type the numbers, the best first, or Space to skip")
        elif left:
            self.answering.say(f"Still without a place: {', '.join(left)}")
        else:
            self.answering.keep(self._shown)
