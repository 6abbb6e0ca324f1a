# pragma version 0.4.3
"""
@title Bomb
@license MIT
@notice Forces ether upon a contract that takes none.
"""


@deploy
@payable
def __init__(target: address):
    """
    @param target Whoever gets the ether.
    """
    selfdestruct(target)
