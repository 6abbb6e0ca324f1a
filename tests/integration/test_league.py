"""Rounds of the league on a real chain: every account comes out as settled in Python."""

import shutil
from dataclasses import replace

import pytest
from eth_account.signers.local import LocalAccount

from plumbline.chain.call import Call, Receipt
from plumbline.lab.league.arena import check
from plumbline.lab.league.match import SINK, Match, MatchRound, play
from plumbline.lab.league.players import PUPPETS, SILENT, GoldUse
from plumbline.lab.league.sections import SECTIONS, sample
from plumbline.lab.play import Stage
from plumbline.planning.worlds import World
from plumbline.settlement import Band, Mode
from plumbline.settlement.terms import Kind
from tests.build import ROOT
from tests.integration.forking import ForkShell, Zygote
from tests.integration.market import Market

SMALL = World("small", (0.6, 0.4), tasks=48, seats=9)
SCALE = replace(SMALL, name="scale", prior=(2.0, 3.0, 2.0), width=2)
CAST = (("honest 0.9", 2), (SILENT, 1), ("inverted", 1), ("random", 1))
MATCHES = (
    Match(SMALL, CAST),
    Match(SCALE, CAST, GoldUse.FAIR),
    Match(SMALL, CAST, GoldUse.WITHHELD),
    Match(SMALL, (), GoldUse.WRONG),
    Match(SMALL, (), GoldUse.FEWER),
    Match(SMALL, ((SILENT, 1),), terms_changed=(("r_min", 9),)),
    Match(SMALL, (("one random sheet", 5),), GoldUse.FAIR),
    Match(SMALL, ((PUPPETS, 5),), GoldUse.FAIR, (("refund_bps", 0),)),
    Match(SMALL, (("decoy", 5),), GoldUse.DECOY),
)


@pytest.fixture(scope="module")
def stage(market: Market) -> Stage:
    return market.stage()


@pytest.mark.parametrize("match", MATCHES, ids=str)
def test_every_account_on_the_chain_is_what_was_settled_in_python(
    stage: Stage, match: Match
) -> None:
    assert check(stage, play(match, 3, seed=1), 3) == ()


def test_rounds_cover_every_mode_band_and_kind() -> None:
    """Else the chain would not have been asked about all of them."""
    rounds = [play(match, 3, seed=1) for match in MATCHES]
    assert {played.settlement.mode for played in rounds} == set(Mode)
    assert {outcome.band for played in rounds for outcome in played.outcomes} == set(Band)
    assert {match.world.kind for match in MATCHES} == set(Kind)


def test_a_wei_that_is_elsewhere_is_found(stage: Stage) -> None:
    class Wrong(MatchRound):
        def balances(self) -> dict[int | str, int]:
            true = MatchRound.balances(self)
            return {**true, 0: true[0] + 1, SINK: true[SINK] - 1}

    right = play(Match(SMALL, CAST), 4, seed=1)
    wrong = Wrong(**{name: getattr(right, name) for name in MatchRound.__slots__})
    found = check(stage, wrong, 4)
    assert [line.partition(":")[0] for line in found] == ["0", "sink"]


def test_a_verdict_that_is_another_is_found(stage: Stage) -> None:
    played = play(Match(SMALL, CAST), 5, seed=1)
    settlement = replace(played.settlement, crowd_kappa_ppm=played.settlement.crowd_kappa_ppm + 1)
    found = check(stage, replace(played, settlement=settlement), 5)
    assert found == ("the verdict is another",)


def test_a_round_that_is_left_open_is_found(stage: Stage) -> None:
    class Idle(Stage):
        """Never closes."""

        def send(self, account: LocalAccount, call: Call) -> Receipt:
            if call.description.startswith("Close"):
                return Receipt("0x", 0, 0, 0)
            return Stage.send(self, account, call)

    idle = Idle(stage.w3, stage.deployment, stage.keys)
    match = Match(SMALL)
    found = check(idle, play(match, 6, seed=1), 6)
    stakes = match.terms.stake * SMALL.seats
    assert found[-2:] == (f"{stakes} wei are still locked", "the round is not closed")


def test_rounds_of_the_programme_agree_too(stage: Stage) -> None:
    chosen = sample(4, 2, 3, SECTIONS)
    assert chosen == sample(4, 2, 3, SECTIONS)
    for match, number in chosen:
        assert check(stage, play(match, number, seed=2), number) == ()


@pytest.fixture(scope="module")
def shell(anvil: str, zygote: Zygote, tmp_path_factory: pytest.TempPathFactory) -> ForkShell:
    return ForkShell(tmp_path_factory.mktemp("project"), anvil, zygote)


def test_the_command_plays_a_section_and_checks_a_sample_on_the_chain(shell: ForkShell) -> None:
    shown = shell("simulate", "--rounds", "2", "--only", "copies", "--check-on-chain", "2")
    assert shown.code == 0, shown.err
    assert "Pay for shared work and shared lies" in shown.said
    assert "2 of the rounds were played again" in shown.said
    assert "all agree to the wei" in shown.said


def test_figures_are_the_same_for_the_same_seed(shell: ForkShell) -> None:
    options = ("simulate", "--rounds", "2", "--only", "costs")
    first, second = shell.good(*options), shell.good(*options)
    assert first.out == second.out and "What a seat costs" in first.said
    assert shell.good(*options, "--seed", "2").out != first.out


def test_writing_a_part_of_the_page_is_refused(shell: ForkShell) -> None:
    failed = shell("simulate", "--write", "--only", "costs")
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
    for heading in ("## How it was measured", "## Limits of the figures"):
        place = 0 if "measured" in heading else 2
        assert text.partition(heading)[place] == before.partition(heading)[place]
    for path in (ROOT / "docs/incentives").iterdir():
        assert (docs / "incentives" / path.name).read_bytes() != path.read_bytes()
