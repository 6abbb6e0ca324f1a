"""The help of the answering pages: the keys of this round, and what is at stake in it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from textual.content import Content

from plumbline.cli.answering.sections import NAME_STYLE
from plumbline.harmless import harmless
from plumbline.questions.question import Layout

if TYPE_CHECKING:
    from plumbline.cli.answering.app import Answering

_BEFORE_AND_AFTER = ("← →", "{noun} before and after")
_FIRST: Final[Mapping[Layout, tuple[tuple[str, str], ...]]] = {
    Layout.OPTIONS: (_BEFORE_AND_AFTER, ("Enter", "keep the answer and go on")),
    Layout.SCALE: (
        ("← →", "move along the scale"),
        ("Enter", "give the option under the triangle"),
    ),
    Layout.NUMBER: (
        ("0 to 9, -", "type a number; where all have one digit that gives it"),
        ("← →", "move along the numbers"),
        ("Enter", "give the number under the triangle"),
    ),
    Layout.RANKING: (
        ("1 to 6", "the best of what is left, by its number"),
        ("Bksp", "take the last number back, if there is one"),
        ("Enter", "keep the order and go on"),
        ("Esc", "drop an order that is not kept"),
        _BEFORE_AND_AFTER,
    ),
    Layout.CHECKLIST: (
        ("Enter", "keep the ticks and go on"),
        ("-", "none applies"),
        ("Esc", "drop ticks that are not kept"),
        _BEFORE_AND_AFTER,
    ),
}
_MOVES: Final = (
    ("Space, s", "skip: no vote"),
    ("Bksp", "back to the {noun} before"),
    ("u", "next {noun} that is open"),
    ("g", "go to {a_noun} by its number"),
    ("r", "review all answers and hand them in"),
    ("Del", "take an answer or a skip back"),
    ("↑ ↓ PgUp PgDn", "scroll a long {noun}"),
    ("i", "instructions"),
    ("o", "open the images and sounds of a task"),
    ("q", "stop for now, the draft stays"),
)


def help_text(app: "Answering") -> Content:
    """All of it."""
    heading, question = app.heading, app.question
    moves = [
        (key, meaning.format(noun=app.noun, a_noun="an item" if question.has_parts else "a task"))
        for key, meaning in (*_FIRST[question.layout], *_MOVES)
    ]
    parts = (
        f"Each item here is several tasks of the round, {len(app.manifest.tasks)} in all: pay and "
        "agreement count tasks. "
        if question.has_parts
        else ""
    )
    stakes = (
        f"A seat locks {heading.stake} and pays up to {heading.price}: full pay near the crowd, "
        "none far from it, and an outlier loses part of the stake. Answering without reading "
        f"shows. A skip is not a vote: it is never wrong, but earns nothing. {parts}\n\n"
        f"Every answer is on your disk before the next {app.noun} is shown. Nothing leaves it "
        "before the review, where c hands the answers in; you then still see what is signed. A "
        "seat is yours only once you have committed, and the commit phase also ends when all seats "
        f"are taken. Afterwards reveal by {heading.reveal_by}."
    )
    return Content("\n").join(
        [
            *_answers(app),
            *_table("Moves", moves),
            Content(""),
            Content.styled("What is at stake", NAME_STYLE),
            Content(harmless(stakes, "\n")),
        ]
    )


def _answers(app: "Answering") -> list[Content]:
    """The choices with their keys, where they are the same for all items."""
    layout = app.question.layout
    if app.question.has_own_choices:
        return []
    choices = app.items[0].choices
    rows = [
        (", ".join(keys), harmless(str(name))) for keys, name in zip(app.keys, choices, strict=True)
    ]
    title = "Answers, lowest first" if layout in (Layout.SCALE, Layout.NUMBER) else "Answers"
    return [*_table("Labels" if layout is Layout.CHECKLIST else title, rows), Content("")]


def _table(title: str, rows: list[tuple[str, str]]) -> list[Content]:
    wide = max(len(key) for key, _ in rows)
    return [
        Content.styled(title, NAME_STYLE),
        *(Content.assemble((f"{key:<{wide}}", "bold"), f"  {meaning}") for key, meaning in rows),
    ]
