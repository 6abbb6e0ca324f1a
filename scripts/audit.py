"""`ape run audit` is `plumbline audit`."""

from plumbline.cli.audit import cli

__all__ = ["cli"]
