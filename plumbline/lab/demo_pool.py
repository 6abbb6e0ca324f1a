"""A pool that a crowd of the demo is drawn from: who joins, and whose turn it is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from eth_account.signers.local import LocalAccount

from plumbline.audit.draw_checks import DrawsAudit
from plumbline.audit.draws import audit_draws
from plumbline.chain.node import Node
from plumbline.history.market import Market
from plumbline.lab.drawing import captured
from plumbline.lab.play import Stage
from plumbline.protocol.addresses import ZERO
from plumbline.seating.draw import STANDBY, Draw, RefusalReason
from plumbline.seating.evidence import Evidence
from plumbline.seating.pool_history import Lot, PoolHistory, lot_of
from plumbline.seating.records import PoolTerms
from plumbline.seating.seat_draw import SeatDraw, create_pool

BOND: Final = 10**16  # wei
# Of each member: where a round has as many seats as there are members, all of them are listed.
UNITS: Final = 1 + STANDBY
SEED_DELAY: Final = 96  # blocks

_BLOCK: Final = 12  # seconds


@dataclass(frozen=True, slots=True)
class Turns:
    """Who may take a seat of a round, and from when on; `lots` by account."""

    draw: Draw
    lots: Mapping[str, Lot]

    @property
    def drawn(self) -> int:
        """How many accounts the lot fell to."""
        return sum(self._is_drawn(lot) for lot in self.lots.values())

    def is_drawn(self, account: str) -> bool:
        """Whether it need not stand by."""
        return self._is_drawn(self.lots[account])

    def evidence(self, account: str) -> Evidence:
        """What the pool is shown."""
        return self.lots[account].evidence

    @property
    def last(self) -> int:
        """When the last of them is admitted, unix seconds."""
        return max(lot.opens for lot in self.lots.values() if lot.opens is not None)

    def _is_drawn(self, lot: Lot) -> bool:
        return lot.rank is not None and lot.rank < self.draw.seats


class DemoPool:
    """A pool of its own, created when this is made, for rounds that all members work in."""

    def __init__(self, stage: Stage, by: LocalAccount, stake: int) -> None:
        """`stake` is the most that a round asks, wei."""
        self._stage = stage
        terms = PoolTerms(stage.client.address, ZERO, BOND, stake, 1, SEED_DELAY)
        created = stage.send(by, create_pool(terms, stage.deployment.evm_version)).created
        assert created is not None
        self._pool = SeatDraw(stage.client, created)

    @property
    def address(self) -> str:
        return self._pool.address

    @property
    def sink_balance(self) -> int:
        """The fees of all draws, wei."""
        return self._pool.sink_balance()

    def join(self, account: LocalAccount) -> None:
        """One unit more."""
        self._stage.send(account, self._pool.join())

    def draw(self, round_id: int, requester: LocalAccount) -> None:
        """Draw for a round."""
        self._stage.send(requester, self._pool.draw([round_id], 1, requester.address))

    def capture(self, by: LocalAccount) -> None:
        """Wait for the seed of the latest draw, and fix it."""
        captured(self._stage, self._pool, by, _BLOCK)

    def turns(self, round_id: int, accounts: Iterable[str]) -> Turns:
        """Whose turn it is, of members."""
        history = PoolHistory.of(self._pool)
        found = ((each, lot_of(self._pool, history, round_id, each)) for each in accounts)
        lots = {account: lot for account, lot in found if lot is not None}
        return Turns(self._pool.drawn(self._pool.state().draws), lots)

    def joined_too_late(self, round_id: int, account: str) -> bool:
        """Whether an account is refused because all of its units joined too late."""
        evidence = self.turns(round_id, [account]).evidence(account)
        return self._pool.refusal(round_id, account, evidence).reason is RefusalReason.TOO_YOUNG

    def audit(self) -> DrawsAudit:
        """All draws, made again from events alone."""
        return audit_draws(Market(Node.of(self._stage.w3), self._stage.deployment), self.address)
