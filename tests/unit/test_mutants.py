"""Mistakes are made one at a time, where they are meant, and survivors are accounted for."""

from collections import Counter
from pathlib import Path

import pytest

from tests.mutants import record
from tests.mutants.__main__ import all_mutants
from tests.mutants.hunt import Fate, Finding
from tests.mutants.operators import Mutant, mutants_of
from tests.mutants.page import is_good, is_unexplained, score
from tests.mutants.survivors import SURVIVORS

SOURCE = """\
# pragma version 0.4.3
FEW: constant(uint256) = 12
_MARK: constant(bytes4) = 0x1626BA7E

event Seen:
    count: uint256

seen: uint256[3]

@external
@nonreentrant
def look(count: uint256, wanted: bool) -> bool:
    assert count < FEW, "too many"
    self.seen[1] += count
    for n: uint256 in range(3):
        if wanted:
            continue
        if not wanted and self.seen[n] == count - 1:
            self._note(min(count, FEW))
    return True

@internal
def _note(count: uint256):
    self.seen[0] = count
    log Seen(count=count)
"""


def made(kind: str) -> list[tuple[str, str]]:
    mutants = mutants_of("Seen.vy", SOURCE)
    return [(mutant.old, mutant.new) for mutant in mutants if mutant.kind == kind]


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("assert dropped", [('assert count < FEW, "too many"', "pass")]),
        ("write dropped", [("self.seen[1] += count", "pass"), ("self.seen[0] = count", "pass")]),
        ("call dropped", [("self._note(min(count, FEW))", "pass")]),
        ("event dropped", [("log Seen(count=count)", "pass")]),
        ("jump dropped", [("continue", "pass")]),
        ("lock dropped", [("@nonreentrant", "")]),
        ("comparison", [("<", "<="), ("<", ">="), ("==", "!=")]),
        ("constant + 1", [("12", "13"), ("1", "2"), ("3", "4"), ("1", "2"), ("0", "1")]),
        ("constant - 1", [("12", "11")]),
        ("constant", [("E", "f"), ("True", "False")]),
        ("logic", [("wanted", "not wanted"), ("not wanted", "wanted"), ("and", "or")]),
    ],
)
def test_mistakes_of_each_kind(kind: str, changes: list[tuple[str, str]]) -> None:
    assert made(kind) == changes


def test_a_mistake_changes_one_place() -> None:
    for mutant in mutants_of("Seen.vy", SOURCE):
        changed = mutant.applied(SOURCE)
        assert changed != SOURCE
        assert changed[: mutant.begin] == SOURCE[: mutant.begin]
        assert changed.endswith(SOURCE[mutant.end :])


def test_a_mistake_is_not_made_in_another_file() -> None:
    mutant = mutants_of("Seen.vy", SOURCE)[0]
    with pytest.raises(AssertionError, match="another file"):
        mutant.applied(" " + SOURCE)


def test_every_kind_of_mistake_can_be_made_in_the_contracts() -> None:
    kinds = Counter(mutant.kind for mutant in all_mutants())
    assert set(kinds) == {mutant.kind for mutant in mutants_of("Seen.vy", SOURCE)}


def test_every_reason_is_about_a_mutant() -> None:
    mutants = all_mutants()
    assert [known for known in SURVIVORS if not any(map(known.is_of, mutants))] == []


def finding(number: int, fate: Fate) -> Finding:
    return Finding(Mutant("Seen.vy", number, 0, 1, "constant + 1", "0", "1"), fate)


def test_only_other_contracts_count() -> None:
    fates = [Fate.KILLED] * 3 + [Fate.SURVIVED, Fate.SAME, Fate.REFUSED]
    assert score([finding(number, fate) for number, fate in enumerate(fates)]) == 0.75


def test_a_survivor_without_a_reason_is_not_good(monkeypatch: pytest.MonkeyPatch) -> None:
    findings = [finding(number, Fate.KILLED) for number in range(99)]
    assert is_good(findings)
    findings.append(finding(100, Fate.SURVIVED))
    monkeypatch.setattr("tests.mutants.page.reason_for", lambda mutant: "")
    assert not is_good(findings)
    monkeypatch.setattr("tests.mutants.page.reason_for", lambda mutant: "it does the same")
    assert is_good(findings)
    assert not is_good([finding(number, Fate.SURVIVED) for number in range(6)] + findings[:94])


def test_a_hunt_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "mutants.jsonl"
    monkeypatch.setattr("tests.mutants.record.code_without_mistakes", lambda: "these contracts")
    killed, alive = finding(1, Fate.KILLED), finding(2, Fate.SURVIVED)
    record.note(killed, file)
    record.note(alive, file)
    assert record.noted(file) == {killed.mutant: killed, alive.mutant: alive}
    assert not is_unexplained(killed) and is_unexplained(alive)
    monkeypatch.setattr("tests.mutants.record.code_without_mistakes", lambda: "other contracts")
    assert record.noted(file) == {}
