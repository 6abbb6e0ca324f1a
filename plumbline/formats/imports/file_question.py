"""What a file says of the question that is asked about its tasks."""

from collections.abc import Mapping
from dataclasses import dataclass

from plumbline.errors import PlumblineError
from plumbline.formats.names import Names, NamesError, look_of
from plumbline.questions.question import Question, QuestionError
from plumbline.questions.registry import question_named
from plumbline.settlement.terms import Kind


class FileQuestionError(PlumblineError):
    """A round file and a file of tasks that ask different questions; the message has the key."""


@dataclass(frozen=True, slots=True)
class FileQuestion:
    """The question of a file.

    place           where it stands, for errors
    presets         the kinds of questions that it may be, each with what is chosen from, None where
                    tasks bring that with them; the first if nobody says which
    instructions    what labelers are told; may be empty
    """

    place: str
    presets: Mapping[str, tuple[str, ...] | None]
    instructions: str = ""

    def asked(self, given: type[Question] | None, options: object) -> Question:
        """The question, with the kind and the options that a round file says, None if it does not.

        Raises FileQuestionError if it says something else, QuestionError if it makes none.
        """
        usual = question_named(next(iter(self.presets)))
        kind = given or usual
        if kind.name not in self.presets:
            raise FileQuestionError(
                f"preset is {kind.name}, and {self.place} asks for {' or '.join(self.presets)}: "
                "leave preset out, or change one"
            )
        own = self.presets[kind.name]
        is_ordered = usual.kind is Kind.ORDINAL
        if own is not None:
            self._require_names(own)
        if options is None and (is_ordered or kind.kind is Kind.NOMINAL):
            try:
                return kind.of(own)
            except QuestionError as error:
                raise FileQuestionError(f"{self.place}: {error}") from None
        try:
            question = kind.of(options)
        except QuestionError as error:
            if options is None:
                raise FileQuestionError(
                    f"options: name those of {self.place} in their order, lowest first"
                ) from error
            raise
        if own is not None:
            self._require_same(question, own, is_ordered)
        return question

    def instructions_with(self, instructions: str) -> str:
        """The instructions, with what a round file says or an empty text.

        Raises FileQuestionError if it says something else.
        """
        given, own = instructions.strip(), self.instructions.strip()
        if given and own and given != own:
            raise FileQuestionError(
                f"instructions are not those of {self.place}: leave them out, or change one"
            )
        return given or own

    def _require_names(self, own: tuple[str, ...]) -> None:
        try:
            Names.of(own, has_case=False)
        except NamesError as error:
            raise FileQuestionError(f"options of {self.place}: {error}") from None
        if not all(name.isprintable() for name in own):
            raise FileQuestionError(
                f"options of {self.place} must be names in one line, without marks that nobody sees"
            )

    def _require_same(self, question: Question, own: tuple[str, ...], is_ordered: bool) -> None:
        given, wanted = (
            [look_of(name, has_case=False) for name in names] for names in (question.choices, own)
        )
        if given != wanted if is_ordered else sorted(given) != sorted(wanted):
            order = " in this order" if is_ordered else ""
            raise FileQuestionError(
                f"options are not those of {self.place}, {', '.join(own)}: leave them out, or name "
                f"all of these{order}"
            )
