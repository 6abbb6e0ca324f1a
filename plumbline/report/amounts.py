"""Amounts on a page, rounded so that they add up as shown.

All amounts of a page are in steps of one size, and every sum of the page is a sum of the figures
above it: what rounding down leaves over goes to those who lost most by it, a step each. Tables
that are called exact have every digit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Final

from plumbline.history.round_money import RoundMoney
from plumbline.report.facts import RoundFacts
from plumbline.units import Unit

_PLACES: Final = 4  # after the point, at least
_DIGITS: Final = 3  # that matter of the smallest price


@dataclass(frozen=True, slots=True)
class Steps:
    """Amounts of `unit` with so many `places` after the point."""

    unit: Unit
    places: int

    @classmethod
    def fine_enough(cls, unit: Unit, price: int) -> "Steps":
        """Fine enough to tell apart what is paid of that price (smallest unit)."""
        zeros = unit.decimals - len(str(max(price, 1)))
        return cls(unit, min(unit.decimals, max(_PLACES, zeros + _DIGITS)))

    @property
    def size(self) -> int:
        """One step, in the smallest unit."""
        size: int = 10 ** (self.unit.decimals - self.places)
        return size

    def nearest(self, amount: int) -> int:
        """An amount, rounded to steps."""
        return (amount + self.size // 2) // self.size

    def share(self, amounts: Sequence[int], total: int) -> list[int]:
        """The amounts in steps whose sum is `total` steps, as far as each is rounded up or down."""
        size = self.size
        steps = [amount // size for amount in amounts]
        left = total - sum(steps)
        by_loss = sorted(range(len(amounts)), key=lambda place: -(amounts[place] % size))
        for place in by_loss[: max(0, left)]:
            steps[place] += bool(amounts[place] % size)
        return steps

    def column(self, steps: int) -> str:
        """For a column of figures: all places, without the symbol."""
        whole, rest = divmod(abs(steps), 10**self.places)
        fraction = f".{rest:0{self.places}d}" if self.places else ""
        return f"{'-' if steps < 0 else ''}{whole:,}{fraction}"

    def text(self, steps: int) -> str:
        """For a line of text: without zeros at the end, with the symbol."""
        shown = self.column(steps)
        shown = shown.rstrip("0").rstrip(".") if self.places else shown
        return f"{shown} {self.unit.symbol}"


@dataclass(frozen=True, slots=True)
class ShownMoney:
    """The money of rounds in steps: the parts of the escrow and of the stakes add up to them.

    Each field is that of `RoundMoney` of the same name.
    """

    steps: Steps
    escrow: int
    stakes: int
    paid: int
    refund: int
    forfeit: int
    in_escrow: int
    returned: int
    slashed: int
    bounties: int
    locked: int

    @classmethod
    def of(cls, money: RoundMoney, steps: Steps) -> "ShownMoney":
        """The money of one round, or of several."""
        escrow, stakes = steps.nearest(money.escrow), steps.nearest(money.stakes)
        of_escrow = ("paid", "refund", "forfeit", "in_escrow")
        of_stakes = ("returned", "slashed", "bounties", "locked")
        parts: dict[str, int] = {}
        for names, total in ((of_escrow, escrow), (of_stakes, stakes)):
            shares = steps.share([getattr(money, name) for name in names], total)
            parts |= dict(zip(names, shares, strict=True))
        return cls(steps, escrow, stakes, **parts)

    def __add__(self, other: "ShownMoney") -> "ShownMoney":
        names = [each.name for each in fields(self) if each.name != "steps"]
        return replace(self, **{n: getattr(self, n) + getattr(other, n) for n in names})

    @property
    def to_sink(self) -> int:
        """Slashes and forfeit pay."""
        return self.slashed + self.forfeit

    @property
    def lost(self) -> int:
        """What labelers lost of their stakes."""
        return self.slashed + self.bounties

    def text(self, name: str) -> str:
        """A part, or a sum of parts, for a line of text."""
        return self.steps.text(getattr(self, name))

    def column(self, name: str) -> str:
        """The same for a column of figures."""
        return self.steps.column(getattr(self, name))


@dataclass(frozen=True, slots=True)
class RoundAmounts:
    """All amounts of a round in steps; `pay` and `slash` of each labeler, in their order."""

    money: ShownMoney
    pay: tuple[int, ...]
    slash: tuple[int, ...]

    @classmethod
    def of(cls, facts: RoundFacts, steps: Steps) -> "RoundAmounts":
        """Those of the labelers add up to those of the round, where these are decided."""
        money = ShownMoney.of(facts.money, steps)
        columns = []
        for amounts, decided, shown in (
            ([one.pay for one in facts.labelers], facts.money.paid, money.paid),
            (
                [one.slash for one in facts.labelers],
                facts.money.slashed + facts.money.bounties,
                money.lost,
            ),
        ):
            total = shown if sum(amounts) == decided else steps.nearest(sum(amounts))
            columns.append(tuple(steps.share(amounts, total)))
        return cls(money, *columns)

    def column(self, amount: int, steps: int) -> str:
        """An amount of a labeler; a dash for none."""
        return self.money.steps.column(steps) if amount else "-"


def by_labeler(
    rounds: Sequence[RoundFacts], amounts: Sequence[RoundAmounts]
) -> dict[str, tuple[int, int]]:
    """What each labeler earned and lost for good in all of these rounds, in steps."""
    sums: dict[str, tuple[int, int]] = {}
    for facts, shown in zip(rounds, amounts, strict=True):
        for labeler, pay, slash in zip(facts.labelers, shown.pay, shown.slash, strict=True):
            earned, lost = sums.get(labeler.address, (0, 0))
            decided = labeler.is_final
            sums[labeler.address] = (earned + pay * decided, lost + slash * decided)
    return sums
