"""Does TRL train on what we wrote?"""

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pyarrow.parquet as pq

from tests.consumers.findings import Finding, silent

_TRAINERS: Final = ("dpo", "reward", "kto", "sft")
_FORMS: Final = ("", "_conversational")
_NOTHING: Final = 1e-6
"""A gradient of which nothing is learnt."""


def findings(given: Path, returned: Mapping[str, Any]) -> Iterator[Finding]:
    """What a step on each file gave."""
    steps = returned["steps"]
    for trainer in _TRAINERS:
        for form in _FORMS:
            yield _of_files(given, steps, trainer, form)
    yield from _silence(returned["silence"])


def _of_files(given: Path, steps: Mapping[str, Any], trainer: str, form: str) -> Finding:
    """All files of a table, as Parquet and as JSON Lines."""
    files = [
        str(path.relative_to(given))
        for pattern in (f"{trainer}{form}-*.parquet", f"{trainer}{form}-*.jsonl")
        for path in sorted(given.rglob(pattern))
    ]
    done = {file: steps[file] for file in files if file in steps}
    failed = [file for file in files if not _is_trained(given / file, done.get(file, {}))]
    rows = sum(step["rows"] for step in done.values())
    losses = [step["loss"] for step in done.values() if "loss" in step]
    seen = f"{len(files)} files, {rows} rows"
    if losses:
        seen += f", losses {min(losses):.2f} to {max(losses):.2f}"
    if failed:
        error = done.get(failed[0], {}).get("error", "no step, or nothing learnt")
        seen += f"; {failed[0]}: {error}"
    return Finding(
        f"{trainer.upper() if trainer != 'reward' else 'reward'} takes a step on every file of "
        f"`{trainer}{form}`",
        bool(files) and not failed,
        seen,
    )


def _is_trained(path: Path, step: Mapping[str, Any]) -> bool:
    """Whether a step on all of its rows taught something; the first stands for all."""
    if path.suffix == ".jsonl":
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    else:
        rows = pq.read_table(path).to_pylist()
    return (
        math.isfinite(step.get("loss", math.nan))
        and step["gradient"] > _NOTHING
        and (step["rows"], step["first"]) == (len(rows), rows[0])
    )


def _silence(there: Mapping[str, Any]) -> Iterator[Finding]:
    plain = there["plain"]
    for trainer in _TRAINERS:
        yield silent(
            "columns `weight`, `weights` and `confidence` are ignored",
            plain[trainer] == there["weights"][trainer],
            trainer,
        )
    for trainer, step in there["ties"].items():
        yield silent(
            "`chosen` that is `rejected` trains, and teaches nothing",
            math.isclose(step["loss"], math.log(2), rel_tol=1e-4) and step["gradient"] < _NOTHING,
            f"{trainer}: gradient {step['gradient']:.0e}",
        )
    margins = there["margin"]
    yield Finding(
        "the reward trainer uses `margin`",
        margins["reward"]["loss"] > plain["reward"]["loss"],
        f"loss {plain['reward']['loss']:.2f} without, {margins['reward']['loss']:.2f} with 2",
    )
    yield silent("DPO ignores `margin`", margins["dpo"] == plain["dpo"])
    yield silent(
        "a negative `margin` asks for less than a tie",
        margins["negative"]["loss"] < plain["reward"]["loss"],
        f"loss {margins['negative']['loss']:.2f} with -2",
    )
    yield Finding(
        "a `margin` that is missing in one row is refused",
        isinstance(margins["some"], str),
        str(margins["some"]),
    )
    yield silent(
        "KTO takes completions that are all good",
        isinstance(there["all desirable"], Mapping),
        f"loss {there['all desirable']['loss']:.2f}",
    )
    yield silent(
        "KTO takes any number for a label: what is not 0 is good",
        there["label of numbers"] == plain["kto"],
    )
    yield Finding(
        "KTO refuses labels that are text", isinstance(there["label of text"], str),
        str(there["label of text"]),
    )  # fmt: skip
    yield silent(
        "an empty completion trains",
        all(isinstance(step, Mapping) for step in there["empty"].values()),
        ", ".join(
            f"{key}: gradient {step['gradient']:.0e}" for key, step in there["empty"].items()
        ),
    )
    one, other = there["cut"]["dpo"]
    yield silent(
        "what is longer than `max_length` is cut: completions that differ behind it are the same",
        one == other,
    )
    whole, moved = there["joined"]
    yield silent(
        "text of `prompt` and completion is joined as it is, without a space in between",
        whole == moved,
        f"`Which` + `is` gives the loss of `Whic` + `his`: {whole['loss']:.4f}",
    )
    yield Finding(
        "an option that is not known is refused",
        isinstance(there["unknown option"], str),
        str(there["unknown option"]),
    )
