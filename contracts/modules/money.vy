# pragma version 0.4.3
"""
@title Money: one asset, ether or an ERC-20, that comes in and goes out
@license MIT
@notice Whoever uses it keeps the books, and writes them before money goes out.
@custom:security It calls the token, or the receiver of ether. Callers lock themselves.
"""


from ethereum.ercs import IERC20


# @dev The ERC-20, or zero for ether.
ASSET: immutable(address)


@deploy
def __init__(asset: address):
    """
    @param asset The ERC-20, or zero for ether.
    """
    assert asset == empty(address) or asset.is_contract, "deploy: asset has no code"
    ASSET = asset


@internal
@payable
def _collect(amount: uint256):
    """
    @notice Takes an amount from the caller: ether was sent along, an ERC-20 is approved. A token
            must bring exactly what it was asked for: one that takes a fee is refused.
    """
    if ASSET == empty(address):
        assert msg.value == amount, "deposit: value is not the amount"
    else:
        assert msg.value == 0, "deposit: this deployment takes no ether"
        before: uint256 = staticcall IERC20(ASSET).balanceOf(self)
        moved: bool = extcall IERC20(ASSET).transferFrom(
            msg.sender, self, amount, default_return_value=True
        )
        assert moved, "deposit: token refused"
        arrived: uint256 = staticcall IERC20(ASSET).balanceOf(self)
        assert arrived == before + amount, "deposit: token took a fee"


@internal
def _pay_out(receiver: address, amount: uint256):
    """
    @notice Sends the asset. The books are written before.
    """
    if ASSET == empty(address):
        accepted: bool = raw_call(receiver, b"", value=amount, revert_on_failure=False)
        assert accepted, "withdraw: receiver refused"
    else:
        before: uint256 = staticcall IERC20(ASSET).balanceOf(self)
        moved: bool = extcall IERC20(ASSET).transfer(receiver, amount, default_return_value=True)
        assert moved, "withdraw: token refused"
        left: uint256 = staticcall IERC20(ASSET).balanceOf(self)
        assert left + amount == before, "withdraw: token took a fee"


@internal
@view
def _held() -> uint256:
    """
    @notice What the contract holds of its asset, wei.
    """
    if ASSET == empty(address):
        return self.balance

    return staticcall IERC20(ASSET).balanceOf(self)
