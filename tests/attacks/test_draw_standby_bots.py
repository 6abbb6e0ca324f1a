"""Bots wait for the second in which ranks behind the drawn are admitted.

Gain: seats of those who are slower. They can only be first among the ranks that are open: the drawn
keep theirs for 55% of the window, and each second opens few further ranks, in their order (Q5.2).
Who signs a commitment beforehand is carried by any keeper at the same second.
"""

from itertools import pairwise

from tests.world.draws import DAY
from tests.world.world import refused


def test_nobody_takes_the_seats_of_the_drawn_in_the_first_half(pool, requester):
    drawing = pool.drawing(requester)
    draw = drawing.draw
    for percent in (0, 25, 50, 54):
        pool.chain.wait_until(draw.captured + (draw.ends - draw.captured) * percent // 100)
        for rank in range(8, 40):
            with refused("commit: not admitted"):
                drawing.sit(rank)


def test_ranks_open_one_after_the_other(pool, requester):
    drawing = pool.drawing(requester)
    opens = [drawing.draw.opens(rank) for rank in range(24)]
    assert opens[8:] == sorted(set(opens[8:]))
    gaps = {later - sooner for sooner, later in pairwise(opens[8:])}
    assert min(gaps) >= DAY * 40 // 100 // 17
    for rank in range(8, 24):
        pool.chain.wait_until(opens[rank] - 1)
        with pool.undone(), refused("commit: not admitted"):
            drawing.sit(rank)
        pool.chain.wait_until(opens[rank])
        with pool.undone():
            drawing.sit(rank)


def test_a_draw_that_is_captured_late_still_gives_the_drawn_most_of_what_is_left(pool, requester):
    jobs = pool.open(requester)
    draw = pool.draw(jobs)
    pool.prove(draw.number)
    pool.chain.wait_until(draw.ends - 100)
    late = pool.capture(draw.number)
    assert late.opens(8) >= late.captured + 55
    assert late.opens(23) == late.captured + 95
