"""All methods by name."""

from collections.abc import Mapping
from typing import Final

from plumbline.aggregation.dawid_skene import dawid_skene
from plumbline.aggregation.estimate import Method
from plumbline.aggregation.mace import mace
from plumbline.aggregation.majority import majority
from plumbline.aggregation.weighted import gold_weighted, kappa_weighted

METHODS: Final[Mapping[str, Method]] = {
    "majority": majority,
    "kappa-weighted": kappa_weighted,
    "dawid-skene": dawid_skene,
    "mace": mace,
    "gold-weighted": gold_weighted,
}
COUNTED: Final = frozenset({"majority", "kappa-weighted"})
"""Those whose distributions are shares of votes, and not probabilities."""
