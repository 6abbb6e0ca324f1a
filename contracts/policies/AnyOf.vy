# pragma version 0.4.3
"""
@title Any of several policies
@license MIT
@notice Admits whom one of its members admits. The first word of the evidence is the
        number of the member to be asked, from 0; the rest is for it. Only that one is
        asked, so the others cost nothing and cannot stand in the way.
"""


from ..interfaces import IAdmission
from ..modules import composition

implements: IAdmission

initializes: composition

exports: (composition.members, composition.gas_needed)


@deploy
def __init__(given: DynArray[composition.Member, composition.MOST]):
    """
    @param given The members, and the gas that each is asked with. One that is made of
           members itself says how much it needs.
    """
    composition.__init__(given, False)


@external
@view
def admits(round_id: uint256, labeler: address, evidence: DynArray[bytes32, 20]) -> bool:
    """
    @notice Whether the member that is named admits a labeler, see {IAdmission-admits}.
    """
    if len(evidence) == 0:
        return False
    number: uint256 = convert(evidence[0], uint256)
    if number >= composition.COUNT:
        return False
    rest: DynArray[bytes32, 20] = []
    for i: uint256 in range(1, len(evidence), bound=20):
        rest.append(evidence[i])
    return composition._admits(number, round_id, labeler, rest)
