"""Withdrawals that their owner signs and anybody may relay, for a fee out of the amount."""

from dataclasses import dataclass
from typing import Any, Final

from eth_account.messages import SignableMessage, encode_typed_data

from plumbline.protocol.addresses import checksum
from plumbline.protocol.typed_data import Deployed, typed_data

_FIELDS: Final = (
    ("owner", "address"),
    ("amount", "uint256"),
    ("receiver", "address"),
    ("fee", "uint256"),
    ("deadline", "uint256"),
    ("nonce", "uint256"),
)


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What is signed.

    amount      leaves the free balance of `owner`, smallest unit
    fee         of these, for whoever relays it; the receiver gets the rest
    deadline    until when it may be relayed, unix seconds: t < deadline is in time
    nonce       how many withdrawals of the owner were relayed before
    """

    owner: str
    amount: int
    receiver: str
    fee: int
    deadline: int
    nonce: int

    def typed_data(self, deployed: Deployed) -> dict[str, Any]:
        """As wallets show it, EIP-712; numbers as text, since a wallet reads them as doubles."""
        values = {
            "owner": checksum(self.owner),
            "amount": str(self.amount),
            "receiver": checksum(self.receiver),
            "fee": str(self.fee),
            "deadline": str(self.deadline),
            "nonce": str(self.nonce),
        }
        return typed_data(deployed, "Withdrawal", _FIELDS, values)

    def message(self, deployed: Deployed) -> SignableMessage:
        """What an account signs."""
        return encode_typed_data(full_message=self.typed_data(deployed))


@dataclass(frozen=True, slots=True)
class SignedWithdrawal:
    """A withdrawal with its signature: 64 bytes, r and vs (EIP-2098), of an account; whatever a
    wallet contract takes for one.
    """

    withdrawal: Withdrawal
    signature: bytes
