"""The lines on top of every page: what is at stake, how far one is, how long there is left."""

from dataclasses import dataclass

from textual.content import Content

from plumbline.formats.asked import Asked
from plumbline.harmless import harmless
from plumbline.labeler.item_draft import ItemDraft
from plumbline.units import format_duration

SOON = 3_600  # seconds
VERY_SOON = 600

_BAR_LEAST, _BAR_MOST = 8, 40
_DONE, _SKIPPED, _OPEN = "━", "╍", "─"


@dataclass(frozen=True)
class Heading:
    """What a labeler should see of a round while answering.

    stake, price, reveal_by    ready to be shown, like `0.02 ETH` and a date
    commit_deadline            unix seconds
    """

    round_id: int
    stake: str
    price: str
    reveal_by: str
    commit_deadline: int
    asked: Asked


def draw_head(
    heading: Heading, draft: ItemDraft, at: int, seconds: int, width: int, low: bool = False
) -> Content:
    """Two lines, more where it is narrow, and only what counts most where it is `low`."""
    items = len(draft.items)
    asked = f"  round {heading.round_id}, {harmless(heading.asked.question.wording)}"
    title = Content.assemble(("Plumbline", "bold $accent"), asked)
    money = Content.assemble(f"stake {harmless(heading.stake)}, pay {harmless(heading.price)}")
    noun = "Item" if heading.asked.question.has_parts else "Task"
    where = f"{noun} {at + 1} of {items}" if at < items else f"Review of {items}"
    count = f"{draft.answered} answered, {len(draft.skipped)} skipped"
    time = _draw_time(seconds)
    # Two spaces on each side of the bar.
    room = width - len(where) - len(count) - time.cell_length - 6
    bar = _bar(draft, min(_BAR_MOST, room)) if room >= _BAR_LEAST else Content("")
    if low and room < 0:
        count = ""
    progress = Content.assemble((where, "bold"), "  ", bar, "  " if bar.plain else "", count)
    second = _spread(progress, time, width)
    return second if low else Content("\n").join([_spread(title, money, width), second])


def _draw_time(seconds: int) -> Content:
    """Time left, louder as it runs out, not by colour alone."""
    if seconds <= 0:
        return Content.styled("!! commit phase over", "bold reverse $error")
    left = f"{format_duration(seconds)} left"
    if seconds < VERY_SOON:
        return Content.styled(f"!! {left}", "bold reverse $error")
    if seconds < SOON:
        return Content.styled(f"! {left}", "bold $warning")
    return Content(left)


def _bar(draft: ItemDraft, width: int) -> Content:
    items = len(draft.items)
    done = draft.answered * width // items
    seen = (items - len(draft.missing)) * width // items
    return Content.assemble(
        (_DONE * done, "$success"),
        (_SKIPPED * (seen - done), "$warning"),
        (_OPEN * (width - seen), "dim"),
    )


def _spread(left: Content, right: Content, width: int) -> Content:
    """To both edges of a line, or on two lines."""
    room = width - left.cell_length - right.cell_length
    if room < 2:
        return Content("\n").join([left, right])
    return Content.assemble(left, " " * room, right)
