"""What tasks refer to, on the screen: shown if it is what it should be, opened by no shell."""

import asyncio
import hashlib
import os
import sys
from pathlib import Path

import pytest

from plumbline.cli.answering.app import Answering, Heading
from plumbline.formats.asked import asked_in
from plumbline.formats.media_copies import MediaCopies, MediaSource
from plumbline.labeler.drafts import Draft
from plumbline.protocol.manifest import Manifest
from plumbline.protocol.media import media_in
from plumbline.questions.lots import Lots
from plumbline.questions.registry import question_named
from plumbline.settlement.terms import Kind
from tests.waiting import wait_until

TASKS = 12
PNG = b"\x89PNG\r\n\x1a\n and so on"
DEADLINE = 1_700_000_000


class Screen:
    """Tasks that refer to an image and to texts, one of which was changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "media").mkdir()
        picture, story, changed = (
            self.reference(content)
            for content in (PNG, "A story.\n\u202ered".encode(), b"The third.")
        )
        (folder / changed["src"]).write_bytes(b"Anything.")
        tasks = ({"picture": picture, "text": story}, {"text": changed}, *["x"] * (TASKS - 2))
        self.manifest = Manifest(("no", "yes"), tasks)
        self.copies = MediaCopies(folder / "cache", MediaSource(folder, "", False, False))
        self.copies.collect(media_in(self.manifest.tasks))

    def reference(self, content: bytes) -> dict[str, str]:
        sha256 = hashlib.sha256(content).hexdigest()
        (self.folder / "media" / sha256).write_bytes(content)
        return {"src": f"media/{sha256}", "sha256": sha256}

    @property
    def image(self) -> Path:
        return self.folder / "cache" / f"{hashlib.sha256(PNG).hexdigest()}.png"

    def __call__(self, *keys: str) -> str:
        """What is on the screen after these keys, from where one was."""
        manifest = self.manifest
        path, tasks = self.folder / "x.draft.json", len(manifest.tasks)
        draft = Draft.open(path, manifest.root, tasks, 2)
        asked = asked_in(Kind.NOMINAL, manifest)
        heading = Heading(7, "0.02 ETH", "0.01 ETH", "tomorrow", DEADLINE, asked)
        app = Answering(manifest, heading, draft, lambda: DEADLINE - 7_200, 0, self.copies)

        async def run() -> str:
            async with app.run_test(size=(200, 40)) as pilot:
                await pilot.pause()
                await pilot.press(*keys)
                await pilot.pause()
                strips = app.screen._compositor.render_strips()
                return "\n".join(strip.text.rstrip() for strip in strips)

        return asyncio.run(run())


@pytest.fixture
def screen(tmp_path: Path) -> Screen:
    return Screen(tmp_path)


def test_content_that_is_what_it_should_be_is_shown(screen: Screen) -> None:
    shown = screen()
    assert "A story." in shown and "<U+202E>red" in shown and "\u202e" not in shown
    assert f"image/png, {len(PNG)} bytes, as the round was opened with: press o" in shown
    assert str(screen.image) in "".join(shown.split()) and "o open" in shown and "NOT" not in shown


def test_content_that_was_changed_is_told_twice_and_not_shown(screen: Screen) -> None:
    shown = screen("1")
    assert "!! Part of this is NOT what the round was opened with" in shown
    assert "!! NOT SHOWN: what is at media/" in shown
    assert "Anything" not in shown and "o open" not in shown
    assert "NOT" not in screen("1")  # by now at the third task


def test_a_copy_that_is_changed_while_one_answers_is_noticed(screen: Screen) -> None:
    assert "A story." in screen()
    (copy,) = (path for path in (screen.folder / "cache").iterdir() if path != screen.image)
    copy.write_bytes(b"A storm.")
    shown = screen()
    assert "A storm." not in shown and "!! NOT SHOWN: its copy in" in shown


def test_only_images_and_sounds_are_opened_and_by_no_shell(
    screen: Screen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opener, opened = tmp_path / "xdg-open", tmp_path / "opened"
    opener.write_text(f'#!/bin/sh\nprintf "%s\\n" "$#" "$1" >> {opened}\n')
    opener.chmod(0o755)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.delenv("DISPLAY", raising=False)
    assert "Nothing here opens files" in screen("o")
    monkeypatch.setenv("DISPLAY", ":0")
    assert "Opened with xdg-open" in screen("o")
    wait_until(lambda: opened.exists() and opened.read_text() == f"1\n{screen.image}\n")
    assert "no image and no sound" in screen("1", "o")
    assert opened.read_text() == f"1\n{screen.image}\n"


def test_things_to_be_ranked_may_be_images_and_texts(tmp_path: Path) -> None:
    screen = Screen(tmp_path)
    question = question_named("ranking").of(None)
    things = [screen.reference(content) for content in (b"One story.", b"Another story.", PNG)]
    parts = question.parts({"items": things}, "1", Lots(b"x"))
    tasks = tuple(part.task for part in parts)
    screen.manifest = Manifest(question.options, tasks, "", question.to_json())
    screen.copies.collect(media_in(screen.manifest.tasks))
    shown = screen()
    assert "One story." in shown and "Another story." in shown
    assert "as the round was opened with: press o" in shown and "o open" in shown
