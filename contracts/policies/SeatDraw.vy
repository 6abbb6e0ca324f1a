# pragma version 0.4.3
"""
@title Seats by lot
@license MIT
@notice A policy that draws who may label what. Members of a pool put up bonds; a requester who
        has opened rounds draws for them; the randomness of a block that is
        still to come ranks all members anew for each of its rounds. The best ranks
        may take their seats at once, those behind them later, if seats are left.
        Who is drawn and stays away can be reported, and loses part of a bond.

        Nobody owns it and nothing of it can be changed. It can keep nobody from revealing,
        closing or withdrawing, and holds nothing but bonds and fees. How units are
        kept is in `pool`, how they are ranked in `draws` and
        `permutation`, where the seed comes from in `beacon`.
@custom:security `docs/threats.md` has the moves against it. Events suffice to replay every draw.
"""


from ..interfaces import IAdmission
from ..interfaces import ILabelRounds
from ..modules import beacon
from ..modules import draws
from ..modules import money
from ..modules import permutation
from ..modules import pool
from ..modules import rounds

implements: IAdmission

initializes: pool
uses: money

exports: (
    pool.join,
    pool.join_for,
    pool.leave,
    pool.release,
    pool.withdraw,
    pool.sweep,
    pool.unit,
    pool.state,
    pool.sink_balance,
)


# ----------------------------------------------------------------------- events


# @dev Terms and rounds as packed, see `draws`.
event Drawn:
    draw_id: indexed(uint256)
    requester: indexed(address)
    terms: uint256
    rounds: uint256
    # wei
    fee: uint256


event Captured:
    draw_id: indexed(uint256)
    mix: bytes32
    seed: uint256


event Rearmed:
    draw_id: indexed(uint256)
    seed_block: uint256


event Struck:
    round_id: indexed(uint256)
    owner: indexed(address)
    unit: indexed(uint256)
    draw_id: uint256
    strikes: uint256
    reporter: address


# -------------------------------------------------------------------- constants


# @dev What a draw costs, bps of the escrow: else drawing again until it suits costs gas only.
FEE_BPS: constant(uint256) = 100

# @dev The commit deadline of a round lies at least so far ahead when it is drawn, seconds.
LEAST_WINDOW: constant(uint256) = 6 * 3_600

# @dev Absence is only reported where there was so much time from the capture on, seconds.
_FAIR_WINDOW: constant(uint256) = 3 * 3_600

# @dev A unit is struck once in so many seconds.
_RESPITE: constant(uint256) = 86_400

# @dev Absence is only reported where a seat in so many is taken: else nobody came, for a reason.
_SEATS_A_COMMITMENT: constant(uint256) = 3

# @dev Blocks from a draw to its seed, at most.
_LONGEST_DELAY: constant(uint256) = 2**16

# @dev A draw and a unit share the word of evidence, half and half.
_HALF: constant(uint256) = 2**128 - 1

_BPS: constant(uint256) = 10_000

# @dev Why a seat is refused.
ADMITTED: constant(uint256) = 0
# the round is not in its commit phase
NOT_COMMITTING: constant(uint256) = 1
# evidence is not a word that names a draw and a unit
NO_DRAW: constant(uint256) = 2
# the draw is for other rounds
OTHER_ROUNDS: constant(uint256) = 3
# the unit is not the labeler's
NOT_OWNER: constant(uint256) = 4
# it joined too late to be drawn
TOO_YOUNG: constant(uint256) = 5
# it had left
HAD_LEFT: constant(uint256) = 6
# the seed is not captured
NO_SEED: constant(uint256) = 7
# it is listed in another round of the layer, or in none
NOT_LISTED: constant(uint256) = 8
# it stands by, and its turn is to come
STANDING_BY: constant(uint256) = 9
# it ranks behind all who stand by
TOO_FAR_BACK: constant(uint256) = 10


interface IAsset:
    def asset() -> address: view
    def sink() -> address: view


LABEL_ROUNDS: public(immutable(address))

# @dev Blocks from a draw to its seed.
SEED_DELAY: public(immutable(uint256))

# @dev Most that a round may ask of a member as a stake, wei.
MOST_STAKE: public(immutable(uint256))

# @dev Least that a round pays for each task, wei.
LEAST_PRICE: public(immutable(uint256))


# @dev As packed, see `draws`. They are numbered from 1.
_draws: HashMap[uint256, draws.Draw]

# @dev The rounds that were drawn: bit i of word w for round 256 * w + i.
_drawn: HashMap[uint256, uint256]


@deploy
def __init__(
    label_rounds: address,
    gate: address,
    bond: uint256,
    most_stake: uint256,
    least_price: uint256,
    seed_delay: uint256,
):
    """
    @param label_rounds The deployment whose seats are drawn; bonds and fees are in its asset, and
           what is lost goes to its sink.
    @param gate Policy asked about whoever joins, see {IAdmission}; zero for none.
    @param bond A unit's bond, wei.
    @param most_stake Most that a round may ask of a member as a stake, wei.
    @param least_price Least that a round pays for each task, wei.
    @param seed_delay Blocks from a draw to its seed: time enough that nobody knows it, 96 where
           a block takes 12 seconds.
    """
    assert label_rounds.is_contract, "deploy: label rounds has no code"
    assert beacon._is_random(block.prevrandao), "deploy: chain has no beacon"
    assert least_price > 0, "deploy: no price"
    assert seed_delay > 0 and seed_delay <= _LONGEST_DELAY, "deploy: seed delay not in 1..65536"
    asset: address = staticcall IAsset(label_rounds).asset()
    sink: address = staticcall IAsset(label_rounds).sink()
    pool.__init__(asset, sink, bond, gate)
    LABEL_ROUNDS = label_rounds
    SEED_DELAY = seed_delay
    MOST_STAKE = most_stake
    LEAST_PRICE = least_price


# ------------------------------------------------------------------- requesters


@external
@payable
@nonreentrant
def draw(first: uint256, mask: uint256, load: uint256) -> uint256:
    """
    @notice Draws for rounds that the caller has opened, and pays the fee. Before they
            are opened it would be free to draw again, and to open only what suits.
    @param first The lowest of the rounds.
    @param mask Which: round first + i for each bit i, the lowest is set.
    @param load How often a unit is listed at most. The more, the more rounds a small pool serves.
    @return uint256 The number of the draw.
    """
    assert mask & 1 == 1 and mask <= _HALF, "draw: not a mask of rounds"
    self._mark_drawn(first, mask)
    terms: draws.Terms = empty(draws.Terms)
    terms.first = first
    terms.frozen = block.timestamp
    terms.seed_block = block.number + SEED_DELAY
    terms.window = pool.LONGEST_WINDOW
    terms.liable = True
    count: uint256 = 0
    escrow: uint256 = 0
    for i: uint256 in range(draws.SPAN):
        if mask >> i == 0:
            break
        if (mask >> i) & 1 == 0:
            continue
        round: ILabelRounds.Round = staticcall ILabelRounds(LABEL_ROUNDS).round(first + i)
        status: rounds.Status = rounds._unpack(round.status)
        assert round.requester == msg.sender, "draw: not your round"
        assert round.admission != empty(address), "draw: round is open to all"
        if count == 0:
            terms.seats = status.seats
        assert status.seats == terms.seats, "draw: seats differ"
        assert status.committed == 0, "draw: seats are taken"
        assert status.stake <= MOST_STAKE, "draw: stake too high"
        price: uint256 = rounds._price(round.rules)
        assert price >= LEAST_PRICE * status.tasks, "draw: price too low"
        deadline: uint256 = status.deadlines.commit
        assert deadline >= block.timestamp + LEAST_WINDOW, "draw: deadline too near"
        assert deadline <= block.timestamp + pool.LONGEST_WINDOW, "draw: deadline too far"
        terms.window = min(terms.window, deadline - block.timestamp)
        if round.admission != self:
            terms.liable = False
        count += 1
        escrow += price * status.seats

    assert load > 0 and load <= count, "draw: load not in 1..rounds"
    terms.layer = (count + load - 1) // load
    state: pool.State = pool._ticked()
    terms.n = state.ripe
    # Nobody is drawn where few others could have been.
    units: uint256 = terms.n - state.holes
    least: uint256 = terms.layer * terms.seats * (1 + draws.STANDBY)
    assert units >= least, "draw: pool too small"
    # Ranks that are holes come to nothing, so there are more to stand by.
    standby: uint256 = draws.STANDBY * terms.seats * terms.n // units
    terms.standby = min(standby, draws.MOST_STANDBY)
    terms.rows = permutation._rows(terms.n)

    state.draws += 1
    pool._write(state)
    packed: uint256 = draws._pack(terms)
    self._draws[state.draws] = draws.Draw(terms=packed, luck=mask)
    fee: uint256 = (escrow * FEE_BPS + _BPS - 1) // _BPS
    pool._sink(fee)
    log Drawn(
        draw_id=state.draws, requester=msg.sender, terms=packed, rounds=mask, fee=fee
    )
    money._collect(fee)
    return state.draws


# ----------------------------------------------------------------------- anyone


@external
def capture(draw_id: uint256, header: Bytes[beacon.HEADER]):
    """
    @notice Fixes the seed of a draw: the mix in the header of its seed block.
    @param draw_id The draw.
    @param header The header as hashed, RLP.
    """
    terms: draws.Terms = self._awaiting_seed(draw_id)
    # A second later, too: captured after none is not captured.
    ripe: bool = block.number > terms.seed_block and block.timestamp > terms.frozen
    assert ripe, "capture: not yet"
    assert block.timestamp < terms.frozen + terms.window, "capture: too late"
    block_hash: bytes32 = beacon._hash_of(terms.seed_block)
    assert block_hash != empty(bytes32), "capture: hash is gone, rearm"
    assert keccak256(header) == block_hash, "capture: not the header"
    mix: bytes32 = beacon._mix(header)
    assert mix != empty(bytes32), "capture: chain has no beacon"

    seed: uint256 = convert(keccak256(abi_encode(mix, chain.id, self, draw_id)), uint256) >> 128
    terms.captured = block.timestamp - terms.frozen
    self._draws[draw_id].terms = draws._pack(terms)
    self._draws[draw_id].luck += seed << 128
    log Captured(draw_id=draw_id, mix=mix, seed=seed)


@external
def rearm(draw_id: uint256):
    """
    @notice Names another seed block, where nobody captured the last one while its hash was there.
    @param draw_id The draw.
    """
    terms: draws.Terms = self._awaiting_seed(draw_id)
    assert block.number > terms.seed_block, "rearm: not yet"
    assert beacon._hash_of(terms.seed_block) == empty(bytes32), "rearm: can be captured"
    terms.seed_block = block.number + SEED_DELAY
    self._draws[draw_id].terms = draws._pack(terms)
    log Rearmed(draw_id=draw_id, seed_block=terms.seed_block)


@external
def report(round_id: uint256, draw_id: uint256, unit: uint256):
    """
    @notice Strikes a drawn unit whose owner has no seat in the second half of the window, while
            the round still takes commitments: later nobody can tell who came.
    @param round_id The round.
    @param draw_id The draw it is in.
    @param unit The unit.
    """
    member: pool.Unit = pool._unpack(pool._units[unit])
    refusal: uint256 = 0
    opens: uint256 = 0
    terms: draws.Terms = draws._unpack(self._draws[draw_id].terms)
    refusal, opens = self._admission(round_id, draw_id, unit, member)
    # Only the drawn are admitted from the capture on.
    drawn: bool = refusal == ADMITTED and opens == terms.frozen + terms.captured
    assert drawn, "report: not drawn"
    assert terms.liable, "report: round asks others too"
    length: uint256 = terms.window - terms.captured
    assert length >= _FAIR_WINDOW, "report: window too short"
    turn: uint256 = opens + length // 2
    assert block.timestamp >= turn, "report: not yet"

    round: ILabelRounds.Round = staticcall ILabelRounds(LABEL_ROUNDS).round(round_id)
    status: rounds.Status = rounds._unpack(round.status)
    assert self._is_committing(status), "report: commit phase is over"
    seat: bytes32 = staticcall ILabelRounds(LABEL_ROUNDS).seat(round_id, member.owner)
    assert seat == empty(bytes32), "report: has a seat"
    enough: bool = status.committed * _SEATS_A_COMMITMENT >= terms.seats
    assert enough, "report: too few came"
    # Once for all rounds whose turns came before, and never twice a day.
    is_due: bool = member.struck < turn and member.struck + _RESPITE <= block.timestamp
    assert is_due, "report: struck already"
    assert member.strikes < pool.STRIKES, "report: expelled already"
    strikes: uint256 = pool._strike(unit, member)
    log Struck(
        round_id=round_id,
        owner=member.owner,
        unit=unit,
        draw_id=draw_id,
        strikes=strikes,
        reporter=msg.sender,
    )


# ------------------------------------------------------------------------ views


@external
@view
def admits(round_id: uint256, labeler: address, evidence: DynArray[bytes32, 20]) -> bool:
    """
    @notice Whether a labeler was drawn for a round, or stands by and it is their turn, see
            {IAdmission-admits}. The evidence is one word, draw 128 | unit 128.
    """
    refusal: uint256 = 0
    opens: uint256 = 0
    refusal, opens = self._refusal(round_id, labeler, evidence)
    return refusal == ADMITTED


@external
@view
def refusal(
    round_id: uint256, labeler: address, evidence: DynArray[bytes32, 20]
) -> (uint256, uint256):
    """
    @notice Why a seat is refused, as numbered above, and when it is not any more.
    @param round_id The round.
    @param labeler Who asks for the seat.
    @param evidence As for {admits}.
    @return uint256 The reason, or zero if it is not refused.
    @return uint256 From when on it is not, unix seconds; zero if no time can be named.
    """
    round: ILabelRounds.Round = staticcall ILabelRounds(LABEL_ROUNDS).round(round_id)
    if not self._is_committing(rounds._unpack(round.status)):
        return NOT_COMMITTING, 0

    return self._refusal(round_id, labeler, evidence)


@external
@view
def drawn(number: uint256) -> draws.Draw:
    """
    @notice What is stored of a draw, packed as in `draws`; all zero if there is none.
    @param number The draw.
    """
    return self._draws[number]


@external
@view
def is_drawn(round_id: uint256) -> bool:
    """
    @notice Whether a round is in a draw, so that it cannot be drawn again.
    @param round_id The round.
    """
    return (self._drawn[round_id >> 8] >> (round_id & 255)) & 1 == 1


@external
@view
def credit(owner: address) -> uint256:
    """
    @notice What an account may withdraw, wei.
    @param owner The account.
    """
    return pool.balances[owner]


@external
@view
def bond() -> uint256:
    """
    @notice A unit's bond, wei.
    """
    return pool.BOND


@external
@view
def gate() -> address:
    """
    @notice The policy that is asked about whoever joins, or zero.
    """
    return pool.GATE


# --------------------------------------------------------------------- internal


@internal
def _mark_drawn(first: uint256, mask: uint256):
    """
    @notice Notes which rounds are drawn, and refuses those that were before.
    """
    word: uint256 = first >> 8
    place: uint256 = first & 255
    # What is shifted out of the first word is in the next one.
    low: uint256 = mask << place
    high: uint256 = mask >> (256 - place)
    assert self._drawn[word] & low == 0, "draw: drawn already"
    self._drawn[word] += low
    if high > 0:
        assert self._drawn[word + 1] & high == 0, "draw: drawn already"
        self._drawn[word + 1] += high


@internal
@view
def _awaiting_seed(draw_id: uint256) -> draws.Terms:
    """
    @notice The terms of a draw, if it still needs a seed.
    """
    terms: draws.Terms = draws._unpack(self._draws[draw_id].terms)
    assert terms.n > 0, "draw: no such draw"
    assert terms.captured == 0, "draw: seed is captured"
    return terms


@internal
@view
def _is_committing(status: rounds.Status) -> bool:
    """
    @notice Whether a round still takes commitments.
    """
    phase: uint256 = 0
    deadline: uint256 = 0
    phase, deadline = rounds._phase(status)
    return phase == rounds.COMMIT


@internal
@view
def _refusal(
    round_id: uint256, labeler: address, evidence: DynArray[bytes32, 20]
) -> (uint256, uint256):
    """
    @notice Why a labeler is refused, but for the phase of the round, and until when.
    """
    if len(evidence) != 1:
        return NO_DRAW, 0

    word: uint256 = convert(evidence[0], uint256)
    unit: uint256 = word & _HALF
    member: pool.Unit = pool._unpack(pool._units[unit])
    if member.owner != labeler:
        return NOT_OWNER, 0

    return self._admission(round_id, word >> 128, unit, member)


@internal
@view
def _admission(
    round_id: uint256, draw_id: uint256, unit: uint256, member: pool.Unit
) -> (uint256, uint256):
    """
    @notice Whether a unit is admitted now, why not, and from when on it is.
    """
    terms: draws.Terms = draws._unpack(self._draws[draw_id].terms)
    if terms.n == 0:
        return NO_DRAW, 0
    # A free number has none, and may be beyond those that were drawn from.
    if member.owner == empty(address):
        return NOT_OWNER, 0

    luck: uint256 = self._draws[draw_id].luck
    # A round below the first one wraps around, far above the span.
    place: uint256 = unsafe_sub(round_id, terms.first)
    if place >= draws.SPAN or (luck >> place) & 1 == 0:
        return OTHER_ROUNDS, 0
    if member.joined + pool.RIPENING > terms.frozen // pool.EPOCH:
        return TOO_YOUNG, 0
    if member.left > 0 and member.left <= terms.frozen:
        return HAD_LEFT, 0
    if terms.captured == 0:
        return NO_SEED, 0

    listed: bool = False
    rank: uint256 = 0
    listed, rank = draws._rank(terms, luck, place, unit)
    if not listed:
        return NOT_LISTED, 0
    opens: uint256 = draws._opens(terms, rank)
    if opens == 0:
        return TOO_FAR_BACK, 0
    if block.timestamp < opens:
        return STANDING_BY, opens

    return ADMITTED, opens
