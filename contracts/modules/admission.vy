# pragma version 0.4.3
"""
@title Admission: how a policy is asked
@license MIT
@notice A policy is somebody else's code. It is asked by a static call with a limited amount of
        gas, and one that reverts, burns its gas or answers anything but yes says no.
"""


# @dev What a policy may use for its answer, gas: a Merkle proof takes a tenth. It is
#      little enough that no refusal is for want of gas: who sends too little
#      keeps 1/64 of it, which does not suffice to finish.
POLICY_GAS: constant(uint256) = 200_000

# @dev What a policy is asked, see {IAdmission}.
ADMITS: constant(bytes4) = method_id("admits(uint256,address,bytes32[])", output_type=bytes4)


@internal
@view
def _is_admitted(
    policy: address, round_id: uint256, labeler: address, evidence: DynArray[bytes32, 20]
) -> bool:
    """
    @notice Whether a policy admits a labeler, see {IAdmission-admits}. It can neither change
            anything nor make the caller fail.
    """
    answered: bool = False
    answer: Bytes[32] = b""
    answered, answer = raw_call(
        policy,
        abi_encode(round_id, labeler, evidence, method_id=ADMITS),
        max_outsize=32,
        gas=POLICY_GAS,
        is_static_call=True,
        revert_on_failure=False,
    )
    return answered and len(answer) == 32 and convert(answer, uint256) == 1
