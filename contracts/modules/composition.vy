# pragma version 0.4.3
"""
@title Composition: policies that are made of policies
@license MIT
@notice Each member is asked by a static call with gas of its own, fixed at
        deployment. One that reverts, burns its gas or answers anything but yes says no,
        and takes nothing from the others. What all of it can need is worked out at
        deployment, and refused if a round has not that much for its policy.
@custom:security A member is somebody else's code. It is asked statically, and one word of
                 its answer is read.
"""


from . import admission


# @dev What one member is, and may use.
struct Member:
    policy: address
    # what it is asked with
    gas_limit: uint256


# @dev Members of a policy: as many as can be asked with some 18,000 gas each.
MOST: constant(uint256) = 8

# @dev Gas for asking a member that uses none, with the most evidence; of it for the call itself;
#      and for all the rest.
_ASKING: constant(uint256) = 5_000
_CALL: constant(uint256) = 3_000
_AROUND: constant(uint256) = 9_000

# @dev Gas that a member may use at deployment to say what it needs.
_SAYING: constant(uint256) = 20_000

# @dev What a policy that has members is asked besides.
_GAS_NEEDED: constant(Bytes[4]) = method_id("gas_needed()")

_ADDRESS: constant(uint256) = 2**160 - 1


# @dev How many there are.
COUNT: immutable(uint256)

# @dev The gas with which the whole policy must be asked.
NEEDED: immutable(uint256)

# @dev Gas limit above the address.
_MEMBERS: immutable(uint256[MOST])


@deploy
def __init__(given: DynArray[Member, MOST], asks_all: bool):
    """
    @param given The members, in order.
    @param asks_all Whether all may be asked for one answer, or one of them.
    """
    assert len(given) > 1, "policy: fewer than two members"
    packed: uint256[MOST] = empty(uint256[MOST])
    every: uint256 = 0
    most: uint256 = 0
    for i: uint256 in range(len(given), bound=MOST):
        policy: address = given[i].policy
        gas_limit: uint256 = given[i].gas_limit
        assert policy.is_contract, "policy: member has no code"
        assert gas_limit <= admission.POLICY_GAS, "policy: members need too much gas"
        assert gas_limit >= self._need_of(policy), "policy: member needs more gas"
        packed[i] = convert(policy, uint256) + (gas_limit << 160)
        needed: uint256 = self._with_64th(gas_limit) + _ASKING
        every += needed
        most = max(most, needed)
    NEEDED = _AROUND + (every if asks_all else most)
    assert NEEDED <= admission.POLICY_GAS, "policy: members need too much gas"
    COUNT = len(given)
    _MEMBERS = packed


@external
@view
def members() -> DynArray[Member, MOST]:
    """
    @notice The policies that are asked, and the gas that each is asked with.
    """
    found: DynArray[Member, MOST] = []
    for i: uint256 in range(COUNT, bound=MOST):
        found.append(self._member(i))
    return found


@external
@view
def gas_needed() -> uint256:
    """
    @notice The gas with which this policy must be asked, so that each member has its own.
    """
    return NEEDED


@internal
@view
def _admits(
    number: uint256, round_id: uint256, labeler: address, evidence: DynArray[bytes32, 20]
) -> bool:
    """
    @notice Whether a member admits a labeler. Reverts if there is too little gas left
            to ask it, so that nobody can have it fail for want of gas.
    @param number Of the member, from 0.
    @param round_id The round.
    @param labeler Who asks for a seat.
    @param evidence The part that is the member's.
    """
    asked: Member = self._member(number)
    data: Bytes[772] = abi_encode(round_id, labeler, evidence, method_id=admission.ADMITS)
    least: uint256 = self._with_64th(asked.gas_limit) + _CALL
    assert msg.gas >= least, "policy: too little gas"
    answered: bool = False
    answer: Bytes[32] = b""
    answered, answer = raw_call(
        asked.policy,
        data,
        max_outsize=32,
        gas=asked.gas_limit,
        is_static_call=True,
        revert_on_failure=False,
    )
    return answered and len(answer) == 32 and convert(answer, uint256) == 1


@internal
@view
def _member(number: uint256) -> Member:
    """
    @notice A member by its number.
    """
    word: uint256 = _MEMBERS[number]
    return Member(policy=convert(word & _ADDRESS, address), gas_limit=word >> 160)


@internal
@view
def _need_of(policy: address) -> uint256:
    """
    @notice The gas that a policy must be asked with, if it says so: policies that have members
            of their own do.
    """
    answered: bool = False
    answer: Bytes[32] = b""
    answered, answer = raw_call(
        policy,
        _GAS_NEEDED,
        max_outsize=32,
        gas=_SAYING,
        is_static_call=True,
        revert_on_failure=False,
    )
    if not answered or len(answer) < 32:
        return 0

    return convert(answer, uint256)


@internal
@pure
def _with_64th(gas_limit: uint256) -> uint256:
    """
    @notice What must be there for a call to have a limit: a caller keeps a 64th of it.
    """
    return gas_limit + gas_limit // 63 + 1
