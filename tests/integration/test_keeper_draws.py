"""A keeper seats a draw, as the command that people run: seed, signed commitments, absence."""

from pathlib import Path

import pytest
from eth_utils.crypto import keccak
from web3 import Web3

from plumbline.chain.deployment import path_of, save
from plumbline.labeler.consents import Consent, to_json
from plumbline.protocol.addresses import ZERO
from plumbline.seating.draw import Draw
from tests.build import Compiled
from tests.integration.conftest import deploy
from tests.integration.drawing import SEATS, DrawMarket
from tests.integration.forking import ForkShell, Zygote
from tests.integration.market import Market
from tests.integration.nodes import Node


@pytest.fixture(scope="module")
def w3(node: Node) -> Web3:
    return node.connect()


def signed(drawing: DrawMarket, draw: Draw, unit: int, round_id: int) -> Consent:
    """What the owner of a unit hands over, once the stake is deposited."""
    market, role = drawing.market, drawing.owners[unit]
    stake = market.rounds.round(round_id).rules.stake
    drawing.send(role, market.rounds.deposit(stake))
    unsigned = Consent(
        market.deployment.deployed,
        round_id,
        drawing.address(unit),
        stake,
        keccak(text=role),
        b"",
        draw.evidence(unit),
        b"",
        False,
    )
    made = market.actor(role).sign_message(unsigned.message)
    return unsigned.with_signature(bytes(made.signature))


def test_a_draw_is_seated_by_keepers_that_run_once(
    w3: Web3, node: Node, compiled: Compiled, zygote: Zygote, tmp_path: Path
) -> None:
    market = Market(w3, deploy(w3, compiled, ZERO))
    shell = ForkShell(tmp_path, node.url, zygote)
    save(path_of(w3.eth.chain_id, tmp_path / "deployments"), market.deployment)
    drawing = DrawMarket(market)
    pool = drawing.pool
    folder = tmp_path / "signed"
    folder.mkdir()

    def once(*more: str) -> tuple[list[tuple[str, int, str]], list[str], str]:
        """What was done, what waits, and the log."""
        options = ("--once", "--account", "TEST::9", "--yes", "--relay", str(folder), "--json")
        result = shell("keeper", *options, *more)
        assert result.code == 0, result.err
        done = [(one["action"], one["labelers"], one["outcome"]) for one in result.json["done"]]
        return done, [one["reason"] for one in result.json["waits"]], result.err

    # The seed: not there yet; missed, so that another block is named; there.
    (round_id,) = drawing.open(1)
    number = drawing.draw([round_id]).number
    done, waits, _ = once()
    assert done == [] and any("has its seed from block" in reason for reason in waits)
    drawing.mine(96 + 300)
    assert once()[0] == [("rearm", 0, "done")]
    drawing.mine(97)
    assert once()[0] == [("capture", 0, "done")]
    draw = pool.drawn(number)
    assert draw.seed is not None

    # Who is drawn is relayed at once, who stands by is held; what is useless stops nobody.
    first, behind = draw.unit_at(round_id, 0), draw.unit_at(round_id, SEATS)
    listed = SEATS + draw.standby
    for name, unit in (("b.json", first), ("c.json", behind)):
        (folder / name).write_text(to_json(signed(drawing, draw, unit, round_id)))
    (folder / "a.json").write_text('{"version": 1')
    if listed < draw.length:
        far = signed(drawing, draw, draw.unit_at(round_id, listed), round_id)
        (folder / "d.json").write_text(to_json(far))
    done, waits, log = once()
    assert done == [("relay", 1, "done")]
    assert any("stands by" in reason and drawing.address(behind) in reason for reason in waits)
    assert log.count("a file is unusable") == 1 and "a.json" in log
    assert ("a commitment is dropped" in log) is (listed < draw.length)
    assert once()[0] == []

    # Who was drawn and stays away is reported once, when it can be proved.
    market.wait_until(draw.reported_from() - 60)
    assert once()[0] == []
    market.wait_until(draw.reported_from())
    assert once("--steps", "relay")[0] == []
    assert once()[0] == [("report", 1, "done")] * (SEATS - 1)
    assert once()[0] == []
    absent = [pool.unit(draw.unit_at(round_id, rank)) for rank in range(1, SEATS)]
    assert [unit.strikes for unit in absent] == [1] * (SEATS - 1)
    assert pool.unit(first).strikes == 0

    # Its turn comes, and the commitment goes.
    opens = draw.opens(SEATS)
    assert opens is not None
    market.wait_until(opens)
    assert once()[0] == [("relay", 1, "done")]
    assert market.rounds.round(round_id).committed == 2
