"""What a job takes, step by step."""

import time
from dataclasses import dataclass, field
from typing import Self

from plumbline.chain.call import Call, Receipt, Sender


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a job; without transactions it is work of a computer alone.

    labelers      whom it was done for, or by
    gas           of all its transactions; `largest` of the dearest one
    calldata      bytes, of which `zeros` are zero bytes
    seconds       by the clock on the wall, `cpu` of this process alone
    """

    name: str
    labelers: int = 0
    transactions: int = 0
    gas: int = 0
    largest: int = 0
    calldata: int = 0
    zeros: int = 0
    seconds: float = 0.0
    cpu: float = 0.0

    def __add__(self, other: Self) -> "Step":
        """Both together, under the name of this one."""
        return Step(
            self.name,
            self.labelers + other.labelers,
            self.transactions + other.transactions,
            self.gas + other.gas,
            max(self.largest, other.largest),
            self.calldata + other.calldata,
            self.zeros + other.zeros,
            self.seconds + other.seconds,
            self.cpu + other.cpu,
        )


@dataclass(slots=True)
class Meter:
    """Adds up what is sent and how long everything took, from one lap to the next."""

    _steps: dict[str, Step] = field(default_factory=dict)
    _wall: float = field(default_factory=time.perf_counter)
    _cpu: float = field(default_factory=time.process_time)

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps, in the order in which they began."""
        return tuple(self._steps.values())

    def lap(self, name: str, labelers: int = 0) -> None:
        """All since the last lap was this step."""
        self._add(Step(name, labelers))

    def sent(self, name: str, call: Call, receipt: Receipt, labelers: int = 1) -> None:
        """A transaction landed, and all since the last lap was for it."""
        self._add(
            Step(
                name,
                labelers,
                transactions=1,
                gas=receipt.gas_used,
                largest=receipt.gas_used,
                calldata=len(call.data),
                zeros=call.data.count(0),
            )
        )

    def through(self, sender: Sender, name: str, labelers: int = 1) -> Sender:
        """A sender that is metered: every call is one of this step."""

        def send(call: Call) -> Receipt:
            receipt = sender(call)
            self.sent(name, call, receipt, labelers)
            return receipt

        return send

    def _add(self, found: Step) -> None:
        wall, cpu = time.perf_counter(), time.process_time()
        timed = Step(found.name, seconds=wall - self._wall, cpu=cpu - self._cpu)
        self._wall, self._cpu = wall, cpu
        known = self._steps.get(found.name, Step(found.name))
        self._steps[found.name] = known + found + timed
