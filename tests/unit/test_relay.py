"""Only what applies is relayed, in as few transactions as fit; it is said why not the others."""

from dataclasses import replace

import pytest
from eth_account import Account
from eth_utils.crypto import keccak

from plumbline.chain.contract import MAX_RELAYED
from plumbline.labeler.consents import Consent
from plumbline.labeler.relay import plan_relay
from tests.unit.builders import (
    COMMIT,
    DEPLOYED,
    LABELERS,
    SMALL,
    Chain,
    StagedRound,
    person,
    small_round,
    terms,
)
from tests.unit.markets import MadeUpMarket

NAMES = tuple(f"labeler {number}" for number in range(6))
A, B, C, D, *_ = LABELERS


def consent(name: str, round_id: int = 1, stake: int = SMALL.stake, by: str = "") -> Consent:
    """Signed by somebody, or in the place of that name by another."""
    digest = keccak(text=f"{name} in {round_id}")
    unsigned = Consent(DEPLOYED, round_id, person(name), stake, digest, b"", (), b"", False)
    key = Account.from_key(keccak(text=by or name))
    return unsigned.with_signature(bytes(key.sign_message(unsigned.message).signature))


def market(staged: StagedRound, now: int = COMMIT - 1, free: int = SMALL.stake) -> MadeUpMarket:
    """Everybody has so much free."""
    return MadeUpMarket.of(staged.chain, now=now, free={person(name): free for name in NAMES})


def reasons(here: MadeUpMarket, *consents: Consent) -> list[str]:
    plan = plan_relay(here, consents)
    assert [each for batch in plan.batches for each in batch.consents] == [
        each for each in consents if each not in [skipped.consent for skipped in plan.skipped]
    ]
    return [skipped.reason for skipped in plan.skipped]


def test_what_applies_is_relayed_in_one_transaction_for_a_round() -> None:
    chain = Chain(deposits=False)
    first, _ = chain.open(SMALL), chain.open(SMALL)
    here = market(first, free=2 * SMALL.stake)
    given = [consent("labeler 0", 2), consent("labeler 0"), consent("labeler 1")]
    plan = plan_relay(here, given)
    assert [here.called(batch.call)[1]["round_id"] for batch in plan.batches] == [1, 2]
    assert [batch.consents for batch in plan.batches] == [tuple(given[1:]), (given[0],)]
    assert plan.skipped == ()


def test_what_has_landed_is_done_and_is_not_paid_for_again() -> None:
    staged = small_round()
    given = consent("labeler 0")
    staged.commit(A)
    staged.events[-1] = replace(staged.events[-1], commitment=given.commitment)
    (skipped,) = plan_relay(market(staged), [given]).skipped
    assert skipped.is_done
    assert f"landed already, in block {staged.events[-1].block}" in skipped.reason


def test_a_seat_that_is_taken_otherwise_is_not_taken_again() -> None:
    taken = small_round().commit(A)
    assert reasons(market(taken), consent("labeler 0")) == [
        "the seat is taken, by another commitment of this labeler"
    ]


def test_a_labeler_who_is_there_twice_is_relayed_once() -> None:
    again = replace(consent("labeler 0"), sealed=b"other")
    assert reasons(market(small_round()), consent("labeler 0"), again) == [
        "this labeler is listed twice"
    ]


def test_nothing_is_relayed_after_the_phase() -> None:
    here = market(small_round(), now=COMMIT)
    assert reasons(here, consent("labeler 0")) == ["the commit phase is over"]


def test_a_consent_to_another_stake_or_of_somebody_else_is_not_relayed() -> None:
    here = market(small_round(), free=2 * SMALL.stake)
    assert reasons(
        here,
        consent("labeler 0", stake=SMALL.stake + 1),
        consent("labeler 1", by="labeler 2"),
        replace(consent("labeler 3"), signature=b"\x01" * 65),
        consent("labeler 4"),
    ) == ["signed for another stake", "invalid signature", "invalid signature"]


def test_a_stake_is_covered_once_for_all_rounds_of_a_relay() -> None:
    chain = Chain(deposits=False)
    first, _ = chain.open(SMALL), chain.open(SMALL)
    here = market(first, free=2 * SMALL.stake - 1)
    (reason,) = reasons(here, consent("labeler 0"), consent("labeler 0", 2))
    assert "stake not covered: 0.000000000000000001 " in reason
    assert reasons(market(first, free=2 * SMALL.stake), consent("labeler 0", 2)) == []


def test_no_more_are_relayed_than_there_are_seats() -> None:
    staged = small_round().commit(A)
    given = [consent(name) for name in NAMES[1:]]
    assert reasons(market(staged), *given) == ["no seat is left"] * 2


def test_a_round_that_is_not_there_stops_no_other() -> None:
    here = market(small_round())
    assert reasons(here, consent("labeler 0"), consent("labeler 1", 7)) == ["there is no round 7"]


def test_more_than_fit_go_in_several_and_wallet_contracts_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("plumbline.chain.wallets.accepts", lambda *_: True)
    staged = StagedRound(terms(seats=255, stake=SMALL.stake))
    names = [f"number {number}" for number in range(MAX_RELAYED + 1)]
    given = [consent(name) for name in names]
    wallet = replace(consent("a wallet"), is_wallet=True)
    stakes = {person(name): SMALL.stake for name in (*names, "a wallet")}
    here = MadeUpMarket.of(staged.chain, now=COMMIT - 1, free=stakes)
    plan = plan_relay(here, [wallet, *given])
    assert [len(batch.consents) for batch in plan.batches] == [MAX_RELAYED, 1, 1]
    functions = [here.called(batch.call)[0] for batch in plan.batches]
    assert functions == ["commit_signed", "commit_signed", "commit_for_wallet"]


def test_a_wallet_contract_that_does_not_take_the_signature_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("plumbline.chain.wallets.accepts", lambda *_: False)
    wallet = replace(consent("labeler 0"), is_wallet=True)
    assert reasons(market(small_round()), wallet) == ["invalid signature"]
