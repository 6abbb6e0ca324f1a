"""What auditors do: from a verdict on every wei to a page for people."""

from plumbline.cli.lazy import lazy_group


@lazy_group(
    {
        "rounds": ("audit.rounds:rounds", "Audit rounds, or everything (the default)."),
        "watch": ("audit.watch:watch", "Follow the chain, and check each event as it lands."),
        "report": ("audit.report:report", "Write a page about a round, or about many."),
        "draws": ("audit.draws:draws", "Make draws of seats again, and compare."),
        "forensics": ("audit.forensics:forensics", "Look for labelers who did not work alone."),
        "export": ("audit.export:export", "Write all events as tables in Parquet."),
    },
    package="plumbline.cli",
    default="rounds",
)
def cli() -> None:
    """Rebuild everything from events alone and compare it with the chain.

    Without a subcommand: an audit of all rounds, or of those that are named (`rounds`).
    """
