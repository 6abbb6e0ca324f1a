"""A folder of signed commitments that others were handed, to relay them when it is time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from plumbline.files.watched import WatchedFolder
from plumbline.labeler import consents
from plumbline.labeler.consents import Consent
from plumbline.protocol.typed_data import Deployed


@dataclass(frozen=True, slots=True)
class SignedCommitments:
    """What a folder holds: each commitment once, in the order of the files; and why the rest of the
    files cannot be used.
    """

    consents: tuple[Consent, ...] = ()
    refused: Mapping[Path, str] = field(default_factory=dict)


class ConsentFolder:
    """A folder that files of `labeler sign` are put into; it need not be there yet."""

    def __init__(self, path: Path, deployed: Deployed) -> None:
        self._files = WatchedFolder(path, lambda file: tuple(consents.read(file, deployed)))

    def contents(self) -> SignedCommitments:
        """All `*.json` that is there now. One that cannot be used stops no other."""
        found = self._files.contents()
        several = (each for each in found.values() if not isinstance(each, Exception))
        return SignedCommitments(
            tuple(dict.fromkeys(consent for group in several for consent in group)),
            {path: str(each) for path, each in found.items() if isinstance(each, Exception)},
        )
