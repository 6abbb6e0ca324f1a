"""`audit forensics` on a real chain: findings as a table and as JSON, errors in a line."""

from pathlib import Path

import pytest
from eth_utils.crypto import keccak

from plumbline.chain.contract import Opening
from plumbline.chain.deployment import path_of, save
from plumbline.protocol.commitment import commitment, sign
from plumbline.settlement.sheet import pack
from tests.integration.forking import ForkShell, Zygote
from tests.integration.market import Batch, Market, terms
from tests.integration.shell import Shell

# The command alone, as long as it stands in no script of its own.
SEATS, COPIES = 10, 3


def _commit(market: Market, batch: Batch, copies: int) -> None:
    """Ten labelers, the first of whom hand in one sheet; a stranger pays the copyists' stakes."""
    signed = []
    sheet = pack(market.answers(batch, 0.7), batch.rules.options)
    for number in range(SEATS):
        role = f"labeler {number}"
        labeler = market.actor(role)
        copies_it = number < copies
        if not copies_it:
            sheet = pack(market.answers(batch, 0.7), batch.rules.options)
        payer = "stranger" if copies_it else role
        call = market.rounds.deposit_for(labeler.address, batch.rules.stake)
        market.send(payer, call)
        salt = keccak(text=f"{role} {batch.round_id}")
        domain = market.deployment.domain
        made = commitment(domain, batch.round_id, labeler.address, sheet, salt)
        batch.openings[labeler.address] = Opening(labeler.address, sheet, salt)
        stake = batch.rules.stake
        signed.append(sign(labeler, market.deployment.deployed, batch.round_id, stake, made))
    market.send("stranger", market.rounds.commit_signed(batch.round_id, signed))
    market.reveal(batch, list(batch.openings))


@pytest.fixture(scope="module")
def rounds(market: Market) -> list[Batch]:
    """An honest round, and one with copies."""
    played = []
    for copies in (1, COPIES):
        batch = market.open(terms(seats=SEATS, tasks=200))
        _commit(market, batch, copies)
        market.close(batch)
        played.append(batch)
    return played


@pytest.fixture(scope="module")
def shell(
    market: Market,
    rounds: list[Batch],
    anvil: str,
    zygote: Zygote,
    tmp_path_factory: pytest.TempPathFactory,
) -> Shell:
    folder: Path = tmp_path_factory.mktemp("project")
    made = ForkShell(folder, anvil, zygote)
    save(folder / path_of(market.deployment.chain_id), market.deployment)
    return made


def test_an_honest_round_is_told_to_have_nothing(shell: Shell) -> None:
    shown = shell("audit", "forensics", "1", "--json").json
    assert [one for one in shown["findings"] if one["severity"] != "note"] == []
    assert shown["gains"] == []


def test_copies_are_found_with_their_purse_and_gains(shell: Shell, rounds: list[Batch]) -> None:
    found = shell("audit", "forensics", "2", "--json").json
    named = set(list(rounds[1].openings)[:COPIES])
    by_kind = {one["kind"]: one for one in found["findings"]}
    assert set(by_kind) == {"agreement", "identical", "funding"}
    assert set(by_kind["agreement"]["labelers"]) == named
    assert by_kind["agreement"]["rate"] < 0.01
    (gains,) = found["gains"]
    assert set(gains["suspected"]) == named
    paid = sum(int(one["pay"]) - int(one["slash"]) for one in gains["lines"][:COPIES])
    assert int(gains["net"]) == paid
    assert len(gains["lines"]) == SEATS


def test_the_table_says_the_same_in_words(shell: Shell) -> None:
    shown = shell("audit", "forensics", "2")
    assert shown.code == 0, shown.err
    for words in ("3 labelers differ less than people who read alike", "had not taken part"):
        assert words in shown.said
    assert "evidence, never a verdict" in shown.said
    told = shell("audit", "forensics", "2", "--json").json["tellable"]
    assert f"One sheet in two seats would be noticed for {told} of {SEATS} labelers" in shown.said


def test_a_round_that_is_none_is_an_error_in_one_line(shell: Shell) -> None:
    assert "there is no round 9" in shell("audit", "forensics", "9").error


def test_what_measures_is_told_what_it_lacks(shell: Shell) -> None:
    assert "give --measure and --data" in shell("audit", "forensics", "--measure", "--write").error
    assert "leave out --json" in shell("audit", "forensics", "--measure", "--json").error
