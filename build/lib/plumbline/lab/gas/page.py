"""docs/gas.md: people write the prose, and a measurement fills in what stands between marks.

<!-- gas: steps -->
...
<!-- gas: end -->
"""

import re
from collections.abc import Mapping
from typing import Final

from plumbline.errors import PlumblineError

_PART: Final = re.compile(r"(<!-- gas: (\w+) -->\n).*?(<!-- gas: end -->)", re.DOTALL)


class PageError(PlumblineError):
    """A page whose marks are not those of the measurement."""


PARTS: Final = (
    "lives",
    "grid",
    "steps",
    "spent",
    "deployments",
    "sizes",
    "prices",
    "job",
    "bundles",
)
"""What a measurement fills in, by the names of the marks."""


def require_marks(page: str) -> None:
    """Raise PageError unless the page has each mark once."""
    marks = [match[2] for match in _PART.finditer(page)]
    if sorted(marks) != sorted(PARTS):
        raise PageError(
            f"docs/gas.md has marks for {', '.join(marks) or 'nothing'}: it must have one for each "
            f"of {', '.join(PARTS)}"
        )


def filled(page: str, parts: Mapping[str, str]) -> str:
    """The page with each of `PARTS` anew. Raises PageError for wrong marks."""
    require_marks(page)
    return _PART.sub(lambda match: f"{match[1]}\n{parts[match[2]].strip()}\n\n{match[3]}", page)
