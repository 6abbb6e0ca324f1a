"""What tasks refer to, on the page of a task: texts as they are, and files for other programs."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from plumbline.files.media import TEXT
from plumbline.formats.media_copies import AlteredMediaError, MediaCopies, MediaError
from plumbline.formats.task_text import described
from plumbline.protocol.media import Media, media_in

_MOST: Final = 4  # files that one key opens


class MediaView:
    """What a page shows of the content that tasks refer to; without copies, only its name."""

    def __init__(self, copies: MediaCopies | None) -> None:
        self._copies = copies

    def said(self, media: Media) -> str:
        """What is read in the place of content: the text, where the file is, or why neither."""
        if self._copies is None:
            return described(media)
        try:
            shown = self._copies.show(media)
        except MediaError as error:
            return f"!! NOT SHOWN: {error}. Skip the task, or get its files again"
        if shown.text is not None:
            return shown.text
        opened = "press o to open it" if shown.type else "of a kind that is not known here"
        return (
            f"{shown.type or 'file'}, {shown.size:,} bytes, as the round was opened with: {opened}"
            f"\n{shown.path}"
        )

    def is_altered(self, value: object) -> bool:
        """Whether what is in a task refers to content that was replaced."""
        if self._copies is None:
            return False
        for media in media_in(value):
            try:
                self._copies.show(media)
            except AlteredMediaError:
                return True
            except MediaError:
                pass
        return False

    def files(self, value: object) -> list[Path]:
        """The images and sounds in a task that are what they should be, for another program."""
        found = []
        for media in media_in(value):
            try:
                shown = self._copies.show(media) if self._copies else None
            except MediaError:
                continue
            if shown is not None and shown.type not in ("", TEXT):
                found.append(shown.path)
        return found


def open_files(paths: list[Path]) -> str:
    """Have the system's program open files, the first few; returns what to say of it."""
    program = _opener()
    if program is None:
        return "Nothing here opens files: copy the path"
    for path in paths[:_MOST]:
        # By itself, so that it writes nothing on this screen and does not end with it.
        subprocess.Popen(
            [program, str(path.absolute())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    more = f", the first {_MOST} of {len(paths)}" if len(paths) > _MOST else ""
    return f"Opened with {Path(program).name}{more}"


def _opener() -> str | None:
    if sys.platform == "darwin":
        return shutil.which("open")
    # Without a desktop xdg-open takes the terminal for a text browser.
    is_desktop = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return shutil.which("xdg-open") if is_desktop else None
