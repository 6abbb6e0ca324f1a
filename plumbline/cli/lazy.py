"""Groups that import a command when it is run, so that none waits for what others need."""

import gc
import importlib
import io
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import click

_EXTRAS: Final = {
    "ape": "ape",
    "brotli": "lab",
    "jinja2": "report",
    "markupsafe": "report",
    "matplotlib": "lab",
    "prometheus_client": "keeper",
    "pyarrow": "report",
    "starlette": "site",
    "structlog": "keeper",
    "textual": "labeler",
    "uvicorn": "site",
    "vyper": "ape",
}
"""The extras of this project that bring a package."""


@dataclass(frozen=True, slots=True)
class LazyEntry:
    """Where a command is, `module:name`, and its line in the list of commands."""

    place: str
    help: str


class LazyGroup(click.Group):
    """A group of entries by name; with `default`, that one is run if none is named."""

    def __init__(
        self,
        *args: Any,
        entries: Mapping[str, LazyEntry],
        default: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.entries = entries
        self.default = default

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run what is named, on a terminal that may know few letters (cp1252, say)."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
                # What it does not know is shown as its number, and ends no command.
                stream.reconfigure(errors="backslashreplace")
        return super().main(*args, **kwargs)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of the table."""
        return list(self.entries)

    def get_command(self, ctx: click.Context | None, name: str) -> click.Command | None:
        """Import it."""
        if name not in self.entries:
            return None
        module, _, attribute = self.entries[name].place.partition(":")
        try:
            with _uncollected():
                command = getattr(importlib.import_module(module), attribute)
        except ModuleNotFoundError as error:
            extra = _EXTRAS.get((error.name or "").partition(".")[0])
            if extra is None:
                raise
            raise click.ClickException(
                f"this command needs the package {error.name}: pip install 'plumbline[{extra}]'"
            ) from None
        assert isinstance(command, click.Command), name
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list, without importing what is in it."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in self.entries.items()])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Name the default where nothing else is named."""
        if self.default and (
            not args or (args[0] not in self.entries and args[0] not in ("-h", "--help"))
        ):
            args = [self.default, *args]
        return super().parse_args(ctx, args)


@contextmanager
def _uncollected() -> Iterator[None]:
    """What is imported lives as long as the process: looking for garbage in it takes a sixth."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def lazy_group(
    entries: Mapping[str, tuple[str, str]], *, package: str, default: str | None = None
) -> Callable[[Callable[[], None]], click.Group]:
    """A decorator: the group whose commands are `{name: (module:attribute, help)}` of a package."""
    table = {
        name: LazyEntry(f"{package}.{place}", words) for name, (place, words) in entries.items()
    }
    return click.group(cls=LazyGroup, entries=table, default=default)
