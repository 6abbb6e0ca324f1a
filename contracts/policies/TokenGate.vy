# pragma version 0.4.3
"""
@title A gate for those who hold a token
@license MIT
@notice Admits who holds so many tokens of an ERC-721: a membership, a diploma, a proof of
        being one person. A token that can be passed on admits one holder after
        the other, so use one that is bound to its holder (ERC-5192). It needs no evidence.
@custom:security The token is somebody else's code, asked statically. Whatever it does
                 happens within the gas of this policy, and means no.
"""


from ethereum.ercs import IERC721

from ..interfaces import IAdmission

implements: IAdmission


TOKEN: public(immutable(address))

# @dev Tokens that must be held.
LEAST: public(immutable(uint256))


@deploy
def __init__(token: address, least: uint256):
    """
    @param token The ERC-721.
    @param least Tokens that must be held, 1 or more.
    """
    assert token.is_contract, "policy: token has no code"
    assert least > 0, "policy: no tokens asked for"
    TOKEN = token
    LEAST = least


@external
@view
def admits(round_id: uint256, labeler: address, evidence: DynArray[bytes32, 20]) -> bool:
    """
    @notice Whether a labeler holds enough tokens, see {IAdmission-admits}.
    """
    return staticcall IERC721(TOKEN).balanceOf(labeler) >= LEAST
