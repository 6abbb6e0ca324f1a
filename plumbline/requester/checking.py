"""Checking a round file before there is any money in it: all that opening it would do, without a
chain."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plumbline.errors import PlumblineError
from plumbline.formats.round_file import (
    NoGoldError,
    Questionnaire,
    RoundFile,
    RoundFileError,
    integer_of,
    questionnaire_in,
    read_values,
    round_about,
    rules_of,
)
from plumbline.planning.expectations import CROWD_PPM
from plumbline.planning.job_plan import Assumptions, JobCost, job_cost
from plumbline.progress import Progress, no_progress
from plumbline.settlement.terms import (
    MAX_TASKS,
    ScoringTerms,
    fewest_gold_tasks,
    usual_gold_count,
)
from plumbline.units import ETHER, Unit


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A round file that was read to its end.

    asked       what is asked, and how it was read
    round_file  the round; None if there are more tasks than one may have
    rounds      the terms of the rounds that they take: of that one, or of as few as will do
    cost        what these cost if every seat is taken
    is_campaign  whether the file says how a campaign is cut, so that these are its rounds
    """

    asked: Questionnaire
    round_file: RoundFile | None
    rounds: tuple[ScoringTerms, ...]
    cost: JobCost
    is_campaign: bool

    @classmethod
    def of(
        cls,
        asked: Questionnaire,
        rounds: tuple[ScoringTerms, ...],
        round_file: RoundFile | None = None,
        is_campaign: bool = False,
    ) -> "CheckedFile":
        """With the cost of these rounds."""
        return cls(asked, round_file, rounds, job_cost(rounds, _ASSUMED), is_campaign)

    @property
    def known_shares(self) -> list[tuple[str, int]]:
        """How many answers are known of each option, by name."""
        counts = Counter(self.asked.pool.known.values())
        return [(name, counts[at]) for at, name in enumerate(self.asked.pool.question.options)]

    def to_json(self) -> dict[str, Any]:
        """For programs: amounts as text."""
        asked, rules, cost = self.asked, self.rounds[0], self.cost
        question, imported, uses = asked.pool.question, asked.imported, asked.uses
        return {
            "format": imported.format,
            "rows": imported.read,
            "items": len(asked.pool.items),
            "tasks": len(asked.pool.tasks),
            "fields": {
                "id": uses.name,
                "shown": list(uses.shown),
                "kept": list(uses.kept),
                "gold": uses.gold,
                "group": uses.group,
                "left_out": list(uses.left_out),
            },
            "notes": list(imported.notes),
            "question": question.name,
            "kind": question.kind.label,
            "options": list(question.options),
            "choices": list(question.choices),
            "credit": question.credit,
            "instructions": asked.instructions,
            "known": dict(self.known_shares),
            "gold": dict(self.round_file.gold_shares) if self.round_file else None,
            "tasks_root": "0x" + asked.manifest.root.hex() if self.round_file else None,
            "rounds": len(self.rounds),
            "seats": rules.seats,
            "price": str(rules.price),
            "stake": str(rules.stake),
            "escrow": str(cost.escrow),
            "never_refunded": str(cost.least_spent),
            "expected_spent": None if cost.spent is None else str(cost.spent),
            "gas": {
                "requester": cost.gas.requester,
                "labeler_alone": cost.gas.alone_each,
                "relayed": cost.gas.relayed,
            },
            "advice": self.round_file.advice if self.round_file else [],
        }


def check_file(
    path: Path, unit: Unit = ETHER, no_gold: bool = False, progress: Progress = no_progress
) -> CheckedFile:
    """Read a round file as it would be opened. Raises a PlumblineError that names file and key, or
    file and row.

    `no_gold` says, like the key of that name, that a round without gold is meant.
    """
    values = read_values(path)
    try:
        asked = questionnaire_in(values, path.parent, no_gold, progress)
        if len(asked.pool.tasks) <= MAX_TASKS:
            round_file = round_about(values, path.parent, asked, unit)
            rounds: tuple[ScoringTerms, ...] = (round_file.rules,)
        else:
            round_file, rounds = None, _rounds(values, asked, unit)
    except NoGoldError as error:
        raise NoGoldError(f"{path}: {error}") from None
    except PlumblineError as error:
        raise RoundFileError(f"{path}: {error}") from None
    return CheckedFile.of(asked, rounds, round_file)


def _rounds(
    values: Mapping[str, Any], asked: Questionnaire, unit: Unit
) -> tuple[ScoringTerms, ...]:
    """As few rounds as have room for all tasks, about equally large, with as much gold as is usual
    or as there is."""
    tasks, known = len(asked.pool.tasks), len(asked.pool.known)
    options = len(asked.pool.question.options)
    count = -(-tasks // MAX_TASKS)
    usual = min(usual_gold_count(options, MAX_TASKS), known // count)
    gold = integer_of(values, "gold_count", usual) if known else 0
    fewest = fewest_gold_tasks(options)
    if known and known < count * max(fewest, gold):
        raise RoundFileError(
            f"gold has {known} answers, too few for {count} rounds, of which each takes "
            f"{max(fewest, gold)}: add more, or say no_gold"
        )
    sizes = [tasks // count + (number < tasks % count) for number in range(count)]
    return tuple(rules_of(values, asked.pool.question, size, gold, unit) for size in sizes)


_ASSUMED = Assumptions(gas_price=0, labels_an_hour=1, crowd_ppm=CROWD_PPM)
"""The figures that are asked for here do not depend on gas price and speed."""
