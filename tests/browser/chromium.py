"""The browser of the tests: Debian's Chromium, or the one that PLUMBLINE_CHROMIUM names."""

import os
import shutil
from typing import Final

FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""So that it runs as root in a container, and asks nobody on the internet."""


def chromium() -> str | None:
    """Where it is, if there is one."""
    return os.environ.get("PLUMBLINE_CHROMIUM") or shutil.which("chromium")
