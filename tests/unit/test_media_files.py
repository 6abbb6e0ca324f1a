"""What tasks refer to: looked at before money is in it, published whole, checked when shown."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plumbline.files.media import LARGEST_MEDIA, LARGEST_TEXT
from plumbline.formats.media_copies import (
    AbsentMediaError,
    AlteredMediaError,
    MediaCopies,
    MediaError,
    MediaSource,
)
from plumbline.formats.published import PublishingError
from plumbline.formats.round_file import RoundFile, RoundFileError, load, load_publication
from plumbline.formats.task_text import readable, task_text
from plumbline.protocol.manifest import Manifest, canonical
from plumbline.protocol.media import Media, media_in
from tests.serving import served

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 100
SHA = hashlib.sha256(PNG).hexdigest()
CONTENTS = {
    "image/png": PNG,
    "image/jpeg": b"\xff\xd8\xff\xe0rest",
    "image/gif": b"GIF89a rest",
    "image/webp": b"RIFF\x10\x00\x00\x00WEBPVP8 ",
    "image/avif": b"\x00\x00\x00\x1cftypavif\x00\x00",
    "audio/wav": b"RIFF\x10\x00\x00\x00WAVEfmt ",
    "audio/mpeg": b"ID3\x04 rest",
    "audio/ogg": b"OggS rest",
    "audio/flac": b"fLaC rest",
    "audio/mp4": b"\x00\x00\x00\x1cftypM4A \x00\x00",
    "text/plain": "läng\n<svg onload=x>\t".encode(),
}


class Job:
    """A round file with its tasks and files, in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "job"
        (self.folder / "data" / "spam").mkdir(parents=True)
        self.path = self.folder / "round.yaml"
        for number in range(12):
            (self.folder / "data" / "spam" / f"{number}.png").write_bytes(PNG + bytes([number]))
        self.tasks: list[dict[str, Any]] = [
            {"id": f"m{n}", "image": f"spam/{n}.png", "caption": f"number {n}"} for n in range(12)
        ]

    def load(self, **changes: Any) -> RoundFile:
        lines = "\n".join(json.dumps(task) for task in self.tasks)
        (self.folder / "data" / "tasks.jsonl").write_text(lines)
        values = {
            "preset": "binary",
            "tasks": "data/tasks.jsonl",
            "media": ["image"],
            "price": "0.01 ether",
            "stake": "0.02 ether",
            "no_gold": True,
        }
        self.path.write_text(json.dumps({**values, **changes}))
        return load(self.path)

    def refused(self, **changes: Any) -> str:
        with pytest.raises(RoundFileError) as caught:
            self.load(**changes)
        return str(caught.value)


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(tmp_path)


# ---------------------------------------------------------------- in a round file


def test_names_of_files_become_hashes_and_no_name_is_published(job: Job) -> None:
    wanted = job.load()
    shown = wanted.manifest.tasks[3]
    assert isinstance(shown, dict)
    sha = hashlib.sha256(PNG + b"\x03").hexdigest()
    assert shown == {
        "id": "m3",
        "image": {"src": f"media/{sha}", "sha256": sha, "type": "image/png"},
        "caption": "number 3",
    }
    assert len(wanted.files) == 12 and wanted.publication.media_size == 12 * (len(PNG) + 1)
    assert b"spam" not in canonical(wanted.manifest.to_json())


def test_another_byte_of_a_file_is_another_root(job: Job) -> None:
    before = job.load().manifest.root
    assert job.load().manifest.root == before
    (job.folder / "data" / "spam" / "3.png").write_bytes(PNG + b"\xff")
    assert job.load().manifest.root != before


@pytest.mark.parametrize(("kind", "content"), CONTENTS.items(), ids=list(CONTENTS))
def test_a_file_is_what_its_bytes_are_whatever_it_is_called(
    job: Job, kind: str, content: bytes
) -> None:
    (job.folder / "data" / "spam" / "3.png").write_bytes(content)
    (media,) = media_in(job.load().manifest.tasks[3])
    assert media.type == kind


@pytest.mark.parametrize(
    "content",
    [
        b"MZ\x90\x00",
        b"%PDF-1.4\x00",
        b"\x00\x00\x00\x1cftypisom\x00\x00",
        b"RIFF\x10\x00\x00\x00AVI LIST",
        b"MZ\x90\x00\x10\x00\x00\x00WEBPVP8 ",
        b"text \x1b[31m",
        b"caf\xe9",
        b"\xff\xf1\x50\x80",
        b"x" * (LARGEST_TEXT + 1),
    ],
)
def test_other_kinds_are_refused_with_row_and_file(job: Job, content: bytes) -> None:
    (job.folder / "data" / "spam" / "3.png").write_bytes(content)
    said = job.refused()
    assert "tasks.jsonl, line 4, image: 'spam/3.png' is none of text in UTF-8, " in said
    assert said.endswith("convert it")


def many_links(job: Job) -> None:
    path = job.folder / "data" / "spam" / "3.png"
    path.unlink()
    path.symlink_to("3.png")


def pipe(job: Job) -> None:
    path = job.folder / "data" / "spam" / "3.png"
    path.unlink()
    os.mkfifo(path)


def link_out(job: Job) -> None:
    (job.folder / "secret.png").write_bytes(PNG)
    path = job.folder / "data" / "spam" / "3.png"
    path.unlink()
    path.symlink_to(job.folder / "secret.png")


def large(job: Job) -> None:
    with (job.folder / "data" / "spam" / "3.png").open("wb") as file:
        file.write(PNG)
        file.truncate(LARGEST_MEDIA + 1)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda job: (job.folder / "data/spam/3.png").unlink(), "there is no file 'spam/3.png' in"),
        (lambda job: (job.folder / "data/spam/3.png").write_bytes(b""), "is empty"),
        (lambda job: job.tasks[3].update(image="../round.yaml"), "is outside of"),
        (lambda job: job.tasks[3].update(image="/etc/passwd"), "is outside of"),
        (lambda job: job.tasks[3].update(image="spam"), "is no file"),
        (lambda job: job.tasks[3].update(image="."), "is no file"),
        (lambda job: job.tasks[3].update(image="a\x00b"), "there is no file"),
        (lambda job: job.tasks[3].update(image=7), "7 is no name of a file"),
        (lambda job: job.tasks[3].update(image=["spam/1.png", "no"]), "there is no file 'no'"),
        (many_links, "there is no file"),
        (pipe, "is no file"),
        (link_out, "is outside of"),
        (large, "has 33,554,433 bytes: at most 33,554,432"),
    ],
)
def test_what_cannot_be_published_is_refused_with_row_and_field(
    job: Job, change: Callable[[Job], None], words: str
) -> None:
    change(job)
    said = job.refused()
    assert "data/tasks.jsonl, line 4, image: " in said and words in said, said


def test_a_field_may_hold_several_files_or_none(job: Job) -> None:
    job.tasks[3]["image"] = ["spam/1.png", "spam/2.png"]
    job.tasks[4]["image"] = ""
    job.tasks[5]["image"] = None
    wanted = job.load()
    assert [len(list(media_in(task))) for task in wanted.manifest.tasks[3:6]] == [2, 0, 0]


def test_a_field_that_nobody_sees_holds_no_media(job: Job) -> None:
    assert "media: no task shows a field 'picture'" in job.refused(media=["picture"])
    assert "media: no task shows a field 'image'" in job.refused(show=["caption"])
    assert "media must be a list" in job.refused(media="image")


def test_references_by_hand_are_whole_and_lead_to_the_web(job: Job) -> None:
    job.tasks[3]["image"] = {"src": "https://example.org/a.png", "sha256": SHA, "alt": "a cat"}
    wanted = job.load()
    assert wanted.manifest.tasks[3]["image"] == job.tasks[3]["image"]  # type: ignore[index]
    assert any("content at other addresses (1): nobody" in words for words in wanted.advice)
    for wrong in (
        {"src": "https://example.org/a.png", "sha256": SHA.upper()},
        {"src": "https://example.org/a.png", "sha256": SHA[:-1]},
        {"src": "", "sha256": SHA},
        {"src": "a.png", "sha256": SHA},
        {"src": "file:///etc/passwd", "sha256": SHA},
    ):
        job.tasks[3]["image"] = wrong
        assert "data/tasks.jsonl, line 4: " in job.refused()


def test_a_place_with_a_slash_at_its_end_gets_the_name_of_the_tasks(job: Job) -> None:
    wanted = job.load(uri="https://example.org/tasks/")
    assert wanted.uri == f"https://example.org/tasks/{wanted.manifest.root.hex()}.json"
    assert job.load(uri="https://example.org/x.json").uri == "https://example.org/x.json"
    assert "uri must be at most 256" in job.refused(uri="https://example.org/" + "a" * 200 + "/")


def test_tasks_that_nobody_could_fetch_are_refused(job: Job) -> None:
    job.tasks[3]["caption"] = "x" * (16 * 2**20)
    assert "at most 16,777,216; put long texts into files" in job.refused()


# ---------------------------------------------------------------- published


def files_in(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_what_is_published_goes_by_its_content_and_is_left_alone(job: Job) -> None:
    wanted = job.load()
    publication = load_publication(job.path)
    assert publication.manifest == wanted.manifest
    folder = job.folder / "out" / "published"
    path = publication.place_in(folder)
    publication.write(path)
    there = files_in(folder)
    manifest, _ = there.pop(f"{wanted.manifest.root.hex()}.json")
    assert json.loads(manifest) == wanted.manifest.to_json()
    assert list(json.loads(manifest)["tasks"][0]) == ["id", "image", "caption"]  # as given
    assert len(there) == 12
    for name, (content, _) in there.items():
        assert name == f"media/{hashlib.sha256(content).hexdigest()}"
    before = files_in(folder)
    publication.write(path)
    assert files_in(folder) == before


def test_nothing_of_gold_answers_and_hidden_fields_is_published(job: Job) -> None:
    for number, task in enumerate(job.tasks):
        task |= {"truth": "yes" if number % 2 else "no", "source": "secret-annotator"}
    with pytest.raises(RoundFileError, match="gold"):  # too few for a round: it is written
        job.load(no_gold=False, gold="truth", show=["image", "caption"])
    publication = load_publication(job.path)
    publication.write(publication.place_in(job.folder / "out"))
    for content, _ in files_in(job.folder / "out").values():
        assert not [word for word in (b"truth", b"gold", b"secret-") if word in content]


def test_a_name_of_ones_own_has_its_media_beside_it(job: Job) -> None:
    publication = load_publication(job.path) if job.load() else None
    assert publication
    path = publication.place_in(job.folder / "for-me.json")
    publication.write(path)
    assert path.name == "for-me.json" and len(list((job.folder / "media").iterdir())) == 12


def test_a_copy_that_was_cut_off_is_made_whole(job: Job) -> None:
    publication = job.load().publication
    path = publication.place_in(job.folder / "out")
    publication.write(path)
    broken = next((job.folder / "out" / "media").iterdir())
    whole = broken.read_bytes()
    broken.write_bytes(whole[:10])
    path.write_bytes(b"{")
    publication.write(path)
    assert broken.read_bytes() == whole
    assert Manifest.from_json(json.loads(path.read_bytes())) == publication.manifest


def test_a_file_that_changes_before_it_is_copied_stops_it(job: Job) -> None:
    publication = job.load().publication
    (job.folder / "data" / "spam" / "3.png").write_bytes(PNG + b"!")
    path = publication.place_in(job.folder / "out")
    with pytest.raises(PublishingError, match=r"3\.png was changed meanwhile: run it again"):
        publication.write(path)
    assert not path.exists()
    assert not [name for name in files_in(job.folder / "out") if not name.startswith("media/")]


def test_another_file_is_not_written_over(job: Job) -> None:
    publication = job.load().publication
    for content in ("my thesis", '{"options": ["a", "b"]}', "[" * 99_999):
        path = job.folder / "mine.json"
        path.write_text(content)
        with pytest.raises(PublishingError, match="does not hold published tasks: move it"):
            publication.require_free(path)
    publication.require_free(job.folder / "none.json")
    publication.write(path)
    publication.require_free(path)


def test_a_place_that_cannot_be_written_is_told(job: Job) -> None:
    publication = job.load().publication
    (job.folder / "file").write_text("x")
    with pytest.raises(PublishingError, match=r"cannot be written \(.*\): make room, or name"):
        publication.write(publication.place_in(job.folder / "file"))


# ---------------------------------------------------------------- shown


class Reader:
    """Somebody with a task file, a folder of copies, and an address."""

    def __init__(self, job: Job) -> None:
        self.wanted = job.load()
        self.beside = job.folder / "got"
        self.wanted.publication.write(self.beside / "tasks.json")
        self.media = list(media_in(self.wanted.manifest.tasks))
        self.cache = job.folder / "cache"

    def copies(
        self,
        folder: bool = True,
        uri: str = "",
        may_fetch: bool = False,
        is_private: bool = True,
        clock: Callable[[], float] = lambda: 0.0,
    ) -> MediaCopies:
        beside = self.beside if folder else None
        return MediaCopies(self.cache, MediaSource(beside, uri, may_fetch, is_private), clock)


@pytest.fixture
def reader(job: Job) -> Reader:
    (job.folder / "data" / "spam" / "0.png").write_text("A long text.\n\x0c\n\u202eend")
    return Reader(job)


def test_what_lies_beside_the_task_file_is_shown_if_it_has_its_hash(reader: Reader) -> None:
    copies = reader.copies()
    assert copies.collect(reader.media) == {}
    text, image = copies.show(reader.media[0]), copies.show(reader.media[1])
    assert text.text == "A long text.\n\x0c\n\u202eend"
    assert (image.text, image.type, image.path.suffix) == (None, "image/png", ".png")
    assert image.path.read_bytes() == PNG + b"\x01"
    shutil.rmtree(reader.beside)
    assert reader.copies().collect(reader.media) == {}  # they are kept


def test_a_changed_byte_is_told_and_never_shown(reader: Reader) -> None:
    for media, content in zip(reader.media, (b"Another text.", PNG + b"?"), strict=False):
        (reader.beside / media.src).write_bytes(content)
    copies = reader.copies()
    reasons = copies.collect(reader.media)
    assert set(reasons) == {media.sha256 for media in reader.media[:2]}
    for media in reader.media[:2]:
        with pytest.raises(AlteredMediaError, match="NOT what the round was opened with"):
            copies.show(media)
    assert len(list(reader.cache.iterdir())) == 10


def test_a_copy_is_compared_each_time_it_is_shown(reader: Reader) -> None:
    copies = reader.copies()
    copies.collect(reader.media)
    path = copies.show(reader.media[1]).path
    path.write_bytes(PNG + b"?")
    with pytest.raises(AlteredMediaError, match="was changed"):
        copies.show(reader.media[1])
    again = reader.copies()
    assert again.collect(reader.media) == {}
    assert again.show(reader.media[1]).path.read_bytes() == PNG + b"\x01"


def test_a_text_that_is_changed_between_two_looks_is_not_shown(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies = reader.copies()
    copies.collect(reader.media)
    path = copies.show(reader.media[0]).path
    verified = copies._copy_of

    def change_after(sha256: str) -> Path | None:
        found = verified(sha256)
        path.write_text("Another text.")
        return found

    monkeypatch.setattr(copies, "_copy_of", change_after)
    with pytest.raises(AlteredMediaError, match="was changed"):
        copies.show(reader.media[0])


def test_nothing_is_asked_for_without_being_told_to(reader: Reader) -> None:
    with served(PNG) as url:
        media = [Media(url, SHA), Media(f"media/{SHA}", SHA)]
        for wanted in media:
            reasons = reader.copies(uri=url).collect([wanted])
            assert isinstance(reasons[SHA], AbsentMediaError)
            assert "is not here: --fetch gets it" in str(reasons[SHA])
        assert isinstance(reader.copies().collect(media[1:])[SHA], AbsentMediaError)
        assert reader.copies(may_fetch=True).collect(media[:1]) == {}


def test_a_stranger_leads_nobody_into_a_private_network(reader: Reader) -> None:
    with served(PNG) as url:
        media = Media(url, SHA)
        reasons = reader.copies(uri=url, may_fetch=True, is_private=False).collect([media])
        assert "cannot be had (it is in a private network)" in str(reasons[SHA])
        assert reader.copies(uri=url, may_fetch=True).collect([media]) == {}


def test_there_is_room_for_so_much_and_no_more(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plumbline.formats.media_copies._LARGEST_ALL", len(PNG))
    with served(PNG) as url:
        wanted = [Media(url, SHA), Media(url, "0" * 64)]
        reasons = reader.copies(uri=url, may_fetch=True).collect(wanted)
        assert set(reasons) == {"0" * 64} and "run it again to go on" in str(reasons["0" * 64])


def test_names_are_resolved_against_the_address_of_the_manifest(reader: Reader) -> None:
    with served(PNG) as url:
        copies = reader.copies(folder=False, uri=f"{url}?key=1", may_fetch=True)
        assert copies.collect([Media(f"media/{SHA}", SHA)]) == {}
    with served(b"", 404) as url:
        reasons = reader.copies(folder=False, uri=url, may_fetch=True).collect(reader.media[:1])
        reason = reasons[reader.media[0].sha256]
        assert str(reason) == f"{reader.media[0].src} cannot be had (HTTP 404)"


@pytest.mark.parametrize("src", ["file:///etc/passwd", "//127.0.0.1:1/x", "ftp://x/y"])
def test_only_the_web_is_asked(reader: Reader, src: str) -> None:
    reasons = reader.copies(uri="http://127.0.0.1:1/x.json", may_fetch=True).collect(
        [Media(src, SHA)]
    )
    assert isinstance(reasons[SHA], MediaError)


@pytest.mark.parametrize("src", ["../round.yaml", "/etc/passwd", "media/../../round.yaml"])
def test_no_file_outside_of_the_folder_is_read(reader: Reader, job: Job, src: str) -> None:
    sha = hashlib.sha256((job.folder / "round.yaml").read_bytes()).hexdigest()
    reasons = reader.copies().collect([Media(src, sha)])
    assert "is outside of the folder of the tasks" in str(reasons[sha])
    assert not reader.cache.exists()


def test_there_is_one_time_for_all_that_is_fetched(reader: Reader) -> None:
    times = iter((0.0, 599.9, 600.0))
    with served(PNG) as url:
        copies = reader.copies(uri=url, may_fetch=True, clock=lambda: next(times))
        found = [hashlib.sha256(bytes([n])).hexdigest() for n in range(2)]
        reasons = copies.collect([Media(url, SHA), *(Media(url, sha) for sha in found)])
    assert isinstance(reasons[found[0]], AlteredMediaError)
    assert "no time or room is left" in str(reasons[found[1]])


def test_a_reference_is_read_as_what_it_is_and_its_caption_below() -> None:
    value: dict[str, object] = {"src": f"media/{SHA}", "sha256": SHA, "type": "image/png"}
    value["alt"] = "a \u202ecat"
    assert readable(value) == f"(image/png, SHA-256 {SHA})\nalt: a <U+202E>cat"
    assert readable({**value, "sha256": "no"}).startswith("src: media/")
    assert len(readable({**value, "src": "http://x/" + "y" * 10**6})) < 500
    (section,) = task_text({"text": value}, show=lambda media: f"\x1b{media.type}").sections
    assert section.body == "<U+001B>image/png\nalt: a <U+202E>cat"
