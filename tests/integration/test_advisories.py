"""The gate for known vulnerabilities: pip-audit and npm, asking services that speak to them."""

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.advisories import npm as npm_audit
from tests.advisories import osv as pip_audit
from tests.advisories.__main__ import main
from tests.advisories.accepted import ACCEPTED
from tests.integration import advising
from tests.integration.advising import Service, npm_advisory, osv_advisory
from tests.integration.proxy import Reply
from tests.locks import NPM_LOCK, PYTHON_LOCKS, npm_packages, python_packages
from tests.sampling import combined

PROOFS = PYTHON_LOCKS[1]


@pytest.fixture(scope="module")
def services() -> Iterator[tuple[Service, Service]]:
    made = advising.osv(), advising.npm()
    yield made
    for service in made:
        service.stop()


@pytest.fixture
def osv(services: tuple[Service, Service], monkeypatch: pytest.MonkeyPatch) -> Service:
    service = services[0]
    service.forget()
    monkeypatch.setenv("PIP_AUDIT_OSV_URL", service.url)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return service


@pytest.fixture
def npm(
    services: tuple[Service, Service], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Service:
    service = services[1]
    service.forget()
    monkeypatch.setenv("npm_config_registry", service.url)
    monkeypatch.setenv("npm_config_noproxy", "127.0.0.1")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm"))
    return service


@pytest.fixture
def nothing(tmp_path: Path) -> Path:
    """A list on which nothing is accepted."""
    path = tmp_path / "accepted.toml"
    path.write_text("")
    return path


def gate(*arguments: str, accepted: Path = ACCEPTED) -> Result:
    # Wide enough that no cell of the table is broken.
    options = [*arguments, "--accepted", str(accepted)]
    return CliRunner().invoke(main, options, env={"COLUMNS": "400"}, catch_exceptions=False)


def row(result: Result, name: str) -> str:
    """The one line that tells of an advisory."""
    (found,) = [line for line in result.output.splitlines() if name in line]
    return found


def reason(result: Result, name: str) -> str:
    """Why it is accepted."""
    found = re.search(r"reason \d+", row(result, name))
    assert found
    return row(result, f"{found[0]}:")


def test_every_package_of_every_lock_is_asked_about(
    osv: Service, npm: Service, nothing: Path, tmp_path: Path
) -> None:
    note = tmp_path / "note"
    note.touch()
    result = gate("--strict", "--note", str(note), accepted=nothing)
    assert result.exit_code == 0, result.output
    assert "NOT ASKED" not in result.output and not note.exists()
    assert "0 known vulnerabilities" in result.output
    asked = [(each["package"]["name"], each["version"]) for each in osv.asked]
    assert sorted(asked) == sorted(pin for lock in PYTHON_LOCKS for pin in python_packages(lock))
    (by_name,) = npm.asked
    pinned = {
        (folder.rpartition("node_modules/")[2], package["version"])
        for folder, package in npm_packages(NPM_LOCK).items()
    }
    assert {(name, version) for name in by_name for version in by_name[name]} == pinned


def test_what_is_accepted_is_told_with_the_reason(osv: Service, npm: Service) -> None:
    by_alias = osv_advisory("PYSEC-2026-1", "vyper", "GHSA-2489-32vh-8rrc")
    osv.known = {"vyper": [by_alias, osv_advisory("CVE-2026-114117", "vyper")]}
    npm.known = {"elliptic": [npm_advisory("GHSA-bundled")], "ws": [npm_advisory("GHSA-hoisted")]}
    result = gate("--strict")
    assert result.exit_code == 0, result.output
    assert row(result, "4 known vulnerabilities").endswith("0 of them not accepted.")
    assert "`defaults`" in reason(result, "PYSEC-2026-1")
    assert "`or`" in reason(result, "CVE-2026-114117")
    for name in ("GHSA-bundled", "GHSA-hoisted"):
        assert "A chain for tests" in reason(result, name)


def test_what_only_the_proofs_need_is_red_though_npm_is_silent(osv: Service, npm: Service) -> None:
    npm.instead = lambda: HTTPStatus.NOT_FOUND
    osv.known = {"halmos": [osv_advisory("GHSA-new", "halmos", "CVE-new", fixed="0.9.9")]}
    result = gate()
    assert result.exit_code == 1
    line = row(result, "CVE-new")
    for word in ("halmos 0.3.3", "tests/proofs/requirements.lock", "0.9.9", " NO "):
        assert word in line
    assert "NOT ASKED" in row(result, "404 Not Found")
    assert row(result, "1 of them not accepted").endswith("accepted.toml why not.")


def test_what_npm_knows_of_anvil_is_red_though_osv_is_silent(osv: Service, npm: Service) -> None:
    osv.instead = lambda: HTTPStatus.NOT_FOUND
    npm.known = {"@foundry-rs/anvil": [npm_advisory("GHSA-new", "<2")]}
    result = gate()
    assert result.exit_code == 1
    line = row(result, "GHSA-new")
    for word in ("@foundry-rs/anvil 1.7.1", "node_modules/@foundry-rs/anvil", "<2", " NO "):
        assert word in line
    assert result.output.count("NOT ASKED") == 2


def hang() -> Reply:
    threading.Event().wait(10)
    return None


@dataclass(frozen=True)
class Silence:
    """How a service fails, and what pip-audit and npm say of it."""

    reply: Callable[[], Reply]
    pip_audit: str
    npm: str


SILENCES = {
    "absent": Silence(lambda: HTTPStatus.NOT_FOUND, "404", "404"),
    "broken": Silence(lambda: HTTPStatus.INTERNAL_SERVER_ERROR, "500", "500"),
    "another page": Silence(lambda: b"<html>", "JSON", "JSON"),
    "an error called a success": Silence(lambda: b'{"error": "not found"}', "KeyError", "'name'"),
    "closed": Silence(lambda: None, "closed connection", "socket hang up"),
    "hanging": Silence(hang, "timed out", "timeout"),
}
ASKING = {"python": (pip_audit, PROOFS), "npm": (npm_audit, NPM_LOCK)}


# Each from both in `make test-all`.
@pytest.mark.parametrize(("language", "name"), combined([*ASKING], [*SILENCES]))
def test_a_service_that_does_not_answer_is_not_taken_for_a_clean_bill(
    osv: Service, npm: Service, monkeypatch: pytest.MonkeyPatch, language: str, name: str
) -> None:
    silence = SILENCES[name]
    osv.instead = npm.instead = silence.reply
    tool, lock = ASKING[language]
    monkeypatch.setattr(tool, "PATIENCE", 1)
    answer = tool.ask(lock)
    # An older npm asks at a second address; nobody asks again and again.
    assert 1 <= len(osv.asked + npm.asked) <= 2
    said = silence.npm if tool is npm_audit else silence.pip_audit
    assert said in answer.silence and not answer.findings


def test_an_advisory_that_pip_audit_cannot_read_is_not_taken_for_none(osv: Service) -> None:
    osv.known = {"halmos": [{**osv_advisory("GHSA-new", "halmos"), "schema_version": "2.0.0"}]}
    assert "schema version" in pip_audit.ask(PROOFS).silence


def test_npm_that_is_told_to_stay_offline_asks_all_the_same(
    npm: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it says that nothing is known, without having asked."""
    monkeypatch.setenv("npm_config_offline", "true")
    monkeypatch.setenv("npm_config_omit", "optional")
    npm.known = {"@foundry-rs/anvil-linux-amd64": [npm_advisory("GHSA-new")]}
    assert [finding.ids[0] for finding in npm_audit.ask(NPM_LOCK).findings] == ["GHSA-new"]


def test_no_npm_is_not_taken_for_a_clean_bill(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert npm_audit.ask(NPM_LOCK).silence == "npm is absent"
