# pragma version 0.4.3
"""
@title Commitments: what is hashed and what is signed
@license MIT
@notice The only place where anything is hashed that a person commits to. Each
        preimage begins with a type hash of its own and with the EIP-712
        domain separator, which binds chain and contract, so that no
        hash of one kind, round, chain or deployment passes for another.
        See docs/specification.md, "Commitment".
"""


from snekmate.utils import eip712_domain_separator as eip712

from . import planes

uses: eip712


# @dev The longest ciphertext of a sheet: five planes, nonce and tag, with room for
#      a version and for padding.
SEALED: constant(uint256) = 256

_COMMITMENT: constant(bytes32) = keccak256(
    "PlumblineCommitment(bytes32 domain,uint256 round,address labeler,uint256[5] sheet,bytes32 salt)"
)
_GOLD: constant(bytes32) = keccak256(
    "PlumblineGold(bytes32 domain,address requester,uint256[5] sheet,bytes32 salt)"
)
_COMMIT: constant(bytes32) = keccak256(
    "Commit(uint256 round,address labeler,uint256 stake,bytes32 commitment,bytes sealed)"
)


@internal
@view
def _commitment(
    round_id: uint256, labeler: address, sheet: uint256[planes.SHEET], salt: bytes32
) -> bytes32:
    """
    @notice The commitment of a labeler to a sheet.
    @param round_id The round.
    @param labeler Whose answers they are.
    @param sheet The answers.
    @param salt 32 secret random bytes.
    """
    return keccak256(
        abi_encode(_COMMITMENT, eip712._domain_separator_v4(), round_id, labeler, sheet, salt)
    )


@internal
@view
def _gold_root(requester: address, sheet: uint256[planes.SHEET], salt: bytes32) -> bytes32:
    """
    @notice The commitment of a requester to golds. It is made before the round
            has a number, so it binds the requester instead.
    @param requester Who opens the round.
    @param sheet The golds; answered are the tasks that are golds.
    @param salt 32 secret random bytes.
    """
    return keccak256(abi_encode(_GOLD, eip712._domain_separator_v4(), requester, sheet, salt))


@internal
@view
def _consent(
    round_id: uint256, labeler: address, stake: uint256, commitment: bytes32, sealed: Bytes[SEALED]
) -> bytes32:
    """
    @notice The EIP-712 digest that a labeler signs to let others carry the commitment.
            It names the stake, so that the wallet shows what is at risk, and the
            sealed answers, so that whoever carries it can change nothing.
    @param round_id The round.
    @param labeler Who signs.
    @param stake The stake of the round, wei.
    @param commitment The commitment.
    @param sealed The encrypted answers, maybe empty.
    """
    return eip712._hash_typed_data_v4(
        keccak256(abi_encode(_COMMIT, round_id, labeler, stake, commitment, keccak256(sealed)))
    )


@internal
@pure
def _extend(roll: bytes32, labeler: address, sheet: uint256[planes.SHEET]) -> bytes32:
    """
    @notice Appends a labeler to the roll, the running hash of all that was revealed.
    @param roll The roll so far, zero at first.
    @param labeler Who revealed.
    @param sheet The answers.
    """
    return keccak256(abi_encode(roll, labeler, sheet))
