# pragma version 0.4.3
"""
@title Accounts: who owns what, and how well each has worked
@license MIT
@notice One slot for each address holds its free and its locked balance and its
        record, so that settling a labeler writes one slot.

            free 88 | locked 88 | rounds 12 | near 12 | outlier 12 | unrevealed 12
            | kappa 14 | opened 9 | void 9                       (bits, from the low end)

        One asset, ether or one ERC-20. Money comes in and goes out only
        here; everything else moves it between the books. All that the contract
        can ever hold is bounded where it comes in, so no sum of balances
        outgrows its field and no credit can fail later on.
@custom:security Whatever calls out is behind one lock; a reentrant call finds
                 the books already written.
"""


from . import money
from . import outcomes

initializes: money


event Deposited:
    account: indexed(address)
    payer: indexed(address)
    amount: uint256


event Withdrawn:
    account: indexed(address)
    receiver: indexed(address)
    # what left the account, wei; the receiver got it less the fee
    amount: uint256
    # credited to whoever relayed it, wei
    fee: uint256
    relayer: address


event Swept:
    amount: uint256


# @dev A labeler's and a requester's history. Counts are halved together when the
#      first of them is full, so shares stay true and old history fades.
struct Account:
    # wei
    free: uint256
    # wei, the stakes of all seats held
    locked: uint256
    # rounds that ended for the labeler, however they did
    rounds: uint256
    near: uint256
    outlier: uint256
    # silent or leaked
    unrevealed: uint256
    # moving average of scores, the last one weighs an eighth; from 0, rounded down, bps
    kappa: uint256
    # rounds opened as a requester
    opened: uint256
    # of these, void or expired
    void: uint256


BPS: constant(uint256) = 10_000

# @dev The most that the contract holds of its asset, the width of `free`.
MOST: constant(uint256) = 2**88 - 1

# @dev Where the fields of a slot begin, bits.
_LOCKED: constant(uint256) = 88
_ROUNDS: constant(uint256) = 176
_NEAR: constant(uint256) = 188
_OUTLIER: constant(uint256) = 200
_UNREVEALED: constant(uint256) = 212
_KAPPA: constant(uint256) = 224
_OPENED: constant(uint256) = 238
_VOID: constant(uint256) = 247

# @dev The most that a labeler's counts, the average and a requester's counts hold.
_COUNT: constant(uint256) = 4_095
_AVERAGE: constant(uint256) = 16_383
_REQUESTER_COUNT: constant(uint256) = 511

# @dev An eighth of the average is new.
_MEMORY: constant(uint256) = 8


# @dev Where slashed money goes.
SINK: immutable(address)


# @dev What the sink may collect, wei.
sink_balance: uint256

# @dev The packed accounts.
_accounts: HashMap[address, uint256]


@deploy
def __init__(asset: address, sink: address):
    """
    @param asset The ERC-20 of this deployment, or zero for ether.
    @param sink Where slashed money goes; no participant should gain from it.
    """
    money.__init__(asset)
    assert sink != empty(address), "deploy: no sink"
    assert sink != self, "deploy: sink is this contract"
    SINK = sink


# ------------------------------------------------------------- money in and out


@external
@payable
@nonreentrant
def deposit(amount: uint256):
    """
    @notice Adds to the caller's free balance.
    @param amount Wei; ether is sent along, an ERC-20 must be approved.
    """
    self._deposit(msg.sender, amount)


@external
@payable
@nonreentrant
def deposit_for(account: address, amount: uint256):
    """
    @notice Adds to somebody else's free balance; the caller pays.
    @param account Whose balance grows.
    @param amount Wei; ether is sent along, an ERC-20 must be approved.
    """
    assert account != empty(address), "deposit: no account"
    self._deposit(account, amount)


@external
@nonreentrant
def withdraw(amount: uint256, receiver: address):
    """
    @notice Pays out free balance of the caller.
    @param amount Wei.
    @param receiver Who gets it, the caller or anyone else.
    """
    self._withdraw(msg.sender, amount, receiver, 0)


@external
@nonreentrant
def sweep():
    """
    @notice Pays out to the sink what was slashed. Anyone may call it.
    """
    amount: uint256 = self.sink_balance
    assert amount > 0, "sweep: nothing"
    self.sink_balance = 0
    log Swept(amount=amount)
    money._pay_out(SINK, amount)


@internal
@payable
def _deposit(account: address, amount: uint256):
    """
    @notice Takes the money and books it.
    """
    assert amount > 0, "deposit: nothing"
    money._collect(amount)
    assert money._held() <= MOST, "deposit: more than the books hold"
    self._credit(account, amount)
    log Deposited(account=account, payer=msg.sender, amount=amount)


@internal
def _withdraw(owner: address, amount: uint256, receiver: address, fee: uint256):
    """
    @notice Pays out free balance. The fee is credited to the caller, and not sent.
    @param owner Whose balance it is, who has agreed.
    @param amount Wei, with the fee.
    @param receiver Who gets it, less the fee.
    @param fee Wei.
    """
    assert amount > fee, "withdraw: nothing"
    assert receiver != empty(address), "withdraw: no receiver"
    self._debit(owner, amount)
    if fee > 0:
        self._credit(msg.sender, fee)
    log Withdrawn(
        account=owner, receiver=receiver, amount=amount, fee=fee, relayer=msg.sender
    )
    money._pay_out(receiver, unsafe_sub(amount, fee))


# ----------------------------------------------------------------- book entries


@internal
def _credit(owner: address, amount: uint256):
    """
    @notice Adds to a free balance, the lowest field of the slot.
    """
    account: uint256 = self._accounts[owner]
    assert (account & MOST) + amount <= MOST, "account: more than the books hold"
    self._accounts[owner] = account + amount


@internal
def _debit(owner: address, amount: uint256):
    """
    @notice Takes from a free balance.
    """
    account: uint256 = self._accounts[owner]
    assert account & MOST >= amount, "account: not enough free"
    self._accounts[owner] = account - amount


@internal
def _sink(amount: uint256):
    """
    @notice Leaves an amount to the sink.
    """
    if amount > 0:
        self.sink_balance += amount


@internal
def _lock(owner: address, stake: uint256) -> bool:
    """
    @notice Moves a stake from the free to the locked balance, if it is covered.
    @return bool Whether it was.
    """
    account: uint256 = self._accounts[owner]
    if account & MOST < stake:
        return False

    self._accounts[owner] = account - stake + (stake << _LOCKED)
    return True


@internal
def _release(owner: address, stake: uint256, outcome: outcomes.Outcome):
    """
    @notice Ends a seat: the stake comes free less the slash, the pay is credited
            and the record written.
    @param owner The labeler.
    @param stake The stake of the seat, wei.
    @param outcome How the seat ended.
    """
    account: uint256 = self._accounts[owner]
    freed: uint256 = stake - outcome.slash + outcome.pay
    assert (account & MOST) + freed <= MOST, "account: more than the books hold"
    if (account >> _ROUNDS) & _COUNT == _COUNT:
        account = self._fade(account)

    account = unsafe_add(account - (stake << _LOCKED) + freed, 1 << _ROUNDS)
    if outcome.band == outcomes.NEAR:
        account += 1 << _NEAR
    elif outcome.band == outcomes.OUTLIER:
        account += 1 << _OUTLIER
    elif outcome.band == outcomes.UNREVEALED:
        account += 1 << _UNREVEALED

    if outcome.band != outcomes.UNREVEALED and outcome.band != outcomes.VOID:
        average: uint256 = (account >> _KAPPA) & _AVERAGE
        latest: uint256 = min(outcome.kappa // 100, BPS)
        renewed: uint256 = unsafe_add(unsafe_mul(average, _MEMORY - 1), latest) // _MEMORY
        account ^= (average ^ renewed) << _KAPPA
    self._accounts[owner] = account


@internal
@pure
def _fade(word: uint256) -> uint256:
    """
    @notice Halves the counts of a labeler.
    """
    account: Account = self._unpack(word)
    account.rounds //= 2
    account.near //= 2
    account.outlier //= 2
    account.unrevealed //= 2
    return self._pack(account)


@internal
def _note_opened(requester: address):
    """
    @notice Counts a round in the record of its requester.
    """
    account: Account = self._unpack(self._accounts[requester])
    if account.opened == _REQUESTER_COUNT:
        account.opened //= 2
        account.void //= 2
    account.opened += 1
    self._accounts[requester] = self._pack(account)


@internal
def _note_void(requester: address):
    """
    @notice Counts a void round in the record of its requester.
    """
    account: Account = self._unpack(self._accounts[requester])
    account.void = min(account.void + 1, account.opened)
    self._accounts[requester] = self._pack(account)


# ---------------------------------------------------------------------- packing


@internal
@pure
def _unpack(word: uint256) -> Account:
    """
    @notice Reads an account from its slot.
    """
    return Account(
        free=word & MOST,
        locked=(word >> _LOCKED) & MOST,
        rounds=(word >> _ROUNDS) & _COUNT,
        near=(word >> _NEAR) & _COUNT,
        outlier=(word >> _OUTLIER) & _COUNT,
        unrevealed=(word >> _UNREVEALED) & _COUNT,
        kappa=(word >> _KAPPA) & _AVERAGE,
        opened=(word >> _OPENED) & _REQUESTER_COUNT,
        void=word >> _VOID,
    )


@internal
@pure
def _pack(account: Account) -> uint256:
    """
    @notice Writes an account into one word. Balances and counts are bounded where
            they grow.
    """
    return (
        account.free
        + (account.locked << _LOCKED)
        + (account.rounds << _ROUNDS)
        + (account.near << _NEAR)
        + (account.outlier << _OUTLIER)
        + (account.unrevealed << _UNREVEALED)
        + (account.kappa << _KAPPA)
        + (account.opened << _OPENED)
        + (account.void << _VOID)
    )
