# pragma version 0.4.3
"""
@title Allow list
@license MIT
@notice Admits the accounts of a list of which only the Merkle root is kept.
        The evidence is the proof, at most 20 levels for a million
        accounts. Pairs are sorted and leaves hashed twice, as
        OpenZeppelin's tree does, so that no inner node passes for a leaf.
"""


from snekmate.utils import merkle_proof_verification as merkle

from ..interfaces import IAdmission

implements: IAdmission


ROOT: public(immutable(bytes32))


@deploy
def __init__(root: bytes32):
    """
    @param root Root of the tree over keccak256(keccak256(abi.encode(account))).
    """
    assert root != empty(bytes32), "policy: no root"
    ROOT = root


@external
@view
def admits(round_id: uint256, labeler: address, evidence: DynArray[bytes32, 20]) -> bool:
    """
    @notice Whether a labeler is on the list, see {IAdmission-admits}.
    """
    leaf: bytes32 = keccak256(keccak256(abi_encode(labeler)))
    return merkle._verify(evidence, ROOT, leaf)
