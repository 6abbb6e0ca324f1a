"""What requesters do: from a file of tasks to labels."""

from plumbline.cli.lazy import lazy_group


@lazy_group(
    {
        "check": ("requester.check:check", "Read a file as `open` would, and say what comes in."),
        "open": ("requester.open:open_round", "Open a round from a file."),
        "draw": ("requester.draw:draw", "Draw who may take the seats of rounds."),
        "publish": ("requester.publish:publish", "Write the tasks of a file as labelers get them."),
        "serve": ("requester.serve:serve", "Hand out published tasks over HTTP."),
        "status": ("requester.status:status", "Show phase, seats and escrow of rounds."),
        "relay": ("requester.relay:relay", "Relay commitments that labelers signed."),
        "relay-withdrawals": ("money:relay_withdrawals", "Relay withdrawals that owners signed."),
        "delegate": ("requester.delegate:delegate", "Write gold answers for a keeper."),
        "close": ("requester.close:close", "Judge and pay a round; slash the silent."),
        "labels": ("requester.labels:labels", "Write the labels of a closed round."),
        "dataset": ("requester.dataset:dataset", "Make a dataset of closed rounds."),
        "verify": ("requester.verify:verify", "Make a dataset again from events, and compare."),
        "sweep": ("requester.sweep:sweep", "Pay out to the sink what was slashed."),
        "withdraw": ("money:requester_withdraw", "Pay out of the free balance."),
    },
    package="plumbline.cli",
)
def cli() -> None:
    """Open a round, see how it stands, close it and take the labels home."""
