"""A pool from which seats are drawn, beside a deployment, and everything that can be done to it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

import rlp
from eth_utils.crypto import keccak

from plumbline.chain.events import Event
from plumbline.protocol.addresses import ZERO
from plumbline.seating.draw import EPOCH, RIPENING, Draw, RefusalReason, fee
from plumbline.seating.events import Captured, Drawn, Joined, Rearmed, decode
from plumbline.seating.packing import draw_from, mask_of
from plumbline.seating.records import PoolState, PoolUnit, unit_from
from tests.build import Compiled
from tests.world.jobs import Job
from tests.world.people import person
from tests.world.world import World

BOND: Final = 10**15 + 3  # odd, so that no tenth of it comes out even; wei
SEED_DELAY: Final = 96
DAY: Final = 86_400
HOUR: Final = 3_600

HISTORY: Final = "0x0000F90827F1c53A10cB7A002335175320002935"
# Answers what was stored for a block, or zero; stores where it is handed two words.
_HISTORY_CODE: Final = "366040146010575f35545f5260205ff35b6020355f355500"


@dataclass(frozen=True)
class Header:
    """The header of a block, with what matters in it."""

    number: int
    mix: bytes
    difficulty: int = 0
    extra: bytes = b"made for a test"

    @property
    def encoded(self) -> bytes:
        word, zero = bytes(32), 0
        fields = [
            *(word, word, bytes(20), word, word, word, bytes(256)),
            *(self.difficulty, self.number, 60_000_000, 21_000, 1_800_000_000),
            *(self.extra, self.mix, bytes(8), 7, word, zero, zero, word, word),
        ]
        return bytes(rlp.encode(fields))

    @property
    def hash(self) -> bytes:
        return keccak(self.encoded)


def mix_of(seed: Any) -> bytes:
    """Some mix, the same for the same seed."""
    return keccak(text=str(seed))


class Pool:
    """A SeatDraw. What is done to it returns the events it logged."""

    def __init__(
        self,
        world: World,
        built: Compiled,
        gate: str = ZERO,
        most_stake: int = 10**18,
        least_price: int = 1,
        history: str = _HISTORY_CODE,
        bond: int = BOND,
    ) -> None:
        """An epoch begins. The chain remembers the hashes of old blocks: `history` is the code of
        the contract that does.
        """
        self.world, self.chain, self.bond = world, world.chain, bond
        if self.chain.height == 0:
            self.chain.place(HISTORY, history)
            self.chain.mine(1)
        self.chain.wait_until(self.chain.now // EPOCH * EPOCH + EPOCH)
        terms = (world.address, gate, bond, most_stake, least_price, SEED_DELAY)
        self.contract = self.chain.deploy(built["SeatDraw"], *terms)
        self.address = self.contract.address
        self.events: list[Event] = []
        self.gifts = 0

    @contextmanager
    def undone(self) -> Iterator[None]:
        """What is done inside has not happened afterwards."""
        length, gifts = len(self.events), self.gifts
        try:
            with self.world.undone():
                yield
        finally:
            del self.events[length:]
            self.gifts = gifts

    # ------------------------------------------------------------------ actions

    def do(self, sender: str, name: str, *args: Any, pays: int = 0) -> list[Event]:
        """Call it, with so much of the asset. Raises Refused."""
        value = self._prepare(sender, pays)
        logs = self.contract.send(sender, name, *args, value=value)
        block = len(self.events) + 1
        events = [replace(event, block=block) for event in decode(logs)]
        self.events += events
        return events

    def _prepare(self, sender: str, pays: int) -> int:
        """Gives somebody what is to be paid; the ether to send along."""
        token = self.world.token
        if pays and token is not None:
            token.send(sender, "mint", sender, pays)
            token.send(sender, "approve", self.address, pays)
            return 0
        self.chain.give(sender, pays)
        return pays

    def join(self, owner: str, evidence: Sequence[bytes] = ()) -> int:
        """A unit for `owner`, who pays for it."""
        (joined,) = self.do(owner, "join", list(evidence), pays=self.bond)
        assert isinstance(joined, Joined)
        return joined.unit

    def crowd(self, size: int) -> list[str]:
        """So many people with a unit each, who are ripe."""
        owners = [str(person(f"member {number}")) for number in range(size)]
        for owner in owners:
            self.join(owner)
        self.ripen()
        return owners

    def ripen(self) -> None:
        """Whoever has joined can be drawn now."""
        self.chain.wait_until((self.chain.now // EPOCH + RIPENING) * EPOCH)

    def open(self, requester: str, count: int = 1, lasting: int = DAY, **changes: Any) -> list[Job]:
        """Rounds that are to be drawn, of 8 seats if nothing else is said."""
        admission = changes.pop("admission", self.address)
        return [
            self.world.open(
                requester, admission=admission, commit=self.chain.now + lasting, **changes
            )
            for _ in range(count)
        ]

    def draw(self, jobs: Sequence[Job], load: int = 1, sender: str | None = None) -> Draw:
        """Draws for these rounds."""
        rounds = tuple(job.round_id for job in jobs)
        escrow = sum(job.rules.price * job.rules.seats for job in jobs)
        requester = sender or jobs[0].requester
        given = (rounds[0], mask_of(rounds), load)
        (drawn,) = self.do(requester, "draw", *given, pays=fee(escrow))
        assert isinstance(drawn, Drawn)
        return drawn.drawn

    def prove(self, draw_id: int, header: Header | None = None, **fields: Any) -> bytes:
        """The header of a draw's seed block, whose hash the chain knows by EIP-2935."""
        number = self.drawn(draw_id).seed_block
        header = header or Header(number, **{"mix": mix_of(draw_id), **fields})
        missing = number + 300 - self.chain.height
        if missing > 0:
            self.chain.mine(missing)
        self.remember(number, header.hash)
        return header.encoded

    def remember(self, number: int, block_hash: bytes) -> None:
        """The chain knows this hash of a block."""
        self.chain.send(person("system"), HISTORY, number.to_bytes(32) + block_hash)

    def remembers(self, number: int) -> bool:
        """Whether the chain knows the hash of a block."""
        known = self.chain.ask(HISTORY, number.to_bytes(32)) != bytes(32)
        return known or number + 256 >= self.chain.height

    def capture(self, draw_id: int, **fields: Any) -> Draw:
        """Fixes the seed, a second after the draw at least."""
        header = self.prove(draw_id, **fields)
        if self.chain.now == self.drawn(draw_id).frozen:
            self.chain.wait_until(self.chain.now + 1)
        (captured,) = self.do(person("keeper"), "capture", draw_id, header)
        assert isinstance(captured, Captured)
        return self.drawn(draw_id)

    def rearm(self, draw_id: int) -> int:
        """The new seed block."""
        (rearmed,) = self.do(person("keeper"), "rearm", draw_id)
        assert isinstance(rearmed, Rearmed)
        return rearmed.seed_block

    def drawing(self, requester: str, count: int = 1, load: int = 1, **changes: Any) -> "Drawing":
        """Opens rounds, draws, and captures the seed."""
        jobs = self.open(requester, count, **changes)
        return Drawing(self, jobs, self.capture(self.draw(jobs, load).number))

    # -------------------------------------------------------------------- views

    def drawn(self, draw_id: int) -> Draw:
        return draw_from(draw_id, *self.contract.ask("drawn", draw_id))

    def unit(self, number: int) -> PoolUnit:
        return unit_from(self.contract.ask("unit", number))

    def state(self) -> PoolState:
        return PoolState(*self.contract.ask("state"))

    def refusal(self, job: Job, owner: str, evidence: Sequence[bytes]) -> tuple[RefusalReason, int]:
        reason, until = self.contract.ask("refusal", job.round_id, owner, list(evidence))
        return RefusalReason(reason), until

    def admits(self, job: Job, owner: str, evidence: Sequence[bytes]) -> bool:
        return bool(self.contract.ask("admits", job.round_id, owner, list(evidence)))

    def held(self) -> int:
        """What it holds of the asset, wei."""
        token = self.world.token
        if token is None:
            return self.chain.balance(self.address)
        return int(token.ask("balanceOf", self.address))

    def owed(self) -> int:
        """The bonds of all units, what is credited, and what is the sink's, wei."""
        units = [self.unit(number) for number in range(self.state().units)]
        known = {event.owner for event in self.events if isinstance(event, Joined)}
        bonds = self.bond * sum(unit.owner is not None for unit in units)
        credits = sum(self.contract.ask("credit", owner) for owner in known)
        return bonds + credits + int(self.contract.ask("sink_balance"))

    def check_books(self) -> None:
        """All that it owes is there, and no more."""
        assert self.held() == self.owed() + self.gifts


class Drawing:
    """A draw with its seed, and the rounds that it is for."""

    def __init__(self, pool: Pool, jobs: Sequence[Job], draw: Draw) -> None:
        self.pool, self.jobs, self.draw = pool, jobs, draw

    @property
    def job(self) -> Job:
        """The first of the rounds."""
        return self.jobs[0]

    def unit_at(self, rank: int, job: Job | None = None) -> int:
        return self.draw.unit_at((job or self.job).round_id, rank)

    def owner_at(self, rank: int, job: Job | None = None) -> str:
        owner = self.pool.unit(self.unit_at(rank, job)).owner
        assert owner is not None
        return owner

    def sit(self, rank: int, job: Job | None = None) -> str:
        """Who has this rank takes a seat. Raises Refused."""
        owner, unit = self.owner_at(rank, job), self.unit_at(rank, job)
        self.take(owner, unit, job)
        return owner

    def take(self, labeler: str, unit: int, job: Job | None = None) -> None:
        """`labeler` asks for a seat with a unit. Raises Refused."""
        job, world = job or self.job, self.pool.world
        if world.views.account(labeler).free < job.rules.stake:
            world.pay_in(person("bank"), labeler, job.rules.stake)
        evidence = self.draw.evidence(unit)
        given = (job.round_id, b"\x07" * 32, job.rules.stake, b"", evidence)
        world.do(labeler, world.calls.commit(*given))

    def refusal(self, unit: int, owner: str, job: Job | None = None) -> tuple[RefusalReason, int]:
        return self.pool.refusal(job or self.job, owner, self.draw.evidence(unit))

    def wait_for(self, rank: int) -> None:
        """Until the rank is admitted."""
        opens = self.draw.opens(rank)
        assert opens is not None
        self.pool.chain.wait_until(opens)

    def report(self, rank: int, job: Job | None = None) -> list[Event]:
        """Somebody reports the absence of this rank. Raises Refused."""
        given = ((job or self.job).round_id, self.draw.number, self.unit_at(rank, job))
        return self.pool.do(person("keeper"), "report", *given)

    def wait_for_reports(self) -> None:
        """Until absence can be reported."""
        self.pool.chain.wait_until(self.draw.reported_from())
