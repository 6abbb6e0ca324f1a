"""Which rounds of a campaign may be opened now, and what holds the others back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from plumbline.campaign.rounds import PlannedRound
from plumbline.campaign.standing import Standing
from plumbline.seating.draw import fee
from plumbline.units import Unit


@dataclass(frozen=True, slots=True)
class OpeningPlan:
    """What to open now.

    rounds    in this order
    missing   what the free balance lacks of their escrow, smallest unit
    held      why no more are opened now, in words; None if these are all that are left
    is_spent  whether that is the limit of spending
    """

    rounds: tuple[PlannedRound, ...]
    missing: int
    held: str | None
    is_spent: bool

    @property
    def escrow(self) -> int:
        """Of these rounds, smallest unit."""
        return sum(each.round_file.escrow for each in self.rounds)


def not_drawn(_: PlannedRound) -> int:
    """Of a campaign whose seats are not drawn: from no pool."""
    return 0


def plan_openings(
    standing: Standing,
    price_of_gas: int,
    free: int,
    pools: Callable[[PlannedRound], int] = not_drawn,
) -> OpeningPlan:
    """The rounds to open now, within the limits of the campaign.

    price_of_gas   wei, the most that a transaction pays now
    free           the requester's free balance, smallest unit
    pools          how many pools a round is drawn from, for a fee each that counts as spent
    """
    limits, unit = standing.campaign.limits, standing.market.unit
    room = limits.open_at_once - len(standing.running)
    chosen: list[PlannedRound] = []
    held, is_spent = None, False
    for planned in standing.to_open:
        if len(chosen) >= room:
            held = f"{limits.open_at_once} rounds are open at once at most (open_at_once)"
            break
        needed = standing.committed(price_of_gas, [*chosen, planned])
        needed += _fees(standing, [*chosen, planned], pools)
        if limits.spend is not None and needed > limits.spend:
            held, is_spent = _over_limit(unit, needed, limits.spend), True
            break
        chosen.append(planned)
    escrow = sum(each.round_file.escrow for each in chosen)
    return OpeningPlan(tuple(chosen), max(0, escrow - free), held, is_spent)


def withdrawable_now(standing: Standing, free: int) -> int:
    """What of the free balance the rounds that are still to be opened do not need."""
    needed = sum(each.round_file.escrow for each in standing.to_open)
    return max(0, free - needed)


def _fees(
    standing: Standing, opening: Sequence[PlannedRound], pools: Callable[[PlannedRound], int]
) -> int:
    """Of drawing the rounds that were opened, and these."""
    total = sum(pools(each) * fee(each.round_file.escrow) for each in opening)
    for each in standing.campaign.rounds:
        history = standing.histories.get(each.number)
        if history is not None:
            total += pools(each) * fee(history.rules.price * history.rules.seats)
    return total


def _over_limit(unit: Unit, needed: int, limit: int) -> str:
    return (
        f"one more could bring what is spent to {unit.short(needed)}, and spend is "
        f"{unit.short(limit)}"
    )
