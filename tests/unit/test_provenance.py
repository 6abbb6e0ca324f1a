"""A dataset's folder says where its rows come from, in one way or not at all."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from plumbline.dataset.groups import NO_GROUPS, LabelerGroups
from plumbline.dataset.labeling import label
from plumbline.dataset.provenance import (
    PROVENANCE,
    DatasetOptions,
    Provenance,
    ProvenanceError,
    RoundPlace,
    manifest_path,
    read_manifest,
    read_provenance,
    write_provenance,
)
from plumbline.dataset.sources import ItemSource, SourceRound
from plumbline.protocol.manifest import Manifest
from tests.unit.builders import DEPLOYED, GENESIS, REQUESTER, StagedRound, labeler, with_gold

MANIFEST = Manifest(("no", "yes"), tuple(f"ham, {number}" for number in range(48)), "")
OPTIONS = DatasetOptions("mace", 10, "cc-by-4.0", ("trl",), ("yes",))
GROUPS = LabelerGroups({labeler(0): "experts", labeler(99): "idle"}, {"experts": 2, "idle": 3})


def source(kept: Callable[[str], dict[str, object]] = lambda name: {"row": name}) -> SourceRound:
    staged = StagedRound.of(with_gold(8), tasks_root=MANIFEST.root).commit().reveal().close()
    items = {name: ItemSource(f"item {name}", "a", kept(name)) for name in MANIFEST.names}
    return SourceRound.of(staged.history, MANIFEST, items)


def provenance(
    of: SourceRound | None = None, groups: LabelerGroups = NO_GROUPS, **changes: Any
) -> Provenance:
    of = of or source()
    made = Provenance.of(label([of]), [of], DEPLOYED, GENESIS, OPTIONS, groups)
    return replace(made, **changes)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_provenance(tmp_path, provenance(groups=GROUPS), [MANIFEST])
    return tmp_path


def values_of(folder: Path) -> dict[str, Any]:
    values: dict[str, Any] = json.loads((folder / PROVENANCE).read_text())
    return values


def test_what_was_written_is_read(folder: Path) -> None:
    found = read_provenance(folder)
    assert found == provenance(groups=GROUPS)
    assert (found.deployed, found.genesis, found.requester) == (DEPLOYED, GENESIS, REQUESTER)
    assert found.rounds == (RoundPlace(1, MANIFEST.root),)
    assert found.options == OPTIONS
    assert list(found.items) == list(MANIFEST.names)
    assert found.items["3"] == ItemSource("item 3", "a", {"row": "3"})
    assert read_manifest(folder, MANIFEST.root) == MANIFEST


def test_of_labelers_only_those_who_answered_are_told() -> None:
    assert provenance(groups=GROUPS).groups == LabelerGroups(
        {labeler(0): "experts"}, {"experts": 2}
    )


def test_items_are_in_the_order_of_the_dataset() -> None:
    made = source()
    dataset = label([made])
    turned = replace(dataset, items=dataset.items[::-1])
    found = Provenance.of(turned, [made], DEPLOYED, GENESIS, OPTIONS, NO_GROUPS)
    assert list(found.items) == list(MANIFEST.names)[::-1]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("\ud800", "half of a character"),
        (float("nan"), "cannot be written"),
        (10**200, "too large"),
    ],
)
def test_nothing_is_written_that_could_not_be_read(
    tmp_path: Path, value: object, words: str
) -> None:
    with pytest.raises(ProvenanceError, match=words):
        write_provenance(tmp_path, provenance(source(lambda name: {"row": value})), [MANIFEST])
    assert not list(tmp_path.iterdir())


HOSTILE: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "a key too many": (lambda v: v.update(more=1), "an object with version"),
    "a key too few": (lambda v: v.pop("items"), "an object with version"),
    "another version": (lambda v: v.update(version=2), "another version"),
    "a chain in text": (lambda v: v.update(chain_id="1"), "not an integer"),
    "a contract that is none": (lambda v: v.update(contract="0x12"), "not an address"),
    "a requester that is none": (lambda v: v.update(requester=7), "not an address"),
    "a short genesis": (lambda v: v.update(genesis="0x12"), "not 32 to 32"),
    "no rounds": (lambda v: v.update(rounds=[]), "0 rounds"),
    "rounds that are no list": (lambda v: v.update(rounds={}), "a list must be"),
    "a round twice": (lambda v: v["rounds"].append(v["rounds"][0]), "round '1' comes twice"),
    "round 0": (lambda v: v["rounds"][0].update(round=0), "no round 0"),
    "true for a round": (lambda v: v["rounds"][0].update(round=True), "not an integer"),
    "an unknown method": (lambda v: v["options"].update(method="dice"), "none that is known"),
    "a list for a method": (lambda v: v["options"].update(method=[]), "a text must be"),
    "101 per cent": (lambda v: v["options"].update(test_percent=101), "must be 0 to 100"),
    "a format twice": (lambda v: v["options"].update(formats=["a", "a"]), "'a' comes twice"),
    "a long version": (lambda v: v.update(made_by="1" * 9999), "very long"),
    "a long license": (lambda v: v["options"].update(license="x" * 9999), "very long"),
    "an option twice": (lambda v: v["options"].update(desirable=["a", "a"]), "'a' comes twice"),
    "a number for an option": (lambda v: v["options"].update(desirable=[1]), "a text must be"),
    "weights of nobody": (lambda v: v["labelers"].update(weights={"q": 1}), "no group 'q'"),
    "a weight in text": (
        lambda v: v["labelers"].update(weights={"experts": "1"}),
        "not an integer",
    ),
    "a labeler twice": (
        lambda v: v["labelers"]["groups"].update({labeler(0).lower(): "novices"}),
        "with its checksum",
    ),
    "a list for groups": (lambda v: v["labelers"].update(groups=[]), "form of a provenance"),
    "an item that is a text": (lambda v: v["items"].append("q"), "called, name, group, kept"),
    "a call twice": (lambda v: v["items"].append(dict(v["items"][0], name="q")), "called '1'"),
    "a name twice": (lambda v: v["items"].append(dict(v["items"][0], called="q")), "comes twice"),
    "kept that is a text": (lambda v: v["items"][0].update(kept="q"), "kept is not an object"),
    "a number for a name": (lambda v: v["items"][0].update(name=1), "a text must be"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_what_has_no_one_meaning_is_refused_with_its_place(folder: Path, what: str) -> None:
    change, words = HOSTILE[what]
    values = values_of(folder)
    change(values)
    (folder / PROVENANCE).write_text(json.dumps(values))
    with pytest.raises(ProvenanceError, match=words) as caught:
        read_provenance(folder)
    assert str(folder / PROVENANCE) in str(caught.value)
    assert "get the folder again" in str(caught.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[" * 10_000, "nested too deeply"),
        (b'{"version": 1, "version": 1}', "comes twice"),
        (b"\xff", "not text in UTF-8"),
        (b'{"version": "\\ud800"}', "half of a character"),
        (b"[]", "an object with version"),
        (b"", "not valid JSON"),
    ],
)
def test_bytes_that_are_no_provenance_are_refused(
    tmp_path: Path, content: bytes, words: str
) -> None:
    (tmp_path / PROVENANCE).write_bytes(content)
    with pytest.raises(ProvenanceError, match=words):
        read_provenance(tmp_path)


def test_neither_links_nor_pipes_nor_folders_are_read(tmp_path: Path, folder: Path) -> None:
    path = folder / PROVENANCE
    real = path.rename(folder / "real.json")
    with pytest.raises(ProvenanceError, match="is not there"):
        read_provenance(folder)
    path.symlink_to(real)
    with pytest.raises(ProvenanceError, match="is a link"):
        read_provenance(folder)
    path.unlink()
    path.mkdir()
    with pytest.raises(ProvenanceError, match="is not a file"):
        read_provenance(folder)


def test_tasks_that_were_changed_are_not_those_of_the_round(folder: Path) -> None:
    path = folder / manifest_path(MANIFEST.root)
    path.write_text(path.read_text().replace("ham, 7", "spam, 7"))
    with pytest.raises(ProvenanceError, match="they were changed"):
        read_manifest(folder, MANIFEST.root)
    path.write_text('{"options": 7}')
    with pytest.raises(ProvenanceError, match="must be a list of names"):
        read_manifest(folder, MANIFEST.root)
    path.unlink()
    with pytest.raises(ProvenanceError, match="is not there"):
        read_manifest(folder, MANIFEST.root)
