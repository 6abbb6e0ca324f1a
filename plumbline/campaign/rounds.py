"""A campaign as it is planned: its rounds, as they would be opened one by one."""

from dataclasses import dataclass, replace
from itertools import cycle
from pathlib import Path

from plumbline.campaign.cut import CutRound, cut
from plumbline.campaign.follow_up_cut import follow_up
from plumbline.campaign.follow_ups import FollowUps, follow_ups_path, read_follow_ups
from plumbline.errors import PlumblineError
from plumbline.files.text import read_object
from plumbline.formats.campaign_file import (
    CampaignFile,
    CampaignFileError,
    Limits,
    Quota,
    parse_campaign,
)
from plumbline.formats.names import quoted
from plumbline.formats.round_file import RoundFile
from plumbline.units import ETHER, Unit


@dataclass(frozen=True, slots=True)
class PlannedRound:
    """A round of a campaign, `number` counted from 1; `root` pins its tasks.

    group          of people whom it asks; None for everybody
    is_follow_up   whether it asks items again that were in other rounds
    admission      of a follow-up round: policy contract; None for that of the campaign file
    excluded       likewise: rounds on the chain whose participants get no seat
    """

    number: int
    batch: CutRound
    round_file: RoundFile
    root: bytes
    group: str | None = None
    is_follow_up: bool = False
    admission: str | None = None
    excluded: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign from its file, cut into rounds.

    rounds      those in which each item is asked once, then follow-up rounds
    follow_ups  what its file of follow-up rounds says; None without any
    """

    path: Path
    file: CampaignFile
    rounds: tuple[PlannedRound, ...]
    follow_ups: FollowUps | None = None

    @property
    def limits(self) -> Limits:
        """What must not be exceeded."""
        return self.file.limits

    @property
    def tasks(self) -> int:
        """That are asked, gold tasks included, each once."""
        return len(self.file.asked.pool.tasks)

    @property
    def escrow(self) -> int:
        """Of all rounds, smallest unit."""
        return sum(each.round_file.escrow for each in self.rounds)

    @property
    def first_rounds(self) -> tuple[PlannedRound, ...]:
        """Those in which each item is asked once."""
        return tuple(each for each in self.rounds if not each.is_follow_up)

    @property
    def follow_up_rounds(self) -> tuple[PlannedRound, ...]:
        """Those that ask items again."""
        return tuple(each for each in self.rounds if each.is_follow_up)

    @property
    def without_follow_ups(self) -> "Campaign":
        """As the campaign file alone has it."""
        return replace(self, rounds=self.first_rounds, follow_ups=None)

    def follow_up(
        self,
        number: int,
        batch: CutRound,
        seats: int,
        admission: str | None,
        excluded: tuple[int, ...],
    ) -> PlannedRound:
        """A follow-up round under that number, see PlannedRound.

        Raises CampaignFileError if the campaign file makes no such round.
        """
        first = self.first_rounds
        usual_tasks = sum(each.round_file.rules.tasks for each in first) // len(first)
        manifest = self.file.asked.manifest_of(batch.tasks)
        try:
            round_file = self.file.follow_up(
                manifest, batch.gold, seats, admission, excluded, usual_tasks
            )
        except PlumblineError as error:
            raise CampaignFileError(f"follow-up round {number} of the campaign: {error}") from None
        return PlannedRound(
            number,
            batch,
            round_file,
            manifest.root,
            is_follow_up=True,
            admission=admission,
            excluded=excluded,
        )

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
    """Read and cut a campaign, with the follow-up rounds that were decided on.

    Raises a PlumblineError that names file and key, StorageError for a damaged file of follow-up
    rounds.
    """
    values = read_object(path)
    try:
        file = parse_campaign(values, path.parent, unit)
        batches = cut(file.asked.pool, file.batch, file.gold_count, len(file.quotas))
        quotas = cycle(file.quotas)
        first = tuple(
            _planned(file, number, batch, quota)
            for number, (batch, quota) in enumerate(zip(batches, quotas, strict=False), 1)
        )
    except PlumblineError as error:
        raise CampaignFileError(f"{path}: {error}") from None
    campaign = Campaign(path, file, first)
    follow_ups = read_follow_ups(follow_ups_path(path))
    if follow_ups is None:
        return campaign
    return replace(
        campaign, rounds=(*first, *_recorded(campaign, follow_ups)), follow_ups=follow_ups
    )


def _planned(file: CampaignFile, number: int, batch: CutRound, quota: Quota) -> PlannedRound:
    manifest = file.manifest_of(batch.tasks, quota)
    try:
        round_file = file.round_file(manifest, batch.gold, quota)
    except PlumblineError as error:
        of = f" of {quoted(quota.group)}" if quota.group is not None else ""
        raise CampaignFileError(f"round {number} of the campaign{of}: {error}") from None
    return PlannedRound(number, batch, round_file, manifest.root, quota.group)


def _recorded(campaign: Campaign, follow_ups: FollowUps) -> tuple[PlannedRound, ...]:
    items = {item.name: item for item in campaign.file.asked.pool.items}
    planned = []
    for number, each in enumerate(follow_ups.rounds, len(campaign.rounds) + 1):
        missing = next((name for name in each.items if name not in items), None)
        if missing is not None:
            raise _changed(campaign.path, f"has no item {quoted(missing)}, which")
        batch = follow_up([items[name] for name in each.items])
        made = campaign.follow_up(number, batch, each.seats, each.admission, each.excluded)
        if made.root != each.root:
            raise _changed(campaign.path, f"has other tasks for round {number}, which")
        planned.append(made)
    return tuple(planned)


def _changed(path: Path, how: str) -> CampaignFileError:
    return CampaignFileError(
        f"{path} {how} {follow_ups_path(path)} asks again: put its tasks back as they were"
    )
