"""Where seats are drawn a site tells labelers their places, and holds what they sign till then."""

from pathlib import Path
from typing import Any

import pytest
from web3 import Web3

from plumbline.chain.deployment import path_of, save
from plumbline.lab.site.client import SheetToCommit
from plumbline.protocol.addresses import ZERO
from tests.build import Compiled
from tests.integration.conftest import deploy
from tests.integration.drawing import SEATS, DrawMarket
from tests.integration.market import Market
from tests.integration.nodes import Node
from tests.integration.shell import Shell
from tests.integration.sites import RunningSite, running_site
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def w3(node: Node) -> Web3:
    return node.connect()


def test_who_stands_by_is_held_across_a_kill_and_seated_in_turn(
    w3: Web3, node: Node, compiled: Compiled, tmp_path: Path
) -> None:
    market = Market(w3, deploy(w3, compiled, ZERO))
    shell = Shell(tmp_path, node.url)
    save(path_of(w3.eth.chain_id, tmp_path / "deployments"), market.deployment)
    drawing = DrawMarket(market)
    (round_id,) = drawing.open(1)
    draw = drawing.draw([round_id])
    drawing.mine(draw.seed_block - w3.eth.block_number + 4)
    with running_site(shell, "--folder", str(tmp_path / "kept")) as site:
        site.wait_for("captured")  # the seed, by the keeper in it

        def place(role: str, at: RunningSite = site) -> Any:
            labeler = market.actor(role).address
            told = at.client.get(f"/api/rounds/{round_id}?labeler={labeler}").json
            return told["you"]["position"] if told.get("admission", {}).get("is_drawn") else None

        roles = list(drawing.owners.values())
        wait_until(lambda: all((place(role) or {}).get("rank") for role in roles))
        order = sorted(roles, key=lambda role: place(role)["rank"])
        told = site.client.get(f"/api/rounds/{round_id}").json
        about = site.client.get("/api/site").json

        def hand_in(role: str, at: RunningSite) -> Any:
            evidence = [bytes.fromhex(word[2:]) for word in place(role, at)["evidence"]]
            key = market.actor(role)
            drawing.send(role, market.rounds.deposit(int(told["stake"])))
            sheet = SheetToCommit.of(key, about, told, [0, 1] * 24)
            return at.client.post("/api/commitments", sheet.consent(int(told["stake"]), evidence))

        first, waits = order[0], order[SEATS]
        asked = f"/api/rounds/{round_id}?labeler={market.actor(waits).address}"
        refusal = site.client.get(asked).json["you"]["refusal"]
        assert refusal["until"] == place(waits)["admitted_at"] == place(first)["standby_from"]
        assert hand_in(first, site).json["status"] == "seated"
        held = hand_in(waits, site).json
        assert held["status"] == "held" and held["until"] == place(waits)["admitted_at"]
        assert held["until"] > market.now()
        site.kill()
    market.wait_until(held["until"])
    with running_site(shell, "--folder", str(tmp_path / "kept")):
        waiting = market.actor(waits).address
        wait_until(lambda: not market.rounds.seat(round_id, waiting).is_empty)
