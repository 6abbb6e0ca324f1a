"""`ape run bench` is `plumbline bench`."""

from plumbline.cli.lab.bench import cli

__all__ = ["cli"]
