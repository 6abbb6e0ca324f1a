"""A signed withdrawal is relayed once, in time, and by nobody in another way than it was signed."""

import json
from pathlib import Path

import pytest

from plumbline.labeler.identity import Labeler
from plumbline.labeler.withdrawals import (
    WithdrawalError,
    WithdrawalPlan,
    next_withdrawal,
    plan_withdrawals,
    read,
    sign_withdrawal,
    to_json,
)
from plumbline.protocol.withdrawal import SignedWithdrawal
from tests.unit.builders import DEPLOYED, STRANGER, Chain
from tests.unit.markets import MadeUpMarket, Wallet

ME = Wallet("me")
UNTIL = 1_900_000_000  # unix seconds
FILE, OTHER = Path("one.json"), Path("other.json")


def market(chain: Chain | None = None, now: int = UNTIL - 1, free: int = 1_000) -> MadeUpMarket:
    return MadeUpMarket.of(chain or Chain(), now=now, free={ME.address: free})


def signed(here: MadeUpMarket, amount: int = 1_000, fee: int = 10) -> SignedWithdrawal:
    withdrawal = next_withdrawal(here.contract, ME.address, amount, STRANGER, fee, UNTIL)
    return sign_withdrawal(here.contract, Labeler(ME, ME.address), withdrawal)


def plan(here: MadeUpMarket, *given: SignedWithdrawal) -> WithdrawalPlan:
    return plan_withdrawals(here, dict(zip((FILE, OTHER), given, strict=False)))


def relayed(chain: Chain, each: SignedWithdrawal) -> None:
    """As on the chain."""
    said = each.withdrawal
    chain.withdraw(said.owner, said.amount, said.receiver, said.fee, STRANGER)


def test_the_call_says_what_was_signed() -> None:
    here = market()
    each = signed(here)
    (call,) = plan(here, each).calls.values()
    name, arguments = here.called(call)
    assert name == "withdraw_for"
    said = each.withdrawal
    assert {key: arguments[key] for key in ("amount", "fee", "deadline")} == {
        "amount": 1_000,
        "fee": 10,
        "deadline": UNTIL,
    }
    assert (arguments["owner"], arguments["receiver"]) == (said.owner, STRANGER)
    assert arguments["signature"] == each.signature
    assert len(each.signature) == 64


def test_it_is_in_time_before_its_deadline_and_not_at_it() -> None:
    each = signed(market())
    assert plan(market(now=UNTIL - 1), each).failures == {}
    late = plan(market(now=UNTIL), each)
    assert not late.calls and late.failures[FILE].startswith("too late: it was good until")


def test_a_balance_that_does_not_cover_it_is_named() -> None:
    each = signed(market())
    assert plan(market(free=1_000), each).failures == {}
    assert "signed for" in plan(market(free=999), each).failures[FILE]


def test_what_was_relayed_is_done_and_no_failure() -> None:
    chain = Chain()
    each = signed(market())
    relayed(chain, each)
    assert plan(market(chain, free=0), each) == WithdrawalPlan({}, (FILE,), {})


def test_one_whose_nonce_another_has_used_is_a_failure() -> None:
    chain = Chain()
    each, other = signed(market()), signed(market(), amount=500)
    relayed(chain, other)
    assert "signed with nonce 0 and 1 is due" in plan(market(chain), each).failures[FILE]


def test_of_two_with_one_nonce_the_first_is_relayed() -> None:
    here = market()
    result = plan(here, signed(here), signed(here, amount=500))
    assert list(result.calls) == [FILE]
    assert list(result.failures) == [OTHER]


def test_a_fee_of_all_is_not_signed() -> None:
    here = market()
    assert signed(here, amount=11, fee=10).withdrawal.fee == 10
    with pytest.raises(WithdrawalError, match="leaves nothing of"):
        signed(here, amount=10, fee=10)


def test_a_file_holds_what_was_signed(tmp_path: Path) -> None:
    each, path = signed(market()), tmp_path / "withdrawal.json"
    path.write_text(to_json(each, DEPLOYED))
    assert read(path, DEPLOYED) == each


@pytest.mark.parametrize(
    "changes",
    [
        *({key: value} for key in ("amount", "fee") for value in (5, "-5", "x", "", "9" * 80)),
        *({key: value} for key in ("owner", "receiver") for value in ("0x12", 7, None)),
        *({key: value} for key in ("deadline", "nonce") for value in ("7", True, 1.0, None)),
        *({"signature": value} for value in ("0x", "0x1", "0x" + "00" * 1_025, None)),
    ],
)
def test_a_damaged_file_is_not_relayed(tmp_path: Path, changes: dict[str, object]) -> None:
    path = tmp_path / "withdrawal.json"
    path.write_text(json.dumps(json.loads(to_json(signed(market()), DEPLOYED)) | changes))
    with pytest.raises(WithdrawalError, match="is damaged: have it signed again"):
        read(path, DEPLOYED)


def test_a_file_that_is_none_of_ours_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "withdrawal.json"
    values = json.loads(to_json(signed(market()), DEPLOYED))
    for given in ([], {}, values | {"more": 1}, values | {"version": 2}):
        path.write_text(json.dumps(given))
        with pytest.raises(WithdrawalError, match="is not a signed withdrawal of this version"):
            read(path, DEPLOYED)
    path.write_text(json.dumps(values | {"chain_id": 1}))
    with pytest.raises(WithdrawalError, match="on chain 1, not"):
        read(path, DEPLOYED)
