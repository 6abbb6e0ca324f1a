"""A market with a pool whose members are ripe, for tests that draw."""

from plumbline.chain.call import Call, Receipt
from plumbline.chain.records import Deadlines
from plumbline.protocol.addresses import ZERO
from plumbline.protocol.commitment import EMPTY_HASH
from plumbline.seating.draw import EPOCH, Draw
from plumbline.seating.events import Captured, Drawn, Joined, logged_in
from plumbline.seating.records import PoolTerms
from plumbline.seating.seat_draw import SeatDraw, create_pool
from plumbline.seating.seed import header_of, mix_of
from tests.integration.market import Market, terms
from tests.integration.rpc import rpc
from tests.world.adapter import TASKS_ROOT

MEMBERS = 12
SEATS = 3
DAY = 86_400


class DrawMarket:
    """A market with a pool of a dozen members who are ripe."""

    def __init__(self, market: Market) -> None:
        self.market, self.w3 = market, market.w3
        pool_terms = PoolTerms(
            label_rounds=market.rounds.address,
            gate=ZERO,
            bond=10**15,
            most_stake=10**18,
            least_price=1,
            seed_delay=96,
        )
        made = market.send("requester", create_pool(pool_terms, "cancun"))
        assert made.created is not None
        self.block = made.block
        self.pool = SeatDraw(market.rounds, made.created)
        assert self.pool.terms() == pool_terms
        self.gas: dict[str, int] = {}
        self.owners: dict[int, str] = {}
        for number in range(MEMBERS):
            role = f"member {number}"
            joined = self.send(role, self.pool.join(), "join")
            (event,) = logged_in(joined, self.pool.address)
            assert isinstance(event, Joined)
            self.owners[event.unit] = role
        self.wait_for_epochs(2)

    def send(self, role: str, call: Call, measured: str = "") -> Receipt:
        receipt = self.market.send(role, call)
        if measured:
            self.gas[measured] = max(receipt.gas_used, self.gas.get(measured, 0))
        return receipt

    def wait_for_epochs(self, count: int) -> None:
        epoch = self.market.now() // EPOCH
        self.market.wait_until((epoch + count) * EPOCH)

    def open(self, count: int, admission: str = "") -> list[int]:
        rules = terms(seats=SEATS)
        self.send("requester", self.market.rounds.deposit(rules.price * rules.seats * count))
        ids = []
        for _ in range(count):
            start = self.market.now() + DAY
            deadlines = Deadlines(start, start + DAY, 0)
            call = self.market.rounds.open(
                rules, deadlines, TASKS_ROOT, EMPTY_HASH, admission or self.pool.address
            )
            self.send("requester", call)
            ids.append(self.market.rounds.round_count())
        return ids

    def draw(self, ids: list[int], load: int = 1) -> Draw:
        requester = self.market.actor("requester").address
        receipt = self.send("requester", self.pool.draw(ids, load, requester), f"draw {len(ids)}")
        (event,) = logged_in(receipt, self.pool.address)
        assert isinstance(event, Drawn)
        return event.drawn

    def mine(self, blocks: int) -> None:
        rpc(self.w3, "anvil_mine", hex(blocks), hex(1))

    def capture(self, draw: Draw) -> Draw:
        header = header_of(self.w3, draw.seed_block)
        receipt = self.send("keeper", self.pool.capture(draw.number, header), "capture")
        (event,) = logged_in(receipt, self.pool.address)
        assert isinstance(event, Captured) and event.mix == mix_of(header)
        return self.pool.drawn(draw.number)

    def commit(self, round_id: int, draw: Draw, unit: int) -> Receipt:
        role, rounds = self.owners[unit], self.market.rounds
        stake = rounds.round(round_id).rules.stake
        self.send(role, rounds.deposit(stake))
        call = rounds.commit(round_id, b"\x07" * 32, stake, evidence=draw.evidence(unit))
        return self.send(role, call)

    def address(self, unit: int) -> str:
        return str(self.market.actor(self.owners[unit]).address)
