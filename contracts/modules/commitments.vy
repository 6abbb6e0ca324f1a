# pragma version 0.4.3
"""
@title Commitments: what is hashed and what is signed
@license MIT
@notice The only place where anything is hashed that is kept or signed. What a
        person commits to begins with a type hash of its own and with the EIP-712
        domain separator, which binds chain and contract, so that no
        hash of one kind, round, chain or deployment passes for another. Roll,
        payroll and verdict have no type: they differ from all others in length.
        The caller hands in the domain, once worked out for a whole batch.
        See docs/specification.md, "Commitment".
"""


from snekmate.utils import message_hash_utils as message_hash

from ..interfaces import IJudge
from . import planes


# @dev The longest ciphertext of a sheet, bytes: 256 answers to 16 options, a salt and a tag
#      take 179.
SEALED: constant(uint256) = 192

_COMMITMENT: constant(bytes32) = keccak256(
    "PlumblineCommitment(bytes32 domain,uint256 round,address labeler,uint256[5] sheet,bytes32 salt)"
)
_GOLD: constant(bytes32) = keccak256(
    "PlumblineGold(bytes32 domain,address requester,uint256[5] sheet,bytes32 salt)"
)
_COMMIT: constant(bytes32) = keccak256(
    "Commit(uint256 round,address labeler,uint256 stake,bytes32 commitment,bytes sealed)"
)


_WITHDRAWAL: constant(bytes32) = keccak256(
    "Withdrawal(address owner,uint256 amount,address receiver,uint256 fee,uint256 deadline,uint256 nonce)"
)


@internal
@pure
def _commitment(
    domain: bytes32,
    round_id: uint256,
    labeler: address,
    sheet: uint256[planes.SHEET],
    salt: bytes32,
) -> bytes32:
    """
    @notice The commitment of a labeler to a sheet.
    @param domain The domain separator of this contract.
    @param round_id The round.
    @param labeler Whose answers they are.
    @param sheet The answers.
    @param salt 32 secret random bytes.
    """
    return keccak256(abi_encode(_COMMITMENT, domain, round_id, labeler, sheet, salt))


@internal
@pure
def _gold_root(
    domain: bytes32, requester: address, sheet: uint256[planes.SHEET], salt: bytes32
) -> bytes32:
    """
    @notice The commitment of a requester to gold answers. It is made before the round
            has a number, so it binds the requester instead.
    @param domain The domain separator of this contract.
    @param requester Who opens the round.
    @param sheet The gold answers; answered are the gold tasks.
    @param salt 32 secret random bytes.
    """
    return keccak256(abi_encode(_GOLD, domain, requester, sheet, salt))


@internal
@pure
def _consent(
    domain: bytes32,
    round_id: uint256,
    labeler: address,
    stake: uint256,
    commitment: bytes32,
    sealed: Bytes[SEALED],
) -> bytes32:
    """
    @notice The EIP-712 digest that a labeler signs to let others carry the commitment.
            It names the stake, so that the wallet shows what is at risk, and the
            sealed answers, so that whoever carries it can change nothing.
    @param domain The domain separator of this contract.
    @param round_id The round.
    @param labeler Who signs.
    @param stake The stake of the round, wei.
    @param commitment The commitment.
    @param sealed The encrypted answers, maybe empty.
    """
    terms: bytes32 = keccak256(
        abi_encode(_COMMIT, round_id, labeler, stake, commitment, keccak256(sealed))
    )
    return message_hash._to_typed_data_hash(domain, terms)


@internal
@pure
def _withdrawal(
    domain: bytes32,
    owner: address,
    amount: uint256,
    receiver: address,
    fee: uint256,
    deadline: uint256,
    nonce: uint256,
) -> bytes32:
    """
    @notice The EIP-712 digest that an owner signs to let others pay out for a fee.
    @param domain The domain separator of this contract.
    @param owner Who signs.
    @param amount What leaves the free balance, wei.
    @param receiver Who gets it, less the fee.
    @param fee What whoever relays it gets of the amount, wei.
    @param deadline Until when it may be relayed, unix seconds.
    @param nonce How many withdrawals the owner has had relayed before.
    """
    terms: bytes32 = keccak256(
        abi_encode(_WITHDRAWAL, owner, amount, receiver, fee, deadline, nonce)
    )
    return message_hash._to_typed_data_hash(domain, terms)


@internal
@pure
def _extend(roll: bytes32, labeler: address, sheet: uint256[planes.SHEET]) -> bytes32:
    """
    @notice Appends a labeler to the roll, the running hash of all that was revealed.
    @param roll The roll so far, at first the root of the task manifest.
    @param labeler Who revealed.
    @param sheet The answers.
    """
    return keccak256(abi_encode(roll, labeler, sheet))


@internal
@pure
def _enlist(payroll: bytes32, labeler: address, ruling: uint256) -> bytes32:
    """
    @notice Appends a labeler to the payroll, the running hash of all rulings.
    @param payroll The payroll so far, at first zero.
    @param labeler Who was ruled on.
    @param ruling Band, kappa, pay and slash, see `outcomes`.
    """
    return keccak256(abi_encode(payroll, labeler, ruling))


@internal
@pure
def _verdict(tasks_root: bytes32, verdict: IJudge.Verdict, payroll: bytes32) -> bytes32:
    """
    @notice What a closed round keeps of how it ended.
    @param tasks_root Root of the task manifest.
    @param verdict The verdict.
    @param payroll The payroll.
    """
    return keccak256(abi_encode(tasks_root, verdict, payroll))
