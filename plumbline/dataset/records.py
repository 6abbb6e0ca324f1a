"""What a dataset holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from plumbline.aggregation.choice import MethodScore
from plumbline.questions.question import Item, Question
from plumbline.settlement.results import Band, Mode


@dataclass(frozen=True, slots=True)
class TaskPlace:
    """Where a task is on the chain; `task` is its number in the round, from 0."""

    round_id: int
    task: int


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """What somebody answered to a task.

    option     by number, from 0
    band       where the labeler stands in that round
    is_heard   whether it counts: not if the labeler failed the gold tasks of the round, and not if
               the same labeler had answered the task in an earlier one
    """

    labeler: str
    option: int
    place: TaskPlace
    band: Band
    is_heard: bool


@dataclass(frozen=True, slots=True)
class GroupShare:
    """What a group of labelers says about a task: votes, and how likely each option is."""

    votes: tuple[int, ...]
    distribution: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class LabeledTask:
    """A task with its label.

    name          what it is called in the manifest
    places        where it was asked, in the order of the rounds
    label         an option by number; None if nobody is heard and it is no gold task
    distribution  how likely each option is; empty where there is no label
    votes         of those who are heard, for each option
    is_contested  whether it was too close to count in the last round that asked it
    gold          the requester's answer, if it was a gold task that was opened
    answers       everybody's, heard or not, in the order of rounds and reveals
    groups        what each group of labelers says, where they are told apart
    """

    name: str
    places: tuple[TaskPlace, ...]
    label: int | None
    distribution: tuple[float, ...]
    votes: tuple[int, ...]
    is_contested: bool
    gold: int | None
    answers: tuple[GivenAnswer, ...]
    groups: Mapping[str, GroupShare] = field(default_factory=dict)

    @property
    def confidence(self) -> float | None:
        """How likely the label is right; None without one, 1 for a gold task."""
        return None if self.label is None else self.distribution[self.label]


@dataclass(frozen=True, slots=True)
class LabeledItem:
    """An item with its label.

    name        what its requester calls it
    item        what labelers were shown: text, choices, which tasks are about what (the numbers of
                its tasks are those of the first round that asked it)
    group       what it belongs to
    kept        the requester's own fields
    tasks       in the order of the item
    label       as JSON: an option, a number, a list of things (best first) or of labels; None where
                a task has none
    confidence  how likely the label is right as a whole; None without one
    """

    name: str
    item: Item
    group: str | None
    kept: Mapping[str, object]
    tasks: tuple[LabeledTask, ...]
    label: object
    confidence: float | None

    @property
    def is_contested(self) -> bool:
        """Whether one of its tasks is."""
        return any(task.is_contested for task in self.tasks)

    @property
    def is_gold(self) -> bool:
        """Whether one of its tasks was a gold task."""
        return any(task.gold is not None for task in self.tasks)


@dataclass(frozen=True, slots=True)
class DatasetRound:
    """A round that a dataset was made from.

    opened, closed     transactions, 32 bytes each
    closed_at          its block
    labelers           how many revealed
    passed             how many of them are heard
    crowd_kappa        ppm
    contested          tasks
    spent              what it cost the requester: pay, and what of it went to the sink; smallest
                       unit
    """

    round_id: int
    tasks_root: bytes
    tasks: int
    gold_tasks: int
    mode: Mode
    opened: bytes
    closed: bytes
    closed_at: int
    labelers: int
    passed: int
    crowd_kappa: int
    contested: int
    spent: int


@dataclass(frozen=True, slots=True)
class Reliability:
    """How much of what a crowd says is more than chance, of some tasks or labelers.

    alpha       Krippendorff's, nominal or ordinal as the question is; None where nothing can be
                compared
    tasks       with an answer
    answers     that are heard
    contested   tasks
    accuracy    the share of gold tasks on which most of those who are heard are right; None without
    """

    alpha: float | None
    tasks: int
    answers: int
    contested: int
    gold_tasks: int
    accuracy: float | None


@dataclass(frozen=True, slots=True)
class HowLabeled:
    """How labels were made.

    method    by name
    reason    why that one
    scores    how each method did on gold answers that were held out
    weights   of groups of labelers; empty if all were heard alike
    """

    method: str
    reason: str
    scores: Mapping[str, MethodScore]
    weights: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Dataset:
    """A job with its labels; items in the order of its file.

    reliability    of all
    by_group       of the items of each group
    by_labelers    of each group of labelers
    """

    question: Question
    instructions: str
    items: tuple[LabeledItem, ...]
    rounds: tuple[DatasetRound, ...]
    how: HowLabeled
    reliability: Reliability
    by_group: Mapping[str, Reliability]
    by_labelers: Mapping[str, Reliability]
