"""Who gains from answers that get out too early, and what selling one's answers is worth.

    carelessness  answers and salt of some seats get about; a hunter without a seat reports them
    sale kept     one works and sells its sheet; the buyer hands it in from a second seat
    sale betrayed the buyer reports the seller as well
    oneself       a labeler reports its own seat from a second address, instead of staying silent

What a sale costs is between the two and moves from buyer to seller, so it is not in the figures:
they are what the round does, and the price of a sale lies between what the buyer gains and what
the seller loses.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from plumbline.lab.intervals import Mean
from plumbline.lab.league.blocs import OneSheet
from plumbline.lab.league.play import CROWD, HUNTER, REQUESTER, SINK, Leak, Match, Party, play
from plumbline.lab.league.strategies import Honest
from plumbline.lab.league.world import World

_ACCURACY: Final = 0.8
_FIRST: Final = "seats in question"


@dataclass(frozen=True, slots=True)
class Story:
    """A match, and whose money belongs together.

    is_sale  the second seat is a buyer's
    is_own   the hunter is the first seat's owner
    """

    match: Match
    is_sale: bool = False
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class LeakLine:
    """One story. Amounts in prices; a seat's, but for hunter, requester and sink: a round's.

    first    the seat that worked: careless, selling, or reporting itself
    second   the buyer's seat; None where nobody buys
    """

    story: str
    first: Mean
    second: Mean | None
    hunter: Mean
    others: Mean
    requester: Mean
    sink: Mean

    def to_json(self) -> dict[str, Any]:
        """Means with half of their intervals."""
        return {
            "story": self.story,
            "first": self.first.to_json(),
            "second": self.second.to_json() if self.second else None,
            "hunter": self.hunter.to_json(),
            "others": self.others.to_json(),
            "requester": self.requester.to_json(),
            "sink": self.sink.to_json(),
        }


def stories(world: World) -> tuple[Story, ...]:
    """All of them."""

    def match(name: str, seats: int, *leaks: Leak) -> Match:
        return Match(name, world, (Party(_FIRST, Honest(_ACCURACY), seats),), leaks=leaks)

    def sale(name: str, *leaks: Leak) -> Match:
        party = Party(_FIRST, OneSheet(Honest(_ACCURACY)), 2)
        return Match(name, world, (party,), leaks=leaks)

    few = world.seats // 4
    return (
        Story(match("nobody leaks", 1)),
        Story(match("one is careless", 1, Leak(0))),
        Story(match(f"{few} are careless", few, *(Leak(seat) for seat in range(few)))),
        Story(sale("sale kept"), is_sale=True),
        Story(sale("sale betrayed", Leak(0, reporter=1)), is_sale=True),
        Story(match("reports oneself", 1, Leak(0)), is_own=True),
    )


def run(story: Story, rounds: int, seed: int) -> LeakLine:
    """Play one story."""
    price = story.match.terms.price
    others = story.match.seats_of(CROWD)
    table = []
    for number in range(rounds):
        balances = play(story.match, number, seed).balances()
        hunter = balances[HUNTER]
        row = (
            balances[0] + (hunter if story.is_own else 0),
            balances[1],
            0 if story.is_own else hunter,
            sum(balances[seat] for seat in others) / len(others),
            balances[REQUESTER],
            balances[SINK],
        )
        table.append([amount / price for amount in row])
    first, second, *rest = (Mean.of(column) for column in np.array(table).T)
    return LeakLine(story.match.name, first, second if story.is_sale else None, *rest)
