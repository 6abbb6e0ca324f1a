"""What seats by lot take: a member's steps, a requester's, a keeper's, and being asked."""

from typing import Final

import rlp

from plumbline.chain.call import Call, Receipt
from plumbline.chain.records import Deadlines
from plumbline.lab.gas.cases import WARM_UP
from plumbline.lab.gas.measure import STAKE, terms_of
from plumbline.lab.gas.policies import ADMITS, CREATED, gas_of_asking
from plumbline.lab.gas.snapshot import GasFigure
from plumbline.lab.play import TASKS_ROOT, Stage
from plumbline.planning.worlds import PRICE
from plumbline.protocol.addresses import ZERO, checksum
from plumbline.protocol.commitment import EMPTY_HASH
from plumbline.seating.draw import EPOCH, MAX_WINDOW, RIPENING, PlannedDraw
from plumbline.seating.records import PoolTerms
from plumbline.seating.seat_draw import KIND, SeatDraw, create_pool
from plumbline.seating.seed import header_of

DRAWS: Final = (1, 20)
"""Rounds of a draw."""

_BOND: Final = STAKE
_HALF: Final = MAX_WINDOW // 2
_HASH: Final = 32  # bytes
_ZERO_SPARES: Final = 12  # gas of calldata, for a byte that is zero


def measure_draws(stage: Stage) -> tuple[GasFigure, ...]:
    """Every step of a pool and its draws, the first one apart: it begins a word that later ones
    add to. Bytes are those of calldata, code and evidence. On the chain embedded in ape, which has
    no beacon, nothing is.
    """
    if stage.is_embedded:
        return ()
    with stage.undone():
        return tuple(_Measuring(stage).figures)


class _Measuring:
    """A pool of one account with many units, which cost what those of others would."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.figures: list[GasFigure] = []
        self.by, self.member = stage.keys[:2]
        # The seed is waited for as briefly as can be: no step is dearer for a longer wait.
        terms = PoolTerms(stage.client.address, ZERO, _BOND, STAKE, 1, seed_delay=1)
        made = stage.send(self.by, create_pool(terms, stage.deployment.evm_version))
        assert made.created is not None
        code = stage.w3.eth.get_code(checksum(made.created))
        self.figures.append(GasFigure(KIND, CREATED, made.gas_used, len(code)))
        self.pool = SeatDraw(stage.client, made.created)
        self.terms = terms_of(WARM_UP)
        self._join()
        self._draw(1, "first draw, 1 round")
        for rounds in DRAWS:
            self._draw(rounds, "draw, 1 round" if rounds == 1 else f"draw, {rounds} rounds")
        self._leave()

    def _join(self) -> None:
        units = PlannedDraw((1,), self.terms.seats, 1).needed
        for _ in range(units):
            self.stage.send(self.member, self.pool.join())
        self._measured("join", self.pool.join())
        self.stage.advance(RIPENING * EPOCH)

    def _draw(self, rounds: int, step: str) -> None:
        first = self.stage.client.round_count() + 1
        numbers = range(first, first + rounds)
        self.stage.send(self.by, self.stage.client.deposit(PRICE * self.terms.seats * rounds))
        for _ in numbers:
            commit = self.stage.now() + _HALF
            deadlines = Deadlines(commit, commit + _HALF, 0)
            given = (self.terms, deadlines, TASKS_ROOT, EMPTY_HASH, self.pool.address)
            self.stage.send(self.by, self.stage.client.open(*given))
        call = self.pool.draw(numbers, rounds, self.by.address)
        self._measured(step, call)
        number = self.pool.state().draws
        self.stage.advance(1)
        self.stage.advance(1)
        header = header_of(self.stage.w3, self.pool.drawn(number).seed_block)
        captured = self.pool.capture(number, header)
        if rounds < DRAWS[-1]:
            self.stage.send(self.by, captured)
            return
        self._measured("capture", captured, _spared(header))
        draw = self.pool.drawn(number)
        # The seed is another each time, and a position that leaves the pool walks on, for 2,300 gas
        # more: few do, so one that does not is measured.
        gas = min(
            gas_of_asking(
                self.stage.w3,
                self.pool.address,
                self.member.address,
                draw.evidence(draw.unit_at(numbers[-1], rank)),
                numbers[-1],
            )
            for rank in range(draw.seats)
        )
        self.figures.append(GasFigure(KIND, ADMITS, gas, 32))

    def _leave(self) -> None:
        self._measured("leave", self.pool.leave(0))
        self.stage.advance(MAX_WINDOW + 1)
        self._measured("release", self.pool.release(0))
        self._measured("withdraw", self.pool.withdraw(self.member.address))
        self._measured("join, a freed number", self.pool.join())

    def _measured(self, step: str, call: Call, spared: int = 0) -> Receipt:
        """Of whoever it is up to; `spared` is gas that was saved by luck."""
        account = (
            self.by
            if step.startswith(("first draw", "draw", "capture", "release"))
            else self.member
        )
        receipt = self.stage.send(account, call)
        used = receipt.gas_used + spared
        self.figures.append(GasFigure(KIND, step, used, len(call.data)))
        return receipt


def _spared(header: bytes) -> int:
    """Gas that a header spares by zeros in its hashes, which are others each time."""
    hashes = [field for field in rlp.decode(header) if len(field) == _HASH and any(field)]
    zeros: int = sum(field.count(0) for field in hashes)
    return zeros * _ZERO_SPARES
