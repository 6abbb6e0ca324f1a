"""The files that a requester and a labeler hand to the commands: a round, answers, a campaign."""

import csv
import json
from pathlib import Path
from typing import Any

TASKS = [f"message {number}" for number in range(48)]
TRUTH = ["yes" if number % 3 == 0 else "no" for number in range(48)]
# Six of either answer.
GOLD = {number + 1: TRUTH[number] for start in (0, 1) for number in range(start, 36, 6)}
SEATS = 5
STAKE = 2 * 10**16


def write_round(folder: Path, name: str = "round.json", **changes: Any) -> Path:
    """A binary round with gold tasks for five; a key that is None is left out, gold knowingly."""
    values = {
        "preset": "binary",
        "tasks": TASKS,
        "gold": GOLD,
        "price": "0.01 ether",
        "stake": "0.02 ether",
        "seats": SEATS,
        "r_min": 3,
        "commit": "1h",
        "reveal": "1h",
        "gold_window": "1h",
        **changes,
    }
    path = folder / name
    values.setdefault("no_gold", values["gold"] is None)
    given = {key: value for key, value in values.items() if value is not None}
    path.write_text(json.dumps(given), encoding="utf-8")
    return path


def write_answers(folder: Path, name: str = "answers.csv", **changes: str) -> Path:
    """The right answer to every task, but for `_8="yes"` and the like."""
    answers = dict(enumerate(TRUTH, start=1)) | {
        int(key[1:]): value for key, value in changes.items()
    }
    path = folder / name
    lines = [f"{task},{answer}" for task, answer in sorted(answers.items())]
    path.write_text("task,answer\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


MESSAGES = {f"message {number}": "yes" if number % 2 else "no" for number in range(150)}
CAMPAIGN = {
    "preset": "binary",
    "tasks": "messages.csv",
    "gold": "answer",
    "batch": 50,
    "labels": 3,
    "price": "0.002 ether",
    "stake": "0.004 ether",
    "spend": "1 ether",
    "open_at_once": 2,
    "load": 2,
    "commit": "1h",
    "reveal": "1h",
    "gold_window": "1h",
    "keep": ["origin"],
    "show": ["text"],
}


def write_campaign(folder: Path, name: str = "job.json", **changes: Any) -> Path:
    """150 messages, of 60 of which the answer is known."""
    with (folder / "messages.csv").open("w") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "text", "answer", "origin"])
        for number, (text, answer) in enumerate(MESSAGES.items()):
            rows.writerow([f"m{number}", text, answer if number < 60 else "", f"file {number}"])
    path = folder / name
    path.write_text(json.dumps({**CAMPAIGN, **changes}))
    return path
