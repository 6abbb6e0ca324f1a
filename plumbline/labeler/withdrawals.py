"""Signed withdrawals as files: what an owner without ether hands to a relayer.

version, chain_id, contract      which deployment
owner, amount, fee, receiver     who pays out how much of the free balance to whom (wei, as
                                 text); the fee, a part of the amount, is the relayer's
deadline, nonce                  until when (unix seconds), and after how many others
signature                        over all of it, see `protocol.withdrawal`
"""

import functools
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from plumbline.chain.call import Call
from plumbline.chain.contract import LabelRounds
from plumbline.chain.events import Withdrawn
from plumbline.chain.wallets import accepts, is_contract
from plumbline.errors import PlumblineError
from plumbline.files.text import parse_json, read_text
from plumbline.files.values import hex_bytes, integer
from plumbline.history.market import Market
from plumbline.labeler.identity import Labeler, WalletError
from plumbline.protocol.addresses import checksum
from plumbline.protocol.commitment import compact, recover
from plumbline.protocol.limits import MAX_SIGNATURE_BYTES
from plumbline.protocol.typed_data import Deployed, digest
from plumbline.protocol.withdrawal import SignedWithdrawal, Withdrawal
from plumbline.units import format_time

K = TypeVar("K")

_VERSION: Final = 1
_COMPACT: Final = 64  # bytes of a signature, as the contract takes it
_AMOUNTS: Final = ("amount", "fee")
_KEYS: Final = frozenset(
    {
        "version",
        "chain_id",
        "contract",
        "owner",
        "amount",
        "receiver",
        "fee",
        "deadline",
        "nonce",
        "signature",
    }
)


class WithdrawalError(PlumblineError):
    """A withdrawal that cannot be signed, or a file of one that cannot be used."""


@dataclass(frozen=True, slots=True)
class WithdrawalPlan(Generic[K]):
    """What relaying withdrawals takes, each by what it is known by: the file it is from.

    done       relayed before
    failures   why those that cannot be relayed cannot
    """

    calls: Mapping[K, Call]
    done: tuple[K, ...]
    failures: Mapping[K, str]


def plan_withdrawals(market: Market, signed: Mapping[K, SignedWithdrawal]) -> WithdrawalPlan[K]:
    """What is left to be relayed, as of now, and why not the others."""
    calls: dict[K, Call] = {}
    done: list[K] = []
    failures: dict[K, str] = {}
    listed: set[tuple[str, int]] = set()

    @functools.cache
    def paid() -> set[tuple[str, str, int, int]]:
        # Read once, and only if some nonce is used up.
        return {
            (event.account, event.receiver, event.amount, event.fee)
            for event in market.events()
            if isinstance(event, Withdrawn)
        }

    for key, each in signed.items():
        withdrawal = each.withdrawal
        due = market.contract.nonce(withdrawal.owner)
        terms = (withdrawal.owner, withdrawal.receiver, withdrawal.amount, withdrawal.fee)
        if withdrawal.nonce < due and terms in paid():
            # Somebody relayed it, or one that cannot be told from it.
            done.append(key)
        elif (withdrawal.owner, withdrawal.nonce) in listed:
            failures[key] = "another of these has its nonce: of those one can be relayed"
        elif withdrawal.nonce == due and (why := _hindrance(market, withdrawal)):
            failures[key] = why
        else:
            try:
                calls[key] = market.contract.withdraw_for(each)
            except PlumblineError as error:
                failures[key] = str(error)
            listed.add((withdrawal.owner, withdrawal.nonce))
    return WithdrawalPlan(calls, tuple(done), failures)


def _hindrance(market: Market, withdrawal: Withdrawal) -> str | None:
    """Why a withdrawal whose nonce is due cannot be relayed now, if it is known."""
    if market.node.now >= withdrawal.deadline:
        return (
            f"too late: it was good until {format_time(withdrawal.deadline)}, have it signed again"
        )
    free = market.contract.account(withdrawal.owner).free
    if free < withdrawal.amount:
        unit = market.unit
        return (
            f"{withdrawal.owner} has {unit.exact(free)} free and signed for "
            f"{unit.exact(withdrawal.amount)}"
        )
    return None


def next_withdrawal(
    contract: LabelRounds, owner: str, amount: int, receiver: str, fee: int, deadline: int
) -> Withdrawal:
    """The withdrawal that is an owner's to sign next. Raises WithdrawalError if the fee takes it
    all.
    """
    if fee >= amount:
        raise WithdrawalError(
            f"the fee of {contract.in_words(fee)} leaves nothing of {contract.in_words(amount)}"
        )
    nonce = contract.nonce(owner)
    return Withdrawal(owner, amount, checksum(receiver), fee, deadline, nonce)


def sign_withdrawal(
    contract: LabelRounds,
    labeler: Labeler,
    withdrawal: Withdrawal,
    wallet_signature: bytes | None = None,
) -> SignedWithdrawal:
    """Have an account, or a wallet contract's owner, sign a withdrawal of its own.

    `wallet_signature` is what the owners of a wallet signed elsewhere. Raises WithdrawalError if
    the account does not sign, WalletError if a wallet does not take it.
    """
    message = withdrawal.message(contract.deployment.deployed)
    signature = wallet_signature or labeler.account.sign_message(message)
    if signature is None:
        raise WithdrawalError(f"{labeler.name} cannot sign typed data: withdraw from the account")
    if labeler.is_wallet:
        if not accepts(contract.w3, labeler.address, digest(message), signature):
            raise WalletError(
                f"invalid signature for the wallet {labeler.address}: if it wants other owners, "
                "have them sign what --typed-data prints, and give it as --signature"
            )
        return SignedWithdrawal(withdrawal, signature)
    r, vs = compact(signature)
    return SignedWithdrawal(withdrawal, r + vs.to_bytes(32, "big"))


def is_signed_by_owner(contract: LabelRounds, signed: SignedWithdrawal) -> bool:
    """Whether an owner signed this withdrawal; a wallet contract is asked."""
    withdrawal = signed.withdrawal
    message = withdrawal.message(contract.deployment.deployed)
    if is_contract(contract.w3, withdrawal.owner):
        return accepts(contract.w3, withdrawal.owner, digest(message), signed.signature)
    if len(signed.signature) != _COMPACT:
        return False
    r, vs = compact(signed.signature)
    return recover(message, r, vs) == withdrawal.owner


def to_json(signed: SignedWithdrawal, deployed: Deployed) -> str:
    """The text of a file."""
    fields = asdict(signed.withdrawal)
    values = {
        "version": _VERSION,
        "chain_id": deployed.chain_id,
        "contract": deployed.address,
        **{name: str(value) if name in _AMOUNTS else value for name, value in fields.items()},
        "signature": "0x" + signed.signature.hex(),
    }
    return json.dumps(values, indent=2) + "\n"


def read(path: Path, deployed: Deployed) -> SignedWithdrawal:
    """The signed withdrawal of a file. Raises WithdrawalError. The contract checks it."""
    return parse(parse_json(read_text(path), str(path)), path, deployed)


def parse(values: Any, source: Path | str, deployed: Deployed) -> SignedWithdrawal:
    """As `read`, from the values of the file; `source` is what errors call it."""
    if not isinstance(values, Mapping) or set(values) != _KEYS or values["version"] != _VERSION:
        raise WithdrawalError(
            f"{source} is not a signed withdrawal of this version: `labeler withdraw --sign` makes "
            "one"
        )
    signed, here = _parsed(values, source)
    if here != deployed:
        raise WithdrawalError(
            f"{source} is for the contract {here.address} on chain {here.chain_id}, not "
            f"{deployed.address} on {deployed.chain_id}: relay it there"
        )
    return signed


def _parsed(values: Mapping[str, Any], source: Path | str) -> tuple[SignedWithdrawal, Deployed]:
    try:
        withdrawal = Withdrawal(
            owner=checksum(values["owner"]),
            amount=_amount(values["amount"]),
            receiver=checksum(values["receiver"]),
            fee=_amount(values["fee"]),
            deadline=integer(values["deadline"]),
            nonce=integer(values["nonce"]),
        )
        signature = hex_bytes(values["signature"], 1, MAX_SIGNATURE_BYTES)
        deployed = Deployed(integer(values["chain_id"]), checksum(values["contract"]))
    except (TypeError, ValueError, AttributeError, PlumblineError):
        raise WithdrawalError(f"{source} is damaged: have it signed again") from None
    return SignedWithdrawal(withdrawal, signature), deployed


def _amount(text: Any) -> int:
    if not isinstance(text, str) or not (text.isascii() and text.isdigit() and len(text) < 80):
        raise ValueError("not an amount")
    return int(text)
