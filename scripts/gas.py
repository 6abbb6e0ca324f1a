"""`ape run gas` is `plumbline gas`."""

from plumbline.cli.lab.gas import cli

__all__ = ["cli"]
