# pragma version 0.4.3
"""
@title Wallet
@license MIT
@notice A wallet contract with one owner: signs for itself (EIP-1271), does what it is
        told, and takes or refuses ether.
"""


# @dev What it answers to a good signature, EIP-1271.
YES: constant(bytes4) = 0x1626BA7E


OWNER: immutable(address)

# @dev Whether ether is turned away.
is_closed: public(bool)

# @dev What is called when ether comes in, if anything.
target: address
data: Bytes[1024]

# @dev Ether that the call takes along, wei.
along: uint256


@deploy
def __init__(owner: address):
    """
    @param owner Whose signature it takes.
    """
    OWNER = owner


@external
@payable
def __default__():
    assert not self.is_closed, "wallet: no"
    if self.target != empty(address):
        raw_call(self.target, self.data, value=self.along)


@external
@payable
def execute(target: address, data: Bytes[4096]):
    """
    @notice Calls anything. Anyone may: it is a test.
    """
    raw_call(target, data, value=msg.value)


@external
def refuse_ether():
    """
    @notice From now on ether is turned away.
    """
    self.is_closed = True


@external
def call_when_paid(target: address, data: Bytes[1024]):
    """
    @notice From now on every payment is answered with a call, which must succeed.
    """
    self.target = target
    self.data = data


@external
def take_along(amount: uint256):
    """
    @notice From now on that call pays so much of the wallet's ether, wei.
    """
    self.along = amount


@external
@view
def isValidSignature(digest: bytes32, signature: Bytes[1024]) -> bytes4:
    """
    @notice Whether the owner signed: 65 bytes as accounts sign, or `r`, `s` and `v` as words,
            96 bytes, to be seen as another form than any of an account's.
    """
    r: uint256 = 0
    s: uint256 = 0
    v: uint256 = 0
    if len(signature) == 65:
        r = convert(slice(signature, 0, 32), uint256)
        s = convert(slice(signature, 32, 32), uint256)
        v = convert(slice(signature, 64, 1), uint256)
    else:
        r, s, v = abi_decode(signature, (uint256, uint256, uint256))
    if ecrecover(digest, v, r, s) == OWNER:
        return YES

    return 0x00000000
