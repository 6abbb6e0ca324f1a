"""What honest answers would be: the model that agreement is measured against.

Labelers who work alone still agree, because they are often right and because tasks differ: on
an easy task all say the same, on a treacherous one all are wrong together. So the model gives
labeler i's answer to task t the chance

    p[i,t,x]  proportional to  exp(task[t,x] + skill[i] * [x leads t] + habit[i,x])

task[t,x] takes up difficulty and every trap of the task, skill how often the labeler says what
most say, habit the leaning to one option. It is fitted so that three kinds of sums are those
seen: votes for x on t; a labeler's answers with the lead; a labeler's answers x. Given these
sums (the model's sufficient statistics) nothing is left to estimate: tests that are conditional
on them need no true difficulty, which is what Rasch showed for tests of pupils. The fit is by
iterative proportional scaling (Deming and Stephan 1940; Darroch and Ratcliff 1972).

Answers are an array of N rows and T columns, -1 for a skip.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

Answers = npt.NDArray[np.int64]
Array = npt.NDArray[np.float64]

_MOST_STEPS: Final = 200
_TOLERANCE: Final = 0.1  # answers by which a sum may be off
_TINY: Final = 1e-12


def as_answers(rows: Sequence[Sequence[int | None]]) -> Answers:
    """Rows of answers as an array, None being -1."""
    return np.array([[-1 if x is None else x for x in row] for row in rows], dtype=np.int64)


def indicators(answers: Answers, options: int) -> Array:
    """1 where labeler i answered x to task t, N * T * K."""
    found: Array = (answers[:, :, None] == np.arange(options)).astype(np.float64)
    return found


def leaders(given: Array) -> npt.NDArray[np.int64]:
    """The lowest option with the most votes, task by task."""
    lead: npt.NDArray[np.int64] = given.sum(axis=0).argmax(axis=1)
    return lead


def fit(given: Array) -> Array:
    """The chances p[i,t,x] whose sums are those of `given`; 0 where a labeler skipped."""
    lead, tasks = leaders(given), np.arange(given.shape[1])
    # Options first: sums over few options are slow where they lie next to each other.
    seen = np.ascontiguousarray(given.transpose(2, 0, 1))
    answered = seen.sum(axis=0)
    votes = seen.sum(axis=1)
    habits = seen.sum(axis=2)
    with_lead = seen[lead, :, tasks].sum(axis=0)
    against = answered.sum(axis=1) - with_lead
    chances = answered[None] * (votes / np.maximum(votes.sum(axis=0), 1.0))[:, None, :]
    for _ in range(_MOST_STEPS):
        sums = chances.sum(axis=2)
        off = float(np.abs(sums - habits).max(initial=0.0))
        leaning = habits / np.maximum(sums, _TINY)
        leading = chances[lead, :, tasks] * leaning[lead]
        agreed = leading.sum(axis=0)
        off = max(off, float(np.abs(agreed - with_lead).max(initial=0.0)))
        up = with_lead / np.maximum(agreed, _TINY)
        down = against / np.maximum(habits.sum(axis=0) - agreed, _TINY)
        chances *= (leaning * down)[:, :, None]
        chances[lead, :, tasks] = leading * up
        chances *= (votes / np.maximum(chances.sum(axis=1), _TINY))[:, None, :]
        chances *= answered / np.maximum(chances.sum(axis=0), _TINY)
        if off < _TOLERANCE:
            break
    found: Array = np.ascontiguousarray(chances.transpose(1, 2, 0))
    return found
