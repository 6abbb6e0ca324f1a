"""`ape run deploy` is `plumbline deploy`."""

from plumbline.cli.deploy import cli

__all__ = ["cli"]
