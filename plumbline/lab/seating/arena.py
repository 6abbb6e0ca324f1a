"""Pools and draws of the simulator on a chain: the same lists, and seat for seat the same people.

A pool with so many bonds is filled, campaigns are opened and drawn, and the seeds captured. Who
would come when is made up as in the simulator, from the lists that the chain drew, and everybody
commits at that time. What the chain says then is compared: who has a seat, in which order, and
right after the draw who is admitted.
"""

from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import ceil
from typing import Final

import numpy as np
import numpy.typing as npt
from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from plumbline.chain.call import Call
from plumbline.chain.events import Committed, fetch
from plumbline.chain.records import Deadlines
from plumbline.lab.drawing import captured
from plumbline.lab.play import TASKS_ROOT, Stage
from plumbline.lab.seating.pools import (
    PoolCase,
    Seating,
    SeatTaken,
    empty_numbers,
    least_load,
    owners,
    seating_of,
    take_seats,
)
from plumbline.planning.worlds import Dice, dice_of
from plumbline.protocol.addresses import ZERO
from plumbline.protocol.commitment import EMPTY_HASH, SignedCommitment, sign
from plumbline.seating.draw import EPOCH, MAX_WINDOW, RIPENING, Draw, RefusalReason
from plumbline.seating.records import PoolTerms
from plumbline.seating.seat_draw import SeatDraw, create_pool
from plumbline.settlement.terms import Kind, ScoringTerms, usual_terms
from plumbline.transactions.senders import Refused

_BOND: Final = 10**12  # wei
_PRICE: Final = 10**9
_STAKE: Final = 10**9
_TASKS: Final = 12
_DAY: Final = 86_400
_GAS: Final = 10**18  # wei that an account gets for it


@dataclass(frozen=True, slots=True)
class SeatingOnChain:
    """Campaigns on a chain. `differences` are from what was simulated, in words."""

    seating: Seating
    transactions: int
    differences: tuple[str, ...]


def check(stage: Stage, case: PoolCase, words: str, campaigns: int, seed: int) -> SeatingOnChain:
    """Play campaigns of a pool; the first account of the stage pays all of it."""
    begin = len(stage.receipts)
    arena = _Arena(stage, case, dice_of(seed, f"seating on a chain {words}", 0))
    seatings, differences = [], []
    for _ in range(campaigns):
        seating, found = arena.campaign()
        seatings.append(seating)
        differences += found
    return SeatingOnChain(
        Seating(
            case.seats,
            np.concatenate([each.bloc for each in seatings]),
            np.concatenate([each.taken for each in seatings]),
            np.concatenate([each.filled for each in seatings]),
            max(each.turns for each in seatings),
        ),
        len(stage.receipts) - begin,
        tuple(differences),
    )


class _Arena:
    """A pool that is filled when this is made."""

    def __init__(self, stage: Stage, case: PoolCase, dice: Dice) -> None:
        self._stage, self._case, self._dice = stage, case, dice
        self._by, self._client = stage.keys[0], stage.client
        terms = PoolTerms(stage.client.address, ZERO, _BOND, _STAKE, 1, seed_delay=1)
        created = stage.send(self._by, create_pool(terms, stage.deployment.evm_version)).created
        assert created is not None
        self._pool = SeatDraw(stage.client, created)
        self._owner = owners(case)[0]
        self._empty = empty_numbers(case, dice)
        self._people: dict[int, LocalAccount] = {}
        self._fill()

    def _fill(self) -> None:
        # Who leaves has to say so, and pays for it.
        leaver = _account("leaver")
        if self._empty.any():
            self._stage.send(self._by, Call(leaver.address, b"", _GAS, "Give somebody ether."))
        for unit in range(self._case.units):
            owner = leaver if self._empty[unit] else self._person(int(self._owner[unit]))
            self._stage.send(self._by, self._pool.join_for(owner.address))
        self._stage.advance(RIPENING * EPOCH)
        leaving = [int(unit) for unit in np.flatnonzero(self._empty)]
        for unit in leaving:
            self._stage.send(leaver, self._pool.leave(unit))
        if leaving:
            self._stage.advance(MAX_WINDOW + 1)
        for unit in leaving:
            self._stage.send(self._by, self._pool.release(unit))

    def campaign(self) -> tuple[Seating, list[str]]:
        """One more: who sat in its rounds, and what was otherwise than simulated."""
        numbers = self._opened()
        draw = self._drawn(numbers)
        opens = [draw.opens(rank) for rank in range(min(draw.length, draw.seats + draw.standby))]
        admitted = np.array([_share(draw, each) for each in opens if each is not None])
        simulated: list[list[SeatTaken]] = []
        for number in numbers:
            line = np.array([draw.unit_at(number, rank) for rank in range(len(admitted))])
            if number == numbers[0]:
                differences = self._not_as_drawn(draw, number, line)
            simulated.append(take_seats(self._case, line, admitted, self._empty, self._dice))
        self._commit(draw, numbers, simulated)
        return seating_of(self._case, simulated), [
            *differences,
            *self._otherwise(numbers, simulated),
        ]

    # ------------------------------------------------------------- on the chain

    def _opened(self) -> list[int]:
        case, terms = self._case, self._terms
        escrow = terms.price * terms.seats * case.rounds
        self._stage.send(self._by, self._client.deposit(escrow))
        first = self._client.round_count() + 1
        commit = self._stage.now() + _DAY
        for _ in range(case.rounds):
            given = (Deadlines(commit, commit + _DAY, 0), TASKS_ROOT, EMPTY_HASH)
            self._stage.send(self._by, self._client.open(terms, *given, self._pool.address))
        return list(range(first, first + case.rounds))

    def _drawn(self, numbers: Sequence[int]) -> Draw:
        case, live = self._case, self._case.live
        load = least_load(live, case.rounds, 3 * case.seats)
        self._stage.send(self._by, self._pool.draw(numbers, load, self._by.address))
        return captured(self._stage, self._pool, self._by, 1)

    def _commit(
        self, draw: Draw, numbers: Sequence[int], simulated: Sequence[Sequence[SeatTaken]]
    ) -> None:
        """Everybody at the time at which they come, those of one second together."""
        captured = draw.captured or 0
        moments: dict[tuple[int, int], list[int]] = defaultdict(list)
        for number, seats in zip(numbers, simulated, strict=True):
            for seat in seats:
                second = captured + ceil(seat.time * (draw.ends - captured))
                moments[second, number].append(seat.unit)
        for (second, number), units in sorted(moments.items()):
            ahead = second - self._stage.now()
            if ahead > 1:
                self._stage.advance(ahead)
            signed = [self._signed(draw, number, unit) for unit in units]
            # Whoever is refused is missed when the seats are compared.
            with suppress(Refused):
                self._stage.send(self._by, self._client.commit_signed(number, signed))

    def _signed(self, draw: Draw, number: int, unit: int) -> SignedCommitment:
        person = self._person(int(self._owner[unit]))
        if self._client.account(person.address).free < _STAKE:
            # For some rounds more, to spare transactions.
            self._stage.send(self._by, self._client.deposit_for(person.address, 20 * _STAKE))
        digest = keccak(text=f"{number} {unit}")
        deployed = self._stage.deployment.deployed
        return sign(person, deployed, number, _STAKE, digest, evidence=draw.evidence(unit))

    # ------------------------------------------------------------- compared

    def _not_as_drawn(self, draw: Draw, number: int, line: npt.NDArray[np.int64]) -> list[str]:
        """What the pool says of all units right after the capture, but for those drawn."""
        first = {int(unit) for unit in line[: draw.seats] if not self._empty[unit]}
        found = []
        for unit in range(self._case.units):
            if self._empty[unit]:
                continue
            owner = self._person(int(self._owner[unit])).address
            reason = self._pool.refusal(number, owner, draw.evidence(unit)).reason
            if (reason is RefusalReason.ADMITTED) != (unit in first):
                found.append(f"round {number}: unit {unit} is {reason.name} after the draw")
        return found

    def _otherwise(
        self, numbers: Sequence[int], simulated: Sequence[Sequence[SeatTaken]]
    ) -> list[str]:
        """Rounds in which others have seats, or took them in another order."""
        found = []
        for number, seats in zip(numbers, simulated, strict=True):
            events = fetch(self._stage.w3, self._stage.deployment, round_id=number)
            there = [event.labeler for event in events if isinstance(event, Committed)]
            meant = [self._person(int(self._owner[seat.unit])).address for seat in seats]
            if there != meant:
                same = sum(one == other for one, other in zip(there, meant, strict=False))
                found.append(
                    f"round {number}: {len(there)} seats on the chain, {len(meant)} simulated, "
                    f"{same} of them alike"
                )
        return found

    # ------------------------------------------------------------- who, and what

    @property
    def _terms(self) -> ScoringTerms:
        return usual_terms(Kind.NOMINAL, 2, 1, _TASKS, _PRICE, _STAKE, self._case.seats, 0)

    def _person(self, owner: int) -> LocalAccount:
        if owner not in self._people:
            self._people[owner] = _account(f"{self._pool.address} {owner}")
        return self._people[owner]


def _account(name: str) -> LocalAccount:
    account: LocalAccount = Account.from_key(keccak(text=f"seating: {name}"))
    return account


def _share(draw: Draw, time: int) -> float:
    captured = draw.captured or 0
    return (time - captured) / (draw.ends - captured)
