# pragma version 0.4.3
"""
@title Census
@license MIT
@notice A test's bookkeeper: adds up everything a market says it owes, in one call.
"""


# @dev RoundView and Account are static, so they can be read as plain words.
interface ILens:
    def account(market: address, owner: address) -> uint256[9]: view
    def phase(market: address, round_id: uint256) -> (uint256, uint256): view
    def round(market: address, round_id: uint256) -> uint256[28]: view


interface ILabelRounds:
    def round_count() -> uint256: view
    def sink_balance() -> uint256: view


# @dev Places in the two above.
FREE: constant(uint256) = 0
LOCKED: constant(uint256) = 1
PRICE: constant(uint256) = 5
STAKE: constant(uint256) = 6
SEATS: constant(uint256) = 7
COMMITTED: constant(uint256) = 24
REVEALED: constant(uint256) = 25
GONE: constant(uint256) = 26
CLOSED: constant(uint256) = 5


struct Books:
    # of the owners
    free: uint256
    locked: uint256
    # pay of the rounds that are not closed
    escrow: uint256
    # stakes of the seats that nobody revealed, leaked or forfeited, or that wait for the close
    staked: uint256
    sink: uint256


LENS: immutable(ILens)


@deploy
def __init__(lens: address):
    """
    @param lens What it reads through.
    """
    LENS = ILens(lens)


@external
@view
def accounts(market: address, owners: DynArray[address, 1024]) -> DynArray[uint256[9], 1024]:
    """
    @notice Many accounts at once.
    @param market The contract.
    @param owners Whose.
    """
    found: DynArray[uint256[9], 1024] = []
    for owner: address in owners:
        found.append(staticcall LENS.account(market, owner))
    return found


@external
@view
def books(market: address, owners: DynArray[address, 1024]) -> Books:
    """
    @notice What a market owes.
    @param market The contract.
    @param owners All that ever had to do with it.
    """
    rounds: ILabelRounds = ILabelRounds(market)
    books: Books = empty(Books)
    for owner: address in owners:
        account: uint256[9] = staticcall LENS.account(market, owner)
        books.free += account[FREE]
        books.locked += account[LOCKED]

    count: uint256 = staticcall rounds.round_count()
    for i: uint256 in range(count, bound=1024):
        phase: uint256 = 0
        left: uint256 = 0
        phase, left = staticcall LENS.phase(market, i + 1)
        round: uint256[28] = staticcall LENS.round(market, i + 1)
        seats: uint256 = round[COMMITTED] - round[GONE]
        if phase == CLOSED:
            seats -= round[REVEALED]
        else:
            books.escrow += round[PRICE] * round[SEATS]
        books.staked += round[STAKE] * seats
    books.sink = staticcall rounds.sink_balance()
    return books
