"""A keeper seats a draw, as the command that people run: seed, signed commitments, absence."""

from pathlib import Path

import pytest
from eth_utils.crypto import keccak
from web3 import Web3

from plumbline.chain.deployment import path_of, save
from plumbline.labeler.consents import Consent, to_json
from plumbline.protocol.addresses import ZERO
from plumbline.seating.draw import Draw
from plumbline.seating.evidence import Evidence, for_all
from plumbline.seating.gates import AllOf, AllowList, Member
from plumbline.seating.merkle_list import MerkleList
from plumbline.seating.policies import create_policy, read_policy
from tests.build import Compiled
from tests.integration.conftest import deploy
from tests.integration.drawing import SEATS, DrawMarket
from tests.integration.forking import ForkShell, Zygote
from tests.integration.market import Market
from tests.integration.nodes import Node
from tests.integration.rpc import rpc


@pytest.fixture(scope="module")
def w3(node: Node) -> Web3:
    return node.connect()


def signed(
    drawing: DrawMarket, draw: Draw, unit: int, round_id: int, evidence: Evidence = ()
) -> Consent:
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
        evidence or draw.evidence(unit),
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
    # A round that asks for a list, too, and one whose policy fails whoever asks.
    people = MerkleList([drawing.address(unit) for unit in drawing.owners])
    listing = create_policy(AllowList(people.root), "cancun")
    members = [pool.address, str(market.send("stranger", listing).created)]
    several = AllOf(tuple(Member(read_policy(w3, each), 40_000) for each in members))
    both = str(market.send("stranger", create_policy(several, "cancun")).created)
    (listed_round,) = drawing.open(1, both)
    drawing.draw([listed_round])
    hostile = Web3.to_checksum_address("0x" + "66" * 20)
    rpc(w3, "anvil_setCode", hostile, "0x60006000fd")
    (hostile_round,) = drawing.open(1, hostile)
    done, waits, _ = once()
    assert done == [] and any("has its seed from block" in reason for reason in waits)
    drawing.mine(96 + 300)
    assert once()[0] == [("rearm", 0, "done")] * 2
    drawing.mine(97)
    assert once()[0] == [("capture", 0, "done")] * 2
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
    also = pool.drawn(number + 1)
    unit = also.unit_at(listed_round, 0)
    shown = for_all((also.evidence(unit), people.proof(drawing.address(unit))))
    useless = signed(drawing, draw, first, hostile_round)
    (folder / "0.json").write_text(to_json(useless))
    (folder / "e.json").write_text(to_json(signed(drawing, also, unit, listed_round, shown)))
    done, waits, log = once()
    assert done == [("relay", 1, "done")] * 2
    assert any(f"{hostile} does not admit" in reason for reason in waits)
    assert any("stands by" in reason and drawing.address(behind) in reason for reason in waits)
    assert log.count("a file is unusable") == 1 and "a.json" in log
    assert ("a commitment is dropped" in log) is (listed < draw.length)
    assert once()[0] == []

    # Who was drawn and stays away is reported once, when it can be proved.
    market.wait_until(draw.reported_from() - 60)
    assert once()[0] == []
    market.wait_until(draw.reported_from())
    assert once("--steps", "relay")[0] == []
    # Not of the round that asks others, too: they may have refused.
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
