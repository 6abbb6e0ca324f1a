"""Which gold answers are credible, however they are spread, and what a score against them says."""

from collections.abc import Iterator
from itertools import combinations_with_replacement, product

from tests.exhaustive.columns import in_words, sheet
from tests.world.chain import Contract

BPS = 10_000
BATCH = 300  # as many as one call takes


def credit(width: int, x: int, y: int) -> int:
    return max(0, width - abs(x - y))


def spread(answers: tuple[int, ...], width: int) -> int:
    """Gmax of gold answers, pair by pair."""
    pairs = product(answers, repeat=2)
    return len(answers) ** 2 * width - sum(credit(width, x, y) for x, y in pairs)


def is_credible(answers: tuple[int, ...], options: int, width: int, promised: int) -> bool:  # G2
    g = len(answers)
    if g == 0 or g != promised:
        return False
    return spread(answers, width) * 16 >= 5 * min(width, options - 1) * g * g


def require(
    scoring: Contract, every: Iterator[tuple[int, ...]], options: int, width: int, promised: int
) -> None:
    for batch in in_words(list(every), BATCH):
        sheets = [sheet(list(answers)) for answers in batch]
        expected = tuple(is_credible(answers, options, width, promised) for answers in batch)
        assert scoring.ask("credible", sheets, options, width, promised) == expected


def test_two_options_need_a_fifth_of_each(scoring: Contract) -> None:
    for g in range(1, 65):
        splits = [(0,) * zeros + (1,) * (g - zeros) for zeros in range(g + 1)]
        require(scoring, iter(splits), 2, 1, g)
        for answers in splits:
            share = 5 * min(answers.count(0), answers.count(1))
            # 2 * a * b * 16 >= 5 * g * g is a bit above a fifth, and a fifth is not too few
            assert is_credible(answers, 2, 1, g) == (
                32 * answers.count(0) * answers.count(1) >= 5 * g * g
            )
            if share >= g:
                assert is_credible(answers, 2, 1, g)


def test_every_spread_of_eight_golds_over_four_options(scoring: Contract) -> None:
    require(scoring, combinations_with_replacement(range(4), 8), 4, 1, 8)


def test_every_spread_of_eight_golds_on_scales(scoring: Contract) -> None:
    for options, width in ((3, 2), (3, 3), (5, 2), (5, 4), (5, 16)):
        require(scoring, combinations_with_replacement(range(options), 8), options, width, 8)


def test_golds_are_credible_only_in_the_number_that_was_promised(scoring: Contract) -> None:
    for g, promised in product(range(0, 33), (0, 8, 12, 31, 32)):
        answers = tuple(task % 2 for task in range(g))
        assert scoring.ask("credible", [sheet(list(answers))], 2, 1, promised) == (
            is_credible(answers, 2, 1, promised),
        )


def require_findings(
    scoring: Contract, scores: list[tuple[int, int, int]], passes: int, fails: int
) -> None:
    found = scoring.ask("examine", scores, passes, fails)
    for (gain, loss, best), finding in zip(scores, found, strict=True):
        assert finding == (
            gain > 0 and gain * BPS >= passes * best,
            loss > 0 and loss * BPS >= fails * best,
            gain == 0,
            gain == 0 or gain * BPS < 5_000 * best,
        )


def test_marks_are_met_exactly(scoring: Contract) -> None:  # G3
    """Every gain and loss up to Gmax = 144, and the marks at and beside each of them."""
    best = 144
    scores = [(gain, 0, best) for gain in range(best + 1)]
    scores += [(0, loss, best) for loss in range(1, best + 1)]
    for passes, fails in ((500, 1_000), (2_500, 2_500), (4_000, BPS), (2_501, 1_007)):
        require_findings(scoring, scores, passes, fails)


def test_marks_are_exact_to_a_bps_where_gmax_is_large(scoring: Contract) -> None:  # G3
    """64 gold tasks, 16 options: Gmax is tens of thousands, so that a bps is several points."""
    for best, passes, fails in product((20_001, 32_760), (500, 2_500, 4_000), (1_000, 4_166, BPS)):
        marks = (passes * best // BPS, 5_000 * best // BPS, fails * best // BPS)
        near = sorted({at + by for at in marks for by in range(-6, 7)})
        scores = [(gain, 0, best) for gain in near] + [(0, loss, best) for loss in near]
        require_findings(scoring, scores, passes, fails)


def test_a_score_is_kept_whole_in_a_word(scoring: Contract) -> None:
    gold = sheet([task % 16 for task in range(64)])
    (tasks, _, _, best) = scoring.ask("kept", 0, 0, gold)
    assert tasks == 64
    for amount in (0, 1, best - 1, best):
        assert scoring.ask("kept", amount, 0, gold) == (tasks, amount, 0, best)
        assert scoring.ask("kept", 0, amount, gold) == (tasks, 0, amount, best)
