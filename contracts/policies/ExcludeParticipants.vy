# pragma version 0.4.3
"""
@title Nobody who took part before
@license MIT
@notice Admits whoever answered in none of some earlier rounds: for rounds that ask others
        again, or that test on people what others were trained on. Each round is shown
        with proof of how it ended, so the list is complete and holds nobody else. Who
        committed and stayed silent, or leaked, gave no answers, and is admitted.
"""


from ..interfaces import IAdmission
from ..modules import closings

implements: IAdmission


# @dev Earlier rounds. A deployment has room for some 600 labelers in all (EIP-3860).
_MOST_ROUNDS: constant(uint256) = 8


LABEL_ROUNDS: public(immutable(address))


# @dev Who answered in one of the rounds.
took_part: public(HashMap[address, bool])

_rounds: DynArray[uint256, _MOST_ROUNDS]


@deploy
def __init__(label_rounds: address, earlier: DynArray[closings.Closing, _MOST_ROUNDS]):
    """
    @param label_rounds The deployment of Label Rounds.
    @param earlier The rounds, closed, and how they ended, see `closings`.
    """
    assert label_rounds.is_contract, "policy: no rounds there"
    assert len(earlier) > 0, "policy: no earlier rounds"
    LABEL_ROUNDS = label_rounds
    for closing: closings.Closing in earlier:
        closings._require(label_rounds, closing)
        for labeler: address in closing.labelers:
            self.took_part[labeler] = True
        self._rounds.append(closing.round_id)


@external
@view
def admits(round_id: uint256, labeler: address, evidence: DynArray[bytes32, 20]) -> bool:
    """
    @notice Whether a labeler answered in none of the rounds, see {IAdmission-admits}.
    """
    return not self.took_part[labeler]


@external
@view
def rounds() -> DynArray[uint256, _MOST_ROUNDS]:
    """
    @notice The earlier rounds.
    """
    return self._rounds
