"""A commitment is opened with a salt that was found for it, or without one.

Gain: other answers under the same hash, or somebody else's answers opened by guessing. Stopped by
the salt being hashed with them (H1.1).
"""

import pytest
from eth_utils.crypto import keccak

from plumbline.protocol.commitment import Opening
from tests.world.world import refused


@pytest.mark.parametrize("salt", [bytes(32), b"\xff" * 32, keccak(text="another")])
def test_only_the_salt_of_the_commitment_opens_it(world, revealing, labeler, copycat, salt):
    guess = Opening(labeler, revealing.sheets[labeler], salt)
    with refused("reveal: not what was committed"):
        world.do(copycat, world.calls.reveal(revealing.round_id, [guess]))
    world.reveal(revealing, [labeler])


def test_the_salt_of_another_labeler_opens_nothing(world, revealing, labelers):
    guess = Opening(labelers[0], revealing.sheets[labelers[0]], revealing.salt(labelers[1]))
    with refused("reveal: not what was committed"):
        world.do(labelers[0], world.calls.reveal(revealing.round_id, [guess]))
