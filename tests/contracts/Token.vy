# pragma version 0.4.3
"""
@title Token
@license MIT
@notice An ERC-20 for tests, well-behaved until it is told to misbehave.
"""


HONEST: constant(uint256) = 0
SAYS_NO: constant(uint256) = 1
REVERTS: constant(uint256) = 2
TAKES_A_FEE: constant(uint256) = 3
REENTERS: constant(uint256) = 4


balanceOf: public(HashMap[address, uint256])
allowance: public(HashMap[address, HashMap[address, uint256]])

# @dev One of the above.
manner: public(uint256)

# @dev What a reentering token calls.
target: address
data: Bytes[256]


@external
def mint(owner: address, amount: uint256):
    """
    @notice Makes money out of nothing.
    """
    self.balanceOf[owner] += amount


@external
def burn(owner: address, amount: uint256):
    """
    @notice Makes money vanish, as rebasing tokens do.
    """
    self.balanceOf[owner] -= amount


@external
def behave(manner: uint256):
    """
    @notice Sets the manner of what follows.
    """
    self.manner = manner


@external
def reenter(target: address, data: Bytes[256]):
    """
    @notice The next transfer calls the target.
    """
    self.manner = REENTERS
    self.target = target
    self.data = data


@external
def approve(spender: address, amount: uint256) -> bool:
    """
    @notice See ERC-20.
    """
    self.allowance[msg.sender][spender] = amount
    return True


@external
def transfer(receiver: address, amount: uint256) -> bool:
    """
    @notice See ERC-20.
    """
    return self._move(msg.sender, receiver, amount)


@external
def transferFrom(owner: address, receiver: address, amount: uint256) -> bool:
    """
    @notice See ERC-20.
    """
    self.allowance[owner][msg.sender] -= amount
    return self._move(owner, receiver, amount)


@internal
def _move(owner: address, receiver: address, amount: uint256) -> bool:
    assert self.manner != REVERTS, "token: no"
    if self.manner == SAYS_NO:
        return False
    if self.manner == REENTERS:
        self.manner = HONEST
        raw_call(self.target, self.data)

    self.balanceOf[owner] -= amount
    self.balanceOf[receiver] += amount
    if self.manner == TAKES_A_FEE:
        # whoever pays or is paid, the contract loses one more than it knows
        self.balanceOf[receiver] -= 1
        if owner == msg.sender:
            self.balanceOf[owner] -= 1
    return True
