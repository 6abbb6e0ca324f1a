"""The tasks of rounds at a site: the operator's own, and copies of those kept elsewhere."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from plumbline.errors import PlumblineError
from plumbline.formats.media_files import MediaFile, media_src
from plumbline.formats.published import Publication, PublishedFolder
from plumbline.history.rounds import RoundHistory
from plumbline.protocol.manifest import Manifest
from plumbline.protocol.media import Media
from plumbline.requester.task_server import TaskServer
from plumbline.site.tasks import TaskLibrary
from tests.unit.builders import SMALL, Chain, StagedRound
from tests.unit.markets import MadeUpMarket

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(40)
SHA256 = hashlib.sha256(PICTURE).hexdigest()


def manifest(picture: str = SHA256) -> Manifest:
    """Twelve tasks, the first of which shows a picture."""
    shown = Media(media_src(picture), picture, "image/png").to_json()
    texts = ({"text": f"task {number}"} for number in range(11))
    return Manifest(("no", "yes"), ({"picture": shown}, *texts))


@dataclass
class Elsewhere:
    """A requester's own server of tasks, and the address of these."""

    folder: Path
    url: str


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Elsewhere]:
    folder = tmp_path / "requester"
    folder.mkdir()
    (folder / "picture.png").write_bytes(PICTURE)
    media = Media(media_src(SHA256), SHA256, "image/png")
    file = MediaFile(folder / "picture.png", media, len(PICTURE))
    Publication.of(manifest(), {SHA256: file}).write(folder / f"{manifest().root.hex()}.json")
    server = TaskServer(PublishedFolder(folder), "127.0.0.1", 0, lambda _: None)
    server.start()
    yield Elsewhere(folder, f"{server.url}{manifest().root.hex()}.json")
    server.stop()


def library(tmp_path: Path, is_local: bool = True, *published: Path) -> TaskLibrary:
    (tmp_path / "copies").mkdir(exist_ok=True)
    market = MadeUpMarket.of(Chain(), is_local)
    return TaskLibrary(market, published, tmp_path / "copies")


def a_round(uri: str, tasks_root: bytes | None = None) -> RoundHistory:
    return StagedRound(SMALL, uri=uri, tasks_root=tasks_root or manifest().root).history


def body(found: object) -> bytes:
    assert found is not None
    with found.file as file:  # type: ignore[attr-defined]
        content: bytes = file.read()
    return content


def test_tasks_kept_elsewhere_are_copied_whole_and_once(
    tmp_path: Path, elsewhere: Elsewhere
) -> None:
    own = library(tmp_path)
    root = manifest().root.hex()
    assert own.manifest(root) is None and own.media(SHA256) is None
    assert own.question(a_round(elsewhere.url)) == "one of 2 options"
    assert Manifest.from_json(json.loads(body(own.manifest(root)))) == manifest()
    assert body(own.media(SHA256)) == PICTURE
    # It is not asked for again, also not after a restart; what a crash left half-way is removed.
    (tmp_path / "copies" / ("7" * 64) / "media").mkdir(parents=True)
    (tmp_path / "copies" / f"{root}.fetched").mkdir()
    again = library(tmp_path)
    assert again.question(a_round("http://127.0.0.1:9/")) == "one of 2 options"
    assert body(again.media(SHA256)) == PICTURE
    assert [path.name for path in (tmp_path / "copies").iterdir()] == [root]
    again.keep([root])
    assert again.manifest(root) is not None
    again.keep([])
    assert again.manifest(root) is None and again.media(SHA256) is None
    assert list((tmp_path / "copies").iterdir()) == []


def test_tasks_of_the_operator_are_not_asked_for_elsewhere(
    tmp_path: Path, elsewhere: Elsewhere
) -> None:
    own = library(tmp_path, True, elsewhere.folder)
    assert own.question(a_round("http://127.0.0.1:9/")) == "one of 2 options"
    assert list((tmp_path / "copies").iterdir()) == []


def test_what_is_not_the_round_that_it_should_be_is_not_kept(
    tmp_path: Path, elsewhere: Elsewhere
) -> None:
    own = library(tmp_path)
    with pytest.raises(PlumblineError):
        own.question(a_round(elsewhere.url, tasks_root=b"\x01" * 32))
    (elsewhere.folder / media_src(SHA256)).write_bytes(PICTURE + b"!")
    with pytest.raises(PlumblineError, match="content of its tasks is missing"):
        own.question(a_round(elsewhere.url))
    assert own.manifest(manifest().root.hex()) is None
    assert list((tmp_path / "copies").iterdir()) == []


def test_private_addresses_are_asked_on_a_local_chain_only(
    tmp_path: Path, elsewhere: Elsewhere
) -> None:
    with pytest.raises(PlumblineError, match="the tasks cannot be had"):
        library(tmp_path, is_local=False).question(a_round(elsewhere.url))


def test_copies_have_so_much_room(
    tmp_path: Path, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plumbline.site.tasks._ROOM", 0)
    with pytest.raises(PlumblineError, match="no room"):
        library(tmp_path).question(a_round(elsewhere.url))


@pytest.mark.parametrize("name", ["", "x", "../requester/picture.png", "A" * 64, "0" * 63])
def test_only_hashes_name_anything(tmp_path: Path, name: str, elsewhere: Elsewhere) -> None:
    own = library(tmp_path, True, elsewhere.folder)
    assert own.manifest(name) is None and own.media(name) is None


def test_tasks_that_do_not_fit_their_round_are_refused(
    tmp_path: Path, elsewhere: Elsewhere
) -> None:
    rules = replace(SMALL, tasks=13)
    history = StagedRound(rules, uri=elsewhere.url, tasks_root=manifest().root).history
    with pytest.raises(PlumblineError):
        library(tmp_path).question(history)
