"""What was measured as tables of text, the same for terminals and for docs/gas.md."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final

from plumbline.lab.gas.cases import CASES, JOB, JOB_LABELS, JOB_ROUNDS, Course
from plumbline.lab.gas.fees import FEE_MODELS, FeeLevels, FeeModel
from plumbline.lab.gas.measure import CLOSE, CONCLUDE, OPEN, RELAYED, REVEAL, Measured, once
from plumbline.lab.gas.report import Bill, GasReport, Life
from plumbline.lab.gas.snapshot import GasFigure
from plumbline.lab.gas.spent import Spent, Traced
from plumbline.lab.page import Columns, FigureTable

SIZE_LIMIT: Final = 24_576  # bytes of code, EIP-170
PAGE_KEYS: Final = (*("lives", "grid", "steps", "spent", "deployments", "sizes", "prices", "job"),)
"""The places in docs/gas.md."""


def tables(report: GasReport) -> list[FigureTable]:
    """Everything, for a terminal."""
    return [table for table in _all(report, report.measured, report.lives) if table.rows]


def blocks(report: GasReport) -> dict[str, str]:
    """What docs/gas.md has between its marks, of a measurement of the whole grid."""
    some = [life for life in report.lives if life.case in CASES]
    every = [*_all(report, report.of(CASES), some), lives(report.lives, "grid")]
    return {table.key: table.markdown() for table in every}


def _all(
    report: GasReport, measured: Sequence[Measured], some: Sequence[Life]
) -> list[FigureTable]:
    return [
        *(steps(measured), spent(report.traced), lives(some), sizes(some)),
        *(prices(some, report.fees), deployments(report.contracts), job(report.bill, report.fees)),
    ]


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

    def price(model: FeeModel) -> Callable[[Life], str]:
        return lambda life: _price(life, model, fees)

    columns = {"round": lambda life: life.case.name}
    columns |= {f">{model.name}": price(model) for model in FEE_MODELS}
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


def job(bill: Bill | None, fees: FeeLevels) -> FigureTable:
    """What the million answers take; without rows if their round was not played."""
    rows = []
    if bill:
        gas = (f"{bill.gas / JOB_LABELS:,.0f}", f"{bill.gas / 10**6:,.0f}")
        rows = [("Plumbline", *gas, *(f"{float(dollars(wei, fees)):,.0f}" for wei in bill.wei))]
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


def _price(life: Life, model: FeeModel, fees: FeeLevels) -> str:
    wei = life.wei(model, fees)
    share = f" ({float(life.data_wei(model, fees) / wei):.0%})" if model.is_rollup and wei else ""
    return f"{float(dollars(wei * 1_000, fees)):,.4f}{share}"
