"""Units of an account in a pool that seats are drawn from: how they stand, and what may be done."""

from collections.abc import Sequence
from dataclasses import dataclass

from plumbline.chain.call import Call
from plumbline.errors import PlumblineError
from plumbline.seating.draw import EPOCH, MAX_WINDOW, RIPENING
from plumbline.seating.pool_history import PoolHistory
from plumbline.seating.records import PoolTerms, PoolUnit
from plumbline.seating.seat_draw import STRIKES_OF_BOND, SeatDraw
from plumbline.units import format_time


class MembershipError(PlumblineError):
    """Units that are not there, or with which that cannot be done now."""


@dataclass(frozen=True, slots=True)
class HeldUnit:
    """A unit as its owner sees it; amounts in the smallest unit, times in unix seconds.

    drawn_from   from when on draws list it
    bond         what is left of it
    back_from    from when on the bond can be had back; None for a member
    """

    number: int
    unit: PoolUnit
    drawn_from: int
    bond: int
    back_from: int | None

    @classmethod
    def of(cls, number: int, unit: PoolUnit, terms: PoolTerms) -> "HeldUnit":
        """From what the pool knows of it."""
        return cls(
            number,
            unit,
            (unit.joined + RIPENING) * EPOCH,
            terms.bond - terms.bond * unit.strikes // STRIKES_OF_BOND,
            None if unit.left is None else unit.left + MAX_WINDOW + 1,
        )


@dataclass(frozen=True, slots=True)
class PoolMembership:
    """What an account has in a pool, as of `now`, unix seconds; `credit` may be withdrawn."""

    pool: SeatDraw
    owner: str
    units: tuple[HeldUnit, ...]
    credit: int
    now: int

    @classmethod
    def of(cls, pool: SeatDraw, history: PoolHistory, owner: str, now: int) -> "PoolMembership":
        """As of now. Raises SeatingError."""
        terms = pool.terms()
        units = []
        for number in history.units_of(owner):
            unit = pool.unit(number)
            # Given back since, and perhaps somebody else's.
            if unit.owner == owner:
                units.append(HeldUnit.of(number, unit, terms))
        return cls(pool, owner, tuple(units), pool.credit(owner), now)

    def leaving(self, numbers: Sequence[int] = ()) -> list[HeldUnit]:
        """The units that are to leave: these, or all that may; none that has left.

        Raises MembershipError for numbers that are not the account's, and where none may.
        """
        own = {each.number: each for each in self.units}
        for number in numbers:
            if number not in own:
                raise MembershipError(
                    f"unit {number} in {self.pool.address} is not {self.owner}'s: `plumbline pool"
                    f" status {self.pool.address}` lists its own"
                )
        chosen = [own[number] for number in numbers] or list(self.units)
        members = [each for each in chosen if each.unit.is_member]
        young = [each for each in members if each.drawn_from > self.now]
        if young and (numbers or len(young) == len(members)):
            raise MembershipError(
                f"unit {young[0].number} joined too late to leave now: it may from"
                f" {format_time(young[0].drawn_from)} on"
            )
        return [each for each in members if each not in young]

    def releasable(self) -> list[HeldUnit]:
        """The units whose bond can be had back now."""
        return [
            each for each in self.units if each.back_from is not None and each.back_from <= self.now
        ]

    def withdrawing(self, receiver: str) -> list[Call]:
        """What pays out all that can be had back. Raises MembershipError if nothing can."""
        due = self.releasable()
        if due or self.credit:
            releases = [self.pool.release(each.number) for each in due]
            return [*releases, self.pool.withdraw(receiver)]
        waiting = [each.back_from for each in self.units if each.back_from is not None]
        if waiting:
            raise MembershipError(
                f"no bond of {self.owner} in {self.pool.address} can be had back before"
                f" {format_time(min(waiting))}: until then it answers for rounds that were drawn"
            )
        if self.units:
            raise MembershipError(
                f"all units of {self.owner} in {self.pool.address} are members: `plumbline pool"
                f" leave {self.pool.address}` comes first"
            )
        raise MembershipError(f"{self.owner} has nothing in the pool {self.pool.address}")
