"""The contracts that this version recognises are those of its sources."""

from pathlib import Path
from typing import Any

import pytest
from eth_utils.crypto import keccak

from plumbline.chain.builds import hash_sources, known_builds, recorded_sources, rounds_abi
from tests.build import CONTRACTS, EVM_VERSION, compiled_contracts


def test_the_record_is_of_the_sources_as_they_are() -> None:
    """Else `make builds` was forgotten, and `plumbline join` would refuse what `deploy` creates."""
    assert recorded_sources() == hash_sources(CONTRACTS)


def test_the_builds_for_cancun_are_what_the_sources_compile_to(
    pytestconfig: pytest.Config,
) -> None:
    """Those for Shanghai are of the same sources; `test_ganache` deploys them and joins."""
    compiled = compiled_contracts(pytestconfig)
    for build in known_builds():
        if build.evm_version == EVM_VERSION:
            runtime = bytes.fromhex(compiled[build.contract]["bytecode_runtime"][2:])
            assert (build.size, build.code_hash) == (len(runtime), keccak(runtime))
    assert _signatures(rounds_abi()) == _signatures(compiled["LabelRounds"]["abi"])


def _signatures(abi: list[dict[str, Any]]) -> set[str]:
    """Of a function, an event or the constructor: its name, what it takes and what it gives."""

    def types(items: list[dict[str, Any]]) -> list[Any]:
        return [
            (item.get("name"), item["type"], item.get("indexed"), types(item.get("components", [])))
            for item in items
        ]

    return {
        str(
            [
                entry["type"],
                entry.get("name"),
                types(entry["inputs"]),
                types(entry.get("outputs") or []),
            ]
        )
        for entry in abi
        if "inputs" in entry
    }


def test_a_changed_or_renamed_source_is_another_record(tmp_path: Path) -> None:
    source = tmp_path / "A.vy"
    source.write_text("x: uint256\n")
    first = hash_sources(tmp_path)
    source.write_text("y: uint256\n")
    changed = hash_sources(tmp_path)
    source.rename(tmp_path / "B.vy")
    assert len({first, changed, hash_sources(tmp_path)}) == 3


def test_all_contracts_are_known_for_both_versions_of_the_evm() -> None:
    builds = known_builds()
    assert {(build.contract, build.evm_version) for build in builds} == {
        (contract, version)
        for contract in ("LabelRounds", "Judge", "Multicall")
        for version in ("cancun", "shanghai")
    }
    assert len({build.code_hash for build in builds}) == 6
    assert {entry["name"] for entry in rounds_abi() if entry["type"] == "event"} >= {"RoundOpened"}
