"""What a site decides: what it takes, what it refuses, and what it keeps of it."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from eth_utils.crypto import keccak

from plumbline.chain.call import Call, Receipt
from plumbline.files.private import StorageError
from plumbline.keeper.activity import Tick
from plumbline.keeper.relay_decisions import HeldCommitment
from plumbline.labeler import consents, delegated_reveals, withdrawals
from plumbline.labeler.consents import Consent
from plumbline.protocol.commitment import commitment, compact
from plumbline.protocol.withdrawal import SignedWithdrawal, Withdrawal
from plumbline.settlement.sheet import pack
from plumbline.site.errors import RequestError
from plumbline.site.inbox import Inbox
from plumbline.site.service import Site, SiteSettings
from plumbline.transactions.senders import Refused, Reverted
from tests.unit.builders import (
    COMMIT,
    DEPLOYED,
    GENESIS,
    LABELERS,
    OPENED,
    REVEAL,
    SMALL,
    Chain,
    StagedRound,
    delegated_reveal,
    labeler,
)
from tests.unit.markets import MadeUpMarket
from tests.waiting import wait_until

A, B, C, D, E, F = LABELERS
CONFIRMATIONS = 5


@dataclass
class Bench:
    """A site on made-up events, whose keeper looks when a test says so."""

    folder: Path
    chain: Chain = field(default_factory=lambda: Chain(deposits=False))
    is_local: bool = False
    fee: int | None = 10
    log: list[dict[str, Any]] = field(default_factory=list)
    woken: int = 0

    def __post_init__(self) -> None:
        self.round = StagedRound(SMALL, chain=self.chain)
        self.market = MadeUpMarket.of(self.chain, self.is_local, now=OPENED + 10)
        self.start()

    def start(self) -> None:
        """As after a restart: nothing but the folder is known."""
        self.inbox = Inbox(self.folder, DEPLOYED, GENESIS)
        settings = SiteSettings(A, CONFIRMATIONS, self.fee, (self.folder / "published",))
        self.site = Site(self.market, self.inbox, settings, self._wake, self._log)

    def look(self, unseated: Sequence[HeldCommitment] = (), head: int | None = None) -> None:
        """A look at the chain, at the time that the node tells."""
        facts = self.market.facts
        rounds = {each.round_id: each for each in self.market.histories()}
        end = self.chain.block if head is None else head
        self.site.after_tick(
            Tick(
                *(end, facts.now, Counter(), 0, 0, 0, (), (), 0, None, None),
                unseated=tuple(unseated),
                now=facts.now,
                rounds=rounds,
            )
        )

    def refusal(self, take: Any, text: str) -> RequestError:
        with pytest.raises(RequestError) as caught:
            take(json.loads(text))
        return caught.value

    def kept(self) -> list[str]:
        """Names of all files."""
        return sorted(path.name for path in self.folder.rglob("*") if path.is_file())

    def _wake(self) -> None:
        self.woken += 1

    def _log(self, level: str, message: str, **fields: object) -> None:
        self.log.append({"level": level, "message": message, **fields})


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    made = Bench(tmp_path / "site")
    made.look()
    return made


def key_of(number: int) -> Any:
    return Account.from_key(keccak(text=f"labeler {number}"))


def signed(number: int = 0, round_id: int = 1, **more: Any) -> Consent:
    """What a labeler signed."""
    values = {
        "stake": SMALL.stake,
        "commitment": delegated_reveal(labeler(number), round_id).commitment,
        "sealed": b"",
        "evidence": (),
        "signature": b"\x01" * 65,
        "is_wallet": False,
        **more,
    }
    consent = Consent(DEPLOYED, round_id, labeler(number), **values)
    return consent.with_signature(bytes(key_of(number).sign_message(consent.message).signature))


def pay_in(bench: Bench, *labelers: str) -> None:
    bench.market.facts.free |= dict.fromkeys(labelers, SMALL.stake)


# ------------------------------------------------------------------------ commitments


def test_a_commitment_is_on_the_disk_before_it_is_acknowledged_and_known_after_a_restart(
    bench: Bench,
) -> None:
    pay_in(bench, A)
    consent = bench.site.take_commitment(json.loads(consents.to_json(signed())))
    (name,) = bench.kept()
    assert name.startswith(f"round-1-{A}-") and bench.woken == 1
    assert bench.site.seated(consent) is None
    bench.start()
    bench.look([HeldCommitment(consent, "the unit stands by", 77)])
    shown = bench.site.round(1, A)["you"]
    assert shown["held"] == {
        "reason": "the unit stands by",
        "until": 77,
        "remedy": "nothing: it is kept here and relayed as soon as the round takes it",
    }
    assert bench.site.held_answer(consent)["status"] == "held"
    bench.round.commit(A)
    bench.look()
    landed = bench.site.seated(consent)
    assert landed is not None and landed.block == bench.chain.block
    assert bench.site.round(1, A)["you"]["held"] is None


def test_what_cannot_be_relayed_is_refused_and_not_kept(bench: Bench) -> None:
    take = bench.site.take_commitment
    free = bench.refusal(take, consents.to_json(signed()))
    assert free.status is HTTPStatus.CONFLICT and str(free).startswith("stake not covered")
    pay_in(bench, A, B)
    forged = replace(signed(), signature=signed(1).signature)
    assert str(bench.refusal(take, consents.to_json(forged))) == "invalid signature"
    dear = signed(stake=SMALL.stake + 1)
    assert "another stake" in str(bench.refusal(take, consents.to_json(dear)))
    absent = bench.refusal(take, consents.to_json(signed(round_id=7)))
    assert absent.status is HTTPStatus.NOT_FOUND
    elsewhere = json.loads(consents.to_json(signed())) | {"chain_id": 5}
    assert "is for chain 5" in str(bench.refusal(take, json.dumps(elsewhere)))
    for garbage in ("[]", "null", '{"version": 1}', "7", f'"{A}"'):
        assert bench.refusal(take, garbage).status is HTTPStatus.BAD_REQUEST
    bench.market.facts.now = COMMIT
    bench.look()
    assert "commit phase is over" in str(bench.refusal(take, consents.to_json(signed())))
    assert bench.kept() == [] and bench.woken == 0


def test_one_stake_covers_one_of_the_rounds_that_wait(bench: Bench) -> None:
    StagedRound(SMALL, chain=bench.chain)
    bench.look()
    pay_in(bench, A)
    bench.site.take_commitment(json.loads(consents.to_json(signed())))
    second = consents.to_json(signed(round_id=2))
    assert "stake not covered" in str(bench.refusal(bench.site.take_commitment, second))
    # Once the first has its seat, what is free is what the chain says.
    bench.round.commit(A)
    bench.look()
    bench.site.take_commitment(json.loads(second))


def hand_in(bench: Bench, *several: Consent) -> None:
    for consent in several:
        bench.site.take_commitment(json.loads(consents.to_json(consent)))


def test_what_a_labeler_signs_anew_takes_the_place_of_what_is_held(bench: Bench) -> None:
    pay_in(bench, A)
    first, second = signed(), signed(commitment=b"\x05" * 32)
    hand_in(bench, first, second, second)
    assert bench.inbox.signed_for(1, A) == [second] and len(bench.kept()) == 1
    # The keeper drops the first for good: that is nothing to the second.
    bench.look([HeldCommitment(first, "never", is_final=True)])
    with pytest.raises(RequestError):
        bench.site.seated(first)
    assert bench.inbox.signed_for(1, A) == [second]
    bench.look([HeldCommitment(second, "never", is_final=True)])
    with pytest.raises(RequestError, match="never"):
        bench.site.seated(second)
    assert bench.kept() == []


def test_worthless_evidence_of_a_stranger_does_not_take_the_place_of_good(bench: Bench) -> None:
    pay_in(bench, A)
    good = signed(evidence=(b"\x01" * 32,))
    worthless = [replace(good, evidence=(bytes([7 + place]) * 32,)) for place in range(9)]
    hand_in(bench, good, *worthless)
    for _ in range(2):
        kept = bench.inbox.signed_for(1, A)
        assert good in kept and worthless[-1] in kept and len(kept) == len(bench.kept()) == 3
        bench.start()


def test_a_full_inbox_drops_first_what_no_stake_covers_any_more(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plumbline.site.inbox._MOST", 2)
    pay_in(bench, A, B, C)
    hand_in(bench, signed(0), signed(1))
    full = bench.refusal(bench.site.take_commitment, consents.to_json(signed(2)))
    assert full.status is HTTPStatus.INSUFFICIENT_STORAGE
    bench.market.facts.free[B] = 0
    hand_in(bench, signed(2))
    assert [bool(bench.inbox.signed_for(1, who)) for who in (A, B, C)] == [True, False, True]


def test_commitments_go_once_the_phase_is_over_for_good(bench: Bench) -> None:
    pay_in(bench, A)
    bench.site.take_commitment(json.loads(consents.to_json(signed())))
    bench.round.commit(A, B, C, D)
    bench.look(head=bench.chain.block + CONFIRMATIONS - 1)
    assert bench.kept() != []  # a reorganisation may free the seat again
    bench.look(head=bench.chain.block + CONFIRMATIONS)
    assert bench.kept() == []


def test_a_full_disk_is_said_and_nothing_is_acknowledged(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise StorageError("cannot be written (No space left on device)")

    monkeypatch.setattr("plumbline.site.inbox.write_over", full)
    pay_in(bench, A)
    error = bench.refusal(bench.site.take_commitment, consents.to_json(signed()))
    assert error.status is HTTPStatus.INSUFFICIENT_STORAGE
    assert bench.inbox.signed_for(1, A) == []


# ------------------------------------------------------------------------ openings


def opening(who: str = A) -> str:
    return delegated_reveals.to_json(delegated_reveal(who))


def test_answers_are_not_even_kept_before_they_may_be_shown(bench: Bench) -> None:
    take = bench.site.take_opening
    assert "others may still commit" in str(bench.refusal(take, opening()))
    bench.round.commit(A, B, C, D)
    bench.look(head=bench.chain.block + CONFIRMATIONS - 1)
    early = bench.refusal(take, opening())
    assert early.status is HTTPStatus.CONFLICT and "1 more blocks must pass" in str(early)
    assert bench.kept() == []
    bench.look(head=bench.chain.block + CONFIRMATIONS)
    take(json.loads(opening()))
    (name,) = bench.kept()
    assert name.endswith(f"round-1-{A}.json") and bench.woken == 1
    salt = json.loads(opening())["salt"][2:]
    assert salt not in json.dumps(bench.log, default=str)


def test_answers_are_kept_until_the_round_is_over_for_good(bench: Bench) -> None:
    bench.round.commit(A, B, C)
    bench.market.facts.now = COMMIT
    bench.look()
    bench.site.take_opening(json.loads(opening()))
    bench.start()
    bench.look()
    assert bench.site.round(1, A)["you"]["opening_kept"] is True
    bench.round.reveal(A, B, C)
    bench.look()
    taken = bench.site.take_opening(json.loads(opening()))
    assert bench.site.revealed(taken) is not None
    bench.round.close()
    bench.look(head=bench.chain.block + CONFIRMATIONS - 1)
    assert bench.kept() != []
    bench.look(head=bench.chain.block + CONFIRMATIONS)
    assert bench.kept() == []
    settled = bench.site.round(1, A)["you"]["seat"]["settled"]
    assert settled["band"] and settled["reason"] and settled["pay"].isdigit()


def test_answers_that_open_no_seat_are_refused(bench: Bench) -> None:
    bench.round.commit(A, B, C)
    bench.market.facts.now = COMMIT
    bench.look()
    take = bench.site.take_opening
    assert "has no seat in round 1" in str(bench.refusal(take, opening(E)))
    other_answers = delegated_reveal(B, round_id=1)
    salt = b"\x09" * 32
    domain, sheet = DEPLOYED.domain, pack(other_answers.answers, other_answers.options)
    consistent = replace(other_answers, salt=salt, commitment=commitment(domain, 1, B, sheet, salt))
    reply = bench.refusal(take, delegated_reveals.to_json(consistent))
    assert "has another commitment in round 1" in str(reply)
    altered = json.loads(opening()) | {"salt": "0x" + "09" * 32}
    assert "does not hash" in str(bench.refusal(take, json.dumps(altered)))
    other = json.loads(opening()) | {"genesis": "0x" + "08" * 32}
    assert "another chain" in str(bench.refusal(take, json.dumps(other)))
    for garbage in ("[]", "null", "7", '{"version": 2}'):
        assert bench.refusal(take, garbage).status is HTTPStatus.BAD_REQUEST
    bench.round.forfeit(B)
    bench.look()
    assert "slashed" in str(bench.refusal(take, opening(B)))
    bench.market.facts.now = REVEAL
    bench.look()
    assert "too late" in str(bench.refusal(take, opening()))
    assert bench.kept() == []


# ------------------------------------------------------------------------ money


def withdrawal(nonce: int = 0, fee: int = 10, signer: int = 0) -> str:
    asked = Withdrawal(A, 100, A, fee, COMMIT, nonce)
    r, vs = compact(bytes(key_of(signer).sign_message(asked.message(DEPLOYED)).signature))
    return withdrawals.to_json(SignedWithdrawal(asked, r + vs.to_bytes(32, "big")), DEPLOYED)


def sends(sent: list[Call]) -> Any:
    def send(call: Call) -> Receipt:
        sent.append(call)
        return Receipt("0x" + "77" * 32, 9, 50_000, 7, ())

    return send


def test_a_withdrawal_is_relayed_once_and_waits_on_the_disk_until_it_is(bench: Bench) -> None:
    pay_in(bench, A)
    take = bench.site.take_withdrawal
    _, first = take(json.loads(withdrawal()))
    _, again = take(json.loads(withdrawal()))
    assert first is again and len(bench.kept()) == 1
    bench.start()  # killed before it was sent: it waits all the same
    sent: list[Call] = []
    bench.site.before_tick(sends(sent))
    assert len(sent) == 1 and bench.kept() == []
    bench.site.before_tick(sends(sent))
    assert len(sent) == 1


def test_a_withdrawal_that_landed_before_a_crash_is_not_sent_again(bench: Bench) -> None:
    pay_in(bench, A)
    bench.site.take_withdrawal(json.loads(withdrawal()))
    bench.chain.withdraw(A, 100, fee=10, relayer=B)
    bench.start()
    sent: list[Call] = []
    bench.site.before_tick(sends(sent))
    assert sent == [] and bench.kept() == []


def test_a_withdrawal_that_pays_too_little_or_is_not_due_is_refused(bench: Bench) -> None:
    bench.look()
    take = bench.site.take_withdrawal
    assert "below the" in str(bench.refusal(take, withdrawal(fee=9)))
    assert "the next is 0" in str(bench.refusal(take, withdrawal(nonce=1)))
    forged = bench.refusal(take, withdrawal(signer=1))
    assert "not signed by" in str(forged) and bench.kept() == []
    bench.chain.withdraw(A, 100, fee=10, relayer=B)
    assert "was relayed already" in str(bench.refusal(take, withdrawal()))
    assert bench.kept() == []


def test_one_failure_is_told_to_who_asked_and_the_next_goes_out(bench: Bench) -> None:
    pay_in(bench, A)
    _, outcome = bench.site.take_withdrawal(json.loads(withdrawal()))

    def refuse(call: Call) -> Receipt:
        raise Refused("nothing was sent: no")

    bench.site.before_tick(refuse)
    assert isinstance(outcome.exception(), Refused) and bench.kept() == []


def test_who_made_the_site_pay_for_a_withdrawal_in_vain_does_not_do_so_twice(bench: Bench) -> None:
    pay_in(bench, A)

    def revert(call: Call) -> Receipt:
        raise Reverted("it failed", "0x" + "77" * 32)

    bench.site.take_withdrawal(json.loads(withdrawal()))
    bench.site.before_tick(revert)
    again = bench.refusal(bench.site.take_withdrawal, withdrawal())
    assert "failed in a block" in str(again) and again.status is HTTPStatus.CONFLICT


def test_a_site_may_relay_no_withdrawals(tmp_path: Path) -> None:
    bench = Bench(tmp_path, fee=None)
    error = bench.refusal(bench.site.take_withdrawal, withdrawal())
    assert error.status is HTTPStatus.FORBIDDEN
    assert bench.site.about()["withdrawal_fee"] is None


def test_the_faucet_and_the_node_are_for_local_chains(bench: Bench, tmp_path: Path) -> None:
    call = '{"jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": []}'
    gift = json.dumps({"labeler": B})
    assert bench.refusal(bench.site.take_gift, gift).status is HTTPStatus.NOT_FOUND
    assert bench.refusal(bench.site.ask_node, call).status is HTTPStatus.NOT_FOUND
    local = Bench(tmp_path / "local", is_local=True)
    local.look()
    assert local.site.ask_node(json.loads(call))["result"] == hex(DEPLOYED.chain_id)
    for method in ("eth_sendRawTransaction", "anvil_setBalance", "evm_mine", "eth_accounts", 7):
        asked = json.dumps({"method": method})
        assert local.refusal(local.site.ask_node, asked).status is HTTPStatus.BAD_REQUEST
    who, outcome = local.site.take_gift(json.loads(gift))
    sent: list[Call] = []
    local.site.before_tick(sends(sent))
    assert who == B and sent[0].value == SMALL.stake and outcome.result() is not None
    pay_in(local, B)
    assert local.site.take_gift(json.loads(gift)) == (B, None)
    for garbage in ("[]", "null", "{}", '{"labeler": 7}', '{"labeler": "0x12"}'):
        assert local.refusal(local.site.take_gift, garbage).status is HTTPStatus.BAD_REQUEST


# ------------------------------------------------------------------------ what is answered


def test_before_the_first_look_nothing_is_made_up(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="only just started"):
        Bench(tmp_path).site.rounds(None)


def test_an_old_look_is_not_decided_by(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.site.rounds(None)
    monkeypatch.setattr("plumbline.site.service._STALE", -1.0)
    with pytest.raises(RequestError, match="node does not answer"):
        bench.site.take_commitment(json.loads(consents.to_json(signed())))


def test_a_labeler_is_told_of_open_rounds_and_of_those_it_has_a_seat_in(bench: Bench) -> None:
    bench.round.commit(A, B, C, D)
    StagedRound(SMALL, chain=bench.chain)
    bench.look()
    numbers = [each["round"] for each in bench.site.rounds(None)["rounds"]]
    own = [each["round"] for each in bench.site.rounds(A)["rounds"]]
    assert (numbers, own) == ([2], [2, 1])
    shown = bench.site.labeler(A.lower())
    assert shown["rounds"][0]["phase"] == "reveal" and shown["rounds"][0]["pay"] is None
    for bad in ("0x12", "", A[:-1] + ("0" if A[-1] != "0" else "1")):
        with pytest.raises(RequestError, match="not an address"):
            bench.site.round(1, bad)


def test_tasks_that_cannot_be_had_are_a_flaw_of_that_round_alone(bench: Bench) -> None:
    def flaw() -> Any:
        bench.look()
        return bench.site.round(1, None)["tasks_flaw"]

    wait_until(flaw)
    assert "ipfs" in flaw() or "address" in flaw()
    assert bench.site.round(1, None)["question"] is None


def test_a_seat_taken_since_the_last_look_is_no_stake_that_is_missing(bench: Bench) -> None:
    bench.round.commit(A)
    consent = bench.site.take_commitment(json.loads(consents.to_json(signed())))
    assert bench.site.seated(consent) is None and bench.kept() == []
    bench.look()
    assert bench.site.seated(consent) is not None
