"""What a round asks: its question, and the items that its tasks make."""

from dataclasses import dataclass

from plumbline.protocol.manifest import Manifest
from plumbline.questions.question import Item, Question
from plumbline.questions.registry import question_of
from plumbline.settlement.terms import Kind


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and its items, in the order of the round."""

    question: Question
    items: tuple[Item, ...]


def asked_in(kind: Kind, manifest: Manifest) -> Asked:
    """What the manifest of a round of that kind asks.

    Raises QuestionError if it does not fit the round, or if its tasks make no items.
    """
    question = question_of(kind, manifest.options, manifest.question)
    return Asked(question, tuple(question.items(manifest.tasks, manifest.names)))
