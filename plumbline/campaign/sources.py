"""What a dataset is made of: the closed rounds of a campaign, or the one of a round file."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from plumbline.campaign.standing import Standing
from plumbline.dataset.groups import NO_GROUPS, LabelerGroups
from plumbline.dataset.labeling import in_file_order, label
from plumbline.dataset.records import Dataset
from plumbline.dataset.sources import ItemSource, SourceRound, round_source
from plumbline.formats.round_file import Questionnaire
from plumbline.history.market import Market


@dataclass(frozen=True, slots=True)
class JobSources:
    """The closed rounds of a file.

    names      of all items of the file, in their order
    running    rounds that are not closed
    unopened   how many rounds are still to be opened
    groups     the group that a labeler was asked in, by address: of those whom quotas ask, and of
               who was asked in several the first
    """

    rounds: tuple[SourceRound, ...]
    names: tuple[str, ...]
    running: tuple[int, ...] = ()
    unopened: int = 0
    groups: Mapping[str, str] = field(default_factory=dict)

    def label(self, method: str | None = None, groups: LabelerGroups = NO_GROUPS) -> Dataset:
        """The dataset of them, in the order of the file; as `labeling.label`."""
        return in_file_order(label(self.rounds, method, groups), self.names)


def campaign_sources(standing: Standing) -> JobSources:
    """The rounds of a campaign, in their order.

    Of items in rounds that are not closed nothing is said: which of them are gold tasks is secret.
    """
    closed, running = [], []
    groups: dict[str, str] = {}
    for planned in standing.campaign.rounds:
        history = standing.histories.get(planned.number)
        if history is None:
            continue
        if history.closed is None:
            running.append(history.round_id)
            continue
        if planned.group is not None:
            for event in history.reveals:
                groups.setdefault(event.labeler, planned.group)
        items = {item.called: ItemSource.of(item) for item in planned.batch.items}
        closed.append(SourceRound.of(history, planned.round_file.manifest, items))
    names = tuple(item.name for item in standing.campaign.file.asked.pool.items)
    return JobSources(tuple(closed), names, tuple(running), len(standing.to_open), groups)


def round_sources(market: Market, asked: Questionnaire, number: int | None = None) -> JobSources:
    """The round that was opened from a round file; raises as `dataset.sources.round_source`."""
    names = tuple(item.name for item in asked.pool.items)
    return JobSources((round_source(market, asked, number),), names)
