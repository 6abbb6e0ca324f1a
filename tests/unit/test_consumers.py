"""What our code writes today is what programs took when they were run last."""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.consumers import page
from tests.consumers.environments import HERE
from tests.consumers.findings import Finding, Kind
from tests.consumers.registry import CONSUMERS, RETURNED, SAMPLES, Consumer
from tests.consumers.runs import RECORDED, Run
from tests.locks import asked_for, canonical

each_consumer = pytest.mark.parametrize("consumer", CONSUMERS, ids=lambda each: each.name)


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Consumer], Path]:
    """What a consumer is given, written once for all that are given the same."""
    written: dict[str, Path] = {}

    def folder(consumer: Consumer) -> Path:
        if consumer.given not in written:
            written[consumer.given] = tmp_path_factory.mktemp("given")
            consumer.give_sample(written[consumer.given])
        return written[consumer.given]

    return folder


def returned(consumer: Consumer) -> dict[str, Any]:
    text = (SAMPLES / consumer.name / RETURNED).read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def recorded(consumer: Consumer) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SAMPLES / consumer.name / RECORDED).read_text())
    return found


def broken(findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if not finding.holds]


def pinned(consumer: Consumer) -> dict[str, str]:
    """The versions in the locks of an environment, whatever platform they are for."""
    lines = [
        line.split()[0].partition("==")
        for lock in (HERE / consumer.name).glob("*.lock")
        for line in asked_for(lock.read_text())
        if "==" in line
    ]
    return {canonical(name): version for name, _, version in lines}


@each_consumer
def test_what_we_write_today_is_what_the_program_took(
    consumer: Consumer, given: Callable[[Consumer], Path]
) -> None:
    findings = consumer.findings(given(consumer), returned(consumer))
    assert {finding.kind for finding in findings} >= {Kind.AGREES, Kind.SILENT}
    assert broken(findings) == []


@each_consumer
def test_what_is_kept_is_of_the_versions_that_are_locked(consumer: Consumer) -> None:
    kept = recorded(consumer)
    assert date.fromisoformat(kept["date"])
    locks = pinned(consumer)
    for name, version in kept["versions"].items():
        assert version.partition("+")[0] == locks[name] or name == "numpy"


# ---------------------------------------------------------------- what is changed is found


def change_parquet(given: Path) -> None:
    path = given / "preference" / "data" / "labels-train.parquet"
    table = pq.read_table(path)
    column = table.schema.get_field_index("text" if "text" in table.schema.names else "prompt")
    values = ["changed", *table.column(column).to_pylist()[1:]]
    pq.write_table(table.set_column(column, table.schema[column], pa.array(values)), path)


def change_json(path: str, act: Callable[[Any], object]) -> Callable[[Path], None]:
    def change(given: Path) -> None:
        text = json.loads((given / path).read_text(encoding="utf-8"))
        act(text)
        (given / path).write_text(json.dumps(text), encoding="utf-8")

    return change


def add_trl_file(given: Path) -> None:
    (given / "dpo-train.jsonl").write_text('{"prompt": "a", "chosen": "b", "rejected": "c"}\n')


def change_choice(tasks: Any) -> None:
    tasks[0]["annotations"][0]["result"][0]["value"]["choices"] = ["tie"]


def change_score(records: Any) -> None:
    records[0]["suggestions"]["label"]["score"] = 0.5


def change_answer(tables: Any) -> None:
    table = tables["tables"]["complete, 3 options"]
    table["answer"][0] = (table["answer"][0] + 1) % 3


CHANGES: Mapping[str, Callable[[Path], None]] = {
    "trl": add_trl_file,
    "datasets": change_parquet,
    "label_studio": change_json("preference/label_studio/annotations.json", change_choice),
    "argilla": change_json("preference/argilla/records.json", change_score),
    "aggregation": change_json("tables.json", change_answer),
}


@each_consumer
def test_a_change_of_what_we_write_is_found(
    consumer: Consumer, given: Callable[[Consumer], Path], tmp_path: Path
) -> None:
    changed = shutil.copytree(given(consumer), tmp_path / "given")
    CHANGES[consumer.name](changed)
    assert broken(consumer.findings(changed, returned(consumer)))


# ---------------------------------------------------------------- the page


def rows(text: str) -> Iterator[str]:
    return (line for line in text.splitlines() if line.startswith("| "))


def test_the_page_is_of_a_run_of_all_in_the_versions_that_are_locked() -> None:
    text = page.PAGE.read_text(encoding="utf-8")
    for consumer in CONSUMERS:
        (row,) = (row for row in rows(text) if row.startswith(f"| {consumer.title} |"))
        assert row.endswith("| passed |")
        for name, version in recorded(consumer)["versions"].items():
            assert f"{name} {version}" in row


def test_the_page_says_what_does_not_hold_and_what_was_skipped() -> None:
    wrong = Finding("it \nis | read", False, "4 <rows>", "a file")
    runs = [
        Run(CONSUMERS[0], {"a": "1"}, [wrong, Finding("it is fine", True)]),
        Run(CONSUMERS[1], {}, skipped="no wheel"),
        Run(CONSUMERS[2], {"b": "2"}, failed="exit code 1"),
    ]
    text = page.text(runs)
    assert "| **not so**: it is \\| read | a file: 4 &lt;rows> (not so) |" in text
    assert "FAILED (1)" in text and "skipped: no wheel" in text and "FAILED: exit code 1" in text
    assert [run.is_good for run in runs] == [False, True, False]
