# pragma version 0.4.3
"""
@title Proofs: book entries
@license MIT
@notice For `make proofs`. Every `check_` holds for all arguments: a solver looks for some that lead
        to the revert of {_claim}. An account is any word at all, so also ones that no history
        leads to; what is needed of it is asked for first.
"""


from ...contracts.modules import accounts
from ...contracts.modules import outcomes

initializes: accounts


@deploy
def __init__():
    accounts.__init__(empty(address), msg.sender)


@internal
@pure
def _claim(holds: bool):
    """
    @notice Reverts as the solver expects it of what is false: Panic(1).
    """
    if not holds:
        raw_revert(abi_encode(convert(1, uint256), method_id=method_id("Panic(uint256)")))


@internal
@pure
def _is_possible(account: accounts.Account) -> bool:
    """
    @notice What every entry keeps: the sum of balances is bounded (A2.2), and no part
            of a record exceeds the whole.
    """
    return (
        account.free + account.locked <= accounts.MOST
        and account.near + account.outlier + account.unrevealed <= account.rounds
        and account.void <= account.opened
    )


@internal
@pure
def _same_labeler(a: accounts.Account, b: accounts.Account) -> bool:
    return (
        a.rounds == b.rounds
        and a.near == b.near
        and a.outlier == b.outlier
        and a.unrevealed == b.unrevealed
        and a.kappa == b.kappa
    )


@internal
@pure
def _same_requester(a: accounts.Account, b: accounts.Account) -> bool:
    return a.opened == b.opened and a.void == b.void


@internal
@pure
def _same_balances(a: accounts.Account, b: accounts.Account) -> bool:
    return a.free == b.free and a.locked == b.locked


# The entries, as calls, so that a revert can be seen.


@external
def credit(owner: address, amount: uint256):
    accounts._credit(owner, amount)


@external
def debit(owner: address, amount: uint256):
    accounts._debit(owner, amount)


@external
def release(owner: address, stake: uint256, band: uint256, pay: uint256, slash: uint256):
    accounts._release(owner, stake, outcomes.Outcome(band=band, kappa=0, pay=pay, slash=slash))


# What holds of them.


@external
@view
def check_any_word_is_an_account(word: uint256):
    self._claim(accounts._pack(accounts._unpack(word)) == word)


@external
def check_a_credit_is_refused_or_booked_exactly(
    owner: address, other: address, word: uint256, others: uint256, amount: uint256
):
    if owner == other:
        return
    accounts._accounts[owner] = word
    accounts._accounts[other] = others
    done: bool = raw_call(
        self,
        abi_encode(owner, amount, method_id=method_id("credit(address,uint256)")),
        revert_on_failure=False,
    )
    free: uint256 = accounts._unpack(word).free
    self._claim(done == (amount <= accounts.MOST - free))
    expected: accounts.Account = accounts._unpack(word)
    if done:
        expected.free = free + amount
    self._claim(accounts._accounts[owner] == accounts._pack(expected))
    self._claim(accounts._accounts[other] == others)


@external
def check_a_debit_is_refused_or_booked_exactly(
    owner: address, other: address, word: uint256, others: uint256, amount: uint256
):
    if owner == other:
        return
    accounts._accounts[owner] = word
    accounts._accounts[other] = others
    done: bool = raw_call(
        self,
        abi_encode(owner, amount, method_id=method_id("debit(address,uint256)")),
        revert_on_failure=False,
    )
    free: uint256 = accounts._unpack(word).free
    self._claim(done == (amount <= free))
    expected: accounts.Account = accounts._unpack(word)
    if done:
        expected.free = free - amount
    self._claim(accounts._accounts[owner] == accounts._pack(expected))
    self._claim(accounts._accounts[other] == others)


@external
def check_a_lock_moves_a_stake_or_changes_nothing(owner: address, word: uint256, stake: uint256):
    before: accounts.Account = accounts._unpack(word)
    if not self._is_possible(before):
        return
    accounts._accounts[owner] = word
    locked: bool = accounts._lock(owner, stake)
    after: accounts.Account = accounts._unpack(accounts._accounts[owner])
    self._claim(locked == (stake <= before.free))
    if locked:
        self._claim(after.free == before.free - stake)
        self._claim(after.locked == before.locked + stake)
    else:
        self._claim(self._same_balances(before, after))
    self._claim(self._same_labeler(before, after) and self._same_requester(before, after))
    self._claim(self._is_possible(after))


@external
def check_a_release_frees_the_stake_less_the_slash_and_adds_the_pay(
    owner: address, word: uint256, stake: uint256, band: uint256, pay: uint256, slash: uint256
):
    """
    @notice Also that it cannot fail: nothing may stop a close. Of the bands, the two that
            leave the average of kappa alone: its division is beyond the solver.
    """
    before: accounts.Account = accounts._unpack(word)
    if not self._is_possible(before):
        return
    if band != outcomes.VOID and band != outcomes.UNREVEALED:
        return
    if stake > before.locked or slash > stake or pay > accounts.MOST:
        return
    if before.free + (stake - slash + pay) > accounts.MOST:
        return
    accounts._accounts[owner] = word
    done: bool = raw_call(
        self,
        abi_encode(
            owner,
            stake,
            band,
            pay,
            slash,
            method_id=method_id("release(address,uint256,uint256,uint256,uint256)"),
        ),
        revert_on_failure=False,
    )
    self._claim(done)
    after: accounts.Account = accounts._unpack(accounts._accounts[owner])
    self._claim(after.free == before.free + (stake - slash + pay))
    self._claim(after.locked == before.locked - stake)
    self._claim(self._same_requester(before, after))

    # A3.2, A3.3
    whole: uint256 = before.rounds
    near: uint256 = before.near
    outlier: uint256 = before.outlier
    unrevealed: uint256 = before.unrevealed
    if whole == 4_095:
        whole = 2_047
        near //= 2
        outlier //= 2
        unrevealed //= 2
    self._claim(after.rounds == whole + 1)
    self._claim(after.near == near and after.outlier == outlier and after.kappa == before.kappa)
    self._claim(after.unrevealed == unrevealed + convert(band == outcomes.UNREVEALED, uint256))


@external
def check_a_new_round_is_counted_for_its_requester_alone(owner: address, word: uint256):
    before: accounts.Account = accounts._unpack(word)
    if not self._is_possible(before):
        return
    accounts._accounts[owner] = word
    accounts._note_opened(owner)
    after: accounts.Account = accounts._unpack(accounts._accounts[owner])
    self._claim(self._same_balances(before, after) and self._same_labeler(before, after))
    self._claim(self._is_possible(after))
    if before.opened == 511:
        self._claim(after.opened == 256 and after.void == before.void // 2)
    else:
        self._claim(after.opened == before.opened + 1 and after.void == before.void)


@external
def check_a_void_round_is_counted_but_never_above_those_opened(owner: address, word: uint256):
    before: accounts.Account = accounts._unpack(word)
    if not self._is_possible(before):
        return
    accounts._accounts[owner] = word
    accounts._note_void(owner)
    after: accounts.Account = accounts._unpack(accounts._accounts[owner])
    self._claim(self._same_balances(before, after) and self._same_labeler(before, after))
    self._claim(after.opened == before.opened)
    self._claim(after.void == min(before.void + 1, before.opened))


@external
def check_the_sink_gains_what_it_is_left(owner: address, word: uint256, had: uint256, amount: uint256):
    if had > accounts.MOST or amount > accounts.MOST:
        return
    accounts._accounts[owner] = word
    accounts.sink_balance = had
    accounts._sink(amount)
    self._claim(accounts.sink_balance == had + amount)
    self._claim(accounts._accounts[owner] == word)
