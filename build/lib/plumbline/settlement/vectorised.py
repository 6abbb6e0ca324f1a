"""The same settlement on whole tables of answers at once, for audits of many rounds.

`settle` counts vote by vote and is the reference. This one holds all votes of a round in a table,
labelers by tasks, and takes each labeler's own vote out by the three cases of K2.4 instead of
counting anew. Integers only: a round has at most 255 labelers, 256 tasks and a width of 16, so
that no sum in a table reaches 2^31; what is multiplied by PPM or by money leaves the tables for
Python's own integers first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plumbline.settlement.consensus import MIN_ORDINAL_VOTES
from plumbline.settlement.gold import CAPTURED_BPS, MIN_USABLE, OVERRULED_AT_MOST, OVERRULED_BPS
from plumbline.settlement.kappa import ONE_SIDED, credit
from plumbline.settlement.results import Band, LabelerOutcome, Mode, Settlement
from plumbline.settlement.settle import (
    GOLD_BAR_PPM,
    MIN_BAR_PPM,
    MIN_CROWD_PPM,
    SettlementError,
    check_gold,
)
from plumbline.settlement.sheet import Sheet, require_sheet
from plumbline.settlement.terms import BPS, MAX_TASKS, MIN_TASKS, PPM, Kind, ScoringTerms

Table = NDArray[np.int64]
Mask = NDArray[np.bool_]

_WORD_BYTES = MAX_TASKS // 8
_SKIP = -1  # also the last column of a table with a column for each answer and one for skips


@dataclass(frozen=True, slots=True)
class _Votes:
    """What was answered.

    own      labelers by tasks: the answer, -1 for a skip
    counts   tasks by options: votes
    total    by task: all votes
    """

    own: Table
    counts: Table
    total: Table


@dataclass(frozen=True, slots=True)
class _Others:
    """What the others say about each task (areas K2 and K3).

    usual      the reference of most: the leader, or `lo`
    upper      the reference of those who answered `usual` or less: `hi`; the leader if nominal
    counts     tasks by answers (the last column is a skip): whether it counts for who gave it
    contested  by task: has votes, and does not count for everyone
    """

    usual: Table
    upper: Table
    counts: Mask
    contested: Mask

    def references(self, own: Table) -> Table:
        """The reference of each answer; of a skip it is `usual`."""
        return np.where((own >= 0) & (own <= self.usual), self.upper, self.usual)


@dataclass(frozen=True, slots=True)
class _Gold:
    """The golds that stand; `usable` and `answers` by task, the rest by labeler."""

    usable: Mask
    answers: Table
    captured: bool
    passed: list[bool]
    failed: list[bool]


@dataclass(frozen=True, slots=True)
class _Scores:
    """Area S1, by labeler."""

    tasks: list[int]
    gain: list[int]
    best: list[int]


def settle_sheets(
    terms: ScoringTerms,
    sheets: Sequence[Sheet],
    gold: Mapping[int, int],
    gold_withheld: bool = False,
) -> Settlement:
    """Settle a round in which these sheets were revealed, in this order.

    The same as `settle` of the rows that the sheets hold. Raises SheetError for a sheet that is
    not well-formed, SettlementError for too many of them or golds that do not fit.
    """
    _check(terms, sheets, gold, gold_withheld)
    votes = _count(terms, sheets)
    consensus = _consensus(terms, votes)
    others = _nominal(terms, votes) if terms.kind is Kind.NOMINAL else _ordinal(terms, votes)
    golds = _examine(terms, gold, votes, consensus)
    scored = np.ones(terms.tasks, dtype=np.bool_)
    scored[list(gold)] = False

    tasks, best, crowd_ppm = _crowd(terms, votes, others, scored)
    one_sided = best * ONE_SIDED < terms.width * tasks**2
    if len(sheets) < terms.r_min:
        mode = Mode.VOID
    elif golds.captured:
        mode = Mode.GOLD
    elif tasks < MIN_TASKS or one_sided or crowd_ppm < MIN_CROWD_PPM:
        mode = Mode.VOID
    else:
        mode = Mode.PEER
    bar = GOLD_BAR_PPM if mode is Mode.GOLD else max(crowd_ppm, MIN_BAR_PPM)

    scores = _scores(terms, mode, votes, others, golds, scored)
    labelers = tuple(
        _outcome(terms, mode, bar, golds, scores, number) for number in range(len(sheets))
    )
    paid = sum(labeler.pay for labeler in labelers)
    unspent = terms.price * len(sheets) - paid
    forfeit = unspent if mode is Mode.GOLD or gold_withheld else 0
    return Settlement(
        mode=mode,
        crowd_kappa_ppm=crowd_ppm,
        bar_ppm=bar,
        usable_gold=_places(golds.usable),
        consensus=tuple(None if said == _SKIP else said for said in consensus.tolist()),
        contested=_places(others.contested),
        labelers=labelers,
        paid=paid,
        refund=terms.price * (terms.seats - len(sheets)) + unspent - forfeit,
        burned=sum(labeler.slash for labeler in labelers) + forfeit,
    )


# ------------------------------------------------------------------------ counting


def _count(terms: ScoringTerms, sheets: Sequence[Sheet]) -> _Votes:
    words = b"".join(plane.to_bytes(_WORD_BYTES, "little") for sheet in sheets for plane in sheet)
    planes = np.frombuffer(words, dtype=np.uint8).reshape(len(sheets), 5, _WORD_BYTES)
    bits = np.unpackbits(planes, axis=2, bitorder="little")[:, :, : terms.tasks].astype(np.int64)
    weights = np.array([1, 2, 4, 8], dtype=np.int64).reshape(1, 4, 1)
    own = np.where(bits[:, 0] == 1, (bits[:, 1:] * weights).sum(axis=1), _SKIP)
    counts = np.stack([(own == option).sum(axis=0) for option in range(terms.options)], axis=1)
    return _Votes(own, counts, counts.sum(axis=1))


def _nth_smallest(counts: Table, position: Table) -> Table:
    """By task, the vote at a position from 1; 0 for position 0."""
    below: Table = (counts.cumsum(axis=1) < position[:, None]).sum(axis=1)
    return below


def _consensus(terms: ScoringTerms, votes: _Votes) -> Table:
    """Area K1: by task, -1 where nobody voted."""
    if terms.kind is Kind.NOMINAL:
        said = votes.counts.argmax(axis=1)  # the first of the largest is the lowest option
    else:
        said = _nth_smallest(votes.counts, np.maximum(votes.total // 2, 1))
    return np.where(votes.total > 0, said, _SKIP)


def _nominal(terms: ScoringTerms, votes: _Votes) -> _Others:
    """K2.4: from the full counts alone."""
    leader = votes.counts.argmax(axis=1)
    ordered = np.sort(votes.counts, axis=1)
    first, second = ordered[:, -1], ordered[:, -2]
    lead = first - second
    margin = np.maximum((votes.total * terms.tau_bps + BPS - 1) // BPS, 2)
    seconds = votes.counts == second[:, None]
    has_runner_up = (seconds.sum(axis=1) == 1) & (second > 0)
    for_all = lead > margin
    counts = np.zeros((terms.tasks, terms.options + 1), dtype=np.bool_)
    counts |= (lead >= margin)[:, None]
    every = np.arange(terms.tasks)
    counts[every, leader] = for_all
    counts[:, :-1] |= seconds & ((lead == margin - 1) & has_runner_up)[:, None]
    return _Others(leader, leader, counts, (votes.total > 0) & ~for_all)


def _ordinal(terms: ScoringTerms, votes: _Votes) -> _Others:
    """Area K3."""
    middle = votes.total // 2
    lo = _nth_smallest(votes.counts, middle)
    hi = _nth_smallest(votes.counts, middle + 1)
    enough = votes.total >= MIN_ORDINAL_VOTES
    # Where too few voted, neither is an answer at all.
    lo, hi = np.where(enough, lo, 0), np.where(enough, hi, 0)
    counts = np.repeat(enough[:, None], terms.options + 1, axis=1)
    return _Others(lo, hi, counts, (votes.total > 0) & ~enough)


# ---------------------------------------------------------------------------- gold


def _examine(
    terms: ScoringTerms, opened: Mapping[int, int], votes: _Votes, consensus: Table
) -> _Gold:
    """Areas G2 and G3."""
    answers = np.full(terms.tasks, _SKIP, dtype=np.int64)
    for task, truth in opened.items():
        answers[task] = truth
    usable = answers >= 0
    if terms.kind is Kind.NOMINAL:
        most = votes.counts.max(axis=1)
        clear = (votes.total > 0) & (most * BPS >= OVERRULED_BPS * votes.total)
        overruled = usable & clear & (consensus != answers)
        if int(overruled.sum()) * OVERRULED_AT_MOST <= len(opened):
            usable = usable & ~overruled
    number = int(usable.sum())
    if number < MIN_USABLE:
        labelers = len(votes.own)
        return _Gold(usable, answers, False, [True] * labelers, [False] * labelers)

    def matches(given: Table) -> Table:
        near = np.abs(given - answers) <= terms.width // 2
        found: Table = (near & (given >= 0) & usable).sum(axis=-1)
        return found

    captured = int(matches(consensus)) * BPS < CAPTURED_BPS * number
    shares = matches(votes.own) * BPS
    return _Gold(
        usable,
        answers,
        captured,
        (shares >= terms.gold_pass_bps * number).tolist(),
        (shares <= terms.gold_slash_bps * number).tolist(),
    )


# ------------------------------------------------------------------------- scoring


def _credits(terms: ScoringTerms) -> Table:
    """s(x, y) for every two options."""
    options = range(terms.options)
    return np.array([[credit(terms.width, x, y) for y in options] for x in options], dtype=np.int64)


def _histograms(values: Table, where: Mask, options: int) -> Table:
    """How often each option is in each row, where it counts: rows by options."""
    return np.stack([((values == x) & where).sum(axis=1) for x in range(options)], axis=1)


def _scores(
    terms: ScoringTerms,
    mode: Mode,
    votes: _Votes,
    others: _Others,
    golds: _Gold,
    scored: Mask,
) -> _Scores:
    """S1 for every labeler; in a void round nobody looks at them."""
    own = votes.own
    if mode is Mode.GOLD:
        where = np.broadcast_to(golds.usable, own.shape)
        truth = np.broadcast_to(golds.answers, own.shape)
    else:
        every = np.arange(terms.tasks)[None, :]
        where = others.counts[every, own] & scored  # a skip is -1, the last column
        truth = others.references(own)
    table = _credits(terms)
    answered = where & (own >= 0)
    direct = (table[own, truth] * answered).sum(axis=1)
    given = _histograms(own, answered, terms.options)
    truths = _histograms(truth, where, terms.options)
    tasks = where.sum(axis=1)
    gain = tasks * direct - ((given @ table) * truths).sum(axis=1)
    best = tasks * tasks * terms.width - ((truths @ table) * truths).sum(axis=1)
    return _Scores(tasks.tolist(), gain.tolist(), best.tolist())


def _crowd(
    terms: ScoringTerms, votes: _Votes, others: _Others, scored: Mask
) -> tuple[int, int, int]:
    """Area S2: how many tasks count, best, and kappa in ppm."""
    skips = others.counts[:, _SKIP]
    tasks = int((skips & scored).sum())
    # Votes that count, by task and option.
    counted = votes.counts * (others.counts[:, :-1] & scored[:, None])
    given = counted.sum(axis=0)
    every = np.arange(terms.options)[None, :]
    truth = others.references(np.broadcast_to(every, counted.shape).T).T
    table = _credits(terms)
    direct = int((counted * table[every, truth]).sum())
    total = int(given.sum())
    if terms.kind is Kind.NOMINAL:
        leaders = np.bincount(others.usual[skips & scored], minlength=terms.options)
        best = tasks**2 - int((leaders * leaders).sum())
        gain = direct * tasks - int((given * leaders).sum())
        return tasks, best, _ratio_ppm(gain * tasks, total * best)
    where = skips & scored
    middles = np.bincount(others.usual[where], minlength=terms.options) + np.bincount(
        others.upper[where], minlength=terms.options
    )
    best4 = 4 * tasks**2 * terms.width - int(((middles @ table) * middles).sum())
    gain4 = 4 * tasks * direct - 2 * int(((given @ table) * middles).sum())
    return tasks, best4 // 4, _ratio_ppm(gain4 * tasks, total * best4)


def _ratio_ppm(gain: int, best: int) -> int:
    return gain * PPM // best if gain > 0 and best > 0 else 0


def _outcome(
    terms: ScoringTerms, mode: Mode, bar: int, golds: _Gold, scores: _Scores, number: int
) -> LabelerOutcome:
    """Area M3 for one labeler."""
    tasks, gain, best = scores.tasks[number], scores.gain[number], scores.best[number]
    passed, failed = golds.passed[number], golds.failed[number]
    too_few = mode is Mode.PEER and tasks < MIN_TASKS
    one_sided = best == 0 or best * ONE_SIDED < terms.width * tasks**2
    if mode is Mode.VOID or too_few or one_sided:
        if failed:
            slash = terms.stake * terms.slash_base_bps // BPS
            return LabelerOutcome(Band.OUTLIER, 0, slash, 0)
        pay = terms.price * terms.showup_bps // BPS if passed else 0
        return LabelerOutcome(Band.VOID, pay, 0, 0)
    if gain <= 0 or failed:
        below = min(max(-gain, 0), best)
        span = terms.slash_max_bps - terms.slash_base_bps
        rate = terms.slash_base_bps + span * below // best
        return LabelerOutcome(Band.OUTLIER, 0, terms.stake * rate // BPS, 0)
    kappa = gain * PPM // best
    if passed and kappa * BPS >= terms.rho_bps * bar:
        return LabelerOutcome(Band.NEAR, terms.price * min(kappa, bar) // bar, 0, kappa)
    return LabelerOutcome(Band.FAR, 0, 0, kappa)


def _places(mask: Mask) -> tuple[int, ...]:
    return tuple(np.flatnonzero(mask).tolist())


def _check(
    terms: ScoringTerms,
    sheets: Sequence[Sheet],
    gold: Mapping[int, int],
    gold_withheld: bool,
) -> None:
    if len(sheets) > terms.seats:
        raise SettlementError(f"{len(sheets)} sheets: there are {terms.seats} seats")
    for sheet in sheets:
        require_sheet(sheet, terms.options, terms.tasks)
    check_gold(terms, gold, gold_withheld)
