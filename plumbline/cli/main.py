"""`plumbline`: every command there is, by group."""

import click

from plumbline import __version__
from plumbline.cli.lazy import lazy_group


@lazy_group(
    {
        "deploy": ("deploy:cli", "Create the contracts and write the manifest of a deployment."),
        "join": ("join:cli", "Adopt somebody else's deployment, after a look at its code."),
        "requester": ("requester:cli", "Open rounds, close them and take the labels home."),
        "campaign": ("campaign:cli", "A job of any size: many rounds from one file."),
        "labeler": ("labeler:cli", "Stake, commit, reveal, and follow what it earns."),
        "policy": ("policy:cli", "Decide who may take a seat."),
        "pool": ("pool:cli", "Join a pool, from which seats are drawn."),
        "book": ("book:cli", "Keep records of the rounds that somebody vouches for."),
        "keeper": ("keeper:cli", "Keep rounds going: reveal, close, slash the silent."),
        "site": ("site:cli", "Offer the labeling page: feed, relay, keeper and page in one."),
        "audit": ("audit:cli", "Rebuild everything from events and compare it with the chain."),
        "rewards": ("rewards:cli", "Settle a round offline, or before it is closed."),
        "aggregate": ("aggregate:cli", "Compare ways to make one label of many answers."),
        "demo": ("lab.demo:cli", "Three rounds on a chain of their own, step by step."),
        "market": ("lab.market:cli", "A local market with its labeling page, and a crowd."),
        "load": ("lab.load:cli", "Measure a site: labelers who commit and reveal all at once."),
        "gas": ("lab.gas:cli", "Measure what every step takes, and what labels cost."),
        "job": ("lab.job:cli", "A job of a million answers, from escrow to audit."),
        "simulate": ("lab.simulate:cli", "Let honest and hostile strategies play many rounds."),
    },
    package="plumbline.cli",
)
@click.version_option(__version__, prog_name="plumbline")
def cli() -> None:
    """A marketplace for labels with skin in the game, on Ethereum.

    Every command has --help. Those that read take a node from --network or PLUMBLINE_NODE, and
    need no account.
    """
