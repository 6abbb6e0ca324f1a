"""`ape run requester` is `plumbline requester`."""

from plumbline.cli.requester import cli

__all__ = ["cli"]
