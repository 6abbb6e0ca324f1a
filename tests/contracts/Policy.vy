# pragma version 0.4.3
"""
@title Policy
@license MIT
@notice An admission policy that does what a test tells it.
"""


# @dev Who is admitted to which round.
is_admitted: public(HashMap[uint256, HashMap[address, bool]])

# @dev The evidence that must be shown.
password: public(bytes32)

# @dev About whom it reverts.
is_puzzled_by: public(HashMap[address, bool])


@external
def admit(round_id: uint256, labeler: address):
    """
    @notice Admits a labeler to a round.
    """
    self.is_admitted[round_id][labeler] = True


@external
def ask_for(password: bytes32):
    """
    @notice Admits from now on only whoever shows this as the only evidence.
    """
    self.password = password


@external
def fail_for(labeler: address):
    """
    @notice Reverts from now on when it is asked about a labeler.
    """
    self.is_puzzled_by[labeler] = True


@external
@view
def admits(round_id: uint256, labeler: address, evidence: DynArray[bytes32, 20]) -> bool:
    """
    @notice Whether a labeler may take a seat.
    """
    assert not self.is_puzzled_by[labeler], "policy: broken"
    if self.password != empty(bytes32) and (len(evidence) != 1 or evidence[0] != self.password):
        return False

    return self.is_admitted[round_id][labeler]
