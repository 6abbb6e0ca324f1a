"""`ape run keeper` is `plumbline keeper`."""

from plumbline.cli.keeper import cli

__all__ = ["cli"]
