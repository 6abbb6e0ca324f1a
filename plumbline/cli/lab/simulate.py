"""What rounds come to that are settled in Python, without a chain."""

from plumbline.cli.lazy import lazy_group


@lazy_group(
    {
        "league": ("league:cli", "Let strategies play against the rule (the default)."),
        "extend": ("extend:cli", "Count the labels that are saved by asking where it is needed."),
        "expectations": ("expectations:cli", "Make the table of what to expect of a round."),
        "seating": ("seating:cli", "Compare open seats with seats by lot."),
    },
    package="plumbline.cli.lab",
    default="league",
)
def cli() -> None:
    """Settle many rounds in Python: who earns what, and how good labels are.

    Without a subcommand: the league.
    """
