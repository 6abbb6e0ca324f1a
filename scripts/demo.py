"""`ape run demo` is `plumbline demo`."""

from plumbline.cli.lab.demo import cli

__all__ = ["cli"]
