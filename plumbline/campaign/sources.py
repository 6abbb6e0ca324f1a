"""The closed rounds of a campaign, for its dataset."""

from plumbline.campaign.standing import Standing
from plumbline.dataset.sources import ItemSource, SourceRound


def source_rounds(standing: Standing) -> list[SourceRound]:
    """The rounds that are closed, in their order.

    Of items in others nothing is said: which of them are gold tasks is secret.
    """
    found = []
    for planned in standing.campaign.rounds:
        history = standing.histories.get(planned.number)
        if history is not None and history.closed is not None:
            items = {item.called: ItemSource.of(item) for item in planned.batch.items}
            found.append(SourceRound.of(history, planned.round_file.manifest, items))
    return found
