"""Taking a seat: what can be seen to be wrong is refused, and secrets are kept before all else."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from plumbline.chain.records import Phase
from plumbline.history.offer import SeatOffer
from plumbline.labeler.commit_flow import AtStake, CommitError, CommitFlow
from plumbline.labeler.identity import Labeler, WalletError
from plumbline.labeler.relay import plan_relay
from plumbline.labeler.vault import Vault
from plumbline.protocol.commitment import is_signed
from plumbline.protocol.manifest import Manifest, ManifestError
from tests.unit.builders import (
    COMMIT,
    DEPLOYED,
    GENESIS,
    GOLD,
    GOLD_TERMS,
    LABELERS,
    REVEAL,
    SMALL,
    StagedRound,
    person,
    small_round,
)
from tests.unit.markets import MadeUpMarket, Wallet

A, B, C, D, *_ = LABELERS
TASKS = Manifest(("no", "yes"), tuple(f"task {number}" for number in range(SMALL.tasks)), "")
ANSWERS: list[int | None] = [0, 1, None, *[1] * 9]
OTHERS: list[int | None] = [1, *ANSWERS[1:]]
SAFE = person("a wallet contract")


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault", DEPLOYED, GENESIS)


def flow(
    vault: Vault,
    staged: StagedRound | None = None,
    now: int = COMMIT - 1,
    free: int = SMALL.stake,
    wallet: str | None = None,
    refuses: bool = False,
    **more: Any,
) -> CommitFlow:
    """Of the account `me`, with so much free."""
    staged = staged or small_round(tasks_root=TASKS.root)
    account = Wallet("me", refuses)
    labeler = Labeler(account, wallet or account.address)
    market = MadeUpMarket.of(staged.chain, now=now, free={labeler.address: free})
    return CommitFlow(market, vault, labeler, staged.history, **more)


# ------------------------------------------------------------------ what is refused


def test_only_the_tasks_that_were_committed_to_are_answered(vault: Vault) -> None:
    flow(vault).require_tasks(TASKS)
    with pytest.raises(ManifestError):
        flow(vault).require_tasks(replace(TASKS, tasks=(*TASKS.tasks[:-1], "another")))
    with pytest.raises(ManifestError):
        flow(vault).require_tasks(replace(TASKS, options=("yes", "no")))


def test_tasks_with_more_options_than_the_round_are_not_answered(vault: Vault) -> None:
    """Though their root is the requester's own: one option of three could not be committed to."""
    three = replace(TASKS, options=("no", "maybe", "yes"))
    with pytest.raises(CommitError, match="name 3 options and round 1 has 2"):
        flow(vault, small_round(tasks_root=three.root)).require_tasks(three)


def test_no_seat_is_taken_after_the_phase_and_it_is_said_why_it_is_over(vault: Vault) -> None:
    flow(vault, now=COMMIT - 1).require_commit_phase()
    with pytest.raises(CommitError, match="is over, it ended at"):
        flow(vault, now=COMMIT).require_commit_phase()
    full = small_round().commit(A, B, C, D)
    with pytest.raises(CommitError, match="is over, all 4 seats are taken"):
        flow(vault, full).require_commit_phase()


def test_a_stake_that_is_not_covered_is_refused_with_what_is_missing(vault: Vault) -> None:
    flow(vault, free=SMALL.stake).require_stake()
    poor = flow(vault, free=SMALL.stake - 1)
    assert poor.missing_stake == 1
    with pytest.raises(CommitError, match=r'labeler deposit "0\.0{17}1 .*--account me`'):
        poor.require_stake()


def test_a_wallet_contract_is_paid_in_for_by_its_owner(vault: Vault) -> None:
    assert flow(vault, free=0, wallet=SAFE).deposit_command.endswith(f"--account me --for {SAFE}")


def test_other_answers_are_not_set_aside_unasked(vault: Vault) -> None:
    """A transaction under way may commit to them."""
    here = flow(vault)
    here.require_same(ANSWERS, discard=False)
    here.prepare(here.unlock(), ANSWERS, discard=False)
    here.require_same(ANSWERS, discard=False)
    here.require_same(OTHERS, discard=True)
    with pytest.raises(CommitError, match="other answers for round 1 are kept"):
        here.require_same(OTHERS, discard=False)


def test_what_is_at_stake_is_told_in_the_smallest_unit(vault: Vault) -> None:
    offer = SeatOffer(
        price=SMALL.price,
        spent=0,
        stake=SMALL.stake,
        reveal_by=REVEAL,
        silent=SMALL.stake * SMALL.slash_max_bps // 10_000,
        outlier_least=SMALL.stake * SMALL.slash_base_bps // 10_000,
        outlier_most=SMALL.stake * SMALL.slash_max_bps // 10_000,
        tasks=SMALL.tasks,
        gold_count=0,
        gold_pass=0,
        gold_fail=0,
        gold_by=0,
        opened=1,
        void=0,
    )
    assert flow(vault).at_stake(ANSWERS) == AtStake(answered=11, skipped=1, offer=offer)


def test_what_golds_ask_for_and_what_is_never_refunded_is_offered(vault: Vault) -> None:
    rules = replace(GOLD_TERMS, price=1_001, refund_bps=5_000)
    offer = flow(vault, StagedRound(rules)).market.offer(StagedRound(rules).history)
    assert (offer.tasks, offer.gold_count, offer.gold_by) == (48, 12, GOLD)
    assert (offer.gold_pass, offer.gold_fail) == (2_500, 50_000 // 12)
    assert offer.spent == 501  # what comes back is rounded down


def test_the_record_of_the_requester_is_offered(vault: Vault) -> None:
    """Two rounds opened, of which one was void."""
    staged = small_round().commit(A).reveal(A).close()
    assert staged.history.closed is not None
    again = staged.chain.open(SMALL)
    offer = flow(vault, again).market.offer(again.history)
    assert (offer.opened, offer.void) == (2, 1)


@pytest.mark.parametrize(
    ("sheet", "words"),
    [
        ([None] * 12, "all 12 tasks are skipped"),
        ([1] * 12, "every answer given is 'yes'"),
        ([0, *[None] * 11], "every answer given is 'no'"),
    ],
)
def test_a_sheet_without_work_is_doubted_with_what_it_can_lose(
    vault: Vault, sheet: list[int | None], words: str
) -> None:
    doubt = flow(vault).doubt(sheet, TASKS.options)
    offer = flow(vault).at_stake(sheet).offer
    lost = [flow(vault).market.unit.exact(n) for n in (offer.outlier_least, offer.outlier_most)]
    assert words in doubt
    assert f"can lose {lost[0]} to {lost[1]}" in doubt


def test_a_sheet_of_two_options_is_not_doubted(vault: Vault) -> None:
    assert flow(vault).doubt([0, 1, *[None] * 10], TASKS.options) == ""


# --------------------------------------------------------------------------- secrets


def test_the_secret_is_kept_before_anything_is_signed_or_sent(vault: Vault) -> None:
    here = flow(vault)
    prepared = here.prepare(here.unlock(), ANSWERS, discard=False)
    assert vault.answers(1, here.labeler.address) == prepared.secret
    assert prepared.secret.answers == ANSWERS
    assert here.path.exists()
    name, arguments = MadeUpMarket.of(small_round().chain).called(here.call(prepared))
    assert (name, arguments["commitment"]) == ("commit", prepared.secret.digest)
    assert (arguments["stake"], arguments["sealed"]) == (SMALL.stake, prepared.sealed)


def test_discarding_replaces_other_answers_and_keeps_the_same(vault: Vault) -> None:
    here = flow(vault)
    unlocked = here.unlock()
    first = here.prepare(unlocked, ANSWERS, discard=False)
    assert here.prepare(unlocked, ANSWERS, discard=True) == first
    assert here.prepare(unlocked, OTHERS, discard=True).secret.answers == OTHERS


def test_unsealed_answers_go_without_a_ciphertext(vault: Vault) -> None:
    here = flow(vault, is_sealed=False)
    assert here.prepare(here.unlock(), ANSWERS, discard=False).sealed == b""


# -------------------------------------------------------------------------- consents


def test_a_consent_is_signed_for_this_seat_and_can_be_relayed(vault: Vault) -> None:
    here = flow(vault)
    given = here.consent(here.prepare(here.unlock(), ANSWERS, discard=False))
    assert is_signed(DEPLOYED, 1, SMALL.stake, given.signed)
    assert not is_signed(DEPLOYED, 2, SMALL.stake, given.signed)
    plan = plan_relay(here.market, [given])
    assert [batch.consents for batch in plan.batches] == [(given,)]


def test_an_account_that_signs_no_typed_data_cannot_consent(vault: Vault) -> None:
    here = flow(vault, refuses=True, may_store_key=True)
    prepared = here.prepare(here.unlock(), ANSWERS, discard=False)
    with pytest.raises(CommitError, match="commit from the account itself"):
        here.consent(prepared)


def test_a_signature_that_the_wallet_does_not_take_is_not_sent(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = flow(vault, wallet=SAFE)
    prepared = here.prepare(here.unlock(), ANSWERS, discard=False)
    asked: list[tuple[str, bytes]] = []

    def accepts(w3: object, wallet: str, digest: bytes, signature: bytes) -> bool:
        asked.append((wallet, digest))
        return len(asked) > 1

    monkeypatch.setattr("plumbline.labeler.commit_flow.accepts", accepts)
    with pytest.raises(WalletError, match=f"invalid signature for the wallet {SAFE}"):
        here.call(prepared)
    name, arguments = MadeUpMarket.of(small_round().chain).called(here.call(prepared))
    assert (name, arguments["labeler"]) == ("commit_for_wallet", SAFE)
    assert asked == [(SAFE, here.consent(prepared).digest)] * 3


# ------------------------------------------------------------------------ on chain


def landed(vault: Vault, answers: list[int | None], keep: bool) -> tuple[CommitFlow, Any]:
    """A flow whose commitment to these answers is on chain, and its event."""
    before = flow(vault)
    prepared = before.prepare(before.unlock(), answers, discard=False)
    staged = small_round()
    staged.commit(before.labeler.address)
    event = replace(staged.events[-1], commitment=prepared.secret.digest, sealed=prepared.sealed)
    staged.events[-1] = event
    if not keep:
        before.path.unlink()
    return flow(vault, staged), event


def test_a_seat_that_is_taken_is_known_with_its_secret(vault: Vault) -> None:
    here, event = landed(vault, ANSWERS, keep=True)
    assert here.landed == event
    assert here.market.time_left(here.history)[0] is Phase.COMMIT
    assert here.require_kept(event, None).answers == ANSWERS


def test_the_same_answers_give_a_lost_secret_back_and_others_do_not(vault: Vault) -> None:
    here, event = landed(vault, ANSWERS, keep=False)
    for answers in (None, OTHERS):
        with pytest.raises(CommitError, match="to answers that are not kept here"):
            here.require_kept(event, answers)
    assert here.require_kept(event, ANSWERS).digest == event.commitment


def test_other_answers_than_those_committed_to_are_said_to_be_others(vault: Vault) -> None:
    here, event = landed(vault, ANSWERS, keep=True)
    assert here.require_kept(event, ANSWERS).answers == ANSWERS
    with pytest.raises(CommitError, match=r"not the answers committed to: .* to 1 of 12 tasks"):
        here.require_kept(event, OTHERS)
    here, event = landed(vault, ANSWERS, keep=False)
    with pytest.raises(CommitError, match="not the answers committed to"):
        here.require_kept(event, OTHERS)


def test_a_secret_of_something_else_is_not_taken_for_that_of_the_seat(vault: Vault) -> None:
    here, event = landed(vault, ANSWERS, keep=True)
    with pytest.raises(CommitError, match=r"plumbline labeler restore --account me` gets"):
        here.require_kept(replace(event, commitment=b"\x01" * 32), None)
