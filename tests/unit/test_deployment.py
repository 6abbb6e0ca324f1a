"""A manifest is written once, and read only if it is whole."""

import errno
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from plumbline.chain.deployment import Deployment, DeploymentError, load, path_of, save
from plumbline.protocol.addresses import ZERO

DEPLOYMENT = Deployment(
    chain_id=31337,
    address="0x5e23eCFF53FC9d493Fd07CeC190106e44c4A536a",
    judge="0x7A993d2C2b252777E0ffB3766B6fE42E46027284",
    multicall="0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0",
    asset=ZERO,
    sink="0xC4FdDC1Fd2a822e74D1f53D2D04D053076db570e",
    block=7,
    transaction="0x" + "11" * 32,
    arguments={"asset": ZERO},
    code_hash="0x" + "22" * 32,
    judge_code_hash="0x" + "33" * 32,
    multicall_code_hash="0x" + "44" * 32,
    compiler="0.4.3",
    evm_version="cancun",
    abi=[{"type": "event", "name": "Swept", "inputs": []}],
)


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    path = path_of(31337, tmp_path / "deployments")
    save(path, DEPLOYMENT)
    assert path.name == "31337.json"
    assert load(path) == DEPLOYMENT


def test_a_manifest_is_never_overwritten(tmp_path: Path) -> None:
    path = path_of(1, tmp_path)
    save(path, DEPLOYMENT)
    with pytest.raises(DeploymentError, match="move it away"):
        save(path, replace(DEPLOYMENT, block=8))
    assert load(path) == DEPLOYMENT


def test_a_manifest_that_is_not_there_says_to_deploy(tmp_path: Path) -> None:
    with pytest.raises(DeploymentError, match="deploy first"):
        load(tmp_path / "1.json")


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '{"chain_id": 1}', "\udcff"])
def test_a_broken_manifest_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "1.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(DeploymentError):
        load(path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("chain_id", "1"),
        ("block", True),
        ("sink", "0x12"),
        ("judge", 5),
        ("multicall", None),
        ("address", "0x5E23eCFF53FC9d493Fd07CeC190106e44c4A536a"),
        ("abi", {}),
    ],
)
def test_a_manifest_with_a_wrong_value_is_refused(tmp_path: Path, name: str, value: object) -> None:
    path = path_of(1, tmp_path)
    save(path, DEPLOYMENT)
    values = json.loads(path.read_text())
    path.write_text(json.dumps({**values, name: value}))
    with pytest.raises(DeploymentError, match=name):
        load(path)


def test_a_disk_that_fills_up_leaves_no_part_of_a_manifest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A part would be in the way of the whole, and taken for the record of where the money is."""
    path = path_of(1, tmp_path)

    class Full(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    def opened(self: Path, mode: str, encoding: str) -> Full:
        self.touch(exist_ok=False)
        return Full()

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", opened)
        with pytest.raises(DeploymentError, match="No space left"):
            save(path, DEPLOYMENT)
    save(path, DEPLOYMENT)
    assert load(path) == DEPLOYMENT
