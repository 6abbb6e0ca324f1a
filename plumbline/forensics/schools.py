"""Schools: how many readings of the guideline a crowd has, and which tasks split them.

Labelers are put into classes by what they answer alike beyond what the model explains: first by
the directions in which they differ most (the leading eigenvectors of their likeness), then each
to the class whose votes predict it best, until nobody moves (a latent class model, fitted by
classification).

How many classes is decided by answers that were held out. Each is predicted by what others of
its class say, what all say, weighed by how much care each takes, and how often its labeler gives
that answer to whatever is asked, in shares that are fitted to the labeler: so sharpness and
habits make no class. Another class must predict better than fewer do, by more than three standard
errors of that over the tasks. And classes are readings only if they clearly mean something else
on some tasks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from plumbline.forensics.model import Array, fit

Classes = npt.NDArray[np.int64]  # of each voice

MOST_SCHOOLS: Final = 5
SMALLEST_SCHOOL: Final = 2  # voices: one alone is no school
_FOLDS: Final = 4
_SURE: Final = 3.0  # standard errors
_CROWD: Final = 2.0  # votes that the whole crowd has in each class
_CLEAR: Final = float(np.log(20))
_SHARPEST: Final = 0.95  # of a school that is too small to tell
_LEAST_SPLIT: Final = 0.03  # of the tasks, for two classes to be two readings
_HABIT: Final = 0.95  # of a voice's answers that are one option, from which on it reads nothing
_STEPS: Final = 20


@dataclass(frozen=True, slots=True)
class Schools:
    """The readings that a crowd seems to have.

    sizes   voices of each, the largest first; one alone where nothing splits the crowd
    alone   voices that belong to none of them, or always say the same
    split   tasks to which two schools have clearly different answers, ascending
    classes the class of each voice that was looked at; equal numbers are one school
    """

    sizes: tuple[int, ...]
    alone: int
    split: tuple[int, ...]
    classes: tuple[int, ...]


def find_schools(given: Array) -> Schools:
    """The schools among voices, N * T * K, each of which is one labeler or one group."""
    reads = np.flatnonzero(~_is_habit(given))
    readers = given[reads]
    # Who gives one answer to whatever is asked is of no school: each is a class of its own.
    classes = len(reads) + np.arange(len(given))
    count = _number(readers)
    classes[reads] = _classify(readers, _likeness(readers), count)
    sizes = np.bincount(classes[reads], minlength=count)
    of_size = [c for c in range(count) if sizes[c] >= SMALLEST_SCHOOL]
    split: set[int] = set()
    for place, first in enumerate(of_size):
        for other in of_size[place + 1 :]:
            split |= set(_differing(given[classes == first], given[classes == other]))
    if count > 1 and len(split) < _LEAST_SPLIT * given.shape[1]:
        # They differ in how much care they take, and not in what they take for right.
        classes[reads], sizes, of_size, split = 0, np.array([len(reads)]), [0], set()
    found = tuple(sorted((int(sizes[c]) for c in of_size), reverse=True))
    return Schools(
        sizes=found,
        alone=len(given) - sum(found),
        split=tuple(sorted(split)),
        classes=tuple(int(c) for c in classes),
    )


def _is_habit(given: Array) -> npt.NDArray[np.bool_]:
    """Which voices give one answer to whatever is asked, while the crowd does not."""
    totals = given.sum(axis=1)
    likes = totals.argmax(axis=1)
    own = totals.max(axis=1) / np.maximum(totals.sum(axis=1), 1.0)
    crowd = totals.sum(axis=0) / max(float(totals.sum()), 1.0)
    found: npt.NDArray[np.bool_] = (own >= _HABIT) & (crowd[likes] < _HABIT - 0.05)
    return found


def _differing(first: Array, other: Array) -> list[int]:
    """Tasks on which two schools have clear answers, and not the same.

    Clear: that the school means what the other does, and erred, is twenty times less likely.
    """
    votes = [school.sum(axis=0) for school in (first, other)]
    leads = [each.argmax(axis=1) for each in votes]
    tasks = np.arange(first.shape[1])
    surely = leads[0] != leads[1]
    for school, each, own, theirs in zip((first, other), votes, leads, leads[::-1], strict=True):
        more = each[tasks, own] - each[tasks, theirs]
        surely &= more * _log_odds(school) >= _CLEAR
    return [int(task) for task in np.flatnonzero(surely)]


def _log_odds(school: Array) -> float:
    """How much more likely a voice of the school says what the school means than another answer,
    by how often two of its voices agree."""
    options = school.shape[2]
    votes = school.sum(axis=0)
    answers = votes.sum(axis=1)
    pairs = float((answers * (answers - 1)).sum())
    agreed = float((votes * (votes - 1)).sum()) / pairs if pairs else 1.0
    # Two agree if both mean it, or both err in the same way: a = s s + (1 - s)(1 - s) / (K - 1).
    sharp = (1 + np.sqrt((options - 1) * max(options * agreed - 1, 0.0))) / options
    sharp = min(float(sharp), _SHARPEST)
    return float(np.log(sharp * (options - 1) / (1 - sharp)))


def _number(given: Array) -> int:
    """How many classes predict held-out answers best, beyond doubt."""
    dice = np.random.default_rng(0)
    folds = dice.integers(_FOLDS, size=given.shape[:2])
    most = max(1, min(MOST_SCHOOLS, len(given) // SMALLEST_SCHOOL))
    gains = np.zeros((most + 1, given.shape[1]))
    for fold in range(_FOLDS):
        seen = given * (folds != fold)[:, :, None]
        hidden = given * (folds == fold)[:, :, None]
        likeness = _likeness(seen)
        for count in range(1, most + 1):
            chances = _predict(seen, _classify(seen, likeness, count))
            gains[count] += (hidden * np.log(chances)).sum(axis=(0, 2))
    best = 1
    for count in range(2, most + 1):
        gain = gains[count] - gains[best]
        error = float(gain.std(ddof=1)) * np.sqrt(len(gain)) if len(gain) > 1 else np.inf
        if gain.sum() > _SURE * error:
            best = count
    return best


def _predict(given: Array, classes: Classes) -> Array:
    """Chances of every answer, N * T * K, whether it is known or held out."""
    voices, _, options = given.shape
    heard = given * _care(given)[:, None, None]
    crowd = _shares(heard.sum(axis=0)[None] - heard, np.full(options, 1 / options))
    habits = _shares(given.sum(axis=1), np.full(options, 1 / options))[:, None, :]
    school = np.empty_like(given)
    for one in np.unique(classes):
        members = classes == one
        own = given[members].sum(axis=0)[None] - given[members]
        school[members] = _shares(own, crowd[members])
    parts = [school, crowd, np.broadcast_to(habits, given.shape), np.full_like(given, 1 / options)]
    weights = np.full((len(parts), voices), 1 / len(parts))
    fitting = [(given * part).sum(axis=2) for part in parts]
    answered = given.sum(axis=2)
    for _ in range(_STEPS):
        # Expectation and maximization: how much of each answer is due to each part.
        due = np.stack([w[:, None] * part for w, part in zip(weights, fitting, strict=True)])
        due /= np.maximum(due.sum(axis=0), 1e-12)
        weights = (due * answered).sum(axis=2) + 1.0
        weights /= weights.sum(axis=0)
    found: Array = sum(
        (w[:, None, None] * part for w, part in zip(weights, parts, strict=True)),
        start=np.zeros_like(given),
    )
    return np.maximum(found, 1e-9)


def _care(given: Array) -> Array:
    """How much each voice's votes count for the crowd: by how far it says what others say, beyond
    chance. 0.05 to 1."""
    options = given.shape[2]
    others = _shares(given.sum(axis=0)[None] - given, np.full(options, 1 / options))
    answered = given.sum(axis=(1, 2))
    agreed = (given * others).sum(axis=(1, 2)) / np.maximum(answered, 1.0)
    most = others.max(axis=2)[given.sum(axis=2) > 0].mean() if answered.any() else 1.0
    beyond = (agreed - 1 / options) / max(float(most) - 1 / options, 1e-9)
    found: Array = np.clip(beyond, 0.05, 1.0) ** 2
    return found


def _shares(votes: Array, prior: Array) -> Array:
    """Shares of the votes, to which some of the prior are added."""
    found: Array = (votes + _CROWD * prior) / (votes.sum(axis=-1, keepdims=True) + _CROWD)
    return found


def _likeness(given: Array) -> Array:
    """The cosine of what the model leaves unexplained, of every pair."""
    residuals = (given - fit(given)).reshape(len(given), -1)
    lengths = np.sqrt(np.maximum((residuals**2).sum(axis=1), 1e-9))
    found: Array = residuals @ residuals.T / lengths[:, None] / lengths[None, :]
    return found


def _classify(given: Array, likeness: Array, count: int) -> Classes:
    """Classes 0 to count - 1 of all voices; some may be empty."""
    voices = len(given)
    if count == 1:
        return np.zeros(voices, dtype=np.int64)
    values, vectors = np.linalg.eigh(likeness)
    places = vectors[:, -count:] * np.sqrt(np.maximum(values[-count:], 0.0))
    # The voice with most to say first, then whoever is farthest from all chosen.
    chosen = [int((places**2).sum(axis=1).argmax())]
    while len(chosen) < count:
        apart = ((places[:, None] - places[chosen][None]) ** 2).sum(axis=2).min(axis=1)
        chosen.append(int(apart.argmax()))
    classes: Classes = ((places[:, None] - places[chosen][None]) ** 2).sum(axis=2).argmin(axis=1)
    for _ in range(_STEPS):
        moved = _reassign(given, classes, count)
        if (moved == classes).all():
            break
        classes = moved
    return classes


def _reassign(given: Array, classes: Classes, count: int) -> Classes:
    """Each voice to the class whose other members predict its answers best."""
    options = given.shape[2]
    crowd = _shares(given.sum(axis=0), np.full(options, 1 / options))
    scores = np.empty((len(given), count))
    for one in range(count):
        # Nobody's own votes count, in whichever class.
        own = given[classes == one].sum(axis=0)[None] - given * (classes == one)[:, None, None]
        scores[:, one] = (given * np.log(_shares(own, crowd[None]))).sum(axis=(1, 2))
    found: Classes = scores.argmax(axis=1)
    return found


def sheets_of(given: Array, classes: Sequence[int]) -> Array:
    """What each voice reads: what most of its school say; its own sheet if it is in none.

    N * T * K, all 0 where nobody of the school answered.
    """
    found = np.zeros_like(given)
    of = np.asarray(classes)
    for one in np.unique(of):
        members = of == one
        if members.sum() > SMALLEST_SCHOOL:
            votes = given[members].sum(axis=0)
            best = np.eye(given.shape[2])[votes.argmax(axis=1)]
            found[members] = best * (votes.sum(axis=1) > 0)[:, None]
        else:
            found[members] = given[members]
    return found
