"""Texts that were made to break whoever reads them: each is refused, in one line that says why."""

import inspect
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from plumbline.chain.deployment import DeploymentError, load, to_text
from plumbline.errors import PlumblineError
from plumbline.files.private import DamagedError, read_record
from plumbline.files.text import FileError, parse_json, read_object
from plumbline.formats.offline_settlement import settle_offline
from plumbline.settlement.terms import ScoringTerms, TermsError
from plumbline.units import ETHER, UnitError, parse_duration
from tests.unit.builders import SMALL, deployment

DEEP = ["[" * 200_000, '{"a":' * 200_000, "[" * 65 + "]" * 65, '["\\"",' * 65]
DIGITS = "9" * 5_000


@pytest.fixture(autouse=True)
def raised() -> Iterator[None]:
    """As py-evm leaves it for a whole process: Python's limit is no protection."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack(0)) + 1_000_000)
    yield
    sys.setrecursionlimit(limit)


def refused_yaml(path: Path, text: str) -> str:
    path.write_text(text)
    with pytest.raises(FileError) as caught:
        read_object(path)
    return str(caught.value)


@pytest.mark.parametrize("text", DEEP, ids=len)
def test_brackets_are_counted_before_anything_calls_itself(text: str, tmp_path: Path) -> None:
    with pytest.raises(FileError, match="nested too deeply"):
        parse_json(text, "it")
    assert "nested too deeply" in refused_yaml(tmp_path / "it.yaml", text)


def test_deep_blocks_of_yaml_are_counted_too(tmp_path: Path) -> None:
    text = "".join(" " * depth + "a:\n" for depth in range(70))
    assert "nested too deeply" in refused_yaml(tmp_path / "it.yaml", text)


def test_brackets_within_a_text_are_letters(tmp_path: Path) -> None:
    values = ["[" * 100, '"[' * 100, "\\" * 99 + "{", [[[]]]]
    assert parse_json(json.dumps(values), "it") == values
    (tmp_path / "it.yaml").write_text(json.dumps(values))
    assert read_object(tmp_path / "it.yaml") == values


@example('"[[')
@example('\\"[')
@given(st.text('[]{}"\\, 1'))
def test_who_counts_brackets_agrees_with_who_reads_them(text: str) -> None:
    """Whatever Python takes for JSON of few brackets, so does the strict reader."""
    try:
        expected = json.loads(text)
    except ValueError:
        with pytest.raises(FileError):
            parse_json(text, "it")
    else:
        try:
            assert parse_json(text, "it") == expected
        except FileError as error:
            assert "comes twice" in str(error)


def test_a_text_that_never_ends_is_read_once() -> None:
    """In a second and not in a day: no letter is looked at twice."""
    with pytest.raises(FileError, match="Unterminated"):
        parse_json('["' + '\\"[' * 2_000_000, "it")


@pytest.mark.parametrize("number", [DIGITS, "-" + DIGITS, "1" + "0" * 100])
def test_a_number_has_no_more_digits_than_can_be_meant(number: str, tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"digits is too large"):
        parse_json(f'{{"price": {number}}}', "it")
    assert "line 1: a number of" in refused_yaml(tmp_path / "it.yaml", f"price: {number}")


@pytest.mark.parametrize("number", ["1e999", "-1e999", "1" + "0" * 400 + ".5"])
def test_no_number_is_infinite(number: str, tmp_path: Path) -> None:
    with pytest.raises(FileError, match="too large"):
        parse_json(f"[{number}]", "it")
    assert "too large" in refused_yaml(tmp_path / "it.yaml", number)


@pytest.mark.parametrize(
    "text", ["NaN", "Infinity", "-Infinity", '{"a":1,"a":2}', "[1,]", "{'a':1}"]
)
def test_what_only_some_readers_take_is_refused(text: str) -> None:
    with pytest.raises(FileError):
        parse_json(text, "it")


def test_names_for_parts_of_yaml_are_refused(tmp_path: Path) -> None:
    """A hundred bytes of them stand for more than a memory holds."""
    laughs = "a: &a [x, x]\n" + "".join(
        f"{name}: &{name} [*{before}, *{before}]\n"
        for before, name in zip("abcdefghijk", "bcdefghijkl", strict=True)
    )
    assert "line 1: names for parts" in refused_yaml(tmp_path / "it.yaml", laughs)
    assert "line 2: names for parts" in refused_yaml(tmp_path / "it.yaml", "a: 1\nb: *c\n")
    (tmp_path / "it.yaml").write_text('a: "&b"\nb: "*b"\nc: a & b * c\n')
    assert read_object(tmp_path / "it.yaml") == {"a": "&b", "b": "*b", "c": "a & b * c"}


def test_files_of_this_program_are_read_as_strictly(tmp_path: Path) -> None:
    path = tmp_path / "it.json"
    for text in (*DEEP, f'{{"version": {DIGITS}}}', '{"version": 1, "version": 1}'):
        path.write_text(text)
        with pytest.raises(DamagedError):
            read_record(path, 1)
        with pytest.raises(DeploymentError, match="is not valid JSON"):
            load(path)


@pytest.mark.parametrize(
    "abi", [[1], [{"type": 1}], [{"inputs": 1}], [{"inputs": [{}]}], [{"outputs": [{"type": []}]}]]
)
def test_an_abi_that_is_none_is_refused(abi: object, tmp_path: Path) -> None:
    values = json.loads(to_text(deployment())) | {"abi": abi}
    path = tmp_path / "it.json"
    path.write_text(json.dumps(values))
    with pytest.raises(DeploymentError, match="abi in"):
        load(path)


# ------------------------------------------------------------------ amounts as text


def test_amounts_of_thousands_of_digits_get_a_line() -> None:
    for text in (DIGITS, f"{DIGITS} ether", f"0.{DIGITS} ether", f"{DIGITS}.5"):
        with pytest.raises(UnitError, match="digits: that is more than there is"):
            ETHER.parse(text)
    for text in (DIGITS, f"{DIGITS}s"):
        with pytest.raises(UnitError, match="letters"):
            parse_duration(text)


def test_rounds_in_a_file_have_numbers_that_can_be_meant() -> None:
    vector = SMALL.to_vector()
    with pytest.raises(TermsError, match="stake has 5,000 digits"):
        ScoringTerms.from_vector({**vector, "stake": DIGITS})
    answers = [[0] * SMALL.tasks] * 3
    with pytest.raises(PlumblineError, match="digits"):
        settle_offline({"terms": vector, "answers": answers, "gold": {DIGITS: 0}})
