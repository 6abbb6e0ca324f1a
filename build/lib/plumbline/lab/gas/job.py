"""A million answers: what they take here, and what peers' measured gas would make them take.

4,096 tasks with four options in 16 rounds of 256 tasks, each answered by 255 labelers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from plumbline.lab.gas.cases import JOB
from plumbline.lab.gas.fees import CHAINS, Chain, Fees
from plumbline.lab.gas.life import Life
from plumbline.lab.gas.steps import DEPOSIT, Measured

TASKS: Final = 4_096
ROUNDS: Final = TASKS // JOB.tasks
LABELS: Final = ROUNDS * JOB.labels


@dataclass(frozen=True, slots=True)
class Peer:
    """Another way to ask a crowd on chain, measured on Anvil in one run.

    Gas per settled answer over its whole life; `batched` where calls can be batched, ten at a
    time, or None.
    """

    name: str
    gas: int
    batched: int | None = None


PEERS: Final = (
    Peer("UMA's voting", 205_000, 129_000),
    Peer("PLCR", 372_000, 275_000),
    Peer("Kleros v2", 447_000),
)


@dataclass(frozen=True, slots=True)
class Bill:
    """What the job takes: gas, and wei on each chain of `CHAINS`, None where bytes are unknown."""

    name: str
    gas: int
    wei: tuple[int | None, ...]


def bills(life: Life, deposit: Measured, fees: Fees) -> list[Bill]:
    """Plumbline with one deposit for each labeler and the requester, then the peers.

    `life` is that of `JOB`. Peers' bytes were not measured, so there is no bill for rollups.
    """
    deposits = JOB.labelers + 1

    def own(chain: Chain) -> int:
        rounds = life.wei(chain, fees) * LABELS
        return int(rounds) + deposits * chain.wei(deposit.gas, deposit.posted, fees)

    gas = int(life.gas() * LABELS) + deposits * deposit.gas
    made = [Bill("Plumbline", gas, tuple(own(chain) for chain in CHAINS))]
    for peer in PEERS:
        for words, each in (("", peer.gas), (", batches of ten", peer.batched)):
            if each is not None:
                made.append(_peer(peer.name + words, each, fees))
    return made


def _peer(name: str, each: int, fees: Fees) -> Bill:
    gas = each * LABELS
    return Bill(name, gas, (gas * fees.base_fee, *[None] * (len(CHAINS) - 1)))


def deposit_of(measured: Sequence[Measured]) -> Measured:
    """The first deposit of an account that was measured."""
    return next(item for item in measured if item.step == DEPOSIT)
