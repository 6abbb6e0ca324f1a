"""A campaign as it is planned: its rounds, as they would be opened one by one."""

from dataclasses import dataclass
from pathlib import Path

from plumbline.campaign.cut import CutRound, cut
from plumbline.errors import PlumblineError
from plumbline.files.text import read_object
from plumbline.formats.campaign_file import (
    CampaignFile,
    CampaignFileError,
    Limits,
    parse_campaign,
)
from plumbline.formats.round_file import RoundFile
from plumbline.units import ETHER, Unit


@dataclass(frozen=True, slots=True)
class PlannedRound:
    """A round of a campaign, `number` counted from 1; `root` pins its tasks."""

    number: int
    batch: CutRound
    round_file: RoundFile
    root: bytes


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign from its file, cut into rounds."""

    path: Path
    file: CampaignFile
    rounds: tuple[PlannedRound, ...]

    @property
    def limits(self) -> Limits:
        """What must not be exceeded."""
        return self.file.limits

    @property
    def tasks(self) -> int:
        """In all rounds, gold tasks included."""
        return sum(each.round_file.rules.tasks for each in self.rounds)

    @property
    def escrow(self) -> int:
        """Of all rounds, smallest unit."""
        return sum(each.round_file.escrow for each in self.rounds)

    @property
    def by_root(self) -> dict[bytes, PlannedRound]:
        """The rounds by the root of their tasks."""
        return {each.root: each for each in self.rounds}

    @property
    def files(self) -> dict[bytes, RoundFile]:
        """What its rounds are opened from, by the root of their tasks."""
        return {each.root: each.round_file for each in self.rounds}

    @property
    def advice(self) -> list[str]:
        """What is allowed but seldom wise, of any of its rounds, each once."""
        return list(dict.fromkeys(line for each in self.rounds for line in each.round_file.advice))


def load(path: Path, unit: Unit = ETHER) -> Campaign:
    """Read and cut a campaign. Raises a PlumblineError that names file and key."""
    values = read_object(path)
    try:
        file = parse_campaign(values, path.parent, unit)
        batches = cut(file.asked.pool, file.batch, file.gold_count)
        return Campaign(path, file, tuple(_planned(file, *each) for each in enumerate(batches, 1)))
    except PlumblineError as error:
        raise CampaignFileError(f"{path}: {error}") from None


def _planned(file: CampaignFile, number: int, batch: CutRound) -> PlannedRound:
    manifest = file.asked.manifest_of(batch.tasks)
    try:
        round_file = file.round_file(manifest, batch.gold)
    except PlumblineError as error:
        raise CampaignFileError(f"round {number} of the campaign: {error}") from None
    return PlannedRound(number, batch, round_file, manifest.root)
