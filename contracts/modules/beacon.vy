# pragma version 0.4.3
"""
@title Beacon: the randomness of a past block
@license MIT
@notice Proposers mix it one after the other (`mixHash` of a header, EIP-4399). A header is
        proved by its hash, which the chain knows of the last 256 blocks, and of the
        last 8,191 where it has the contract of EIP-2935.
@custom:security The hash of a block itself is no randomness: whoever builds the block tries
                 as many as it likes. The mix can only be given up, with the block.
"""


# @dev A header of today has some 600 bytes.
HEADER: constant(uint256) = 1_024

# @dev The contract of EIP-2935, which answers the hash of a block to its number.
_HISTORY: constant(address) = 0x0000F90827F1c53A10cB7A002335175320002935

# @dev Blocks whose hash the chain knows by itself.
_RECENT: constant(uint256) = 256

# @dev Where the eighth field of a header begins, the difficulty, bytes. Before it are the list's
#      prefix, 3, five hashes, 5 * 33, the coinbase, 21, and the bloom filter, 259.
_DIFFICULTY: constant(uint256) = 448

# @dev RLP: an empty string, which is also the number 0; a string of 32 bytes; the first prefix
#      of a string that is longer than 55 bytes.
_ZERO: constant(uint256) = 128
_WORD: constant(uint256) = 160
_LONG: constant(uint256) = 184


@internal
@view
def _hash_of(number: uint256) -> bytes32:
    """
    @notice The hash of a past block, or zero if it cannot be had.
    """
    if number + _RECENT >= block.number:
        return blockhash(number)

    answered: bool = False
    answer: Bytes[32] = b""
    answered, answer = raw_call(
        _HISTORY,
        abi_encode(number),
        max_outsize=32,
        is_static_call=True,
        revert_on_failure=False,
    )
    if not answered or len(answer) != 32:
        return empty(bytes32)
    return convert(answer, bytes32)


@internal
@pure
def _mix(header: Bytes[HEADER]) -> bytes32:
    """
    @notice The mix in a header whose hash was compared, or zero if its chain has no beacon.
    """
    difficulty: uint256 = convert(extract32(header, _DIFFICULTY), uint256) >> 248
    # Since there is a beacon the difficulty is 0; where it is not, the field holds something else.
    if difficulty != _ZERO:
        return empty(bytes32)

    # Number, gas limit, gas used, time and extra data come between.
    start: uint256 = _DIFFICULTY + 1
    for field: uint256 in range(5):
        prefix: uint256 = convert(extract32(header, start), uint256) >> 248
        # A proposer could hide a mix of its choice in longer extra data.
        if prefix >= _LONG:
            return empty(bytes32)
        if prefix < _ZERO:
            start += 1
        else:
            start += prefix - _ZERO + 1
    if convert(extract32(header, start), uint256) >> 248 != _WORD:
        return empty(bytes32)

    mix: bytes32 = extract32(header, start + 1)
    return mix if self._is_random(mix) else empty(bytes32)


@internal
@pure
def _is_random(mix: bytes32) -> bool:
    """
    @notice Whether it can be a mix: chains without a beacon have zero there, or a small number.
    """
    return convert(mix, uint256) >> 128 > 0
