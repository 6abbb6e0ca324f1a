# pragma version 0.4.3
"""
@title Admission by a steward's signature
@license MIT
@notice Admits of whom a steward attests, signed as EIP-712 typed data, that they belong to a
        group: speakers of a language, a profession, a region, different people. An
        attestation is for one labeler, this contract and this chain, and expires. The
        steward can revoke it, and has no other say: neither in answers nor in pay.

        Evidence is a word with expiry and length, and then the signature:

            expiry 64 | length 16                             (bits, from the low end)

        64 bytes, r and vs (EIP-2098), of an account, which is three words in all; or whatever a
        wallet contract takes for one (EIP-1271), at most 512 bytes, filled up with zeros.
"""


from snekmate.utils import eip712_domain_separator as eip712
from snekmate.utils import message_hash_utils as message_hash

from ..interfaces import IAdmission

implements: IAdmission

initializes: eip712

exports: eip712.eip712Domain


event Revoked:
    labeler: indexed(address)
    # what expires then or before counts no more, unix seconds
    expiry: uint256


_ATTESTATION: constant(bytes32) = keccak256(
    "Attestation(address labeler,string group,uint256 expiry)"
)

# @dev Words of a wallet's signature.
_WORDS: constant(uint256) = 16

# @dev What a wallet contract is asked, and answers to a signature of its own, EIP-1271.
_IS_VALID: constant(bytes4) = method_id(
    "isValidSignature(bytes32,bytes)", output_type=bytes4
)
_EIP1271_YES: constant(bytes32) = (
    0x1626BA7E00000000000000000000000000000000000000000000000000000000
)

# @dev Where the bytes of a signature stand in the arguments, EIP-1271.
_OFFSET: constant(uint256) = 64

_TIME: constant(uint256) = 2**64 - 1


# @dev Who attests: an account, or a wallet contract.
STEWARD: public(immutable(address))

# @dev What is attested, in words that the steward's wallet shows.
GROUP: public(immutable(String[64]))

_GROUP_HASH: immutable(bytes32)


# @dev By labeler, unix seconds: attestations that expire then or before were revoked.
revoked: public(HashMap[address, uint256])


@deploy
def __init__(steward: address, group: String[64]):
    """
    @param steward Who attests: an account, or a wallet contract.
    @param group What is attested, in words.
    """
    assert steward != empty(address), "policy: no steward"
    assert len(group) > 0, "policy: no group"
    eip712.__init__("Plumbline", "1")
    STEWARD = steward
    GROUP = group
    _GROUP_HASH = keccak256(group)


@external
def revoke(labeler: address, expiry: uint256):
    """
    @notice Ends all attestations of a labeler that expire at a time or before. Only the steward
            may; a later expiry admits the labeler again.
    @param labeler Of whom it was attested.
    @param expiry The expiry of the last one that is to end, unix seconds.
    """
    assert msg.sender == STEWARD, "revoke: only the steward"
    assert expiry > self.revoked[labeler], "revoke: revoked already"
    self.revoked[labeler] = expiry
    log Revoked(labeler=labeler, expiry=expiry)


@external
@view
def admits(round_id: uint256, labeler: address, evidence: DynArray[bytes32, 20]) -> bool:
    """
    @notice Whether a labeler shows an attestation that counts, see {IAdmission-admits}.
    """
    if len(evidence) == 0:
        return False
    head: uint256 = convert(evidence[0], uint256)
    expiry: uint256 = head & _TIME
    length: uint256 = head >> 64
    if block.timestamp >= expiry or expiry <= self.revoked[labeler]:
        return False
    if length > 32 * _WORDS or len(evidence) != 1 + (length + 31) // 32:
        return False

    digest: bytes32 = message_hash._to_typed_data_hash(
        eip712._domain_separator_v4(),
        keccak256(abi_encode(_ATTESTATION, labeler, _GROUP_HASH, expiry)),
    )
    if length == 64:
        if self._signed(digest, convert(evidence[1], uint256), convert(evidence[2], uint256)):
            return True
    return self._wallet_signed(digest, length, evidence)


@internal
@view
def _signed(digest: bytes32, r: uint256, vs: uint256) -> bool:
    """
    @notice Whether the steward's account signed a digest. What is signed by nobody recovers to
            the zero address, which is no steward.
    @param digest What was signed.
    @param r The first word of the signature.
    @param vs The second (EIP-2098).
    """
    recovered: address = ecrecover(
        digest, (vs >> 255) + 27, r, vs & convert(max_value(int256), uint256)
    )
    return recovered == STEWARD


@internal
@view
def _wallet_signed(
    digest: bytes32, length: uint256, evidence: DynArray[bytes32, 20]
) -> bool:
    """
    @notice Whether the steward's wallet takes a signature for its own (EIP-1271). An account
            without code answers nothing.
    @param digest What was signed.
    @param length Of the signature, bytes.
    @param evidence The signature, from the second word on.
    """
    words: bytes32[_WORDS] = empty(bytes32[_WORDS])
    for i: uint256 in range(1, len(evidence), bound=_WORDS):
        words[i - 1] = evidence[i]
    answer: Bytes[32] = raw_call(
        STEWARD,
        abi_encode(digest, _OFFSET, length, words, method_id=_IS_VALID),
        max_outsize=32,
        is_static_call=True,
    )
    return len(answer) == 32 and convert(answer, bytes32) == _EIP1271_YES
