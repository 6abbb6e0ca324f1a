"""What the crowd, and what everybody else, says about a task.

Votes on one task are a list of K counts: `votes[x]` of the labelers who count answered x. A skip
is no vote, and who does not count has none. All functions look at
one task; none of them changes the votes it is given.
"""

from collections.abc import Sequence

from plumbline.settlement.terms import BPS, Kind, ScoringTerms

Row = Sequence[int | None]

MIN_ORDINAL_VOTES = 3  # fewer have no median once one of them is taken out


def tally(terms: ScoringTerms, rows: Sequence[Row]) -> list[list[int]]:
    """Count the votes: T lists of K counts."""
    votes = [[0] * terms.options for _ in range(terms.tasks)]
    for row in rows:
        for task, answer in enumerate(row):
            if answer is not None:
                votes[task][answer] += 1
    return votes


def plurality(votes: Sequence[int]) -> int:
    """The lowest option with the most votes (0 if there are none)."""
    return votes.index(max(votes))


def nth_smallest(votes: Sequence[int], position: int) -> int:
    """The vote at `position` (from 1) when all are laid out in order; there must be as many."""
    seen = 0
    for option, count in enumerate(votes):
        seen += count
        if seen >= position:
            return option
    raise ValueError(f"no vote number {position} among {seen}")


def lower_median(votes: Sequence[int]) -> int:
    """The middle vote, the lower of the two if they are even in number; needs a vote."""
    return nth_smallest(votes, (sum(votes) + 1) // 2)


def crowd_answer(terms: ScoringTerms, votes: Sequence[int]) -> int | None:
    """The crowd's own answer, None only where nobody voted.

    Nominal: the lowest option with the most votes, by whatever margin. Ordinal: `lo`, the
    floor(m/2)-th smallest of the m votes (for a single vote: that vote). With an odd number
    of votes this is one below their median: it is what whoever skipped is held to.
    """
    total = sum(votes)
    if total == 0:
        return None
    if terms.kind is Kind.NOMINAL:
        return plurality(votes)
    return nth_smallest(votes, max(1, total // 2))


def leaders(terms: ScoringTerms, votes: Sequence[int]) -> tuple[int, ...]:
    """The options between which the votes do not decide, in order; one if they do.

    Nominal: all with the most votes. Ordinal: the two in the middle, where the lower half of the
    votes ends in one and the upper half begins with another.
    """
    lower = crowd_answer(terms, votes)
    if lower is None:
        return ()
    if terms.kind is Kind.NOMINAL:
        most = max(votes)
        return tuple(option for option, count in enumerate(votes) if count == most)
    total = sum(votes)
    upper = lower if total % 2 else nth_smallest(votes, total // 2 + 1)
    return (lower,) if upper == lower else (lower, upper)


def reference(terms: ScoringTerms, votes: Sequence[int], own: int | None) -> int | None:
    """What the others say to whoever answered `own`; None if the task does not count for them.

    `votes` are those of all who count, with the labeler's own still in them; `own` is None for
    whoever skipped the task or does not count.
    """
    if terms.kind is Kind.NOMINAL:
        return _nominal_reference(terms, votes, own)
    return _ordinal_reference(votes, own)


def references(terms: ScoringTerms, votes: Sequence[int]) -> dict[int | None, int | None]:
    """`reference` for every answer that may have been given: each of the K options, and None."""
    table: dict[int | None, int | None] = {None: reference(terms, votes, None)}
    for own, count in enumerate(votes):
        # An answer that nobody gave cannot be taken out of the votes, and is never looked up.
        table[own] = reference(terms, votes, own) if count else None
    return table


def is_contested(terms: ScoringTerms, votes: Sequence[int]) -> bool:
    """Whether a task with votes is too close to count for everyone.

    That is: for someone who voted, or for whoever skipped it, the others say nothing.
    """
    given = [option for option, count in enumerate(votes) if count]
    return bool(given) and any(reference(terms, votes, own) is None for own in (*given, None))


def _nominal_reference(terms: ScoringTerms, votes: Sequence[int], own: int | None) -> int | None:
    others = _without(votes, own)
    first, second = sorted(others, reverse=True)[:2]
    # The margin is a share of all votes, the labeler's own included.
    margin = max(2, _ceil_share(sum(votes), terms.tau_bps))
    return plurality(others) if first - second >= margin else None


def _ordinal_reference(votes: Sequence[int], own: int | None) -> int | None:
    if sum(votes) < MIN_ORDINAL_VOTES:
        return None
    if own is None:
        # Not the median of all: who skips is held to what those with the highest answers are,
        # so that only two references, lo and hi, are ever needed.
        return nth_smallest(votes, sum(votes) // 2)
    return lower_median(_without(votes, own))


def _without(votes: Sequence[int], own: int | None) -> list[int]:
    others = list(votes)
    if own is not None:
        others[own] -= 1
    return others


def _ceil_share(amount: int, share_bps: int) -> int:
    return (amount * share_bps + BPS - 1) // BPS
