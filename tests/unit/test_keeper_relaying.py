"""Signed commitments are held until they are admitted, and dropped when they never can be."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from plumbline.chain.call import Call, Receipt
from plumbline.chain.events import CommitRefused, Committed, RoundOpened
from plumbline.chain.feed import FeedUpdate
from plumbline.history.rounds import RoundHistory
from plumbline.keeper import executor, relaying
from plumbline.keeper.activity import ActionOutcome
from plumbline.keeper.announcements import Announcer
from plumbline.keeper.batches import smaller
from plumbline.keeper.decisions import DecisionContext, Relay, Step, urgency, why_superfluous
from plumbline.keeper.executor import Executor, KeeperAccount
from plumbline.keeper.relay_decisions import MOST_ATTEMPTS, by_draw, by_round, relays
from plumbline.keeper.relaying import PlannedRelays, Relaying
from plumbline.keeper.round_index import RoundIndex
from plumbline.labeler.consent_folder import ConsentFolder
from plumbline.labeler.consents import Consent, to_json
from plumbline.protocol.limits import MAX_RELAYED
from plumbline.seating.client import SeatingError
from plumbline.seating.draw import DrawRefusal, RefusalReason
from plumbline.seating.gates import OtherGate, Policy
from plumbline.transactions.senders import Refused, Reverted
from tests.unit.builders import COMMIT, DEPLOYED, LABELERS, OPENED, SMALL, small_round

A, B, C, D, E, F = LABELERS
NOW = OPENED + 100
POOL = "0x" + "11" * 20
WORD = (b"\x01" * 32,)


def consent(labeler: str = A, round_id: int = 1, **more: Any) -> Consent:
    values = {
        "stake": SMALL.stake,
        "commitment": b"\x03" * 32,
        "sealed": b"",
        "evidence": WORD,
        "signature": b"\x04" * 65,
        "is_wallet": False,
        **more,
    }
    return Consent(DEPLOYED, round_id, labeler, **values)


# ------------------------------------------------------------------------ by round


def test_a_round_that_takes_it_is_no_obstacle() -> None:
    assert by_round(consent(), small_round().history, NOW, 0) is None
    last = COMMIT - 1
    assert by_round(consent(), small_round().history, last, MOST_ATTEMPTS - 1) is None


@pytest.mark.parametrize(
    ("history", "now", "attempts", "changes", "reason"),
    [
        (small_round().history, COMMIT, 0, {}, "the commit phase is over"),
        (small_round().commit(B, C, D, E).history, NOW, 0, {}, "the commit phase is over"),
        (small_round().commit(A).history, NOW, 0, {}, "by another commitment"),
        (small_round().history, NOW, 0, {"stake": 1}, "for another stake"),
        (small_round().history, NOW, MOST_ATTEMPTS, {}, f"refused it {MOST_ATTEMPTS} times"),
    ],
)
def test_what_a_round_never_takes_is_dropped(
    history: RoundHistory, now: int, attempts: int, changes: dict[str, Any], reason: str
) -> None:
    held = by_round(consent(**changes), history, now, attempts)
    assert held is not None and held.is_final and reason in held.reason


def test_a_round_that_is_not_there_may_come() -> None:
    held = by_round(consent(), None, NOW, 0)
    assert held is not None and held.is_held


def test_what_is_on_the_chain_is_done() -> None:
    past = small_round().commit(A).history
    landed = past.commitment_of(A)
    assert landed is not None
    held = by_round(consent(commitment=landed.commitment), past, COMMIT, MOST_ATTEMPTS)
    assert held is not None and held.is_done and not held.is_held


# ------------------------------------------------------------------------- by draw


@pytest.mark.parametrize("reason", list(RefusalReason))
def test_every_refusal_of_a_pool_is_for_now_or_for_good(reason: RefusalReason) -> None:
    held = by_draw(consent(), DrawRefusal(reason, 77), WORD)
    for_now = {
        RefusalReason.NOT_COMMITTING,
        RefusalReason.NO_DRAW,
        RefusalReason.NO_SEED,
        RefusalReason.STANDING_BY,
    }
    if reason is RefusalReason.ADMITTED:
        assert held is None
    else:
        assert held is not None and held.is_held is (reason in for_now)
        assert held.is_final or held.until == 77


@pytest.mark.parametrize("shown", [(), WORD * 2])
def test_what_names_no_draw_never_will(shown: Sequence[bytes]) -> None:
    held = by_draw(consent(), DrawRefusal(RefusalReason.NO_DRAW), shown)
    assert held is not None and held.is_final


# ------------------------------------------------------------------------- actions


def test_a_call_takes_so_many_and_wallets_go_alone() -> None:
    several = [consent(f"0x{number:040x}") for number in range(1, MAX_RELAYED + 2)]
    wallet = consent(F, is_wallet=True)
    made = list(relays(1, [several[0], wallet, *several[1:]]))
    assert [len(each.consents) for each in made] == [MAX_RELAYED, 1, 1]
    assert made[-1].consents == (wallet,)


def test_a_relay_is_halved_without_losing_anybody() -> None:
    whole = Relay(1, "r", tuple(map(consent, (A, B, C))))
    first, second = smaller(whole)
    assert (first.labelers, second.labelers) == ((A,), (B, C))
    assert smaller(first) == ()


def test_a_relay_is_superfluous_when_all_sit_or_nobody_can() -> None:
    both = Relay(1, "r", (consent(A), consent(B)))
    assert why_superfluous(both, small_round().commit(A).history) is None
    assert why_superfluous(both, small_round().commit(A, B).history) == "somebody else was faster"
    assert why_superfluous(both, small_round().commit(C, D, E, F).history) == "no seat is left"
    assert urgency(both, small_round().history)[0] == 0


# -------------------------------------------------------------------------- asking


@dataclass
class Asked:
    """Relaying on a chain that is played; what was asked of whom is written down."""

    patch: pytest.MonkeyPatch
    refusals: dict[str, DrawRefusal | Exception] = field(default_factory=dict)
    admits: bool = True
    unsigned: frozenset[str] = frozenset()
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        rounds: Any = SimpleNamespace(
            w3=None,
            in_words=str,
            account=lambda labeler: SimpleNamespace(free=SMALL.stake),
        )
        pools: Any = SimpleNamespace(policy=lambda address: Policy(POOL, "SeatDraw", OtherGate()))
        self.relaying = Relaying(rounds, pools)
        self.patch.setattr(
            relaying, "SeatDraw", lambda rounds, address: SimpleNamespace(refusal=self._refusal)
        )
        self.patch.setattr(
            relaying, "ChainFacts", lambda *given: SimpleNamespace(admits=lambda *more: self.admits)
        )
        self.patch.setattr(relaying, "is_signed_by_labeler", self._is_signed)
        self.patch.setattr("plumbline.labeler.relay.is_signed_by_labeler", self._is_signed)

    def _is_signed(self, rounds: Any, one: Consent) -> bool:
        return one.labeler not in self.unsigned

    def _refusal(self, round_id: int, labeler: str, shown: Any, block: int) -> DrawRefusal:
        self.asked.append(labeler)
        answer = self.refusals.get(labeler, DrawRefusal(RefusalReason.ADMITTED, NOW))
        if isinstance(answer, Exception):
            raise answer
        return answer

    def plan(self, consents: Sequence[Consent], now: int = NOW, **more: Any) -> PlannedRelays:
        opened = small_round().history.opened
        assert isinstance(opened, RoundOpened)
        past = replace(small_round().history, opened=replace(opened, admission=POOL))
        histories = {1: past}
        context = DecisionContext(now, 500, 5, **more)
        return self.relaying.plan(consents, histories, histories, context, {})


@pytest.fixture
def chain(monkeypatch: pytest.MonkeyPatch) -> Asked:
    return Asked(monkeypatch)


def relayed(plan: PlannedRelays) -> list[str]:
    return [labeler for action in plan.actions for labeler in action.labelers]


def test_those_who_are_admitted_go_and_the_others_are_held_till_their_turn(chain: Asked) -> None:
    chain.refusals[B] = DrawRefusal(RefusalReason.STANDING_BY, NOW + 50)
    both = [consent(B), consent(A)]
    plan = chain.plan(both)
    assert relayed(plan) == [A]
    assert [(each.consent.labeler, each.until) for each in plan.held] == [(B, NOW + 50)]
    chain.plan(both, NOW + 49)
    assert chain.asked.count(B) == 1
    del chain.refusals[B]
    assert relayed(chain.plan(both, NOW + 50)) == [B, A]


def test_who_never_can_be_is_dropped_and_not_asked_about_again(chain: Asked) -> None:
    chain.refusals[B] = DrawRefusal(RefusalReason.TOO_FAR_BACK)
    chain.unsigned = frozenset({C})
    for now in (NOW, NOW + 1_000):
        plan = chain.plan([consent(B), consent(C), consent(A)], now)
        assert relayed(plan) == [A]
        assert all(each.is_final for each in plan.held)
    assert chain.asked.count(B) == 1 and C not in chain.asked
    chain.relaying.clear()  # the chain took blocks back
    chain.plan([consent(B)])
    assert chain.asked.count(B) == 2


def test_one_that_cannot_be_asked_about_stops_no_other(chain: Asked) -> None:
    chain.refusals[B] = SeatingError("the node is on holiday")
    plan = chain.plan([consent(B), consent(A)])
    assert relayed(plan) == [A]
    assert [(each.reason, each.is_held) for each in plan.held] == [("the node is on holiday", True)]


def test_the_whole_policy_is_asked_in_the_end(chain: Asked) -> None:
    """Its other members may refuse, or a contract that nobody knows."""
    chain.admits = False
    chain.patch.setattr(Policy, "refusal", lambda *given: None)
    (held,) = chain.plan([consent()]).held
    assert held.is_held and POOL in held.reason


def test_a_worthless_file_of_a_labeler_is_not_in_the_way_of_a_good_one(chain: Asked) -> None:
    """Evidence is not signed: anybody can spoil a copy, and name it so that it is first."""
    good, spoiled = consent(evidence=WORD), consent(evidence=WORD * 2)
    admitted, refused = (
        DrawRefusal(reason) for reason in (RefusalReason.ADMITTED, RefusalReason.NO_DRAW)
    )
    chain.patch.setattr(
        Asked,
        "_refusal",
        lambda self, round_id, labeler, shown, block: admitted if shown == WORD else refused,
    )
    (action,) = chain.plan([spoiled, good]).actions
    assert isinstance(action, Relay) and action.consents == (good,)


def test_a_labeler_is_relayed_once_and_only_what_the_stake_covers(chain: Asked) -> None:
    twice = [consent(), consent(commitment=b"\x05" * 32)]
    plan = chain.plan(twice)
    assert relayed(plan) == [A]
    assert [each.reason for each in plan.held] == ["this labeler is listed twice"]


def test_relaying_can_be_left_to_others(chain: Asked) -> None:
    steps = frozenset(Step) - {Step.RELAY}
    assert chain.plan([consent()], steps=steps) == PlannedRelays()


# ------------------------------------------------------------------------- sending


def executor_of(send: Any, patch: pytest.MonkeyPatch) -> Executor:
    """One whose every call can be built and fits."""
    patch.setattr(executor, "call_of", lambda rounds, action: Call(POOL, b"", 0, "relay"))
    patch.setattr(executor, "estimate", lambda *given: 50_000)
    rounds: Any = SimpleNamespace(w3=None, deployment=SimpleNamespace(has_multicall=False))
    index = RoundIndex()
    index.take(FeedUpdate(tuple(small_round().events), None, 100, NOW))
    account = KeeperAccount(send, POOL, lambda: False)
    announcer = Announcer(lambda entry: None)
    return Executor(rounds, account, announcer, index, lambda: None, False, None, lambda: 0.0)


def test_who_is_refused_in_a_block_is_counted_and_who_is_seated_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place = (101, 0, "0x")
    events = [
        Committed(*place, 1, A, b"\x03" * 32, b""),
        CommitRefused(*place, 1, B, "commit: not admitted"),
    ]
    monkeypatch.setattr(executor, "logged_in", lambda receipt, deployment: events)
    sending = executor_of(lambda call: Receipt("0x22", 101, 90_000, 5), monkeypatch)
    (result,) = sending.execute([Relay(1, "r", (consent(A), consent(B)))])
    assert (result.labelers, result.outcome) == (1, ActionOutcome.DONE)
    assert "commit: not admitted" in result.reason
    assert sending.refused == {consent(B): 1}


def test_a_call_that_fails_in_a_block_is_counted_and_one_that_is_not_sent_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def send(call: Call) -> Receipt:
        raise failure

    sending = executor_of(send, monkeypatch)
    monkeypatch.setattr("plumbline.transactions.together._receipt_of", lambda *given: None)
    failure: Exception = Refused("nothing was sent")
    sending.execute([Relay(1, "r", (consent(A),))])
    assert not sending.refused
    failure = Reverted("commit: not admitted", "0x22")
    sending.execute([Relay(1, "r", (consent(A),))])
    assert sending.refused == {consent(A): 1}


# -------------------------------------------------------------------------- folder


def test_a_folder_gives_each_commitment_once_and_names_what_it_cannot_use(tmp_path: Path) -> None:
    folder = ConsentFolder(tmp_path / "signed", DEPLOYED)
    assert folder.contents().consents == ()
    folder._files.path.mkdir()
    one, other = consent(A), consent(B)
    (tmp_path / "signed/b.json").write_text(to_json(one))
    several = [json.loads(to_json(each)) for each in (other, one)]
    (tmp_path / "signed/a.json").write_text(json.dumps(several))
    (tmp_path / "signed/bad.json").write_text("{")
    (tmp_path / "signed/notes.txt").write_text("no")
    found = folder.contents()
    assert found.consents == (other, one)
    assert [path.name for path in found.refused] == ["bad.json"]
    (tmp_path / "signed/bad.json").write_text(to_json(consent(C)))
    (tmp_path / "signed/a.json").unlink()
    assert [each.labeler for each in folder.contents().consents] == [A, C]
