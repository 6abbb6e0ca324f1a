# pragma version 0.4.3
"""
@title All of several policies
@license MIT
@notice Admits whom every one of its members admits. Each gets its own part of the
        evidence. The first word says how many words each part has, a byte for each
        member from the low end; the parts follow in the order of the members. No
        evidence at all is none for everyone.
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
    composition.__init__(given, True)


@external
@view
def admits(round_id: uint256, labeler: address, evidence: DynArray[bytes32, 20]) -> bool:
    """
    @notice Whether all members admit a labeler, see {IAdmission-admits}.
    """
    lengths: uint256 = 0
    at: uint256 = 0
    if len(evidence) > 0:
        lengths = convert(evidence[0], uint256)
        at = 1
    for i: uint256 in range(composition.COUNT, bound=composition.MOST):
        end: uint256 = at + (lengths & 255)
        if end > len(evidence):
            return False
        part: DynArray[bytes32, 20] = []
        for j: uint256 in range(at, end, bound=20):
            part.append(evidence[j])
        if not composition._admits(i, round_id, labeler, part):
            return False
        lengths >>= 8
        at = end

    # no word is left over, nor a length of nobody's
    return at == len(evidence) and lengths == 0
