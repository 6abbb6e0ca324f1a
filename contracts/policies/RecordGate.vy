# pragma version 0.4.3
"""
@title A gate for those with a record
@license MIT
@notice Admits who ended enough rounds, agreed well enough with the crowd, and was seldom
        an outlier or silent. Of the rounds in which this was shown it reads either all
        (Label Rounds), or those that somebody vouched for (a `RecordBook`): a record in one's
        own rounds costs gas alone, see docs/seating.md. Silence is read from all of
        them, since who is silent is on no payroll.

        It needs no evidence and looks at no round, so it serves at the door of a pool too.
"""


from ..interfaces import IAdmission
from ..interfaces import ILabelRounds
from ..modules import accounts

implements: IAdmission


# @dev The most rounds that can be asked for: a full count is halved, see {accounts-_fade}.
_MOST_ROUNDS: constant(uint256) = 2_047

# @dev The highest average there is: an eighth is new, and it is rounded down.
_MOST_KAPPA: constant(uint256) = 9_993


LABEL_ROUNDS: public(immutable(address))

# @dev Where records are read, Label Rounds itself or a book.
RECORDS: public(immutable(address))

# @dev Rounds that must have ended.
LEAST_ROUNDS: public(immutable(uint256))

# @dev The least moving average of kappa, bps.
LEAST_KAPPA_BPS: public(immutable(uint256))

# @dev The largest shares of the rounds that ended as an outlier, and in silence, bps.
MOST_OUTLIER_BPS: public(immutable(uint256))
MOST_SILENT_BPS: public(immutable(uint256))


@deploy
def __init__(
    label_rounds: address,
    records: address,
    least_rounds: uint256,
    least_kappa_bps: uint256,
    most_outlier_bps: uint256,
    most_silent_bps: uint256,
):
    """
    @param label_rounds The deployment of Label Rounds.
    @param records Label Rounds again, or the book that says which rounds count.
    @param least_rounds Rounds that must have ended, 1..2,047.
    @param least_kappa_bps The least moving average of kappa, bps.
    @param most_outlier_bps The largest share of rounds as an outlier, bps.
    @param most_silent_bps The largest share of rounds without a reveal, bps.
    """
    assert label_rounds.is_contract and records.is_contract, "policy: no records there"
    assert 0 < least_rounds and least_rounds <= _MOST_ROUNDS, "policy: rounds not in 1..2047"
    assert least_kappa_bps <= _MOST_KAPPA, "policy: kappa above 9993 bps"
    assert most_outlier_bps <= accounts.BPS, "policy: outliers above 10000 bps"
    assert most_silent_bps <= accounts.BPS, "policy: silent above 10000 bps"
    LABEL_ROUNDS = label_rounds
    RECORDS = records
    LEAST_ROUNDS = least_rounds
    LEAST_KAPPA_BPS = least_kappa_bps
    MOST_OUTLIER_BPS = most_outlier_bps
    MOST_SILENT_BPS = most_silent_bps


@external
@view
def admits(round_id: uint256, labeler: address, evidence: DynArray[bytes32, 20]) -> bool:
    """
    @notice Whether a labeler's record suffices, see {IAdmission-admits}.
    """
    record: accounts.Account = self._record(RECORDS, labeler)
    if record.rounds < LEAST_ROUNDS or record.kappa < LEAST_KAPPA_BPS:
        return False
    if record.outlier * accounts.BPS > MOST_OUTLIER_BPS * record.rounds:
        return False

    if RECORDS != LABEL_ROUNDS:
        record = self._record(LABEL_ROUNDS, labeler)
    return record.unrevealed * accounts.BPS <= MOST_SILENT_BPS * record.rounds


@internal
@view
def _record(kept_by: address, labeler: address) -> accounts.Account:
    """
    @notice The record of a labeler.
    """
    return accounts._unpack(staticcall ILabelRounds(kept_by).account(labeler))
