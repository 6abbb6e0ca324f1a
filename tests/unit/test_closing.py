"""A round is closed when it is time for it, with the gold answers if they may be shown."""

from pathlib import Path

import pytest

from plumbline.files.private import StorageError
from plumbline.labeler.vault import Secret, Vault
from plumbline.protocol.commitment import gold_root
from plumbline.protocol.master_key import MasterKey
from plumbline.requester.closing import (
    ClosingError,
    plan_closing,
    round_ended_by,
    unfinished,
)
from plumbline.requester.gold import GoldStore
from plumbline.settlement.sheet import pack
from tests.unit.builders import (
    COMMIT,
    DEPLOYED,
    GENESIS,
    GOLD,
    LABELERS,
    REQUESTER,
    REVEAL,
    SMALL,
    STRANGER,
    Chain,
    StagedRound,
    keyring_of,
    small_round,
)
from tests.unit.markets import MadeUpMarket, receipt

A, B, C, D, *_ = LABELERS
ANSWERS = {0: 0, 1: 1}
KEY = MasterKey(b"\x07" * 32, epoch=0)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault", DEPLOYED, GENESIS)


@pytest.fixture
def gold(vault: Vault) -> Secret:
    sheet = pack([ANSWERS.get(task) for task in range(SMALL.tasks)], SMALL.options)
    salt = bytes(32)
    root = gold_root(DEPLOYED.domain, REQUESTER, sheet, salt)
    secret = Secret(SMALL.options, SMALL.tasks, sheet, salt, root)
    vault.keep_gold(REQUESTER, secret, bytes(32), KEY)
    return secret


def store(vault: Vault, owner: str = REQUESTER, key: MasterKey = KEY) -> GoldStore:
    """Where that account finds its gold answers."""
    return GoldStore(vault, owner, keyring_of(key))


def golden(gold: Secret) -> StagedRound:
    """A round with that gold, all of whose seats are taken."""

    class Golden(StagedRound):
        @property
        def secret(self) -> Secret:
            return gold

    return Golden(SMALL, has_gold=True).commit(A, B, C, D)


def market(staged: StagedRound, now: int, since_last: int = 1_000) -> MadeUpMarket:
    """So many blocks after the last event."""
    return MadeUpMarket.of(staged.chain, now=now, head=staged.events[-1].block + since_last)


def test_it_is_not_closed_while_seats_are_to_be_had(vault: Vault) -> None:
    staged = small_round().commit(A, B)
    with pytest.raises(ClosingError, match="2 of 4 seats are taken"):
        plan_closing(market(staged, COMMIT - 1), store(vault), staged.history)


def test_it_is_not_closed_while_somebody_may_reveal(vault: Vault) -> None:
    staged = small_round().commit(A, B).reveal(A)
    with pytest.raises(ClosingError, match="1 of 2 labelers of round 1 have not revealed"):
        plan_closing(market(staged, REVEAL - 1), store(vault), staged.history)


def test_all_that_was_revealed_is_handed_in_and_the_silent_are_slashed(vault: Vault) -> None:
    staged = small_round().commit(A, B, C).reveal(C, A)
    here = market(staged, REVEAL)
    closing = plan_closing(here, store(vault), staged.history)
    (close, closed), (forfeit, forfeited) = map(here.called, closing.calls)
    assert (close, forfeit) == ("close", "forfeit")
    assert closed["labelers"] == [C, A]
    assert forfeited["labelers"] == [B]
    assert not closing.gold_is_late


def test_who_is_silent_is_not_slashed_before_the_deadline(vault: Vault) -> None:
    """As when a round was unwound; the contract would refuse."""
    staged = small_round().commit(A, B).reveal(A).expire()
    for now, count in ((REVEAL - 1, 0), (REVEAL, 1)):
        closing = plan_closing(market(staged, now), store(vault), staged.history)
        assert len(closing.calls) == count


def test_a_round_that_is_over_is_not_closed_again(vault: Vault) -> None:
    staged = small_round().commit(A, B, C).reveal().close()
    assert plan_closing(market(staged, REVEAL), store(vault), staged.history).calls == ()


def test_gold_is_opened_by_the_wallet_that_sealed_it(vault: Vault, gold: Secret) -> None:
    staged = golden(gold).reveal(A, B, C, D)
    here = market(staged, COMMIT)
    (call,) = plan_closing(here, store(vault), staged.history).calls
    _, arguments = here.called(call)
    assert (tuple(arguments["gold"]), arguments["gold_salt"]) == (gold.sheet, gold.salt)


def test_gold_is_not_shown_while_a_seat_could_become_free_again(vault: Vault, gold: Secret) -> None:
    staged = golden(gold).reveal(A, B, C, D)
    last = staged.history.commitments[-1].block
    head = staged.events[-1].block
    early = MadeUpMarket.of(staged.chain, now=COMMIT - 1, head=head)
    assert head < last + early.node.confirmations
    with pytest.raises(ClosingError, match="a reorganisation could free one"):
        plan_closing(early, store(vault), staged.history)
    later = MadeUpMarket.of(staged.chain, now=COMMIT - 1, head=last + early.node.confirmations)
    assert not plan_closing(later, store(vault), staged.history).gold_is_late


def test_gold_that_is_not_here_is_said_to_be_elsewhere(tmp_path: Path, gold: Secret) -> None:
    """Not closed without it: the requester's refund would be lost."""
    staged = golden(gold).reveal(A, B, C, D)
    empty = Vault(tmp_path / "empty", DEPLOYED, GENESIS)
    with pytest.raises(ClosingError, match="the gold answers for round 1 are not in"):
        plan_closing(market(staged, GOLD - 1), store(empty), staged.history)
    with pytest.raises(ClosingError, match=f"of {REQUESTER[:8]}"):
        plan_closing(market(staged, GOLD - 1), store(empty, STRANGER), staged.history)


def test_gold_of_another_key_is_not_opened(vault: Vault, gold: Secret) -> None:
    staged = golden(gold).reveal(A, B, C, D)
    other = store(vault, key=MasterKey(b"\x08" * 32, epoch=0))
    with pytest.raises(StorageError, match="were not sealed by this wallet"):
        plan_closing(market(staged, COMMIT), other, staged.history)


def test_after_its_deadline_gold_is_late_and_stays_closed(vault: Vault, gold: Secret) -> None:
    staged = golden(gold).reveal(A, B, C, D)
    here = market(staged, GOLD)
    closing = plan_closing(here, store(vault), staged.history)
    assert closing.gold_is_late
    _, arguments = here.called(closing.calls[0])
    assert not any(arguments["gold"])


def test_rounds_are_unfinished_until_the_last_silent_seat_is_slashed() -> None:
    chain = Chain(deposits=False)
    chain.open(SMALL).commit(A, B, C).reveal(A, B, C).close()
    chain.open(SMALL).commit(A, B, C).reveal(A, B).close()
    chain.open(SMALL).commit(A)
    chain.open(SMALL).commit(A, B, C).reveal(A, B).close().forfeit(C)
    assert unfinished(MadeUpMarket.of(chain, now=REVEAL)) == [2, 3]
    assert unfinished(MadeUpMarket.of(chain, now=REVEAL - 1)) == [3]


def test_a_transaction_without_a_round_ended_none(monkeypatch: pytest.MonkeyPatch) -> None:
    chain = Chain()
    chain.deposit(A, 1)
    chain.open(SMALL).commit(A, B, C).reveal().close()
    deposited, closed = chain.events[0], chain.events[-1]
    monkeypatch.setattr(
        "plumbline.requester.closing.logged_in", lambda receipt, deployment: receipt.logs
    )
    here = MadeUpMarket.of(chain)
    assert round_ended_by(here, receipt([deposited])) is None
    assert round_ended_by(here, receipt([closed])) == 1
