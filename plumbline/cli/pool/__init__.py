"""Seats by lot: the pool that they are drawn from."""

from plumbline.cli.lazy import lazy_group


@lazy_group(
    {
        "create": ("pool.create:create", "Create a pool."),
        "join": ("pool.members:join", "Put up a bond, and be drawn from then on."),
        "leave": ("pool.members:leave", "End a membership."),
        "withdraw": ("pool.members:withdraw", "Get bonds back, some time after leaving."),
        "status": ("pool.status:status", "Show members, own units, draws and their seeds."),
        "capture": ("pool.capture:capture", "Fix the seed of a draw."),
        "sweep": ("pool.sweep:sweep", "Pay out to the sink what was lost, and the fees."),
    },
    package="plumbline.cli",
)
def cli() -> None:
    """Seats by lot: put up a bond, be drawn for rounds, get the bond back.

    A round file names a pool as `admission: {draw: 0x...}`. docs/seating.md says how seats are
    drawn, and what an absence costs.
    """
