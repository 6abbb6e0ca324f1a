"""Rounds of the league on a real chain: every account comes out as settled in Python."""

import shutil
from dataclasses import replace

import pytest
from eth_account.signers.local import LocalAccount

from plumbline.chain.call import Call, Receipt
from plumbline.cli.lab import simulate
from plumbline.lab.league import programme
from plumbline.lab.league.arena import Arena, People
from plumbline.lab.league.match import (
    HUNTER,
    REQUESTER,
    SINK,
    LeagueError,
    Leak,
    Match,
    MatchRound,
    Party,
    play,
)
from plumbline.lab.league.strategies import (
    COPIED_COMMITMENT,
    DECOY,
    GoldUse,
    guesser,
    honest,
    inverted,
    one_sheet,
    silent,
)
from plumbline.lab.play import Holding, Play
from plumbline.lab.worlds import World
from plumbline.protocol.commitment import EMPTY_SHEET
from plumbline.settlement import Band, Mode
from tests.build import ROOT
from tests.integration.forking import ForkShell, Zygote
from tests.integration.market import Market

SMALL = World("small", (0.6, 0.4), tasks=24, seats=9, golds=8)
SCALE = replace(SMALL, name="scale", prior=(2.0, 3.0, 2.0), width=2)

CAST = (
    Party("honest", honest(0.9), 2),
    Party("copier", COPIED_COMMITMENT, 1),
    Party("silent", silent(0.8), 1),
    Party("inverted", inverted(0.9), 1),
    Party("guesser", guesser(), 1),
)


@pytest.fixture(scope="module")
def arena(market: Market) -> Arena:
    treasurer: LocalAccount = market.actor("treasurer")
    faucet = market.w3.eth.accounts[0]
    paid = market.w3.eth.send_transaction(
        {"from": faucet, "to": treasurer.address, "value": 1_000 * 10**18}  # type: ignore[typeddict-item]
    )
    market.w3.eth.wait_for_transaction_receipt(paid)

    def advance(seconds: int) -> None:
        market.wait_until(market.now() + seconds)

    return Arena(market.w3, market.deployment, treasurer, advance)


@pytest.mark.parametrize(
    "match",
    [
        Match("mixed cast", SMALL, CAST),
        Match("mixed cast", SCALE, CAST, gold=GoldUse.HONEST),
        Match("leaks", SMALL, (Party("two", honest(0.8), 2),), leaks=(Leak(0), Leak(1, 2))),
        Match("golds withheld", SMALL, CAST, gold=GoldUse.WITHHELD),
        Match("golds wrong", SMALL, gold=GoldUse.WRONG),
        Match("voided", SMALL, (Party("silent", silent(0.8), 1),), r_min=9),
        Match("bloc", SMALL, (Party("bloc", one_sheet(guesser()), 5),), gold=GoldUse.HONEST),
        Match("planted", SMALL, (Party("own", DECOY, 5),), gold=GoldUse.PLANTED),
    ],
    ids=lambda match: f"{match.name}-{match.world.name}-{match.gold.name}".lower(),
)
def test_every_account_on_the_chain_is_what_was_settled_in_python(
    arena: Arena, match: Match
) -> None:
    checked = arena.check(play(match, 3, seed=1), 3)
    assert checked.differences == ()
    assert checked.seats == SMALL.seats


def test_rounds_cover_every_mode_and_band() -> None:
    """Else the chain would not have been asked about all of them."""
    matches = (
        Match("mixed cast", SCALE, CAST, gold=GoldUse.HONEST),
        Match("golds wrong", SMALL, gold=GoldUse.WRONG),
        Match("voided", SMALL, (Party("silent", silent(0.8), 1),), r_min=9),
    )
    rounds = [play(match, 3, seed=1) for match in matches]
    assert {played.settlement.mode for played in rounds} == set(Mode)
    bands = {outcome.band for played in rounds for outcome in played.outcomes}
    assert bands >= {Band.UNREVEALED, Band.OUTLIER, Band.NEAR, Band.VOID}


def test_a_wei_that_is_elsewhere_is_found(arena: Arena) -> None:
    class Wrong(MatchRound):
        def balances(self) -> dict[int | str, int]:
            true = MatchRound.balances(self)
            return {**true, 0: true[0] + 1, SINK: true[SINK] - 1}

    right = play(Match("mixed cast", SMALL, CAST), 4, seed=1)
    wrong = Wrong(**{name: getattr(right, name) for name in MatchRound.__slots__})
    found = arena.check(wrong, 4).differences
    assert [line.partition(":")[0] for line in found] == ["seat 0", "sink"]


def test_a_verdict_that_is_another_is_found(arena: Arena) -> None:
    played = play(Match("leaks", SMALL, leaks=(Leak(0),)), 5, seed=1)
    assert played.balances()[HUNTER] > 0
    settlement = replace(played.settlement, crowd_kappa_ppm=played.settlement.crowd_kappa_ppm + 1)
    found = arena.check(replace(played, settlement=settlement), 5).differences
    assert found == ("the verdict is another",)


def test_a_round_that_is_left_open_is_found(arena: Arena) -> None:
    class Idle(Arena):
        """Opens and commits, and then forgets about it."""

        def play(self, played: MatchRound, number: int, people: People) -> Play:
            play = self.open(played, people[REQUESTER], bytes(32))
            seats = range(SMALL.seats)
            held = [Holding(people[seat], EMPTY_SHEET, bytes(32)) for seat in seats]
            self.commit(played, play, held, seats)
            return play

    idle = Idle(arena.w3, arena.deployment, arena.treasurer, arena.advance)
    match = Match("idle", SMALL)
    found = idle.check(play(match, 6, seed=1), 6).differences
    stakes = match.terms.stake * SMALL.seats
    assert found[-2:] == (f"{stakes} wei are still locked", "the round is not closed")


def test_a_copied_commitment_that_opens_is_not_passed_over(arena: Arena) -> None:
    class Lax(Arena):
        """A chain that lets one labeler reveal what another committed to."""

        def send(self, account: LocalAccount, call: Call) -> Receipt:
            if "of 1 labeler in" in call.description:
                return Receipt("0x", 0, 0, 0)
            return Arena.send(self, account, call)

    lax = Lax(arena.w3, arena.deployment, arena.treasurer, arena.advance)
    match = Match("copier", SMALL, (Party("copier", COPIED_COMMITMENT, 1),))
    with pytest.raises(LeagueError, match="a copied commitment was opened"):
        lax.check(play(match, 7, seed=1), 7)


def test_rounds_of_the_programme_agree_too(arena: Arena) -> None:
    for match, number in programme.sample(4, seed=2, number=len(programme.SECTIONS))[::3]:
        assert arena.check(play(match, number, seed=2), number).differences == ()


@pytest.fixture(scope="module")
def shell(anvil: str, zygote: Zygote, tmp_path_factory: pytest.TempPathFactory) -> ForkShell:
    return ForkShell(tmp_path_factory.mktemp("project"), anvil, zygote)


def test_the_command_names_the_sections_of_the_programme() -> None:
    assert simulate.SECTIONS == programme.SECTIONS


def test_the_command_plays_a_section_and_checks_a_sample_on_the_chain(shell: ForkShell) -> None:
    shown = shell("simulate", "--rounds", "2", "--only", "leaks", "--check-on-chain", "2")
    assert shown.code == 0, shown.err
    assert "Leaks: what everybody ends with" in shown.said
    assert shown.said.count("agree to the wei") == 2


def test_json_is_the_same_for_the_same_seed(shell: ForkShell) -> None:
    options = ("simulate", "--rounds", "2", "--only", "requesters", "--json")
    first, second = shell.good(*options), shell.good(*options)
    assert first.out == second.out
    found = first.json
    assert (found["rounds"], found["seed"], found["on_chain"]) == (2, 1, [])
    assert found["requesters"][0]["match"] == "fair, no gold"
    other = shell.good(*options, "--seed", "2").json
    assert other["requesters"] != found["requesters"]


def test_labour_is_taken_off_returns_and_not_off_pay(shell: ForkShell) -> None:
    options = ("simulate", "--rounds", "2", "--only", "copies", "--json")
    free = shell.good(*options).json["copies"][0]["parties"][0]
    paid = shell.good(*options, "--effort", "0.5").json["copies"][0]["parties"][0]
    assert paid["pay"] == free["pay"]
    lost = free["return_on_stake"]["mean"] - paid["return_on_stake"]["mean"]
    assert lost == pytest.approx(0.25)  # half a price, of a stake of two


def test_writing_a_part_of_the_page_is_refused(shell: ForkShell) -> None:
    failed = shell("simulate", "--write", "--only", "leaks")
    assert "leave out --only" in failed.error


def test_writing_fills_the_page_and_says_how_to_do_it_again(shell: ForkShell) -> None:
    docs = shell.folder / "docs"
    docs.unlink()  # a link to the real ones
    shutil.copytree(ROOT / "docs", docs)
    before = (ROOT / "docs/incentives.md").read_text(encoding="utf-8")
    shell.good("simulate", "--rounds", "2", "--seed", "9", "--write")
    text = (docs / "incentives.md").read_text(encoding="utf-8")
    assert "plumbline simulate --rounds 2 --seed 9 --write" in text
    assert "None of the rounds was played on a chain" in text
    assert text != before
    # What people wrote stays.
    assert (
        text.partition("## How it was measured")[0] == before.partition("## How it was measured")[0]
    )
    assert (
        text.partition("## Limits of the figures")[2]
        == before.partition("## Limits of the figures")[2]
    )
    for path in (ROOT / "docs/incentives").iterdir():
        assert (docs / "incentives" / path.name).read_bytes() != path.read_bytes()
