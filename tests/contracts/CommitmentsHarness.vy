# pragma version 0.4.3
"""
@title Commitments, for tests to ask
@license MIT
"""


from snekmate.utils import eip712_domain_separator as eip712

from contracts.modules import commitments
from contracts.modules import planes

initializes: eip712


@deploy
def __init__():
    eip712.__init__("Plumbline", "1")


@external
@view
def chain_id() -> uint256:
    return chain.id


@external
@view
def commitment(
    round_id: uint256, labeler: address, sheet: uint256[planes.SHEET], salt: bytes32
) -> bytes32:
    return commitments._commitment(
        eip712._domain_separator_v4(), round_id, labeler, sheet, salt
    )


@external
@view
def gold_root(requester: address, sheet: uint256[planes.SHEET], salt: bytes32) -> bytes32:
    return commitments._gold_root(eip712._domain_separator_v4(), requester, sheet, salt)


@external
@view
def consent(
    round_id: uint256,
    labeler: address,
    stake: uint256,
    commitment: bytes32,
    sealed: Bytes[commitments.SEALED],
) -> bytes32:
    return commitments._consent(
        eip712._domain_separator_v4(), round_id, labeler, stake, commitment, sealed
    )


@external
@pure
def extend(roll: bytes32, labeler: address, sheet: uint256[planes.SHEET]) -> bytes32:
    return commitments._extend(roll, labeler, sheet)


@external
@pure
def signer(digest: bytes32, r: bytes32, vs: uint256) -> address:
    """
    @notice As `commit_signed` recovers it.
    """
    return ecrecover(
        digest,
        (vs >> 255) + 27,
        convert(r, uint256),
        vs & convert(max_value(int256), uint256),
    )
