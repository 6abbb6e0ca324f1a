"""A measurement, what follows from it per label, and the tables of terminals and docs/gas.md."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property, partial
from operator import attrgetter
from typing import Any, Final

from plumbline.errors import PlumblineError
from plumbline.lab.gas.cases import CASES, JOB, JOB_LABELS, JOB_ROUNDS, Case, Course
from plumbline.lab.gas.fees import FEE_MODELS, FeeLevels, FeeModel
from plumbline.lab.gas.measure import CLOSE, CONCLUDE, OPEN, RELAYED, REVEAL, Measured, once
from plumbline.lab.gas.snapshot import GasFigure
from plumbline.lab.gas.spent import Spent, Traced
from plumbline.lab.gas.together import (
    LOAD,
    ROUNDS,
    CarriedLife,
    Shipment,
    carried_lives,
)
from plumbline.lab.page import Columns, FigureTable

SIZE_LIMIT: Final = 24_576  # bytes of code, EIP-170
PAGE_KEYS: Final = (
    *("lives", "grid", "steps", "spent", "together", "deployments", "policies"),
    *("sizes", "prices", "job"),
)
"""The places in docs/gas.md."""


class LifeError(PlumblineError):
    """A round of which not all steps were measured."""


@dataclass(frozen=True, slots=True)
class Life:
    """What every label of a round goes through: opening, commitment, reveal and close.

    Batches in the middle are as large as were measured. Deposits are not in it: one serves any
    number of rounds.
    """

    case: Case
    steps: tuple[Measured, ...]

    def per_label(self, figure: str | Callable[[Measured], int], *steps: str) -> Fraction:
        """A figure of `Measured`, such as "posted.raw", of all or of some steps."""
        value = attrgetter(figure) if isinstance(figure, str) else figure
        kept = (step for step in self.steps if not steps or step.step in steps)
        shares = (Fraction(value(step), step.labelers * self.case.tasks) for step in kept)
        return sum(shares, Fraction())

    def wei(self, model: FeeModel, fees: FeeLevels) -> Fraction:
        """What a label costs, wei."""
        return self.per_label(lambda step: model.wei(step.gas, step.posted, fees))

    def data_wei(self, model: FeeModel, fees: FeeLevels) -> Fraction:
        """What of that is for bytes that are posted, wei."""
        return self.per_label(lambda step: model.data(step.posted, fees))


def life_of(case: Case, measured: Iterable[Measured]) -> Life:
    """The life of a label in a round that was played. Raises LifeError if a step is missing."""
    ends = (CONCLUDE,) if case.course is Course.CONCLUDED else (REVEAL, CLOSE)
    own = [item for item in measured if item.case == case]
    steps = []
    for name in (OPEN, RELAYED, *ends):
        batches = [item for item in own if item.step == name]
        if not batches:
            raise LifeError(f"{case.name}: {name} was not measured")
        steps.append(max(batches, key=lambda item: item.labelers))
    return Life(case, tuple(steps))


@dataclass(frozen=True)
class GasReport:
    """The rounds that were played, what was deployed, every transaction, and fees to price it.

    Of `measured` the first is a deposit. `traced` are those of which a node told what their gas
    went on; `shipments` are those of small rounds that go together; `policies` say what each takes.
    """

    cases: tuple[Case, ...]
    contracts: tuple[GasFigure, ...]
    measured: tuple[Measured, ...]
    fees: FeeLevels
    traced: tuple[Traced, ...] = ()
    shipments: tuple[Shipment, ...] = ()
    policies: tuple[GasFigure, ...] = ()

    @cached_property
    def lives(self) -> tuple[Life, ...]:
        """One for each round that was settled, by kind, options, tasks and labelers."""
        # Those alike stay as they are, by course.
        ordered = sorted(self.cases, key=lambda x: (x.kind, x.options, x.tasks, x.labelers))
        return tuple(life_of(case, self.measured) for case in ordered if case.is_settled)

    def of(self, kept: Iterable[Case]) -> list[Measured]:
        """The steps of some rounds, and those of accounts."""
        wanted = frozenset(kept)
        return [item for item in self.measured if not item.where or item.case in wanted]

    def figures(self, kept: Iterable[Case]) -> list[GasFigure]:
        """What a snapshot of these rounds holds."""
        steps = []
        for item in once(self.of(kept)):
            share = 1 if item.step == OPEN else item.labelers
            where, size = item.where or "account", item.posted.raw
            steps.append(GasFigure(where, item.name, item.gas // share, size // share))
        return [*self.contracts, *steps, *self._together(), *self.policies]

    def _together(self) -> Iterator[GasFigure]:
        """Small rounds: steps per labeler, and a label."""
        for each in self.shipments:
            share = each.rounds * (1 if each.step == OPEN else each.case.labelers)
            step = f"{each.step}, {each.way}".removesuffix(", ")
            where = f"{ROUNDS} x {each.case.name}"
            yield GasFigure(where, step, sum(each.gas) // share, each.size // share)
        for life in carried_lives(self.shipments):
            bytes_a_round = sum(step.size / step.rounds for step in life.steps)
            size = int(bytes_a_round / life.case.labelers / life.case.tasks)
            where, label = f"{ROUNDS} x {life.case.name}", f"a label{life.end}, {life.way}"
            yield GasFigure(where, label, round(life.per_label()), size)

    def to_json(self) -> dict[str, Any]:
        """What was measured, for machines: gas and bytes of whole transactions."""
        return {
            "contracts": [
                {"name": item.step, "gas": item.gas, "size": item.size} for item in self.contracts
            ],
            "transactions": [
                {
                    **{"round": item.where, "step": item.step, "labelers": item.labelers},
                    **{"gas": item.gas, "floor": item.floor, "eip_7623": item.least},
                    **{"eip_7976": item.draft_least, **asdict(item.posted)},
                }
                for item in self.measured
            ],
            "traced": [
                {"round": item.step.where, "step": item.step.step, **asdict(item.spent)}
                for item in self.traced
            ],
            "together": [asdict(item) for item in self._together()],
            "policies": [
                {"name": item.case, "step": item.step, "gas": item.gas, "size": item.size}
                for item in self.policies
            ],
        }


def tables(report: GasReport, kept: Sequence[Case] | None = None) -> list[FigureTable]:
    """Everything of some rounds, or of all, for a terminal; what was not played has no rows."""
    measured = report.measured if kept is None else report.of(kept)
    some = [life for life in report.lives if kept is None or life.case in kept]
    return [
        *(steps(measured), spent(report.traced), lives(some), sizes(some)),
        *(prices(some, report.fees), together(report.shipments)),
        *(deployments(report.contracts), policies(report.policies), job(report)),
    ]


def blocks(report: GasReport) -> dict[str, str]:
    """What docs/gas.md has between its marks, of a measurement of the whole grid."""
    every = [*tables(report, CASES), lives(report.lives, "grid")]
    return {table.key: table.markdown() for table in every}


def steps(measured: Sequence[Measured]) -> FigureTable:
    """Every step of every round: gas, floor, and how near to what calldata costs at least."""
    columns: Columns[Measured] = {
        "step": lambda item: item.name,
        ">gas a labeler": lambda item: f"{item.gas // item.labelers:,}",
        ">a label": lambda item: (
            f"{item.gas / item.labelers / item.case.tasks:.1f}" if item.where else ""
        ),
        ">floor": lambda item: f"{item.floor // item.labelers:,}",
        ">ratio": lambda item: f"{item.gas / item.floor:.2f}",
        ">EIP-7623": lambda item: f"{item.least / item.gas:.0%}",
        ">EIP-7976": lambda item: f"{item.draft_least / item.gas:.0%}",
    }
    caption = (
        "floor: what the step must cost however its contract is written. EIP-7623: what calldata "
        "alone makes the transaction cost, as a share of what it used; beyond 100% it would bind. "
        "EIP-7976: the same by that draft."
    )
    return FigureTable.of(
        "steps", "Gas of every step", columns, once(measured), caption, lambda item: item.where
    )


def spent(traced: Sequence[Traced]) -> FigureTable:
    """What steps spend their gas on, per labeler, a heading for each round."""

    def each(share: Callable[[Spent], int]) -> Callable[[Traced], str]:
        return lambda item: f"{int(share(item.spent) / item.step.labelers):,}"

    columns: Columns[Traced] = {
        "step": lambda item: item.step.name,
        ">gas": lambda item: f"{int(item.step.gas / item.step.labelers):,}",
        ">fees": each(lambda parts: parts.fees),
        ">calls": each(lambda parts: parts.hashing + parts.calls),
        ">logic": each(lambda parts: parts.computing),
        ">memory": each(lambda parts: parts.memory),
        ">stack": each(lambda parts: parts.stack),
        ">refund": each(lambda parts: -parts.refund),
        ">bare": lambda item: f"{item.spent.stripped / item.step.floor:.2f}",
    }
    caption = (
        "fees: transaction, calldata, storage and logs, which the floor has too. calls: of the "
        "judge, and hashing. logic: bits, sums and comparisons. stack: with jumps. bare: the ratio "
        "to the floor if memory, stack and jumps cost nothing."
    )
    title = "What the gas goes on, per labeler"
    return FigureTable.of("spent", title, columns, traced, caption, lambda item: item.step.where)


def lives(every: Sequence[Life], key: str = "lives") -> FigureTable:
    """A row for each round: gas per label over its whole life."""

    def gas(*steps: str) -> Callable[[Life], str]:
        return lambda life: f"{float(life.per_label('gas', *steps)):.1f}"

    columns: Columns[Life] = {
        "round": lambda life: life.case.name,
        ">open": gas(OPEN),
        ">commit": gas(RELAYED),
        ">reveal": lambda life: "" if life.case.course is Course.CONCLUDED else gas(REVEAL)(life),
        ">close": gas(CLOSE, CONCLUDE),
        ">gas a label": gas(),
        ">floor": lambda life: f"{float(life.per_label('floor')):.1f}",
        ">ratio": lambda life: f"{float(life.per_label('gas') / life.per_label('floor')):.2f}",
    }
    title = "Gas per label, whole life, relayed in the largest batches"
    return FigureTable.of(key, title, columns, every)


def together(shipments: Sequence[Shipment]) -> FigureTable:
    """A row for each way to carry small rounds: gas per label, and the largest transaction."""

    def gas(*steps: str) -> Callable[[CarriedLife], str]:
        return lambda life: f"{float(life.per_label(*steps)):.1f}" if life.per_label(*steps) else ""

    columns: Columns[CarriedLife] = {
        "rounds in a transaction": lambda life: life.way,
        ">open": gas(OPEN),
        ">commit": gas(RELAYED),
        ">reveal": gas(REVEAL),
        ">close": gas(CLOSE, CONCLUDE),
        ">gas a label": gas(),
        ">largest transaction": lambda life: f"{life.largest:,}",
    }
    title = f"{ROUNDS} small rounds, each labeler in {LOAD}: gas per label, whole life"
    every = carried_lives(shipments)
    return FigureTable.of(
        "together", title, columns, every, heading=lambda life: f"{life.case.name}{life.end}"
    )


def sizes(every: Sequence[Life]) -> FigureTable:
    """Bytes per label, before and after the compression of rollups."""
    columns: Columns[Life] = {
        "round": lambda life: life.case.name,
        ">bytes a label": lambda life: f"{float(life.per_label('posted.raw')):.2f}",
        ">FastLZ": lambda life: f"{float(life.per_label('posted.fastlz')):.2f}",
        ">brotli": lambda life: f"{float(life.per_label('posted.brotli')):.2f}",
    }
    return FigureTable.of("sizes", "Bytes posted per label, whole life", columns, every)


def prices(every: Sequence[Life], fees: FeeLevels) -> FigureTable:
    """What a thousand labels cost in dollars, and how much of it is for the bytes."""

    def price(life: Life, model: FeeModel) -> str:
        wei, bytes_wei = life.wei(model, fees), life.data_wei(model, fees)
        share = f" ({float(bytes_wei / wei):.0%})" if model.is_rollup and wei else ""
        return f"{float(dollars(wei * 1_000, fees)):,.4f}{share}"

    columns = {"round": lambda life: life.case.name}
    columns |= {f">{model.name}": partial(price, model=model) for model in FEE_MODELS}
    caption = f"{_in_words(fees)} In brackets: the share that is for the bytes posted."
    return FigureTable.of("prices", "Dollars for a thousand labels", columns, every, caption)


def deployments(contracts: Sequence[GasFigure]) -> FigureTable:
    """Gas and size of what is deployed."""
    columns: Columns[GasFigure] = {
        "contract": lambda item: item.step,
        ">gas": lambda item: f"{item.gas:,}",
        ">bytes of code": lambda item: f"{item.size:,}",
        f">of {SIZE_LIMIT:,}": lambda item: f"{item.size / SIZE_LIMIT:.0%}",
    }
    return FigureTable.of("deployments", "Deployment", columns, contracts)


def policies(figures: Sequence[GasFigure]) -> FigureTable:
    """What admission policies take."""
    columns: Columns[GasFigure] = {
        "policy": lambda item: item.case,
        "step": lambda item: item.step,
        ">gas": lambda item: f"{item.gas:,}",
        ">bytes": lambda item: f"{item.size:,}",
    }
    caption = "Bytes of code, evidence and calldata; entries are of rounds of ten labelers."
    return FigureTable.of("policies", "Admission policies", columns, figures, caption)


def job(report: GasReport) -> FigureTable:
    """What the million answers of `JOB` take, with a deposit for each labeler and the requester.

    Without rows if its round was not played.
    """
    rows, fees, deposits = [], report.fees, JOB.labelers + 1
    for life in (life for life in report.lives if life.case == JOB):
        deposit = report.measured[0]
        gas = int(life.per_label("gas") * JOB_LABELS) + deposits * deposit.gas
        cells = [f"{gas / JOB_LABELS:,.0f}", f"{gas / 10**6:,.0f}"]
        for model in FEE_MODELS:
            wei = deposits * model.wei(deposit.gas, deposit.posted, fees)
            wei += int(life.wei(model, fees) * JOB_LABELS)
            cells.append(f"{float(dollars(wei, fees)):,.0f}")
        rows.append(("Plumbline", *cells))
    title = f"{JOB_LABELS:,} answers, in {JOB_ROUNDS} rounds like {JOB.name}: gas and dollars"
    columns = ("", ">a label", ">million gas", *(f">{model.name}" for model in FEE_MODELS))
    return FigureTable("job", title, columns, rows, _in_words(fees))


def dollars(wei: Fraction | int, fees: FeeLevels) -> Fraction:
    """What an amount is worth."""
    return Fraction(wei * fees.cents, 100 * 10**18)


def _in_words(fees: FeeLevels) -> str:
    return (
        f"At a base fee of {_gwei(fees.base_fee)}, a blob fee of {_gwei(fees.blob_fee)}, "
        f"{_gwei(fees.l2_fee)} on the rollup, and {fees.cents / 100:,.0f} dollars an ether; "
        f"scalars of the OP stack {fees.base_scalar:,} and {fees.blob_scalar:,}."
    )


def _gwei(wei: int) -> str:
    return f"{(Decimal(wei) / 10**9).normalize():f} gwei"
