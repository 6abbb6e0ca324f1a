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
MAX_BAR_BPS: Final = 20_000
TASKS_PER_GOLD: Final = 4  # at least: most of the work is not known beforehand
MIN_GOLD_PASS_BPS: Final = 500  # what a guess passes would not keep a bloc out
MAX_GOLD_PASS_BPS: Final = 4_000  # what good people fail would make their labels cheap
MIN_GOLD_SLASH_BPS: Final = 1_000  # nearer to 0 bad luck would cost a stake
LEAK_BOUNTY_BPS: Final = 500  # share of the stake paid to who shows a leaked answer sheet

_AMOUNTS: Final = frozenset({"price", "stake"})
_MOST_DIGITS: Final = 100  # of a number written as text: 2**256 has 78


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
    `gold_count` is 0 in a round without gold. The order of the fields is the contract's.
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
    bar_bps: int
    refund_bps: int
    slash_base_bps: int
    slash_max_bps: int
    showup_bps: int
    gold_count: int
    gold_pass_bps: int
    gold_slash_bps: int

    @classmethod
    def from_vector(cls, vector: Mapping[str, object]) -> "ScoringTerms":
        """Read the form used in files: `kind` by name, amounts as decimal strings.

        Raises TermsError for a missing entry, an unknown one, or one that is not an integer.
        """
        for name in vector:
            if name not in _names():
                raise TermsError(f"terms have an unknown entry {name}: remove it")
        values = {name: _integer(vector, name) for name in _names() if name != "kind"}
        return cls(kind=Kind.parse(str(_entry(vector, "kind"))), **values)

    @property
    def has_gold(self) -> bool:
        """Whether gold answers are promised."""
        return self.gold_count > 0

    @property
    def never_refunded(self) -> int:
        """What of the price of a revealed seat goes to labelers or the sink at the least, wei."""
        return self.price - self.price * self.refund_bps // BPS

    def to_vector(self) -> dict[str, int | str]:
        """The form that `from_vector` reads."""
        vector: dict[str, int | str] = {"kind": self.kind.label}
        for name in _names():
            if name != "kind":
                value: int = getattr(self, name)
                # JSON readers elsewhere hold numbers as doubles: wei would lose digits.
                vector[name] = str(value) if name in _AMOUNTS else value
        return vector


USUAL_SHARES: Final[Mapping[str, int]] = {
    "tau_bps": 200,
    "rho_bps": 5_000,
    "slash_base_bps": 2_500,
    "slash_max_bps": 5_000,
    "showup_bps": 1_000,
    "gold_pass_bps": 2_500,
}
"""A good start for the shares of any round, bps (docs/specification.md, T)."""


def usual_gold_count(options: int, tasks: int) -> int:
    """How many of that many tasks are usually gold tasks.

    With too few tasks for any the number is one that `validate` refuses.
    """
    return min(24 if options == 2 else 12, tasks // 4)


def usual_gold_slash(gold_count: int) -> int:
    """The usual `gold_slash_bps`: the more gold tasks, the less of bad luck is in a low score."""
    return max(1_000, 50_000 // gold_count) if gold_count else 1_000


def usual_r_min(gold_count: int, seats: int) -> int:
    """The usual `r_min`: without gold it takes more of the others to be sure of them."""
    return MIN_SEATS if gold_count else min(5, seats)


def usual_bar(gold_count: int) -> int:
    """The usual `bar_bps`."""
    return 12_500 if gold_count else 13_500


def usual_refund(gold_count: int) -> int:
    """The usual `refund_bps`: without gold a requester has no way to make labels cheaper."""
    return 5_000 if gold_count else BPS


def usual_terms(
    kind: Kind,
    options: int,
    width: int,
    tasks: int,
    price: int,
    stake: int,
    seats: int,
    gold_count: int,
) -> ScoringTerms:
    """Terms that are usual but for these; `price` and `stake` in wei, `gold_count` 0 for none."""
    return ScoringTerms(
        kind=kind,
        options=options,
        width=width,
        tasks=tasks,
        price=price,
        stake=stake,
        seats=seats,
        r_min=usual_r_min(gold_count, seats),
        bar_bps=usual_bar(gold_count),
        refund_bps=usual_refund(gold_count),
        gold_count=gold_count,
        gold_slash_bps=usual_gold_slash(gold_count),
        **USUAL_SHARES,
    )


def validate(terms: ScoringTerms) -> None:
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
    _require_range("bar_bps", terms.bar_bps, BPS, MAX_BAR_BPS)
    _require_range("refund_bps", terms.refund_bps, 0, BPS)
    # The leak bounty is paid out of the slash, which must be able to cover it.
    _require_range("slash_max_bps", terms.slash_max_bps, LEAK_BOUNTY_BPS, BPS)
    _require_range("slash_base_bps", terms.slash_base_bps, 0, terms.slash_max_bps)
    if terms.stake * terms.slash_base_bps < BPS:
        raise TermsError("stake is too small to be slashed: raise it or slash_base_bps")
    _require_range("showup_bps", terms.showup_bps, 0, BPS)
    _require_gold(terms)


def fewest_gold_tasks(options: int) -> int:
    """How many gold tasks a round has at least, if any: fewer hardly tell knowing from guessing."""
    return 12 if options == 2 else 8


def _require_gold(terms: ScoringTerms) -> None:
    if terms.gold_count <= 0:
        _require_range("gold_count", terms.gold_count, 0, 0)
        _require_range("gold_pass_bps", terms.gold_pass_bps, 0, BPS)
        _require_range("gold_slash_bps", terms.gold_slash_bps, 0, BPS)
        return
    fewest = fewest_gold_tasks(terms.options)
    fewest_tasks = TASKS_PER_GOLD * fewest
    if terms.tasks < fewest_tasks:
        raise TermsError(
            f"tasks must be {fewest_tasks} or more with {terms.options} options and gold, "
            f"not {terms.tasks}"
        )
    # No more than a quarter: three times as many are left to be scored, 24 at the least.
    _require_range("gold_count", terms.gold_count, fewest, terms.tasks // TASKS_PER_GOLD)
    _require_range("gold_pass_bps", terms.gold_pass_bps, MIN_GOLD_PASS_BPS, MAX_GOLD_PASS_BPS)
    _require_range("gold_slash_bps", terms.gold_slash_bps, MIN_GOLD_SLASH_BPS, BPS)


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
        if len(value) > _MOST_DIGITS:
            raise TermsError(f"{name} has {len(value):,} digits: that is more than there is")
        return int(value)
    raise TermsError(f"{name} must be an integer, not {value!r}")
