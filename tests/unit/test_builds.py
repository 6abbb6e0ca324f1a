"""The contracts that this version recognises are those of its sources."""

from pathlib import Path

from plumbline.chain.builds import hash_sources, known_builds, recorded_sources, rounds_abi

CONTRACTS = Path(__file__).resolve().parents[2] / "contracts"


def test_the_record_is_of_the_sources_as_they_are() -> None:
    """Else `make builds` was forgotten, and `plumbline join` would refuse what `deploy` creates."""
    assert recorded_sources() == hash_sources(CONTRACTS)


def test_a_changed_or_renamed_source_is_another_record(tmp_path: Path) -> None:
    source = tmp_path / "A.vy"
    source.write_text("x: uint256\n")
    first = hash_sources(tmp_path)
    source.write_text("y: uint256\n")
    changed = hash_sources(tmp_path)
    source.rename(tmp_path / "B.vy")
    assert len({first, changed, hash_sources(tmp_path)}) == 3


def test_both_contracts_are_known_for_both_versions_of_the_evm() -> None:
    builds = known_builds()
    assert {(build.contract, build.evm_version) for build in builds} == {
        (contract, version)
        for contract in ("LabelRounds", "Judge")
        for version in ("cancun", "shanghai")
    }
    assert len({build.code_hash for build in builds}) == 4
    assert {entry["name"] for entry in rounds_abi() if entry["type"] == "event"} >= {"RoundOpened"}
