"""Books of records: which rounds count for those who ask for a record."""

from plumbline.cli.lazy import lazy_group


@lazy_group(
    {
        "create": ("book.create:create", "Create a book that vouches for some rounds."),
        "enter": ("book.enter:enter", "Enter closed rounds into a book."),
        "show": ("book.show:show", "Show whose rounds count, and which are entered."),
    },
    package="plumbline.cli",
)
def cli() -> None:
    """Keep records of the rounds that somebody vouches for.

    A gate that asks for a record reads those of all rounds, which can be bought for gas, or those
    of a book: `admission: {record: {rounds: 20, kappa: 0.5, book: 0x...}}`. docs/seating.md says
    how newcomers earn one.
    """
