# pragma version 0.4.3
"""
@title Multicall
@license MIT
@notice Carries several calls of Label Rounds in one transaction: what two of them touch,
        the account of a labeler who sits in both rounds for one, is paid for once.

        A call that fails stops no other; it is logged. Each is given the gas that was
        named for it, no more and no less, and all of it must be there at the
        beginning. So the outcome does not depend on how much gas was sent
        along, and no call can use up what another needs.
@custom:security To Label Rounds the sender is this contract, which anyone can make call
                 anything: what is credited to its account belongs to whoever is first to
                 withdraw it. Nothing may go through it that depends on its sender: no
                 deposit, withdrawal, opening, commitment of one's own or report
                 of a leak. It stores nothing, takes no ether and calls
                 nothing else, so there is nothing to find in it, and reentering it
                 is no more than calling it twice.
"""


event CallFailed:
    position: indexed(uint256)


# @dev All calls together, bytes, and how many: for a round of nine seats they take 1,400 to
#      4,000 bytes. Nodes hand on transactions of 131,072 bytes at most, and memory is paid for
#      the bound, not for the use: 29,000 gas, which are few for ten rounds or more.
SIZE: constant(uint256) = 100_000
CALLS: constant(uint256) = 64

# @dev What is needed besides, gas: once, mostly for the memory of one call as long as all may
#      be, and for each call. Half of it would do, as tests show.
_ONCE: constant(uint256) = 160_000
_EACH: constant(uint256) = 3_000


# @dev One of the calls.
struct Part:
    # bytes
    size: uint256
    # what it is given
    gas: uint256


LABEL_ROUNDS: public(immutable(address))


@deploy
def __init__(label_rounds: address):
    """
    @param label_rounds What is called, the deployment of Label Rounds.
    """
    assert label_rounds.is_contract, "deploy: label rounds has no code"
    LABEL_ROUNDS = label_rounds


@external
def multicall(parts: DynArray[Part, CALLS], calls: Bytes[SIZE]):
    """
    @notice Makes calls one after the other. Those that fail are logged by their place,
            from 0; if all of them do, it reverts.
    @param parts Size and gas of each call.
    @param calls Their data, one behind the other.
    """
    needed: uint256 = _ONCE
    for part: Part in parts:
        needed += part.gas + _EACH
    # A call is handed at most 63/64 of what is there.
    assert msg.gas > needed + needed // 63, "multicall: not enough gas"

    start: uint256 = 0
    position: uint256 = 0
    failed: uint256 = 0
    for part: Part in parts:
        succeeded: bool = raw_call(
            LABEL_ROUNDS,
            slice(calls, start, part.size),
            gas=part.gas,
            revert_on_failure=False,
        )
        if not succeeded:
            failed += 1
            log CallFailed(position=position)
        start += part.size
        position += 1

    assert start == len(calls), "multicall: sizes do not add up"
    assert failed < position, "multicall: every call failed"
