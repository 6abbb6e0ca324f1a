"""What labels teach a model: which of two completions is better, and which completions are good.

Whatever does not follow from the labels for certain is left out and counted: ties, what nobody
answered, what is no text. Which field is the prompt, and which the completion, follows from their
names; where these do not tell, nothing is taught, and it is said why.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import combinations
from typing import Final, Generic, TypeVar

from plumbline.dataset.comparing import first_wins, margin, order_of, pair_strengths, strengths_of
from plumbline.dataset.conversations import (
    COMPLETIONS,
    Content,
    content_of,
    is_prompt,
    last_reply,
)
from plumbline.dataset.exports.own_fields import shown_fields
from plumbline.dataset.records import Dataset, LabeledItem, LabeledTask
from plumbline.errors import PlumblineError
from plumbline.formats.names import listed, look_of, quoted
from plumbline.formats.task_text import is_pair
from plumbline.questions.question import Question
from plumbline.questions.ranking import Ranking
from plumbline.questions.scale import TIES, Preference

_PROMPTS: Final = ("prompt", "question", "instruction", "query", "input")
_CONVERSATIONS: Final = ("messages", "conversation", "chat", "dialogue")
# Strengths are found by steps: what is nearer than this is equal.
_EQUAL: Final = 1e-6
_GOOD: Final = frozenset(
    {"good", "helpful", "correct", "acceptable", "accept", "appropriate", "safe", "desirable"}
)
_BAD: Final = frozenset(
    {"bad", "unhelpful", "incorrect", "wrong", "unacceptable", "reject", "inappropriate"}
    | {"unsafe", "undesirable"}
)

TIE: Final = "ties"
UNLABELED: Final = "without a label"
SAME: Final = "the same on both sides"
NO_TEXT: Final = "neither text nor turns of role and content"
NO_PROMPT: Final = "without a prompt that a reply can follow"
NOT_GOOD: Final = "no reply to learn from"


class DesirableError(PlumblineError):
    """Options that are said to make a completion good, and are none of the question."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """How sure it is what a row teaches.

    confidence             how likely it is right
    votes_for              of those who are heard, how many say it
    votes_against          and how many say something else
    rounds                 where they said so
    """

    confidence: float
    votes_for: int
    votes_against: int
    rounds: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Of two completions, which is better.

    prompt    None where nothing was shown but the two
    margin    the logarithm of the odds that `chosen` is preferred, above 0
    """

    prompt: Content | None
    chosen: Content
    rejected: Content
    margin: float
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class JudgedCompletion:
    """A completion, and whether it is one that a model should give."""

    prompt: Content
    completion: Content
    is_good: bool
    evidence: Evidence


Lesson = TypeVar("Lesson")
_Fields = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Lessons(Generic[Lesson]):
    """What the items of a dataset teach.

    of_item     by the name of the item
    left_out    why -> how many items, or pairs of things, teach nothing
    missing     why none of them teaches anything; None if they could
    unused      fields that people saw and that are in no lesson
    """

    of_item: Mapping[str, Sequence[Lesson]] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)
    missing: str | None = None
    unused: tuple[str, ...] = ()

    @property
    def all(self) -> list[Lesson]:
        """All of them, in the order of the items."""
        return [lesson for lessons in self.of_item.values() for lesson in lessons]


@dataclass(frozen=True, slots=True)
class Teaching:
    """All that a dataset teaches.

    pairs     which of two completions is better
    judged    which completions are good, and which are not
    good      the good ones: of a pair the better, of a ranking the best
    """

    pairs: Lessons[Comparison]
    judged: Lessons[JudgedCompletion]
    good: Lessons[JudgedCompletion]


def teaching(dataset: Dataset, desirable: Collection[str] = ()) -> Teaching:
    """What a dataset teaches. Where single completions were labeled, those are good whose label is
    one of the `desirable` options; without any, options that are called good and bad, or the like,
    say it themselves.

    Raises DesirableError for an option that the question has not, or that says nothing.
    """
    question = dataset.question
    pairs = _comparisons(dataset)
    compares = pairs.missing is None or isinstance(question, (Preference, Ranking))
    if desirable and (compares or question.has_parts):
        raise DesirableError(
            f"labels say {question.meaning}: no option of theirs makes a reply good"
        )
    if not compares:
        judged = _judgements(dataset, desirable)
        return Teaching(pairs, judged, _good_of(judged))
    judged = _completions_of(pairs, (True, False))
    if isinstance(question, Ranking):
        judged = Lessons(missing="an order says which is better, and not which are good")
    best = replace(pairs, of_item={name: each[:1] for name, each in pairs.of_item.items()})
    return Teaching(pairs, judged, _completions_of(best, (True,)))


def _comparisons(dataset: Dataset) -> Lessons[Comparison]:
    """Which of two is better, of each item: one pair, or all pairs of things that were ranked."""
    fields = _fields(dataset)
    try:
        if isinstance(dataset.question, Ranking):
            prompt = _prompt(fields)
            return _lessons(dataset, fields, (prompt,), partial(_ranked, prompt))
        sides = _sides(dataset.question, fields)
        used = (sides.prompt, *sides.fields)
        return _lessons(dataset, fields, used, partial(_preferred, sides))
    except _TeachesNothing as error:
        return Lessons(missing=str(error))


def _judgements(dataset: Dataset, desirable: Collection[str]) -> Lessons[JudgedCompletion]:
    """Whether the completion of each item is good."""
    question, fields = dataset.question, _fields(dataset)
    try:
        if question.has_parts:
            raise _TeachesNothing(f"labels say {question.meaning}: none makes a reply good or bad")
        good = _good_options(question, desirable)
        completion, prompt = _completion(fields)
        if good is None:
            raise _TeachesNothing(
                f"whether {listed(question.options)} makes a {completion} good is not said: name "
                "the desirable options"
            )
        used = (prompt, completion)
        return _lessons(dataset, fields, used, partial(_judged, prompt, completion, good))
    except _TeachesNothing as error:
        return Lessons(missing=str(error))


def prompted(pairs: Lessons[Comparison]) -> Lessons[Comparison]:
    """Those with a prompt; all have one, or none has."""
    if pairs.missing is None and any(pair.prompt is None for pair in pairs.all):
        return Lessons(missing="nothing was shown but the two: there is no prompt")
    return pairs


def _completions_of(
    pairs: Lessons[Comparison], verdicts: Sequence[bool]
) -> Lessons[JudgedCompletion]:
    """The completions of pairs, those chosen and then those rejected: as many as `verdicts`."""
    pairs = prompted(pairs)
    found = {
        name: [
            JudgedCompletion(pair.prompt, completion, is_good, pair.evidence)
            for pair in each
            if pair.prompt is not None
            for completion, is_good in zip((pair.chosen, pair.rejected), verdicts, strict=False)
        ]
        for name, each in pairs.of_item.items()
    }
    return Lessons(found, pairs.left_out, pairs.missing, pairs.unused)


def _good_of(judged: Lessons[JudgedCompletion]) -> Lessons[JudgedCompletion]:
    """Those that are good."""
    good = {
        name: [completion for completion in each if completion.is_good]
        for name, each in judged.of_item.items()
    }
    others = len(judged.all) - sum(map(len, good.values()))
    left_out = {**judged.left_out, **({NOT_GOOD: others} if others else {})}
    return replace(judged, of_item=good, left_out=left_out)


# ---------------------------------------------------------------- items


class _TeachesNothing(Exception):
    """Why an item, or a whole dataset, teaches nothing."""


def _lessons(
    dataset: Dataset,
    fields: Sequence[str],
    used: Sequence[str | None],
    lessons: Callable[[LabeledItem, _Fields, Counter[str]], list[Lesson]],
) -> Lessons[Lesson]:
    """What each item teaches, by its fields. `lessons` counts single pairs that are left out."""
    left_out: Counter[str] = Counter()
    found = {}
    for item in dataset.items:
        try:
            shown = shown_fields(item, dataset.question)
            found[item.name] = lessons(item, shown, left_out)
        except _TeachesNothing as error:
            left_out[str(error)] += 1
    return Lessons(found, dict(left_out), unused=tuple(name for name in fields if name not in used))


def _preferred(
    sides: "_Sides", item: LabeledItem, fields: _Fields, left_out: Counter[str]
) -> list[Comparison]:
    """Which of the two sides is better."""
    del left_out
    (task,) = item.tasks
    label = _label(task)
    if label not in sides.options:
        raise _TeachesNothing(TIE)
    distribution = [0.0 if number is None else task.distribution[number] for number in sides.steps]
    strength = pair_strengths(distribution)
    better = sides.options.index(label)
    by_how_much = margin(strength, better, 1 - better)
    if by_how_much < _EQUAL:
        raise _TeachesNothing(TIE)
    contents = [_content(fields.get(name)) for name in sides.fields]
    _require_different(contents)
    prompt = None if sides.prompt is None else _prompt_content(fields.get(sides.prompt))
    evidence = _evidence(task, task.distribution[label], task.votes[label])
    return [Comparison(prompt, contents[better], contents[1 - better], by_how_much, evidence)]


def _ranked(
    prompt_field: str | None, item: LabeledItem, fields: _Fields, left_out: Counter[str]
) -> list[Comparison]:
    """All pairs of an order of which one is better, the best first."""
    for task in item.tasks:
        _label(task)
    prompt = None if prompt_field is None else _prompt_content(fields.get(prompt_field))
    contents = [_content(thing) for thing in item.item.choices]
    distributions = [task.distribution for task in item.tasks]
    strength = strengths_of(item.item, distributions)
    asked = {frozenset(about): number for number, about in enumerate(item.item.about)}
    pairs = []
    for better, worse in combinations(order_of(strength), 2):
        by_how_much = margin(strength, better, worse)
        number = asked[frozenset((better, worse))]
        task, is_first = item.tasks[number], item.item.about[number][0] == better
        if by_how_much < _EQUAL:
            left_out[TIE] += 1
        elif contents[better] == contents[worse]:
            left_out[SAME] += 1
        else:
            chance = first_wins(task.distribution)
            evidence = _evidence(
                task, chance if is_first else 1 - chance, task.votes[0 if is_first else 1]
            )
            pair = Comparison(prompt, contents[better], contents[worse], by_how_much, evidence)
            pairs.append(pair)
    return pairs


def _judged(
    prompt: str | None,
    completion: str,
    good: frozenset[int],
    item: LabeledItem,
    fields: _Fields,
    left_out: Counter[str],
) -> list[JudgedCompletion]:
    """Whether a completion is good."""
    del left_out
    (task,) = item.tasks
    label = _label(task)
    content = _content(fields.get(completion))
    if prompt is None:
        parts = last_reply(content)
        if parts is None:
            raise _TeachesNothing(NO_PROMPT)
        asked, content = parts
        asked = _prompt_content(asked)
    else:
        asked = _prompt_content(fields.get(prompt))
    is_good = label in good
    alike = [number for number in range(len(task.votes)) if (number in good) == is_good]
    evidence = _evidence(
        task,
        sum(task.distribution[number] for number in alike),
        sum(task.votes[number] for number in alike),
    )
    return [JudgedCompletion(asked, content, is_good, evidence)]


def _evidence(task: LabeledTask, confidence: float, votes: int) -> Evidence:
    rounds = tuple(dict.fromkeys(place.round_id for place in task.places))
    return Evidence(confidence, votes, sum(task.votes) - votes, rounds)


def _label(task: LabeledTask) -> int:
    if task.label is None:
        raise _TeachesNothing(UNLABELED)
    return task.label


def _content(value: object) -> Content:
    content = content_of(value)
    if content is None:
        raise _TeachesNothing(NO_TEXT)
    return content


def _prompt_content(value: object) -> Content:
    content = content_of(value)
    if content is None or not is_prompt(content):
        raise _TeachesNothing(NO_PROMPT)
    return content


def _require_different(contents: Sequence[Content]) -> None:
    if contents[0] == contents[1]:
        raise _TeachesNothing(SAME)


# ---------------------------------------------------------------- fields and options


@dataclass(frozen=True, slots=True)
class _Sides:
    """The two that are compared: their fields, and the options that mean them; `tie` that neither
    is better."""

    prompt: str | None
    fields: tuple[str, str]
    options: tuple[int, int]
    tie: int | None

    @property
    def steps(self) -> tuple[int | None, ...]:
        """The options from one side to the other."""
        first, second = self.options
        return first, self.tie, second


def _fields(dataset: Dataset) -> list[str]:
    """All fields that people were shown, in their order."""
    question = dataset.question
    return list(
        dict.fromkeys(name for each in dataset.items for name in shown_fields(each, question))
    )


def _sides(question: Question, fields: Sequence[str]) -> _Sides:
    """The two sides, as options and fields are called. Raises _TeachesNothing if there are none."""
    ties = [n for n, name in enumerate(question.options) if look_of(name, False) in TIES]
    if isinstance(question, Preference):
        ties = [1]
    options = [n for n in range(len(question.options)) if n not in ties]
    if question.has_parts or len(options) != 2 or len(ties) > 1:
        raise _TeachesNothing(f"labels say {question.meaning}, of no two completions")
    first, second = options
    looks = [look_of(question.options[number], False) for number in options]
    named = [name for look in looks for name in fields if look_of(name, False) == look]
    pairs = [pair for pair in combinations(fields, 2) if is_pair(*pair)]
    ending = [pair for pair in pairs if _end_in(pair, looks)]
    if len(named) == 2:
        pair = named[0], named[1]
    elif len(ending) == 1:
        (pair,) = ending
    elif isinstance(question, Preference) and len(pairs) == 1:
        (pair,) = pairs
    else:
        if not isinstance(question, Preference):
            raise _TeachesNothing(f"labels say {question.meaning}, of no two completions")
        raise _TeachesNothing(
            f"which fields are compared is not told by their names ({listed(fields) or 'none'}): "
            f"call them {question.options[first]} and {question.options[second]}"
        )
    rest = [name for name in fields if name not in pair]
    return _Sides(_prompt(rest), pair, (first, second), ties[0] if ties else None)


def _end_in(pair: tuple[str, str], looks: Sequence[str]) -> bool:
    return all(name.casefold().endswith(look) for name, look in zip(pair, looks, strict=True))


def _prompt(fields: Sequence[str]) -> str | None:
    """The field that completions follow; None if there are no fields."""
    named = _first_named(fields, _PROMPTS)
    if named is not None or len(fields) < 2:
        return named or next(iter(fields), None)
    raise _TeachesNothing(
        f"which of {listed(fields)} is the prompt is not told by their names: call it prompt"
    )


def _completion(fields: Sequence[str]) -> tuple[str, str | None]:
    """The field that is judged, and its prompt; None if that is in the same conversation."""
    completion = _first_named(fields, COMPLETIONS)
    rest = [name for name in fields if name != completion]
    if completion is not None and rest:
        return completion, _prompt(rest)
    conversation = _first_named(fields, _CONVERSATIONS)
    if conversation is not None:
        return conversation, None
    raise _TeachesNothing(
        f"no fields are called prompt and completion: people saw {listed(fields) or 'a text'}"
    )


def _first_named(fields: Sequence[str], names: Sequence[str]) -> str | None:
    looks = {name.casefold(): name for name in reversed(fields)}
    return next((looks[name] for name in names if name in looks), None)


def _good_options(question: Question, desirable: Collection[str]) -> frozenset[int] | None:
    """The options that make a completion good; None if nothing tells. Raises DesirableError."""
    looks = [look_of(name, False) for name in question.options]
    if not desirable:
        good = frozenset(number for number, look in enumerate(looks) if look in _GOOD)
        return good if good and all(look in _GOOD | _BAD for look in looks) else None
    wanted = {look_of(name, False): name for name in desirable}
    for look, name in wanted.items():
        if look not in looks:
            raise DesirableError(
                f"{quoted(name)} is no option of the question: they are "
                f"{', '.join(question.options)}"
            )
    if len(wanted) == len(looks):
        raise DesirableError("all options are desirable: leave out those of bad completions")
    return frozenset(number for number, look in enumerate(looks) if look in wanted)
