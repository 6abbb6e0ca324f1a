"""Terms of admission have one meaning, or are refused with key and remedy."""

from pathlib import Path
from typing import Any

import pytest

from plumbline.errors import PlumblineError
from plumbline.formats.account_list import AccountListError, read_accounts
from plumbline.formats.admission_terms import (
    AdmissionError,
    AttestedTerms,
    CombinedTerms,
    DrawTerms,
    ExcludeTerms,
    KnownPolicy,
    ListTerms,
    RecordTerms,
    TokenTerms,
    admission_of,
    load_admission,
)
from tests.unit.builders import person

ONE, TWO = person("one"), person("two")


def test_each_kind_of_terms_is_read(tmp_path: Path) -> None:
    (tmp_path / "people.txt").write_text(f"# known\n{ONE}\n\n  {TWO.lower()}  # by phone\n")
    for given, wanted in (
        (ONE, KnownPolicy(ONE)),
        ({"list": "people.txt"}, ListTerms((ONE, TWO))),
        ({"record": {"rounds": 20, "kappa": 0.5}}, RecordTerms(20, 5_000, 10_000, 10_000, None)),
        (
            {"record": {"rounds": 1, "outliers": "12.5%", "silent": "0.05", "book": TWO}},
            RecordTerms(1, 0, 1_250, 500, TWO),
        ),
        ({"attested": {"steward": ONE, "group": "reads"}}, AttestedTerms(ONE, "reads")),
        ({"token": {"address": ONE}}, TokenTerms(ONE, 1)),
        ({"draw": ONE}, DrawTerms(ONE)),
        ({"exclude": [7, 3]}, ExcludeTerms((3, 7))),
        ({"any": [ONE, {"draw": TWO}]}, CombinedTerms(False, (KnownPolicy(ONE), DrawTerms(TWO)))),
    ):
        assert admission_of(given, tmp_path) == wanted


def test_a_file_of_terms_names_itself_in_errors(tmp_path: Path) -> None:
    path = tmp_path / "terms.yaml"
    path.write_text("record: {rounds: 0}\n")
    with pytest.raises(AdmissionError, match=r"terms\.yaml: record: rounds is 0"):
        load_admission(path)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (7, "must be the address of a policy, or one of list"),
        (True, "must be the address"),
        ("0x12", "not an address"),
        (ONE.swapcase(), "address"),
        ({}, "one of list"),
        ({"list": "a", "draw": ONE}, "one of list"),
        ({"lottery": ONE}, "admission has no lottery"),
        ({"record": {"kappa": 0.5}}, "record must say rounds"),
        ({"record": {"rounds": 20, "kapa": 1}}, "record has no kapa"),
        ({"record": {"rounds": "20"}}, "rounds is '20'"),
        ({"record": {"rounds": True}}, "rounds is True"),
        ({"record": {"rounds": 20, "kappa": "50"}}, "must be 0 to 1"),
        ({"record": {"rounds": 20, "kappa": "101%"}}, "must be 0 to 1"),
        ({"record": {"rounds": 20, "kappa": 0.12345}}, "write it like 10%"),
        ({"record": {"rounds": 20, "kappa": -0.5}}, "write it like 10%"),
        ({"record": {"rounds": 20, "kappa": True}}, "write it like 10%"),
        ({"attested": {"steward": ONE, "group": " "}}, "must say in a few words"),
        ({"token": {"address": ONE, "least": 0}}, "least is 0"),
        ({"token": ONE}, "token must say"),
        ({"exclude": []}, "must be a list of rounds"),
        ({"exclude": 3}, "must be a list of rounds"),
        ({"exclude": [3, 0]}, "a round is 0"),
        ({"exclude": [3, "4"]}, "a round is '4'"),
        ({"exclude": [3, 4, 3]}, "round 3 twice"),
        ({"all": [ONE]}, "two or more"),
        ({"all": {"draw": ONE}}, "two or more"),
        ({"list": ["x"]}, "name of a file"),
    ],
)
def test_what_means_nothing_is_refused(given: Any, words: str, tmp_path: Path) -> None:
    with pytest.raises(PlumblineError, match=words):
        admission_of(given, tmp_path)


def test_terms_within_terms_have_an_end(tmp_path: Path) -> None:
    given: object = ONE
    for _ in range(5):
        given = {"all": [given, TWO]}
    with pytest.raises(AdmissionError, match="deep in others"):
        admission_of(given, tmp_path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "names no account"),
        ("# nobody\n", "names no account"),
        (f"{ONE}\n0x12\n", "line 2"),
        (f"{ONE}\n{TWO}\n{ONE.lower()}\n", "lines 1 and 3"),
    ],
)
def test_a_list_that_is_wrong_says_where(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "people.txt"
    path.write_text(text)
    with pytest.raises(AccountListError, match=words):
        read_accounts(path)


def test_a_table_lists_accounts_in_one_column(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(f"name,Labeler\nAda,{ONE}\nBob, {TWO.lower()}\n")
    assert read_accounts(path) == (ONE, TWO)
    assert admission_of({"list": "people.csv"}, tmp_path) == ListTerms((ONE, TWO))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name\nAda\n", "there is none"),
        (f"account,address\n{ONE},{TWO}\n", "there are account and address"),
        (f"account,Account\n{ONE},{TWO}\n", "two columns are called account"),
        (f"account\n{ONE}\n0x12\n", "line 3"),
        (f"account\n{ONE}\n{TWO}\n{ONE}\n", "lines 2 and 4"),
        ("account\n", "names no account"),
        (f"account,name\n{ONE}\n", "line 2: 1 cells"),
    ],
)
def test_a_table_that_is_wrong_says_where(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(text)
    with pytest.raises(PlumblineError, match=words):
        read_accounts(path)
