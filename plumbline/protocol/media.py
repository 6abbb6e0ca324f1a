"""Content that a task names by its hash: long texts, images, audio.

    {"src": "media/2c26b46b..", "sha256": "2c26b46b..", "type": "image/png"}

stands in a task where the content would, so the root of the tasks pins every byte of it. `src` is
an address of http or https, or a name relative to where the manifest is; `type` is what the
requester says it is, and other fields are kept. Nobody is shown what has another hash.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

_SHA256: Final = re.compile("[0-9a-f]{64}")
_LONGEST: Final = 200  # characters of an address that anybody reads
_OWN: Final = frozenset({"src", "sha256", "type"})


@dataclass(frozen=True, slots=True)
class Media:
    """A reference to content.

    src     where it is
    sha256  its hash, 64 lower-case hex digits
    type    its media type, like image/png; empty if nothing is said
    """

    src: str
    sha256: str
    type: str = ""

    @classmethod
    def of(cls, value: object) -> "Media | None":
        """The reference that a value in a task is; None if it is none."""
        if not is_like_media(value):
            return None
        assert isinstance(value, Mapping)
        src, sha256, kind = value["src"], value["sha256"], value.get("type", "")
        if not all(isinstance(part, str) for part in (src, sha256, kind)) or not src:
            return None
        return cls(src, sha256, kind) if _SHA256.fullmatch(sha256) else None

    @property
    def place(self) -> str:
        """Where it is, for people: a stranger wrote it, so a long one is cut."""
        return self.src if len(self.src) <= _LONGEST else f"{self.src[:_LONGEST]}.."

    def to_json(self) -> dict[str, object]:
        """As it stands in a task."""
        kind = {"type": self.type} if self.type else {}
        return {"src": self.src, "sha256": self.sha256, **kind}


def is_like_media(value: object) -> bool:
    """Whether a value looks like a reference, well formed or not."""
    return isinstance(value, Mapping) and "src" in value and "sha256" in value


def like_media_in(value: object) -> Iterator[object]:
    """All that looks like a reference in a task, well formed or not, in its order."""
    if is_like_media(value):
        yield value
    elif isinstance(value, Mapping):
        for held in value.values():
            yield from like_media_in(held)
    elif isinstance(value, (list, tuple)):
        for held in value:
            yield from like_media_in(held)


def media_in(value: object) -> Iterator[Media]:
    """All references in a task, in its order."""
    return (media for found in like_media_in(value) if (media := Media.of(found)) is not None)


def beside(value: Mapping[str, object]) -> dict[str, object]:
    """What a reference holds besides its own fields: a caption, say."""
    return {key: held for key, held in value.items() if key not in _OWN}
