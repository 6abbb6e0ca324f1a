"""A folder of secrets that others were handed: delegated reveals and delegated gold."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from plumbline.files.watched import WatchedFolder
from plumbline.labeler import delegated_reveals
from plumbline.labeler.delegated_gold import DelegatedGold, parse_gold
from plumbline.labeler.delegated_reveals import DelegatedReveal
from plumbline.labeler.vault import Secret
from plumbline.protocol.typed_data import Deployed


@dataclass(frozen=True, slots=True)
class Contents:
    """What a folder holds: what can be used, and why the rest cannot.

    gold   by requester and gold root
    """

    delegated: tuple[DelegatedReveal, ...]
    refused: Mapping[Path, str]
    gold: Mapping[tuple[str, bytes], Secret] = field(default_factory=dict)


class Folder:
    """A folder that files are put into; each is read once, and again if it changes."""

    def __init__(self, path: Path, deployed: Deployed, genesis: bytes) -> None:
        """It need not be there yet."""
        self._deployed = deployed
        self._genesis = genesis
        self._files = WatchedFolder(path, self._parse)

    def contents(self) -> Contents:
        """All `*.json` that is there now. One that cannot be used stops no other."""
        found = self._files.contents()
        values = found.values()
        return Contents(
            tuple(value for value in values if isinstance(value, DelegatedReveal)),
            {path: str(value) for path, value in found.items() if isinstance(value, Exception)},
            {value.owner: value.secret for value in values if isinstance(value, DelegatedGold)},
        )

    def _parse(self, path: Path) -> DelegatedReveal | DelegatedGold:
        values = delegated_reveals.values_of(path)
        parse = parse_gold if "gold_root" in values else delegated_reveals.parse
        return parse(values, path, self._deployed, self._genesis)
