"""Amounts in words, for sentences that a person reads before signing."""

from plumbline.protocol.addresses import ZERO

_ETHER = 10**18
_SHORT = 6  # more decimals than this are harder to read than the wei


def in_words(amount: int, asset: str) -> str:
    """`10000000000000000 wei (0.01 ether)`, or the units of an ERC-20.

    `amount` is in the smallest unit of `asset`, the ERC-20 or the zero address for ether. The
    ether is left out where it takes more than six decimals.
    """
    if asset != ZERO:
        return f"{amount} units of token {asset}"
    words = f"{amount} wei"
    whole, rest = divmod(amount, _ETHER)
    decimals = f"{rest:018d}".rstrip("0")
    if amount == 0 or len(decimals) > _SHORT:
        return words
    return f"{words} ({whole}{'.' if decimals else ''}{decimals} ether)"
