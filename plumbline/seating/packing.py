"""A draw as the contract stores and logs it, in two words: see modules/draws.vy.

Fields of a word are listed from the low end, with their width in bits.
"""

from typing import Final

from plumbline.chain.packing import fields_of
from plumbline.seating.draw import SPAN, Draw

TERMS: Final = {
    "first": 48,
    "n": 32,
    "frozen": 34,
    "seed_block": 40,
    "captured": 21,  # seconds after `frozen`; 0 before
    "window": 21,
    "seats": 8,
    "layer": 8,
    "rows": 20,
    "standby": 12,
    "liable": 1,
}


def draw_from(number: int, terms: int, luck: int) -> Draw:
    """A draw from its two words; `luck` has the rounds, and the seed above them."""
    values = fields_of(terms, TERMS)
    captured = values["captured"]
    return Draw(
        number=number,
        rounds=rounds_from(values["first"], luck),
        n=values["n"],
        frozen=values["frozen"],
        seed_block=values["seed_block"],
        window=values["window"],
        seats=values["seats"],
        layer=values["layer"],
        standby=values["standby"],
        is_liable=bool(values["liable"]),
        captured=values["frozen"] + captured if captured else None,
        seed=luck >> SPAN if captured else None,
    )


def rounds_from(first: int, mask: int) -> tuple[int, ...]:
    """The rounds of a mask: first + i for each bit i that is set."""
    return tuple(first + place for place in range(SPAN) if mask >> place & 1)


def mask_of(rounds: tuple[int, ...]) -> int:
    """The mask for rounds in ascending order, from the first one on."""
    return sum(1 << each - rounds[0] for each in rounds)
