"""`ape run rewards` is `plumbline rewards`."""

from plumbline.cli.rewards import cli

__all__ = ["cli"]
