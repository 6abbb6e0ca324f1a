"""A folder of secrets that others were handed: delegated reveals and delegated gold."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from plumbline.errors import PlumblineError
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
        self.path = path
        self._deployed = deployed
        self._genesis = genesis
        self._read: dict[
            Path, tuple[tuple[int, int, int], DelegatedReveal | DelegatedGold | str]
        ] = {}

    def contents(self) -> Contents:
        """All `*.json` that is there now. One that cannot be used stops no other."""
        now: dict[Path, tuple[tuple[int, int, int], DelegatedReveal | DelegatedGold | str]] = {}
        for path in self._paths():
            try:
                status = path.stat()
            except OSError:
                continue  # removed meanwhile
            mark = (status.st_ino, status.st_size, status.st_mtime_ns)
            known = self._read.get(path)
            now[path] = known if known and known[0] == mark else (mark, self._try(path))
        self._read = now
        values = [(path, value) for path, (_, value) in now.items()]
        return Contents(
            tuple(value for _, value in values if isinstance(value, DelegatedReveal)),
            {path: value for path, value in values if isinstance(value, str)},
            {value.owner: value.secret for _, value in values if isinstance(value, DelegatedGold)},
        )

    def _paths(self) -> list[Path]:
        try:
            return sorted(self.path.glob("*.json"))
        except OSError:
            return []

    def _try(self, path: Path) -> DelegatedReveal | DelegatedGold | str:
        try:
            values = delegated_reveals.values_of(path)
            parse = parse_gold if "gold_root" in values else delegated_reveals.parse
            return parse(values, path, self._deployed, self._genesis)
        except PlumblineError as error:
            return str(error)
