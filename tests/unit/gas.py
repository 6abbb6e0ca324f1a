"""A measurement made up for tests: round numbers, no chain."""

from plumbline.lab.gas.cases import Case
from plumbline.lab.gas.fees import FeeLevels, Posted
from plumbline.lab.gas.measure import CLOSE, DEPOSIT, OPEN, RELAYED, REVEAL, Measured
from plumbline.lab.gas.report import GasReport
from plumbline.lab.gas.snapshot import GasFigure
from plumbline.settlement.terms import Kind

CASE = Case(Kind.NOMINAL, 2, 1, 100)


def measured(
    step: str, labelers: int, gas: int, raw: int = 1_000, case: Case = CASE, floor: int = 21_000
) -> Measured:
    """A step with calldata that is cheap, and half as long after each compression."""
    sizes = Posted(raw, raw // 2, raw // 4)
    return Measured(case, step, "0x00", labelers, gas, floor, gas // 2, gas * 3 // 4, sizes)


def steps_of(case: Case) -> tuple[Measured, ...]:
    """Every step that a label goes through, and a smaller batch."""
    return (
        measured(OPEN, case.labelers, 150_000, 800, case, 100_000),
        measured(RELAYED, 50, 50 * 38_000, 50 * 292, case, 50 * 19_000),
        measured(RELAYED, 10, 10 * 42_000, 10 * 309, case, 10 * 21_000),
        measured(REVEAL, 50, 50 * 11_500, 50 * 230, case, 50 * 11_500),
        measured(CLOSE, case.labelers, case.labelers * 20_000, case.labelers * 196, case, 10**6),
    )


REPORT = GasReport(
    (CASE,),
    (GasFigure("deployment", "Judge", 3_000_000, 15_000),),
    (measured(DEPOSIT, 1, 46_000, 200), *steps_of(CASE)),
    FeeLevels(),
)
