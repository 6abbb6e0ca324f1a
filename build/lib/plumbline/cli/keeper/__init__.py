"""What a keeper's operator starts, sees in the log, and reads at the end."""

from plumbline.cli.keeper.command import cli

__all__ = ["cli"]
