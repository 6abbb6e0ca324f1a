"""Numbers that the environment holds."""

import math
import os

from plumbline.errors import PlumblineError


class EnvironmentValueError(PlumblineError):
    """A variable that does not hold what it should."""


def seconds_in(name: str, default: float) -> float:
    """Seconds in a variable. Raises EnvironmentValueError."""
    given = os.environ.get(name)
    try:
        seconds = default if given is None else float(given)
    except ValueError:
        seconds = -1
    if not 0 <= seconds < math.inf:
        raise EnvironmentValueError(f"{name}={given} is not a number of seconds")
    return seconds
