"""Relayer and keeper carry several rounds in one transaction, and none of them stops the others."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from plumbline.audit import audit
from plumbline.chain.deployment import NO_CODE, path_of, save
from plumbline.chain.multicall import calls_in
from plumbline.labeler.consents import Consent, read, to_json
from plumbline.protocol.addresses import ZERO
from plumbline.protocol.commitment import commitment
from plumbline.settlement.sheet import pack
from tests.integration.forking import ForkShell, Zygote
from tests.integration.market import Batch, Market, Opening, terms
from tests.integration.moody import SEND, MoodyNode
from tests.integration.rpc import rpc
from tests.integration.test_keeper import Run, delegated, words

ROUNDS = 3
ROLES = [f"labeler {number}" for number in range(5)]
RELAYER = ("--account", "TEST::9", "--yes", "--json")


@pytest.fixture(scope="module")
def shell(
    tmp_path_factory: pytest.TempPathFactory, anvil: str, market: Market, zygote: Zygote
) -> ForkShell:
    made = ForkShell(tmp_path_factory.mktemp("relayer"), anvil, zygote)
    save(path_of(market.w3.eth.chain_id, made.folder / "deployments"), market.deployment)
    return made


@pytest.fixture(autouse=True)
def anew(market: Market) -> Iterator[None]:
    """What a test did is undone."""
    beginning = rpc(market.w3, "evm_snapshot")
    yield
    assert rpc(market.w3, "evm_revert", beginning)


@pytest.fixture
def batches(market: Market, shell: ForkShell) -> list[Batch]:
    """Open rounds for the same five labelers, each of whom has signed for all of them."""
    opened = [market.open(terms()) for _ in range(ROUNDS)]
    for role in ROLES:
        market.send(role, market.rounds.deposit(ROUNDS * opened[0].rules.stake))
    for batch in opened:
        signed = [consent(market, batch, market.actor(role)) for role in ROLES]
        text = f"[{','.join(to_json(each) for each in signed)}]"
        (shell.folder / f"{batch.round_id}.json").write_text(text)
    return opened


def consent(market: Market, batch: Batch, labeler: LocalAccount) -> Consent:
    sheet = pack(market.answers(batch, 0.9), batch.rules.options)
    salt = keccak(text=f"{labeler.address} {batch.round_id}")
    opening = Opening(labeler.address, sheet, salt)
    batch.openings[labeler.address] = opening
    digest = commitment(market.deployment.domain, batch.round_id, labeler.address, sheet, salt)
    unsigned = Consent(
        market.deployment.deployed,
        batch.round_id,
        labeler.address,
        batch.rules.stake,
        digest,
        b"",
        (),
        b"",
        False,
    )
    return unsigned.with_signature(bytes(labeler.sign_message(unsigned.message).signature))


def relay(batches: list[Batch]) -> tuple[str, ...]:
    return ("requester", "relay", *(f"{batch.round_id}.json" for batch in batches), *RELAYER)


def seated(market: Market, batches: list[Batch]) -> list[int]:
    return [market.rounds.round(batch.round_id).committed for batch in batches]


def before_sending(moody: MoodyNode, do: Callable[[], object]) -> None:
    """Somebody does something just before the next transaction reaches the node."""
    left = [do]

    def refuse(method: str, params: list[Any]) -> None:
        if method == SEND and left:
            left.pop()()

    moody.refuse = refuse  # type: ignore[method-assign]


def test_commitments_to_several_rounds_are_relayed_in_one_transaction(
    market: Market, shell: ForkShell, batches: list[Batch]
) -> None:
    done = shell.good(*relay(batches))
    (transaction,) = done.json["transactions"]
    assert seated(market, batches) == [5] * ROUNDS
    assert "through " + market.deployment.multicall in done.said
    assert all(f"to round {batch.round_id} " in done.said for batch in batches)
    each = [one["gas"] for one in done.json["relayed"]]
    assert len(each) == 15 and {one["refused"] for one in done.json["relayed"]} == {None}
    used = market.w3.eth.get_transaction_receipt(transaction["transaction"])["gasUsed"]
    assert used - len(each) < sum(each) <= used
    again = shell.good(*relay(batches))
    assert again.json["relayed"] == [] and "landed already, in block" in again.said


def test_a_round_that_somebody_fills_just_before_stops_no_other(
    market: Market, shell: ForkShell, batches: list[Batch], moody: MoodyNode
) -> None:
    """Its call fails in the block; who was refused is told why, with the share of the cost."""
    first = batches[0]

    def fill() -> None:
        given = read(shell.folder / f"{first.round_id}.json", market.deployment.deployed)
        signed = [each.signed for each in given]
        market.send("stranger", market.rounds.commit_signed(first.round_id, signed))

    before_sending(moody, fill)
    done = shell(*relay(batches), PLUMBLINE_NODE=moody.url)
    assert done.code == 0, done
    assert seated(market, batches) == [5] * ROUNDS
    refused = {one["round"]: one["refused"] for one in done.json["relayed"]}
    assert "a call in transaction 0x" in refused.pop(first.round_id)
    assert set(refused.values()) == {None}
    assert len(done.json["transactions"]) == 1
    again = shell.good(*relay(batches))
    assert again.json["relayed"] == [] and len(again.json["left_out"]) == 15


def test_killed_when_it_is_out_and_run_again_it_was_relayed_once(
    market: Market, shell: ForkShell, batches: list[Batch]
) -> None:
    command = relay(batches)
    beginning = rpc(market.w3, "evm_snapshot")
    result, steps = shell.counted(*command)
    assert result.code == 0 and steps.count("send") == 1
    for at in (steps.index("send"), steps.index("send") + 1):
        assert rpc(market.w3, "evm_revert", beginning)
        beginning = rpc(market.w3, "evm_snapshot")
        sender = market.w3.eth.accounts[9]
        count = market.w3.eth.get_transaction_count(sender)
        shell.killed(*command, at=at)
        again = shell.good(*command)
        assert "an earlier run was interrupted" in again.said
        assert "(1) Relay 5 signed commitments to round" in again.said
        assert seated(market, batches) == [5] * ROUNDS
        assert market.w3.eth.get_transaction_count(sender) == count + 1


def test_the_cap_that_is_named_holds_for_what_goes_together(
    market: Market, shell: ForkShell, batches: list[Batch]
) -> None:
    done = shell(*relay(batches), PLUMBLINE_GAS_CAP="900,000")
    assert done.code == 0, done
    hashes = [one["transaction"] for one in done.json["transactions"]]
    assert len(hashes) == 2 and seated(market, batches) == [5] * ROUNDS
    assert all(market.w3.eth.get_transaction(one)["gas"] <= 900_000 for one in hashes)


def test_without_a_multicall_each_round_goes_for_itself(
    market: Market, shell: ForkShell, batches: list[Batch]
) -> None:
    """As with a manifest that `join` wrote where it found none."""
    without = replace(market.deployment, multicall=ZERO, multicall_code_hash=NO_CODE)
    save(shell.folder / "without.json", without)
    done = shell.good(*relay(batches), "--deployment", "without.json")
    assert len(done.json["transactions"]) == ROUNDS
    assert seated(market, batches) == [5] * ROUNDS


def test_a_keeper_concludes_several_rounds_in_one_transaction(
    market: Market, shell: ForkShell, batches: list[Batch]
) -> None:
    shell.good(*relay(batches))
    run = Run(market, files=tuple(one for batch in batches for one in delegated(market, batch)))
    results = run.until_quiet()
    assert words(results) == [(batch.round_id, "conclude", 5, "done") for batch in batches]
    (transaction,) = {result.transaction for result in results}
    assert transaction is not None
    found = market.w3.eth.get_transaction_receipt(transaction)  # type: ignore[arg-type]
    assert sum(result.gas_used for result in results) == found["gasUsed"]
    assert {result.sharing for result in results} == {ROUNDS}
    assert audit(market.w3, market.deployment).is_clean


def test_a_hostile_round_in_a_transaction_stops_no_other(
    market: Market, shell: ForkShell, batches: list[Batch]
) -> None:
    """Somebody reveals a seat of the second just before, so that it cannot be concluded."""
    shell.good(*relay(batches))
    victim = batches[1]
    files = [one for batch in batches for one in delegated(market, batch)]
    run = Run(market, files=tuple(files))

    def grief(call: Any) -> None:
        run.before_sending = lambda call: None
        assert len(calls_in(market.deployment, call)) == ROUNDS
        market.reveal(victim, list(victim.openings)[:1])

    run.before_sending = grief
    first = run.tick().results
    assert words(first) == [
        (batch.round_id, "conclude", 5, "overtaken" if batch is victim else "done")
        for batch in batches
    ]
    assert len({result.transaction for result in first}) == 1
    assert [kind for _, kind, *_ in words(run.until_quiet())] == ["reveal", "close"]
    assert all(market.rounds.round(batch.round_id).is_closed for batch in batches)
    assert audit(market.w3, market.deployment).is_clean


def test_a_rehearsal_says_what_would_go_together(
    market: Market, shell: ForkShell, batches: list[Batch]
) -> None:
    shell.good(*relay(batches))
    market.wait_until(batches[-1].deadlines.reveal)
    planned = shell.good("keeper", "--once", "--dry-run", "--json").json["done"]
    kinds = [(one["round"], one["action"]) for one in planned]
    expected = [(batch.round_id, kind) for batch in batches for kind in ("close", "forfeit")]
    assert kinds == expected
    assert {(one["outcome"], one["sharing"]) for one in planned} == {("planned", 6)}
    text = shell.good("keeper", "--once", "--dry-run").said
    assert "those that share a transaction take less" in text
    shown = shell.good("keeper", "--once", "--account", "TEST::8", "--yes")
    assert "gas and fee of actions that share a transaction are shares of it" in shown.said
    assert market.w3.eth.get_transaction_count(market.w3.eth.accounts[8]) == 1
