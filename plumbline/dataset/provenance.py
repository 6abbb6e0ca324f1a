"""Where a dataset comes from: what its folder holds so that anyone can make it again from events.

    provenance.json      which chain, contract and rounds; what was asked for; names of items
    rounds/<root>.json   the tasks of each round, as published

The labels follow from the rounds and from what was asked for. What the chain cannot tell is on the
requester's word: what items are called and which belong together, the fields that were kept, and
which labeler belongs to which group.

    version, made_by                       of the form, and of the program
    chain_id, genesis, contract            of which deployment
    requester                              who opened the rounds
    rounds    of each: round, tasks_root
    options   method (null: the average), test_percent, license, formats, desirable
    labelers  weights (by group), groups (labeler -> group), of those who answered
    items     of each, in the order of the rows: called (what labelers saw it called), name, group,
              kept
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from plumbline import __version__
from plumbline.aggregation.choice import AVERAGE
from plumbline.aggregation.methods import METHODS
from plumbline.dataset.groups import LabelerGroups
from plumbline.dataset.records import Dataset
from plumbline.dataset.sources import ItemSource, SourceRound
from plumbline.dataset.split import SplitDataset
from plumbline.errors import PlumblineError
from plumbline.files.atomic import write_whole
from plumbline.files.media import open_regular
from plumbline.files.text import parse_json
from plumbline.files.values import integer, word
from plumbline.formats.deployment_fields import deployment_fields, deployment_of
from plumbline.formats.manifest_file import LARGEST_MANIFEST
from plumbline.formats.published import Publication, manifest_name
from plumbline.protocol.addresses import checksum
from plumbline.protocol.manifest import Manifest
from plumbline.protocol.typed_data import Deployed

PROVENANCE: Final = "provenance.json"
ROUNDS: Final = "rounds"
"""The folder of the tasks."""

_VERSION: Final = 1
_LARGEST: Final = 256 * 2**20  # bytes, a multiple of what a file of tasks may have
_MOST_ROUNDS: Final = 100_000
_LONGEST_NAME: Final = 2**10  # letters of a license, a format or a version
_HALVES: Final = re.compile(r"\\u[dD][89a-fA-F]")  # of characters; most have their other half
_KEYS: Final = (
    *("version", "made_by"),
    *("chain_id", "genesis", "contract"),
    *("requester", "rounds", "options", "labelers", "items"),
)


class ProvenanceError(PlumblineError):
    """A folder that does not say where its rows come from."""


@dataclass(frozen=True, slots=True)
class DatasetOptions:
    """What was asked for.

    method        by name; None for the average of all
    test_percent  of the items are to test on
    license       as the card names it; None if it does not
    formats       what it was written as besides, by name
    desirable     the options that make a reply good, by name
    """

    method: str | None = None
    test_percent: int = 0
    license: str | None = None
    formats: tuple[str, ...] = ()
    desirable: tuple[str, ...] = ()

    def split(self, dataset: Dataset) -> SplitDataset:
        """A dataset as it is written."""
        return SplitDataset(dataset, self.test_percent, self.desirable)


@dataclass(frozen=True, slots=True)
class RoundPlace:
    """A round and what pins its tasks, 32 bytes."""

    round_id: int
    tasks_root: bytes


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a dataset comes from. `genesis` is the hash of block 0 of the chain.

    groups   of labelers who answered
    items    what the requester says of each, by what labelers saw it called; in the order of rows
    made_by  the version of the program that wrote it
    """

    deployed: Deployed
    genesis: bytes
    requester: str
    rounds: tuple[RoundPlace, ...]
    options: DatasetOptions
    groups: LabelerGroups
    items: Mapping[str, ItemSource]
    made_by: str = __version__

    @classmethod
    def of(
        cls,
        dataset: Dataset,
        sources: Sequence[SourceRound],
        deployed: Deployed,
        genesis: bytes,
        options: DatasetOptions,
        groups: LabelerGroups,
    ) -> "Provenance":
        """Of a dataset that was made from these rounds, in this order."""
        answered = {event.labeler for each in sources for event in each.history.reveals}
        return cls(
            deployed=deployed,
            genesis=genesis,
            requester=sources[0].history.requester,
            rounds=tuple(
                RoundPlace(each.history.round_id, each.history.opened.tasks_root)
                for each in sources
            ),
            options=options,
            groups=groups.among(answered),
            items={
                item.item.name: ItemSource(item.name, item.group, item.kept)
                for item in dataset.items
            },
        )

    def require_chain(self, chain_id: int, genesis: bytes) -> None:
        """Raise ProvenanceError unless it is of this chain."""
        if (self.deployed.chain_id, self.genesis) != (chain_id, genesis):
            raise ProvenanceError(
                f"the dataset is of chain {self.deployed.chain_id}, begun with "
                f"0x{self.genesis.hex()[:8]}.., and the node is on chain {chain_id}, begun with "
                f"0x{genesis.hex()[:8]}..: name a node of that chain with --network URL"
            )


def manifest_path(tasks_root: bytes) -> str:
    """Where the tasks of a round are, from the folder."""
    return f"{ROUNDS}/{manifest_name(tasks_root)}"


# ---------------------------------------------------------------- writing


def write_provenance(folder: Path, provenance: Provenance, manifests: Iterable[Manifest]) -> None:
    """Write it into a dataset's folder, with the tasks of its rounds.

    Raises ProvenanceError if it cannot be written, PublishingError if the tasks cannot.
    """
    path = folder / PROVENANCE
    content = _content(provenance)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(path, content)
    except OSError as error:
        raise ProvenanceError(
            f"{path} cannot be written ({error.strerror}): make room, or name another folder"
        ) from None
    for manifest in manifests:
        Publication.of(manifest, {}).write(folder / manifest_path(manifest.root))


def _content(provenance: Provenance) -> bytes:
    """What can be read again; ProvenanceError if that cannot be."""
    try:
        text = json.dumps(_to_json(provenance), ensure_ascii=False, allow_nan=False, indent=1)
        content = f"{text}\n".encode()
        again = _parsed(parse_json(text, PROVENANCE))
    except UnicodeEncodeError:
        raise ProvenanceError(
            "an item has half of a character (a lone surrogate) in its name, group or kept fields: "
            "correct it"
        ) from None
    except (ValueError, PlumblineError) as error:
        raise ProvenanceError(
            f"the names, groups and kept fields of the items cannot be written ({error}): correct "
            "them, or keep fewer"
        ) from None
    if len(content) > _LARGEST:
        raise ProvenanceError(f"kept fields take more than {_LARGEST:,} bytes: keep fewer")
    assert again == provenance
    return content


def _to_json(provenance: Provenance) -> dict[str, object]:
    options, groups = provenance.options, provenance.groups
    return {
        "version": _VERSION,
        "made_by": provenance.made_by,
        **deployment_fields(provenance.deployed, provenance.genesis),
        "requester": provenance.requester,
        "rounds": [
            {"round": each.round_id, "tasks_root": "0x" + each.tasks_root.hex()}
            for each in provenance.rounds
        ],
        "options": {
            "method": options.method,
            "test_percent": options.test_percent,
            "license": options.license,
            "formats": list(options.formats),
            "desirable": list(options.desirable),
        },
        "labelers": {"weights": dict(groups.weights), "groups": dict(groups.of)},
        "items": [
            {"called": called, "name": each.name, "group": each.group, "kept": dict(each.kept)}
            for called, each in provenance.items.items()
        ],
    }


# ---------------------------------------------------------------- reading


def read_provenance(folder: Path) -> Provenance:
    """What a dataset's folder says; anybody may have written it.

    Raises ProvenanceError with the place of whatever cannot be meant.
    """
    path = folder / PROVENANCE
    values = _read_json(path, _LARGEST)
    try:
        _require_keys(values, _KEYS)
        if values["version"] != _VERSION:
            raise ValueError("it is of another version of this program: use that one")
        return _parsed(values)
    except (KeyError, TypeError, AttributeError):
        raise ProvenanceError(f"{path} does not have the form of a provenance: {_AGAIN}") from None
    except (ValueError, PlumblineError) as error:
        raise ProvenanceError(f"{path}: {error}; {_AGAIN}") from None


_AGAIN: Final = "get the folder again from whoever made it"


def read_manifest(folder: Path, tasks_root: bytes) -> Manifest:
    """The tasks with that root. Raises ProvenanceError if they are not there, or are others."""
    path = folder / manifest_path(tasks_root)
    try:
        manifest = Manifest.from_json(_read_json(path, LARGEST_MANIFEST))
        root = manifest.root
    except ProvenanceError:
        raise
    except PlumblineError as error:
        raise ProvenanceError(f"{path}: {error}; {_AGAIN}") from None
    if root != tasks_root:
        raise ProvenanceError(
            f"{path} does not hold the tasks that it is called by (their root is "
            f"0x{root.hex()[:8]}..): they were changed; {_AGAIN}"
        )
    return manifest


def _read_json(path: Path, limit: int) -> Any:
    if path.is_symlink() or not path.exists():
        why = "is a link" if path.is_symlink() else "is not there"
        raise ProvenanceError(f"{path} {why}: {_AGAIN}")
    file = open_regular(path, limit)
    if file is None:
        raise ProvenanceError(f"{path} is not a file of at most {limit:,} bytes: {_AGAIN}")
    try:
        with file:
            text = file.read().decode()
        values = parse_json(text, str(path))
        if _HALVES.search(text):
            json.dumps(values, ensure_ascii=False).encode()
        return values
    except UnicodeEncodeError:
        raise ProvenanceError(
            f"{path} has half of a character (a lone surrogate): {_AGAIN}"
        ) from None
    except UnicodeDecodeError:
        raise ProvenanceError(f"{path} is not text in UTF-8: {_AGAIN}") from None
    except OSError as error:
        raise ProvenanceError(f"{path} cannot be read ({error.strerror}): {_AGAIN}") from None
    except PlumblineError as error:
        raise ProvenanceError(f"{error}; {_AGAIN}") from None


def _parsed(values: Mapping[str, Any]) -> Provenance:
    deployed, genesis = deployment_of(values)
    labelers = _object(values["labelers"], ("weights", "groups"))
    return Provenance(
        deployed=deployed,
        genesis=genesis,
        requester=checksum(values["requester"]),
        rounds=_rounds(values["rounds"]),
        options=_options(_object(values["options"], _OPTION_KEYS)),
        groups=LabelerGroups(
            {_address(each): _text(name) for each, name in labelers["groups"].items()},
            {name: integer(weight) for name, weight in labelers["weights"].items()},
        ),
        items=_items(values["items"]),
        made_by=_short(values["made_by"]),
    )


_OPTION_KEYS: Final = ("method", "test_percent", "license", "formats", "desirable")


def _rounds(values: Any) -> tuple[RoundPlace, ...]:
    if not 0 < len(_list(values)) <= _MOST_ROUNDS:
        raise ValueError(f"{len(values)} rounds")
    rounds = []
    for value in values:
        given = _object(value, ("round", "tasks_root"))
        number = integer(given["round"])
        if not 0 < number < 2**64:
            raise ValueError(f"there is no round {number}")
        rounds.append(RoundPlace(number, word(given["tasks_root"])))
    _require_different("round", [str(each.round_id) for each in rounds])
    return tuple(rounds)


def _options(given: Mapping[str, Any]) -> DatasetOptions:
    method = given["method"]
    if method is not None and _text(method) not in (AVERAGE, *METHODS):
        raise ValueError("the method is none that is known")
    test_percent = integer(given["test_percent"])
    if not 0 <= test_percent <= 100:
        raise ValueError(f"test_percent is {test_percent}: must be 0 to 100")
    formats = tuple(_short(name) for name in _list(given["formats"]))
    _require_different("format", formats)
    desirable = tuple(_text(name) for name in _list(given["desirable"]))
    _require_different("desirable option", desirable)
    license_name = None if given["license"] is None else _short(given["license"])
    return DatasetOptions(method, test_percent, license_name, formats, desirable)


def _items(values: Any) -> dict[str, ItemSource]:
    items: dict[str, ItemSource] = {}
    for number, value in enumerate(_list(values), start=1):
        given = _object(value, ("called", "name", "group", "kept"))
        called, group, kept = _text(given["called"]), given["group"], given["kept"]
        if called in items:
            raise ValueError(f"item {number}: another one is called {called!r} as well")
        if not isinstance(kept, dict):
            raise ValueError(f"item {number}: kept is not an object")
        items[called] = ItemSource(
            _text(given["name"]), None if group is None else _text(group), kept
        )
    _require_different("name of an item", [item.name for item in items.values()])
    return items


def _object(value: Any, keys: Sequence[str]) -> Mapping[str, Any]:
    _require_keys(value, keys)
    given: Mapping[str, Any] = value
    return given


def _require_keys(value: Any, keys: Sequence[str]) -> None:
    if not isinstance(value, dict) or value.keys() != set(keys):
        raise ValueError(f"where an object with {', '.join(keys)} must be is something else")


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError("where a list must be is something else")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("where a text must be is something else")
    return value


def _short(value: Any) -> str:
    if len(_text(value)) > _LONGEST_NAME:
        raise ValueError("a license, a format or a version has a very long name")
    return str(value)


def _address(value: str) -> str:
    """As this program writes it, so that nobody is in it twice."""
    if checksum(value) != value:
        raise ValueError(f"{value} is not written as an address is, with its checksum")
    return value


def _require_different(what: str, names: Sequence[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ValueError(f"{what} {name!r} comes twice")
        seen.add(name)
