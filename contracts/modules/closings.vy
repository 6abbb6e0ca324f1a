# pragma version 0.4.3
"""
@title Closings: how a round ended, shown with proof
@license MIT
@notice Once a round is closed, Label Rounds keeps only the hash of its verdict and
        payroll. Whoever hands in what was hashed, all of it public from events, shows
        another contract who took part and how each of them did.
"""


from ..interfaces import IJudge
from ..interfaces import ILabelRounds
from . import commitments


# @dev Labelers of a round.
SEATS: constant(uint256) = 255


# @dev What is known of a closed round, from its opening and its closing event.
struct Closing:
    round_id: uint256
    # root of the task manifest
    tasks_root: bytes32
    verdict: IJudge.Verdict
    # all who revealed, in the order of the roll
    labelers: DynArray[address, SEATS]
    # the ruling on each, see `outcomes`
    rulings: DynArray[uint256, SEATS]


@internal
@view
def _require(label_rounds: address, closing: Closing):
    """
    @notice Refuses what is not how the round ended.
    @param label_rounds The deployment of Label Rounds.
    @param closing What is claimed of the round.
    """
    assert len(closing.rulings) == len(closing.labelers), "closing: lengths differ"
    payroll: bytes32 = empty(bytes32)
    for i: uint256 in range(len(closing.labelers), bound=SEATS):
        payroll = commitments._enlist(payroll, closing.labelers[i], closing.rulings[i])
    is_so: bool = staticcall ILabelRounds(label_rounds).is_verdict(
        closing.round_id, closing.tasks_root, closing.verdict, payroll
    )
    assert is_so, "closing: not how it ended"
