# pragma version 0.4.3
"""
@title Quiet token
@license MIT
@notice An ERC-20 as some of the oldest are: it moves money and returns nothing, and an allowance
        is not changed but from or to zero.
"""


event Transfer:
    owner: indexed(address)
    receiver: indexed(address)
    amount: uint256


decimals: public(constant(uint8)) = 6
symbol: public(constant(String[5])) = "QUIET"

balanceOf: public(HashMap[address, uint256])
allowance: public(HashMap[address, HashMap[address, uint256]])


@external
def mint(owner: address, amount: uint256):
    """
    @notice Makes money out of nothing.
    """
    self.balanceOf[owner] += amount


@external
def approve(spender: address, amount: uint256):
    """
    @notice See ERC-20.
    """
    assert amount == 0 or self.allowance[msg.sender][spender] == 0, "token: allowance is in use"
    self.allowance[msg.sender][spender] = amount


@external
def transfer(receiver: address, amount: uint256):
    """
    @notice See ERC-20.
    """
    self.balanceOf[msg.sender] -= amount
    self.balanceOf[receiver] += amount
    log Transfer(owner=msg.sender, receiver=receiver, amount=amount)


@external
def transferFrom(owner: address, receiver: address, amount: uint256):
    """
    @notice See ERC-20.
    """
    self.allowance[owner][msg.sender] -= amount
    self.balanceOf[owner] -= amount
    self.balanceOf[receiver] += amount
    log Transfer(owner=owner, receiver=receiver, amount=amount)
