"""Whoever closes the round hands in other answers than were revealed.

Gain: to be judged by better answers, or to have others judged by worse. Stopped by the roll, the
hash of all that was revealed (R1.6, H4.1), which a close must come to (P1.1).
"""

from dataclasses import replace

import pytest

from plumbline.protocol.commitment import RollEntry
from tests.world.world import refused

DIFFERENT = "close: not what was revealed"


@pytest.fixture(params=["close", "expire"])
def end(request, world, revealed):
    """Closes or unwinds the round with these entries."""
    world.chain.wait_until(revealed.deadlines.reveal + 30 * 86_400)
    call = getattr(world.calls, request.param)

    def end(entries):
        with refused(DIFFERENT):
            world.do(revealed.requester, call(revealed.round_id, entries))

    yield end
    world.do(revealed.requester, call(revealed.round_id, revealed.entries()))


@pytest.mark.parametrize("plane", range(3))
@pytest.mark.parametrize("place", [0, 5])
def test_in_one_bit_of_one_sheet(revealed, end, plane, place):
    entries = revealed.entries()
    sheet = [*entries[place].sheet]
    sheet[plane] ^= 1 << 7
    entries[place] = replace(entries[place], sheet=tuple(sheet))
    end(entries)


def test_two_labelers_exchange_their_answers(revealed, end):
    first, second, *rest = revealed.entries()
    end([RollEntry(first.labeler, second.sheet), RollEntry(second.labeler, first.sheet), *rest])


def test_somebody_takes_the_place_of_another(revealed, end, copycat):
    first, *rest = revealed.entries()
    end([RollEntry(copycat, first.sheet), *rest])


def test_the_roll_of_another_round(world, revealed, end, requester, rows, labelers):
    """The same labelers with the same answers, in another order."""
    end([*revealed.entries(labelers[::-1])])
