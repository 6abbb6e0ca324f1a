# pragma version 0.4.3
"""
@title Pool: who may be drawn, and the bonds
@license MIT
@notice Members hold units. A unit is one bond and has one number, so whoever would have many
        chances pays many bonds. Numbers run from 0 without gaps: one that was given
        back goes to the next who joins.

        Time runs in epochs. A unit is ripe, and can be drawn, two epochs after it joined, so
        at least a whole epoch lies between. One that leaves is in no later
        draw. Its number is a hole until the next unit that got it is ripe.
        The bond stays while a round that it was drawn for may take commitments,
        then anyone releases it.

            state    units 32 | middle 32 | ripe 32 | holes 32 | filled 24 | filled before 24
                     | epoch 20 | draws 28 | freed 32
            unit     owner 160 | joined 20 | left 34 | strikes 4 | struck 34
                     or, while its number is free, 0 160 | the one freed before 32
@custom:security It holds a bond for each unit that is not released, what is credited to accounts
                 and what is left to the sink, and nothing else is paid out. Money comes in and
                 goes out behind one lock, after the books are written.
"""


from . import admission
from . import money

initializes: money


event Joined:
    owner: indexed(address)
    unit: indexed(uint256)
    payer: indexed(address)
    epoch: uint256


event Left:
    owner: indexed(address)
    unit: indexed(uint256)
    # by its last strike
    expelled: bool


event Released:
    owner: indexed(address)
    unit: indexed(uint256)
    # credited to the owner, wei
    credit: uint256
    # left to the sink for strikes, wei
    lost: uint256


event Withdrawn:
    owner: indexed(address)
    receiver: indexed(address)
    amount: uint256


event Swept:
    amount: uint256


# @dev Seconds.
EPOCH: constant(uint256) = 86_400

# @dev Epochs from joining to being ripe.
RIPENING: constant(uint256) = 2

# @dev No commit deadline of a round lies further ahead when it is drawn, seconds.
LONGEST_WINDOW: constant(uint256) = 14 * 86_400

# @dev The last one ends the membership.
STRIKES: constant(uint256) = 5

# @dev A strike costs the bond divided by this.
_STRIKES_OF_BOND: constant(uint256) = 10

_COUNT: constant(uint256) = 2**32 - 1
_FILLED: constant(uint256) = 2**24 - 1
_EPOCHS: constant(uint256) = 2**20 - 1
_DRAWS: constant(uint256) = 2**28 - 1
_TIME: constant(uint256) = 2**34 - 1
_OWNER: constant(uint256) = 2**160 - 1


# @dev What is known of all units.
struct State:
    # numbers that were ever given out
    units: uint256
    # of these, those given out before the current epoch, and before the last one
    middle: uint256
    ripe: uint256
    # ripe numbers that have no ripe unit
    holes: uint256
    # holes that were filled in this epoch, and in the last one
    filled: uint256
    filled_before: uint256
    # days since 1970
    epoch: uint256
    # made so far; here so that one writes one word less
    draws: uint256
    # the number that was freed last, plus one; zero if none is free
    freed: uint256


struct Unit:
    owner: address
    # epoch
    joined: uint256
    # unix seconds; zero for a member
    left: uint256
    strikes: uint256
    # unix seconds of the last strike
    struck: uint256


# @dev A unit's bond, wei.
BOND: immutable(uint256)

# @dev Asked before anyone joins, or zero.
GATE: immutable(address)

# @dev Where lost bonds and fees go.
SINK: immutable(address)


# @dev What the sink may collect, wei, plus one: where it is nothing, the next draw is no dearer.
_due_to_sink: uint256

# @dev What accounts may withdraw, wei.
balances: HashMap[address, uint256]

# @dev The packed state.
_state: uint256

# @dev The packed units.
_units: HashMap[uint256, uint256]


@deploy
def __init__(asset: address, sink: address, bond: uint256, gate: address):
    """
    @param asset The ERC-20 of bonds, or zero for ether.
    @param sink Where lost bonds and fees go.
    @param bond A unit's bond, wei.
    @param gate Policy asked about whoever joins, for round 0, see {IAdmission}; zero for none.
    """
    money.__init__(asset)
    assert bond >= _STRIKES_OF_BOND, "deploy: bond too small to strike"
    assert gate == empty(address) or gate.is_contract, "deploy: gate has no code"
    BOND = bond
    GATE = gate
    SINK = sink
    self._due_to_sink = 1
    state: State = empty(State)
    state.epoch = block.timestamp // EPOCH
    self._write(state)


# ---------------------------------------------------------------------- members


@external
@payable
@nonreentrant
def join(evidence: DynArray[bytes32, 20]) -> uint256:
    """
    @notice Adds a unit of the caller's, who pays the bond.
    @param evidence What the gate wants to see.
    @return uint256 The number of the unit.
    """
    if GATE != empty(address):
        admitted: bool = admission._is_admitted(GATE, 0, msg.sender, evidence)
        assert admitted, "join: not admitted"
    return self._join(msg.sender)


@external
@payable
@nonreentrant
def join_for(owner: address) -> uint256:
    """
    @notice Adds a unit of somebody else's; the caller pays the bond, which comes back to the
            owner. Not where a gate is asked: it would let anyone fill the pool with
            members of good standing who know nothing of it, and stay away.
    @param owner Whose unit it is.
    @return uint256 The number of the unit.
    """
    assert GATE == empty(address), "join: gate asks for the owner"
    assert owner != empty(address), "join: no owner"
    return self._join(owner)


@external
def leave(unit: uint256):
    """
    @notice Ends the membership of a unit of the caller's: no later draw lists it. Those that
            list it still hold.
    @param unit Its number.
    """
    member: Unit = self._unpack(self._units[unit])
    assert member.owner == msg.sender, "leave: not yours"
    assert member.left == 0, "leave: left already"
    self._end(unit, member, False)


@external
def release(unit: uint256):
    """
    @notice Credits what is left of a bond to its owner, and frees the number for others. Anyone
            may call it, so that numbers of those who are gone do not stay holes.
    @param unit The number of a unit that left long enough ago.
    """
    member: Unit = self._unpack(self._units[unit])
    assert member.owner != empty(address), "release: no such unit"
    assert member.left > 0, "release: still a member"
    assert block.timestamp > member.left + LONGEST_WINDOW, "release: too early"
    state: State = self._ticked()
    self._units[unit] = state.freed << 160
    state.freed = unit + 1
    self._write(state)

    lost: uint256 = BOND * member.strikes // _STRIKES_OF_BOND
    self._sink(lost)
    self.balances[member.owner] += BOND - lost
    log Released(owner=member.owner, unit=unit, credit=BOND - lost, lost=lost)


@external
@nonreentrant
def withdraw(receiver: address):
    """
    @notice Pays out all that is credited to the caller.
    @param receiver Who gets it, the caller or anyone else.
    """
    assert receiver != empty(address), "withdraw: no receiver"
    amount: uint256 = self.balances[msg.sender]
    assert amount > 0, "withdraw: nothing"
    self.balances[msg.sender] = 0
    log Withdrawn(owner=msg.sender, receiver=receiver, amount=amount)
    money._pay_out(receiver, amount)


@external
@nonreentrant
def sweep():
    """
    @notice Pays out to the sink what was lost, and the fees. Anyone may call it.
    """
    amount: uint256 = self._due_to_sink - 1
    assert amount > 0, "sweep: nothing"
    self._due_to_sink = 1
    log Swept(amount=amount)
    money._pay_out(SINK, amount)


# ------------------------------------------------------------------------ views


@external
@view
def unit(number: uint256) -> Unit:
    """
    @notice What is known of a unit; without an owner if its number is free.
    @param number Its number.
    """
    return self._unpack(self._units[number])


@external
@view
def state() -> State:
    """
    @notice What is known of all units, as of now.
    """
    return self._ticked()


@external
@view
def sink_balance() -> uint256:
    """
    @notice What the sink may collect, wei.
    """
    return self._due_to_sink - 1


# --------------------------------------------------------------------- internal


@internal
@payable
def _join(owner: address) -> uint256:
    """
    @notice Gives out the number that was freed last, or a new one, and takes the bond.
    """
    state: State = self._ticked()
    unit: uint256 = state.units
    if state.freed > 0:
        unit = state.freed - 1
        state.freed = self._units[unit] >> 160
        assert state.filled < _FILLED, "join: pool is full"
        state.filled += 1
    else:
        assert state.units < _COUNT, "join: pool is full"
        state.units += 1
    self._write(state)
    member: Unit = empty(Unit)
    member.owner = owner
    member.joined = state.epoch
    self._units[unit] = self._pack(member)
    log Joined(owner=owner, unit=unit, payer=msg.sender, epoch=state.epoch)
    money._collect(BOND)
    return unit


@internal
def _end(unit: uint256, member: Unit, expelled: bool):
    """
    @notice Ends a membership. The number is a hole from now on, so it must be a ripe one.
    """
    state: State = self._ticked()
    assert member.joined + RIPENING <= state.epoch, "leave: too young"
    state.holes += 1
    self._write(state)
    member.left = block.timestamp
    self._units[unit] = self._pack(member)
    log Left(owner=member.owner, unit=unit, expelled=expelled)


@internal
def _strike(unit: uint256, member: Unit) -> uint256:
    """
    @notice Strikes a unit that can be struck; the last strike ends a membership.
    @return uint256 How many it has now.
    """
    member.strikes += 1
    member.struck = block.timestamp
    if member.strikes == STRIKES and member.left == 0:
        self._end(unit, member, True)
    else:
        self._units[unit] = self._pack(member)
    return member.strikes


@internal
def _sink(amount: uint256):
    """
    @notice Leaves an amount to the sink.
    """
    if amount > 0:
        self._due_to_sink += amount


@internal
@view
def _ticked() -> State:
    """
    @notice The state as of now: what joined in an epoch is ripe two epochs later.
    """
    word: uint256 = self._state
    state: State = State(
        units=word & _COUNT,
        middle=(word >> 32) & _COUNT,
        ripe=(word >> 64) & _COUNT,
        holes=(word >> 96) & _COUNT,
        filled=(word >> 128) & _FILLED,
        filled_before=(word >> 152) & _FILLED,
        epoch=(word >> 176) & _EPOCHS,
        draws=(word >> 196) & _DRAWS,
        freed=word >> 224,
    )
    now: uint256 = block.timestamp // EPOCH
    if now == state.epoch:
        return state

    state.holes -= state.filled_before
    state.filled_before = state.filled
    state.filled = 0
    state.ripe = state.middle
    state.middle = state.units
    if now > state.epoch + 1:
        state.holes -= state.filled_before
        state.filled_before = 0
        state.ripe = state.units
    state.epoch = now
    return state


@internal
def _write(state: State):
    """
    @notice Stores the state; all counts were bounded where they grow.
    """
    self._state = (
        state.units
        + (state.middle << 32)
        + (state.ripe << 64)
        + (state.holes << 96)
        + (state.filled << 128)
        + (state.filled_before << 152)
        + (state.epoch << 176)
        + (state.draws << 196)
        + (state.freed << 224)
    )


@internal
@pure
def _unpack(word: uint256) -> Unit:
    """
    @notice Reads a unit from its slot. A free number has no owner and nothing else.
    """
    owner: address = convert(word & _OWNER, address)
    if owner == empty(address):
        return empty(Unit)

    return Unit(
        owner=owner,
        joined=(word >> 160) & _EPOCHS,
        left=(word >> 180) & _TIME,
        strikes=(word >> 214) & 15,
        struck=(word >> 218) & _TIME,
    )


@internal
@pure
def _pack(member: Unit) -> uint256:
    """
    @notice Writes a unit into one word.
    """
    return (
        convert(member.owner, uint256)
        + (member.joined << 160)
        + (member.left << 180)
        + (member.strikes << 214)
        + (member.struck << 218)
    )
