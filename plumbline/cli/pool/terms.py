"""The terms of a pool in words, and these and its draws for machines."""

from typing import Any

from plumbline.cli.output import count
from plumbline.protocol.addresses import ZERO
from plumbline.seating.draw import FEE_BPS, Draw
from plumbline.seating.records import PoolTerms
from plumbline.seating.seat_draw import STRIKES_OF_BOND
from plumbline.units import Unit


def term_rows(terms: PoolTerms, unit: Unit) -> list[tuple[str, str]]:
    """What never changes, line by line."""
    lost = unit.exact(terms.bond // STRIKES_OF_BOND)
    return [
        ("who may join", f"whom {terms.gate} admits" if terms.has_gate else "anybody"),
        ("bond of a unit", f"{unit.exact(terms.bond)}, of which an absence costs {lost}"),
        ("most stake of a round", unit.exact(terms.most_stake)),
        ("least price of a task", unit.exact(terms.least_price)),
        ("seed of a draw", f"of the block that is {count(terms.seed_delay, 'block')} after it"),
        ("fee of a draw", f"{FEE_BPS / 100:g}% of the escrow of its rounds"),
    ]


def draw_json(draw: Draw) -> dict[str, Any]:
    """A draw for machines; times in unix seconds."""
    return {
        "draw": draw.number,
        "rounds": list(draw.rounds),
        "seats": draw.seats,
        "load": draw.load,
        "drawn_from": draw.n,
        "seed_block": draw.seed_block,
        "captured_at": draw.captured,
        "seed": None if draw.seed is None else hex(draw.seed),
        "ends": draw.ends,
    }


def terms_json(terms: PoolTerms) -> dict[str, Any]:
    """The same for machines; amounts in the smallest unit, as text."""
    return {
        "label_rounds": terms.label_rounds,
        "gate": None if terms.gate == ZERO else terms.gate,
        "bond": str(terms.bond),
        "most_stake": str(terms.most_stake),
        "least_price": str(terms.least_price),
        "seed_delay": terms.seed_delay,
    }
