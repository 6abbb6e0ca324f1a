"""Many units are held by one account, or seats are kept from others by those who do not come.

Gain: more seats than one's share, or a round that nobody fills. One account sits once in a round,
however many of its units are drawn (C2.1); seats that stay empty open to those who stand by, two
for each (Q5.2), and whoever stays away pays for it (Q6.4).
"""

from tests.world.world import refused


def test_an_account_with_half_of_the_units_sits_once(pool, requester, copycat):
    for _ in range(40):
        pool.join(copycat)
    pool.ripen()
    drawing = pool.drawing(requester)
    own = [rank for rank in range(8) if drawing.owner_at(rank) == copycat]
    assert len(own) > 1
    drawing.sit(own[0])
    for rank in own[1:]:
        with refused("commit: seat already taken"):
            drawing.sit(rank)


def test_seats_of_those_who_stay_away_go_to_those_who_stand_by(pool, requester):
    drawing = pool.drawing(requester)
    for rank in range(3):
        drawing.sit(rank)
    drawing.wait_for_reports()
    for rank in range(3, 8):
        drawing.report(rank)
    for rank in range(8, 13):
        drawing.wait_for(rank)
        drawing.sit(rank)
    with refused("round: commit phase is over"):
        drawing.sit(13)
    absent = [pool.unit(drawing.unit_at(rank)) for rank in range(3, 8)]
    assert [unit.strikes for unit in absent] == [1] * 5
