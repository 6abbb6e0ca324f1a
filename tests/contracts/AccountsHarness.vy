# pragma version 0.4.3
"""
@title Accounts, for tests to keep
@license MIT
"""


from contracts.modules import accounts
from contracts.modules import outcomes

initializes: accounts


@deploy
def __init__():
    accounts.__init__(empty(address), msg.sender)


@external
def end_seats(owner: address, bands: DynArray[uint256, 128], kappas: DynArray[uint256, 128]):
    """
    @notice Ends so many seats without a stake, each in a band and with a kappa in ppm.
    """
    for i: uint256 in range(len(bands), bound=128):
        accounts._release(
            owner, 0, outcomes.Outcome(band=bands[i], kappa=kappas[i], pay=0, slash=0)
        )


@external
def note_rounds(requester: address, are_void: DynArray[bool, 128]):
    """
    @notice Opens so many rounds, of which some come to nothing.
    """
    for is_void: bool in are_void:
        accounts._note_opened(requester)
        if is_void:
            accounts._note_void(requester)


@external
@view
def account(owner: address) -> accounts.Account:
    return accounts._unpack(accounts._accounts[owner])
