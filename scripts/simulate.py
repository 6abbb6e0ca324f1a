"""`ape run simulate` is `plumbline simulate`."""

from plumbline.cli.lab.simulate import cli

__all__ = ["cli"]
