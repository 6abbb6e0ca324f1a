"""Jobs of any size: many rounds from one file."""

from plumbline.cli.lazy import lazy_group


@lazy_group(
    {
        "plan": ("campaign.plan:plan", "Show what it comes to, before anything is sent."),
        "open": ("campaign.open:open_rounds", "Open rounds, as many as the limits allow."),
        "status": ("campaign.status:status", "Show progress, money and silent seats."),
        "resume": ("campaign.resume:resume", "Go on: close what is due, open what is left."),
        "close": ("campaign.close:close", "Judge and pay all rounds that are due."),
        "extend": ("campaign.extend:extend", "Ask others where labels are not sure enough."),
        "delegate": ("campaign.delegate:delegate", "Write gold answers for a keeper."),
        "labels": ("campaign.labels:labels", "Write the labels of all closed rounds, in one."),
        "withdraw": ("campaign.withdraw:withdraw", "Pay out what came back."),
    },
    package="plumbline.cli",
)
def cli() -> None:
    """Plan a job of many rounds, carry it out and take the labels home."""
