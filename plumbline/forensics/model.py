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
    _, tasks, options = given.shape
    lead = np.zeros((tasks, options))
    lead[np.arange(tasks), leaders(given)] = 1.0
    answered = given.sum(axis=2, keepdims=True)
    votes = given.sum(axis=0)
    habits = given.sum(axis=1)
    with_lead = np.einsum("itx,tx->i", given, lead)
    against = answered[:, :, 0].sum(axis=1) - with_lead
    chances: Array = answered * (votes / np.maximum(votes.sum(axis=1, keepdims=True), 1.0))
    for _ in range(_MOST_STEPS):
        sums = chances.sum(axis=1)
        off = float(np.abs(sums - habits).max(initial=0.0))
        chances *= (habits / np.maximum(sums, _TINY))[:, None, :]
        agreed = np.einsum("itx,tx->i", chances, lead)
        differed = chances.sum(axis=(1, 2)) - agreed
        off = max(off, float(np.abs(agreed - with_lead).max(initial=0.0)))
        up = with_lead / np.maximum(agreed, _TINY)
        down = against / np.maximum(differed, _TINY)
        chances *= np.where(lead[None] > 0, up[:, None, None], down[:, None, None])
        chances *= (votes / np.maximum(chances.sum(axis=0), _TINY))[None]
        chances *= answered / np.maximum(chances.sum(axis=2, keepdims=True), _TINY)
        if off < _TOLERANCE:
            break
    return chances
