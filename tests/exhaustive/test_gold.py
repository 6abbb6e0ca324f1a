"""Which gold answers stand and what matches them, for every number of votes and every answer."""

from itertools import product

from tests.exhaustive.columns import ANSWERS, COLUMNS, OPTIONS, counter, in_words, plane, sheet
from tests.world.chain import Contract

BPS = 10_000
SEATS = 255
MOST_OVERRULED = COLUMNS // 4  # of as many gold tasks as there are tasks


def overrules(support: int, votes: int) -> bool:  # G2.1
    return votes > 0 and support * BPS >= 6_667 * votes


def test_a_gold_is_overruled_by_two_thirds_of_any_number_of_votes(consensus: Contract) -> None:
    """A quarter of the gold tasks is tried at a time: were more overruled, none would be."""
    every = [(support, votes) for votes in range(SEATS + 1) for support in range(votes + 1)]
    gold, against, agreeing = sheet([1] * COLUMNS), [2] * MOST_OVERRULED, [1] * COLUMNS
    for word in in_words(every, MOST_OVERRULED):
        leader = sheet((against + agreeing)[:COLUMNS])
        support, voters = counter([s for s, _ in word]), counter([v for _, v in word])
        standing = consensus.ask("standing", gold, leader, support, voters, False)
        overruled = plane([overrules(*pair) for pair in word])
        assert standing == (gold[0] ^ overruled, *gold[1:])
        # who agrees with the crowd stands, however large that is; so does each gold on a scale
        assert consensus.ask("standing", gold, gold, support, voters, False) == gold
        assert consensus.ask("standing", gold, leader, support, voters, True) == gold


def test_golds_stand_all_where_more_than_a_quarter_would_be_overruled(  # G2.3
    consensus: Contract,
) -> None:
    for golds, overruled in product(range(41), repeat=2):
        if overruled > golds:
            continue
        gold = sheet([1] * golds + [None] * 9)
        leader = sheet([2] * overruled + [1] * (golds - overruled) + [2] * 9)
        votes = counter([5] * (golds + 9))
        standing = consensus.ask("standing", gold, leader, votes, votes, False)
        removed = 0 if 4 * overruled > golds else 2**overruled - 1
        assert standing == (gold[0] ^ removed, *gold[1:])


def test_every_answer_against_every_gold(scoring: Contract) -> None:  # G3.1
    own = [sheet([answer]) for answer in ANSWERS]
    for gold, width in product(OPTIONS, range(1, 17)):
        near = [a is not None and abs(a - gold) <= width // 2 for a in ANSWERS]
        assert scoring.ask("matches", own, sheet([gold]), width) == tuple(map(int, near))
    for width in range(1, 17):
        assert not any(scoring.ask("matches", own, sheet([None]), width))


def test_matches_are_counted_in_all_tasks(scoring: Contract) -> None:
    for count in range(COLUMNS + 1):
        own = sheet([3] * count + [2] * (COLUMNS - count))
        assert scoring.ask("matches", [own], sheet([3] * COLUMNS), 1) == (count,)
