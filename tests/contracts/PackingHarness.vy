# pragma version 0.4.3
"""
@title Words and what they hold
@license MIT
@notice For tests: packs and unpacks what is stored or handed over in one word.
"""


from contracts.interfaces import IJudge
from contracts.modules import accounts
from contracts.modules import outcomes
from contracts.modules import rounds

initializes: accounts


@deploy
def __init__():
    accounts.__init__(empty(address), msg.sender)


@external
@view
def pack_account(account: accounts.Account) -> uint256:
    return accounts._pack(account)


@external
@view
def unpack_account(word: uint256) -> accounts.Account:
    return accounts._unpack(word)


@external
@view
def fade(word: uint256) -> uint256:
    return accounts._fade(word)


@external
@view
def pack_status(status: rounds.Status) -> uint256:
    return rounds._pack(status)


@external
@view
def unpack_status(word: uint256) -> rounds.Status:
    return rounds._unpack(word)


@external
@view
def pack_rules(rules: IJudge.Rules) -> uint256:
    return rounds._pack_rules(rules)


@external
@view
def unpack_rules(word: uint256, status: rounds.Status) -> IJudge.Rules:
    return rounds._unpack_rules(word, status)


@external
@view
def price(word: uint256) -> uint256:
    return rounds._price(word)


@external
@view
def refund_bps(word: uint256) -> uint256:
    return rounds._refund_bps(word)


@external
@view
def slash_max_bps(word: uint256) -> uint256:
    return rounds._slash_max_bps(word)


@external
@view
def pack_outcome(outcome: outcomes.Outcome) -> uint256:
    return outcomes._pack(outcome)


@external
@view
def unpack_outcome(word: uint256) -> outcomes.Outcome:
    return outcomes._unpack(word)
