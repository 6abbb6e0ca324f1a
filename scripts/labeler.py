"""`ape run labeler` is `plumbline labeler`."""

from plumbline.cli.labeler import cli

__all__ = ["cli"]
