"""How a campaign is put into words, wherever one is shown."""

from plumbline.campaign.rounds import Campaign
from plumbline.cli.output import plain


def labels_words(campaign: Campaign) -> str:
    """How many labels each task gets at most, and of whom."""
    quotas = campaign.file.quotas
    if not campaign.file.has_groups:
        return f"{quotas[0].labels} labels a task"
    first, *rest = (f"{each.labels} of {plain(each.group or '')}" for each in quotas)
    return f"labels a task: {', '.join((first, *rest))}"
