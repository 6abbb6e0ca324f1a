# pragma version 0.4.3
"""
@title Records of the rounds that somebody vouches for
@license MIT
@notice Label Rounds notes how each labeler did, in whosever rounds: a record that a requester's
        own puppets earn among themselves costs nothing but gas. This book keeps the
        same record of fewer rounds: those that a vouched requester opened, or whose seats
        a vouched policy gave, as one that draws lots from a pool. Who is vouched for
        is fixed at deployment. Anyone enters a round, with proof of how it ended.

        It answers {account} as Label Rounds does, so whoever reads one can read the other.
"""


from .interfaces import ILabelRounds
from .modules import accounts
from .modules import closings
from .modules import outcomes


event RoundEntered:
    round_id: indexed(uint256)


# @dev Requesters and policies that a book vouches for.
_MOST_VOUCHED: constant(uint256) = 16

# @dev The most that a count holds; then all are halved, as in `accounts`.
_COUNT: constant(uint256) = 4_095

# @dev An eighth of the average is new, as in `accounts`.
_MEMORY: constant(uint256) = 8


LABEL_ROUNDS: public(immutable(address))


# @dev Rounds that were entered.
is_entered: public(HashMap[uint256, bool])

# @dev Whose rounds count.
_vouched: DynArray[address, _MOST_VOUCHED]

# @dev Packed as in `accounts`; only the record of a labeler is used.
_records: HashMap[address, uint256]


@deploy
def __init__(label_rounds: address, vouched: DynArray[address, _MOST_VOUCHED]):
    """
    @param label_rounds The deployment of Label Rounds.
    @param vouched Requesters whose rounds count, and policies that seat rounds which count.
    """
    assert label_rounds.is_contract, "record: no rounds there"
    assert len(vouched) > 0, "record: nobody vouched for"
    # The policy of an open round is zero.
    assert empty(address) not in vouched, "record: nobody vouched for"
    LABEL_ROUNDS = label_rounds
    self._vouched = vouched


@external
def enter(closing: closings.Closing):
    """
    @notice Adds a closed round to the records of all who revealed in it.
    @param closing How it ended, from its events, see `closings`.
    """
    round_id: uint256 = closing.round_id
    assert not self.is_entered[round_id], "record: entered already"
    stored: ILabelRounds.Round = staticcall ILabelRounds(LABEL_ROUNDS).round(round_id)
    counts: bool = stored.requester in self._vouched or stored.admission in self._vouched
    assert counts, "record: nobody vouches for it"
    closings._require(LABEL_ROUNDS, closing)
    self.is_entered[round_id] = True
    for i: uint256 in range(len(closing.labelers), bound=closings.SEATS):
        labeler: address = closing.labelers[i]
        self._records[labeler] = self._with(self._records[labeler], closing.rulings[i])
    log RoundEntered(round_id=round_id)


@external
@view
def account(owner: address) -> uint256:
    """
    @notice The record of a labeler in the rounds that were entered, see {ILabelRounds-account}:
            without balances, and silence is not known here.
    @param owner The labeler.
    """
    return self._records[owner]


@external
@view
def vouched() -> DynArray[address, _MOST_VOUCHED]:
    """
    @notice The requesters and policies whose rounds count.
    """
    return self._vouched


@internal
@pure
def _with(word: uint256, ruling: uint256) -> uint256:
    """
    @notice A record with one more round in it, as {accounts-_release} keeps it.
    """
    outcome: outcomes.Outcome = outcomes._unpack(ruling)
    record: accounts.Account = accounts._unpack(word)
    if record.rounds == _COUNT:
        record = accounts._unpack(accounts._fade(word))
    record.rounds += 1
    if outcome.band == outcomes.NEAR:
        record.near += 1
    elif outcome.band == outcomes.OUTLIER:
        record.outlier += 1

    if outcome.band != outcomes.VOID:
        latest: uint256 = min(outcome.kappa // 100, accounts.BPS)
        record.kappa = (record.kappa * (_MEMORY - 1) + latest) // _MEMORY
    return accounts._pack(record)
