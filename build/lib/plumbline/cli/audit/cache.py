"""The cache of logs that commands of an auditor share."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from plumbline.chain.log_cache import LogCache
from plumbline.cli.command import vault_root
from plumbline.history.market import Market

cache_option = click.option(
    "--cache",
    "cache_folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of logs that were read before. [default: $PLUMBLINE_VAULT/cache or "
    "~/.plumbline/cache]",
)
no_cache_option = click.option("--no-cache", is_flag=True, help="Read all logs from the node.")


@contextmanager
def cache_of(market: Market, folder: Path | None, no_cache: bool) -> Iterator[LogCache | None]:
    """The cache of a deployment, as long as it is used; None if it shall not be."""
    if no_cache:
        yield None
        return
    cache = LogCache(folder or vault_root() / "cache", market.deployment.deployed)
    try:
        yield cache
    finally:
        cache.close()
