"""What work takes, step by step: transactions, gas, bytes, and time of the clock and processor."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields, replace
from typing import Any, Self, TypeVar

from plumbline.chain.call import Call, Receipt

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class MeteredStep:
    """One step; without transactions it is work of a computer alone."""

    name: str
    labelers: int = 0  # whom it was done for, or by
    transactions: int = 0
    gas: int = 0  # of all its transactions; `largest` of the dearest one
    largest: int = 0
    calldata: int = 0  # bytes
    seconds: float = 0.0  # by the clock on the wall, `cpu` of this process alone
    cpu: float = 0.0

    def __add__(self, other: Self) -> Self:
        """Both together, under the name of this one."""
        names = [item.name for item in fields(self)[1:]]
        sums = {name: getattr(self, name) + getattr(other, name) for name in names}
        return replace(self, **sums | {"largest": max(self.largest, other.largest)})


def together(steps: Iterable[MeteredStep]) -> MeteredStep:
    """All steps as one. Its labelers are 0: they are the same in every step."""
    return replace(sum(steps, MeteredStep("together")), labelers=0)


@dataclass(slots=True)
class Meter:
    """Adds up what is sent and how long everything took, from one lap to the next."""

    _steps: dict[str, MeteredStep] = field(default_factory=dict)
    _wall: float = field(default_factory=time.perf_counter)
    _cpu: float = field(default_factory=time.process_time)

    @property
    def steps(self) -> tuple[MeteredStep, ...]:
        """All steps, in the order in which they began."""
        return tuple(self._steps.values())

    def lap(self, name: str, labelers: int = 0) -> None:
        """All since the last lap was this step."""
        self._add(MeteredStep(name, labelers))

    def each(self, name: str, do: Callable[..., T], *columns: Iterable[Any]) -> list[T]:
        """Do it for every labeler, whose arguments stand side by side; nothing else is timed."""
        self._wall, self._cpu = time.perf_counter(), time.process_time()
        results = list(map(do, *columns))
        self.lap(name, len(results))
        return results

    def sent(self, name: str, call: Call, receipt: Receipt, labelers: int = 1) -> None:
        """A transaction landed, and all since the last lap was for it."""
        gas = receipt.gas_used
        self._add(MeteredStep(name, labelers, 1, gas, gas, len(call.data)))

    def shared(
        self, name: str, call: Call, receipt: Receipt, labelers: int, gas: int, is_first: bool
    ) -> None:
        """The same of one of several actions in a transaction: its share of the gas; all else is
        counted with the first of them.
        """
        calldata = len(call.data) if is_first else 0
        self._add(MeteredStep(name, labelers, int(is_first), gas, receipt.gas_used, calldata))

    def _add(self, step: MeteredStep) -> None:
        wall, cpu = time.perf_counter(), time.process_time()
        timed = replace(step, seconds=wall - self._wall, cpu=cpu - self._cpu)
        self._wall, self._cpu = wall, cpu
        known = self._steps.get(step.name, MeteredStep(step.name))
        self._steps[step.name] = known + timed
