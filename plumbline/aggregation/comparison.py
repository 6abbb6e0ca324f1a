"""How well each method does on a crowd whose truth is known, with some of it as gold answers."""

from dataclasses import dataclass

import numpy as np

from plumbline.aggregation.calibration import calibration_error
from plumbline.aggregation.choice import AVERAGE, choices
from plumbline.aggregation.methods import METHODS
from plumbline.aggregation.table import UNKNOWN, AnswerTable, Floats, Integers, gold_of
from plumbline.errors import PlumblineError
from plumbline.formats.recorded_answers import RecordedAnswers
from plumbline.formats.work_units import rounds
from plumbline.planning.intervals import Mean
from plumbline.progress import Progress, no_progress, track
from plumbline.settlement.gold import is_credible
from plumbline.settlement.reference import settle
from plumbline.settlement.terms import BPS, TASKS_PER_GOLD, Kind, fewest_gold_tasks, usual_terms


class ComparisonError(PlumblineError):
    """A crowd on which nothing can be compared."""


@dataclass(frozen=True, slots=True)
class MethodAccuracy:
    """Shares of tasks with a right label, one for each draw of gold answers.

    right               of the tasks that are no gold tasks
    calibration_error   expected, of all these predictions together: by draw it is larger by chance,
                        the more the fewer tasks there are
    """

    method: str
    right: tuple[float, ...]
    calibration_error: float

    @property
    def mean(self) -> Mean:
        """Over draws."""
        return Mean.of(np.array(self.right))


def table_of(crowd: RecordedAnswers) -> AnswerTable:
    """The answers of a crowd as a table: tasks and labelers in its order."""
    rows = [
        (task, labeler, answer)
        for labeler, sheet in enumerate(crowd.answers.values())
        for task, answer in enumerate(sheet)
        if answer is not None
    ]
    return AnswerTable.of(
        rows,
        tasks=len(crowd.tasks),
        labelers=len(crowd.answers),
        options=len(crowd.question.options),
        is_ordinal=crowd.question.kind is Kind.ORDINAL,
    )


def draw_gold(truth: Integers, count: int, seed: int) -> Integers:
    """Some of what is known as gold answers, at random."""
    known = np.flatnonzero(truth != UNKNOWN)
    gold = np.full(len(truth), UNKNOWN, dtype=np.int64)
    drawn = np.random.default_rng(seed).choice(known, count, replace=False)
    gold[drawn] = truth[drawn]
    return gold


def compare(
    crowd: RecordedAnswers,
    gold_count: int,
    seeds: int,
    settled: bool,
    progress: Progress = no_progress,
) -> list[MethodAccuracy]:
    """The accuracy of each method, and of their average, over draws of gold answers.

    `settled` if the crowd plays rounds, and who fails the gold answers of one is not heard in it.
    Raises ComparisonError if too little of the truth is known.
    """
    truth = gold_of(crowd.truth)
    known = int((truth != UNKNOWN).sum())
    if gold_count < 1 or known < 2 * gold_count:
        raise ComparisonError(
            f"{crowd.name} has {known} tasks with a known answer: twice as many as gold answers "
            f"are needed, and these are {gold_count}"
        )
    whole = table_of(crowd)
    right: dict[str, list[float]] = {name: [] for name in (*METHODS, AVERAGE)}
    sure: dict[str, list[Floats]] = {name: [] for name in right}
    hit: dict[str, list[Integers]] = {name: [] for name in right}
    for seed in track(range(seeds), crowd.name, progress):
        gold = draw_gold(truth, gold_count, seed)
        table = heard(crowd, whole, gold) if settled else whole
        asked = (truth != UNKNOWN) & (gold == UNKNOWN)
        for name, choice in choices(table, gold).items():
            hits = (choice.estimate.labels == truth)[asked]
            right[name].append(float(hits.mean()))
            sure[name].append(choice.estimate.confidence[asked])
            hit[name].append(hits.astype(np.int64))
    return [
        MethodAccuracy(
            name,
            tuple(right[name]),
            calibration_error(np.concatenate(sure[name]), np.concatenate(hit[name])),
        )
        for name in right
    ]


def heard(crowd: RecordedAnswers, table: AnswerTable, gold: Integers) -> AnswerTable:
    """The answers that count once the rounds which the crowd suggests are settled."""
    numbers = {task: number for number, task in enumerate(crowd.tasks)}
    labelers = {name: number for number, name in enumerate(crowd.answers)}
    deaf = np.zeros((table.tasks, table.labelers), dtype=np.bool_)
    for part in rounds(crowd):
        places = np.array([numbers[task] for task in part.tasks])
        opened = {
            task: int(gold[place]) for task, place in enumerate(places) if gold[place] != UNKNOWN
        }
        for name in _not_counted(part, opened):
            deaf[places, labelers[name]] = True
    return table.only(~deaf[table.task, table.labeler])


def _not_counted(part: RecordedAnswers, opened: dict[int, int]) -> list[str]:
    """Who failed the gold answers of a round; nobody where these make no credible ones."""
    asked, tasks, seats = part.question, len(part.tasks), len(part.answers)
    options = len(asked.options)
    opened = dict(list(opened.items())[: tasks // TASKS_PER_GOLD])
    shape = (asked.kind, options, asked.width, tasks)
    terms = usual_terms(*shape, price=BPS, stake=BPS, seats=seats, gold_count=len(opened))
    if len(opened) < fewest_gold_tasks(options) or not is_credible(terms, opened):
        return []
    passed = settle(terms, list(part.answers.values()), opened).passed
    return [name for name, has_passed in zip(part.answers, passed, strict=True) if not has_passed]
