"""All kinds of questions by name, and the question of a round."""

from collections.abc import Mapping
from typing import Final

from plumbline.questions.checklist import Checklist
from plumbline.questions.choice import Binary, Choice
from plumbline.questions.question import Question, QuestionError
from plumbline.questions.ranking import Ranking
from plumbline.questions.scale import Preference, Range, Scale
from plumbline.settlement.terms import Kind

QUESTIONS: Final[Mapping[str, type[Question]]] = {
    kind.name: kind for kind in (Binary, Choice, Scale, Range, Preference, Ranking, Checklist)
}


def question_named(name: object) -> type[Question]:
    """The kind of question of that name. Raises QuestionError that lists them all."""
    if not isinstance(name, str) or name not in QUESTIONS:
        listed = "; ".join(f"{kind.name}: {kind.meaning}" for kind in QUESTIONS.values())
        raise QuestionError(f"{name!r} is no kind of question: give one of ({listed})")
    return QUESTIONS[name]


def question_of(kind: Kind, options: tuple[str, ...], details: object = None) -> Question:
    """The question of a round from its terms and the `question` of its task manifest.

    A manifest that says nothing has one of its options to be chosen, or a step of a scale. Raises
    QuestionError for a kind that is not known, or that does not fit the terms: people would see
    another question than the one that they are paid for.
    """
    if details is None:
        return Scale(options) if kind is Kind.ORDINAL else Choice(options)
    if not isinstance(details, Mapping):
        raise QuestionError("the question of a task manifest must be an object")
    question = question_named(details.get("kind")).from_json(options, details)
    if question.kind is not kind:
        raise QuestionError(
            f"the tasks ask a {question.name}, which is {question.kind.label}, and the round is "
            f"{kind.label}: answers would be compared in another way than the question means"
        )
    return question
