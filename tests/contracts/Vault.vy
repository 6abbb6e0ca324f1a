# pragma version 0.4.3
"""
@title Vault
@license MIT
@notice A wallet contract that signs what it was told to, with signatures of any form (EIP-1271).
"""


# @dev What it answers to a good signature, EIP-1271.
YES: constant(bytes4) = 0x1626BA7E


# @dev What was approved: digest and signature, hashed.
approved: HashMap[bytes32, bool]


@external
def approve(digest: bytes32, signature: Bytes[1024]):
    """
    @notice Takes this for a signature of its own from now on.
    """
    self.approved[keccak256(abi_encode(digest, signature))] = True


@external
@view
def isValidSignature(digest: bytes32, signature: Bytes[1024]) -> bytes4:
    """
    @notice Whether this was approved, EIP-1271.
    """
    if self.approved[keccak256(abi_encode(digest, signature))]:
        return YES

    return 0xFFFFFFFF
