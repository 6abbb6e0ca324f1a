"""The specification, the contracts and the tests speak of the same statements and reasons."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/specification.md").read_text()

AREAS = set("ABTCWLRDKGSMPFXVEHQ")
STATEMENT = re.compile(r"\*\*([A-Z]\d+\.\d+)\*\*")
# a comment that is nothing but ids: at the end of a line, or on a line of its own
CITATION = re.compile(r"(?m)(?:^|\s)# ([A-Z]\d+\.\d+(?:, [A-Z]\d+\.\d+)*)$")
IN_CODE_TYPE = re.compile(r"`([a-z]+: [^`\n]+)`")
IN_CONTRACT = re.compile(r'"([a-z]+: [^"\n]+)"')

STATEMENTS = STATEMENT.findall(PAGE)


def citations() -> dict[str, set[str]]:
    """What is cited, and in which files."""
    found: dict[str, set[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for line in CITATION.findall(path.read_text()):
            for statement in line.split(", "):
                found.setdefault(statement, set()).add(path.name)
    return found


def reasons() -> set[str]:
    sources = (ROOT / "contracts").rglob("*.vy")
    return {reason for path in sources for reason in IN_CONTRACT.findall(path.read_text())}


def test_no_two_statements_have_the_same_number() -> None:
    assert not {number for number in STATEMENTS if STATEMENTS.count(number) > 1}


def test_every_statement_that_a_test_cites_is_in_the_specification() -> None:
    cited = citations()
    assert not {number: cited[number] for number in cited.keys() - set(STATEMENTS)}


def test_every_area_of_the_specification_is_cited_by_some_test() -> None:
    assert {number[0] for number in STATEMENTS} == AREAS
    assert {number[0] for number in citations()} == AREAS


def test_every_reason_in_the_specification_is_given_by_a_contract() -> None:
    assert not set(IN_CODE_TYPE.findall(PAGE)) - reasons()


def test_every_reason_that_a_contract_gives_is_in_the_specification() -> None:
    assert len(reasons()) > 60
    assert not reasons() - set(IN_CODE_TYPE.findall(PAGE))


def test_citations_are_told_from_other_comments() -> None:
    text = "def f():  # A1.2, B3.45\n    # C1.1\n    # see D1.1\n    x = 1  # E1.1 and more\n"
    assert CITATION.findall(text) == ["A1.2, B3.45", "C1.1"]
