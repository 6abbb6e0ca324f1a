"""The log of a keeper, on stderr."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, Final

import structlog

from plumbline.harmless import harmless
from plumbline.units import format_time

_FIRST: Final = ("timestamp", "level", "event")


class StructuredLog:
    """One JSON object a line, or text for people."""

    def __init__(self, form: str, debug: bool, is_quiet: bool) -> None:
        """`form` is "json" or "text"."""
        level = logging.WARNING if is_quiet else logging.INFO
        shown: Any = (
            structlog.processors.JSONRenderer()
            if form == "json"
            else structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), sort_keys=False, pad_event_to=26
            )
        )
        self._log: Any = structlog.wrap_logger(
            structlog.PrintLogger(sys.stderr),
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                _headed,
                shown,
            ],
            wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG if debug else level),
        )
        self._is_text = form != "json"

    def __call__(self, level: str, message: str, **fields: Any) -> None:
        """Write one line."""
        if self._is_text:
            if "until" in fields:
                fields["until"] = format_time(fields["until"])
            # Reasons may be of a node, or of a stranger's contract.
            fields = {
                name: harmless(value) if isinstance(value, str) else value
                for name, value in fields.items()
            }
        getattr(self._log, level)(message, **fields)


def _headed(logger: Any, name: str, entry: MutableMapping[str, Any]) -> dict[str, Any]:
    """What every line has comes first."""
    return {key: entry.pop(key) for key in _FIRST} | dict(entry)
