"""A round is opened once, with gold answers that are on disk before and used for no other."""

from pathlib import Path
from typing import Any

import pytest

from plumbline.chain.events import RoundOpened
from plumbline.formats.round_file import RoundFile, parse
from plumbline.labeler.vault import Vault
from plumbline.protocol.commitment import EMPTY_HASH
from plumbline.protocol.master_key import MasterKey
from plumbline.requester.opening import RoundOpening, opened_by
from tests.unit.builders import COMMIT, DEPLOYED, GENESIS, REQUESTER, STRANGER, Chain, StagedRound
from tests.unit.markets import MadeUpMarket, receipt

NOW = COMMIT
KEY = MasterKey(b"\x07" * 32, epoch=0)
TASKS = [f"message {number}" for number in range(48)]
GOLD = {number: "yes" if number % 3 else "no" for number in range(1, 49, 4)}


def round_file(folder: Path, **changes: Any) -> RoundFile:
    values = {
        "preset": "binary",
        "tasks": TASKS,
        "price": "0.01 ether",
        "stake": "0.02 ether",
        "seats": 5,
        "commit": "1h",
        "reveal": "2h",
        "gold_window": "3h",
    }
    return parse({**values, **changes}, folder, no_gold="gold" not in changes)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault", DEPLOYED, GENESIS)


def opening(
    vault: Vault, chain: Chain | None = None, free: int = 0, **changes: Any
) -> RoundOpening:
    market = MadeUpMarket.of(chain or Chain(), now=NOW, free={REQUESTER: free})
    return RoundOpening(market, vault, REQUESTER, round_file(vault.root.parent, **changes))


def opened(chain: Chain, of: RoundOpening, **more: Any) -> RoundOpened:
    """The event of that round."""
    wanted = of.round_file
    StagedRound(wanted.rules, tasks_root=wanted.manifest.root, chain=chain, **more)
    event = chain.events[-1]
    assert isinstance(event, RoundOpened)
    return event


def test_the_call_opens_the_round_of_the_file_from_now_on(vault: Vault) -> None:
    here = opening(vault)
    call = here.call(None)
    assert here.is_same(call)
    assert not opening(vault, price="0.02 ether").is_same(call)
    assert not opening(vault, tasks=[*TASKS[:-1], "another"]).is_same(call)
    assert isinstance(here.market, MadeUpMarket)
    _, arguments = here.market.called(call)
    times = arguments["deadlines"]
    times = tuple(times.values()) if isinstance(times, dict) else tuple(times)
    assert times == (NOW + 3_600, NOW + 3 * 3_600, 0)
    assert arguments["gold_root"] == EMPTY_HASH


def test_the_call_commits_to_the_gold_answers(vault: Vault) -> None:
    here = opening(vault, gold=GOLD)
    gold = here.keep_gold([], KEY)
    assert gold is not None
    assert isinstance(here.market, MadeUpMarket)
    _, arguments = here.market.called(here.call(gold))
    assert arguments["gold_root"] == gold.digest


def test_what_is_missing_is_the_escrow_less_what_is_free(vault: Vault) -> None:
    escrow = opening(vault).round_file.escrow
    assert opening(vault).missing == escrow
    assert opening(vault, free=escrow - 1).missing == 1
    assert opening(vault, free=escrow + 1).missing == 0


def test_a_round_with_the_same_tasks_and_terms_is_noticed(vault: Vault) -> None:
    chain = Chain(deposits=False)
    here = opening(vault, chain)
    assert here.repeats(here.earlier()) is None
    opened(chain, opening(vault, price="0.02 ether"))
    opened(chain, opening(vault, tasks=[*TASKS[:-1], "another"]))
    assert here.repeats(here.earlier()) is None
    opened(chain, here)
    last = opened(chain, here)
    assert here.repeats(here.earlier()) == last


def test_the_same_round_of_another_requester_is_another(vault: Vault) -> None:
    chain = Chain(deposits=False)
    here = opening(vault, chain)
    opened(chain, here)
    other = RoundOpening(here.market, vault, STRANGER, here.round_file)
    assert other.earlier() == []


def test_gold_answers_are_on_disk_once_they_are_handed_out(vault: Vault) -> None:
    gold = opening(vault, gold=GOLD).keep_gold([], KEY)
    assert gold is not None
    kept = vault.gold(REQUESTER, gold.digest)
    assert kept is not None and kept.open(KEY, DEPLOYED) == gold
    expected = {task - 1: int(answer == "yes") for task, answer in GOLD.items()}
    known = enumerate(gold.answers)
    assert {task: answer for task, answer in known if answer is not None} == expected
    assert opening(vault).keep_gold([], KEY) is None


def test_gold_of_an_opening_that_did_not_land_is_used_again(vault: Vault) -> None:
    here = opening(vault, gold=GOLD)
    assert here.keep_gold([], KEY) == here.keep_gold([], KEY)
    _, *rest = GOLD
    other = opening(vault, gold={2: "yes", **{task: GOLD[task] for task in rest}})
    assert other.keep_gold([], KEY) != here.keep_gold([], KEY)


def test_gold_that_is_on_chain_is_never_used_again(vault: Vault) -> None:
    """Once opened, its salt is known, and so is the gold of a round with the same root."""
    chain = Chain(deposits=False)
    here = opening(vault, chain, gold=GOLD)
    first = here.keep_gold([], KEY)
    assert first is not None

    class Golden(StagedRound):
        @property
        def secret(self) -> Any:
            return first

    Golden(here.round_file.rules, has_gold=True, chain=chain)
    second = here.keep_gold(here.earlier(), KEY)
    assert second is not None
    assert second.digest != first.digest
    assert second.answers == first.answers


def test_the_round_that_a_transaction_opened_is_found(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = Chain()
    event = opened(chain, opening(vault))
    monkeypatch.setattr(
        "plumbline.requester.opening.logged_in", lambda receipt, deployment: receipt.logs
    )
    assert opened_by(MadeUpMarket.of(chain), receipt(chain.events)) == event
