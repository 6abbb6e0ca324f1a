# pragma version 0.4.3
"""
@title Rounds: what is stored of a round, and what time it is in it
@license MIT
@notice Two packed words hold all that a round is and was agreed to be: `status`,
        which every commitment reads and writes, and `rules`, which only
        openings, slashes and the close read.

            status   stake 88 | commit 40 | reveal 40 | gold 40 | seats 8 | committed 8
                     | revealed 8 | gone 8 | options - 1 4 | tasks - 1 8
                     | has gold 1 | has policy 1 | is closed 1
            rules    price 88 | r_min 8 | width 5 | kind 1 | seven shares, 14 each
                     | bar 15 | refund 14 | gold 7

        Phases follow from the status and the clock alone:

            commit --> reveal --> gold --> due --> closed
              ends at its deadline, or when every seat is taken
                        ends at its deadline, or when every commitment is revealed
                                  only if gold answers were committed to; ends at its deadline
                                           until somebody closes
"""


from ..interfaces import IJudge


# @dev Phases of a round.
ABSENT: constant(uint256) = 0
COMMIT: constant(uint256) = 1
REVEAL: constant(uint256) = 2
GOLD: constant(uint256) = 3
DUE: constant(uint256) = 4
CLOSED: constant(uint256) = 5

# @dev What to add to a status for each seat that is taken, revealed, or leaked or forfeited,
#      and for the end of the round. All were bounded at opening, so none overflows.
COMMITTED: constant(uint256) = 2**216
REVEALED: constant(uint256) = 2**224
GONE: constant(uint256) = 2**232
ENDED: constant(uint256) = 2**254

_AMOUNT: constant(uint256) = 2**88 - 1
_TIME: constant(uint256) = 2**40 - 1
_SHARE: constant(uint256) = 16_383
_BAR: constant(uint256) = 32_767
_GOLDS: constant(uint256) = 127


struct Status:
    # wei per seat
    stake: uint256
    deadlines: IJudge.Deadlines
    seats: uint256
    # seats taken
    committed: uint256
    revealed: uint256
    # seats leaked or forfeited
    gone: uint256
    options: uint256
    tasks: uint256
    has_gold: bool
    has_policy: bool
    is_closed: bool


@internal
@view
def _phase(status: Status) -> (uint256, uint256):
    """
    @notice The phase of a round and when it ends at the latest.
    @param status The status of the round.
    @return uint256 The phase.
    @return uint256 Its deadline in unix seconds; 0 if it has none.
    """
    if status.seats == 0:
        return ABSENT, 0
    if status.is_closed:
        return CLOSED, 0
    if block.timestamp < status.deadlines.commit and status.committed < status.seats:
        return COMMIT, status.deadlines.commit
    if block.timestamp < status.deadlines.reveal and self._awaited(status) > 0:
        return REVEAL, status.deadlines.reveal
    if status.has_gold and block.timestamp < status.deadlines.gold:
        return GOLD, status.deadlines.gold

    return DUE, 0


@internal
@pure
def _awaited(status: Status) -> uint256:
    """
    @notice How many commitments are neither revealed nor gone.
    """
    return status.committed - status.revealed - status.gone


@internal
@pure
def _last_deadline(status: Status) -> uint256:
    """
    @notice When a round should be over, unix seconds.
    """
    return max(status.deadlines.reveal, status.deadlines.gold)


# ---------------------------------------------------------------------- packing


@internal
@pure
def _unpack(word: uint256) -> Status:
    """
    @notice Reads the status from its slot.
    """
    return Status(
        stake=word & _AMOUNT,
        deadlines=IJudge.Deadlines(
            commit=(word >> 88) & _TIME,
            reveal=(word >> 128) & _TIME,
            gold=(word >> 168) & _TIME,
        ),
        seats=(word >> 208) & 255,
        committed=(word >> 216) & 255,
        revealed=(word >> 224) & 255,
        gone=(word >> 232) & 255,
        options=((word >> 240) & 15) + 1,
        tasks=((word >> 244) & 255) + 1,
        has_gold=(word >> 252) & 1 == 1,
        has_policy=(word >> 253) & 1 == 1,
        is_closed=(word >> 254) & 1 == 1,
    )


@internal
@pure
def _pack(status: Status) -> uint256:
    """
    @notice Writes the status into one word; all fields were bounded at opening.
    """
    return (
        status.stake
        + (status.deadlines.commit << 88)
        + (status.deadlines.reveal << 128)
        + (status.deadlines.gold << 168)
        + (status.seats << 208)
        + (status.committed << 216)
        + (status.revealed << 224)
        + (status.gone << 232)
        + ((status.options - 1) << 240)
        + ((status.tasks - 1) << 244)
        + (convert(status.has_gold, uint256) << 252)
        + (convert(status.has_policy, uint256) << 253)
        + (convert(status.is_closed, uint256) << 254)
    )


@internal
@pure
def _pack_rules(rules: IJudge.Rules) -> uint256:
    """
    @notice Writes those of the rules that the status does not hold into one word.
    """
    return (
        rules.price
        + (rules.r_min << 88)
        + (rules.width << 96)
        + (rules.kind << 101)
        + (rules.tau_bps << 102)
        + (rules.rho_bps << 116)
        + (rules.slash_base_bps << 130)
        + (rules.slash_max_bps << 144)
        + (rules.showup_bps << 158)
        + (rules.gold_pass_bps << 172)
        + (rules.gold_slash_bps << 186)
        + (rules.bar_bps << 200)
        + (rules.refund_bps << 215)
        + (rules.gold_count << 229)
    )


@internal
@pure
def _unpack_rules(word: uint256, status: Status) -> IJudge.Rules:
    """
    @notice Reads the rules from their slot and the status.
    """
    return IJudge.Rules(
        kind=(word >> 101) & 1,
        options=status.options,
        width=(word >> 96) & 31,
        tasks=status.tasks,
        price=self._price(word),
        stake=status.stake,
        seats=status.seats,
        r_min=(word >> 88) & 255,
        tau_bps=(word >> 102) & _SHARE,
        rho_bps=(word >> 116) & _SHARE,
        bar_bps=(word >> 200) & _BAR,
        refund_bps=self._refund_bps(word),
        slash_base_bps=(word >> 130) & _SHARE,
        slash_max_bps=self._slash_max_bps(word),
        showup_bps=(word >> 158) & _SHARE,
        gold_count=(word >> 229) & _GOLDS,
        gold_pass_bps=(word >> 172) & _SHARE,
        gold_slash_bps=(word >> 186) & _SHARE,
    )


@internal
@pure
def _price(word: uint256) -> uint256:
    """
    @notice Reads from the rules the full pay of a labeler, wei.
    """
    return word & _AMOUNT


@internal
@pure
def _refund_bps(word: uint256) -> uint256:
    """
    @notice Reads from the rules how much of a price can go back, bps.
    """
    return (word >> 215) & _SHARE


@internal
@pure
def _slash_max_bps(word: uint256) -> uint256:
    """
    @notice Reads from the rules what silence costs, bps of the stake.
    """
    return (word >> 144) & _SHARE
