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


def integer_in(name: str) -> int | None:
    """A whole number above 0 in a variable, None without one. Raises EnvironmentValueError."""
    given = os.environ.get(name)
    if given is None:
        return None
    digits = given.replace(",", "").replace("_", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 18 and int(digits)):
        raise EnvironmentValueError(f"{name}={given} is not a whole number above 0")
    return int(digits)
