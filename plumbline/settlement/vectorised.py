"""The same settlement on whole tables of answers at once, for audits of many rounds.

`settle` counts vote by vote and is the reference implementation. This one holds all votes of a
round in a table, labelers by tasks, and takes each labeler's own vote out by the three cases of
K2.4 instead of counting anew. Integers only: a round has at most 255 labelers, 256 tasks and a
width of 16, so that no sum in a table reaches 2^31; what is multiplied by PPM or by money leaves
the tables for Python's own integers first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plumbline.settlement.consensus import MIN_ORDINAL_VOTES
from plumbline.settlement.gold import BALANCE_DENOMINATOR, BALANCE_NUMERATOR, CAPTURED_BPS
from plumbline.settlement.kappa import ONE_SIDED, credit
from plumbline.settlement.reference import (
    FEW_PASSED,
    GOLD_BAR_PPM,
    MIN_BAR_PPM,
    MIN_CROWD_PPM,
    SettlementError,
    check_gold,
)
from plumbline.settlement.results import Band, LabelerOutcome, Mode, Settlement
from plumbline.settlement.sheet import Sheet, require_sheet
from plumbline.settlement.terms import BPS, MAX_TASKS, MIN_TASKS, PPM, Kind, ScoringTerms

Table = NDArray[np.int64]
Mask = NDArray[np.bool_]

_WORD_BYTES = MAX_TASKS // 8
_SKIP = -1  # also the last column of a table with a column for each answer and one for skips


@dataclass(frozen=True, slots=True)
class _Votes:
    """The votes that count.

    own      labelers by tasks: the own vote, -1 for a skip and for whoever does not count
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
    upper      the reference of those who voted `usual` or less: `hi`; the leader if nominal
    counts     tasks by votes (the last column is none): whether it counts for who gave it
    contested  by task: has votes, and does not count for everyone
    """

    usual: Table
    upper: Table
    counts: Mask
    contested: Mask

    def references(self, own: Table) -> Table:
        """The reference of each vote; where there is none it is `usual`."""
        return np.where((own >= 0) & (own <= self.usual), self.upper, self.usual)


@dataclass(frozen=True, slots=True)
class _Scores:
    """Area S1, by labeler."""

    tasks: list[int]
    gain: list[int]
    best: list[int]


@dataclass(frozen=True, slots=True)
class _Gold:
    """Credible gold answers: task by task which and what they are, and by labeler what they say."""

    usable: Mask
    answers: Table
    scores: _Scores
    passed: list[bool]
    failed: list[bool]


def settle_sheets(
    terms: ScoringTerms, sheets: Sequence[Sheet], gold: Mapping[int, int]
) -> Settlement:
    """Settle a round in which these sheets were revealed, in this order.

    The same as `settle` of the rows that the sheets hold. Raises SheetError for a sheet that is
    not well-formed, SettlementError for too many of them, or gold answers where none are promised.
    """
    for sheet in sheets:
        require_sheet(sheet, terms.options, terms.tasks)
    return settle_table(terms, _answers(terms, sheets), gold)


def settle_table(terms: ScoringTerms, own: Table, gold: Mapping[int, int]) -> Settlement:
    """The same from a table of answers, labelers by tasks: options of the round, or -1 for a skip.

    Raises SettlementError for too many labelers, or gold answers where none are promised.
    """
    seated = len(own)
    if seated > terms.seats:
        raise SettlementError(f"{seated} sheets: there are {terms.seats} seats")
    check_gold(terms, gold)
    examined = _examine(terms, gold, own) if _credible(terms, gold) else None
    counting = [True] * seated if examined is None else examined.passed
    votes = _count(terms, own, counting)
    consensus = _consensus(terms, votes)
    others = _nominal(terms, votes) if terms.kind is Kind.NOMINAL else _ordinal(terms, votes)
    scored = np.ones(terms.tasks, dtype=np.bool_) if examined is None else ~examined.usable

    tasks, best, crowd_ppm = _crowd(terms, votes, others, scored)
    few = examined is not None and sum(counting) * FEW_PASSED < seated
    unfit = (
        few
        or (examined is not None and _captured(terms, examined, consensus))
        or sum(counting) < terms.r_min
        or tasks < MIN_TASKS
        or best * ONE_SIDED < terms.width * tasks**2
        or crowd_ppm < MIN_CROWD_PPM
    )
    if not seated:
        mode = Mode.VOID
    elif not unfit:
        mode = Mode.PEER
    else:
        mode = Mode.VOID if examined is None else Mode.GOLD
    bar = GOLD_BAR_PPM
    if mode is not Mode.GOLD:
        bar = min(PPM, max(crowd_ppm * terms.bar_bps // BPS, MIN_BAR_PPM))

    peers = _peer_scores(terms, own, votes, others, scored) if mode is Mode.PEER else None
    answered = (own >= 0).sum(axis=1).tolist()
    judge = _Judge(terms, bar, few, examined, peers, answered)
    labelers = tuple(judge.outcome(number) for number in range(seated))
    paid = sum(labeler.pay for labeler in labelers)
    withheld = terms.has_gold and examined is None
    most = 0 if withheld else terms.price * terms.refund_bps // BPS
    returned = sum(min(terms.price - labeler.pay, most) for labeler in labelers)
    return Settlement(
        mode=mode,
        crowd_kappa_ppm=crowd_ppm,
        bar_ppm=bar,
        usable_gold=() if examined is None else _places(examined.usable),
        gold_withheld=withheld,
        passed=(False,) * seated if examined is None else tuple(examined.passed),
        consensus=tuple(None if said == _SKIP else said for said in consensus.tolist()),
        contested=_places(others.contested),
        labelers=labelers,
        paid=paid,
        refund=terms.price * (terms.seats - seated) + returned,
        burned=sum(labeler.slash for labeler in labelers) + terms.price * seated - paid - returned,
    )


# ------------------------------------------------------------------------ counting


def _answers(terms: ScoringTerms, sheets: Sequence[Sheet]) -> Table:
    """Labelers by tasks: what was answered, -1 for a skip."""
    words = b"".join(plane.to_bytes(_WORD_BYTES, "little") for sheet in sheets for plane in sheet)
    planes = np.frombuffer(words, dtype=np.uint8).reshape(len(sheets), 5, _WORD_BYTES)
    bits = np.unpackbits(planes, axis=2, bitorder="little")[:, :, : terms.tasks].astype(np.int64)
    weights = np.array([1, 2, 4, 8], dtype=np.int64).reshape(1, 4, 1)
    return np.where(bits[:, 0] == 1, (bits[:, 1:] * weights).sum(axis=1), _SKIP)


def _count(terms: ScoringTerms, answers: Table, counting: Sequence[bool]) -> _Votes:
    voters = np.array(counting, dtype=np.bool_).reshape(-1, 1)
    own = np.where(voters, answers, _SKIP)
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


def _credible(terms: ScoringTerms, opened: Mapping[int, int]) -> bool:
    """Area G2."""
    if not terms.has_gold or len(opened) != terms.gold_count:
        return False
    fit = (0 <= t < terms.tasks and 0 <= x < terms.options for t, x in opened.items())
    if not all(fit):
        return False
    truths = np.bincount(list(opened.values()), minlength=terms.options)
    same = int(((truths @ _credits(terms)) * truths).sum())
    best = terms.gold_count**2 * terms.width - same
    bound = min(terms.width, terms.options - 1) * terms.gold_count**2
    return best * BALANCE_DENOMINATOR >= BALANCE_NUMERATOR * bound


def _examine(terms: ScoringTerms, opened: Mapping[int, int], own: Table) -> _Gold:
    """Area G3, of credible gold answers."""
    answers = np.zeros(terms.tasks, dtype=np.int64)
    answers[list(opened)] = list(opened.values())
    usable = np.zeros(terms.tasks, dtype=np.bool_)
    usable[list(opened)] = True
    scores = _against_gold(terms, usable, answers, own)
    pairs = list(zip(scores.gain, scores.best, strict=True))
    return _Gold(
        usable,
        answers,
        scores,
        passed=[gain > 0 and gain * BPS >= terms.gold_pass_bps * best for gain, best in pairs],
        failed=[gain < 0 and -gain * BPS >= terms.gold_slash_bps * best for gain, best in pairs],
    )


def _against_gold(terms: ScoringTerms, usable: Mask, answers: Table, own: Table) -> _Scores:
    where = np.broadcast_to(usable, own.shape)
    return _scores(terms, own, where, np.broadcast_to(answers, own.shape))


def _captured(terms: ScoringTerms, gold: _Gold, consensus: Table) -> bool:
    crowd = _against_gold(terms, gold.usable, gold.answers, consensus[None, :])
    gain, best = crowd.gain[0], crowd.best[0]
    return gain <= 0 or gain * BPS < CAPTURED_BPS * best


# ------------------------------------------------------------------------- scoring


def _credits(terms: ScoringTerms) -> Table:
    """s(x, y) for every two options."""
    options = range(terms.options)
    return np.array([[credit(terms.width, x, y) for y in options] for x in options], dtype=np.int64)


def _histograms(values: Table, where: Mask, options: int) -> Table:
    """How often each option is in each row, where it counts: rows by options."""
    return np.stack([((values == x) & where).sum(axis=1) for x in range(options)], axis=1)


def _scores(terms: ScoringTerms, own: Table, where: Mask, truth: Table) -> _Scores:
    """S1 for every row of answers, with the references `truth` of the tasks `where`."""
    table = _credits(terms)
    answered = where & (own >= 0)
    direct = (table[own, truth] * answered).sum(axis=1)
    given = _histograms(own, answered, terms.options)
    truths = _histograms(truth, where, terms.options)
    tasks = where.sum(axis=1)
    gain = tasks * direct - ((given @ table) * truths).sum(axis=1)
    best = tasks * tasks * terms.width - ((truths @ table) * truths).sum(axis=1)
    return _Scores(tasks.tolist(), gain.tolist(), best.tolist())


def _peer_scores(
    terms: ScoringTerms, own: Table, votes: _Votes, others: _Others, scored: Mask
) -> _Scores:
    every = np.arange(terms.tasks)[None, :]
    where = others.counts[every, votes.own] & scored  # no vote is -1, the last column
    return _scores(terms, own, where, others.references(votes.own))


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


@dataclass(frozen=True, slots=True)
class _Judge:
    """Area M3: what each labeler gets; `peers` are the scores in PEER, None in other modes."""

    terms: ScoringTerms
    bar: int
    few: bool
    gold: _Gold | None
    peers: _Scores | None
    answered: list[int]

    def outcome(self, number: int) -> LabelerOutcome:
        """What one labeler gets."""
        terms, gold = self.terms, self.gold
        if self.peers is not None and self._is_scored_by_peers(number):
            bar, gain, best = self.bar, self.peers.gain[number], self.peers.best[number]
            slashed_by_golds_alone = False
        elif gold is not None:
            bar, gain, best = GOLD_BAR_PPM, gold.scores.gain[number], gold.scores.best[number]
            slashed_by_golds_alone = not self.few
        else:
            pay = terms.price * terms.showup_bps // BPS * self.answered[number] // terms.tasks
            return LabelerOutcome(Band.VOID, pay, 0, 0)

        nothing_found = gold is None or gold.scores.gain[number] <= 0
        failed = gold is not None and gold.failed[number]
        if failed or (gain <= 0 and nothing_found and not slashed_by_golds_alone):
            span = terms.slash_max_bps - terms.slash_base_bps
            rate = terms.slash_base_bps + span * min(max(-gain, 0), best) // best
            return LabelerOutcome(Band.OUTLIER, 0, terms.stake * rate // BPS, 0)
        kappa = max(gain, 0) * PPM // best
        passed = gold is None or gold.passed[number]
        if passed and kappa > 0 and kappa * BPS >= terms.rho_bps * bar:
            pay = terms.price * min(kappa, bar) // bar * self.answered[number] // terms.tasks
            return LabelerOutcome(Band.NEAR, pay, 0, kappa)
        return LabelerOutcome(Band.FAR, 0, 0, kappa)

    def _is_scored_by_peers(self, number: int) -> bool:
        assert self.peers is not None
        tasks, best = self.peers.tasks[number], self.peers.best[number]
        one_sided = best == 0 or best * ONE_SIDED < self.terms.width * tasks**2
        return tasks >= MIN_TASKS and not one_sided


def _places(mask: Mask) -> tuple[int, ...]:
    return tuple(np.flatnonzero(mask).tolist())
