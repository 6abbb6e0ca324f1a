"""A measurement and all that follows from it."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from plumbline.lab.gas import tables
from plumbline.lab.gas.cases import JOB, Case, Course
from plumbline.lab.gas.fees import CHAINS, Fees
from plumbline.lab.gas.job import Bill, bills, deposit_of
from plumbline.lab.gas.life import Life, life_of
from plumbline.lab.gas.snapshot import Contract, Figure, figures
from plumbline.lab.gas.spent import Traced
from plumbline.lab.gas.steps import Measured
from plumbline.lab.gas.tables import Table


@dataclass(frozen=True)
class Report:
    """The rounds that were played, what was deployed, every transaction, and fees to price it.

    `traced` are those transactions, if any, of which a node told what their gas went on.
    """

    cases: tuple[Case, ...]
    contracts: tuple[Contract, ...]
    measured: tuple[Measured, ...]
    fees: Fees
    traced: tuple[Traced, ...] = ()

    @cached_property
    def lives(self) -> tuple[Life, ...]:
        """One for each round that was settled, by kind, options, tasks and labelers."""
        settled = [case for case in self.cases if case.is_settled]
        return tuple(life_of(case, self.measured) for case in sorted(settled, key=_place))

    @cached_property
    def bills(self) -> tuple[Bill, ...]:
        """Of the million answers; empty if its round was not played."""
        found = [life for life in self.lives if life.case == JOB]
        return tuple(bills(found[0], deposit_of(self.measured), self.fees)) if found else ()

    def tables(self) -> list[Table]:
        """Everything, for a terminal."""
        made = [
            tables.steps(self.measured),
            *([tables.spent(self.traced)] if self.traced else []),
            tables.lives(self.lives),
            tables.sizes(self.lives),
            tables.prices(self.lives, self.fees),
            tables.deployments(self.contracts),
            tables.bundles(),
        ]
        return [*made, tables.job(self.bills, self.fees)] if self.bills else made

    def parts(self, shown: Iterable[Case]) -> dict[str, str]:
        """What docs/gas.md has between its marks; the rounds in `shown` step by step."""
        kept = frozenset(shown)
        some = [life for life in self.lives if life.case in kept]
        return {
            "steps": tables.steps(self._of(kept)).markdown(),
            "spent": tables.spent(self.traced).markdown(),
            "lives": tables.lives(some).markdown(),
            "grid": tables.lives(self.lives).markdown(),
            "deployments": tables.deployments(self.contracts).markdown(),
            "sizes": tables.sizes(some).markdown(),
            "prices": tables.prices(some, self.fees).markdown(),
            "job": tables.job(self.bills, self.fees).markdown(),
            "bundles": tables.bundles().markdown(),
        }

    def figures(self, kept: Iterable[Case]) -> list[Figure]:
        """What a snapshot of these rounds holds."""
        return figures(self.contracts, self._of(frozenset(kept)))

    def to_json(self) -> dict[str, Any]:
        """All figures for machines: gas and bytes of whole transactions, amounts in wei as text."""
        return {
            "contracts": [asdict(item) for item in self.contracts],
            "transactions": [
                {
                    "round": item.where,
                    "step": item.step,
                    "labelers": item.labelers,
                    "gas": item.gas,
                    "floor": item.floor,
                    "eip_7623": item.least,
                    "eip_7976": item.draft_least,
                    **asdict(item.posted),
                }
                for item in self.measured
            ],
            "traced": [
                {"round": item.step.where, "step": item.step.step, **asdict(item.spent)}
                for item in self.traced
            ],
            "rounds": [
                {
                    "round": life.case.name,
                    "labels": life.case.labels,
                    "gas_per_label": round(float(life.gas()), 2),
                    "floor_per_label": round(float(life.floor()), 2),
                    "bytes_per_label": round(float(life.raw()), 3),
                    "fastlz_per_label": round(float(life.fastlz()), 3),
                    "brotli_per_label": round(float(life.brotli()), 3),
                    "wei_per_thousand_labels": {
                        chain.name: str(int(life.wei(chain, self.fees) * 1_000)) for chain in CHAINS
                    },
                }
                for life in self.lives
            ],
            "job": [
                {
                    "name": bill.name,
                    "gas": bill.gas,
                    "wei": {
                        chain.name: None if wei is None else str(wei)
                        for chain, wei in zip(CHAINS, bill.wei, strict=True)
                    },
                }
                for bill in self.bills
            ],
            "fees": asdict(self.fees),
        }

    def _of(self, kept: frozenset[Case]) -> list[Measured]:
        """The steps of some rounds, and those of accounts."""
        return [item for item in self.measured if not item.where or item.case in kept]


def _place(case: Case) -> tuple[int, ...]:
    course = list(Course).index(case.course)
    return (case.kind, case.options, case.tasks, case.labelers, course)
