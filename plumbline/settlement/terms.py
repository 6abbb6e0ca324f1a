"""The terms of a round, as far as settlement needs them, and their limits.

Amounts are in wei (or the smallest unit of the asset), shares in bps (of 10,000).
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import IntEnum
from typing import Final

from plumbline.errors import PlumblineError

BPS: Final = 10_000
PPM: Final = 1_000_000

MIN_OPTIONS: Final = 2
MAX_OPTIONS: Final = 16  # four binary digits, hence four planes of a sheet
MIN_TASKS: Final = 12  # a round with fewer tasks that count is void
MAX_TASKS: Final = 256  # one bit of a word each
MIN_SEATS: Final = 3
MAX_SEATS: Final = 255  # a count is eight binary digits
MIN_WIDTH: Final = 2  # of an ordinal round; width 1 would give credit to exact answers only
MAX_WIDTH: Final = 16
MAX_AMOUNT: Final = 2**88 - 1  # wei; width of a balance, and all that a deployment can hold
LEAK_BOUNTY_BPS: Final = 500  # share of the stake paid to who shows a leaked answer sheet

_AMOUNTS: Final = frozenset({"price", "stake"})


class TermsError(PlumblineError):
    """Terms under which no round can be opened."""


class Kind(IntEnum):
    """What the options of a task are to each other."""

    NOMINAL = 0
    ORDINAL = 1

    @property
    def label(self) -> str:
        """The lower-case name, as written in files and on the command line."""
        return self.name.lower()

    @classmethod
    def parse(cls, label: str) -> "Kind":
        """The kind of that name, upper or lower case; TermsError if there is none."""
        for kind in cls:
            if kind.label == label.lower():
                return kind
        known = " or ".join(kind.label for kind in cls)
        raise TermsError(f"kind must be {known}, not {label!r}")


@dataclass(frozen=True, slots=True)
class ScoringTerms:
    """All that settlement has to know of a round's terms.

    `price` and `stake` are in wei and per seat; what ends in `_bps` is a share of 10,000.
    Values are not checked on construction: see `validate`.
    """

    kind: Kind
    options: int
    width: int
    tasks: int
    price: int
    stake: int
    seats: int
    r_min: int
    tau_bps: int
    rho_bps: int
    slash_base_bps: int
    slash_max_bps: int
    showup_bps: int
    gold_pass_bps: int
    gold_slash_bps: int

    @classmethod
    def from_vector(cls, vector: Mapping[str, object]) -> "ScoringTerms":
        """Read the form used in files: `kind` by name, amounts as decimal strings.

        Raises TermsError for a missing entry or one that is not an integer.
        """
        values = {name: _integer(vector, name) for name in _names() if name != "kind"}
        return cls(kind=Kind.parse(str(_entry(vector, "kind"))), **values)

    def to_vector(self) -> dict[str, int | str]:
        """The form that `from_vector` reads."""
        vector: dict[str, int | str] = {"kind": self.kind.label}
        for name in _names():
            if name != "kind":
                value: int = getattr(self, name)
                # JSON readers elsewhere hold numbers as doubles: wei would lose digits.
                vector[name] = str(value) if name in _AMOUNTS else value
        return vector


def gold_presets(options: int) -> tuple[int, int]:
    """(gold_pass_bps, gold_slash_bps) for that many options.

    The second is about half of what guessing matches, the first somewhat more than all of it
    (for two options as much). Raises TermsError for a number no round can have.
    """
    _require_range("options", options, MIN_OPTIONS, MAX_OPTIONS)
    table = {2: (5_000, 2_500), 3: (4_800, 1_600), 4: (4_000, 1_250)}
    return table.get(options, (BPS // options + 1_500, BPS // 2 // options))


USUAL_SHARES: Final[Mapping[str, int]] = {
    "tau_bps": 200,
    "rho_bps": 5_000,
    "slash_base_bps": 2_500,
    "slash_max_bps": 5_000,
    "showup_bps": 1_000,
}
"""A good start for the shares of a round, bps (docs/specification.md, T)."""

USUAL_REVEALS: Final = 5
"""Likewise for the fewest reveals, where there are so many seats."""


def usual_terms(
    kind: Kind, options: int, width: int, tasks: int, price: int, stake: int, seats: int
) -> ScoringTerms:
    """Terms that are usual but for these; `price` and `stake` in wei."""
    gold_pass, gold_slash = gold_presets(options)
    return ScoringTerms(
        kind=kind,
        options=options,
        width=width,
        tasks=tasks,
        price=price,
        stake=stake,
        seats=seats,
        r_min=min(USUAL_REVEALS, seats),
        gold_pass_bps=gold_pass,
        gold_slash_bps=gold_slash,
        **USUAL_SHARES,
    )


def validate(terms: ScoringTerms, has_gold: bool = True) -> None:
    """Raise TermsError for the first value that the contract would refuse at the opening.

    Each is impossible, or would defeat the round's own purpose; without gold the shares of
    gold answers only need to be shares.
    """
    _require_range("options", terms.options, MIN_OPTIONS, MAX_OPTIONS)
    _require_width(terms)
    _require_range("tasks", terms.tasks, MIN_TASKS, MAX_TASKS)
    _require_range("seats", terms.seats, MIN_SEATS, MAX_SEATS)
    _require_range("r_min", terms.r_min, MIN_SEATS, terms.seats)
    _require_amount("price", terms.price)
    _require_amount("stake", terms.stake)
    # The others have one vote less than there are, and lead by no more than that.
    _require_range("tau_bps", terms.tau_bps, 0, (terms.seats - 1) * BPS // terms.seats)
    _require_range("rho_bps", terms.rho_bps, 0, BPS)
    # The leak bounty is paid out of the slash, which must be able to cover it.
    _require_range("slash_max_bps", terms.slash_max_bps, LEAK_BOUNTY_BPS, BPS)
    _require_range("slash_base_bps", terms.slash_base_bps, 0, terms.slash_max_bps)
    if terms.stake * terms.slash_base_bps < BPS:
        raise TermsError("stake is too small to be slashed: raise it or slash_base_bps")
    _require_range("showup_bps", terms.showup_bps, 0, BPS)
    _require_range("gold_pass_bps", terms.gold_pass_bps, 1 if has_gold else 0, BPS)
    most_slash = terms.gold_pass_bps - 1 if has_gold else BPS
    _require_range("gold_slash_bps", terms.gold_slash_bps, 0, most_slash)


def _require_width(terms: ScoringTerms) -> None:
    if terms.kind is Kind.ORDINAL:
        # Beyond the second bound even answers half at either end are too one-sided to score.
        most = min(MAX_WIDTH, 4 * (terms.options - 1))
        _require_range("width of an ordinal round", terms.width, MIN_WIDTH, most)
    elif terms.width != 1:
        raise TermsError(f"width of a nominal round must be 1, not {terms.width}")


def _require_range(name: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise TermsError(f"{name} must be {low} to {high}, not {value}")


def _require_amount(name: str, value: int) -> None:
    if value <= 0:
        raise TermsError(f"{name} must be above 0, not {value}")
    if value > MAX_AMOUNT:
        raise TermsError(f"{name} is more than the contract can hold ({MAX_AMOUNT} wei)")


def _names() -> list[str]:
    return [field.name for field in fields(ScoringTerms)]


def _entry(vector: Mapping[str, object], name: str) -> object:
    if name not in vector:
        raise TermsError(f"terms lack {name}: add it")
    return vector[name]


def _integer(vector: Mapping[str, object], name: str) -> int:
    value = _entry(vector, name)
    # A bool is an int and a float truncates: neither may slip into money.
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    raise TermsError(f"{name} must be an integer, not {value!r}")
