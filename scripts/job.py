"""`ape run job` is `plumbline job`."""

from plumbline.cli.lab.job import cli

__all__ = ["cli"]
