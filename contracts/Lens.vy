# pragma version 0.4.3
"""
@title Lens
@license MIT
@notice Reads what Label Rounds stores, in records of named fields: for wallets and
        for contracts. It holds nothing and trusts nobody; one serves all
        deployments of a chain.
"""


from .interfaces import IJudge
from .interfaces import ILabelRounds
from .modules import accounts
from .modules import rounds


# @dev The mark of a seat whose answers were leaked.
_LEAKED: constant(bytes32) = 0x0000000000000000000000000000000000000000000000000000000000000001


# @dev What a round is and has come to.
struct RoundView:
    requester: address
    rules: IJudge.Rules
    deadlines: IJudge.Deadlines
    gold_root: bytes32
    admission: address
    committed: uint256
    revealed: uint256
    gone: uint256
    roll: bytes32


@external
@view
def round(market: address, round_id: uint256) -> RoundView:
    """
    @notice What a round is and has come to.
    @param market The deployment of Label Rounds.
    @param round_id The round.
    """
    stored: ILabelRounds.Round = staticcall ILabelRounds(market).round(round_id)
    status: rounds.Status = rounds._unpack(stored.status)
    assert status.seats > 0, "round: no such round"
    return RoundView(
        requester=stored.requester,
        rules=rounds._unpack_rules(stored.rules, status),
        deadlines=status.deadlines,
        gold_root=stored.gold_root,
        admission=stored.admission,
        committed=status.committed,
        revealed=status.revealed,
        gone=status.gone,
        roll=stored.roll,
    )


@external
@view
def phase(market: address, round_id: uint256) -> (uint256, uint256):
    """
    @notice The phase of a round, see `rounds`.
    @param market The deployment of Label Rounds.
    @param round_id The round.
    @return uint256 The phase; 0 if there is no such round.
    @return uint256 Seconds until it ends at the latest, 0 if it has no deadline.
    """
    stored: ILabelRounds.Round = staticcall ILabelRounds(market).round(round_id)
    current: uint256 = 0
    deadline: uint256 = 0
    current, deadline = rounds._phase(rounds._unpack(stored.status))
    if deadline == 0:
        return current, 0

    return current, deadline - block.timestamp


@external
@view
def seat(market: address, round_id: uint256, labeler: address) -> (bytes32, bool):
    """
    @notice What a seat holds.
    @param market The deployment of Label Rounds.
    @param round_id The round.
    @param labeler The labeler.
    @return bytes32 The commitment that is not revealed yet, or zero.
    @return bool Whether the answers were leaked.
    """
    held: bytes32 = staticcall ILabelRounds(market).seat(round_id, labeler)
    if held == _LEAKED:
        return empty(bytes32), True

    return held, False


@external
@view
def account(market: address, owner: address) -> accounts.Account:
    """
    @notice Balances and record of an address.
    @param market The deployment of Label Rounds.
    @param owner The address.
    """
    return accounts._unpack(staticcall ILabelRounds(market).account(owner))
