"""`ape run join` is `plumbline join`."""

from plumbline.cli.join import cli

__all__ = ["cli"]
