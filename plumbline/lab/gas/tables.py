"""What was measured as tables of text, the same for terminals and for docs/gas.md."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from operator import itemgetter
from typing import Final

from plumbline.lab.gas.cases import CASES, JOB, JOB_LABELS, JOB_ROUNDS, Course
from plumbline.lab.gas.fees import FEE_MODELS, FeeLevels, FeeModel
from plumbline.lab.gas.measure import CLOSE, CONCLUDE, OPEN, RELAYED, REVEAL, Measured, once
from plumbline.lab.gas.report import Bill, GasReport, Life
from plumbline.lab.gas.snapshot import DeployedCode
from plumbline.lab.gas.spent import Traced
from plumbline.lab.page import FigureTable

SIZE_LIMIT: Final = 24_576  # bytes of code, EIP-170
PAGE_KEYS: Final = (*("lives", "grid", "steps", "spent", "deployments", "sizes", "prices", "job"),)
"""The places in docs/gas.md."""

_SPENT: Final = ("gas", "fees", "calls", "logic", "memory", "stack", "refund", "bare")


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

    def cells(item: Measured) -> tuple[str, ...]:
        each = item.labelers
        a_label = f"{item.gas / each / item.case.tasks:.1f}" if item.where else ""
        floor = (f"{item.floor // each:,}", f"{item.gas / item.floor:.2f}")
        least = (f"{item.least / item.gas:.0%}", f"{item.draft_least / item.gas:.0%}")
        return (item.name, f"{item.gas // each:,}", a_label, *floor, *least)

    columns = ("step", ">gas a labeler", ">a label", ">floor", ">ratio", ">EIP-7623", ">EIP-7976")
    caption = (
        "floor: what the step must cost however its contract is written. EIP-7623: what calldata "
        "alone makes the transaction cost, as a share of what it used; beyond 100% it would bind. "
        "EIP-7976: the same by that draft."
    )
    rows = _under_headings((item.where, cells(item)) for item in once(measured))
    return FigureTable("steps", "Gas of every step", columns, rows, caption)


def spent(traced: Sequence[Traced]) -> FigureTable:
    """What steps spend their gas on, per labeler, a heading for each round."""

    def cells(item: Traced) -> tuple[str, ...]:
        step, parts = item.step, item.spent
        needed = (parts.fees, parts.hashing + parts.calls, parts.computing)
        shares = (step.gas, *needed, parts.memory, parts.stack, -parts.refund)
        each = (f"{int(share / step.labelers):,}" for share in shares)
        return (step.name, *each, f"{parts.stripped / step.floor:.2f}")

    caption = (
        "fees: transaction, calldata, storage and logs, which the floor has too. calls: of the "
        "judge, and hashing. logic: bits, sums and comparisons. stack: with jumps. bare: the ratio "
        "to the floor if memory, stack and jumps cost nothing."
    )
    columns = ("step", *(f">{name}" for name in _SPENT))
    rows = _under_headings((item.step.where, cells(item)) for item in traced)
    return FigureTable("spent", "What the gas goes on, per labeler", columns, rows, caption)


def _under_headings(rows: Iterable[tuple[str, tuple[str, ...]]]) -> list[tuple[str, ...]]:
    """Rows after the name of their round, which stands once; rows without one have no heading."""
    grouped = groupby(rows, itemgetter(0))
    return [
        row
        for name, group in grouped
        for row in (*([(name,)] if name else []), *(cells for _, cells in group))
    ]


def lives(every: Sequence[Life], key: str = "lives") -> FigureTable:
    """A row for each round: gas per label over its whole life."""

    def cells(life: Life) -> tuple[str, ...]:
        shares = [life.per_label("gas", *names) for names in ((OPEN,), (RELAYED,), (REVEAL,))]
        gas, floor = life.per_label("gas"), life.per_label("floor")
        figures = [*shares, life.per_label("gas", CLOSE, CONCLUDE), gas, floor]
        words = [f"{float(figure):.1f}" for figure in figures]
        if life.case.course is Course.CONCLUDED:
            words[2] = ""
        return (life.case.name, *words, f"{float(gas / floor):.2f}")

    columns = ("round", ">open", ">commit", ">reveal", ">close", ">gas a label", ">floor", ">ratio")
    title = "Gas per label, whole life, relayed in the largest batches"
    return FigureTable(key, title, columns, [cells(life) for life in every])


def sizes(every: Sequence[Life]) -> FigureTable:
    """Bytes per label, before and after the compression of rollups."""
    names = ("posted.raw", "posted.fastlz", "posted.brotli")
    rows = [
        (life.case.name, *(f"{float(life.per_label(name)):.2f}" for name in names))
        for life in every
    ]
    columns = ("round", ">bytes a label", ">FastLZ", ">brotli")
    return FigureTable("sizes", "Bytes posted per label, whole life", columns, rows)


def prices(every: Sequence[Life], fees: FeeLevels) -> FigureTable:
    """What a thousand labels cost in dollars, and how much of it is for the bytes."""
    rows = [
        (life.case.name, *(_price(life, model, fees) for model in FEE_MODELS)) for life in every
    ]
    caption = f"{_in_words(fees)} In brackets: the share that is for the bytes posted."
    return FigureTable("prices", "Dollars for a thousand labels", _PRICED, rows, caption)


def deployments(contracts: Sequence[DeployedCode]) -> FigureTable:
    """Gas and size of what is deployed."""
    rows = [
        (item.name, f"{item.gas:,}", f"{item.size:,}", f"{item.size / SIZE_LIMIT:.0%}")
        for item in contracts
    ]
    columns = ("contract", ">gas", ">bytes of code", f">of {SIZE_LIMIT:,}")
    return FigureTable("deployments", "Deployment", columns, rows)


def job(bill: Bill | None, fees: FeeLevels) -> FigureTable:
    """What the million answers take; without rows if their round was not played."""
    rows = []
    if bill:
        gas = (f"{bill.gas / JOB_LABELS:,.0f}", f"{bill.gas / 10**6:,.0f}")
        rows = [("Plumbline", *gas, *(f"{float(dollars(wei, fees)):,.0f}" for wei in bill.wei))]
    title = f"{JOB_LABELS:,} answers, in {JOB_ROUNDS} rounds like {JOB.name}: gas and dollars"
    columns = ("", ">a label", ">million gas", *_PRICED[1:])
    return FigureTable("job", title, columns, rows, _in_words(fees))


def dollars(wei: Fraction | int, fees: FeeLevels) -> Fraction:
    """What an amount is worth."""
    return Fraction(wei * fees.cents, 100 * 10**18)


_PRICED: Final = ("round", *(f">{model.name}" for model in FEE_MODELS))


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
