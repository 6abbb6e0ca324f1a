"""Options of commands that listen for requests."""

from collections.abc import Callable
from typing import Any

import click

host_option = click.option(
    "--host", default="127.0.0.1", show_default=True, help="Where to listen."
)


def port_option(default: int) -> Callable[..., Any]:
    """The port to listen at."""
    return click.option(
        "--port",
        type=click.IntRange(0, 65_535),
        default=default,
        show_default=True,
        help="Port to listen at; 0 for any that is free.",
    )
