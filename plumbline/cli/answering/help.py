"""The help of the answering pages: the keys of this round, and what is at stake in it."""

from typing import TYPE_CHECKING

from textual.content import Content

from plumbline.cli.answering.sections import NAME_STYLE
from plumbline.harmless import harmless
from plumbline.questions.question import Layout

if TYPE_CHECKING:
    from plumbline.cli.answering.app import Answering

_MOVES = (
    ("Space, s", "skip: no vote"),
    ("Bksp", "back to the task before"),
    ("u", "next task that is open"),
    ("g", "go to a task by its number"),
    ("r", "review all answers and hand them in"),
    ("Del", "take an answer or a skip back"),
    ("↑ ↓ PgUp PgDn", "scroll a long task"),
    ("i", "instructions"),
    ("o", "open the images and sounds of a task"),
    ("q", "stop for now, the draft stays"),
)
_ON_OPTIONS = (("← →", "task before and after"), ("Enter", "keep the answer and go on"))
_ON_SCALE = (("← →", "move along the scale"), ("Enter", "give the option under the triangle"))


def help_text(app: "Answering") -> Content:
    """All of it."""
    heading, options = app.heading, app.manifest.options
    moves = _ON_SCALE if heading.question.layout is Layout.SCALE else _ON_OPTIONS
    answers = [
        (", ".join(keys), harmless(name)) for keys, name in zip(app.keys, options, strict=True)
    ]
    stakes = (
        f"A seat locks {heading.stake} and pays up to {heading.price}: full pay near the crowd, "
        "none far from it, and an outlier loses part of the stake. Answering without reading "
        "shows. A skip is not a vote: it is never wrong, but earns nothing.\n\n"
        "Every answer is on your disk before the next task is shown. Nothing leaves it before "
        "the review, where c hands the answers in; you then still see what is signed. A seat is "
        "yours only once you have committed, and the commit phase also ends when all seats are "
        f"taken. Afterwards reveal by {heading.reveal_by}."
    )
    return Content("\n").join(
        [
            *_table("Answers, lowest first" if moves is _ON_SCALE else "Answers", answers),
            Content(""),
            *_table("Moves", [*moves, *_MOVES]),
            Content(""),
            Content.styled("What is at stake", NAME_STYLE),
            Content(harmless(stakes, "\n")),
        ]
    )


def _table(title: str, rows: list[tuple[str, str]]) -> list[Content]:
    wide = max(len(key) for key, _ in rows)
    return [
        Content.styled(title, NAME_STYLE),
        *(Content.assemble((f"{key:<{wide}}", "bold"), f"  {meaning}") for key, meaning in rows),
    ]
