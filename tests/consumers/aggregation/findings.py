"""Do others get our numbers from the same answers?"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any, Final

import numpy as np

from plumbline.aggregation.bradley_terry import strengths
from plumbline.aggregation.methods import METHODS
from plumbline.aggregation.reliability import krippendorff_alpha
from plumbline.aggregation.table import UNKNOWN, AnswerTable, Floats, Integers
from plumbline.aggregation.weighted import kappa_with_others
from tests.consumers.aggregation.given import read_table
from tests.consumers.findings import Finding, differs, silent

_EXACT: Final = 1e-6
# Ours end where a step changes no probability by more than 1e-5, and after 100 steps.
_NEAR: Final = 1e-4
_MET_OFTEN: Final = 50


def findings(given: Path, returned: Mapping[str, Any]) -> Iterator[Finding]:
    """What they made of each table, held against what we make of it."""
    asked = json.loads((given / "tables.json").read_text())
    for name, table in asked["tables"].items():
        yield from _of_table(name, *read_table(table), returned["tables"][name])
    for name, wins in asked["wins"].items():
        yield from _of_wins(name, np.array(wins, dtype=np.float64), returned["wins"][name])
    yield from _silence(returned["silence"], returned["wins"])


def _of_table(
    name: str, asked: AnswerTable, gold: Integers, theirs: Mapping[str, Any]
) -> Iterator[Finding]:
    table = replace(asked, is_ordinal=False)  # crowd-kit knows no order
    nothing = np.full(table.tasks, UNKNOWN, dtype=np.int64)

    def held(ours: str, there: str, known: Integers = nothing) -> tuple[bool, str]:
        """Whether labels are the same, and probabilities but for the steps that are left."""
        estimate = METHODS[ours](table, known)
        probabilities = np.array(theirs[there])
        differ = int((probabilities.argmax(axis=1) != estimate.labels).sum())
        apart = np.abs(probabilities - estimate.distribution)
        seen = f"{differ} of {table.tasks} labels, {apart.max():.0e}"
        return bool(differ == 0 and apart.mean() < _NEAR), seen

    for says, ours, there in (
        ("majority is crowd-kit's", "majority", "majority"),
        ("Dawid-Skene is crowd-kit's with our smoothing", "dawid-skene", "dawid-skene, smoothed"),
        (
            "MACE is crowd-kit's with our smoothing, if options and labelers are in order",
            "mace",
            "mace, smoothed",
        ),
    ):
        yield Finding(says, *held(ours, there), name)
    for says, ours, there, known in (
        (
            "Dawid-Skene of crowd-kit as it is: without smoothing, who never gave an answer never "
            "gives it",
            "dawid-skene",
            "dawid-skene",
            nothing,
        ),
        (
            "Dawid-Skene with gold answers: crowd-kit starts from the majority, and we from "
            "gold-weighted votes",
            "dawid-skene",
            "dawid-skene, smoothed, with gold answers",
            gold,
        ),
        ("MACE of crowd-kit as it is: it mixes up options and labelers", "mace", "mace", nothing),
    ):
        yield differs(says, held(ours, there, known)[1], name)
    for level, is_ordinal in (("nominal", False), ("ordinal", True)):
        alpha = krippendorff_alpha(replace(table, is_ordinal=is_ordinal))
        yield _same(f"{level} alpha is krippendorff's", alpha, theirs["alpha"][level], name)
    nominal = krippendorff_alpha(table)
    yield _same("nominal alpha is crowd-kit's", nominal, theirs["alpha of crowd-kit"], name)
    kappas = np.array([_kappa(table, pair) for pair in combinations(range(4), 2)])
    apart = np.abs(kappas - np.array(theirs["kappa"])).max()
    yield Finding(
        "kappa of two labelers is scikit-learn's",
        bool(apart < _EXACT),
        f"{kappas.min():.3f} to {kappas.max():.3f}",
        name,
    )


def _same(says: str, ours: float | None, theirs: float, on: str) -> Finding:
    return Finding(says, ours is not None and abs(ours - theirs) < _EXACT, f"{theirs:.4f}", on)


def _kappa(table: AnswerTable, pair: tuple[int, int]) -> float:
    """Of two labelers, on the tasks that both answered."""
    both = table.only(np.isin(table.labeler, pair))
    common = both.votes().sum(axis=1) == 2
    both = both.only(common[both.task])
    nothing = np.full(table.tasks, UNKNOWN, dtype=np.int64)
    return float(kappa_with_others(both, nothing, np.ones(table.labelers))[pair[0]])


def _of_wins(name: str, wins: Floats, theirs: Mapping[str, Any]) -> Iterator[Finding]:
    ours = _chances(strengths(wins))
    met = (wins + wins.T)[0, 1]
    for program in ("choix", "crowd-kit"):
        apart = np.abs(ours - _chances(np.array(theirs[program]))).max()
        if met < _MET_OFTEN:
            yield differs(
                f"Bradley-Terry of {program}: ours has each thing beat an average one a tenth of "
                "a time before, and lose as often",
                f"{apart:.0e}",
                name,
            )
        else:
            yield Finding(
                f"Bradley-Terry is {program}'s: chances of being preferred",
                bool(apart < 0.1 / met),
                f"{apart:.0e}",
                name,
            )


def _chances(strength: Floats) -> Floats:
    """How likely each thing is preferred to each other."""
    chances: Floats = strength[:, None] / (strength[:, None] + strength[None, :])
    return chances


def _silence(there: Mapping[str, Any], wins: Mapping[str, Any]) -> Iterator[Finding]:
    yield silent("crowd-kit ignores a column `weight` of answers", there["weight"])
    yield silent(
        "crowd-kit counts an answer that is in its table twice as two",
        there["twice"] == 0.5,
        f"one of three, given twice, is a share of {there['twice']}",
    )
    yield silent(
        "crowd-kit takes a gold answer that nobody gave and no option is for an option more, and "
        "for the label",
        there["no option"] == 5,
        f"label {there['no option']} of options 0 and 1",
    )
    yield silent("crowd-kit ignores a gold answer to a task that is not there", there["no task"])
    yield silent(
        "crowd-kit's MACE starts all its restarts (`n_restarts`) from the same place: more of them "
        "change nothing",
        there["restarts"],
    )
    yield silent("crowd-kit's MACE ignores its option `smoothing`", there["smoothing"])
    yield silent(
        "crowd-kit's MACE numbers options and labelers by first appearance in one place and by "
        "size in another: renaming them changes its labels",
        there["renamed"] > _NEAR,
        f"a probability changes by {there['renamed']:.3f}",
    )
    early = max(
        float(
            np.abs(
                _chances(np.array(each["crowd-kit"]))
                - _chances(np.array(each["crowd-kit, with a tolerance"]))
            ).max()
        )
        for each in wins.values()
    )
    yield silent(
        "crowd-kit's BradleyTerry compares a step with itself and ends at the second one, unless "
        "`tol` is below 0",
        early > _NEAR,
        f"a chance is off by {early:.3f}",
    )
    yield silent(
        "crowd-kit's BradleyTerry takes a tie for a thing that won, and gives no scores",
        set(there["tie"]) == {"nan"},
        ", ".join(there["tie"]),
    )
    plain, interval = there["level"]
    yield silent(
        "krippendorff takes numbers for a scale of equal steps, unless `level_of_measurement` is "
        "set",
        plain == interval,
        f"{plain:.3f}",
    )
    yield silent(
        "choix gives a thing that was never compared an average strength",
        abs(there["pairs"][2]) < _EXACT,
    )
