"""What is known of a package is accepted with a reason, red, or not known: never overlooked."""

import json
import re
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.advisories import __main__ as command
from tests.advisories import answers, npm, osv
from tests.advisories.accepted import Accepted, read
from tests.advisories.answers import Answer, Ecosystem, Finding, Package, Said, said_by
from tests.advisories.npm import brought_by
from tests.advisories.verdict import judge
from tests.build import ROOT
from tests.locks import NPM_LOCK, PYTHON_LOCKS, npm_packages, python_packages

VYPER = Package(Ecosystem.PYTHON, "vyper", "0.4.3")
FINDING = Finding(("CVE-1", "GHSA-1"), VYPER, "requirements.lock", "none")
ANSWER = Answer("OSV", "requirements.lock", frozenset({VYPER}), (FINDING,))
CLEAN = replace(ANSWER, findings=())
SILENT = replace(CLEAN, silence="no network")
ENTRY = Accepted(VYPER, "because", ids=frozenset({"GHSA-1"}))

ID = '[[accepted]]\necosystem = "PyPI"\npackage = "vyper"\nversion = "0.4.3"\n'
ALL = '[[accepted]]\necosystem = "npm"\npackage = "old"\nversion = "1.0.0"\nbrings = true\n'


def test_what_nobody_accepted_is_bad() -> None:
    verdict = judge([ANSWER], [])
    assert verdict.is_bad and not verdict.is_silent
    assert verdict.findings == ((FINDING, None),)


@pytest.mark.parametrize("name", FINDING.ids)
def test_any_name_of_what_is_accepted_will_do(name: str) -> None:
    entry = replace(ENTRY, ids=frozenset({"CVE-other", name}))
    verdict = judge([ANSWER], [entry])
    assert not verdict.is_bad and not verdict.stale
    assert verdict.findings == ((FINDING, entry),)


@pytest.mark.parametrize(
    "package",
    [
        replace(VYPER, version="0.4.4"),
        replace(VYPER, name="viper"),
        replace(VYPER, ecosystem=Ecosystem.NPM),
    ],
    ids=str,
)
def test_the_same_name_of_another_package_is_not_accepted(package: Package) -> None:
    assert judge([ANSWER], [replace(ENTRY, package=package)]).is_bad


def test_another_vulnerability_of_an_accepted_package_is_not_accepted() -> None:
    assert judge([ANSWER], [replace(ENTRY, ids=frozenset({"GHSA-2"}))]).is_bad


def test_what_is_found_before_a_service_breaks_off_is_bad() -> None:
    verdict = judge([replace(ANSWER, silence="broken off"), SILENT], [])
    assert verdict.is_bad and verdict.is_silent


def test_what_nothing_known_is_like_is_stale_unless_nobody_answered() -> None:
    other = replace(ENTRY, ids=frozenset({"GHSA-2"}))
    assert judge([ANSWER], [ENTRY, other]).stale == (other,)
    assert not judge([SILENT], [ENTRY]).stale
    gone = replace(ENTRY, package=replace(VYPER, version="0.4.2"))
    assert judge([CLEAN], [gone]).stale == (gone,)


def test_a_service_that_knows_nothing_of_what_is_known_is_not_believed() -> None:
    """Such as a mirror that says `{}` to everything."""
    other = replace(CLEAN, lock="another", packages=frozenset())
    for answer in judge([CLEAN, other], [ENTRY]).answers:
        assert "not even of vyper 0.4.3" in answer.silence
    assert not judge([CLEAN, replace(other, service="npm")], [ENTRY]).answers[1].silence
    assert not judge([CLEAN], []).is_silent
    assert not judge([ANSWER], [ENTRY]).is_silent


@pytest.mark.parametrize(
    ("answer", "code", "strictly", "noted"),
    [(CLEAN, 0, 0, False), (ANSWER, 1, 1, False), (SILENT, 0, 1, True)],
    ids=["clean", "found", "not asked"],
)
def test_silence_fails_only_where_it_is_strict(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    answer: Answer,
    code: int,
    strictly: int,
    noted: bool,
) -> None:
    monkeypatch.setattr(command, "answers", lambda: [answer])
    accepted, note = tmp_path / "accepted.toml", tmp_path / "notes" / "note"
    accepted.write_text("")
    options = ["--accepted", str(accepted), "--note", str(note)]
    result = CliRunner().invoke(command.main, options, catch_exceptions=False)
    assert result.exit_code == code
    assert ("NOT ASKED" in result.output) == noted == note.exists()
    assert CliRunner().invoke(command.main, [*options, "--strict"]).exit_code == strictly


def test_a_command_that_never_ends_has_said_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "_ENOUGH", 0.2)
    said = said_by([sys.executable, "-c", "print('{}', flush=True); import time; time.sleep(60)"])
    assert not said.out and said.last_words == "no answer in 0.2 seconds"


def test_a_python_package_of_which_nothing_was_said_is_not_taken_for_clean(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (first, *others) = python_packages(PYTHON_LOCKS[1])
    clean = [{"name": name, "version": version, "vulns": []} for name, version in others]
    skipped = {"name": first[0], "skip_reason": "some reason"}
    said = Said(json.dumps({"dependencies": [*clean, skipped]}), "")
    monkeypatch.setattr(osv, "said_by", lambda *_: said)
    assert osv.ask(PYTHON_LOCKS[1]).silence == f"nothing was said about {' '.join(first)}"


@pytest.mark.skipif(shutil.which("npm") is None, reason="no npm")
def test_npm_packages_that_were_left_out_are_not_taken_for_clean(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    count = len(npm_packages(NPM_LOCK))
    metadata = {"dependencies": {"total": count - 1}}
    said = Said(json.dumps({"vulnerabilities": {}, "metadata": metadata}), "")
    monkeypatch.setattr(npm, "said_by", lambda *_: said)
    assert npm.ask(NPM_LOCK).silence == f"npm asked about {count - 1} of {count} packages"


@pytest.mark.parametrize("out", ["", "<html>", "[]", "null"])
def test_what_is_no_object_says_nothing(out: str) -> None:
    assert Said(out, "").json == {}


# ------------------------------------------------------------------ what is accepted


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (f'{ID}ids = ["CVE-1"]', "why is it accepted"),
        (f'{ID}ids = ["CVE-1"]\nreason = " "', "why is it accepted"),
        (f"{ALL}", "why is it accepted"),
        (f'{ID}reason = "x"', "which ids"),
        (f'{ID}ids = []\nreason = "x"', "which ids"),
        (f'{ID}brings = true\nreason = "x"', "a package of npm"),
        (f'{ALL}ids = ["CVE-1"]\nreason = "x"', "a package of npm"),
        (f'{ID}ids = ["CVE-1"]\nreason = "x"\nid = "CVE-2"', "have a meaning"),
        ('[[accepted]]\nreason = "x"', "which version"),
        ('[[excepted]]\nreason = "x"', "has a meaning"),
        (f'{ID.replace("PyPI", "pypi")}ids = ["CVE-1"]\nreason = "x"', "pypi"),
    ],
)
def test_an_entry_that_does_not_say_what_or_why_is_refused(
    tmp_path: Path, text: str, complaint: str
) -> None:
    path = tmp_path / "accepted.toml"
    path.write_text(text)
    with pytest.raises(ValueError, match=complaint):
        read(path)
    result = CliRunner().invoke(command.main, ["--accepted", str(path)])
    assert result.exit_code == 1 and complaint in result.output


PACKAGES = {
    "": {"dependencies": {"old": "1", "new": "1"}},
    "node_modules/new": {"version": "1.0.0", "peerDependencies": {"shared": "1"}},
    "node_modules/old": {
        "version": "1.0.0",
        "dependencies": {"own": "1", "shared": "1", "@a/b": "1", "inner": "1"},
        "optionalDependencies": {"perhaps": "1", "absent": "1"},
    },
    "node_modules/old/node_modules/inner": {"version": "1.0.0", "dependencies": {"shared": "2"}},
    "node_modules/old/node_modules/shared": {"version": "2.0.0"},
    "node_modules/older": {"version": "1.0.0"},
    "node_modules/own": {"version": "1.0.0", "dependencies": {"deep": "1", "shared": "1"}},
    "node_modules/own/node_modules/deep": {"version": "1.0.0", "dependencies": {"own": "1"}},
    "node_modules/@a/b": {"version": "1.0.0"},
    "node_modules/perhaps": {"version": "1.0.0"},
    "node_modules/shared": {"version": "1.0.0"},
}


def test_a_package_brings_what_is_below_it_and_what_only_it_needs(tmp_path: Path) -> None:
    lock = tmp_path / "package-lock.json"
    lock.write_text(json.dumps({"packages": PACKAGES}))
    others = {"", "node_modules/new", "node_modules/shared", "node_modules/older"}
    old = Package(Ecosystem.NPM, "old", "1.0.0")
    assert brought_by(old, lock) == PACKAGES.keys() - others
    assert not brought_by(replace(old, version="1.0.1"), lock)
    assert not brought_by(replace(old, name="gone"), lock)


def test_what_comes_with_an_accepted_package_is_accepted_where_it_lies(tmp_path: Path) -> None:
    path, lock = tmp_path / "accepted.toml", tmp_path / "package-lock.json"
    path.write_text(f'{ALL}reason = "x"')
    lock.write_text(json.dumps({"packages": PACKAGES}))
    (entry,) = read(path, lock)
    shared = Package(Ecosystem.NPM, "shared", "1.0.0")
    inner = Finding(("GHSA-1",), shared, "node_modules/old/node_modules/shared", "")
    assert entry.covers(inner)
    assert not entry.covers(replace(inner, place="node_modules/shared"))


def test_the_accepted_faults_of_the_compiler_are_the_documented_ones() -> None:
    page = (ROOT / "docs" / "compiler.md").read_text()
    opened = page[page.index("## 1.") : page.index("### Not faults")]
    documented = re.findall(r"(?:CVE|GHSA)-[\w-]+", opened)
    accepted = [name for entry in read() if entry.package.name == "vyper" for name in entry.ids]
    assert sorted(accepted) == sorted(documented)


def test_every_entry_is_for_a_version_that_is_pinned() -> None:
    pinned = {
        Package(Ecosystem.PYTHON, *pin) for lock in PYTHON_LOCKS for pin in python_packages(lock)
    }
    for entry in read():
        assert entry.places if entry.package.ecosystem is Ecosystem.NPM else entry.package in pinned


def test_of_the_npm_packages_only_what_ganache_brings_is_accepted() -> None:
    places = {place for entry in read() for place in entry.places}
    left = npm_packages(NPM_LOCK).keys() - places
    folders = {place.removeprefix("node_modules/").partition("/")[0] for place in left}
    build = {"@esbuild", "@noble", "@typescript", "esbuild", "typescript"}
    assert folders == {*build, "@foundry-rs", "axe-core"}
